"""The layout of panels, and the stability of their ids."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from random import Random

import pytest
from grafana_cases import Json, body, panels, panels_of, rows
from hypothesis import given
from hypothesis import strategies as st

from obscode import Row
from obscode.compiler.grafana.layout import Grid, place
from obscode.compiler.grafana.lines import lines
from obscode.model.dashboard import Panel
from obscode.model.dashboard.panel_ids import ids
from obscode.model.panels import Stat, Table, Text, TimeSeries

UP = "up"


def grids(*rows: Row) -> list[tuple[int, int, int, int]]:
    """Rows and panels: x, y, width, height."""
    result = (each for placed in place(rows, ids(rows)) for each in (placed, *placed.inside))
    return [(each.grid.x, each.grid.y, each.grid.w, each.grid.h) for each in result]


def test_a_line_has_four_stats_or_two_graphs() -> None:
    row = Row("R", *(Stat(f"S{n}", UP) for n in range(4)), TimeSeries("A", UP), TimeSeries("B", UP))

    assert grids(row) == [
        (0, 0, 24, 1),
        *((x, 1, 6, 4) for x in (0, 6, 12, 18)),
        (0, 5, 12, 8),
        (12, 5, 12, 8),
    ]


def test_a_panel_that_does_not_fit_starts_a_line_below_the_tallest() -> None:
    row = Row("R", TimeSeries("A", UP, width=16, height=5), Stat("S", UP, width=8, height=9), Table("T", UP))

    assert grids(row) == [(0, 0, 24, 1), (0, 1, 16, 5), (16, 1, 8, 9), (0, 10, 24, 8)]


def widths(*panels: Panel) -> list[list[int]]:
    """The widths of the panels of each line."""
    return [[width for width, _ in line] for line in lines(panels)]


STATS, GRAPHS = ([kind(str(n), UP) for n in range(9)] for kind in (Stat, TimeSeries))


def test_graphs_without_widths_fill_lines_of_two_or_three() -> None:
    assert [widths(*GRAPHS[:count]) for count in range(1, 8)] == [
        [[24]],
        [[12, 12]],
        [[8, 8, 8]],
        [[12, 12], [12, 12]],
        [[8, 8, 8], [12, 12]],
        [[12, 12], [12, 12], [12, 12]],
        [[8, 8, 8], [12, 12], [12, 12]],
    ]


def test_stats_without_widths_fill_lines_of_up_to_six() -> None:
    assert [widths(*STATS[:count]) for count in range(1, 10)] == [
        [[24]],
        [[12, 12]],
        [[8, 8, 8]],
        [[6, 6, 6, 6]],
        [[5, 5, 5, 5, 4]],
        [[4, 4, 4, 4, 4, 4]],
        [[6, 6, 6, 6], [8, 8, 8]],
        [[6, 6, 6, 6], [6, 6, 6, 6]],
        [[5, 5, 5, 5, 4], [6, 6, 6, 6]],
    ]


def test_stats_stand_above_graphs_or_beside_a_single_one() -> None:
    assert widths(*STATS[:3], *GRAPHS[:2]) == [[8, 8, 8], [12, 12]]
    assert widths(*STATS[:2], *GRAPHS[:2]) == [[12, 12], [12, 12]]
    assert widths(STATS[0], GRAPHS[0]) == [[8, 16]]
    assert widths(*GRAPHS[:3], STATS[0]) == [[12, 12], [16, 8]]
    assert widths(STATS[0], *GRAPHS[:2]) == [[4, 10, 10]]


def test_panels_as_wide_as_the_dashboard_stand_alone() -> None:
    assert widths(STATS[0], Table("T", UP), *GRAPHS[:3]) == [[24], [24], [8, 8, 8]]


def test_a_panel_without_a_width_has_the_columns_that_others_leave() -> None:
    def wide(width: int) -> TimeSeries:
        return TimeSeries("W", UP, width=width)

    assert widths(wide(16), GRAPHS[0]) == [[16, 8]]
    assert widths(wide(17), GRAPHS[0]) == [[17], [24]]  # seven columns are too few for a graph
    assert widths(Stat("S", UP, width=3), STATS[0]) == [[3, 21]]
    assert widths(wide(12), *GRAPHS[:2]) == [[12, 12], [24]]
    assert widths(wide(8), GRAPHS[0], wide(8), GRAPHS[1]) == [[8, 16], [8, 16]]


def test_panels_with_widths_flow_as_they_fit() -> None:
    def flow(*columns: int) -> list[list[int]]:
        return widths(*(Stat("S", UP, width=width) for width in columns))

    assert flow(12, 12, 12) == [[12, 12], [12]]
    assert flow(12, 8, 8, 8, 8) == [[12, 8], [8, 8, 8]]
    assert flow(4, 16, 8, 16) == [[4, 16], [8, 16]]


@given(rows())
def test_a_line_with_a_panel_without_a_width_is_full(given_rows: list[Row]) -> None:
    for row in given_rows:
        panels = iter(row.panels)
        for line in lines(row.panels):
            free = [not next(panels).width for _ in line]
            assert not any(free) or sum(width for width, _ in line) == 24


def test_panels_without_heights_are_as_high_as_their_line() -> None:
    assert grids(Row("", STATS[0], GRAPHS[0])) == [(0, 0, 8, 8), (8, 0, 16, 8)]
    assert grids(Row("", Stat("S", UP, height=5), GRAPHS[0])) == [(0, 0, 8, 5), (8, 0, 16, 8)]


def test_a_first_row_without_a_title_has_no_line() -> None:
    assert grids(Row("", Stat("S", UP)), Row("R", Stat("S", UP))) == [(0, 0, 24, 4), (0, 4, 24, 1), (0, 5, 24, 4)]


def test_a_folded_row_takes_one_line() -> None:
    folded, after = Row("A", TimeSeries("T", UP), collapsed=True), Row("B", Text("T", "x"))

    assert grids(folded, after) == [(0, 0, 24, 1), (0, 1, 24, 8), (0, 1, 24, 1), (0, 2, 24, 3)]


def test_a_horizontally_repeated_panel_has_a_line_to_itself() -> None:
    row = Row("", Stat("A", UP), Stat("Each", UP, repeat="job"), Stat("B", UP))

    assert grids(row) == [(0, 0, 24, 4), (0, 4, 24, 4), (0, 8, 24, 4)]


def test_a_vertically_repeated_panel_has_a_line_to_itself() -> None:
    row = Row("", Stat("A", UP), Stat("Each", UP, repeat="job", repeat_direction="vertical"), Stat("B", UP))

    assert grids(row) == [(0, 0, 24, 4), (0, 4, 24, 4), (0, 8, 24, 4)]


@given(rows())
def test_panels_do_not_overlap_and_stay_in_the_grid(given_rows: list[Row]) -> None:
    placed = place(given_rows, ids(given_rows))

    for text in (placed, *(row.inside for row in placed if row.inside)):
        assert all(p.grid.x >= 0 and p.grid.x + p.grid.w <= 24 and p.grid.h > 0 for p in text)
        assert [pair for pair in combinations((p.grid for p in text), 2) if overlap(*pair)] == []


def overlap(one: Grid, other: Grid) -> bool:
    """True if two rectangles share a cell."""
    beside = one.x + one.w <= other.x or other.x + other.w <= one.x
    above = one.y + one.h <= other.y or other.y + other.h <= one.y
    return not beside and not above


@given(rows())
def test_only_folded_rows_contain_their_panels(given_rows: list[Row]) -> None:
    """In Grafana, an open row contains the panels below it, and a folded row those in its `panels`."""
    dashboard = body(given_rows)

    assert all(panel["panels"] == [] for panel in dashboard["panels"] if panel.get("collapsed") is False)
    assert [panel["gridPos"]["y"] for panel in dashboard["panels"] if panel["type"] == "row"] == sorted(
        {panel["gridPos"]["y"] for panel in dashboard["panels"] if panel["type"] == "row"}
    )


@given(rows())
def test_ids_are_unique_and_from_1_to_a_billion(given_rows: list[Row]) -> None:
    numbers = [panel["id"] for panel in panels_of(body(given_rows))]

    assert len(set(numbers)) == len(numbers)
    assert all(0 < number <= 10**9 for number in numbers)


# --- ids ---------------------------------------------------------------------------------------------------------


@given(rows(), st.data())
def test_a_new_panel_changes_only_the_positions_of_others(given_rows: list[Row], data: st.DataObject) -> None:
    added = Stat("Never seen before", UP)
    at = data.draw(st.integers(0, max(len(given_rows) - 1, 0)))
    position = data.draw(st.integers(0, len(given_rows[at].panels) if given_rows else 0))
    more = [with_panel(row, added, position) if i == at else row for i, row in enumerate(given_rows)]

    before, after = unplaced(given_rows), unplaced(more)

    assert [panel for panel in after if panel["title"] != added.title] == before


def with_panel(row: Row, panel: Panel, position: int) -> Row:
    """A row with one more panel."""
    panels = [*row.panels[:position], panel, *row.panels[position:]]
    return Row(row.title, *panels, collapsed=row.collapsed)


def unplaced(given_rows: Sequence[Row]) -> list[Json]:
    """The panels of a dashboard without their positions."""
    result = panels_of(body(list(given_rows)))
    return [{key: value for key, value in panel.items() if key not in ("gridPos", "panels")} for panel in result]


@given(st.lists(panels(), max_size=6), st.randoms(use_true_random=False))
def test_ids_do_not_depend_on_the_order_of_panels(given_panels: list[Panel], chance: Random) -> None:
    shuffled = list(given_panels)
    chance.shuffle(shuffled)

    assert numbered(Row("R", *given_panels)) == numbered(Row("R", *shuffled))


def numbered(row: Row) -> list[tuple[str, int]]:
    """The panels with their ids."""
    (result,) = ids([row])
    return sorted(zip(map(repr, row.panels), result.panels, strict=True))


def test_ids_are_stable_across_versions_of_obscode() -> None:
    (result,) = ids([Row("Requests", TimeSeries("Request rate", UP))])

    assert (result.row, result.panels) == (23096783, [404871771])


def test_colliding_ids_become_unique_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("obscode.model.dashboard.panel_ids._IDS", 5)
    stats = [Stat(f"S{n}", UP) for n in range(4)]

    (result,), (reversed_ids,) = ids([Row("R", *stats)]), ids([Row("R", *reversed(stats))])

    assert sorted([result.row, *result.panels]) == [1, 2, 3, 4, 5]
    assert (result.row, list(result.panels)) == (reversed_ids.row, list(reversed(reversed_ids.panels)))


def test_a_key_keeps_the_id_of_a_panel_that_is_renamed_and_moved() -> None:
    before = ids([Row("Requests", Stat("Rate", UP, key="rate")), Row("Errors")])
    after = ids([Row("Requests"), Row("Errors", Stat("Requests a second", UP, key="rate"))])

    assert before[0].panels == after[1].panels


def test_a_key_keeps_the_ids_of_a_row_that_is_renamed() -> None:
    assert ids([Row("A", Stat("S", UP), key="row")]) == ids([Row("B", Stat("S", UP), key="row")])


def test_titles_in_any_script_give_different_ids() -> None:
    (result,) = ids([Row("要求", Stat("率", UP), Stat("誤り", UP))])

    assert len({result.row, *result.panels}) == 3
