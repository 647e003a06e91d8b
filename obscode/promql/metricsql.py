"""PromQL for VictoriaMetrics: the same results from functions that MetricsQL computes in another way.

MetricsQL's `increase()`, `rate()`, `delta()`, `resets()` and `changes()` take the sample before the window into account
and extrapolate nothing, so that a condition may hold some evaluations earlier or later than in Prometheus. Templates of
MetricsQL (`WITH`) replace them by Prometheus' own arithmetic (`extrapolatedRate` in promql/functions.go of Prometheus).

https://docs.victoriametrics.com/victoriametrics/metricsql/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.positions import Positions, locate
from obscode.promql.syntax_tree import Call, Node, VectorSelector

# `away` is how far the first or last sample is from the end of the window, `gap` the mean time between samples. A
# counter is extrapolated no further than to 0.
_TEMPLATES = {
    "prometheus_span": "(x, w) = tlast_over_time(x[w]) - tfirst_over_time(x[w])",
    "prometheus_gap": "(x, w) = prometheus_span(x, w) / (count_over_time(x[w]) - 1)",
    "prometheus_near": "(away, gap) = (away < 1.1 * gap) default gap / 2",
    "prometheus_start": "(x, w) = prometheus_near(tfirst_over_time(x[w]) - time() + w, prometheus_gap(x, w))",
    "prometheus_end": "(x, w) = prometheus_near(time() - tlast_over_time(x[w]), prometheus_gap(x, w))",
    "prometheus_zero": "(x, w) = prometheus_span(x, w) * first_over_time(x[w]) / (increase_prometheus(x[w]) > 0)",
    "prometheus_least": "(a, b) = (a < b) default b",
    "prometheus_increase": (
        "(x, w) = increase_prometheus(x[w]) * (1 + (prometheus_least(prometheus_zero(x, w), prometheus_start(x, w))"
        " + prometheus_end(x, w)) / prometheus_span(x, w))"
    ),
    "prometheus_rate": "(x, w) = prometheus_increase(x, w) / w",
    "prometheus_delta": (
        "(x, w) = delta_prometheus(x[w]) * (1 + (prometheus_start(x, w) + prometheus_end(x, w))"
        " / prometheus_span(x, w))"
    ),
    # The sample before the window counts in MetricsQL.
    "prometheus_resets": "(x, w) = resets(x[w]) - ((first_over_time(x[w]) < bool (x offset w)) default 0)",
    "prometheus_changes": "(x, w) = changes_prometheus(x[w])",
}
#: The functions of PromQL that a template replaces.
REPLACED = ("increase", "rate", "delta", "resets", "changes")

_CALL = re.compile(rf"\bprometheus_({'|'.join(REPLACED)})\(((?:[^,{{}}\"'`()]|{{[^{{}}]*}})*), (\w+)\)")


def for_metricsql(expr: str) -> str:
    """The expression with Prometheus' arithmetic on VictoriaMetrics; the text itself where nothing differs.

    A function stays as it is where its argument is a subquery or has an offset.
    """
    try:
        tree = parse_tree(expr)
    except PromQLError:
        return expr
    changes = list(_replacements(expr, tree, locate(expr, tree)))
    if not changes:
        return expr
    used = {name for _, _, name, _ in changes}
    for start, end, name, argument in sorted(changes, reverse=True):
        expr = f"{expr[:start]}{name}({argument}){expr[end:]}"
    templates = ",\n".join(f"  {name}{_TEMPLATES[name]}" for name in _TEMPLATES if name in _needed(used))
    return f"WITH (\n{templates}\n)\n{expr}"


def _replacements(expr: str, tree: Node, positions: Positions) -> Iterator[tuple[int, int, str, str]]:
    """Where a call begins and ends, the template that replaces it, and the template's arguments."""
    for node in tree.descendants():
        if not isinstance(node, Call) or node.function not in REPLACED:
            continue
        (argument,) = node.arguments
        call, inside = positions.of(node), positions.of(argument)
        if not isinstance(argument, VectorSelector) or argument.offset or argument.at is not None:
            continue
        if call and inside:
            selector, _, window = expr[slice(*inside.span)].rpartition("[")
            yield *call.span, f"prometheus_{node.function}", f"{selector.strip()}, {window.removesuffix(']').strip()}"


def _needed(names: set[str]) -> set[str]:
    """The templates and those that they use."""
    needed = set(names)
    for name in reversed(_TEMPLATES):
        if name in needed:
            needed |= {other for other in _TEMPLATES if other != name and f"{other}(" in _TEMPLATES[name]}
    return needed


def without_templates(expr: str) -> str:
    """The PromQL of an expression that `for_metricsql` has written; another text as it is."""
    if not expr.startswith("WITH (\n  prometheus_"):
        return expr
    body = expr.partition("\n)\n")[2]
    return _CALL.sub(lambda call: f"{call[1]}({call[2]}[{call[3]}])", body)
