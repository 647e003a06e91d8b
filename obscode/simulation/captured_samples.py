"""The series that Prometheus scrapes from targets which expose a captured text in a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from obscode.model.scenario import Phase, Scenario
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Selector
from obscode.promql.staleness import STALE
from obscode.simulation.capture import Capture, CapturedSeries
from obscode.simulation.captured_rates import CapturedRates
from obscode.simulation.course import Conditions, only_values
from obscode.simulation.possible_errors import with_possible_errors
from obscode.simulation.replay import Replay
from obscode.simulation.samples import Matching, Samples, every
from obscode.simulation.timeline import Timeline


@dataclass(frozen=True)
class CapturedTarget:
    """A target that exposes a captured text.

    Attributes:
        capture: the text.
        service: the name of its service; phases of other services only set values.
        labels: those that the scrape adds, such as `job` and `instance`.
        honor_labels: whether the labels of the text win over those of the target.
    """

    capture: Capture
    service: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    honor_labels: bool = False

    def samples(self, scenario: Scenario, timeline: Timeline, matching: Matching = every) -> Iterator[Samples]:
        """The series that match, with `up`; where one is missing, it ends until it is exposed again."""
        times = timeline.times()
        stamps = [time * 1000 for time in times]
        own = scenario.derive(phases=[self._own_phase(phase) for phase in scenario.phases])
        replay = Replay(self._exposed, own, times[0], first=times[0] - timeline.start)
        moving = self._needed(self._exposed.series, matching)
        rows = [replay.values(time, list(moving.values())) for time in times]
        up = {"__name__": "up", **self.labels}
        if matching(up):
            yield Samples(up, stamps, [float(row is not None) for row in rows])
        columns = [[None if row is None else row[number] for row in rows] for number in range(len(moving))]
        fixed = self._needed(self._exposed.constants, matching)
        columns += [[None if row is None else series.value for row in rows] for series in fixed.values()]
        series = (
            _ended(dict(labels), stamps, column) for labels, column in zip((*moving, *fixed), columns, strict=True)
        )
        yield from (each for each in series if each.times)

    def rates(self) -> Sequence[tuple[Mapping[str, str], float]]:
        """The events per second of each counter and each count of a distribution, on a normal load."""
        shares, usual = CapturedRates(self._exposed).shares, Conditions()
        counts = (each for each in self._exposed.series if each.is_count)
        return [(self._labels(each.scraped_labels), shares[each.key](usual)) for each in counts]

    def _own_phase(self, phase: Phase) -> Phase:
        """What a phase is for the target: its values may name labels of it, such as `instance`."""
        values = {}
        for text, value in phase.values.items():
            selector = parse_selector(text)
            of_target = [m for m in selector.matchers if m.label in self.labels and not self.honor_labels]
            if all(m.matches(self.labels[m.label]) is not False for m in of_target):
                rest = tuple(m for m in selector.matchers if m not in of_target)
                values[str(Selector(selector.metric, rest)) if of_target else text] = value
        affected = not phase.services or self.service in phase.services
        return (phase if affected else only_values(phase)).derive(values=values)

    @cached_property
    def jobs(self) -> frozenset[str]:
        """The values of `job` of its series."""
        scraped = (self._labels(each.scraped_labels) for each in (*self.capture.series, *self.capture.constants))
        return frozenset([self.labels.get("job", ""), *(labels.get("job", "") for labels in scraped)])

    @cached_property
    def _exposed(self) -> Capture:
        return with_possible_errors(self.capture)

    def _needed(
        self, series: Sequence[CapturedSeries], matching: Matching
    ) -> Mapping[tuple[tuple[str, str], ...], CapturedSeries]:
        """The series that match, by their labels after the scrape."""
        scraped = ((self._labels(each.scraped_labels), each) for each in series)
        return {tuple(labels.items()): each for labels, each in scraped if matching(labels)}

    def _labels(self, own: Mapping[str, str]) -> Mapping[str, str]:
        """As https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config merges them."""
        own = {name: value for name, value in own.items() if value}
        if self.honor_labels:
            return {**self.labels, **own}
        renamed = {f"exported_{name}" if name in self.labels else name: value for name, value in own.items()}
        return {**renamed, **self.labels}


def _ended(labels: Mapping[str, str], times: Sequence[int], column: Sequence[float | None]) -> Samples:
    """A series without the times at which it is missing, the first of which ends it."""
    if None not in column:
        return Samples(labels, times, cast(Sequence[float], column))
    present: list[tuple[int, float]] = []
    last: float | None = None
    for time, value in zip(times, column, strict=True):
        if value is not None or last is not None:
            present.append((time, STALE if value is None else value))
        last = value
    return Samples(labels, [time for time, _ in present], [value for _, value in present])
