"""The scenarios of a captured text: load, and what its own gauges and counters show of faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from obscode.model.scenario import Phase, Scenario
from obscode.model.source import Origin
from obscode.promql.tokens import is_plain_metric, quote
from obscode.simulation.capture import Capture, CapturedSeries
from obscode.simulation.gauge_roles import is_cache_ratio, is_queue, is_running
from obscode.simulation.levels import name_parts

_NOWHERE = Origin("", 0)
_BEGIN = "2h"
#: What waits while nothing is served, and the requests that are held at least.
QUEUED = 80.0
HELD = 8.0
#: The requests that an overloaded server works on at least.
BUSY = 100.0
_FULL = 0.99
_EVICTIONS = 2.0  # per second
_LOST = frozenset(["preemptions", "preemption", "preempted", "evictions", "evicted", "retracted", "retractions"])
# A process that ends two minutes after its start, and takes half a minute to start again.
_CRASHES, _CRASH_EVERY, _STARTING = 120, 150, "30s"


def capture_scenarios(capture: Capture) -> Sequence[Scenario]:
    """The scenarios that a capture can show; one with a full cache only if a gauge says how full a cache is."""
    scenarios = [
        Scenario("normal load"),
        Scenario("error burst", [Phase(_BEGIN, "1h", burn=60, latency=2.5)]),
        Scenario("drain", [Phase(_BEGIN, traffic=0)]),
        Scenario("overload", [Phase(_BEGIN, traffic=2, latency=10, values=dict(_overloaded(capture)))]),
        Scenario("stuck", [Phase(_BEGIN, traffic=0, values=dict(_stuck(capture)))]),
        Scenario("down", [Phase(_BEGIN, down=1)]),
        Scenario("crash loop", [_crash(number) for number in range(_CRASHES)]),
    ]
    if full := dict(_full(capture)):
        scenarios.insert(3, Scenario("full cache", [Phase(_BEGIN, latency=4, values=full)]))
    return tuple(_without_source(scenario) for scenario in scenarios)


def _crash(number: int) -> Phase:
    return Phase(f"{7200 + number * _CRASH_EVERY}s", _STARTING, down=1, restart=True)


def _stuck(capture: Capture) -> Iterator[tuple[str, float]]:
    """Requests stay where they are, and others wait."""
    for series in _gauges(capture, is_running):
        yield series.name, max(HELD, series.value)
    yield from _queued(capture)


def _overloaded(capture: Capture) -> Iterator[tuple[str, float]]:
    """More requests arrive than are worked off: many are in progress, and others wait."""
    for series in _gauges(capture, is_running):
        yield series.name, max(BUSY, 4 * series.value)
    yield from _queued(capture)


def _queued(capture: Capture) -> Iterator[tuple[str, float]]:
    """All wait for the first of the reasons that the capture shows."""
    reasons: dict[str, str] = {}
    for series in _gauges(capture, is_queue):
        reason = series.member.value("reason")
        if reason == reasons.setdefault(series.name, reason):
            yield (f"{series.name}{{reason={quote(reason)}}}" if reason else series.name), QUEUED


def _full(capture: Capture) -> Iterator[tuple[str, float]]:
    """The cache is full, requests wait for it, and some lose their place."""
    caches = [s for s in capture.series if _is_settable(s) and s.kind == "gauge" and is_cache_ratio(s.name, s.value)]
    for series in caches:
        yield series.name, _FULL if series.value <= 1 else 100 * _FULL
    if not caches:
        return
    yield from _queued(capture)
    for series in capture.series:
        if series.kind == "counter" and _is_settable(series) and _LOST & set(name_parts(series.name)):
            yield series.name, _EVICTIONS


def _gauges(capture: Capture, is_role: Callable[[str], bool]) -> Iterator[CapturedSeries]:
    return (s for s in capture.series if s.kind == "gauge" and _is_settable(s) and is_role(s.name))


def _is_settable(series: CapturedSeries) -> bool:
    return is_plain_metric(series.name) and not series.name.endswith("_created")


def _without_source(scenario: Scenario) -> Scenario:
    phases = [phase.with_origin(_NOWHERE) for phase in scenario.phases]
    return scenario.derive(phases=phases).with_origin(_NOWHERE)
