"""Dashboards inside Kubernetes' YAML are checked, and findings have positions in the YAML."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from obscode.project.lint_files import lint_files
from obscode.reader.dashboards.kubernetes_manifests import dashboard_texts
from obscode.reader.yaml_source import parse_yaml

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
    "kind: ConfigMap\ndata:\n  a.json: '{'\n": "this is no JSON",
}


@pytest.mark.parametrize(("text", "message"), NONE.items(), ids=NONE.values())
def test_what_is_no_dashboard_is_reported(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(dedent(text))
    (finding,) = lint_files([tmp_path / "a.yml"])
    assert message in finding.message
    assert finding.severity == "error"
    assert finding.span
