"""Durations are read as Prometheus reads them, and written as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obscode.promql import duration

READ = {
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

NONE = [
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

WRITTEN = {0: "0s", -5: "0s", 1: "1ms", 1500: "1s500ms", 5_400_000: "1h30m", 86_400_000: "1d", 2_592_000_000: "30d"}


@pytest.mark.parametrize(("text", "milliseconds"), READ.items())
def test_a_duration_is_read(text: str, milliseconds: int) -> None:
    assert duration.milliseconds(text) == milliseconds
    assert duration.seconds(text) == milliseconds / 1000
    assert duration.validate_duration(text, zero=True) is None


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        duration.milliseconds(text)
    assert duration.validate_duration(text) is not None


@pytest.mark.parametrize(("length", "text"), WRITTEN.items())
def test_a_duration_is_written_as_a_person_would(length: int, text: str) -> None:
    assert duration.format_duration(length) == text


@given(st.integers(1, 10**12))
def test_what_is_written_is_read_again(length: int) -> None:
    assert duration.milliseconds(duration.format_duration(length)) == length


@pytest.mark.parametrize("value", [None, True, 5, 0.5, float("nan"), ["5m"], b"5m"])
def test_what_is_no_string_is_told(value: object) -> None:
    assert duration.validate_duration(value) is not None


def test_zero_is_a_duration_only_where_it_is_asked_for() -> None:
    assert duration.validate_duration("0s") == ("'0s' is zero", "write a positive duration")
    assert duration.validate_duration("0s", zero=True) is None


def test_prometheus_cannot_count_beyond_292_years() -> None:
    assert duration.validate_duration("292y") is None
    assert duration.validate_duration("293y") == ("'293y' is longer than Prometheus can count", "it ends at 292 years")
