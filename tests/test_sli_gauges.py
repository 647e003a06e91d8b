"""Uptime, raw ratios and freshness: SLIs on the samples of a gauge, without NaN."""

from __future__ import annotations

import pytest
from finding_text import finding_text
from promql_cases import Case, always, check, finite
from sli_cases import SERVICE, recorded

from obscode.model.metrics import Counter, Gauge, Histogram, Metric, Summary
from obscode.model.sli import Freshness, RawRatio, Uptime
from obscode.model.sli.base import SLI, Events
from obscode.toolchain import Tool

UPTIME = Uptime("probe_success", by=["instance"])
RATIO = RawRatio("error_ratio", by=["model"])
FRESH = Freshness("success_timestamp_seconds", max_age="1m", by=["batch"])

# Ten minutes and twenty seconds: the window begins between the last looks at 5m15s and 5m30s, and holds
# two looks at minute 5, four at each of the minutes 6 to 9, and two at minute 10.
INSTANT = "10m20s"


# --- expressions ---------------------------------------------------------------------------------------------------


def test_uptime_counts_samples_of_zero() -> None:
    assert Uptime('probe_success{module="http"}').events("5m", SERVICE) == Events(
        bad='sum(count_over_time((probe_success{module="http",job="api"} == 0)[5m:15s]))',
        total='sum(count_over_time((probe_success{module="http",job="api"} >= 0)[5m:15s]))',
    )


def test_a_raw_ratio_sums_its_samples() -> None:
    assert RATIO.events("5m", SERVICE) == Events(
        bad='sum by (model) (sum_over_time((-Inf < error_ratio{job="api"} < Inf)[5m:15s]))',
        total='sum by (model) (sum_over_time((abs(error_ratio{job="api"}) < bool Inf)[5m:15s]))',
    )


def test_freshness_compares_the_newest_timestamp() -> None:
    assert Freshness("success_timestamp_seconds", max_age="26h", by=["batch"]).events("5m", SERVICE) == Events(
        bad='time() - max by (batch) (success_timestamp_seconds{job="api"}) > bool 93600',
        total='max by (batch) (success_timestamp_seconds{job="api"}) >= bool -Inf',
    )


def test_a_timestamp_in_milliseconds_is_converted() -> None:
    events = Freshness("success_timestamp_ms", max_age="1m30s").events("5m")
    assert events.bad == "time() - max(success_timestamp_ms) * 0.001 > bool 90"


def test_samples_need_a_minimum_of_events_and_slices_of_time_do_not() -> None:
    assert (UPTIME.is_sampled, RATIO.is_sampled, FRESH.is_sampled) == (True, True, False)


# --- results -------------------------------------------------------------------------------------------------------


def test_samples_of_a_probe_in_five_minutes(promtool: Tool) -> None:
    series = {
        'probe_success{job="api",instance="up"}': "1x20",
        'probe_success{job="api",instance="down"}': "0x20",
        'probe_success{job="api",instance="blip"}': "1 1 1 1 1 1 1 0 1x12",
        'probe_success{job="api",instance="nan"}': "1 1 1 1 1 1 1 0 NaN 1x11",
        'probe_success{job="api",instance="two",zone="a"}': "1x20",
        'probe_success{job="api",instance="two",zone="b"}': "0x20",
        'probe_success{job="api",instance="gone"}': "0 stale",
        'probe_success{job="other",instance="up"}': "0x20",
    }
    bad, total = recorded(UPTIME)
    instances = ("up", "down", "blip", "nan", "two")
    cases = [
        Case(total, INSTANT, _each("instance", instances, [20, 20, 20, 16, 40])),
        Case(bad, INSTANT, _each("instance", instances, [0, 20, 4, 4, 20])),
        finite(bad, "20m"),
        finite(total, "20m"),
    ]
    check(promtool, series, cases)


def test_samples_of_a_raw_ratio_in_five_minutes(promtool: Tool) -> None:
    series = {
        'error_ratio{job="api",model="a"}': "0.5x20",
        'error_ratio{job="api",model="flawless"}': "0x20",
        'error_ratio{job="api",model="idle"}': always("NaN"),
        'error_ratio{job="api",model="at-times"}': "0.1 0.1 0.1 0.1 0.1 0.1 0.5 0.5 NaN NaN NaN",
        'error_ratio{job="api",model="infinite"}': "0.25 0.25 0.25 0.25 0.25 0.25 0.25 Inf -Inf 0.25 0.25",
        'error_ratio{job="api",model="percent"}': "50x20",
        'error_ratio{job="api",model="negative"}': "-1x20",
    }
    bad, total = recorded(RATIO)
    models = ("a", "flawless", "idle", "at-times", "infinite", "percent", "negative")
    cases = [
        Case(total, INSTANT, _each("model", models, [20, 20, 0, 10, 12, 20, 20])),
        Case(bad, INSTANT, _each("model", models, [10, 0, 0, 4.2, 3, 1000, -20])),
        finite(bad, "20m"),
        finite(total, "20m"),
    ]
    check(promtool, series, cases)


def test_a_group_is_fresh_by_its_newest_success(promtool: Tool) -> None:
    series = {
        'success_timestamp_seconds{job="api",batch="fresh"}': "600x20",
        'success_timestamp_seconds{job="api",batch="stale"}': "500x20",
        'success_timestamp_seconds{job="api",batch="retried",pod="1"}': "500x20",
        'success_timestamp_seconds{job="api",batch="retried",pod="2"}': "600x20",
        'success_timestamp_seconds{job="api",batch="never"}': "0x20",
        'success_timestamp_seconds{job="api",batch="nan"}': always("NaN"),
        'success_timestamp_seconds{job="api",batch="gone"}': "600 stale",
    }
    bad, total = recorded(FRESH)
    batches = ("fresh", "stale", "retried", "never", "nan")
    cases = [
        Case(total, "10m30s", _each("batch", batches, [1, 1, 1, 1, 0])),
        Case(bad, "10m30s", _each("batch", batches, [0, 1, 0, 1, 0])),
        Case(bad, "11m1s", _each("batch", batches, [1, 1, 1, 1, 0])),
        finite(bad, "20m"),
        finite(total, "20m"),
    ]
    check(promtool, series, cases)


def test_a_missing_gauge_gives_no_sample(promtool: Tool) -> None:
    kinds = [Uptime("typo"), RawRatio("typo"), Freshness("typo", max_age="1h")]
    check(promtool, {}, [Case(expr, "10m30s", {}) for sli in kinds for expr in recorded(sli)])


# --- findings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sli", [Uptime("x"), RawRatio("x"), Freshness("x", max_age="1h")])
@pytest.mark.parametrize(
    ("metric", "kind"), [(Counter("x"), "counter"), (Histogram("x"), "histogram"), (Summary("x"), "summary")]
)
def test_metrics_other_than_gauges_are_rejected(sli: SLI, metric: Metric, kind: str) -> None:
    assert (
        finding_text(sli.catalog_findings([metric, Gauge("y")]))
        == f"error[sli-metric]: x is a {kind}\n  hint: name a gauge"
    )
    assert finding_text(sli.catalog_findings([Gauge("x")])) == ""


def test_an_expression_instead_of_a_selector_is_rejected() -> None:
    assert finding_text(Uptime("avg_over_time(up[5m])").problems()) == (
        "error[sli-selector]: 'avg_over_time(up[5m])' cannot be used here: it is not a selector;"
        " obscode adds rate() and the window\n"
        """  hint: write a metric with its matchers, such as 'http_requests_total{status=~"5.."}'"""
    )


def test_an_invalid_age_is_rejected() -> None:
    assert finding_text(Freshness("x", max_age="a day").problems()) == (
        "error[invalid-duration]: 'a day' is not a duration\n"
        '  hint: write units largest first, such as "30s", "5m", "1h30m" or "30d"'
    )


def _each(label: str, groups: tuple[str, ...], values: list[float]) -> dict[str, float]:
    return {f'{{{label}="{group}"}}': value for group, value in zip(groups, values, strict=True)}
