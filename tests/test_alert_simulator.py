"""The simulation of burn-rate alerts: the exact instants before and after each change of an alert."""

from __future__ import annotations

from dataclasses import replace

import pytest

from obscode import ScrapeJob, Service
from obscode.compiler.slo_plan import service_matchers
from obscode.compiler.unit_tests.alert_simulator import (
    AlertTimings,
    SloTimings,
    TrafficPhase,
    event_counts,
    stable_instants,
)

MINUTE, HOUR = 60_000, 3_600_000
ALERT = AlertTimings("page", HOUR, 5 * MINUTE, for_=MINUTE, keep_firing_for=5 * MINUTE, threshold=0.1)
TIMINGS = SloTimings(MINUTE, 5 * MINUTE, 30 * MINUTE, (ALERT,), min_events=10, min_bad=5)
ODD_WINDOWS = replace(ALERT, long=90 * MINUTE, short=13 * MINUTE, for_=0, keep_firing_for=0)


def outage(per_base_window: float, bad: float) -> tuple[TrafficPhase, ...]:
    """Two hours without errors, half an hour of errors, and an hour without."""
    good = TrafficPhase(2 * HOUR, per_base_window)
    return good, TrafficPhase(30 * MINUTE, per_base_window, bad), replace(good, length=HOUR)


# Half of the events are bad from minute 120 to 150. The long window exceeds 10 % after 12 minutes, and `for` is 1m. The
# short window falls below it within 5 minutes of the end, which is when keep_firing_for begins.
INSTANTS = {
    "with a margin of two steps": (
        (TIMINGS, outage(100, 50), 2),
        [(129, ""), (135, "page"), (152, "page"), (157, ""), (209, "")],
    ),
    "without a margin": (
        (TIMINGS, outage(100, 50), 0),
        [(131, ""), (133, "page"), (154, "page"), (155, ""), (209, "")],
    ),
    "with windows that no base window divides": (
        (replace(TIMINGS, alerts=(ODD_WINDOWS,)), outage(100, 50), 2),
        [(132, ""), (137, "page"), (157, "page"), (163, ""), (209, "")],
    ),
    "after a gap without samples": (
        (TIMINGS, (TrafficPhase(2 * HOUR, 100), TrafficPhase(30 * MINUTE, None), TrafficPhase(HOUR, 100, 100)), 2),
        [(150, ""), (156, "page"), (209, "page")],
    ),
    "with low traffic, from five bad events on": (
        (TIMINGS, outage(2, 2), 2),
        [(130, ""), (135, "page"), (152, "page"), (157, ""), (209, "")],
    ),
    "of an alert that fires from the second step on": (
        (TIMINGS, (TrafficPhase(30 * MINUTE, 100, 100),), 0),
        [(0, ""), (1, "page"), (29, "page")],
    ),
    "where the versions of Prometheus differ at the last step": (
        (TIMINGS, (TrafficPhase(2 * HOUR, 100), TrafficPhase(13 * MINUTE, 100, 50)), 0),
        [(131, "")],
    ),
    "where the error ratio is exactly the threshold": (
        (
            replace(TIMINGS, alerts=(replace(ALERT, for_=0),), min_events=0, min_bad=0),
            (TrafficPhase(30 * MINUTE, 100, 10),),
            0,
        ),
        [],
    ),
}


@pytest.mark.parametrize(("arguments", "expected"), INSTANTS.values(), ids=list(INSTANTS))
def test_the_instants_around_each_change(
    arguments: tuple[SloTimings, tuple[TrafficPhase, ...], int], expected: list[tuple[float, str]]
) -> None:
    instants = stable_instants(*arguments)
    assert [(at / MINUTE, "".join(firing)) for at, firing in instants] == expected


def test_prometheus_2_counts_the_sample_at_the_start_of_a_window() -> None:
    # 100 events per base window of 5 minutes, evaluated every minute: 11 and 10 samples of 100, each counted 5 times.
    counts = event_counts(TIMINGS, (TrafficPhase(HOUR, 100, 50),), 30 * MINUTE, 10 * MINUTE)
    assert counts == ((220, 110), (200, 100))


def test_both_versions_of_prometheus_count_the_same_samples_if_no_sample_is_at_the_start_of_a_window() -> None:
    # 100 events per base window of 8 minutes, evaluated every 4 minutes: a window of 10 minutes has 3 samples.
    timings = replace(TIMINGS, step=4 * MINUTE, base=8 * MINUTE)
    counts = event_counts(timings, (TrafficPhase(HOUR, 100, 50),), 32 * MINUTE, 10 * MINUTE)
    assert counts == ((150, 75), (150, 75))


@pytest.mark.parametrize(
    ("service", "matchers"),
    [
        (Service("a", scrape=ScrapeJob(["a:1"])), ['job="a"']),
        (Service("a", scrape=[ScrapeJob(["a:1"]), ScrapeJob(["b:1"], job="b.c")]), ['job=~"a|b\\\\.c"']),
        (Service("a", selector={"app": "x", "zone": "y"}), ['app="x"', 'zone="y"']),
        (Service("a"), []),
    ],
    ids=["one job", "two jobs", "a selector", "neither"],
)
def test_a_service_selects_its_series(service: Service, matchers: list[str]) -> None:
    assert [str(matcher) for matcher in service_matchers(service)] == matchers
