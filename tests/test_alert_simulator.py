"""The simulation of burn-rate alerts: the exact instants before and after each change of an alert."""

from __future__ import annotations

from dataclasses import replace

import pytest

from obscode import ScrapeJob, Service
from obscode.compiler.slo_plan import service_matchers
from obscode.compiler.slo_windows import window_sums
from obscode.compiler.unit_tests.alert_simulator import (
    AlertTimings,
    SloTimings,
    TierTimings,
    TrafficPhase,
    event_counts,
    stable_instants,
)

MINUTE, HOUR = 60_000, 3_600_000
TIER = TierTimings(HOUR, 5 * MINUTE, threshold=0.1)
ALERT = AlertTimings("page", (TIER,), for_=MINUTE, keep_firing_for=5 * MINUTE, interval=MINUTE)
SUMS = tuple(window_sums([5 * MINUTE, 30 * MINUTE, HOUR]).items())
ODD_SUMS = tuple(window_sums([5 * MINUTE, 13 * MINUTE, 90 * MINUTE]).items())
TIMINGS = SloTimings(MINUTE, 5 * MINUTE, SUMS, (ALERT,), min_events=10, min_bad=5)
ODD_WINDOWS = replace(ALERT, tiers=(TierTimings(90 * MINUTE, 13 * MINUTE, 0.1),), for_=0, keep_firing_for=0)
TICKET = AlertTimings("ticket", (replace(TIER, threshold=0.05),), 0, 0, 4 * MINUTE, more_urgent=("page",))
SLOW_TICKET = replace(TICKET, tiers=(TierTimings(HOUR, 30 * MINUTE, 0.099),))
BOTH = replace(TIMINGS, alerts=(replace(ALERT, for_=0, keep_firing_for=0), TICKET))


def outage(per_base_window: float, bad: float) -> tuple[TrafficPhase, ...]:
    """Two hours without errors, half an hour of errors, and an hour without."""
    good = TrafficPhase(2 * HOUR, per_base_window)
    return good, TrafficPhase(30 * MINUTE, per_base_window, bad), replace(good, length=HOUR)


# Where a result is exactly a threshold, no instant is expected.
#
# Half of the events are bad from minute 120 to 150. The input is a count of five minutes, so that a step is seen at
# once in the short window: the long one has 12 of them and exceeds 10 % with the third, at minute 130; `for` is 1m. The
# short window falls below it at minute 150, which is when keep_firing_for begins.
INSTANTS = {
    "with a margin of two steps": (
        (TIMINGS, outage(100, 50), 2),
        [(128, ""), (133, "page"), (152, "page"), (157, ""), (209, "")],
    ),
    "without a margin": (
        (TIMINGS, outage(100, 50), 0),
        [(130, ""), (131, "page"), (154, "page"), (155, ""), (209, "")],
    ),
    "with windows that no base window divides": (
        (replace(TIMINGS, sums=ODD_SUMS, alerts=(ODD_WINDOWS,)), outage(100, 50), 0),
        [(132, ""), (138, "page"), (159, "page"), (160, ""), (209, "")],
    ),
    "after a gap without samples": (
        (TIMINGS, (TrafficPhase(2 * HOUR, 100), TrafficPhase(30 * MINUTE, None), TrafficPhase(HOUR, 100, 100)), 2),
        [(148, ""), (153, "page"), (209, "page")],
    ),
    "with low traffic, from five bad events on": (
        (TIMINGS, outage(2, 2), 2),
        [(128, ""), (133, "page"), (152, "page"), (157, ""), (209, "")],
    ),
    "of an alert that fires from the second step on": (
        (TIMINGS, (TrafficPhase(30 * MINUTE, 100, 100),), 0),
        [(0, ""), (1, "page"), (29, "page")],
    ),
    "where the error ratio is exactly the threshold": (
        (
            replace(TIMINGS, alerts=(replace(ALERT, for_=0),), min_events=0, min_bad=0),
            (TrafficPhase(30 * MINUTE, 100, 10),),
            0,
        ),
        [],
    ),
    "of a ticket that fires before the page, and on": (
        (BOTH, (TrafficPhase(HOUR, 100), TrafficPhase(HOUR, 100, 15), TrafficPhase(HOUR, 100)), 0),
        [(74, ""), (80, "ticket"), (94, "ticket"), (100, "page ticket"), (119, "page ticket"), (120, ""), (179, "")],
    ),
    "of a page whose errors are no ticket": (
        (
            replace(BOTH, alerts=(BOTH.alerts[0], SLOW_TICKET)),
            (TrafficPhase(HOUR, 100), TrafficPhase(30 * MINUTE, 100, 100), TrafficPhase(HOUR, 100)),
            0,
        ),
        [(64, ""), (65, "page"), (89, "page"), (90, ""), (149, "")],
    ),
}


@pytest.mark.parametrize(("arguments", "expected"), INSTANTS.values(), ids=list(INSTANTS))
def test_the_instants_around_each_change(
    arguments: tuple[SloTimings, tuple[TrafficPhase, ...], int], expected: list[tuple[float, str]]
) -> None:
    instants = stable_instants(*arguments)
    assert [(at / MINUTE, " ".join(sorted(firing))) for at, firing in instants] == expected


def test_a_window_is_the_sum_of_its_parts() -> None:
    # 100 events per base window; half of them are bad from minute 30 on.
    phases = (TrafficPhase(30 * MINUTE, 100), TrafficPhase(HOUR, 100, 50))
    assert event_counts(TIMINGS, phases, 29 * MINUTE, 30 * MINUTE) == (600, 0)
    assert event_counts(TIMINGS, phases, 30 * MINUTE, 30 * MINUTE) == (600, 50)
    assert event_counts(TIMINGS, phases, 40 * MINUTE, 30 * MINUTE) == (600, 150)
    # Two base windows, and 60 % of the one before.
    assert event_counts(replace(TIMINGS, sums=ODD_SUMS), phases, 39 * MINUTE, 13 * MINUTE) == (260, 100)


def test_a_window_of_a_young_service_counts_what_there_is() -> None:
    assert event_counts(TIMINGS, (TrafficPhase(HOUR, 100, 50),), 12 * MINUTE, HOUR) == (300, 150)


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
