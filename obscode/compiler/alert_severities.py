"""The severities of alerts and routes, as the project's values of the `severity` label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from json import dumps
from typing import TypeVar

from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model import codes, naming, severities
from obscode.model.alert import Alert
from obscode.model.burn_rate import BurnAlert, Tier
from obscode.model.definition import Definition
from obscode.model.definitions import Definitions
from obscode.model.inhibition import Inhibit
from obscode.model.no_data import NoData
from obscode.model.project import Project
from obscode.model.routing import Route, Routing
from obscode.model.rule_group import RuleGroup
from obscode.model.service import Service
from obscode.model.slo import SLO

#: The arguments with labels that alerts must have, of which a severity is one of the project.
_MATCHED: Mapping[type[Definition], Sequence[str]] = {Route: ("match",), Inhibit: ("source", "target")}
_M = TypeVar("_M", Route, Inhibit)


def alerts_without_severity(services: Iterable[Service]) -> Iterator[Finding]:
    """Findings for alerts that have no severity, and whose service has none."""
    for service in services:
        alerts = [child for child in service.children() if isinstance(child, Alert)]
        for alert in alerts:
            if alert.severity == service.severity == "":
                hint = 'write severity="page" or severity="ticket", or Service(severity=...)'
                yield alert.finding(codes.ALERT_SEVERITY, f"alert {alert.name!r} has no severity", hint, at="severity")


# --- unknown severities ------------------------------------------------------------------------------------------


def unknown_severities(definitions: Definitions) -> Iterator[Finding]:
    """Findings for severities that the project does not have."""
    project = definitions.project
    if list(severities.problems(project.severities)):
        return
    known = severities.accepted(project.severities)
    as_written = _alerts_as_written(definitions)
    for definition in (each for each in definitions.walk() if id(each) not in as_written):
        if isinstance(definition, BurnAlert) and definition.origin.is_document:
            continue  # the alert's key is its severity
        if isinstance(definition, Alert | Service | NoData | Tier | BurnAlert):
            for at in ("severity", "traffic_severity"):
                if _is_unknown(severity := getattr(definition, at, ""), known):
                    yield _finding(definition, severity, project, at=at)
        for severity, at, item in _in_routing(definition):
            if _is_unknown(severity, known):
                yield _finding(definition, severity, project, at=at, item=item)


def _in_routing(definition: Definition) -> Iterator[tuple[str, str, int]]:
    """The severities that routes and inhibitions select, each with its argument and the index there."""
    for at in _MATCHED.get(type(definition), ()):
        for i, (label, value) in enumerate(_labels(getattr(definition, at))):
            if label == naming.SEVERITY:
                yield value, at, i
    if isinstance(definition, Route | Routing) and isinstance(definition.by_severity, dict):
        yield from ((severity, "by_severity", i) for i, severity in enumerate(definition.by_severity))


def _alerts_as_written(definitions: Definitions) -> set[int]:
    """The ids of the alerts in groups: their severity is the value of a label, as they write it."""
    groups = (definition for definition in definitions.walk() if isinstance(definition, RuleGroup))
    return {id(rule) for group in groups for rule in group.children()}


def _labels(match: object) -> Iterable[tuple[str, str]]:
    return match.items() if isinstance(match, dict) else ()


def _is_unknown(severity: object, known: Iterable[str]) -> bool:
    return isinstance(severity, str) and severity not in ("", *known)


def _finding(definition: Definition, severity: str, project: Project, *, at: str, item: int | None = None) -> Finding:
    known = severities.accepted(project.severities)
    more = dumps({**project.severities, severity: severity}, ensure_ascii=False)
    hint = did_you_mean(severity, known) or f"write {' or '.join(map(repr, known))}, or Project(severities={more})"
    message = f"the project has no severity {severity!r}"
    return definition.finding(codes.UNKNOWN_SEVERITY, message, hint, at=at, item=item)


# --- label values ------------------------------------------------------------------------------------------------


def with_severities(definitions: Definitions) -> Definitions:
    """The definitions with label values as severities, and that of the service in each alert that has none."""
    project, routing = definitions.project, definitions.routing
    return replace(
        definitions,
        services=[_with_severities(service, project) for service in definitions.services],
        routing=routing and _with_label_values(routing, project),
    )


def _with_severities(service: Service, project: Project) -> Service:
    label = project.severity_label
    alerts = tuple(_with_severity(alert, label(alert.severity or service.severity)) for alert in service.alerts)
    slos = tuple(_slo_with_severities(slo, project) for slo in service.slos)
    no_data = _no_data_with_severities(service.no_data, project)
    if (alerts, slos, no_data) == (service.alerts, service.slos, service.no_data):
        return service
    return service.derive(alerts=alerts, slos=slos, no_data=no_data)


def _slo_with_severities(slo: SLO, project: Project) -> SLO:
    """The SLO with label values as severities, except its tiers and the keys of its alerts, which have names."""
    tiers = {tier.name for tier in slo.tiers()}
    names = [key if key in tiers else project.severity_name(key) for key in slo.alerts]
    if names != list(slo.alerts):
        slo = slo.derive(alerts=dict(zip(names, slo.alerts.values(), strict=True)))
    alerts = {key: _with_own_severity(alert, project) for key, alert in slo.alerts.items()}
    slo = slo if alerts == slo.alerts else slo.derive(alerts=alerts)
    if not isinstance(slo.policy, str):
        policy = tuple(tier.derive(severity=project.severity_name(tier.severity)) for tier in slo.policy)
        slo = slo if policy == slo.policy else slo.derive(policy=policy)
    if slo.no_data is None:
        return slo
    no_data = _no_data_with_severities(slo.no_data, project)
    return slo if no_data == slo.no_data else slo.derive(no_data=no_data)


def _with_own_severity(alert: BurnAlert | None, project: Project) -> BurnAlert | None:
    """The alert of a document with the severity of its key, and a label for one that the project does not have.

    The rules of a document may have severities of any team, and a document of Sloth says which alert pages.
    """
    if not alert or not alert.origin.is_document:
        return alert
    if not _is_unknown(alert.severity, severities.accepted(project.severities)):
        return alert
    return alert.derive(severity="", labels={naming.EXPORTED_SEVERITY: alert.severity, **alert.labels})


def _no_data_with_severities(no_data: NoData, project: Project) -> NoData:
    label = project.severity_label
    return no_data.derive(severity=label(no_data.severity), traffic_severity=label(no_data.traffic_severity))


def _with_severity(alert: Alert, severity: str) -> Alert:
    return alert if alert.severity == severity else alert.derive(severity=severity)


def _with_label_values(routing: Routing, project: Project) -> Routing:
    return routing.derive(
        routes=tuple(_route_with_label_values(route, project) for route in (*routing.routes, *_of_severities(routing))),
        by_severity={},
        inhibit=tuple(_with_label_value(each, project) for each in routing.inhibit),
    )


def _of_severities(definition: Route | Routing) -> Iterator[Route]:
    """A route for each severity of `by_severity`."""
    for severity, receiver in definition.by_severity.items():
        if receiver:
            yield Route(receiver, match={naming.SEVERITY: severity}).with_origin(definition.origin)


def _route_with_label_values(route: Route, project: Project) -> Route:
    below = tuple(_route_with_label_values(each, project) for each in (*route.routes, *_of_severities(route)))
    route = route if below == route.routes else route.derive(routes=below, by_severity={})
    return _with_label_value(route, project)


def _with_label_value(definition: _M, project: Project) -> _M:
    """A route or an inhibition with the label value of the severity that it matches."""
    changes = {}
    for at in _MATCHED[type(definition)]:
        match: Mapping[str, str] = getattr(definition, at)
        if naming.SEVERITY in match:
            changes[at] = {**match, naming.SEVERITY: project.severity_label(match[naming.SEVERITY])}
    return definition.derive(**changes) if changes else definition
