"""`obscode.model_metrics`: what a service exposes of predictions and labels, and how far a feature has drifted."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from math import isclose, log, nan
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest, start_http_server

from obscode import presets
from obscode.importers.metrics_source import read_metrics
from obscode.model.dashboard import Dashboard
from obscode.model.metrics import Histogram
from obscode.model_metrics import OTHER, FeatureDrift, PredictionMetrics, compare_feature, ks, psi
from obscode.reader.exposition import read_exposition
from obscode.scaffold.recognition import recognise
from obscode.toolchain import Tool
from obscode.verify import servers

CLASSES = ["ok", "fraud"]


def samples(registry: CollectorRegistry) -> dict[str, float]:
    lines = [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]
    values = (line.rsplit(" ", 1) for line in lines)
    return {name: float(value) for name, value in values if "_created" not in name}


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def test_all_series_begin_at_zero(registry: CollectorRegistry) -> None:
    PredictionMetrics("m", "1", classes=CLASSES, registry=registry)
    values = samples(registry)
    assert set(values.values()) == {0}
    cells = [name for name in values if name.startswith("model_confusion_total")]
    assert len(cells) == 4
    assert 'model_predictions_total{model="m",outcome="fraud",version="1"}' in values


def test_predictions_and_labels_are_counted(registry: CollectorRegistry) -> None:
    metrics = PredictionMetrics("m", "1", classes=CLASSES, registry=registry)
    metrics.predict("fraud", score=0.93)
    metrics.evaluate("fraud", actual="fraud", delay=7200)
    metrics.evaluate("fraud", actual="ok")
    metrics.evaluate("ok", actual="theft", delay=-1)
    values = {name: value for name, value in samples(registry).items() if value and "_bucket" not in name}
    own = 'model="m",version="1"'
    assert values == {
        'model_predictions_total{model="m",outcome="fraud",version="1"}': 1,
        f"model_prediction_score_count{{{own}}}": 1,
        f"model_prediction_score_sum{{{own}}}": 0.93,
        f"model_predictions_evaluated_total{{{own}}}": 3,
        f"model_predictions_correct_total{{{own}}}": 1,
        'model_confusion_total{actual="fraud",model="m",predicted="fraud",version="1"}': 1,
        'model_confusion_total{actual="ok",model="m",predicted="fraud",version="1"}': 1,
        f'model_confusion_total{{actual="{OTHER}",model="m",predicted="ok",version="1"}}': 1,
        f"model_label_delay_seconds_count{{{own}}}": 2,
        f"model_label_delay_seconds_sum{{{own}}}": 7200,
    }


def test_versions_share_a_registry(registry: CollectorRegistry) -> None:
    for version in ("1", "2"):
        PredictionMetrics("m", version, classes=CLASSES, registry=registry).evaluate("ok", actual="ok")
    values = samples(registry)
    assert [values[f'model_predictions_correct_total{{model="m",version="{v}"}}'] for v in "12"] == [1, 1]


def test_a_model_without_classes_has_no_confusion_counter(registry: CollectorRegistry) -> None:
    metrics = PredictionMetrics("m", "1", registry=registry)
    metrics.predict(score=0.5)
    metrics.evaluate(3.5, actual=3.5)
    values = samples(registry)
    assert not [name for name in values if "confusion" in name]
    assert values['model_predictions_total{model="m",outcome="predicted",version="1"}'] == 1
    assert values['model_predictions_correct_total{model="m",version="1"}'] == 1


@pytest.mark.parametrize(("number", "is_valid"), [(10, True), (11, False)])
def test_a_confusion_counter_has_at_most_ten_classes(number: int, is_valid: bool) -> None:
    classes = [str(each) for each in range(number)]
    if is_valid:
        PredictionMetrics("m", "1", classes=classes, registry=CollectorRegistry())
    else:
        with pytest.raises(ValueError, match="11 classes: a confusion counter has at most 10; group them"):
            PredictionMetrics("m", "1", classes=classes, registry=CollectorRegistry())


def test_the_metrics_are_those_of_the_preset(registry: CollectorRegistry, tmp_path: Path) -> None:
    PredictionMetrics("m", "1", classes=CLASSES, registry=registry)
    (tmp_path / "service.prom").write_bytes(generate_latest(registry))
    exposed = {metric.name: metric for metric in read_metrics(str(tmp_path / "service.prom"))}
    for metric in presets.model_quality("payments").metrics:
        assert type(exposed[metric.name]) is type(metric)
        assert set(exposed[metric.name].labels) == set(metric.labels)
        if isinstance(metric, Histogram):
            assert exposed[metric.name].bounds() == metric.bounds()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("classes", "arguments"), [(CLASSES, {}), ([], {"confusion": ""})])
def test_a_service_is_recognised(classes: list[str], arguments: dict[str, str], registry: CollectorRegistry) -> None:
    PredictionMetrics("m", "1", classes=classes, registry=registry)
    recognition = recognise(read_exposition(generate_latest(registry).decode(), "").metrics)
    assert recognition
    assert (recognition.exporter.preset, recognition.arguments) == ("model_quality", arguments)


# --- with Prometheus -----------------------------------------------------------------------------------------------

CONFIG = """\
global: {{scrape_interval: 500ms}}
scrape_configs: [{{job_name: payments, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}]
"""
LABELS = [("ok", "ok", 90), ("fraud", "ok", 10), ("fraud", "fraud", 6), ("ok", "fraud", 4)]  # predicted, actual


@pytest.fixture
def scraped(registry: CollectorRegistry, newest_prometheus: Tool, tmp_path: Path) -> Iterator[str]:
    """The URL of a Prometheus that scrapes the registry."""
    port = servers.free_port()
    server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    config = tmp_path / "prometheus.yml"
    config.write_text(CONFIG.format(port=port))
    try:
        with servers.prometheus(newest_prometheus, config, tmp_path / "data", servers.free_port()) as url:
            yield url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def eventually(expected: Any, read: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 30
    while (value := read()) != expected:
        assert time.monotonic() < deadline, value
        time.sleep(0.2)


@pytest.mark.slow
def test_the_panels_show_what_a_service_counts(registry: CollectorRegistry, scraped: str) -> None:
    metrics = PredictionMetrics("m", "1", classes=CLASSES, registry=registry)
    count = 'sum(model_predictions_evaluated_total{job="payments"})'
    eventually(0, lambda: servers.value(scraped, count))
    for predicted, actual, number in LABELS:
        for _ in range(number):
            metrics.predict(predicted, score=0.7)
            metrics.evaluate(predicted, actual=actual, delay=100)
    eventually(110, lambda: servers.value(scraped, count))
    time.sleep(1)  # the panels below read several series: all are of a scrape that has seen every label

    dashboard = presets.model_quality("payments").dashboard
    assert isinstance(dashboard, Dashboard)
    panels = {panel.title: panel for row in dashboard.rows for panel in row.panels}

    def values(title: str, query: int = 0) -> dict[str, float]:
        expr = panels[title].all_queries()[query].expr.replace("$__range", "10m").replace("$__rate_interval", "10m")
        result = servers.get(f"{scraped}/api/v1/query", query=expr)["result"]
        return {each["metric"].get("class", ""): round(float(each["value"][1]), 4) for each in result}

    assert values("Accuracy in the time range") == {"": round(96 / 110, 4)}
    assert values("Classes in the time range", 0) == {"ok": 0.9, "fraud": 0.6}
    assert values("Classes in the time range", 1) == {"ok": round(90 / 94, 4), "fraud": round(6 / 16, 4)}
    assert values("Classes in the time range", 2) == {"ok": round(180 / 194, 4), "fraud": round(12 / 26, 4)}
    assert values("Classes in the time range", 3) == {"ok": 100, "fraud": 10}
    assert values("Delay of labels in the time range") == {"": 330}
    assert values("Mean score") == {"": 0.7}


# --- drift ---------------------------------------------------------------------------------------------------------


def normal(seed: int, size: int, shift: float = 0) -> list[float]:
    dice = random.Random(seed)
    return [dice.gauss(shift, 1) for _ in range(size)]


def test_psi_is_that_of_its_definition() -> None:
    expected = (0.5 - 0.25) * log(0.5 / 0.25) + (0.5 - 0.75) * log(0.5 / 0.75)
    assert isclose(psi({"a": 1, "b": 3}, {"a": 50, "b": 50}), expected)
    assert psi({"a": 1, "b": 3}, {"a": 10, "b": 30}) == 0


def test_an_empty_bin_has_a_small_share() -> None:
    expected = (1 - 0.5) * log(1 / 0.5) + (1e-4 - 0.5) * log(1e-4 / 0.5)
    assert isclose(psi({"a": 1, "b": 1}, {"a": 7}), expected)
    assert isclose(psi({"a": 7}, {"a": 1, "b": 1}), psi({"a": 1, "b": 1}, {"a": 7}))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1, 2, 3], [1, 2, 3], 0),
        ([1, 2], [3, 4], 1),
        ([1, 1, 1, 2], [1, 2, 2, 2], 0.5),
        ([1, 2, 3, 4], [3, 4, 5, 6], 0.5),
        ([5], [5, 6], 0.5),
    ],
)
def test_ks_is_the_greatest_difference(one: list[float], other: list[float], expected: float) -> None:
    assert ks(one, other) == ks(other, one) == expected


@pytest.mark.parametrize("seed", range(3))
def test_ks_is_that_of_its_definition(seed: int) -> None:
    one, other = normal(seed, 50), [round(value, 1) for value in normal(seed + 10, 70, 0.3)]
    differences = (
        abs(sum(v <= at for v in one) / len(one) - sum(v <= at for v in other) / len(other)) for at in one + other
    )
    assert isclose(ks(one, other), max(differences))


def test_a_shift_is_drift_and_the_same_distribution_is_none() -> None:
    reference = normal(1, 10_000)
    same, shifted = compare_feature(reference, normal(2, 2000)), compare_feature(reference, normal(3, 2000, 0.6))
    assert same.psi < 0.02 < 0.2 < shifted.psi
    assert same.ks is not None
    assert shifted.ks is not None
    assert same.ks < 0.05 < 0.2 < shifted.ks
    assert (shifted.sample_size, shifted.reference_size) == (2000, 10_000)


def test_missing_values_are_a_bin_of_their_own() -> None:
    reference = [*normal(1, 1000), None]
    drift = compare_feature(reference, [*normal(2, 600), *[None] * 200, *[nan] * 200])
    assert drift.psi > 0.5
    assert (drift.sample_size, drift.ks_sample_size, drift.ks_reference_size) == (1000, 600, 1000)


def test_categories_are_compared_by_frequency() -> None:
    reference = [f"c{number % 40}" for number in range(4000)]
    assert compare_feature(reference, reference[:2000]).psi < 0.01
    assert compare_feature(reference, reference).ks is None
    assert compare_feature(["a", "b"] * 500, ["a"] * 900 + ["new"] * 100).psi > 0.5
    assert compare_feature([True, False] * 500, [True] * 1000).psi > 0.5


def test_a_number_with_few_values_has_a_bin_for_each() -> None:
    assert compare_feature([0, 1, 2] * 400, [0, 1, 2] * 200).psi == 0
    assert compare_feature([0] * 1000, [0] * 500).psi == 0
    assert compare_feature([0] * 990 + [1] * 10, [0] * 500 + [1] * 500).psi > 1


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(ValueError, match="3 values of the reference and 0 others: there is nothing to compare"):
        compare_feature([1, 2, 3], [])


def test_a_feature_without_numbers_has_no_ks() -> None:
    assert compare_feature([None] * 10, [None] * 10).ks is None
    assert compare_feature([1.0, 2.0], [None]).ks is None


class Gauges:
    """A run that keeps its gauges."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    def gauge(self, name: str, value: float, help: str, **labels: str) -> None:
        assert help
        assert labels == {"feature": "age"}
        self.values[name] = value


def test_the_gauges_are_those_of_the_preset() -> None:
    run = Gauges()
    FeatureDrift(0.3, 1000, 5000, 0.1, 900, 4000).push(run, feature="age")
    catalog = [metric.name for metric in presets.feature_drift("drift", every="1d").metrics]
    assert sorted(run.values) == sorted(catalog)
    assert run.values["model_feature_ks_sample_size"] == 900
