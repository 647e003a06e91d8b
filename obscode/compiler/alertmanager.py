"""The Alertmanager configuration: routes, receivers, and inhibition between the alerts of an SLO."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig, InhibitRule, Receiver, Route
from obscode.compiler.no_data_alerts import NO_DATA_KINDS
from obscode.compiler.notifications import template_files, with_templates
from obscode.findings.source import Source
from obscode.model import configs, naming, routing
from obscode.model.definitions import Definitions
from obscode.model.matched_labels import matcher_texts
from obscode.model.project import Project
from obscode.model.receivers import base as receivers
from obscode.model.receivers.base import Integrations, plain
from obscode.model.receivers.group import Group, merged
from obscode.model.receivers.raw import Raw
from obscode.model.service import Service
from obscode.promql.label_matchers import matcher_text

# One notification for an SLO and a severity, however many of its alerts fire; with the labels of `by`, for each group.
_GROUP_BY = (naming.SERVICE, naming.SLO, naming.SEVERITY)
_TIME_INTERVALS = "time_intervals"


def alertmanager_config(definitions: Definitions) -> AlertmanagerConfig:
    """The configuration; without a Routing, one that loads and sends no notifications."""
    as_written = next((each for each in definitions.configs if isinstance(each, configs.Alertmanager)), None)
    if as_written:
        return _as_written(as_written, definitions.project)
    tree = definitions.routing
    if tree is None:
        project = definitions.project
        return AlertmanagerConfig(
            Route(naming.NO_RECEIVER, project), [Receiver(naming.NO_RECEIVER, {}, project)], project
        )
    group_by = tree.group_by
    if group_by is None:
        group_by = [*_GROUP_BY, *group_labels(definitions.services)]
    compiled = [_receiver(receiver, definitions.project, templates=tree.templates) for receiver in tree.receivers()]
    return AlertmanagerConfig(
        Route(
            tree.default.name,
            tree,
            group_by=group_by,
            group_wait=tree.group_wait,
            group_interval=tree.group_interval,
            repeat_interval=tree.repeat_interval,
            routes=[*_heartbeat(definitions, tree), *map(_route, tree.routes)],
        ),
        [*compiled, *_nobody(definitions, tree)],
        tree,
        inhibit_rules=[*_inhibit_rules(definitions, tree)],
        settings=_settings(tree),
        templates=template_files(each.integrations for each in compiled),
    )


def _heartbeat(definitions: Definitions, tree: routing.Routing) -> Iterator[Route]:
    """The route of the alert that always fires, which other receivers would notify again and again."""
    if _has_watchdog(definitions, tree):
        receiver = tree.heartbeat.name if tree.heartbeat else naming.NO_RECEIVER
        yield Route(
            receiver,
            tree,
            matchers=[matcher_text("alertname", "=", naming.WATCHDOG)],
            group_wait="0s",
            group_interval="1m",
            repeat_interval="5m",
        )


def _nobody(definitions: Definitions, tree: routing.Routing) -> Iterator[Receiver]:
    """The receiver of the heartbeat that notifies nobody."""
    names = {receiver.name for receiver in tree.receivers()}
    if not tree.heartbeat and naming.NO_RECEIVER not in names and _has_watchdog(definitions, tree):
        yield Receiver(naming.NO_RECEIVER, {}, tree)


def _has_watchdog(definitions: Definitions, tree: routing.Routing) -> bool:
    """Whether a service has the alert, and no route of the user is for it."""
    matchers = [text for each in tree.every_route() for text in matcher_texts(each.match, each.matchers)]
    routed = any(naming.WATCHDOG in text for text in matchers)
    return not routed and any(alert.name == naming.WATCHDOG for each in definitions.services for alert in each.alerts)


def _route(route: routing.Route) -> Route:
    return Route(
        route.receiver.name if route.receiver else "",
        route,
        matchers=matcher_texts(route.match, route.matchers),
        group_by=route.group_by or (),
        group_wait=route.group_wait,
        group_interval=route.group_interval,
        repeat_interval=route.repeat_interval,
        routes=[_route(below) for below in route.routes],
        settings=_route_settings(route),
    )


def _route_settings(route: routing.Route) -> dict[str, Any]:
    settings = {
        "continue": route.continue_,
        "mute_time_intervals": [time.name for time in route.mute],
        "active_time_intervals": [time.name for time in route.active],
    }
    one_group: dict[str, Any] = {"group_by": []} if route.group_by is not None and not route.group_by else {}
    return {**{key: value for key, value in settings.items() if value}, **one_group, **route.settings}


def _settings(tree: routing.Routing) -> dict[str, Any]:
    """The keys of the configuration beside routes, receivers and inhibition."""
    settings: dict[str, Any] = plain(tree.settings)
    if times := [time.configuration() for time in tree.mute_times()]:
        settings[_TIME_INTERVALS] = [*settings.get(_TIME_INTERVALS, ()), *times]
    return settings


def _receiver(receiver: receivers.Receiver, project: Project, *, templates: bool = False) -> Receiver:
    written = _with_templates(receiver, project) if templates else receiver.integrations_for(project)
    return Receiver(receiver.name, written, receiver, receiver.receiver_labels())


def _with_templates(receiver: receivers.Receiver, project: Project) -> Integrations:
    """The integrations of a receiver, with templates for those that are not plain data."""
    if isinstance(receiver, Group):
        return merged(_with_templates(each, project) for each in receiver.receivers)
    integrations = receiver.integrations_for(project)
    return integrations if isinstance(receiver, Raw) else with_templates(integrations, project.oldest_alertmanager)


# --- a configuration that is emitted as written ------------------------------------------------------------------


def _as_written(config: configs.Alertmanager, project: Project) -> AlertmanagerConfig:
    return AlertmanagerConfig(
        _route_as_written(config.route),
        [_receiver(receiver, project) for receiver in config.receivers],
        config,
        [InhibitRule(r.source_matchers, r.target_matchers, r.equal, r) for r in config.inhibit_rules],
        plain(config.settings),
    )


def _route_as_written(route: configs.Route) -> Route:
    return Route(
        route.receiver,
        route,
        route.matchers,
        route.group_by,
        route.group_wait,
        route.group_interval,
        route.repeat_interval,
        [_route_as_written(below) for below in route.routes],
        {**({"continue": True} if route.continue_ else {}), **route.settings},
    )


# --- inhibition --------------------------------------------------------------------------------------------------


def _inhibit_rules(definitions: Definitions, tree: routing.Routing) -> Iterator[InhibitRule]:
    for each in tree.inhibit:
        source, target = (
            matcher_texts(labels, more)
            for labels, more in ((each.source, each.source_matchers), (each.target, each.target_matchers))
        )
        yield InhibitRule(source, target, each.equal, each, each.name)
    if tree.generated_inhibition:
        yield from _generated_inhibition(definitions.services, definitions.project, tree)


def _generated_inhibition(services: Sequence[Service], project: Project, source: Source) -> Iterator[InhibitRule]:
    """An alert of an SLO mutes the less urgent alerts of this SLO about missing data.

    Burn-rate alerts are not muted: their rules start none for errors that a more urgent one has reported. One that
    is muted before its notification would be sent when the more urgent one ends.
    """
    if not any(service.slos for service in services):
        return
    # The labels of `by` must be equal as well: a page about one model does not mute a ticket about another. An SLO
    # without such a label lacks it on both sides, which Alertmanager treats as equal. It treats labels that both sides
    # lack as equal, too, so both sides must have the labels of an SLO: else any page would mute any ticket.
    equal = [naming.SERVICE, naming.SLO, *group_labels(services)]
    no_data = f'alertname=~".+({"|".join(map(naming.camel, NO_DATA_KINDS))})"'
    of_slo = [f'{label}=~".+"' for label in (naming.SERVICE, naming.SLO)]
    for urgent, other in combinations(project.severity_order(), 2):
        muting, muted = ([matcher_text(naming.SEVERITY, "=", severity), *of_slo] for severity in (urgent, other))
        yield InhibitRule(muting, [*muted, no_data], equal, source)


def group_labels(services: Iterable[Service]) -> list[str]:
    """The labels by which any SLO groups its events, sorted."""
    return sorted({label for service in services for slo in service.slos for label in slo.sli.by})
