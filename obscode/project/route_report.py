"""Where the notifications of an alert go: `obscode route`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig, InhibitRule, Route
from obscode.artifacts.project import Artifacts
from obscode.compiler.inference.series_types import ProjectSeries
from obscode.findings.errors import ObscodeError
from obscode.findings.source import Source
from obscode.findings.suggestions import did_you_mean
from obscode.project.time_intervals import OF_ROUTES, TimesOfRoutes
from obscode.routing.alert_labels import AlertLabels
from obscode.routing.alerts import ALERTNAME, Alert, known_alerts
from obscode.routing.implication import alternatives
from obscode.routing.inhibition import is_target, mutes
from obscode.routing.tree import DEFAULT_TIMINGS, Destination, destinations, matchers_in, matchers_of


@dataclass(frozen=True)
class Inhibition:
    """An inhibition rule that may mute an alert, and the names of the alerts that are its source."""

    rule: InhibitRule
    sources: Sequence[str]


@dataclass(frozen=True)
class RouteReport:
    """Where the alerts of one rule go.

    Attributes:
        name: the name of the alert.
        source: the rule; None for labels that no known rule has.
        labels: what is known of the labels.
        destinations: the routes that receive the alerts, or may.
        inhibitions: what may mute them.
        deciding: the labels that decide between receivers: for each value, the receivers; the empty value is an alert
            without the label.
        times: the time intervals of the configuration, and the moment for which they are evaluated.
    """

    name: str
    source: Source | None
    labels: AlertLabels
    destinations: Sequence[Destination]
    inhibitions: Sequence[Inhibition]
    deciding: Mapping[str, Mapping[str, Sequence[str]]]
    times: TimesOfRoutes = field(default_factory=TimesOfRoutes)

    def as_json(self) -> dict[str, Any]:
        """The report as values of JSON."""
        return {
            "alert": self.name,
            "source": position(self.source),
            "labels": known_labels(self.labels),
            "routes": [_destination(each, self.times) for each in self.destinations],
            "muted_by": [_inhibition(each) for each in self.inhibitions],
            "deciding_labels": {name: dict(values) for name, values in self.deciding.items()},
        }


def route_reports(
    artifacts: Artifacts, name: str, labels: Mapping[str, str], at: datetime | None = None
) -> list[RouteReport]:
    """A report for each rule with the name, of the alerts with these labels; in files, also for an unknown name.

    With a time (``at``), it says which routes are muted then. Raises ObscodeError for a name that no alert of a project
    has, for labels that its alerts cannot have, and unless there is one Alertmanager configuration.
    """
    configs = artifacts.alertmanager_configs
    if len(configs) != 1:
        message = (
            f"there are {len(configs)} Alertmanager configurations" if configs else "no Alertmanager configuration"
        )
        raise ObscodeError(message, "name one configuration of Alertmanager with --config")
    types = (
        ProjectSeries.of_project(artifacts) if artifacts.is_compiled else ProjectSeries.of_files(artifacts.rule_files)
    )
    alerts = known_alerts(artifacts, types)
    rules = [alert for alert in alerts if alert.name == name]
    if not rules and artifacts.is_compiled:
        names = {alert.name for alert in alerts}
        raise ObscodeError(f"there is no alert {name!r}", did_you_mean(name, names) or "obscode list prints the alerts")
    times = TimesOfRoutes.of(configs[0], at)
    if not rules:
        return [_report(configs[0], name, None, AlertLabels.exactly({ALERTNAME: name, **labels}), alerts, times)]
    matching = [alert for alert in rules if all(_may_have(alert, *label) for label in labels.items())]
    if not matching:
        raise ObscodeError(*_impossible(rules, labels))
    return [_report(configs[0], name, each.rule.source, _with(each.labels, labels), alerts, times) for each in matching]


def known_labels(labels: AlertLabels) -> dict[str, str]:
    """The labels whose value is certain."""
    return {name: next(iter(values)) for name, values in labels.values.items() if len(values) == 1 and "" not in values}


def position(source: Source | None) -> str:
    """`alerts.yml:12`; empty if it is unknown."""
    span = source.span() if source else None
    return str(span).rpartition(":")[0] if span else ""


def _may_have(alert: Alert, label: str, value: str) -> bool:
    """Whether nothing contradicts a value; another program may add a label that the alert lacks."""
    values = alert.labels.values_of(label)
    return values is None or value in values or not alert.labels.may_exist(label)


def _impossible(rules: Sequence[Alert], labels: Mapping[str, str]) -> tuple[str, str]:
    """The message and the hint for labels that no rule of the name may have."""
    for label, value in labels.items():
        values = {each for alert in rules for each in alert.labels.values_of(label) or ()}
        if not any(_may_have(alert, label, value) for alert in rules):
            listed = ", ".join(f"{label}={each!r}" for each in sorted(values - {""}))
            return f"alert {rules[0].name} has no label {label}={value!r}", f"it has {listed}"
    return f"no rule of alert {rules[0].name} has all of these labels", "name fewer labels"


def _with(labels: AlertLabels, fixed: Mapping[str, str]) -> AlertLabels:
    return labels.with_values({name: frozenset({value}) for name, value in fixed.items()})


def _report(
    config: AlertmanagerConfig,
    name: str,
    source: Source | None,
    labels: AlertLabels,
    alerts: Sequence[Alert],
    times: TimesOfRoutes,
) -> RouteReport:
    reached = destinations(config.route, labels)
    inhibitions = [*_inhibitions(config, source, labels, alerts)]
    certain = all(each.is_certain for each in reached)
    deciding = {} if certain else dict(_deciding(config.route, labels))
    return RouteReport(name, source, labels, reached, inhibitions, deciding, times)


def _inhibitions(
    config: AlertmanagerConfig, source: Source | None, labels: AlertLabels, alerts: Sequence[Alert]
) -> Iterator[Inhibition]:
    """The inhibition rules that may mute an alert: their target side matches, and so does an alert on the other."""
    for rule in config.inhibit_rules:
        if is_target(rule, labels) is not False:
            muting = [each.name for each in alerts if mutes(rule, each.labels, labels) is not False]
            if muting or source is None:
                yield Inhibition(rule, sorted(set(muting)))


def _deciding(root: Route, labels: AlertLabels) -> Iterator[tuple[str, Mapping[str, Sequence[str]]]]:
    """The labels with several possible values of which routes name some, with the receivers for each value."""
    matchers = [matcher for route in root.walk() for matcher in matchers_of(route)]
    for label in dict.fromkeys(matcher.label for matcher in matchers):
        possible = labels.values_of(label)
        if possible is not None and len(possible) == 1:
            continue
        named = {value for each in matchers if each.label == label for value in alternatives(each) or ()}
        values = sorted(named | {""} if possible is None else possible)
        receivers = {value: _receivers(root, _with(labels, {label: value})) for value in values}
        if len({tuple(each) for each in receivers.values()}) > 1 or not named:
            yield label, receivers


def _receivers(root: Route, labels: AlertLabels) -> list[str]:
    return list(dict.fromkeys(each.receiver for each in destinations(root, labels)))


# --- JSON --------------------------------------------------------------------------------------------------------


def _destination(destination: Destination, times: TimesOfRoutes) -> dict[str, Any]:
    path = [{"source": position(route.source), "matchers": list(route.matchers)} for route in destination.path]
    return {
        "receiver": destination.receiver,
        "certain": destination.is_certain,
        "path": path,
        "group_by": list(destination.group_by),
        **{key: destination.timing(key) for key in DEFAULT_TIMINGS},
        **{key: list(names) for key in OF_ROUTES if (names := destination.time_intervals(key))},
        **({"muted": bool(times.muted_by(destination.route))} if times.at else {}),
    }


def _inhibition(inhibition: Inhibition) -> dict[str, Any]:
    rule = inhibition.rule
    return {
        "source": position(rule.source),
        "source_matchers": list(rule.source_matchers),
        "target_matchers": list(rule.target_matchers),
        "equal": list(rule.equal),
        "alerts": list(inhibition.sources),
    }


# --- text --------------------------------------------------------------------------------------------------------


def report_lines(report: RouteReport) -> Iterator[str]:
    """The report as lines of text."""
    where = position(report.source)
    yield f"{report.name}  {where}" if where else report.name
    yield f"  labels: {_labels_text(known_labels(report.labels))}"
    for destination in report.destinations:
        yield from _destination_lines(destination, report.times)
    for inhibition in report.inhibitions:
        yield from _inhibition_lines(inhibition)
    for label, values in report.deciding.items():
        yield f"  depends on {label}:"
        for value, receivers in values.items():
            case = f"{label}={value!r}" if value else f"without {label}"
            yield f"    {case}: {', '.join(receivers)}"


def _labels_text(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in labels.items())


def _destination_lines(destination: Destination, times: TimesOfRoutes) -> Iterator[str]:
    yield f"  {'receiver' if destination.is_certain else 'perhaps receiver'}: {destination.receiver}"
    for depth, route in enumerate(destination.path):
        matchers = ", ".join(map(str, matchers_in(route.matchers))) or "all alerts"
        yield f"    {'  ' * depth}route {position(route.source)}: {matchers}"
    yield f"    group_by: {', '.join(destination.group_by) or 'nothing, all alerts are one group'}"
    yield "    " + ", ".join(f"{key}: {destination.timing(key)}" for key in DEFAULT_TIMINGS)
    for key in OF_ROUTES:
        for name in destination.time_intervals(key):
            yield f"    {key}: {name} ({times.described(name)})"
    if times.at:
        reason = times.muted_by(destination.route)
        yield f"    at {times.at:%A %Y-%m-%d %H:%M %Z}: {f'muted, {reason}' if reason else 'not muted'}"


def _inhibition_lines(inhibition: Inhibition) -> Iterator[str]:
    rule = inhibition.rule
    matchers = ", ".join(map(str, matchers_in(rule.source_matchers)))
    equal = f", with equal {', '.join(rule.equal)}" if rule.equal else ""
    yield f"  muted by: {matchers}{equal} ({position(rule.source)})"
    if inhibition.sources:
        yield f"    alerts: {_listed(inhibition.sources)}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} others" if len(names) > 5 else "")
