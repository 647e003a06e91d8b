"""What reads a series or an alert: rules, panels and inhibitions of one set of artifacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, RecordingRule
from obscode.checks.promql_expressions import Expression, expressions_of, of_file
from obscode.promql.selector import Matcher, Selector

_OF_ALERTS = ("ALERTS", "ALERTS_FOR_STATE")
_ALERTNAME = "alertname"


class Readers:
    """Who reads what in one set of artifacts, as text for sentences: `panel "Errors" of dashboard "Shop"`."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts

    @cached_property
    def _selectors(self) -> Mapping[str, list[tuple[str, Selector]]]:
        """The selectors of each metric, with their readers."""
        result: dict[str, list[tuple[str, Selector]]] = {}
        for reader, expression in self._expressions():
            query = expression.parse_or_none()
            for selector in query.selectors if query else ():
                result.setdefault(selector.metric, []).append((reader, selector))
        return result

    def _expressions(self) -> Iterator[tuple[str, Expression]]:
        for rule in self._artifacts.rules():
            kind = "alert" if isinstance(rule, AlertingRule) else "record"
            yield from ((f"{kind} {rule.name}", each) for each in expressions_of(rule))
        for dashboard in self._artifacts.dashboards:
            for each in of_file(dashboard) if dashboard.definition is None else expressions_of(dashboard):
                owner = each.owner if each.owner.startswith("variable ") else f'panel "{each.owner}"'
                yield f'{owner} of dashboard "{dashboard.title}"', each

    @cached_property
    def _records(self) -> Mapping[str, list[Mapping[str, str]]]:
        result: dict[str, list[Mapping[str, str]]] = {}
        for rule in self._artifacts.rules():
            if isinstance(rule, RecordingRule):
                result.setdefault(rule.name, []).append(rule.labels)
        return result

    def of_series(self, name: str, labels: Mapping[str, str]) -> list[str]:
        """What reads the series of a rule with these labels, and of no other rule of this side."""
        others = self._records.get(name, ())
        return list(
            dict.fromkeys(
                reader
                for reader, selector in self._selectors.get(name, ())
                if _may_match(selector.matchers, labels)
                and not any(_may_match(selector.matchers, each) for each in others)
            )
        )

    def of_alert(self, name: str) -> list[str]:
        """What reads the series `ALERTS` of an alert, and the inhibitions that name it."""
        texts = [
            reader
            for metric in _OF_ALERTS
            for reader, selector in self._selectors.get(metric, ())
            if any(_names(matcher, name) for matcher in selector.matchers)
        ]
        return list(dict.fromkeys(texts))


def _names(matcher: Matcher, alert: str) -> bool:
    return matcher.label == _ALERTNAME and matcher.op in ("=", "=~") and matcher.matches(alert) is True


def _may_match(matchers: tuple[Matcher, ...], labels: Mapping[str, str]) -> bool:
    """Whether no matcher contradicts the labels that a rule sets."""
    return all(matcher.matches(labels[matcher.label]) is not False for matcher in matchers if matcher.label in labels)
