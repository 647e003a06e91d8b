"""Alerts on a number of events that wait longer than the events are counted: a note."""

from __future__ import annotations

from pathlib import Path

import pytest

from obscode.project.check_files import check_files


def notes(tmp_path: Path, expr: str, wait: str) -> list[str]:
    rules = f"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: '{expr}'\n    for: {wait}\n"
    (tmp_path / "rules.yml").write_text(rules)
    findings = check_files([tmp_path], notes=True).findings
    return [f"{f.span} {f.severity}: {f.message}" for f in findings if f.code.name == "for-beyond-window"]


@pytest.mark.parametrize(
    "expr", ["increase(x[10m]) > 3", "sum by (job) (increase(x[10m])) >= 1", "changes(x[5m]) + resets(y[10m]) != 0"]
)
def test_a_wait_beyond_the_window_is_a_note(expr: str, tmp_path: Path) -> None:
    (note,) = notes(tmp_path, expr, "10m1s")
    assert note.endswith("rules.yml:6:10 note: alert A waits for 10m1s, but counts the events of the last 10m")
    assert notes(tmp_path, expr, "10m") == []


@pytest.mark.parametrize(
    "expr",
    [
        "increase(x[10m]) < 3",
        "rate(x[10m]) > 3",
        "increase(x[10m]) / y > 3",
        "increase(x[10m]) > y",
        "increase(x[10m:1m]) > 3",
        "up == 0 and increase(x[10m]) > 3",
        "hour() > 3",
    ],
)
def test_other_conditions_are_accepted(expr: str, tmp_path: Path) -> None:
    assert notes(tmp_path, expr, "1h") == []
