"""The share of time slices in which a measure was where it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import ClassVar

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.sli import promql_argument
from obscode.model.sli.base import SLI, Events, aggregated
from obscode.model.sli.promql_argument import listed, parenthesised
from obscode.promql.parser import parse
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class TimeSlice(SLI):
    """A slice of time is good while the value of an expression is ``below``, or ``above``, a threshold.

    NaN, such as the p99 of no requests, is no slice. With several series in a group, one bad one is enough.

    Attributes:
        expr: the PromQL, with windows of its own.
        below: the value stays below this number.
        above: the value stays above this number, instead of below one.
    """

    expr: str
    _: KW_ONLY
    below: float | Decimal | None = None
    above: float | Decimal | None = None

    unit: ClassVar[str] = "slices of time"
    is_sampled: ClassVar[bool] = False

    def events(self, window: str, where: Sequence[Matcher] = ()) -> Events:
        expr = parenthesised(self.expr)
        missed = f">= bool {_number(self.below)}" if self.below is not None else f"<= bool {_number(self.above)}"
        # Comparisons with NaN are false, so that a slice without a value is neither bad nor counted.
        return Events(
            bad=aggregated("max", self.by, f"{expr} {missed}"),
            total=aggregated("max", self.by, f"{expr} >= bool -Inf"),
        )

    def reads(self) -> Sequence[str]:
        return promql_argument.reads(self.expr)

    def selectors(self) -> Mapping[str, Sequence[Selector]]:
        return {"expr": parse(self.expr).selectors}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        yield from self._threshold_problems()
        wrong = list(promql_argument.problems(self, "expr"))
        yield from wrong or self._label_problems()

    def _threshold_problems(self) -> Iterator[Finding]:
        if (self.below is None) == (self.above is None):
            at = "" if self.below is None else "above"
            yield self.finding(codes.TIME_SLICE_THRESHOLD, "give either below= or above=", "such as below=0.5", at=at)
        for at in ("below", "above"):
            value = getattr(self, at)
            if value is not None and not _is_number(value):
                hint = "write it in the expression's own unit, such as 0.5 for half a second"
                yield self.finding(codes.TIME_SLICE_THRESHOLD, f"{at}={value!r} is no number", hint, at=at)

    def _label_problems(self) -> Iterator[Finding]:
        has = promql_argument.labels(self, "expr")
        if has is not None and (missing := set(self.by) - has):
            message = f"expr yields {listed(has)}, without the {', '.join(sorted(missing))} of by"
            hint = f"aggregate it by ({', '.join(self.by)})"
            yield self.finding(codes.SLI_LABELS, message, hint, at="expr")


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return Decimal(str(value)).is_finite()


def _number(value: float | Decimal | None) -> str:
    return f"{Decimal(str(value)).normalize():f}"
