"""Values of matchers that no alert has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from obscode.findings.code import Severity
from obscode.findings.suggestions import did_you_mean, likely_typo
from obscode.model import naming
from obscode.promql.selector import Matcher
from obscode.routing.alert_labels import OF_SERIES
from obscode.routing.alerts import ALERTNAME, Alert, KnownAlerts
from obscode.routing.implication import alternatives


class UnmatchedValue(NamedTuple):
    """A value that no alert has: what is wrong, what to write, and how certain that is."""

    message: str
    hint: str
    severity: Severity


@dataclass(frozen=True)
class KnownValues:
    """The labels of the alerts of a project, or of files.

    Attributes:
        alerts: all alerts of a project; of files, where others may exist.
        declared: by label, values that a project declares, whether an alert has them yet or not.
        severities: the severities of a project with their label values.
    """

    alerts: Sequence[Alert]
    declared: dict[str, frozenset[str]]
    is_complete: bool
    severities: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, alerts: KnownAlerts) -> KnownValues:
        """The labels of all alerts."""
        artifacts = alerts.artifacts
        services = artifacts.services
        declared = {
            naming.SEVERITY: frozenset(artifacts.project.severity_order()),
            naming.SERVICE: frozenset(service.name for service in services),
            naming.OWNER: frozenset(service.owner for service in services),
            naming.SLO: frozenset(slo.name for service in services for slo in service.slos),
        }
        if not artifacts.is_compiled:
            return cls(alerts.all, {}, alerts.is_complete)
        return cls(alerts.all, declared, alerts.is_complete, artifacts.project.severities)

    @cached_property
    def by_label(self) -> dict[str, list[str]]:
        """By label, the values that rules set for each alert."""
        result: dict[str, list[str]] = {}
        for alert in self.alerts:
            for label, values in alert.labels.values.items():
                result.setdefault(label, []).extend(values - {""})
        return result

    def values(self, label: str) -> frozenset[str]:
        """The values of a label that rules set."""
        return frozenset(self.by_label.get(label, ()))

    def has_value(self, label: str, value: str) -> bool:
        """Whether an alert has a value for certain."""
        return value in self.values(label)

    def may_match(self, *matchers: Matcher) -> bool:
        """Whether some alert may match all of some matchers."""
        return any(alert.labels.matches(matchers) is not False for alert in self.alerts)

    def unmatched(self, matcher: Matcher) -> Iterator[UnmatchedValue]:
        """The values in a matcher that no alert has, the label among them."""
        if not self.alerts:
            return
        if label := self._misspelt_label(matcher):
            message = f"no alert has the label {matcher.label!r}"
            yield UnmatchedValue(message, f"did you mean {label!r}?", "warning")
            return
        listed = alternatives(matcher)
        if listed is None:
            if matcher.op == "=~" and not self.may_match(matcher):
                yield UnmatchedValue(f"no alert matches {matcher}", self._hint(matcher), self._severity)
            return
        for value in listed:
            if value and (unmatched := self._unmatched(matcher, value)):
                yield unmatched

    @property
    def _severity(self) -> Severity:
        return "warning" if self.is_complete else "note"

    def _unmatched(self, matcher: Matcher, value: str) -> UnmatchedValue | None:
        label, equal = matcher.label, Matcher(matcher.label, "=", value)
        message = f"no alert has the label {label}={value!r}"
        is_one_of_several = matcher.op == "=~" and self.may_match(matcher)
        if (of_severity := self._of_severity(label, value)) and not self.may_match(equal):
            hint = f"write {of_severity!r}, the label value of the severity {value!r}: matchers are emitted as written"
            return UnmatchedValue(message, hint, "note" if is_one_of_several else "warning")
        if typo := self._typo(label, value):
            return UnmatchedValue(message, f"did you mean {typo!r}?", "warning")
        if self.may_match(equal) or matcher.op in ("!=", "!~"):
            return None
        is_declared = value in self.declared.get(label, ())
        severity = "note" if is_declared or is_one_of_several else self._severity
        return UnmatchedValue(message, self._hint(equal), severity)

    def _of_severity(self, label: str, value: str) -> str:
        """The label value of a severity whose name is no label value; empty for others."""
        is_name = label == naming.SEVERITY and value not in self.severities.values()
        return self.severities.get(value, "") if is_name else ""

    def _typo(self, label: str, value: str) -> str:
        """The value that rules set of which another one is a likely typo; empty unless most alerts have the label."""
        values = self.by_label.get(label, ())
        if value in values or value in self.declared.get(label, ()) or 2 * len(values) < len(self.alerts):
            return ""
        return likely_typo(value, values) or (_full_word(value, values) if label == naming.SEVERITY else "")

    def _misspelt_label(self, matcher: Matcher) -> str:
        """The label, which rules set for most alerts, of which the matcher's is a likely typo."""
        common = [label for label, values in self.by_label.items() if 2 * len(values) >= len(self.alerts)]
        label = "" if matcher.label in OF_SERIES else likely_typo(matcher.label, common)
        return "" if any(_has(alert, matcher.label) for alert in self.alerts if label) else label

    def _hint(self, matcher: Matcher) -> str:
        values = self.values(matcher.label)
        if near := did_you_mean(matcher.value, values):
            return near
        if matcher.label == ALERTNAME and len(values) > 5:
            return "write the name of an alert"
        return f"alerts have {', '.join(sorted(values)[:5])}" if values else "no alert of the project has this label"


def _full_word(value: str, values: Sequence[str]) -> str:
    """The severity that another one abbreviates, or the other way round: `crit` and `critical`."""
    similar = (name for name in sorted(set(values)) if min(len(name), len(value)) >= _SHORTEST)
    return next((name for name in similar if name.startswith(value) or value.startswith(name)), "")


# Letters of an abbreviation.
_SHORTEST = 3


def _has(alert: Alert, label: str) -> bool:
    """Whether the expression, or a template, gives an alert the label by name."""
    labels = alert.labels.series.labels
    if label in alert.labels.values:
        return True
    return label in alert.labels.open or label in labels.certain or (labels.closed and label in labels.names)
