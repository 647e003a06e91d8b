"""Every kind of panel in the form of Grafana 13, next to its definition."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import goldens
import pytest
from conftest import REPOSITORY
from goldens import Golden
from grafana_cases import PROMETHEUS, artifacts, difference, panel_of, panels_of, read, rendered, telling, written
from grafanalib import core

from obscode import Annotation, Dashboard, Row, Service, variables
from obscode.compiler import Definitions, compile
from obscode.compiler.grafana.complete import ORDER
from obscode.compiler.grafana.panels import writers
from obscode.compiler.grafana.panels.other_types import OTHER_OPTIONS
from obscode.findings.errors import DefinitionError
from obscode.model.dashboard.query import Query
from obscode.model.panels import Heatmap, Logs, Raw, Stat, Table, TimeSeries
from obscode.model.panels.kinds import KINDS, OTHER_KINDS
from obscode.model.project import Project
from obscode.model.scrape import ScrapeJob
from obscode.renderers import render

CASES = [case for folder in ("panels", "legacy") for case in goldens.goldens(f"grafana/{folder}")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_panel_is_written(case: Golden, request: pytest.FixtureRequest) -> None:
    """Goldens of features show the difference to a plain panel."""
    panel = read(case.source)

    displayed = telling(panel_of(panel))
    if case.file.stem == "features":
        displayed = difference(displayed, telling(panel_of(type(panel)("T", "up"))))
    text = written(displayed)
    goldens.check(case, text, request.config)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_keys_have_a_fixed_order(case: Golden) -> None:
    keys = list(panel_of(read(case.source)))

    assert keys == [key for key in ORDER if key in keys]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_null_is_written_only_where_it_has_a_meaning(case: Golden) -> None:
    panel = panel_of(read(case.source))

    assert set(nulls(panel, "")) <= {".steps.value", ".options.to"}


def nulls(value: object, path: str) -> list[str]:
    """The last two keys of the path to each null."""
    if isinstance(value, dict):
        return [matches for key, item in value.items() for matches in nulls(item, f"{path}.{key}")]
    if isinstance(value, list):
        return [matches for item in value for matches in nulls(item, path)]
    return ["." + ".".join(path.split(".")[-2:])] if value is None else []


@pytest.mark.parametrize("case", [case for case in CASES if "datasource=" not in case.source], ids=lambda case: case.id)
def test_the_prometheus_datasource_is_the_variable_by_default(case: Golden) -> None:
    panel = panel_of(read(case.source))

    sources = [part["datasource"] for part in (panel, *panel.get("targets", ())) if "datasource" in part]
    assert [source for source in sources if source.get("type") == "prometheus" and source != PROMETHEUS] == []
    assert all("datasource" in target for target in panel.get("targets", ()))


def test_the_area_below_the_first_threshold_is_transparent() -> None:
    panel = panel_of(
        read('panels.TimeSeries("T", "up", thresholds=[panels.Threshold(1)], threshold_style="line+area")')
    )

    assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0] == {"color": "transparent", "value": None}


def test_queries_beyond_z_have_refs_of_two_letters() -> None:
    panel = panel_of(TimeSeries("T", [f"up{n}" for n in range(28)]))

    assert [target["refId"] for target in panel["targets"]][24:] == ["Y", "Z", "AA", "AB"]


# --- the interval of the scrapes ---------------------------------------------------------------------------------


def steps_of(interval: str, *panels: TimeSeries | Stat | Logs) -> list[tuple[str | None, str | None]]:
    """The steps of panels and of their queries, for a scrape interval of the service."""
    scrape = ScrapeJob(["localhost:80"], interval=interval)
    service = Service("shop", scrape=scrape, dashboard=[Row("", *panels)])
    files = render(compile(Definitions(Project("team", scrape_interval="15s"), services=[service])))
    (text,) = (file.text for file in files if file.path == "grafana/dashboards/team/shop.json")
    return [(p.get("interval"), p["targets"][0].get("interval")) for p in json.loads(text)["panels"]]


def test_panels_of_a_service_with_the_projects_interval_have_no_step() -> None:
    assert steps_of("", TimeSeries("T", "up")) == [(None, None)]
    assert steps_of("15s", TimeSeries("T", "up")) == [(None, None)]


def test_a_longer_scrape_interval_is_the_step_of_panel_and_query() -> None:
    """`$__rate_interval` is four times the step of the query, not of the panel."""
    assert steps_of("1m", TimeSeries("T", "up"), Stat("S", "up")) == [("1m", "1m"), ("1m", "1m")]


def test_a_panel_keeps_its_own_step() -> None:
    assert steps_of("1m", TimeSeries("T", "up", interval="5m")) == [("5m", "5m")]


@pytest.mark.parametrize(
    ("own", "ids"),
    [
        (["calculateField"], ["merge", "calculateField", "filterFieldsByName", "organize"]),
        (["filterByRefId", "sortBy"], ["filterByRefId", "merge", "sortBy", "filterFieldsByName", "organize"]),
        (["limit", "joinByField"], ["limit", "joinByField", "merge", "filterFieldsByName", "organize"]),
        ([], ["merge", "filterFieldsByName", "organize"]),
    ],
    ids=str,
)
def test_transformations_of_a_table_read_the_joined_queries_unless_they_are_about_single_queries(
    own: list[str], ids: list[str]
) -> None:
    table = Table("T", ["up", "up"], columns={"Total": "Sum"}, transformations=[{"id": each} for each in own])

    assert [each["id"] for each in panel_of(table)["transformations"]] == ids


def test_transformations_of_a_table_with_one_query_come_before_its_columns() -> None:
    table = Table("T", "up", columns={"Total": "Sum"}, transformations=[{"id": "calculateField"}])

    assert [each["id"] for each in panel_of(table)["transformations"]] == [
        "calculateField",
        "filterFieldsByName",
        "organize",
    ]


def test_logs_have_no_step() -> None:
    assert steps_of("1m", Logs("L", '{job="shop"}')) == [(None, None)]


# --- objects of grafanalib ---------------------------------------------------------------------------------------


def test_heatmaps_of_grafanalib_share_no_state() -> None:
    """grafanalib 0.7.1 writes extraJson into defaults that all heatmaps share."""
    loud = core.Heatmap(title="loud", extraJson={"legend": {"show": True}})

    assert panel_of(loud)["options"]["legend"] == {"show": True}
    assert panel_of(core.Heatmap(title="quiet"))["options"]["legend"] == {"show": False}


def test_grafanalib_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    panel_of(core.PieChart(title="P"))

    assert capsys.readouterr() == ("", "")


def test_an_object_of_grafanalib_keeps_its_size() -> None:
    (panel,) = rendered(Dashboard("D", [Row("", core.Text(title="T", gridPos=core.GridPos(h=5, w=7, x=3, y=9)))]))[
        "panels"
    ]

    assert panel["gridPos"] == {"x": 0, "y": 0, "w": 7, "h": 5}


def test_promql_queries_of_raw_panels_are_checked() -> None:
    raw = Raw(
        {
            "type": "timeseries",
            "targets": [
                {"expr": "sum(up"},
                {"expr": "{a=1}", "datasource": {"type": "loki", "uid": "l"}},
                {"rawSql": "select 1"},
            ],
        }
    )
    (dashboard,) = artifacts(Dashboard("D", [Row("R", raw)])).dashboards

    assert [query.expr for panel in dashboard.panels() for query in panel.all_queries()] == ["sum(up"]


def test_json_that_is_no_panel_is_reported() -> None:
    raw = Raw({"type": "gauge", "title": "G", "fieldConfig": {"defaults": 5}})

    with pytest.raises(DefinitionError) as reported:
        panel_of(raw)
    assert "panel 'G' does not have the form of a panel of type 'gauge'" in str(reported.value)


def test_raw_panels_cannot_be_changed_afterwards() -> None:
    json_of_it = {"type": "text", "options": {"content": "before"}}
    raw = Raw(json_of_it)
    json_of_it["options"]["content"] = "after"  # type: ignore[index]  # what the user does to a plain dict

    assert panel_of(raw)["options"]["content"] == "before"


def test_one_module_imports_grafanalib() -> None:
    sources = (REPOSITORY / "obscode").rglob("*.py")
    importing = [path.name for path in sources if re.search(r"^\s*(from|import) grafanalib", path.read_text(), re.M)]

    assert importing == ["grafanalib_panel.py"]


def test_every_folder_of_goldens_is_read() -> None:
    folders = sorted(folder.name for folder in (goldens.FOLDER / "grafana").iterdir())

    assert folders == ["dashboards", "legacy", "panels", "problems", "v2"]


def test_folded_rows_contain_their_panels_and_open_rows_none() -> None:
    dashboard = rendered(Dashboard("D", [Row("A", Heatmap("H", "h")), Row("B", Stat("S", "s"), collapsed=True)]))

    assert [(p["type"], len(p.get("panels", []))) for p in dashboard["panels"]] == [
        ("row", 0),
        ("heatmap", 0),
        ("row", 1),
    ]
    assert [p["type"] for p in panels_of(dashboard)] == ["row", "heatmap", "row", "stat"]


# --- kinds of panels ---------------------------------------------------------------------------------------------


def test_each_kind_of_panel_has_a_writer_in_the_module_of_the_same_name() -> None:
    definitions, writers_ = (REPOSITORY / "obscode" / path for path in ("model/panels", "compiler/grafana/panels"))
    names = {path.stem for path in definitions.glob("[!_]*.py")} - {"kinds", "raw"}

    assert {path.stem for path in writers_.glob("[!_]*.py")} - {"other_types"} == names
    assert {kind.__module__.rpartition(".")[2] for kind in writers()} == names
    for kind, writer in writers().items():
        assert writer.write.__module__.rpartition(".")[2] == kind.__module__.rpartition(".")[2]


def test_a_panel_type_has_one_record() -> None:
    types = [writer.definition.kind.type for writer in writers().values()]

    assert {*types}.isdisjoint(kind.type for kind in OTHER_KINDS)
    assert {*types}.isdisjoint(OTHER_OPTIONS)
    assert {*OTHER_OPTIONS} <= {*KINDS}


def test_a_project_without_dashboards_does_not_import_grafanalib() -> None:
    program = (
        "import sys; from obscode import Definitions, Project, compile, render; "
        "render(compile(Definitions(Project('team')))); print('grafanalib' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=REPOSITORY)

    assert result.stdout == "False\n"


# --- the source of a compiled dashboard --------------------------------------------------------------------------


def test_a_path_in_the_json_leads_to_the_definition_and_its_argument() -> None:
    query, variable = Query("sum(up)"), variables.Query("job", "label_values(up, job)")
    stat, folded, raw = Stat("S", "up"), TimeSeries("T", [query, "up"]), Raw({"type": "text", "title": "X"})
    annotation, row = Annotation("A", "up > 0"), Row("Folded", folded, collapsed=True)
    first = Row("", stat, raw)
    dashboard = Dashboard("D", [first, row], variables=[variable], annotations=[annotation])
    (compiled,) = artifacts(dashboard).dashboards
    definition = compiled.definition
    assert definition is not None
    (displayed, _), (inner,) = definition.rows[0].panels, definition.rows[1].panels

    located: dict[tuple[str | int, ...], tuple[object, str]] = {
        ("panels", 0, "targets", 0, "expr"): (displayed, "queries"),
        ("panels", 0, "fieldConfig", "defaults", "unit"): (displayed, "unit"),
        ("panels", 0, "fieldConfig", "defaults", "thresholds", "steps", 1): (displayed, "thresholds"),
        ("panels", 1, "title"): (raw, "title"),
        ("panels", 2, "repeat"): (definition.rows[1], "repeat"),
        ("panels", 2, "panels", 0, "title"): (inner, "title"),
        ("panels", 2, "panels", 0, "targets", 0, "expr"): (query, "expr"),
        ("panels", 2, "panels", 0, "targets", 1, "legendFormat"): (inner, "legend"),
        ("templating", "list", 0): (definition, ""),
        ("templating", "list", 1, "query"): (variable, ""),
        ("annotations", "list", 0, "expr"): (annotation, "expr"),
        ("refresh",): (definition, ""),
    }
    assert {path: compiled.source.locate(path) for path in located} == located
