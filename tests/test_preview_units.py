"""The preview page writes numbers as Grafana does: every unit, against the texts of Grafana's own package."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from page_scripts import evaluate

CASES = Path(__file__).parent / "grafana_data" / "units.json"

# ICU changed the space before AM and PM, and Chromium and Node have different versions of it.
_SPACES = str.maketrans({"\u202f": " "})


@cache
def _cases() -> dict[str, Any]:
    return dict(json.loads(CASES.read_text(encoding="utf-8")))


_TEXTS = """(clock.timeZone = "Europe/Berlin", units.map((unit) => decimals.map((places) =>
    values.map((value) => valueText(unitFormat(unit)(value, places))))))"""


def test_every_unit_is_written_as_in_grafana() -> None:
    cases = _cases()
    units = list(cases["cases"])
    texts = evaluate(_TEXTS, units=units, decimals=cases["decimals"], values=cases["values"])
    wrong = [
        f"{unit} of {value!r} with {places} decimals: {text!r} instead of {expected!r}"
        for unit, rows in zip(units, texts, strict=True)
        for places, row, right in zip(cases["decimals"], rows, cases["cases"][unit], strict=True)
        for value, text, expected in zip(cases["values"], row, right, strict=True)
        if text.translate(_SPACES) != expected.translate(_SPACES)
    ]
    assert wrong == []
    assert len(units) > 280


def test_infinity_and_nan_are_written_as_in_grafana() -> None:
    special = _cases()["special"]
    script = "units.map((unit) => [Infinity, -Infinity, NaN].map((value) => valueText(unitFormat(unit)(value, null))))"
    tried = [unit for unit, texts in special.items() if None not in texts]
    texts = evaluate(script, units=tried)
    assert dict(zip(tried, texts, strict=True)) == {unit: special[unit] for unit in tried}


def test_the_page_knows_no_unit_that_grafana_does_not() -> None:
    by_clock = {
        "dateTimeAsIsoNoDateIfToday",
        "dateTimeAsUSNoDateIfToday",
        "dateTimeAsLocalNoDateIfToday",
        "dateTimeFromNow",
    }
    known = evaluate("[...Object.values(UNIT_TABLE).flatMap((group) => Object.keys(group)), ...Object.keys(DURATIONS)]")
    assert set(known) - set(_cases()["cases"]) - by_clock == set()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (44, "a few seconds ago"),
        (45, "a minute ago"),
        (89, "a minute ago"),
        (90, "2 minutes ago"),
        (44 * 60, "44 minutes ago"),
        (45 * 60, "an hour ago"),
        (21 * 3600, "21 hours ago"),
        (22 * 3600, "a day ago"),
        (25 * 86400, "25 days ago"),
        (26 * 86400, "a month ago"),
        (320 * 86400, "a year ago"),
        (-120, "in 2 minutes"),
    ],
)
def test_an_instant_is_written_relative_to_the_end_of_the_view(seconds: int, text: str) -> None:
    assert (
        evaluate(
            "(clock.now = now, valueText(unitFormat('dateTimeFromNow')(then)))", now=1e12, then=1e12 - seconds * 1000
        )
        == text
    )


def test_a_date_of_today_has_no_date() -> None:
    texts = "[now - 3600000, now - 86400000].map((ms) => valueText(unitFormat('dateTimeAsIsoNoDateIfToday')(ms)))"
    script = f"(clock.timeZone = 'utc', clock.now = now, {texts})"
    assert evaluate(script, now=1_772_017_200_000) == ["10:00:00", "2026-02-24 11:00:00"]
