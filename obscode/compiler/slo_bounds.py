"""The bounds of latency SLOs, to draw them on panels that show quantiles of the same histogram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obscode.compiler.slo_plan import service_matchers
from obscode.model.dashboard import Panel, QueryPanel, Row, Threshold
from obscode.model.numbers import shortest_number
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree, substitute_variables
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import Call, VectorSelector

_QUANTILE = "histogram_quantile"
_COLOR = "red"


@dataclass(frozen=True)
class LatencyBound:
    """The bound of an SLO in the unit of a histogram; ``matchers`` are those of the SLI that select some requests."""

    slo: SLO
    histogram: str
    matchers: frozenset[Matcher]
    value: float

    def is_about(self, selector: Selector) -> bool:
        """Whether the requests of a selector are among those of the SLO."""
        metrics = (self.histogram, f"{self.histogram}_bucket")
        return selector.metric in metrics and self.matchers <= frozenset(selector.matchers)


def latency_bounds(service: Service) -> list[LatencyBound]:
    """The bounds of the service's SLOs, in the order of the SLOs."""
    own = frozenset(service_matchers(service))
    return [
        LatencyBound(slo, selector.metric, frozenset(selector.matchers) - own, float(value))
        for slo in service.slos
        for selector, value in slo.sli.latency_bounds()
    ]


def lines(bounds: Sequence[LatencyBound]) -> list[Threshold]:
    """A line for each bound."""
    return [Threshold(shortest_number(value), _COLOR) for value in sorted({bound.value for bound in bounds})]


def with_latency_bounds(rows: Sequence[Row], service: Service) -> tuple[Row, ...]:
    """Rows whose panels of quantiles have the bounds of the service's SLOs, unless they have thresholds."""
    bounds = latency_bounds(service)
    if not bounds:
        return tuple(rows)
    return tuple(row.with_panels([_with_bounds(panel, bounds) for panel in row.panels]) for row in rows)


def _with_bounds(panel: Panel, bounds: Sequence[LatencyBound]) -> Panel:
    if not isinstance(panel, QueryPanel) or panel.alert_thresholds != "line" or panel.thresholds:
        return panel
    selectors = [selector for query in panel.all_queries() for selector in _of_quantile(query.expr)]
    matching = [bound for bound in bounds if any(bound.is_about(selector) for selector in selectors)]
    if not matching:
        return panel
    return panel.derive(thresholds=[line.with_origin(matching[0].slo.origin) for line in lines(matching)])


def _of_quantile(expr: str) -> Iterator[Selector]:
    """The selectors of an expression that is a quantile, in the unit of its histogram."""
    if _QUANTILE not in expr:
        return
    try:
        node = parse_tree(substitute_variables(expr))
    except PromQLError:
        return
    if isinstance(node, Call) and node.function == _QUANTILE:
        yield from (each.selector for each in node.descendants() if isinstance(each, VectorSelector))
