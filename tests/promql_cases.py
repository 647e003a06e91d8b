"""PromQL evaluated by the real promtool: series in, the samples that expressions yield out.

    check(promtool, {'up{job="a"}': "1x10"}, [Case("sum(up)", "3m30s", {"{}": 1})])

Choose instants off the minute: where a window begins and ends on samples, Prometheus 2 and 3 differ by one.
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
    """What an expression yields at an instant: values, to six decimals, by labels such as `{model="a"}`."""

    expr: str
    at: str
    samples: Mapping[str, float]


def always(value: str) -> str:
    """The values of a series that is NaN, Inf or -Inf for twenty minutes; promtool has no short form for those."""
    return " ".join([value] * 21)


def never(expr: str, until: str, *, every: str = "7s") -> Case:
    """The expression, a condition, holds at no instant up to then."""
    return Case(f"count_over_time(({expr})[{until}:{every}])", until, {})


def finite(expr: str, until: str, *, every: str = "7s") -> Case:
    """The expression is never NaN and never infinite."""
    return never(f"(({expr}) != ({expr})) or (abs({expr}) == Inf)", until, every=every)


def check(promtool: Tool, series: Mapping[str, str], cases: Iterable[Case], *, interval: str = "1m") -> None:
    """Fail with promtool's words unless every case yields its samples; values stand an interval apart."""
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
        ran = subprocess.run([promtool.path, "test", "rules", file], capture_output=True, text=True, timeout=60)
    if ran.returncode:
        pytest.fail(f"promtool {promtool.version}:\n{ran.stdout}{ran.stderr}", pytrace=False)
