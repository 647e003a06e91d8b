"""The Alertmanager configuration: routes, receivers, and inhibition between the alerts of an SLO."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from obscode.artifacts.alertmanager import AlertmanagerConfig, InhibitRule, Receiver, Route
from obscode.findings.source import Source
from obscode.model import naming, routing
from obscode.model.burn_rate import duration_ms
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.model.receivers import base as receivers
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.promql.tokens import label_text


def alertmanager_config(definitions: Definitions) -> AlertmanagerConfig:
    """The configuration; without a Routing, one that loads and sends no notifications."""
    tree = definitions.routing
    if tree is None:
        project = definitions.project
        return AlertmanagerConfig(
            Route(naming.NO_RECEIVER, project), [Receiver(naming.NO_RECEIVER, {}, project)], project
        )
    return AlertmanagerConfig(
        Route(
            tree.default.name,
            tree,
            group_by=tree.group_by,
            group_wait=tree.group_wait,
            group_interval=tree.group_interval,
            repeat_interval=tree.repeat_interval,
            routes=[_route(route) for route in tree.routes],
        ),
        [_receiver(receiver) for receiver in tree.receivers()],
        tree,
        inhibit_rules=list(_inhibit_rules(definitions.services, definitions.project, tree)),
    )


def _route(route: routing.Route) -> Route:
    return Route(route.receiver.name, route, matchers=_matchers(route.match), repeat_interval=route.repeat_interval)


def _receiver(receiver: receivers.Receiver) -> Receiver:
    return Receiver(receiver.name, {receiver.integration: [dict(receiver.configuration())]}, receiver)


def _matchers(labels: Mapping[str, str]) -> list[str]:
    return [f"{label_text(label)}={_quoted(value)}" for label, value in labels.items()]


def _quoted(value: str) -> str:
    """A quoted value. Alertmanager before 0.27 reads these three escapes only, so a tab stays a tab."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


# --- inhibition --------------------------------------------------------------------------------------------------


def _inhibit_rules(services: Sequence[Service], project: Project, source: Source) -> Iterator[InhibitRule]:
    """A page mutes less urgent alerts of its SLO; an alert of a fast tier mutes the slower tiers of its severity."""
    slos = [slo for service in services for slo in service.slos]
    if not slos:
        return
    # The labels of `by` must be equal as well: a page about one model does not mute a ticket about another. An SLO
    # without such a label lacks it on both sides, which Alertmanager treats as equal.
    equal = [naming.SERVICE, naming.SLO, *sorted({label for slo in slos for label in slo.sli.by})]
    for urgent, other in combinations(project.severity_order(), 2):
        yield _inhibit_rule({naming.SEVERITY: urgent}, {naming.SEVERITY: other}, _ANY_SLO, equal, source)
    yield from _slower_tiers(services, project, equal)


def _slower_tiers(services: Sequence[Service], project: Project, equal: Sequence[str]) -> Iterator[InhibitRule]:
    """One rule per pair of tiers; one per SLO where SLOs order the two differently.

    The severity is matched because two tiers with the same severity in one SLO may differ in another.
    """
    pairs: dict[tuple[str, str, str], list[tuple[Service, SLO]]] = {}
    for service in services:
        for slo in service.slos:
            for fast, slow in combinations(sorted(slo.alerting(), key=lambda tier: duration_ms(tier.long)), 2):
                severity = project.severity_label(fast.severity)
                if severity == project.severity_label(slow.severity):
                    pairs.setdefault((fast.name, slow.name, severity), []).append((service, slo))
    for (fast_tier, slow_tier, severity), slos in pairs.items():
        source, target = ({naming.TIER: tier, naming.SEVERITY: severity} for tier in (fast_tier, slow_tier))
        if (slow_tier, fast_tier, severity) not in pairs:
            yield _inhibit_rule(source, target, _ANY_SLO, equal, slos[0][1])
            continue
        for service, slo in slos:
            yield _inhibit_rule(source, target, {naming.SERVICE: service.name, naming.SLO: slo.name}, equal, slo)


# Labels in `equal` that both sides lack count as equal, so both sides must have the labels of an SLO: else any page
# without labels would mute any ticket without labels.
_ANY_SLO: Mapping[str, str] = {}


def _inhibit_rule(
    muting: Mapping[str, str], muted: Mapping[str, str], slo: Mapping[str, str], equal: Sequence[str], source: Source
) -> InhibitRule:
    of_slo = _matchers(slo) or [f'{label}=~".+"' for label in (naming.SERVICE, naming.SLO)]
    return InhibitRule([*_matchers(muting), *of_slo], [*_matchers(muted), *of_slo], equal, source)
