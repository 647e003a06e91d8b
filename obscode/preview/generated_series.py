"""Ranges of time with the series of scenarios, for a project or for dashboards of which nothing else is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from obscode.model.scenario import Scenario
from obscode.preview.simulated_data import GeneratedRange, Matching
from obscode.preview.time_ranges import TimeRange
from obscode.promql.tokens import unquote
from obscode.simulation import Simulation, Timeline
from obscode.simulation.course import Course
from obscode.simulation.values import Simulator

#: The end of the first range: a fixed time, so that equal input gives equal pages. 2025-06-18 12:00 UTC, a Wednesday.
END = 1_750_248_000
# Between the ends of two ranges, longer than the longest period of an SLO with its history: 26 weeks.
_APART = 26 * 7 * 86_400


class _Series(NamedTuple):
    labels: Mapping[str, str]
    times: Sequence[int]
    values: Sequence[float]


def scenario_ranges(simulation: Simulation, scenarios: Sequence[Scenario]) -> list[GeneratedRange]:
    """A range for each scenario, the first one latest in time."""
    return [_range(simulation, scenario, END - place * _APART) for place, scenario in enumerate(scenarios)]


def _range(simulation: Simulation, scenario: Scenario, end: int) -> GeneratedRange:
    timeline = simulation.timeline(end, scenario.range)

    def series(matching: Matching) -> Iterator[_Series]:
        yield from _history(simulation, scenario, timeline, matching)
        yield from _raw(simulation, scenario, timeline, matching)

    visible = TimeRange(timeline.start * 1000, timeline.end * 1000)
    rules_start, step = timeline.rules_start * 1000, timeline.step * 1000
    return GeneratedRange(scenario.name, scenario.name, visible, rules_start, step, series)


def _raw(simulation: Simulation, scenario: Scenario, timeline: Timeline, matching: Matching) -> Iterator[_Series]:
    seconds = tuple(timeline.times())
    times = [time * 1000 for time in seconds]
    simulator = Simulator(Course(scenario, timeline.start, seconds), simulation.failures, simulation.alarms)
    for family in simulation.families:
        for member, parts in simulator.series(family):
            for part, values in parts.items():
                suffix, _, number = part.partition("|")
                labels = {**dict(member.labels), "__name__": family.name + suffix}
                if number:
                    labels["le" if suffix else "quantile"] = number
                if not matching(labels):
                    continue
                present = [(time, value) for time, value in zip(times, values, strict=True) if value is not None]
                if len(present) == len(times):
                    yield _Series(labels, times, [value for _, value in present])
                elif present:
                    yield _Series(labels, [time for time, _ in present], [value for _, value in present])


def _history(simulation: Simulation, scenario: Scenario, timeline: Timeline, matching: Matching) -> Iterator[_Series]:
    """The series that rules record of SLOs, before rules are evaluated."""
    samples: dict[str, list[tuple[int, float]]] = {}
    for chunk in simulation.history(scenario, timeline):
        for line in chunk.splitlines():
            if not line.startswith("#"):
                head, value, time = line.rsplit(" ", 2)
                samples.setdefault(head, []).append((round(float(time) * 1000), float(value)))
    for head, known in samples.items():
        labels = _labels(head)
        if matching(labels):
            yield _Series(labels, [time for time, _ in known], [value for _, value in known])


def _labels(text: str) -> dict[str, str]:
    """The labels of `name{a="b"}`."""
    name, _, inside = text.partition("{")
    labels = {"__name__": name}
    for match in re.finditer(r'([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*")', inside):
        labels[match[1]] = unquote(match[2])
    return labels
