"""What is displayed: the ranges of scenarios with generated data, or a range of a running Prometheus."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from obscode.artifacts.project import Artifacts
from obscode.artifacts.unit_tests import UnitTestSuite
from obscode.clients.empty_prometheus import empty_prometheus
from obscode.clients.prometheus import PrometheusClient
from obscode.findings.errors import ObscodeError
from obscode.preview import intervals, time_ranges
from obscode.preview.captured_series import captured_ranges, captured_scenarios, unexposed_names
from obscode.preview.generated_series import scenario_ranges
from obscode.preview.simulated_data import load
from obscode.preview.tested_alerts import test_ranges
from obscode.preview.time_ranges import TimeRange
from obscode.preview.view import Range
from obscode.simulation import scenario_named, scenarios, simulate
from obscode.simulation.capture import Capture
from obscode.toolchain import Tool, find_supported


@dataclass(frozen=True)
class Source:
    """A Prometheus, and the ranges of it that are displayed.

    Attributes:
        is_generated: whether its data are those of scenarios.
        unknown: metrics that queries read and no service exposes.
    """

    client: PrometheusClient
    ranges: Sequence[Range]
    is_generated: bool
    unknown: frozenset[str] = frozenset()


@contextmanager
def generated(
    artifacts: Artifacts,
    names: Sequence[str] = (),
    tool: Tool | None = None,
    series_of: Artifacts | None = None,
    captures: Mapping[str, Capture] | None = None,
) -> Iterator[Source]:
    """Run a Prometheus with the data of scenarios: of all, or of those that are named. Raises ObscodeError.

    Series are generated for the rules and dashboards of ``series_of``, and the rules of ``artifacts`` evaluated. The
    targets of services in ``captures`` expose these texts instead.
    """
    known = scenarios((series_of or artifacts).definitions)
    if captures:
        displayed = captured_scenarios(series_of or artifacts, captures)
        known = tuple({each.name: each for each in (*displayed, *known, *displayed)}.values())
    selected = [scenario_named(name, known) for name in names] or list(displayed if captures else known)
    tool = tool or find_supported("prometheus", artifacts.project.oldest_prometheus)[-1]
    with empty_prometheus(tool) as server:
        simulation = simulate(series_of or artifacts)
        unknown = simulation.unknown
        if captures:
            unknown |= unexposed_names(series_of or artifacts, captures, simulation)
            ranges = captured_ranges(series_of or artifacts, captures, simulation, selected)
        else:
            ranges = scenario_ranges(simulation, selected)
        data = load(server, artifacts, ranges)
        yield Source(server, data.ranges, is_generated=True, unknown=unknown)


@contextmanager
def tested(artifacts: Artifacts, suites: Sequence[UnitTestSuite]) -> Iterator[Source]:
    """Run a Prometheus with the input series of unit tests."""
    with empty_prometheus(find_supported("prometheus", artifacts.project.oldest_prometheus)[-1]) as server:
        yield Source(server, load(server, artifacts, test_ranges(suites)).ranges, is_generated=False)


def live(client: PrometheusClient, start: str, end: str, scrape: str = "") -> Source:
    """A range of a running Prometheus; without a start, each dashboard displays its own. Raises ObscodeError."""
    now = round(time.time() * 1000)
    until = _parsed(end or "now", now, is_end=True)
    span = TimeRange(_parsed(start, now, is_end=False), until) if start else None
    if span and span.start >= span.end:
        raise ObscodeError(f"--from {start} is not before --to {end or 'now'}")
    label = "real data" if span is None else f"{start} to {end or 'now'}"
    return Source(client, [Range(label, "", span, until, scrape or intervals.DEFAULT_SCRAPE)], is_generated=False)


def _parsed(text: str, now: int, *, is_end: bool) -> int:
    value = time_ranges.parsed(text, now, is_end=is_end)
    if value is None:
        hint = "write now-6h, or a time such as 2026-01-31T12:00:00Z"
        raise ObscodeError(f"{text!r} is not a time", hint)
    return value
