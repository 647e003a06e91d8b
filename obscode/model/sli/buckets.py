"""Bucket bounds: their units, and the notations of `le`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal, get_args

from obscode.promql.duration import format_duration
from obscode.promql.selector import Matcher

#: Milliseconds in the unit of a metric, by the suffix of its name.
_UNITS = (
    (("_milliseconds", "_ms"), Decimal(1)),
    (("_microseconds", "_us"), Decimal("0.001")),
    (("_nanoseconds", "_ns"), Decimal("0.000001")),
    (("_minutes",), Decimal(60_000)),
    (("_hours",), Decimal(3_600_000)),
)
SECOND = Decimal(1000)
#: Units in which histograms measure times; none is that of the metric.
TimeUnit = Literal["", "seconds", "milliseconds", "microseconds", "nanoseconds", "minutes", "hours"]
_MILLISECONDS: Mapping[str, Decimal] = {"seconds": SECOND} | {
    endings[0].removeprefix("_"): size for endings, size in _UNITS
}
_SHORT: Mapping[str, str] = {
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "\u00b5s": "microseconds",
    "ns": "nanoseconds",
}


def unit_of(metric: str) -> Decimal:
    """Milliseconds in the unit of the metric; seconds, the base unit, if its name has no unit."""
    for endings, size in _UNITS:
        if metric.endswith(endings):
            return size
    return SECOND


def has_unit(metric: str) -> bool:
    """True if the name of a metric ends with a unit of time."""
    return metric.endswith(("_seconds", *(ending for endings, _ in _UNITS for ending in endings)))


def milliseconds_in(unit: str) -> Decimal:
    """Milliseconds in a unit, such as `microseconds`; for others, which are reported elsewhere, in a second."""
    return _MILLISECONDS.get(unit, SECOND)


def time_unit(text: str) -> TimeUnit:
    """The unit of time that `unit=` of a metric names, such as `ms`; none for others."""
    unit = _SHORT.get(text, text)
    return next((each for each in get_args(TimeUnit) if each == unit), "")


def le_matcher(bound: Decimal) -> Matcher:
    """A matcher for every notation of a bound; a plain `le="0.3"` if there is only one."""
    first, *others = dict.fromkeys(_spellings(bound))
    if not others:
        return Matcher("le", "=", first)
    return Matcher("le", "=~", "|".join(re.sub(r"([.+])", r"\\\1", s) for s in (first, *others)))


def _spellings(bound: Decimal) -> Iterator[str]:
    """Prometheus 3 normalises bounds to 1.0 or 1e+06; Prometheus 2 and OTLP do not change them.

    https://prometheus.io/docs/prometheus/latest/migration/#normalization-of-bucket-and-quantile-label-values
    """
    exact = Decimal(repr(float(bound))).normalize()  # the shortest decimal of the bucket's float
    plain, exponent = f"{exact:f}", exact.adjusted()
    yield plain  # OTLP, and Go between 0.0001 and 1000000
    if "." not in plain:
        yield f"{plain}.0"  # OpenMetrics, Python, Java
    mantissa = _mantissa(exact)
    if not -4 <= exponent < 6:
        yield f"{mantissa}e{exponent:+03d}"  # Go, Prometheus 3, Python
    if exponent >= 10:
        yield f"{mantissa}e+0{exponent}"  # an old bug of the Python client
    if not -3 <= exponent < 7:
        yield f"{mantissa if '.' in mantissa else mantissa + '.0'}E{exponent}"  # Java: 1.0E7


def normalised_bound(bound: float) -> str:
    """The value of `le` or `quantile` that Prometheus 3 stores: 1.0, 0.25, 1e+06, +Inf."""
    if not math.isfinite(bound):
        return "NaN" if math.isnan(bound) else "+Inf" if bound > 0 else "-Inf"
    exact = Decimal(repr(bound)).normalize()
    if bound and not -4 <= exact.adjusted() < 6:
        return f"{'-' if bound < 0 else ''}{_mantissa(exact)}e{exact.adjusted():+03d}"
    plain = f"{exact:f}"
    return plain if "." in plain else f"{plain}.0"


def _mantissa(exact: Decimal) -> str:
    digits = "".join(map(str, exact.as_tuple().digits))
    return f"{digits[0]}.{digits[1:]}" if digits[1:] else digits


def nearest(bound: Decimal, bounds: Sequence[float], unit: Decimal) -> str:
    """The nearest bounds below and above a threshold, and the effect of each."""
    exact = [Decimal(str(b)) for b in bounds]
    below = max((b for b in exact if b < bound), default=None)
    above = min((b for b in exact if b > bound), default=None)
    expected, choices = _length(bound, unit), []
    if below is not None:
        text = _length(below, unit)
        choices.append(f"under {text!r}, requests of {text} to {expected} count as slow")
    if above is not None:
        text = _length(above, unit)
        choices.append(f"under {text!r}, requests of {expected} to {text} count as fast")
    return "; ".join(choices)


def _length(bound: Decimal, unit: Decimal) -> str:
    """A length that can be pasted as a limit: `250ms`, `2.5s`, `1m`."""
    length = bound * unit
    if length == int(length) and length >= 1 and (length < SECOND or length % SECOND == 0):
        return format_duration(int(length))
    return f"{(length / SECOND).normalize():f}s"
