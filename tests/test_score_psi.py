"""PSI of a histogram in PromQL is that of the same buckets in Python."""

from __future__ import annotations

import random
from collections.abc import Mapping
from math import inf, isclose, log

import pytest

from obscode import ScrapeJob, Service, presets
from obscode.model_metrics import SCORE_BUCKETS, bucket_counts, psi
from obscode.testing import rules_of

MODEL = 'job="payments",model="m",version="1"'


def service(reference: Mapping[float, float], window: str = "1d") -> Service:
    rules = presets.histogram_psi('model_prediction_score{job="payments"}', reference, window=window)
    return Service("payments", scrape=ScrapeJob(["payments:8000"]), recording_rules=rules)


def directly(reference: Mapping[float, float], counts: Mapping[float, float]) -> float:
    """PSI by its definition, with the share 0.0001 of empty buckets."""
    total, other = sum(reference.values()), sum(counts.values())
    shares = [(max(counts[each] / other, 1e-4), max(reference[each] / total, 1e-4)) for each in reference]
    return sum((p - q) * log(p / q) for p, q in shares)


def exposed(counts: Mapping[float, float], *, instances: int = 1, spelling: str = "{:g}") -> dict[str, str]:
    """The histogram, whose events of a day all arrive at once, beside those of the day before."""
    result, total = {}, 0.0
    for bound, count in counts.items():
        total += count
        le = "+Inf" if bound == inf else spelling.format(bound)
        for instance in range(instances):
            series = f'model_prediction_score_bucket{{{MODEL},instance="{instance}",le="{le}"}}'
            result[series] = f"{total * 3 + 5:g}x30 {total * 4 + 5:g}x20"
    return result


def with_inf(counts: Mapping[float, float]) -> dict[float, float]:
    return {**counts, inf: counts.get(inf, 0)}


@pytest.mark.parametrize("seed", range(4))
def test_psi_is_that_of_the_same_buckets(seed: int) -> None:
    """Empty buckets are in it: of the reference, of the window, and of both."""
    dice = random.Random(seed)
    reference, counts = (
        {bound: dice.choice([0, 1, 40, 900, 12_345]) for bound in (*SCORE_BUCKETS, inf)} for _ in range(2)
    )
    rules = rules_of(service(reference)).with_series(exposed(counts, instances=2), interval="1h")
    expected = directly(reference, counts)
    assert isclose(psi(reference, counts), expected, rel_tol=1e-12)
    query = f"abs(model_version:model_prediction_score:psi1d / {expected!r} - 1) < bool 1e-9"
    rules.assert_value(f"sum({query})", 1, at="48h")


@pytest.mark.parametrize("spelling", ["{:g}", "{:.1f}"])
def test_bounds_are_found_in_every_notation(spelling: str) -> None:
    reference = {0.5: 10, 1.0: 30, 2.0: 60}
    counts = {0.5: 60, 1.0: 30, 2.0: 10, inf: 0}
    rules = rules_of(service(reference)).with_series(exposed(counts, spelling=spelling), interval="1h")
    expected = directly(with_inf(reference), counts)
    rules.assert_value(
        f"abs(model_version:model_prediction_score:psi1d / {expected!r} - 1) < bool 1e-9",
        1,
        at="48h",
        labels={"model": "m", "version": "1"},
    )


def test_buckets_between_the_bounds_of_the_reference_do_not_count() -> None:
    reference = {0.5: 50, 1.0: 50}
    counts = {0.25: 20, 0.5: 20, 0.75: 30, 1.0: 30, inf: 0}
    rules = rules_of(service(reference)).with_series(exposed(counts), interval="1h")
    expected = directly({0.5: 50, 1.0: 50, inf: 0}, {0.5: 40, 1.0: 60, inf: 0})
    rules.assert_value(
        f"sum(abs(model_version:model_prediction_score:psi1d / {expected!r} - 1) < bool 1e-9)", 1, at="48h"
    )


def test_a_histogram_without_a_bound_of_the_reference_has_no_psi() -> None:
    rules = rules_of(service({0.25: 20, 0.5: 50, 1.0: 50}))
    rules = rules.with_series(exposed({0.5: 40, 1.0: 60, inf: 0}), interval="1h")
    rules.assert_value("absent(model_version:model_prediction_score:psi1d)", 1, at="48h")


def test_without_events_there_is_no_psi() -> None:
    series = dict.fromkeys(exposed({0.5: 1, 1.0: 1, inf: 0}), "100x48")
    rules = rules_of(service({0.5: 50, 1.0: 50})).with_series(series, interval="1h")
    rules.assert_value("absent(model_version:model_prediction_score:psi1d)", 1, at="48h")


def test_scores_are_counted_in_the_buckets_of_the_histogram() -> None:
    counts = bucket_counts([0.0, 0.05, 0.051, 1.0, 1.5], [0.05, 0.1, 1.0])
    assert counts == {0.05: 2, 0.1: 1, 1.0: 1, inf: 1}


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ({1.0: 5}, r"reference= is a reference of 1 buckets: write at least two, such as \{0\.5: 120, 1\.0: 80\}"),
        ({1.0: 5, 0.5: 5}, "reference= is a reference whose bounds do not ascend"),
        ({0.5: 0, 1.0: 0}, "reference= is a reference without events, or with fewer than none"),
        ({0.5: -1, 1.0: 3}, "reference= is a reference without events, or with fewer than none"),
    ],
)
def test_invalid_references_are_reported(reference: dict[float, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        service(reference)
