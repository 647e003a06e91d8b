"""A matcher for a bucket bound matches every spelling of its `le`, and no other bound."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from prometheus_client.utils import floatToGoString

from obscode.model.sli.buckets import le_matcher

BOUNDS = st.floats(min_value=1e-12, max_value=1e18, allow_nan=False, allow_infinity=False)


def go(bound: float) -> str:
    """strconv.FormatFloat(bound, 'g', -1, 64): the shortest digits, an exponent below -4 and from 6 on."""
    sign, figures, point = Decimal(repr(bound)).as_tuple()
    assert isinstance(point, int)
    assert sign == 0
    digits = "".join(map(str, figures)).rstrip("0") or "0"
    exponent = len(figures) + point - 1
    if -4 <= exponent < 6:
        return otlp(bound)
    tail = f".{digits[1:]}" if digits[1:] else ""
    return f"{digits[0]}{tail}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def prometheus_3(bound: float) -> str:
    """labels.FormatOpenMetricsFloat: as Go, with .0 where it would look like an integer."""
    return go(bound) if re.search(r"[e.]", go(bound)) else f"{go(bound)}.0"


def otlp(bound: float) -> str:
    """strconv.FormatFloat(bound, 'f', -1, 64): never an exponent."""
    return f"{Decimal(repr(bound)):f}".removesuffix(".0")


def java(bound: float) -> str:
    """Double.toString: an exponent below 0.001 and from 10000000 on."""
    if 1e-3 <= bound < 1e7:
        return otlp(bound) if "." in otlp(bound) else f"{otlp(bound)}.0"
    mantissa, _, exponent = f"{Decimal(repr(bound)).normalize():e}".partition("e")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"


def matches(bound: float, le: str) -> bool:
    matcher = le_matcher(Decimal(str(bound)))
    return le == matcher.value if matcher.op == "=" else bool(re.fullmatch(matcher.value, le))


@pytest.mark.parametrize(
    ("bound", "matcher"),
    [
        ("0.3", 'le="0.3"'),
        ("0.0001", 'le=~"0\\\\.0001|1\\\\.0E-4"'),
        ("1", 'le=~"1|1\\\\.0"'),
        ("1.0", 'le=~"1|1\\\\.0"'),
        ("1000000", 'le=~"1000000|1000000\\\\.0|1e\\\\+06"'),
        ("0.000025", 'le=~"0\\\\.000025|2\\\\.5e-05|2\\\\.5E-5"'),
        ("2500000.5", 'le=~"2500000\\\\.5|2\\\\.5000005e\\\\+06"'),
    ],
)
def test_the_matcher_lists_the_spellings_of_a_bound(bound: str, matcher: str) -> None:
    assert str(le_matcher(Decimal(bound))) == matcher


@pytest.mark.parametrize("spelling", ["1e+06", "1000000", "1000000.0"])
def test_every_spelling_of_a_million_is_matched(spelling: str) -> None:
    assert matches(1_000_000, spelling)


@given(BOUNDS)
@example(1e10)
@example(100_000.0)
@example(123_456.75)
@example(1e16)
def test_the_spelling_of_every_client_library_is_matched(bound: float) -> None:
    for write in (go, prometheus_3, otlp, java, floatToGoString):
        assert matches(bound, write(bound)), write(bound)


@given(BOUNDS)
@example(0.1)
@example(1e-5)
@example(1e10)
def test_every_matched_spelling_is_the_bound(bound: float) -> None:
    for spelling in le_matcher(Decimal(str(bound))).value.replace("\\", "").split("|"):
        assert float(spelling) == bound


@given(BOUNDS)
def test_the_next_bound_is_not_matched(bound: float) -> None:
    other = math.nextafter(bound, math.inf)
    assert not any(matches(bound, write(other)) for write in (go, prometheus_3, otlp, java))


def test_a_bound_without_an_exact_decimal_is_matched_as_its_float() -> None:
    assert str(le_matcher(Decimal(100) / 60_000)) == 'le="0.0016666666666666668"'
