"""The unit of a panel: that of its expression, from the catalog or from the names of its series.

If neither determines the unit, it is unknown: a wrong unit is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from obscode.compiler.inference.series import SeriesCatalog
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.selector import Selector
from obscode.promql.types import UNTYPED, ExprType, infer
from obscode.promql.types.quantity import COUNT, FAILURES, NUMBER, RATIO, TIMESTAMP, UNKNOWN, Quantity, name_words

# The unit of a rate, by a word of the counter's name.
_PER_SECOND: Mapping[str, str] = {
    "requests": "reqps",
    "request": "reqps",
    "operations": "ops",
    "ops": "ops",
    "reads": "rps",
    "writes": "wps",
    "messages": "mps",
    "events": "eps",
    "records": "recps",
    "rows": "rowsps",
    "packets": "pps",
    "ios": "iops",
}
_COUNTS_PER_SECOND = "cps"
_UNIT_RATES = {"bytes": "binBps", "bits": "bps", "joule": "watt", "s": RATIO}


def quantity(expr: str, known: SeriesCatalog) -> Quantity:
    """The unit of an expression without variables; unknown if it does not parse."""
    try:
        return infer(parse_tree(expr), _SeriesByName(known)).result.unit
    except PromQLError:
        return UNKNOWN


def grafana_unit(quantity: Quantity) -> str:
    """The unit of Grafana's, or empty if unknown."""
    if quantity.unit == COUNT:
        return _counts_per_second(quantity.counted_noun) if quantity.per_second else "short"
    if quantity.unit in (TIMESTAMP, NUMBER):
        return ""
    return _UNIT_RATES.get(quantity.unit, "") if quantity.per_second else quantity.unit


def _counts_per_second(noun: str) -> str:
    last = next((word for word in reversed(name_words(noun)) if word in _PER_SECOND or word in FAILURES), "")
    return _PER_SECOND.get(last, _COUNTS_PER_SECOND)


@dataclass(frozen=True)
class _SeriesByName:
    """The units of series by name; a recorded series has the unit of its rule."""

    known: SeriesCatalog
    recorded: dict[str, ExprType] = field(default_factory=dict)

    def __call__(self, selector: Selector) -> ExprType:
        name = selector.metric
        if name.count(":") >= 2 and name not in self.known.metrics:  # TF Serving's own names have colons
            return self._of_record(name)
        series = self.known.series(name)
        counts = series.role in ("count", "bucket", "native")
        unit = Quantity(COUNT if counts else series.unit, series.stem) if counts or series.unit else UNKNOWN
        observed = Quantity(series.unit, series.stem) if series.unit not in ("", COUNT) else UNKNOWN
        return ExprType(unit=unit, observed=observed)

    def _of_record(self, name: str) -> ExprType:
        if name not in self.recorded:
            by_name = _by_name(name, self.known)
            self.recorded[name] = ExprType(unit=by_name, observed=by_name)  # also of a rule that reads itself
            if name in self.known.recorded:
                self.recorded[name] = self._of_rule(self.known.recorded[name])
        return self.recorded[name]

    def _of_rule(self, expr: str) -> ExprType:
        try:
            return infer(parse_tree(expr), self).result
        except PromQLError:
            return UNTYPED


def _by_name(name: str, known: SeriesCatalog) -> Quantity:
    """The unit of a recorded series without a rule in the project, from its name `level:metric:operations`."""
    _, metric, operations = name.split(":", 2)
    operation = re.match("[a-z]*", operations)
    series = known.series(metric)
    match operation[0] if operation else "":
        case "ratio":
            return Quantity(RATIO)
        case "rate":
            return Quantity(series.unit or COUNT, series.stem, per_second=True)
        case "p" | "mean" | "avg" | "min" | "max" | "sum" | "increase" | "quantile" if series.unit:
            return Quantity(series.unit, series.stem)
    return UNKNOWN
