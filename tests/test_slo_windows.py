"""Windows as sums of adjacent shorter windows."""

from __future__ import annotations

import pytest

from obscode import SLO, Project, Service, Tier
from obscode.checks import lint
from obscode.compiler import Definitions, compile
from obscode.compiler.slo_windows import window_sums
from obscode.model.sli import Ratio
from obscode.promql.parser import parse

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


@pytest.mark.parametrize(("long", "short"), [("77m", "7m"), ("15m", "90s"), ("3601s", "301s"), ("1d12h", "180m")])
def test_windows_in_any_notation_have_one_name(long: str, short: str) -> None:
    policy = [Tier("fast", severity="page", budget=2, long=long, short=short)]
    slo = SLO("up", 99.9, Ratio(errors="errors_total", total="requests_total"), policy=policy)
    project = Project("p")
    artifacts = compile(Definitions(project, [Service("shop", selector={"job": "shop"}, slos=[slo])]))
    recorded = {rule.name for rule in artifacts.rules()}
    read = {selector.metric for rule in artifacts.rules() for selector in parse(rule.expr).selectors}
    assert {name for name in read if name.startswith("slo:")} <= recorded
    assert [finding.message for finding in lint(artifacts) if finding.severity == "error"] == []
