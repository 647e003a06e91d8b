"""A metric has one type in all catalogs of a project."""

from __future__ import annotations

import pytest

from obscode import Project, Service, compile
from obscode.checks import lint
from obscode.checks.metric_types import metric_types
from obscode.model.definitions import Definitions
from obscode.model.metrics import Counter, Gauge, Histogram, Metric, Summary


def reported(first: Metric, second: Metric) -> list[str]:
    services = [Service("carts", metrics=[first]), Service("orders", metrics=[second])]
    findings = lint(compile(Definitions(Project("p"), services)), [metric_types])
    return [f"{each.message}; {each.hint.partition(',')[0]}" for each in findings]


TYPES = [
    (Counter("a_total"), Gauge("a_total"), ["a_total is a gauge of orders and a counter of carts; give it one type"]),
    (Histogram("a"), Summary("a"), ["a is a summary of orders and a histogram of carts; give it one type"]),
    (Histogram("a"), Gauge("a_count"), ["a_count is a gauge of orders and a histogram of carts; give it one type"]),
    (Counter("a_total"), Counter("a_total", labels=["b"]), []),
    (Counter("a_total"), Metric("a_total"), []),
    (Metric("a_total"), Counter("a_total"), []),
    (Histogram("a"), Histogram("a", native=True), []),
    (Histogram("a"), Gauge("a_created"), []),
]


@pytest.mark.parametrize(("first", "second", "messages"), TYPES)
def test_a_metric_has_one_type_in_all_catalogs(first: Metric, second: Metric, messages: list[str]) -> None:
    assert reported(first, second) == messages


def test_a_metric_of_one_service_twice_is_another_finding() -> None:
    services = [Service("carts", metrics=[Counter("a_total"), Histogram("b"), Gauge("b_count")])]
    assert lint(compile(Definitions(Project("p"), services)), [metric_types]) == []
