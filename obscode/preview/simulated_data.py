"""Generated series in a running Prometheus, with the results of rules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

from obscode.artifacts.project import Artifacts
from obscode.clients.empty_prometheus import WritablePrometheus
from obscode.clients.remote_write import TimeGrid, encode_series
from obscode.preview.alert_timeline import timeline
from obscode.preview.rule_evaluation import RangeEvaluator
from obscode.preview.rule_order import PlacedRule, RuleIndex, placed_rules, selectors
from obscode.preview.time_ranges import TimeRange
from obscode.preview.view import Range
from obscode.promql import duration
from obscode.promql.selector import Selector

#: Whether series with these labels are needed.
Matching = Callable[[Mapping[str, str]], bool]


class RawSeries(Protocol):
    """A generated series: ``times`` in ms; series of one grid have the same object."""

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels, with the name."""

    @property
    def times(self) -> Sequence[int]:
        """The times of its samples."""

    @property
    def values(self) -> Sequence[float]:
        """Its values."""


@dataclass(frozen=True)
class GeneratedRange:
    """A range of time with generated series.

    Attributes:
        label: the name of the view.
        scenario: the name of the scenario.
        time: the range to show.
        rules_start: rules are evaluated after this time in ms, recorded series end there.
        step: the scrape interval in ms.
        series: returns the series, those with the earliest samples first.
    """

    label: str
    scenario: str
    time: TimeRange
    rules_start: int
    step: int
    series: Callable[[Matching], Iterable[RawSeries]]


@dataclass(frozen=True)
class SimulatedData:
    """The ranges in a Prometheus, in the order of their views, and the rules that it rejects."""

    client: WritablePrometheus
    ranges: Sequence[Range]
    failures: Sequence[tuple[PlacedRule, str]] = ()


def load(
    server: WritablePrometheus,
    artifacts: Artifacts,
    generated: Sequence[GeneratedRange],
    queried: Iterable[Selector] | None = None,
) -> SimulatedData:
    """Write ranges of series, and what the rules make of them, into an empty Prometheus.

    ``queried`` are the selectors that are read; None for everything.
    """
    rules = placed_rules(artifacts.rule_files, artifacts.project.evaluation_interval)
    matching: Matching = _everything
    if queried is not None:
        queried = list(queried)
        rules = RuleIndex(rules).needed(queried)
        matching = _reader([*queried, *(each for rule in rules for each in selectors(rule.rule.expr))])
    recorded = {rule.rule.name for rule in rules if not rule.is_alert}
    ranges: dict[int, Range] = {}
    failures: dict[PlacedRule, str] = {}
    for place, each in sorted(enumerate(generated), key=lambda pair: pair[1].time):
        _write(server, each.series(matching), recorded, each.rules_start)
        evaluation = RangeEvaluator(server, each.rules_start + 1, each.time.end).evaluate(rules)
        failures.update(evaluation.failures)
        alerts = timeline(evaluation.alerts, artifacts.alertmanager_configs, each.time.start)
        scrape = duration.format_duration(each.step)
        ranges[place] = Range(each.label, each.scenario, each.time, each.time.end, scrape, alerts)
    return SimulatedData(server, [ranges[place] for place in range(len(generated))], list(failures.items()))


def _everything(labels: Mapping[str, str]) -> bool:
    return True


def _reader(queried: Iterable[Selector]) -> Matching:
    """Whether one of the selectors matches labels; metrics are looked up by name."""
    by_name: dict[str, list[Selector]] = {}
    for selector in dict.fromkeys(queried):
        by_name.setdefault(selector.metric, []).append(selector)

    def matches(labels: Mapping[str, str]) -> bool:
        candidates = [*by_name.get(labels.get("__name__", ""), ()), *by_name.get("", ())]
        return any(
            all(matcher.matches(labels.get(matcher.label, "")) is not False for matcher in selector.matchers)
            for selector in candidates
        )

    return matches


def _write(server: WritablePrometheus, series: Iterable[RawSeries], recorded: Set[str], rules_start: int) -> None:
    """Write series; those of rules end where the rules are evaluated, which then write them."""
    encoded: dict[int, tuple[Sequence[int], TimeGrid]] = {}
    part: list[bytes] = []
    for each in series:
        key = id(each.times)
        if key not in encoded:
            encoded[key] = each.times, TimeGrid(each.times)  # the times are kept, so no other object gets their id
        grid, values = encoded[key][1], each.values
        if each.labels.get("__name__") in recorded and each.times[-1] > rules_start:
            number = bisect_right(each.times, rules_start)
            grid, values = TimeGrid(each.times[:number]), each.values[:number]
        part.append(encode_series(each.labels, grid.encode(values)))
    server.write(part)
