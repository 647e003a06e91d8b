"""Infer settings of panels from their expressions: unit, decimals, legends, description, text for no data.

Settings of the definition stay. Where the expression does not determine a setting, it stays empty, and the checks
panel-unit and panel-description report it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from obscode.compiler.inference.descriptions import describe, quantile_name
from obscode.compiler.inference.series import SeriesCatalog
from obscode.compiler.inference.units import grafana_unit, quantity
from obscode.model.dashboard.dashboard import Row
from obscode.model.dashboard.panel import Panel, QueryPanel
from obscode.model.dashboard.query import Query
from obscode.model.panels import TimeSeries
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_panel, parse_tree, substitute_variables, variables_in_code
from obscode.promql.selector import VARIABLE_MARK
from obscode.promql.syntax_tree import Aggregation, Node, VectorSelector

_RATIO = "percentunit"
_NO_UNIT = "none"
# The maximum of a gauge panel, by unit.
_FULL_SCALE = {"percentunit": 1, "percent": 100}
_SMALL = 0.01  # of the full scale, where an axis without values above 0 ends
_RATIO_DECIMALS = 2
_STRING = re.compile(r'"[^"]*"')
_VARIABLE = re.compile(r"\$\w+|\$\{[^}]*\}|\[\[\w+\]\]")


def rows_with_defaults(rows: Sequence[Row], known: SeriesCatalog) -> tuple[Row, ...]:
    """Rows with inferred settings of their panels."""
    return tuple(row.with_panels(with_defaults(panel, known) for panel in row.panels) for row in rows)


def with_defaults(panel: Panel, known: SeriesCatalog) -> Panel:
    """The panel with settings inferred from its expressions."""
    if not isinstance(panel, QueryPanel) or not panel.queries or not panel.all_queries():
        return panel
    changes = dict(_inferred(panel, known))
    return panel.derive(**changes) if changes else panel


def _inferred(panel: QueryPanel, known: SeriesCatalog) -> Iterator[tuple[str, Any]]:
    units = {argument: getattr(panel, argument) or unit for argument, unit in _units(panel, known).items()}
    yield from ((argument, unit) for argument, unit in units.items() if unit != getattr(panel, argument))
    unit = units["unit"]
    if panel.has_range and unit in _FULL_SCALE and panel.minimum is None and panel.maximum is None:
        yield from {"minimum": 0, "maximum": _FULL_SCALE[unit]}.items()
    if isinstance(panel, TimeSeries) and unit in _FULL_SCALE and panel.minimum == 0 and not _has_end(panel):
        yield "soft_maximum", _FULL_SCALE[unit] * _SMALL
    if panel.decimals is None and unit == _RATIO and not panel.mappings:
        yield "decimals", _RATIO_DECIMALS
    if not panel.description and (description := _description(panel, known)):
        yield "description", description
    if not panel.no_value:
        yield "no_value", panel.empty_text
    if panel.has_legend:
        yield from _legends(panel, known)


def _has_end(panel: TimeSeries) -> bool:
    """Whether the axis ends at a value; Grafana's axis of zeros would end at 10000 %."""
    return panel.maximum is not None or panel.soft_maximum is not None


def _units(panel: QueryPanel, known: SeriesCatalog) -> dict[str, str]:
    """The unit that all queries share, for each argument that is a unit; "none" for states and mapped values."""
    measured = [panel.measured_expressions(_without_variables(query.expr)) for query in panel.all_queries()]
    units = {argument: _common_unit([each[argument] for each in measured], known) for argument in measured[0]}
    is_text = panel.mappings or panel.kind.shows == "states"
    return {**units, "unit": units["unit"] or (_NO_UNIT if is_text else "")}


def _common_unit(exprs: Sequence[str], known: SeriesCatalog) -> str:
    units = {grafana_unit(quantity(expr, known)) for expr in exprs}
    return units.pop() if len(units) == 1 else ""


def _description(panel: QueryPanel, known: SeriesCatalog) -> str:
    queries = panel.all_queries()
    if len(queries) != 1 or variables_in_code(queries[0].expr):
        return ""
    return describe(_without_variables(_marked(queries[0].expr)), known)


def _marked(expr: str) -> str:
    """The expression with marks instead of the variables in matchers, which a description leaves out."""
    return _STRING.sub(lambda text: _VARIABLE.sub(VARIABLE_MARK, text[0]), expr)


def _without_variables(expr: str) -> str:
    try:
        return substitute_variables(expr)
    except PromQLError:
        return expr


# --- legends -----------------------------------------------------------------------------------------------------


def _legends(panel: QueryPanel, known: SeriesCatalog) -> Iterator[tuple[str, Any]]:
    queries = panel.all_queries()
    if all(query.legend for query in queries):
        return
    alone = len(queries) == 1
    legends = [query.legend or _legend(query.expr, panel.title if alone else "", known) for query in queries]
    if isinstance(panel.queries, str):
        if legends[0]:
            yield "legend", legends[0]
    elif any(legends):
        named = {id(query): _with_legend(query, legend) for query, legend in zip(queries, legends, strict=True)}
        yield "queries", tuple(named.get(id(target), target) for target in panel.all_targets())


def _with_legend(query: Query, legend: str) -> Query:
    return query if query.legend == legend else query.derive(legend=legend)


def _legend(expr: str, title: str, known: SeriesCatalog) -> str:
    """The labels of the series; for a single series, its quantile or the title. Empty if the labels are unknown."""
    if variables_in_code(expr):
        return ""
    try:
        node = parse_tree(substitute_variables(expr))
        if isinstance(node, VectorSelector) and node.selector.metric in known.recorded:
            expr = known.recorded[node.selector.metric]
            node = parse_tree(expr)
        labels = parse_panel(expr).labels
    except PromQLError:
        return ""
    if labels is None:
        return ""
    named = " ".join(f"{{{{{label}}}}}" for label in _in_order(labels, node))
    return " ".join(part for part in (quantile_name(node), named) if part) or title


def _in_order(labels: frozenset[str], node: Node) -> list[str]:
    """In the order of the outermost `by`, then the others by name."""
    aggregations = (each for each in node.descendants() if isinstance(each, Aggregation))
    by = next((each.labels for each in aggregations if each.grouping == "by"), ())
    return [label for label in by if label in labels] + sorted(labels.difference(by))
