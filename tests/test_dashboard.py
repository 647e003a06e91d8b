"""Definitions of dashboards: invalid arguments are reported at their position."""

from __future__ import annotations

import subprocess
import sys

import goldens
import pytest
from conftest import REPOSITORY, ProjectFolder
from finding_text import finding_text
from goldens import Golden

from obscode import Annotation, Dashboard, Link, Project, Row
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError
from obscode.model.argument_types import problems
from obscode.model.dashboard import Override, Query
from obscode.model.dashboard.units import UNITS, validate_unit
from obscode.model.panels import Logs, Raw, Stat, Table, Text, TimeSeries
from obscode.model.panels.raw import plain_json

CASES = goldens.goldens("grafana/problems")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_an_invalid_dashboard_is_reported(
    case: Golden, project_folder: ProjectFolder, request: pytest.FixtureRequest
) -> None:
    project_folder.write(case=case.source)

    message = project_folder.run("build")

    text = f"exit {message.exit}\n{message.err}".rstrip("\n")
    goldens.check(case, text, request.config)


def test_a_project_name_that_is_no_folder_is_reported() -> None:
    project = Project("general")

    with pytest.raises(DefinitionError) as wrong:
        compile(Definitions(project, dashboards=[Dashboard("D")]))
    assert finding_text(wrong.value.findings) == (
        "error[folder-name]: folder 'general' is reserved by Grafana for dashboards without a folder\n"
        "  hint: choose another name"
    )


def test_an_unknown_format_is_reported() -> None:
    project = Project("team", dashboard_formats=["clasic", "v3"])  # type: ignore[list-item]

    assert finding_text(problems(project)) == (
        "error[argument-type]: 'clasic' is not 'classic', 'configmap', 'operator', 'resource', 'v2' or 'export'\n"
        "  hint: did you mean 'classic'?\n"
        "error[argument-type]: 'v3' is not 'classic', 'configmap', 'operator', 'resource', 'v2' or 'export'\n"
        "  hint: did you mean 'v2'?"
    )


def test_a_query_takes_the_legend_of_its_panel_unless_it_has_one() -> None:
    panel = TimeSeries("T", ["a", Query("b", legend="B")], legend="{{job}}")

    assert [(query.expr, query.legend) for query in panel.all_queries()] == [("a", "{{job}}"), ("b", "B")]


def test_logs_have_no_promql_queries() -> None:
    assert Logs("L", ['{job="a"}', '{job="b"}']).all_queries() == ()


def test_all_links_include_panel_data_and_overrides() -> None:
    one, two, three = (Link(name, "/d/a") for name in ("one", "two", "three"))
    panel = Table("T", "up", links=[one], data_links=[two], overrides=[Override("a", links=[three])])

    assert panel.all_links() == (one, two, three)


def test_rows_of_equal_panels_are_equal() -> None:
    assert Row("R", Stat("S", "up")) == Row("R", Stat("S", "up"))
    assert Row("R", Stat("S", "up")) != Row("R", Stat("S", "down"))


def test_walking_a_dashboard_reaches_all_definitions() -> None:
    dashboard = Dashboard("D", [Row("R", Text("", "x"))], links=[Link("L", "/")], annotations=[Annotation("A", "up")])

    assert [type(part).__name__ for part in dashboard.walk()] == ["Dashboard", "Row", "Text", "Annotation", "Link"]


def test_grafana_knows_273_units() -> None:
    assert len(UNITS) == 273
    assert [unit for unit in UNITS if validate_unit(unit)] == []


@pytest.mark.parametrize("unit", ["", "suffix:req", "prefix:~", "time:YYYY", "si:mF", "count:req", "currency:CHF"])
def test_custom_units_are_accepted(unit: str) -> None:
    assert validate_unit(unit) is None


def test_a_raw_panel_reads_title_size_and_repeat_from_its_json() -> None:
    raw = Raw({"type": "text", "title": "T", "gridPos": {"w": 5, "h": 6}, "repeat": "job", "repeatDirection": "v"})

    assert (raw.title, raw.width, raw.height, raw.repeat, raw.repeat_direction) == ("T", 5, 6, "job", "vertical")


def test_definitions_of_dashboards_import_no_slow_module() -> None:
    program = "import sys, obscode.model.dashboard; print(*sorted({n.partition('.')[0] for n in sys.modules}))"
    message = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=REPOSITORY
    )

    assert {"attr", "grafanalib", "json", "promql_parser", "rich", "yaml"} & set(message.stdout.split()) == set()


def test_objects_inside_json_become_json() -> None:
    class Inside:
        def to_json_data(self) -> dict[str, object]:
            return {"more": (1, self)} if not hasattr(self, "reached") else {}

    inside = Inside()
    inside.reached = True  # type: ignore[attr-defined]  # so that it ends
    assert plain_json({"list": [inside, 1], 2: "two"}) == {"list": [{}, 1], "2": "two"}
