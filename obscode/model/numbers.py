"""Numbers as a person writes them: 0.001 and 14.4, not 1e-3 and 14.399999999999999."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, overload

#: A number of bytes with its unit, as Prometheus reads it: `10MB`, `512KiB`.
Size = Annotated[str, 'a size such as "10MB"']


def format_decimal(number: Decimal) -> str:
    """A number without an exponent and without zeros at the end: `0.001`, `14.4`, `30`."""
    return f"{number.normalize():f}"


def format_sample(value: float) -> str:
    """A sample without an exponent, as promtool reads it: nine decimals, or nine digits below 1."""
    return format_decimal(Decimal(f"{value:.9f}" if abs(value) >= 1 else f"{value:.9g}"))


def round_factor(number: Decimal) -> Decimal:
    """Four decimals at most, without zeros at the end; a number that would round to zero stays as it is."""
    rounded = round(number, 4).normalize()
    return rounded if rounded else number.normalize()


@overload
def shortest_number(number: float | Decimal) -> float | int: ...
@overload
def shortest_number(number: float | Decimal | None) -> float | int | None: ...
def shortest_number(number: float | Decimal | None) -> float | int | None:
    """Twelve significant digits, and no fraction where it is zero: 0.3 for 0.30000000000000004, 5 for 5.0."""
    if number is None or isinstance(number, int):
        return number
    short = float(f"{number:.12g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
