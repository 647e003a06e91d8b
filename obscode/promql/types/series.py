"""What is known of the series of a selector, besides the selector itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import Node
from obscode.promql.types.interval import ALL, Interval
from obscode.promql.types.labels import ANY, Labels
from obscode.promql.types.quantity import UNKNOWN, Quantity

#: What the samples of an expression are.
#:
#: - `counter`, `buckets`, `native`: counters, buckets of a classic histogram, native histograms, as they are exposed
#: - `sum of counters`: an aggregation of these, which hides their resets
#: - `rate`: increases of counters, of buckets too; `native rate`: increases of native histograms
#: - `quantile`, `average`: results that cannot be aggregated further
Samples = Literal[
    "", "counter", "gauge", "buckets", "native", "sum of counters", "rate", "native rate", "quantile", "average"
]


class ExprType(NamedTuple):
    """What is known of the result of an expression.

    Attributes:
        labels: the labels of its series.
        samples: what its samples are; empty if unknown.
        values: the values that its samples can have.
        unit: the unit of its samples.
        observed: the unit of a histogram's observations.
        bounds: the finite buckets' upper bounds, if they are known, of buckets and native histograms.
        label_values: the values that labels can have, if they are declared.
        metric: the declared metric that the samples are from; empty if there are none or several.
        own_labels: the labels that this metric declares, without those of targets.
        missing: why no series has the name of the selector; empty where some may have it.
        recorded: of series that one rule records, its expression; it is known of selected series only.
    """

    labels: Labels = ANY
    samples: Samples = ""
    values: Interval = ALL
    unit: Quantity = UNKNOWN
    observed: Quantity = UNKNOWN
    bounds: tuple[float, ...] = ()
    label_values: Mapping[str, frozenset[str]] = MappingProxyType({})
    metric: str = ""
    own_labels: frozenset[str] = frozenset()
    missing: str = ""
    recorded: Node | None = None


#: The type of the series that a selector selects, before its matchers and its window are applied.
SeriesTypes = Callable[[Selector], ExprType]

UNTYPED = ExprType()


def untyped(selector: Selector) -> ExprType:
    """The type of series of which nothing is known."""
    return UNTYPED
