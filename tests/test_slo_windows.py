"""Windows as sums of adjacent shorter windows."""

from __future__ import annotations

import pytest

from obscode.compiler.slo_windows import window_sums

MINUTE = 60_000
HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE


def parts(*windows: int) -> dict[int, list[tuple[int, int, str]]]:
    """In minutes: each window, and the length, offset and share of its parts."""
    sums = window_sums(window * MINUTE for window in windows)
    return {
        window // MINUTE: [(part.window // MINUTE, part.offset // MINUTE, str(part.share)) for part in of_window]
        for window, of_window in sums.items()
    }


def test_a_window_is_the_sum_of_the_longest_shorter_windows() -> None:
    assert parts(5, 30, 60, 120, 360) == {
        5: [],
        30: [(5, offset, "1") for offset in (0, 5, 10, 15, 20, 25)],
        60: [(30, 0, "1"), (30, 30, "1")],
        120: [(60, 0, "1"), (60, 60, "1")],
        360: [(120, 0, "1"), (120, 120, "1"), (120, 240, "1")],
    }


def test_a_window_that_is_no_multiple_takes_shorter_ones_and_a_share_of_the_oldest() -> None:
    assert parts(5, 15, 32) == {
        5: [],
        15: [(5, 0, "1"), (5, 5, "1"), (5, 10, "1")],
        32: [(15, 0, "1"), (15, 15, "1"), (5, 30, "0.4")],
    }


@pytest.mark.parametrize(
    ("longest", "windows"),
    [(30, [5, 30]), (34, [5, 34]), (35, [5, 15, 35]), (60, [5, 20, 60]), (4320, [5, 30, 180, 900, 4320])],
)
def test_a_sum_has_at_most_six_windows_of_a_length(longest: int, windows: list[int]) -> None:
    assert list(parts(5, longest)) == windows


def test_the_parts_of_a_window_cover_it_exactly() -> None:
    for lengths in ([5, 7, 13, 90, 1440], [3, 4, 500], [1, 4320], [10, 11, 12]):
        sums = window_sums(length * MINUTE for length in lengths)
        for window, of_window in sums.items():
            if of_window:
                assert sum(part.window * part.share for part in of_window) == window
                ends = [part.offset for part in of_window]
                assert ends == sorted(set(ends))
