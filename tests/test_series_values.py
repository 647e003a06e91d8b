"""The values of the input series of a test are those that promtool reads, and not too many."""

from __future__ import annotations

from pathlib import Path

import pytest

from obscode.promql.series_values import MAX_VALUES, validate_values
from obscode.renderers.yaml_text import document
from obscode.toolchain import Tool
from obscode.verify.processes import run

VALID = [
    *("", " 1 ", "1 2 3", "1  2", "1\t2", "007", "5.", ".5", "1e3", "1.5e-3", "-1", "+1"),
    *(
        "1x5",
        "1x0",
        "1+1x5",
        "1-1x5",
        "-1-1x5",
        "+1+1x5",
        "1e3x5",
        "1.5e-3+2x5",
        "5.x3",
        ".5x3",
        "1+.5x3",
        "0x10",
        "0+1x007",
    ),
    *("_", "_x5", "_x0", "_ _x3 1", "stale", "stale 1", "Inf", "inf", "+Inf", "-inf", "NaN", "nan"),
]
NEWER = [  # Prometheus 3
    *("1_000", "1_0x5", "{{}}", "{{schema:0 sum:1 count:1 buckets:[1]}}x3 1"),
    "{{schema:0 sum:1 count:1 buckets:[1]}}+{{schema:0 sum:1 count:1 buckets:[1]}}x3",
]
INVALID = [
    *("abc", "1,2", "1 ,2", "1\n2", "1 # one", "5m", "1k", "1y", "1_", "__", "_1", "1_x2", "NaN_", "infinity", "Stale"),
    *(
        "1x",
        "1+1",
        "1+-1x5",
        "1--1x3",
        "--1",
        "-",
        "1x-5",
        "1x1.5",
        "1x1e3",
        "1x5x5",
        "1 x5",
        "1x 5",
        "1 + 1x3",
        "1+1 x3",
    ),
    *("0x1f", "0X10", "1e", "1e400", "1+1e400x2", "Infx3", "NaNx3", "1+infx2", "stalex3", "stale x3"),
]
TOO_MANY = ("the series has more than 1,000,000 values", "write fewer repeats, or a longer interval=")


def error_of(text: str, tool: Tool, folder: Path) -> str:
    """What promtool prints about a series with these values."""
    (folder / "rules.yml").write_text(document({"groups": []}, ()))
    series = [{"series": "up", "values": text}]
    expected = [{"expr": "vector(1)", "eval_time": "1m", "exp_samples": [{"labels": "{}", "value": 1}]}]
    tests = [{"interval": "1m", "input_series": series, "promql_expr_test": expected}]
    (folder / "test.yml").write_text(document({"rule_files": ["rules.yml"], "tests": tests}, ()))
    result = run(tool, "test", "rules", "test.yml", folder=folder)
    return result.stderr if result.returncode else ""


def test_valid_values_are_those_that_promtool_accepts(promtool: Tool, tmp_path: Path) -> None:
    values = [*VALID, *(NEWER if promtool.version_tuple >= (3,) else [])]
    assert {text: error for text in values if (error := error_of(text, promtool, tmp_path))} == {}
    assert {text: wrong for text in [*VALID, *NEWER] if (wrong := validate_values(text))} == {}


def test_invalid_values_are_those_that_promtool_rejects(promtool: Tool, tmp_path: Path) -> None:
    assert [text for text in INVALID if not error_of(text, promtool, tmp_path)] == []


@pytest.mark.parametrize("text", INVALID)
def test_an_invalid_value_is_named(text: str) -> None:
    message, hint = validate_values(f"1 {text}") or ("", "")
    named = [text, *text.split(" ")]
    assert message in [f"{item!r} is not a value in promtool's notation" for item in named]
    assert hint.startswith('write numbers: "5x10" is eleven times 5')


@pytest.mark.parametrize("text", ["1x999999", "_x1000000", "0+1x499999 1x499999", "{{}}x999999"])
def test_a_million_values_are_accepted_and_one_more_is_not(text: str) -> None:
    assert validate_values(text) is None
    assert validate_values(f"{text} _") == TOO_MANY
    assert MAX_VALUES == 1_000_000


@pytest.mark.parametrize("count", ["1000001", "99999999999999999999", "9" * 5000])
def test_a_huge_count_is_rejected(count: str) -> None:
    assert validate_values(f"1x{count}") == TOO_MANY
