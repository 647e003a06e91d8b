"""Ranges of time with the series of scenarios, for a project or for dashboards of which nothing else is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.model.scenario import Scenario
from obscode.preview.simulated_data import GeneratedRange, Matching
from obscode.preview.time_ranges import TimeRange
from obscode.simulation import Samples, Simulation

#: The end of the first range: a fixed time, so that equal input gives equal pages. 2025-06-18 12:00 UTC, a Wednesday.
END = 1_750_248_000
#: Seconds between the ends of two ranges, longer than the longest period of an SLO with its history: 26 weeks.
APART = 26 * 7 * 86_400


def scenario_ranges(simulation: Simulation, scenarios: Sequence[Scenario]) -> list[GeneratedRange]:
    """A range for each scenario, the first one latest in time."""
    return [_range(simulation, scenario, END - place * APART) for place, scenario in enumerate(scenarios)]


def _range(simulation: Simulation, scenario: Scenario, end: int) -> GeneratedRange:
    timeline = simulation.timeline(end, scenario.range)

    def series(matching: Matching) -> Iterator[Samples]:
        yield from simulation.recorded(scenario, timeline, matching)
        yield from simulation.raw(scenario, timeline, matching)

    visible = TimeRange(timeline.start * 1000, timeline.end * 1000)
    rules_start, step = timeline.rules_start * 1000, timeline.step * 1000
    return GeneratedRange(scenario.name, scenario.name, visible, rules_start, step, series)
