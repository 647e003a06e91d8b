"""Grafana's steps of queries and ranges of time."""

from __future__ import annotations

import pytest

from obscode.preview import intervals
from obscode.preview.time_ranges import TimeRange, of_dashboard, of_panel, parsed

HOUR = 3_600_000
NOW = 1_750_248_000_000  # 2025-06-18 12:00 UTC, a Wednesday


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("15s", 15_000),
        ("1m30s", 90_000),
        ("15", 15_000),
        (">10s", 10_000),
        ("1M", 2_592_000_000),
        ("x", None),
        ("", None),
    ],
)
def test_durations_are_read_as_grafana_reads_them(text: str, length: int | None) -> None:
    assert intervals.milliseconds(text) == length


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (9, 1),
        (10, 10),
        (44_999, 30_000),
        (45_000, 60_000),
        (89_999, 60_000),
        (90_000, 120_000),
        (3_628_800_000, 31_536_000_000),
    ],
)
def test_lengths_are_rounded_at_grafanas_bounds(length: int, expected: int) -> None:
    assert intervals.rounded(length) == expected


def test_the_step_is_the_range_by_the_points_and_not_below_the_least() -> None:
    assert intervals.step(6 * HOUR, 500, 15_000) == 30_000
    assert intervals.step(HOUR, 500, 15_000) == 15_000
    assert intervals.step(HOUR, 500, 15_000, factor=2) == 30_000


def test_the_step_is_longer_where_prometheus_would_reject_the_points() -> None:
    assert intervals.step(30 * 24 * HOUR, 100_000, 1000) == 300_000


def test_the_rate_interval_is_four_scrapes_or_one_more_than_the_step() -> None:
    assert intervals.rate_interval(15_000, 15_000) == 60_000
    assert intervals.rate_interval(60_000, 15_000) == 75_000


@pytest.mark.parametrize(
    ("length", "text"),
    [(500, "500ms"), (15_000, "15s"), (90_000, "90s"), (120_000, "2m"), (7_200_000, "2h"), (86_400_000, "1d")],
)
def test_intervals_are_written_in_the_largest_unit_that_divides_them(length: int, text: str) -> None:
    assert intervals.formatted(length) == text


@pytest.mark.parametrize(
    ("text", "is_end", "expected"),
    [
        ("now", True, NOW),
        ("now-6h", False, NOW - 6 * HOUR),
        ("now-1d/d", False, 1_750_118_400_000),
        ("now/d", True, 1_750_291_199_999),
        ("now/w", False, 1_749_945_600_000),
        ("now/M", False, 1_748_736_000_000),
        ("now/y", True, 1_767_225_599_999),
        ("2025-06-18T06:00:00Z", False, NOW - 6 * HOUR),
        (str(NOW), False, NOW),
        (NOW, False, NOW),
        ("yesterday", False, None),
        (None, False, None),
    ],
)
def test_times_are_relative_to_now_rounded_to_units_or_absolute(
    text: object, is_end: bool, expected: int | None
) -> None:
    assert parsed(text, NOW, is_end=is_end) == expected


def test_a_dashboard_without_a_valid_range_shows_six_hours() -> None:
    assert of_dashboard({"time": {"from": "now", "to": "now-1h"}}, NOW) == TimeRange(NOW - 6 * HOUR, NOW)
    assert of_dashboard({"time": {"from": "now-1h", "to": "now"}}, NOW) == TimeRange(NOW - HOUR, NOW)


def test_a_panel_overrides_and_shifts_the_range() -> None:
    displayed = TimeRange(NOW - HOUR, NOW)
    assert of_panel({"timeFrom": "2h"}, displayed) == TimeRange(NOW - 2 * HOUR, NOW)
    assert of_panel({"timeFrom": "now-2h", "timeShift": "1d"}, displayed) == TimeRange(NOW - 26 * HOUR, NOW - 24 * HOUR)
    assert of_panel({"timeShift": "1h"}, displayed) == TimeRange(NOW - 2 * HOUR, NOW - HOUR)
