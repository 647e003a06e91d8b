"""What the types say of random expressions is true of their results on the real Prometheus."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from obscode.promql.parser import parse_tree
from obscode.promql.types import infer
from obscode.toolchain import Tool
from obscode.verify.processes import run

EXPRESSIONS = 400
LABELS = "abc"
_SAMPLE = re.compile(r"(\w*)\{([^{}]*)\} ([^\s,]+)")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class Generator:
    """Random PromQL over the series x, y and z with the labels a, b and c."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def series(self) -> Iterator[tuple[str, str]]:
        for name in "xyz":
            for _ in range(4):
                labels = {label: self.choice("12") for label in LABELS if self.random.random() < 0.7}
                text = ",".join(f'{label}="{value}"' for label, value in labels.items())
                yield f"{name}{{{text}}}", f"{self.random.randint(-3, 5)}+{self.random.randint(0, 3)}x20"

    def choice(self, values: str | list[str]) -> str:
        return self.random.choice(values)

    def labels(self) -> str:
        return ", ".join(sorted(self.random.sample(LABELS, self.random.randint(0, 2))))

    def selector(self) -> str:
        matchers = [
            f'{label}{self.choice(["=", "!=", "=~", "!~"])}"{self.choice(["", "1", "2", "1|2", ".*", ".+"])}"'
            for label in LABELS
            if self.random.random() < 0.25
        ]
        return f"{self.choice('xyz')}{{{','.join(matchers)}}}" if matchers else self.choice("xyz")

    def vector(self, depth: int) -> str:
        if depth == 0:
            return self.selector()
        form = self.choice(["selector", "call", "aggregation", "operation", "operation", "labels", "set"])
        return str(getattr(self, f"_{form}")(depth - 1))

    def _selector(self, depth: int) -> str:
        return self.selector()

    def _call(self, depth: int) -> str:
        inner = self.vector(depth)
        return self.choice(
            [
                f"rate({self.selector()}[5m])",
                f"max_over_time(({inner})[5m:1m])",
                f"last_over_time({self.selector()}[5m])",
                f"abs({inner})",
                f"-({inner})",
                f"clamp({inner}, 0, 3)",
                f"absent({inner})",
                f"absent({self.selector()})",
                f"vector(scalar({inner}))",
                f"timestamp({inner})",
                f"sgn({inner})",
                "hour()",
                f"day_of_week({inner})",
            ]
        )

    def _aggregation(self, depth: int) -> str:
        operator = self.choice(["sum", "avg", "min", "max", "count", "group", "stddev"])
        grouping = self.choice(["", f"by ({self.labels()})", f"without ({self.labels()})"])
        inner = self.vector(depth)
        return self.choice(
            [
                f"{operator} {grouping} ({inner})",
                f"topk {grouping} (2, {inner})",
                f'count_values {grouping} ("{self.choice(LABELS)}", {inner})',
                f"quantile {grouping} (0.5, {inner})",
            ]
        )

    def _operation(self, depth: int) -> str:
        operator = self.choice(["+", "-", "*", "/", "%", ">", "<", "==", "!=", ">= bool"])
        left, right = self.vector(depth), self.vector(depth)
        matching = self.choice(
            [
                "",
                f"on ({self.labels()})",
                f"ignoring ({self.labels()})",
                f"on ({self.labels()}) group_left ({self.choice(['', 'a', 'b'])})",
                f"ignoring ({self.labels()}) group_right ({self.choice(['', 'a', 'b'])})",
            ]
        )
        scalars = [f"({left}) {operator} 2", f"1 {operator} ({left})"]
        return self.choice([f"({left}) {operator} {matching} ({right})", *scalars])

    def _labels(self, depth: int) -> str:
        inner, target, source = self.vector(depth), self.choice(LABELS), self.choice(LABELS)
        value, regex = self.choice(["v", "$1", ""]), self.choice(["(.*)", "(1)", ".+"])
        return self.choice(
            [
                f'label_replace({inner}, "{target}", "{value}", "{source}", "{regex}")',
                f'label_join({inner}, "{target}", "{self.choice(["", "-"])}", "{source}", "{self.choice(LABELS)}")',
            ]
        )

    def _set(self, depth: int) -> str:
        matching = self.choice(["", f"on ({self.labels()})", f"ignoring ({self.labels()})"])
        return f"({self.vector(depth)}) {self.choice(['and', 'or', 'unless'])} {matching} ({self.vector(depth)})"


def results(promtool: Tool, folder: Path, series: dict[str, str], expressions: list[str]) -> dict[str, list[str]]:
    """The samples of each expression that Prometheus evaluates without an error, as promtool prints them."""
    never = [{"labels": "none", "value": 0}]
    cases = [{"expr": expr, "eval_time": "10m", "exp_samples": never} for expr in expressions]
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "1m", "input_series": inputs, "promql_expr_test": cases}
    (folder / "rules.yml").write_text("groups: []\n")
    (folder / "test.yml").write_text(json.dumps({"rule_files": ["rules.yml"], "tests": [test]}))
    ended = run(promtool, "test", "rules", "test.yml", folder=folder)
    samples: dict[str, list[str]] = {}
    blocks = re.split(r'^ *expr: (?=")', ended.stdout + ended.stderr, flags=re.MULTILINE)[1:]
    for block in blocks:
        expr, end = json.JSONDecoder().raw_decode(block)
        if "got:" in block[end:]:
            samples[expr] = [match[0] for match in _SAMPLE.finditer(block[end:].partition("got:")[2])]
    return samples


def contradictions(expr: str, samples: list[str]) -> Iterator[str]:
    """What the samples of an expression have that its type excludes."""
    type_ = infer(parse_tree(expr)).result
    for sample in samples:
        match = _SAMPLE.fullmatch(sample)
        assert match
        labels = dict(_LABEL.findall(match[2]))
        labels |= {"__name__": match[1]} if match[1] else {}
        yield from (f"{expr}: {sample} has {label}" for label in labels if not type_.labels.can_have(label))
        yield from (f"{expr}: {sample} lacks {label}" for label in type_.labels.certain if label not in labels)
        for matcher in type_.labels.matchers:
            if matcher.matches(labels.get(matcher.label, "")) is False:
                yield f"{expr}: {sample} does not match {matcher}"
        value, (low, high) = float(match[3]), (type_.values.low, type_.values.high)
        if value == value and not low - 1e-9 <= value <= high + 1e-9:
            yield f"{expr}: {sample} is not in {type_.values}"


@pytest.mark.parametrize("seed", range(3))
def test_no_result_contradicts_the_type_of_its_expression(promtool: Tool, seed: int, tmp_path: Path) -> None:
    generator = Generator(seed)
    series = dict(generator.series())
    expressions = list(dict.fromkeys(generator.vector(3) for _ in range(EXPRESSIONS)))
    evaluated = results(promtool, tmp_path, series, expressions)
    assert sum(map(bool, evaluated.values())) > EXPRESSIONS / 4  # most others are empty, or match many to many
    assert [wrong for expr, samples in evaluated.items() for wrong in contradictions(expr, samples)] == []
