"""The values that an expression can have, as far as they are provable: a quantile is at most the highest bucket.

NaN is outside of every interval: a comparison with it is false.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf, isinf, isnan


@dataclass(frozen=True)
class Interval:
    """The values from ``low`` to ``high``, without the ends that are open."""

    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False

    @property
    def is_empty(self) -> bool:
        """True if it holds no value."""
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    @property
    def is_bounded(self) -> bool:
        """True if something is known of the values."""
        return self.low > -inf or self.high < inf

    @property
    def constant(self) -> float | None:
        """The only value, or None."""
        return self.low if self.low == self.high and not self.is_empty else None

    def intersect(self, other: Interval) -> Interval:
        """The values that are in both."""
        low = max((self.low, self.low_open), (other.low, other.low_open))
        high = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low[0], high[0], low[1], not high[1])

    def union(self, other: Interval) -> Interval:
        """The values that are in one of them, and those between."""
        low = min((self.low, self.low_open), (other.low, other.low_open))
        high = max((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low[0], high[0], low[1], not high[1])

    def map(self, increasing: Callable[[float], float]) -> Interval:
        """The values of an increasing function; its ends are closed, since rounding may reach them."""
        low, high = (end if isinf(end) else increasing(end) for end in (self.low, self.high))
        return Interval(low, high)

    def sum(self) -> Interval:
        """Sums of one or more values."""
        return Interval(
            self.low if self.low >= 0 else -inf,
            self.high if self.high <= 0 else inf,
            self.low_open and self.low >= 0,
            self.high_open and self.high <= 0,
        )

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, self.high_open, self.low_open)

    def __str__(self) -> str:
        brackets = "(" if self.low_open else "[", ")" if self.high_open else "]"
        return f"{brackets[0]}{self.low:g}, {self.high:g}{brackets[1]}"


ALL = Interval()
NOT_NEGATIVE = Interval(0)
UNIT = Interval(0, 1)
ONE = Interval(1, 1)


def exactly(value: float) -> Interval:
    """One value; all values for NaN."""
    return ALL if isnan(value) else Interval(value, value)


def arithmetic(op: str, left: Interval, right: Interval) -> Interval:
    """The results of `left op right`; all values where the bounds are not provable."""
    match op:
        case "+":
            return _added(left, right)
        case "-":
            return _added(left, -right)
        case "*":
            return _of_corners(left, right, operator.mul)
        case "/" if right.low > 0 or right.high < 0:
            return _of_corners(left, right, operator.truediv)
        case "/" if left.low >= 0 and right.low >= 0:
            return NOT_NEGATIVE
        case "%" if (divisor := right.constant) and divisor > 0 and left.low >= 0:
            return Interval(0, divisor, False, True)
        case "^" if left.constant and right.constant is not None and left.constant > 0:
            return exactly(left.constant**right.constant)
        case "^" if left.low >= 0:
            return NOT_NEGATIVE
    return ALL


def _added(left: Interval, right: Interval) -> Interval:
    low, high = left.low + right.low, left.high + right.high
    return Interval(
        -inf if isnan(low) else low,
        inf if isnan(high) else high,
        left.low_open or right.low_open,
        left.high_open or right.high_open,
    )


def _of_corners(left: Interval, right: Interval, calculate: Callable[[float, float], float]) -> Interval:
    # 0 * Inf is the bound of products of zero with growing numbers, which are zero.
    products = [calculate(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
    values = [0.0 if isnan(product) else product for product in products]
    return Interval(min(values), max(values))


_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
COMPARISONS = frozenset(_COMPARE)


def compare(op: str, left: Interval, right: Interval) -> bool | None:
    """True if a comparison is true for all values, False if it is for none, None if it depends on them."""
    if left.is_empty or right.is_empty:
        return None
    match op:
        case ">":
            return _is_above(left, right, allow_equal=False)
        case ">=":
            return _is_above(left, right, allow_equal=True)
        case "<":
            return _is_above(right, left, allow_equal=False)
        case "<=":
            return _is_above(right, left, allow_equal=True)
        case "==" | "!=":
            equal = _are_equal(left, right)
            return equal if op == "==" or equal is None else not equal
    return None


def _is_above(left: Interval, right: Interval, *, allow_equal: bool) -> bool | None:
    if left.low > right.high or (left.low == right.high and (allow_equal or left.low_open or right.high_open)):
        return True
    touch = allow_equal and not (left.high_open or right.low_open)
    if left.high < right.low or (left.high == right.low and not touch):
        return False
    return None


def _are_equal(left: Interval, right: Interval) -> bool | None:
    if left.intersect(right).is_empty:
        return False
    return True if left.constant is not None and left.constant == right.constant else None


def narrowed(op: str, left: Interval, right: Interval) -> Interval:
    """The values of the left side for which a comparison is true."""
    match op:
        case ">" | ">=":
            return left.intersect(Interval(right.low, inf, op == ">" or right.low_open))
        case "<" | "<=":
            return left.intersect(Interval(-inf, right.high, False, op == "<" or right.high_open))
        case "==":
            return left.intersect(right)
    return left


def join(intervals: Iterable[Interval]) -> Interval:
    """The values that are in one of several intervals; all values if there is none."""
    result: Interval | None = None
    for interval in intervals:
        result = interval if result is None else result.union(interval)
    return result or ALL
