"""Names are valid in Prometheus, Grafana and file systems; every finding suggests a valid name."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obscode.model.identifiers import (
    slug,
    suggestion,
    validate_alert_name,
    validate_label_name,
    validate_metric_name,
    validate_name,
    validate_plain_label_name,
    validate_plain_metric_name,
)
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher, Selector

GOOD_NAMES = ["a", "7", "ml-service", "ml_service", "shop.v2", "Shop", "a" * 63, "a-b.c_d"]
BAD_NAMES = [
    "",
    "a" * 64,
    "a/b",
    "..",
    "a..b",
    ".a",
    "a.",
    "-a",
    "a-",
    "_a",
    "a b",
    "a\n",
    "a\x00",
    "é",
    "a'b",
    '"',
]

GOOD_METRICS = ["up", "http_requests_total", "job:up:sum", ":up:sum", "_a", "UP", "a1"]
BAD_METRICS = ["", "1a", "a-b", "a.b", "a b", "é", "up\n", "up{}"]

GOOD_LABELS = ["path", "_path", "P1", "le"]
BAD_LABELS = ["", "1a", "a-b", "a:b", "a.b", "é", "a\n"]

UTF8_NAMES = ["1a", "a-b", "http.server.count", "é", "a b", 'a"b', "a\\b", "a\n"]

GOOD_ALERTS = ["HighErrorRate", "high_error_rate", "_A", "A1"]
BAD_ALERTS = ["", "5xx", "High error rate", "High-Error", "Höhe", "A\n"]

SLUGS = {
    "Requests now": "requests-now",
    "Größe, Übersicht": "grosse-ubersicht",
    "P99 / P50 (ms)": "p99-p50-ms",
    "---": "",
    "магазин": "",
}


@pytest.mark.parametrize(
    ("problem", "good", "bad"),
    [
        (validate_name, GOOD_NAMES, BAD_NAMES),
        (validate_plain_metric_name, GOOD_METRICS, BAD_METRICS),
        (validate_plain_label_name, GOOD_LABELS, BAD_LABELS),
        (validate_alert_name, GOOD_ALERTS, BAD_ALERTS),
    ],
    ids=["names", "metrics", "labels", "alerts"],
)
def test_invalid_names_are_reported(problem: Callable[[str], object], good: list[str], bad: list[str]) -> None:
    assert [name for name in good if problem(name) is not None] == []
    assert [name for name in bad if problem(name) is None] == []


def test_names_of_prometheus_3_have_any_characters() -> None:
    for validate in (validate_metric_name, validate_label_name):
        assert [name for name in UTF8_NAMES if validate(name)] == []
    assert validate_metric_name("") == ("a metric has no name", "write a name such as 'http_requests_total'")
    assert validate_label_name("") == ("a label has no name", "write a name such as 'team'")
    assert validate_label_name("__name__") == (
        "label '__name__' is reserved",
        "names that begin with '__' belong to Prometheus",
    )


@pytest.mark.parametrize("name", UTF8_NAMES)
def test_a_selector_is_parsed_from_its_own_text(name: str) -> None:
    selector = Selector(name, (Matcher(name, "=", name), Matcher("job", "=", "a")))
    assert parse_selector(str(selector)) == selector


@given(st.text())
def test_suggested_names_are_valid(text: str) -> None:
    assert validate_name(suggestion(text)) is None


@given(st.text())
def test_names_in_hints_are_valid(text: str) -> None:
    for problem in (validate_plain_metric_name, validate_plain_label_name, validate_alert_name):
        wrong = problem(text)
        suggested = re.search(r"such as '(\w+)'$", wrong[1]) if wrong else None
        assert suggested is None or problem(suggested[1]) is None


@pytest.mark.parametrize(("title", "expected"), SLUGS.items())
def test_a_slug_is_part_of_a_file_name(title: str, expected: str) -> None:
    assert slug(title) == expected


@given(st.text())
def test_the_slug_of_a_slug_is_unchanged(title: str) -> None:
    assert slug(slug(title)) == slug(title)
