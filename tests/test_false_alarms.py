"""Without a fault, alerts about quality and drift fire as rarely as docs/quality.md says; with one, they do fire.

The simulation has the conditions of the alerts in Python. The first tests compare them with the rules in promtool.
"""

from __future__ import annotations

import random

import pytest

from benchmarks.false_alarms import (
    SIZES,
    accuracy_alarms,
    continuous,
    daily_alarms,
    drift_alarms,
    fewest_labels,
    is_low,
    ks_is_high,
    psi_is_high,
    shifted,
    skewed,
)
from obscode import ScrapeJob, presets
from obscode.model_metrics import FeatureDrift
from obscode.testing import Rules, rules_of


def assert_only(rules: Rules, alert: str, label: str, *, at: str) -> None:
    """All alerts whose label begins with `high` fire, and no other."""
    high = {name for series in rules.series for name in [series.partition(f'{label}="')[2].partition('"')[0]]}
    expected = sum(name.startswith("high") for name in high)
    assert 0 < expected < len(high)
    firing = f'ALERTS{{alertname="{alert}",alertstate="firing"'
    others = f'(count({firing},{label}!~"high.*"}}) or vector(0))'
    rules.assert_value(f'count({firing},{label}=~"high.*"}}) - 1000 * {others}', expected, at=at)


@pytest.mark.parametrize("target", [0.8, 0.9, 0.99])
def test_the_condition_of_labels_is_that_of_the_rules(target: float) -> None:
    """At the first number of wrong predictions that is reported, and one below it, for several sizes."""
    series = {}
    for size in (fewest_labels(target) - 1, fewest_labels(target), 1000, 5000, 20_000):
        least = next((wrong for wrong in range(size) if is_low(wrong, size, target)), size)
        for wrong in (least - 1, least):
            version = f"{'high' if is_low(wrong, size, target) else 'low'}-{size}-{wrong}"
            labels = f'{{job="payments",model="m",version="{version}"}}'
            series[f"model_predictions_evaluated_total{labels}"] = f"0x30 {size}x30"
            series[f"model_predictions_correct_total{labels}"] = f"0x30 {size - wrong}x30"
    service = presets.model_quality("payments", scrape=ScrapeJob(["p:1"]), accuracy=target, confusion="")
    rules = rules_of(service.derive(runbook="https://runbooks.example.com")).with_series(series, interval="1h")
    assert_only(rules, "ModelAccuracyLow", "version", at="48h")


def test_the_condition_of_features_is_that_of_the_rules() -> None:
    """Values near the limits, of samples and references of many sizes."""
    dice = random.Random(3)
    series: dict[str, str] = {}
    number = 80
    for n in range(number):
        size, reference = dice.choice([400, 500, 700, 3000]), dice.choice([499, 500, 900, 20_000])
        index = round(0.2 + dice.uniform(-1, 3) * (9 / size + 9 / reference), 6)
        distance = round(dice.uniform(0.13, 0.19), 6)
        is_high = psi_is_high(index, size, reference) or ks_is_high(distance, size, reference, number)
        gauges = Gauges(f'job="drift",model="m",feature="{"high" if is_high else "low"}-{n}"')
        FeatureDrift(index, size, reference, distance, size, reference).push(gauges)
        series |= gauges.series
    service = presets.feature_drift("drift", every="1d", runbook="https://runbooks.example.com")
    assert_only(rules_of(service).with_series(series, interval="6h"), "ModelFeatureDrift", "feature", at="42h")


class Gauges:
    """A run whose gauges are series of a test."""

    def __init__(self, labels: str) -> None:
        self.labels = labels
        self.series: dict[str, str] = {}

    def gauge(self, name: str, value: float, help: str, **labels: str) -> None:
        self.series[f"{name}{{{self.labels}}}"] = f"{value!r}x12"


# --- 1,000 days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_a_model_at_its_target_has_no_more_false_alarms_than_the_page_says(size: int) -> None:
    dice = random.Random(size)
    assert accuracy_alarms(size, 0.9, 0.9, dice) <= 1
    assert accuracy_alarms(size, 0.92, 0.9, dice) == 0
    assert daily_alarms(size, 0.9, 0.9, dice, days=1000 if size < 5000 else 200) <= 1


@pytest.mark.parametrize(("size", "features"), [(100, 10), (500, 10), (500, 1), (1000, 1)])
def test_features_without_drift_raise_no_alarm(size: int, features: int) -> None:
    dice = random.Random(size + features)
    result = drift_alarms(size, features, dice, days=1000 if features < 10 else 300)
    assert {name: count for name, count in result.items() if not name.startswith("plain")} == {}
    if size == 100:
        assert result["plain PSI above 0.1"] > 0.2 * features * 300


def test_categories_without_drift_raise_no_alarm() -> None:
    result = drift_alarms(500, 3, random.Random(1), days=300, before=skewed, draw=skewed)
    assert {name for name, count in result.items() if count} <= {"plain PSI above 0.1"}


# --- faults --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "true"), [(300, 0.76), (1000, 0.83), (5000, 0.87)])
def test_a_model_below_its_target_is_reported(size: int, true: float) -> None:
    assert daily_alarms(size, true, 0.9, random.Random(size), days=50) >= 45


@pytest.mark.parametrize(("size", "by"), [(500, 0.8), (5000, 0.6)])
def test_a_shift_is_reported_after_two_runs(size: int, by: float) -> None:
    result = drift_alarms(size, 1, random.Random(size), days=20, before=shifted(0), draw=shifted(by))
    assert result["PSI in a run"] == result["KS in a run"] == 20
    assert result["PSI"] == result["KS"] == 1


def test_samples_are_drawn_from_the_same_distribution() -> None:
    assert 0 <= min(continuous(random.Random(1), 100)) < max(continuous(random.Random(1), 100)) <= 1
