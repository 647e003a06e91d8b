"""Every limit of a dashboard: the last accepted value, and the first that is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from grafana_cases import Json, artifacts

from obscode import Dashboard, Row
from obscode.checks import configmap_size as check
from obscode.checks import lint
from obscode.compiler.grafana.layout import place
from obscode.compiler.inference.descriptions import describe
from obscode.compiler.inference.series import SeriesCatalog
from obscode.compiler.kubernetes.dashboard_objects import PLAIN, config_map
from obscode.compiler.kubernetes.operator_object import annotations_size
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import Override
from obscode.model.dashboard.panel_ids import ids
from obscode.model.metrics import Gauge
from obscode.model.panels import AlertList, DashboardList, Histogram, Stat, TimeSeries
from obscode.reader.dashboards import classic, document
from obscode.reader.dashboards.json_cursor import Node

PANEL = {"title": "T", "queries": "up"}
DASHBOARD = {"title": "D"}

# Definition, its other arguments, the argument with a limit, the last accepted value, the first rejected one, the code.
LIMITS: list[tuple[type[ConstrainedDefinition], dict[str, Any], str, Any, Any, str]] = [
    (Dashboard, DASHBOARD, "uid", "u" * 40, "u" * 41, "dashboard-uid"),
    (Dashboard, DASHBOARD, "folder", "f" * 100, "f" * 101, "dashboard-folder"),
    (TimeSeries, PANEL, "width", 24, 25, "panel-width"),
    (TimeSeries, PANEL, "width", 0, -1, "panel-width"),
    (TimeSeries, PANEL, "height", 100, 101, "panel-height"),
    (TimeSeries, PANEL, "decimals", 15, 16, "panel-decimals"),
    (TimeSeries, PANEL, "decimals", 0, -1, "panel-decimals"),
    (TimeSeries, PANEL, "fill", 100, 101, "panel-fill"),
    (TimeSeries, PANEL, "line_width", 10, 11, "panel-line-width"),
    (Histogram, PANEL, "bucket_count", 2, 1, "panel-bucket-count"),
    (Histogram, PANEL, "bucket_count", 1000, 1001, "panel-bucket-count"),
    (AlertList, {"title": "T"}, "limit", 1, 0, "panel-limit"),
    (AlertList, {"title": "T"}, "limit", 1000, 1001, "panel-limit"),
    (DashboardList, {"title": "T"}, "limit", 1000, 1001, "panel-limit"),
    (Override, {"name": "up"}, "width", 1, 0, "override-width"),
    (Override, {"name": "up"}, "width", 10_000, 10_001, "override-width"),
    (Override, {"name": "up"}, "fill", 100, 101, "override-fill"),
    (Override, {"name": "up"}, "line_width", 10, 11, "override-line-width"),
    (Override, {"name": "up"}, "decimals", 15, 16, "override-decimals"),
]


@pytest.mark.parametrize(
    ("kind", "others", "argument", "accepted", "rejected", "code"),
    LIMITS,
    ids=[f"{kind.__name__} {argument} {str(rejected)[:9]}" for kind, _, argument, _, rejected, _ in LIMITS],
)
def test_an_argument_is_accepted_up_to_its_limit(
    kind: type[ConstrainedDefinition], others: dict[str, Any], argument: str, accepted: Any, rejected: Any, code: str
) -> None:
    assert [finding.code.name for finding in kind(**others, **{argument: accepted}).problems()] == []
    assert [finding.code.name for finding in kind(**others, **{argument: rejected}).problems()] == [code]


# --- the grid ----------------------------------------------------------------------------------------------------


def positions(*widths: int) -> list[tuple[int, int]]:
    """The columns and rows at which panels of some widths start."""
    row = Row("", *(Stat(f"S{n}", "up", width=width, height=4) for n, width in enumerate(widths)))
    return [(placed.grid.x, placed.grid.y) for placed in place([row], ids([row]))]


def test_panels_of_24_columns_share_a_line() -> None:
    assert positions(12, 12) == [(0, 0), (12, 0)]
    assert positions(*[1] * 24)[-1] == (23, 0)


def test_a_panel_that_needs_a_25th_column_starts_a_line() -> None:
    assert positions(12, 13) == [(0, 0), (0, 4)]
    assert positions(*[1] * 25)[-1] == (0, 4)


# --- ids ---------------------------------------------------------------------------------------------------------


def test_ids_have_at_most_nine_digits_or_are_a_billion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("obscode.model.dashboard.panel_ids.sha256", lambda key: _Digest(10**9 - 1))
    (row,) = ids([Row("R")])
    assert row.row == 10**9

    monkeypatch.setattr("obscode.model.dashboard.panel_ids.sha256", lambda key: _Digest(10**9))
    (row,) = ids([Row("R")])
    assert row.row == 1


def test_after_the_greatest_id_the_search_for_a_free_one_starts_at_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("obscode.model.dashboard.panel_ids.sha256", lambda key: _Digest(10**9 - 1))

    (row,) = ids([Row("R", Stat("S", "up"))])

    assert sorted([row.row, *row.panels]) == [1, 10**9]


class _Digest:
    """A hash with a given number in its first eight bytes."""

    def __init__(self, number: int) -> None:
        self.number = number

    def digest(self) -> bytes:
        return self.number.to_bytes(8, "big")


# --- sizes -------------------------------------------------------------------------------------------------------


def test_a_config_map_is_reported_from_one_byte_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = artifacts(Dashboard("D", [Row("R", Stat("S", "up", unit="s"))]), dashboard_formats=["configmap"])

    def messages(limit: int) -> list[str]:
        monkeypatch.setattr(check, "ANNOTATIONS_LIMIT", limit)
        return [finding.message for finding in lint(compiled, [check.configmap_size])]

    (message,) = messages(0)
    size = int(message.partition(" takes ")[2].partition(" bytes")[0].replace(",", ""))
    assert messages(size) == []
    assert len(messages(size - 1)) == 1


def test_the_size_of_a_config_map_is_that_of_the_annotations_after_kubectl_apply() -> None:
    (dashboard,) = artifacts(Dashboard("D", [Row("R", Stat("S & T", "up < 1"))], folder="Shop")).dashboards
    # kubectl stores what Go's encoder writes, with a line break.
    applied = json.dumps(config_map(dashboard, PLAIN), ensure_ascii=False, separators=(",", ":"))
    for character in "<>&":
        applied = applied.replace(character, f"\\u{ord(character):04x}")
    annotations = {
        "grafana_folder": "Shop",
        "kubectl.kubernetes.io/last-applied-configuration": f"{applied}\n",
    }
    size = sum(len(text) for annotation in annotations.items() for text in annotation)
    assert annotations_size(config_map(dashboard, PLAIN)) == size


def test_an_inferred_description_has_at_most_300_characters() -> None:
    start = "Average of `depth`. "
    for length, expected in [(300 - len(start), 300), (301 - len(start), len("Average of `depth`."))]:
        known = SeriesCatalog.of([Gauge("depth", help="h" * (length - 1) + ".")])
        assert len(describe("avg(depth)", known)) == expected


# --- the depth of files ------------------------------------------------------------------------------------------


def nested_rows(depth: int) -> Json:
    """A panel inside rows inside rows."""
    inner: Json = {"type": "stat", "title": "S", "targets": []}
    for _ in range(depth):
        inner = {"type": "row", "title": "R", "collapsed": True, "panels": [inner]}
    return {"title": "D", "panels": [inner]}


@pytest.mark.parametrize(("depth", "count"), [(4, 1), (5, 0)])
def test_rows_inside_rows_are_read_to_a_depth_of_4(depth: int, count: int) -> None:
    assert len(classic.dashboard(Node(nested_rows(depth)), "classic").panels) == count


@pytest.mark.parametrize(("depth", "count"), [(4, 1), (5, 0)])
def test_lists_inside_lists_are_read_to_a_depth_of_4(depth: int, count: int) -> None:
    text = "[" * depth + '{"title": "D", "panels": []}' + "]" * depth
    assert len(document.read(text).dashboards) == count


def nested_tabs(depth: int) -> str:
    """An element inside tabs inside tabs, in Grafana's v2."""
    item = {"kind": "GridLayoutItem", "spec": {"element": {"kind": "ElementReference", "name": "p"}}}
    layout: Json = {"kind": "GridLayout", "spec": {"items": [item]}}
    for _ in range(depth):
        layout = {"kind": "TabsLayout", "spec": {"tabs": [{"kind": "TabsLayoutTab", "spec": {"layout": layout}}]}}
    spec = {"title": "D", "layout": layout, "elements": {"p": {"kind": "Panel", "spec": {}}}}
    return json.dumps({"apiVersion": "dashboard.grafana.app/v2", "kind": "Dashboard", "spec": spec})


@pytest.mark.parametrize(("depth", "references"), [(8, 1), (9, 0)])
def test_tabs_inside_tabs_are_read_to_a_depth_of_8(depth: int, references: int) -> None:
    (dashboard,) = map(document.model_of, document.read(nested_tabs(depth)).dashboards)
    assert len(dashboard.references) == references
