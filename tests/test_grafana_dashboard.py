"""Dashboards in Grafana's classic JSON model: variables, annotations and links, and deterministic output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import goldens
import pytest
from conftest import REPOSITORY
from goldens import Golden
from grafana_cases import artifacts, body, dashboard_of, difference, panels_of, read, rendered, rows, written
from hypothesis import given
from hypothesis import strategies as st

from obscode import Annotation, Dashboard, Row
from obscode.artifacts.json_text import json_text
from obscode.model import naming
from obscode.model.dashboard.variable import RESERVED
from obscode.model.panels import Stat
from obscode.renderers import render

CASES = goldens.goldens("grafana/dashboards")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_dashboard_is_written(case: Golden, request: pytest.FixtureRequest) -> None:
    """Goldens show the difference to a plain dashboard, without panels."""
    displayed = difference(rendered(read(case.source)), rendered(Dashboard("D")))
    text = written({key: value for key, value in displayed.items() if key != "panels"})

    goldens.check(case, text, request.config)


def test_a_plain_dashboard() -> None:
    assert rendered(Dashboard("Shop")) == {
        "uid": "shop",
        "title": "Shop",
        "description": "Written by obscode.",
        "tags": ["obscode"],
        "schemaVersion": 42,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": []},
        "annotations": {"list": []},
        "links": [],
        "panels": [],
    }


def test_names_of_datasource_variables_are_reserved() -> None:
    assert (naming.DATASOURCE_VARIABLE, naming.LOKI_VARIABLE) == RESERVED


def test_labels_of_firing_alerts_are_regular_expressions_and_escaped() -> None:
    alerts = Annotation.firing_alerts({"service": "$service", "path": r'/a\d"b"'})

    assert alerts.expr == r'ALERTS{alertstate="firing",service=~"$service",path=~"/a\\d\"b\""}'


@given(rows())
def test_only_the_base_of_thresholds_is_null(given_rows: list[Row]) -> None:
    written_out = dashboard_of(given_rows).text

    assert written_out.count("null") == written_out.count('"value": null')
    assert '"null"' not in written_out


@given(rows(), st.sampled_from(["", "1m"]))
def test_the_same_rows_give_the_same_text(given_rows: list[Row], interval: str) -> None:
    first, second = (dashboard_of(given_rows, ["a.py"], interval) for _ in range(2))

    assert first.text == second.text


@given(rows())
def test_the_text_parses_to_the_body(given_rows: list[Row]) -> None:
    dashboard = body(given_rows)

    assert json.loads(json_text(dashboard)) == dashboard
    assert len(list(panels_of(dashboard))) == sum(len(row.panels) + bool(row.title) for row in given_rows)


def test_the_output_does_not_depend_on_the_order_of_dashboards() -> None:
    one, other = Dashboard("One", [Row("R", Stat("S", "up"))]), Dashboard("Other", tags=["b", "a"])

    assert render(artifacts(one, other)) == render(artifacts(other, one))


def test_the_output_does_not_depend_on_the_hash_seed_or_the_folder(tmp_path: Path) -> None:
    (tmp_path / "definitions").mkdir()
    every_kind = "\n".join(
        f"        {case.source}," for case in goldens.goldens("grafana/panels") if "\n" not in case.source
    )
    source = (
        "from obscode import *\n\nproject = Project('team')\n"
        f"every = Dashboard('Every', [Row('Kinds',\n{every_kind}\n)], tags=['b', 'a', 'c'])\n"
    )
    (tmp_path / "definitions" / "project.py").write_text(source)
    program = "import sys, hashlib; from pathlib import Path; from obscode.project.pipeline import compile_folder; " + (
        "print(hashlib.sha256(repr(compile_folder(Path(sys.argv[1])).files).encode()).hexdigest())"
    )

    def digest(seed: str, folder: str, definitions: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)}
        command = [sys.executable, "-c", program, definitions]
        return subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True, text=True).stdout

    there = str(tmp_path / "definitions")
    digests = {digest("0", str(tmp_path), "definitions"), digest("1", "/", there), digest("4711", "/", there)}
    assert len(digests) == 1
