"""The ratio of time slices in which the value of an expression was below, or above, a threshold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from math import isfinite
from typing import ClassVar

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.sli import promql_argument
from obscode.model.sli.base import SLI, Events, LongerWindow, aggregated
from obscode.model.sli.promql_argument import listed, scoped
from obscode.promql.parser import parse
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class TimeSlice(SLI):
    """A slice of time is good if the value of an expression is ``below``, or ``above``, a threshold.

    obscode adds the matchers of the service to the selectors of the expression.

    A slice with the value NaN, such as the p99 of no requests, is not counted. If a group has several series, one bad
    series makes the slice bad.

    Attributes:
        expr: the PromQL, including its windows.
        below: the value of a good slice is below this number.
        above: the value of a good slice is above this number.
        unscoped: whether the expression is emitted as written, without the matchers of the service.
    """

    expr: str
    _: KW_ONLY
    below: float | Decimal | None = None
    above: float | Decimal | None = None
    unscoped: bool = False

    unit: ClassVar[str] = "slices of time"
    is_sampled: ClassVar[bool] = False
    counts_traffic: ClassVar[bool] = False

    def events(self, window: str, where: Sequence[Matcher] = (), longer: Sequence[LongerWindow] = ()) -> Events:
        expr = scoped(self.expr, () if self.unscoped else where)
        missed = f">= bool {_number(self.below)}" if self.below is not None else f"<= bool {_number(self.above)}"
        # Comparisons with NaN are false, so a slice with NaN is neither bad nor counted.
        return Events(
            bad=aggregated("max", self.by, f"{expr} {missed}"),
            total=aggregated("max", self.by, f"{expr} >= bool -Inf"),
        )

    def scoped_expressions(self) -> Mapping[str, str]:
        return {} if self.unscoped else {"expr": self.expr}

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
            message = "a time slice has both below= and above=" if at else "a time slice has neither below= nor above="
            yield self.finding(codes.TIME_SLICE_THRESHOLD, message, "write one of them, such as below=0.5", at=at)
        for at in ("below", "above"):
            value = getattr(self, at)
            if value is not None and not isfinite(value):
                hint = "write a number in the unit of the expression, such as 0.5"
                yield self.finding(codes.TIME_SLICE_THRESHOLD, f"{at}={value!r} is not a number", hint, at=at)

    def _label_problems(self) -> Iterator[Finding]:
        has = promql_argument.labels(self, "expr")
        if has is not None and (missing := set(self.by) - has):
            message = f"expr yields {listed(has)}, but by has {listed(sorted(missing))}"
            hint = f"aggregate it by ({', '.join(self.by)})"
            yield self.finding(codes.SLI_LABELS, message, hint, at="expr")


def _number(value: float | Decimal | None) -> str:
    return f"{Decimal(str(value)).normalize():f}"
