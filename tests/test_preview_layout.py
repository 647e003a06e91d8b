"""Panels at their places: repeats, rows, overlaps."""

from __future__ import annotations

from typing import Any

from obscode.preview.interpolation import ALL
from obscode.preview.panel_layout import placed_panels
from obscode.preview.variable_options import Option
from obscode.preview.variables import Variable


def variable(name: str, *values: str) -> Variable:
    """A variable with these values, all of them selected by All."""
    options = [Option("All", ALL), *(Option(value, value) for value in values)]
    return Variable({"name": name, "type": "custom", "multi": True, "includeAll": True}, options, options[:1])


def panel(number: int, x: int, y: int, w: int, h: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "type": "timeseries", "gridPos": {"x": x, "y": y, "w": w, "h": h}, **more}


def places(body: dict[str, Any], *variables: Variable) -> list[tuple[str, int, int, int, int]]:
    """Key, x, y, width and height of each panel."""
    results = placed_panels(body, variables)
    return [(each.key, each.place("x"), each.place("y"), each.place("w"), each.place("h")) for each in results]


def test_panels_beside_each_other_stay_where_they_are() -> None:
    body = {"panels": [panel(1, 0, 0, 12, 8), panel(2, 12, 0, 12, 8), panel(3, 0, 8, 24, 4)]}
    assert places(body) == [("1", 0, 0, 12, 8), ("2", 12, 0, 12, 8), ("3", 0, 8, 24, 4)]


def test_overlapping_panels_are_moved_down_and_gaps_are_closed() -> None:
    body = {"panels": [panel(1, 0, 0, 12, 8), panel(2, 6, 4, 12, 8), panel(3, 0, 40, 24, 4)]}
    assert places(body) == [("1", 0, 0, 12, 8), ("2", 6, 8, 12, 8), ("3", 0, 16, 24, 4)]


def test_a_repeated_panel_fills_rows_of_at_most_four_and_moves_those_below() -> None:
    body = {"panels": [panel(1, 0, 0, 6, 4, repeat="pod"), panel(2, 0, 4, 24, 4)]}
    assert places(body, variable("pod", "a", "b", "c", "d", "e")) == [
        ("1", 0, 0, 6, 4),
        ("1-clone-1", 6, 0, 6, 4),
        ("1-clone-2", 12, 0, 6, 4),
        ("1-clone-3", 18, 0, 6, 4),
        ("1-clone-4", 0, 4, 6, 4),
        ("2", 0, 8, 24, 4),
    ]


def test_a_panel_repeated_for_two_values_takes_half_of_the_width_each() -> None:
    assert places({"panels": [panel(1, 0, 0, 6, 4, repeat="pod")]}, variable("pod", "a", "b")) == [
        ("1", 0, 0, 12, 4),
        ("1-clone-1", 12, 0, 12, 4),
    ]


def test_a_vertical_repetition_keeps_the_width() -> None:
    body = {"panels": [panel(1, 3, 0, 6, 4, repeat="pod", repeatDirection="v")]}
    assert places(body, variable("pod", "a", "b")) == [("1", 3, 0, 6, 4), ("1-clone-1", 3, 4, 6, 4)]


def test_a_collapsed_row_is_opened_and_what_follows_moves_down() -> None:
    row = {"id": 9, "type": "row", "collapsed": True, "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}}
    body = {"panels": [{**row, "panels": [panel(1, 0, 1, 12, 8)]}, panel(2, 0, 1, 24, 4)]}
    assert places(body) == [("9", 0, 0, 24, 1), ("1", 0, 1, 12, 8), ("2", 0, 9, 24, 4)]


def test_a_row_is_repeated_with_its_panels_and_their_variable() -> None:
    row = {"id": 9, "type": "row", "repeat": "pod", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}}
    body = {"panels": [row, panel(1, 0, 1, 12, 8)]}
    results = placed_panels(body, [variable("pod", "a", "b")])
    assert [(each.key, each.place("y"), each.scoped["pod"].option.value) for each in results] == [
        ("9", 0, "a"),
        ("1", 1, "a"),
        ("9-clone-1", 9, "b"),
        ("1-clone-1", 10, "b"),
    ]


def test_rows_of_old_dashboards_become_rows_of_the_grid() -> None:
    rows = [
        {"title": "One", "showTitle": True, "height": "250px", "panels": [{"id": 1, "span": 6}, {"id": 2, "span": 6}]},
        {"title": "Two", "height": 380, "panels": [{"id": 3, "span": 12}]},
    ]
    assert places({"rows": rows}) == [
        ("row-0", 0, 0, 24, 1),
        ("1", 0, 1, 12, 7),
        ("2", 12, 1, 12, 7),
        ("row-1", 0, 8, 24, 1),
        ("3", 0, 9, 24, 10),
    ]


def test_a_library_panel_of_an_export_has_the_definition_in_the_dashboard() -> None:
    body = {
        "__elements": {"abc": {"model": {"type": "stat", "title": "Library"}}},
        "panels": [{"id": 4, "libraryPanel": {"uid": "abc"}, "gridPos": {"x": 0, "y": 0, "w": 4, "h": 4}}],
    }
    assert [(each.key, each.kind, each.body["title"]) for each in placed_panels(body, [])] == [("4", "stat", "Library")]
