"""Rules that a real Prometheus evaluates over a range in the past, with their results written into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from obscode.artifacts.rules import AlertingRule
from obscode.clients.empty_prometheus import WritablePrometheus
from obscode.clients.errors import ServerError
from obscode.clients.prometheus import Series
from obscode.clients.remote_write import STALE, TimeGrid, encode_series
from obscode.preview import alert_states
from obscode.preview.alert_states import Period
from obscode.preview.rule_order import PlacedRule, Step, steps
from obscode.promql import duration

_LABEL_OF_ALERT = re.compile(r"\{\{-?\s*(?:\$labels\.|\.Labels\.)(\w+)\s*-?\}\}")

_MARK = "__obscode_rule__"

#: Labels as a key.
Identity = tuple[tuple[str, str], ...]


class AlertPeriod(NamedTuple):
    """An alert in one state; ``labels`` are those of the alert."""

    rule: AlertingRule
    labels: Mapping[str, str]
    period: Period


@dataclass(frozen=True)
class Evaluation:
    """What rules did in a range: the states of alerts, and the rules that Prometheus rejects, with its message."""

    alerts: Sequence[AlertPeriod]
    failures: Sequence[tuple[PlacedRule, str]]


class _Grid:
    """Times of evaluation: multiples of an interval in a range (ms). Series of one grid share its encoded form."""

    def __init__(self, start: int, end: int, interval: int) -> None:
        self.times = range(-(-start // interval) * interval, end + 1, interval)
        self.interval = interval
        self._encoded: dict[tuple[int, ...], TimeGrid] = {}

    def encode(self, labels: Mapping[str, str], samples: Mapping[int, float]) -> bytes:
        """A series with its samples by time; where one is missing, the series ends until the next."""
        times: list[int] = []
        values: list[float] = []
        for time in self.times:
            value = samples.get(time)
            if value is None and not (times and times[-1] == time - self.interval and values[-1] is not STALE):
                continue
            times.append(time)
            values.append(STALE if value is None else value)
        key = tuple(times)
        if key not in self._encoded:
            self._encoded[key] = TimeGrid(times)
        return encode_series(labels, self._encoded[key].encode(values))


class RangeEvaluator:
    """Evaluates rules in a range of times in ms, both included."""

    def __init__(self, server: WritablePrometheus, start: int, end: int) -> None:
        self._server, self._start, self._end = server, start, end
        self._grids: dict[int, _Grid] = {}
        self._alerts: dict[PlacedRule, list[AlertPeriod]] = {}
        self._failures: list[tuple[PlacedRule, str]] = []

    def evaluate(self, rules: Sequence[PlacedRule]) -> Evaluation:
        """Evaluate rules, those first that others read, and write their results."""
        for stage in steps(rules):
            encoded = [series for step in stage if not step.is_circular for series in self._whole(step.rules[0])]
            self._server.write(encoded)
            self._one_by_one([step for step in stage if step.is_circular])
        alerts = [each for rule in rules for each in self._alerts.get(rule, ())]
        return Evaluation(alerts, self._failures)

    def _grid(self, interval: int) -> _Grid:
        if interval not in self._grids:
            self._grids[interval] = _Grid(self._start, self._end, interval)
        return self._grids[interval]

    def _whole(self, rule: PlacedRule) -> Iterator[bytes]:
        """The encoded results of a rule at all times."""
        grid = self._grid(rule.interval)
        if not grid.times:
            return
        first, last, step = grid.times[0] / 1000, grid.times[-1] / 1000, rule.interval / 1000
        try:
            result = self._server.query_range(rule.rule.expr, first, last, step)
        except ServerError as error:
            self._failures.append((rule, error.detail or str(error)))
            return
        by_labels: dict[Identity, dict[int, float]] = {}
        for series in result:
            samples = {round(time * 1000): value for time, value in series.samples}
            by_labels.setdefault(identity(result_labels(rule, series)), {}).update(samples)
        for labels, samples in by_labels.items():
            if rule.is_alert:
                yield from self._alert_series(rule, dict(labels), samples, grid)
            else:
                yield grid.encode(dict(labels), samples)

    def _alert_series(
        self, rule: PlacedRule, labels: Mapping[str, str], samples: Mapping[int, float], grid: _Grid
    ) -> Iterator[bytes]:
        """The series that Prometheus writes of an alert; its states are remembered."""
        assert isinstance(rule.rule, AlertingRule)
        lengths = [duration.milliseconds(text or "0") for text in (rule.rule.for_, rule.rule.keep_firing_for)]
        states = alert_states.periods(grid.times, samples, *lengths)
        self._alerts.setdefault(rule, []).extend(AlertPeriod(rule.rule, labels, period) for period in states)
        for state in ("pending", "firing"):
            active = {time: 1.0 for period in states if period.state == state for time in _times(period, grid)}
            if active:
                yield grid.encode({**labels, "__name__": "ALERTS", "alertstate": state}, active)
        since = {time: period.active_at / 1000 for period in states for time in _times(period, grid)}
        yield grid.encode({**labels, "__name__": "ALERTS_FOR_STATE"}, since)

    def _one_by_one(self, steps: Sequence[Step]) -> None:
        """Evaluate rules that read their own results, at one time after the other.

        Steps do not read each other: their first rules are evaluated by one query, then their second ones.
        """
        rules = [[rule for rule in step.rules if not rule.is_alert] for step in steps]
        rounds = [[rule for rule in each if rule] for each in zip_longest(*rules)]
        times = sorted({time for each in rules for rule in each for time in self._grid(rule.interval).times})
        present: dict[PlacedRule, set[Identity]] = {rule: set() for each in rules for rule in each}
        for time in times:
            for candidates in rounds:
                due = [rule for rule in candidates if time % rule.interval == 0 and rule in present]
                self._at(due, time, present)
        for step in steps:  # what alerts of a circle read is complete now
            for rule in step.rules:
                if rule.is_alert:
                    self._server.write(list(self._whole(rule)))

    def _at(self, rules: Sequence[PlacedRule], time: int, present: dict[PlacedRule, set[Identity]]) -> None:
        """Evaluate rules at a time, and write their results; a rule that Prometheus rejects is no longer present."""
        grid = TimeGrid([time])
        encoded: list[bytes] = []
        for rule, result in self._results_at(rules, time):
            if isinstance(result, ServerError):
                self._failures.append((rule, result.detail or str(result)))
                del present[rule]
                continue
            values = {identity(result_labels(rule, series)): series.samples[0][1] for series in result}
            ended = dict.fromkeys(sorted(present[rule] - values.keys()), STALE)
            encoded += [encode_series(dict(key), grid.encode([value])) for key, value in (values | ended).items()]
            present[rule] = set(values)
        self._server.write(encoded)

    def _results_at(
        self, rules: Sequence[PlacedRule], time: int
    ) -> Iterator[tuple[PlacedRule, Sequence[Series] | ServerError]]:
        """The results of rules at a time, by one query that marks each with the number of its rule."""
        marked = (f'label_replace(({rule.rule.expr}\n), "{_MARK}", "{n}", "", "")' for n, rule in enumerate(rules))
        try:
            everything = self._server.query("\nor\n".join(marked), time / 1000) if len(rules) > 1 else None
        except ServerError:
            everything = None  # one of them is rejected
        for number, rule in enumerate(rules):
            if everything is not None:
                own = [series for series in everything if series.labels[_MARK] == str(number)]
                yield rule, [Series({**series.labels, _MARK: ""}, series.samples) for series in own]
                continue
            try:
                yield rule, self._server.query(rule.rule.expr, time / 1000)
            except ServerError as error:
                yield rule, error


def _times(period: Period, grid: _Grid) -> Iterable[int]:
    return range(period.start, grid.times[-1] + 1 if period.end is None else period.end, grid.interval)


def result_labels(rule: PlacedRule, series: Series) -> dict[str, str]:
    """The labels of a result of a rule; empty labels are left out."""
    own = {name: _LABEL_OF_ALERT.sub(lambda m: series.labels.get(m[1], ""), t) for name, t in rule.rule.labels.items()}
    of_group = rule.group.settings.get("labels") or {}
    named = {"alertname": rule.rule.name} if rule.is_alert else {"__name__": rule.rule.name}
    labels = {name: text for name, text in series.labels.items() if name != "__name__"} | dict(of_group) | own | named
    return {name: str(text) for name, text in labels.items() if text}


def identity(labels: Mapping[str, str]) -> Identity:
    """Labels as a key."""
    return tuple(sorted(labels.items()))
