"""Durations are parsed as Prometheus does, and formatted as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obscode.promql import duration

VALID = {
    "500ms": 500,
    "30s": 30_000,
    "5m": 300_000,
    "1h30m": 5_400_000,
    "1d": 86_400_000,
    "1w": 604_800_000,
    "1y": 31_536_000_000,
    "1y1w1d1h1m1s1ms": 31_536_000_000 + 604_800_000 + 86_400_000 + 3_600_000 + 60_000 + 1000 + 1,
    "90m": 5_400_000,
    "0s": 0,
    "007m": 420_000,
}

INVALID = [
    "",
    " ",
    "5",
    "m",
    "-5m",
    "+5m",
    "1.5h",
    "5 m",
    " 5m",
    "5m ",
    "5m\n",
    "5M",
    "5min",
    "1m1h",
    "5m5m",
    "\N{ARABIC-INDIC DIGIT FIVE}m",
    "5µs",
]

FORMATTED = {0: "0s", -5: "0s", 1: "1ms", 1500: "1s500ms", 5_400_000: "1h30m", 86_400_000: "1d", 2_592_000_000: "30d"}


@pytest.mark.parametrize(("text", "milliseconds"), VALID.items())
def test_a_duration_is_parsed(text: str, milliseconds: int) -> None:
    assert duration.milliseconds(text) == milliseconds
    assert duration.seconds(text) == milliseconds / 1000
    assert duration.validate_duration(text, zero=True) is None


@pytest.mark.parametrize("text", INVALID)
def test_other_text_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        duration.milliseconds(text)
    assert duration.validate_duration(text) is not None


@pytest.mark.parametrize(("length", "text"), FORMATTED.items())
def test_a_duration_is_formatted_as_people_write_it(length: int, text: str) -> None:
    assert duration.format_duration(length) == text


@given(st.integers(1, 10**12))
def test_a_formatted_duration_round_trips(length: int) -> None:
    assert duration.milliseconds(duration.format_duration(length)) == length


@pytest.mark.parametrize("value", [None, True, 5, 0.5, float("nan"), ["5m"], b"5m"])
def test_values_that_are_no_strings_are_rejected(value: object) -> None:
    assert duration.validate_duration(value) is not None


def test_zero_is_valid_only_where_it_is_allowed() -> None:
    assert duration.validate_duration("0s") == ("'0s' is zero", "write a positive duration")
    assert duration.validate_duration("0s", zero=True) is None


def test_the_longest_duration_is_292_years() -> None:
    assert duration.validate_duration("292y") is None
    assert duration.validate_duration("293y") == ("'293y' is too long for Prometheus", "write at most 292y")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10 minutes", "10m"),
        ("0.5h", "30m"),
        ("1.5 days", "1d12h"),
        ("2 weeks", "14d"),
        ("500 ms", "500ms"),
        ("5M", "5m"),
    ],
)
def test_a_number_with_another_unit_is_written_as_a_duration(text: str, expected: str) -> None:
    assert duration.validate_duration(text) == (f"{text!r} is not a duration", f'write "{expected}"')


@pytest.mark.parametrize("text", ["0.3ms", "5x", "1h 30m", "1 month", "99999999 years"])
def test_other_text_is_answered_with_the_notation(text: str) -> None:
    hint = 'write units largest first, such as "30s", "5m", "1h30m" or "30d"'
    assert duration.validate_duration(text) == (f"{text!r} is not a duration", hint)
