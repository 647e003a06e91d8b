"""Conditions that are always or never true: what is reported of ratios of recorded series, and the hints."""

from __future__ import annotations

from pathlib import Path

import pytest

from obscode.project.check_files import check_files

HINTS = {
    'count(up{job="a"} == 1) == 0': 'the count of no series is empty, not 0: write absent(up{job="a"} == 1)',
    "count by (job) (up) < 1": "the count of no series is empty, not 0: write absent(up)",
    "0 == group(up)": "the count of no series is empty, not 0: write absent(up)",
    "avg(up) > 5": "write 0.05 for 5 %",
    "avg(up) > 1.5": "compare with a value from 0 to 1",
    "avg(up) > 200": "compare with a value from 0 to 1",
    "100 * sum(rate(x{a='b'}[5m])) / sum(rate(x[5m])) > 101": "compare with a percentage up to 100",
    "rate(x[5m]) < 0": "compare with a value above 0",
    "clamp_max(x, 3) > 4": "compare with a value below 3",
    "day_of_week() == 7": "compare with a value from 0 to 6",
    "x > x": "compare different expressions",
    "x * 0 > 1": "compare with a value that occurs",
    "100 * sum(rate(x{a='b'}[5m])) / sum(rate(x[5m])) < 0.95": "write 95 for 95 %",
    "0.5 >= sum(rate(x{a='b'}[5m])) * 100 / sum(rate(x[5m]))": "write 50 for 50 %",
    "x > 5 and x < 3": "correct one of them, or write or",
    "x > 5 or x <= 5": "correct one of them, or write and",
    "rate(x[5m]) >= 2 or rate(x[5m]) < 3": "correct one of them, or write and",
}

CONDITIONS_THAT_CHANGE = (
    "x > 5 or x < 5",
    "x > 5 or x != 3",
    "x > 5 or y <= 5",
    "x > 5 or on (a) x <= 5",
    "x > bool 5 or x <= bool 5",
    "100 * sum(rate(x{a='b'}[5m])) / sum(rate(x[5m])) > 0.95",
    "100 * sum(rate(x{a='b'}[5m])) / sum(rate(x[5m])) < 0.49",
    "100 * sum(rate(x{a='b'}[5m])) / sum(rate(x[5m])) < 1",
    "100 * x < 0.95",
    "x > 5 or x > 3",
)


def findings(tmp_path: Path, *rules: str) -> list[tuple[str, str]]:
    """The messages and hints for expressions of alerts, and for records as `name: expression`."""
    lines = ["groups:", "- name: g", "  rules:"]
    for rule in rules:
        record, colon, expr = rule.partition(" := ")
        expr, kind = (expr, f"record: {record}") if colon else (record, "alert: A")
        lines += [f"  - {kind}", "    expr: |-", f"      {expr}"]
    (tmp_path / "rules.yml").write_text("\n".join(lines) + "\n")
    return [(f.message, f.hint) for f in check_files([tmp_path]).findings if f.code.name == "constant-condition"]


@pytest.mark.parametrize("expr", HINTS)
def test_the_hint_is_about_the_condition(expr: str, tmp_path: Path) -> None:
    assert [hint for _, hint in findings(tmp_path, expr)] == [HINTS[expr]]


@pytest.mark.parametrize("expr", CONDITIONS_THAT_CHANGE)
def test_conditions_that_leave_values_out_are_accepted(expr: str, tmp_path: Path) -> None:
    assert findings(tmp_path, expr) == []


def test_one_of_two_conditions_may_be_true_for_every_value(tmp_path: Path) -> None:
    ((message, _),) = findings(tmp_path, "x > 5 or x <= 5")
    assert message == "one of the conditions `x > 5 or x <= 5` of alert A is true for every value"


ERRORS, TOTAL = (
    'job:errors:rate5m := sum by (job) (rate(x{code="500"}[5m]))',
    "job:all:rate5m := sum by (job) (rate(x[5m]))",
)
RATIOS = (
    "job:errors:rate5m / job:all:rate5m > 5",
    'job:errors:rate5m{job="a"} / job:all:rate5m{job="a"} > 5',
    "job:errors:rate5m / sum by (job) (rate(x[5m])) > 5",
    'sum by (job) (rate(x{code="500"}[5m])) / job:all:rate5m > 5',
    "sum(job:errors:rate5m) / sum(job:all:rate5m) > 5",
    "sum by (job) (job:copy:rate5m) / sum by (job) (job:all:rate5m) > 5",
)


@pytest.mark.parametrize("expr", RATIOS)
def test_a_percentage_is_compared_with_a_ratio_of_recorded_series(expr: str, tmp_path: Path) -> None:
    ((message, hint),) = findings(tmp_path, ERRORS, TOTAL, "job:copy:rate5m := job:errors:rate5m", expr)
    assert message.endswith("is never true: the values of the left side are in [0, 1]")
    assert hint == "write 0.05 for 5 %"


@pytest.mark.parametrize(
    "expr",
    [
        "job:errors:rate5m / job:all:rate5m > 0.05",
        "job:all:rate5m / job:errors:rate5m > 5",
        'job:errors:rate5m / job:all:rate5m{job="a"} > 5',
        'sum by (job) (rate(x{code="500"}[5m])) / job:all:rate5m{job="a"} > 5',
        "job:errors:rate5m offset 1h / job:all:rate5m > 5",
        "job:errors:rate5m offset 1h / sum by (job) (rate(x[5m])) > 5",
        "sum(job:usage:sum) / sum(job:all:rate5m) > 5",
        "avg(job:errors:rate5m) / avg(job:all:rate5m) > 5",
        "job:errors:rate5m / job:two:rate5m > 5",
        "job:loop:a / job:loop:b > 5",
    ],
)
def test_a_ratio_of_recorded_series_that_is_no_part_of_a_whole_may_have_any_value(expr: str, tmp_path: Path) -> None:
    more = ["job:usage:sum := sum by (job) (y)", "job:loop:a := job:loop:b * 2", "job:loop:b := job:loop:a * 2"]
    two = ["job:two:rate5m := sum by (job) (rate(x[5m]))", "job:two:rate5m := sum by (job) (rate(y[5m]))"]
    assert findings(tmp_path, ERRORS, TOTAL, *more, *two, expr) == []
