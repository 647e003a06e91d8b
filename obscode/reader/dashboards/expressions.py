"""Parse the PromQL of panels with the values of variables in the file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from obscode.promql.errors import PromQLError
from obscode.promql.limits import MAX_CHARACTERS
from obscode.promql.parser import Query, parse_panel
from obscode.promql.tokens import blank_literals
from obscode.reader.dashboards.model import Dashboard, Target
from obscode.reader.dashboards.variables import BUILT_IN, uses

# Other values of variables than names, numbers and durations, which `obscode.promql` tries.
_PARTS = ("+", "> 0", "", 'x="y"', "=~", "sum", "by (x)", '{x="y"}', "offset 5m", "rate(x[5m])", ',x="y"')
_MOST = 150


def readable(target: Target, dashboard: Dashboard) -> Query | None:
    """The parsed query; None if it does not parse, which target-promql-rule reports."""
    try:
        return query(target.expr, dashboard)
    except PromQLError:
        return None


def query(expr: str, dashboard: Dashboard) -> Query:
    """Parse a panel's PromQL; raises PromQLError if it parses for no value of its variables."""
    plain = expr.replace("holt_winters", "double_exponential_smoothing")  # its name before Prometheus 3
    try:
        return parse_panel(plain)
    except PromQLError as error:
        first = error if plain == expr else PromQLError(str(error), error.kind)
    if len(plain) > MAX_CHARACTERS:
        raise first
    for text in _filled(plain, dashboard):
        try:
            return replace(parse_panel(text), labels=None)  # other values may yield other labels
        except PromQLError:
            continue
    raise first


def _filled(expr: str, dashboard: Dashboard) -> Iterator[str]:
    """Variants of the expression: variables replaced by their values in the file, then by other parts of PromQL."""
    result = [use for use in uses(blank_literals(expr)) if use.name not in BUILT_IN]
    names = list(dict.fromkeys(use.name for use in result))
    choices = []
    for name in names:
        variable = dashboard.variable(name)
        own = [value for value in (variable.values if variable else ()) if value][:3]
        choices.append([*dict.fromkeys(own), *_PARTS])
    if not names:
        return
    for chosen in itertools.islice(itertools.product(*choices), _MOST):
        values = dict(zip(names, chosen, strict=True))
        ends = [0, *(use.span[1] for use in result)]
        parts = (expr[end : use.span[0]] + values[use.name] for end, use in zip(ends, result, strict=False))
        yield "".join([*parts, expr[ends[-1] :]])
