"""Evaluate PromQL with the real promtool: series are the input, samples the result.

    check(promtool, {'up{job="a"}': "1x10"}, [Case("sum(up)", "3m30s", {"{}": 1})])

Use instants between the minutes: where a window begins and ends on samples, Prometheus 2 and 3 differ by one sample.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from obscode.toolchain import Tool


@dataclass(frozen=True)
class Case:
    """The result of an expression at an instant: values, to six decimals, by labels such as `{model="a"}`."""

    expr: str
    at: str
    samples: Mapping[str, float]


def always(value: str) -> str:
    """The values of a series that is NaN, Inf or -Inf for twenty minutes, for which promtool has no short form."""
    return " ".join([value] * 21)


def never(expr: str, until: str, *, every: str = "7s") -> Case:
    """A condition has an empty result at every instant until ``until``."""
    return Case(f"count_over_time(({expr})[{until}:{every}])", until, {})


def finite(expr: str, until: str, *, every: str = "7s") -> Case:
    """An expression is never NaN and never infinite until ``until``."""
    return never(f"(({expr}) != ({expr})) or (abs({expr}) == Inf)", until, every=every)


def check(promtool: Tool, series: Mapping[str, str], cases: Iterable[Case], *, interval: str = "1m") -> None:
    """Fail with promtool's output unless every case has its samples; ``interval`` is between two values of a series."""
    test = {
        "interval": interval,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f"round(({case.expr}), 0.000001)",
                "eval_time": case.at,
                "exp_samples": [{"labels": labels, "value": value} for labels, value in case.samples.items()],
            }
            for case in cases
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "test.yml")
        file.write_text(json.dumps({"evaluation_interval": "1m", "tests": [test]}))  # JSON is YAML
        result = subprocess.run([promtool.path, "test", "rules", file], capture_output=True, text=True, timeout=60)
    if result.returncode:
        pytest.fail(f"promtool {promtool.version}:\n{result.stdout}{result.stderr}", pytrace=False)
