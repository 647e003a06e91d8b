"""Definitions of recording rules, alerts and alert tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from math import isfinite
from textwrap import dedent
from typing import Annotated, ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.group_settings import RULE_GROUP, GroupSettings
from obscode.model.identifiers import validate_label_name, validate_metric_name
from obscode.model.naming import SERVICE, SEVERITY, SLO
from obscode.model.string_literals import indented_offsets
from obscode.model.urls import validate_runbook_url
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.series_values import MAX_VALUES, validate_values

#: Labels of alerts that obscode sets, or by which it distinguishes alerts of SLOs, with hints.
RESERVED_LABELS = (SERVICE, SLO, SEVERITY, "alertname")
_HINTS = {
    SEVERITY: 'write severity="..." instead',
    SERVICE: "remove it: obscode sets it to the name of the alert's service",
    "alertname": "write it as the first argument of Alert",
}
EMPTY_ALERT_NAME = Code(
    "empty-alert-name",
    "An alert has a name.",
    why="Prometheus refuses a rule file with an alert that has no name.",
    bad='Alert("", "up == 0", severity="page")',
    good='Alert("InstanceDown", "up == 0", severity="page")',
)
# The arguments that become annotations.
_ARGUMENTS = {"summary": "summary", "description": "description", "runbook_url": "runbook"}


@dataclass(frozen=True)
class Rule(Definition):
    """Base of recording rules and alerts.

    Attributes:
        name: the name.
        expr: the PromQL, emitted as written.
        labels: labels that the rule adds.
        group: a RuleGroup without rules, with the interval and other settings of the group that has this rule of a
            service; by default a group of all recording rules, or of all alerts.
    """

    output_keys: ClassVar[Mapping[str, str]] = {"record": "name", "alert": "name", "for": "for_"}
    label_names: ClassVar[Sequence[str]] = ("labels",)

    name: str
    expr: str
    _: KW_ONLY
    labels: Mapping[str, str] = field(default_factory=dict)
    group: Annotated[GroupSettings | None, "a RuleGroup"] = None

    def promql(self) -> str:
        """The expression without the indentation of the Python source around it."""
        return dedent(self.expr).strip()

    def characters_span(self, part: str, start: int, end: int) -> SourceSpan | None:
        if part == "expr":  # findings are about promql()
            offsets = indented_offsets(self.expr, self.promql())
            if not 0 <= start < end <= len(offsets):
                return self.span(part)
            start, end = offsets[start], offsets[end - 1] + 1
        return super().characters_span(part, start, end)

    def _label_problems(self, at: str, mapping: Mapping[str, str]) -> Iterator[Finding]:
        for i, label in enumerate(mapping):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at=at, item=i)

    def problems(self) -> Iterator[Finding]:
        yield from self._label_problems("labels", self.labels)
        if self.group and any(True for _ in self.group.children()):
            message = "the group of a rule has rules of its own"
            yield self.finding(RULE_GROUP, message, "write it into rules= of the Service", at="group")


@dataclass(frozen=True)
class RecordingRule(Rule):
    """A series that Prometheus computes from other series.

    Attributes:
        name: the series' name, by convention `level:metric:operations`.
    """

    metric_names = ("name",)

    def problems(self) -> Iterator[Finding]:
        if wrong := validate_metric_name(self.name):
            yield self.finding(codes.METRIC_NAME, *wrong, at="name")
        yield from super().problems()


@dataclass(frozen=True)
class ExpectedAlert(Definition):
    """An alert that a test expects to fire: some of its labels and annotations, and the value of its expression.

    `ExpectedAlert({"route": "/pay"}, value=0.1, annotations={"summary": "/pay fails"})`

    Attributes:
        labels: labels that the alert has, among others.
        value: the value of the alert's expression, within 0.1 %.
        annotations: annotations that the alert has, among others; their text with templates expanded.
    """

    label_names: ClassVar[Sequence[str]] = ("labels",)

    labels: Mapping[str, str] = field(default_factory=dict)
    _: KW_ONLY
    value: float | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)

    def problems(self) -> Iterator[Finding]:
        if self.value is not None and not isfinite(self.value):
            yield self.finding(
                codes.ALERT_TEST, f"the value {self.value} is not finite", "write a number, such as 0.1", at="value"
            )
        for at in ("labels", "annotations"):
            for i, label in enumerate(getattr(self, at)):
                if wrong := validate_label_name(label):
                    yield self.finding(codes.LABEL_NAME, *wrong, at=at, item=i)


@dataclass(frozen=True)
class AlertTest(Definition):
    """A unit test of an alert: input series, and when the alert fires and does not.

    `AlertTest("crashes", {'http_requests_total{status="500"}': "0+6x20"}, fires=["10m"], quiet=["4m"])`

    Attributes:
        name: the name of the test.
        series: the input series, each with its values in promtool's notation, one for each interval.
        fires: times from the start at which the alert is firing.
        quiet: times from the start at which the alert is not firing.
        interval: the time between two values, a duration.
        alerts: what fires at the times of `fires`: each of these alerts, and none with other labels. By default any
            alert of the name.
    """

    name: str
    series: Mapping[str, str]
    _: KW_ONLY
    fires: Sequence[Duration] = ()
    quiet: Sequence[Duration] = ()
    interval: Duration = "1m"
    alerts: Sequence[ExpectedAlert] = ()

    def problems(self) -> Iterator[Finding]:
        if not self.series:
            yield self.finding(
                codes.ALERT_TEST,
                "the test has no series",
                'add input series, such as {\'up{job="shop"}\': "0x10"}',
                at="series",
            )
        for i, values in enumerate(self.series.values()):
            if wrong := validate_values(values):
                yield self.finding(codes.ALERT_TEST, *wrong, at="series", item=i)
        if not self.fires and not self.quiet:
            yield self.finding(codes.ALERT_TEST, "the test has no expected result", "add fires= or quiet=")
        elif self.alerts and not self.fires:
            yield self.finding(codes.ALERT_TEST, "alerts= is set without a time", "add fires=", at="alerts")
        yield from self._time_problems()

    def _time_problems(self) -> Iterator[Finding]:
        wrong_interval = duration.validate_duration(self.interval)
        if wrong_interval:
            yield self.finding(codes.DURATION, *wrong_interval, at="interval")
        for at in ("fires", "quiet"):
            for i, instant in enumerate(getattr(self, at)):
                if wrong := duration.validate_duration(instant, zero=True):
                    yield self.finding(codes.DURATION, *wrong, at=at, item=i)
                elif not wrong_interval and (late := self._late(instant)):
                    yield self.finding(codes.ALERT_TEST, *late, at=at, item=i)

    def _late(self, instant: Duration) -> tuple[str, str] | None:
        """Why a test would not end in an acceptable time: promtool evaluates the alert once per interval."""
        evaluations = duration.milliseconds(instant) // duration.milliseconds(self.interval)
        if evaluations <= MAX_VALUES:
            return None
        message = f"promtool would evaluate the alert {evaluations:,} times until {instant!r}, once per {self.interval}"
        return message, "write an earlier time, or a longer interval="


@dataclass(frozen=True)
class Alert(Rule):
    """An alerting rule: a condition and its notification.

    Attributes:
        name: the alert's name, such as `HighErrorRate`.
        expr: the PromQL of the condition, emitted as written.
        severity: `page`, `ticket` or another severity of the project, by which routes send it; by default the
            service's. It is an error if neither the alert nor the service has one.
        summary: one line for the notification.
        description: more text for the notification.
        for_: how long the condition holds before the alert fires, a duration.
        keep_firing_for: how long the alert fires after the condition ends, a duration.
        runbook: the URL of the runbook; by default that of the service.
        panel: the panel that the alert links to, as `Row/Panel`; by default a panel with the expression.
        annotations: further annotations.
        tests: unit tests of the alert.
    """

    label_names = ("labels", "annotations")

    _: KW_ONLY
    severity: str = ""
    summary: str = ""
    description: str = ""
    for_: Duration = "0s"
    keep_firing_for: Duration = "0s"
    runbook: str = ""
    panel: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)
    tests: Sequence[AlertTest] = ()

    def problems(self) -> Iterator[Finding]:
        if not self.name:
            yield self.finding(
                EMPTY_ALERT_NAME, "the alert has no name", 'write a name such as "HighErrorRate"', at="name"
            )
        for at in ("for_", "keep_firing_for"):
            if wrong := duration.validate_duration(getattr(self, at), zero=True):
                yield self.finding(codes.DURATION, *wrong, at=at)
        if wrong := validate_runbook_url(self.runbook, template=True):
            yield self.finding(codes.URL, *wrong, at="runbook")
        yield from self._label_problems("annotations", self.annotations)
        yield from super().problems()
        for i, name in enumerate(self.annotations):
            at = _ARGUMENTS.get(name, "")
            if at and getattr(self, at):
                message = f"annotation {name!r} is a duplicate: {at}= sets it"
                yield self.finding(codes.DUPLICATE_ANNOTATION, message, "remove one of them", at="annotations", item=i)

    def reserved_labels(self) -> Iterator[Finding]:
        """Findings about labels that obscode sets for the alerts of a service."""
        for i, label in enumerate(self.labels):
            if label in RESERVED_LABELS:
                whose = "is set by obscode" if label in _HINTS else "belongs to the alerts of SLOs"
                hint = _HINTS.get(label, "rename it: inhibition rules match on it")
                yield self.finding(codes.LABEL_NAME, f"label {label!r} {whose}", hint, at="labels", item=i)
