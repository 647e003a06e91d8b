"""Bucket bounds: their units, and the ways in which `le` is spelled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from obscode.duration import written

#: Milliseconds in one unit of a metric, told by the end of its name.
_UNITS = (
    (("_milliseconds", "_ms"), Decimal(1)),
    (("_microseconds", "_us"), Decimal("0.001")),
    (("_nanoseconds", "_ns"), Decimal("0.000001")),
    (("_minutes",), Decimal(60_000)),
    (("_hours",), Decimal(3_600_000)),
)
_SECONDS = Decimal(1000)


def unit_of(metric: str) -> Decimal:
    """Milliseconds in one unit of the metric; seconds, the base unit, where its name says nothing."""
    for endings, size in _UNITS:
        if metric.endswith(endings):
            return size
    return _SECONDS


def le_pattern(bound: Decimal) -> str:
    """A regular expression for every spelling of a bound.

    Prometheus 3 and the Python client write 1.0 and 1e+06, Prometheus 2 keeps what the client wrote,
    and OTLP writes 1 and 1000000. https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values
    """
    plain = f"{bound.normalize():f}"
    spellings = [plain]
    if "." not in plain:
        spellings.append(f"{plain}.0")
    if not -4 <= bound.normalize().adjusted() < 6:  # where Go and the Python client turn to exponents
        spellings.append(_exponent(bound))
    return "|".join(re.sub(r"([.+])", r"\\\1", s) for s in dict.fromkeys(spellings))


def _exponent(bound: Decimal) -> str:
    """Go's shortest form with an exponent: 1e+06, 2.5e-05."""
    exact = bound.normalize()
    digits = "".join(map(str, exact.as_tuple().digits))
    mantissa = f"{digits[0]}.{digits[1:]}" if digits[1:] else digits
    return f"{mantissa}e{exact.adjusted():+03d}"


def nearest(bound: Decimal, bounds: Sequence[Decimal], unit: Decimal) -> str:
    """The bounds on either side of a threshold, and what each would do."""
    below = max((b for b in bounds if b < bound), default=None)
    above = min((b for b in bounds if b > bound), default=None)

    def text(b: Decimal) -> str:
        length = b * unit
        return written(int(length)) if length == int(length) and length >= 1 else f"{b:f}"

    choices = []
    if below is not None:
        choices.append(f"{text(below)} would be stricter")
    if above is not None:
        choices.append(f"{text(above)} would be more lenient")
    return ", ".join(choices) or "the histogram has no bounds"
