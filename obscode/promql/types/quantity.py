"""The unit of an expression, and what arithmetic does with units.

Where the structure does not determine a unit (`bytes / 1024`), it is unknown: a wrong unit is worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

#: Units without an id in Grafana: a number of things, a Unix time in seconds, and a constant of the expression.
COUNT, TIMESTAMP, NUMBER = "count", "timestamp", "number"
RATIO, PERCENT = "percentunit", "percent"

# A counter with one of these words counts a part of other events.
FAILURES = frozenset(
    {"errors", "failures", "failed", "exceptions", "timeouts", "rejected", "dropped", "hits", "misses"}
)


@dataclass(frozen=True)
class Quantity:
    """The unit of an expression.

    Attributes:
        unit: one of Grafana's, COUNT, TIMESTAMP, NUMBER, or empty if unknown.
        counted_noun: the name of the metric that counts, for COUNT.
        per_second: whether it is a rate.
    """

    unit: str
    counted_noun: str = ""
    per_second: bool = False


UNKNOWN = Quantity("")
CONSTANT = Quantity(NUMBER)


def name_words(stem: str) -> list[str]:
    """The words of a metric's name without `total`, at least one."""
    return stem.removesuffix("_total").replace(":", "_").lower().split("_")


def per_second(quantity: Quantity) -> Quantity:
    """The rate of a quantity; the rate of a rate is unknown."""
    return replace(quantity, per_second=True) if quantity.unit and not quantity.per_second else UNKNOWN


def added(operator: str, left: Quantity, right: Quantity) -> Quantity:
    """The unit of a sum, a difference or of either: the operands have one unit, or one is a number without a unit."""
    if operator == "-" and left.unit == right.unit == TIMESTAMP:
        return Quantity("s")
    if CONSTANT in (left, right):
        return left if right == CONSTANT else right
    same = (left.unit, left.per_second) == (right.unit, right.per_second)
    return left if same and left.unit != TIMESTAMP else UNKNOWN


def divided(left: Quantity, right: Quantity, divisor: float | None) -> Quantity:
    """The unit of a division; ``divisor`` is the right side if it is a constant."""
    if right == CONSTANT:
        return left if divisor == 1 else UNKNOWN
    if UNKNOWN in (left, right) or left == CONSTANT or left.per_second != right.per_second:
        return UNKNOWN
    if left.unit == right.unit:
        return Quantity(RATIO) if left.unit != COUNT or _is_part(left, right) else UNKNOWN
    # A sum divided by a count is an average.
    return Quantity(left.unit, left.counted_noun) if right.unit == COUNT else UNKNOWN


def _is_part(left: Quantity, right: Quantity) -> bool:
    """True if the numerator counts a part of the denominator: same metric, or its failures."""
    return left.counted_noun == right.counted_noun or bool(FAILURES & set(name_words(left.counted_noun)))


def multiplied(left: Quantity, right: Quantity, factors: tuple[float | None, float | None]) -> Quantity:
    """The unit of a product; ``factors`` are the sides that are constants."""
    at = 1 if right == CONSTANT else 0
    number, other = factors[at], (right, left)[at]
    if number == 1:
        return other
    if number == 0:
        return CONSTANT  # `or 0 * total`: the zeros have the unit of the other operand
    if (number, other) == (100, Quantity(RATIO)):
        return Quantity(PERCENT)
    return Quantity("ms") if (number, other.unit, other.per_second) == (1000, "s", False) else UNKNOWN
