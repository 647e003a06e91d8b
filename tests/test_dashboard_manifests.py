"""Dashboards inside Kubernetes' YAML are checked, and findings have positions in the YAML."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from grafana_cases import artifacts

import obscode
from obscode import Dashboard, Row
from obscode.findings.errors import LoadError
from obscode.model.panels import Stat
from obscode.project.lint_files import lint_files
from obscode.reader.dashboards.document import model_of
from obscode.reader.dashboards.kubernetes_manifests import dashboard_texts
from obscode.reader.yaml_parser import parse_yaml

STAT = '{"id": 1, "type": "stat", "title": "T", "targets": [{"refId": "A", "expr": "up{"}]}'
DASHBOARD = f'{{"title": "D", "editable": false, "panels": [{STAT}]}}'
BLOCK = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: d}
data:
  d.json: |-
    {
      "title": "D",
      "editable": false,
      "panels": [
        {"id": 1, "type": "stat", "title": "T",
         "targets": [{"refId": "A", "expr": "up{"}]}
      ]
    }
  other.txt: nothing
"""

# A file, and the lines of the finding that its query does not parse.
FILES = {
    "a block": (BLOCK, [11]),
    "two documents": (f"{BLOCK}---\n{BLOCK}", [11, 26]),
    "a text on one line": (f"kind: ConfigMap\ndata:\n  a.json: '{DASHBOARD}'\n", [3]),
    "of grafana-operator": (f"kind: GrafanaDashboard\nspec:\n  json: >-\n    {DASHBOARD}\n", [4]),
    "a list": (
        f"kind: ConfigMapList\nitems:\n- kind: ConfigMap\n  data:\n    a.json: |\n      {DASHBOARD}\n- kind: Secret\n",
        [6],
    ),
}


@pytest.mark.parametrize(("text", "lines"), FILES.values(), ids=FILES)
def test_a_dashboard_in_yaml_is_reported_at_its_line(text: str, lines: list[int], tmp_path: Path) -> None:
    file = tmp_path / "dashboards.yaml"
    file.write_text(text)
    result = [finding for finding in lint_files([file]) if finding.code.name == "target-promql-rule"]
    assert [finding.span.line for finding in result if finding.span] == lines
    assert all("up{" in str(finding) for finding in result)


def test_the_column_is_that_of_the_file() -> None:
    (text,) = dashboard_texts(parse_yaml(BLOCK).documents)
    assert text.split("\n")[10] == BLOCK.split("\n")[10]


NONE = {
    "kind: Service\nspec: {}\n": "the file contains no dashboard",
    "": "the file contains no dashboard",
    "- 1\n- kind: ConfigMap\n  data: [a.json]\n": "the file contains no dashboard",
    "kind: ConfigMap\ndata: {\n": "invalid YAML",
    "a: *b\n": "invalid YAML",
    "kind: ConfigMap\ndata:\n  a.json: '{'\n": "invalid JSON",
}


@pytest.mark.parametrize(("text", "message"), NONE.items(), ids=NONE.values())
def test_files_without_a_dashboard_are_reported(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(dedent(text))
    (finding,) = lint_files([tmp_path / "a.yml"])
    assert message in finding.message
    assert finding.severity == "error"
    assert finding.span


# --- dashboards as artifacts -------------------------------------------------------------------------------------


def test_a_dashboard_in_a_file_is_a_value_as_definitions_compile_to(tmp_path: Path) -> None:
    compiled = artifacts(Dashboard("D", [Row("R", Stat("S", "up", unit="s"))])).dashboards[0]
    (tmp_path / "d.json").write_text(compiled.text)
    (dashboard,) = obscode.read([tmp_path]).dashboards
    assert (dashboard.uid, dashboard.title, dashboard.body) == (compiled.uid, compiled.title, compiled.body)
    assert (dashboard.definition, dashboard.form) == (None, "classic")
    assert model_of(dashboard) == model_of(compiled)


RESOURCE = """\
{"apiVersion": "dashboard.grafana.app/v1", "kind": "Dashboard",
 "metadata": {"name": "shop", "annotations": {"grafana.app/folder": "Team"}},
 "spec": {"title": "Shop", "panels": [
   {"title": "Up"}]}}
"""


def test_a_resource_has_its_uid_and_its_folder_in_the_metadata(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(RESOURCE)
    (dashboard,) = obscode.read([tmp_path]).dashboards
    assert (dashboard.uid, dashboard.title, dashboard.folder, dashboard.form) == ("shop", "Shop", "Team", "v1")


@pytest.mark.parametrize(
    ("text", "name", "title", "panel"),
    [(RESOURCE, "d.json", "3:20", "4:14"), (BLOCK, "d.yaml", "7:16", "10:44")],
    ids=["json", "yaml"],
)
def test_the_source_of_a_dashboard_locates_its_values(
    text: str, name: str, title: str, panel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text)
    (dashboard,) = obscode.read([name]).dashboards
    source, part = dashboard.source.locate(("panels", 0, "title"))
    assert [str(dashboard.source.span("title")), str(source.span(part))] == [f"{name}:{title}", f"{name}:{panel}"]
    assert str(dashboard.source.span("none")) == str(dashboard.source.span())
    assert dashboard.source.file == name


def test_dashboards_that_were_read_have_the_findings_of_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.yaml").write_text(BLOCK)
    expected = [str(finding) for finding in obscode.lint(["d.yaml"])]
    assert any("target-promql-rule" in message for message in expected)
    assert [str(finding) for finding in obscode.lint(obscode.read(["d.yaml"]))] == expected


def test_a_comment_in_yaml_ignores_findings_in_a_dashboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    comment = "  # obscode: ignore[target-promql-rule]: a template fills it in\n"
    Path("d.yaml").write_text(BLOCK.replace("  d.json", f"{comment}  d.json"))
    assert [finding for finding in obscode.lint(["d.yaml"]) if finding.code.name == "target-promql-rule"] == []


def test_a_missing_path_is_not_read_as_empty(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"none\.json does not exist"):
        obscode.read([tmp_path, tmp_path / "none.json"])
