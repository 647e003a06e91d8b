"""Latency from classic and native histograms, alone and combined with errors."""

from __future__ import annotations

from typing import Any

import pytest
from finding_text import finding_text
from promql_cases import Case, check, finite
from sli_cases import SERVICE, counts, recorded

from obscode import SLO, Service
from obscode.model.metrics import Counter, Histogram, Metric
from obscode.model.sli import ErrorsAndLatency, Latency, NativeLatency
from obscode.model.sli.base import Events
from obscode.toolchain import Tool

CLASSIC = Latency("wait_seconds", under="300ms", by=["model"])
NATIVE = NativeLatency("wait_seconds", under="500ms", by=["model"])
EITHER = ErrorsAndLatency("wait_seconds", errors='{status=~"5.."}', under="300ms", by=["model"])


# --- expressions ---------------------------------------------------------------------------------------------------


def test_slow_requests_are_the_total_minus_the_bucket() -> None:
    assert Latency('wait_seconds{path="/predict"}', under="300ms").events("5m", SERVICE) == Events(
        bad=counts("""\
sum(<wait_seconds_count{path="/predict",job="api"}>)
-
sum(<wait_seconds_bucket{path="/predict",job="api",le="0.3"}>)"""),
        total=counts("""\
sum(<wait_seconds_count{path="/predict",job="api"}>)
and
sum(<wait_seconds_bucket{path="/predict",job="api",le="0.3"}>)"""),
        complete=True,
    )


def test_slow_requests_are_a_fraction_of_a_native_histogram() -> None:
    assert NATIVE.events("5m", SERVICE) == Events(
        bad="""\
histogram_count(sum by (model) (increase(wait_seconds{job="api"}[5m])))
*
(histogram_fraction(0.5, Inf, sum by (model) (increase(wait_seconds{job="api"}[5m]))) >= 0)""",
        total='histogram_count(sum by (model) (increase(wait_seconds{job="api"}[5m])))',
    )


def test_a_failed_and_slow_request_counts_once() -> None:
    assert ErrorsAndLatency("wait_seconds", errors='{code="500"}', under="1s").events("5m").bad == counts(
        """\
sum(<wait_seconds_count>)
-
sum(<wait_seconds_bucket{le=~"1|1\\\\.0"}>)
+
(sum(<wait_seconds_bucket{code="500",le=~"1|1\\\\.0"}>) or 0 * sum(<wait_seconds_count>))"""
    )


# --- the unit of the histogram -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Latency, NativeLatency])
@pytest.mark.parametrize(
    ("histogram", "bound"),
    [
        (Histogram("wait", unit="microseconds", buckets=[500_000]), 500_000),
        (Histogram("wait", unit="\u00b5s", buckets=[500_000]), 500_000),
        (Histogram("wait", unit="ms", buckets=[500]), 500),
        (Histogram("wait_ms", unit="ms", buckets=[500]), 500),
        (Histogram("wait_seconds", unit="milliseconds", buckets=[500]), 500),
        (Histogram("wait", unit="requests", buckets=[0.5]), 0.5),
        (Histogram("other", unit="milliseconds", buckets=[0.5]), 0.5),
        (Histogram("wait", buckets=[0.5]), 0.5),
    ],
)
def test_a_service_gives_its_slos_the_units_of_its_catalog(
    kind: type[Latency], histogram: Histogram, bound: float
) -> None:
    name = "wait" if histogram.name == "other" else histogram.name
    service = Service("shop", metrics=[histogram], slos=[SLO("latency", 99, kind(name, under="500ms"))])

    assert service.slos[0].sli.latency_bound() == bound


def test_the_unit_of_the_argument_comes_before_that_of_the_catalog() -> None:
    sli = Latency("wait", under="500ms", histogram_unit="microseconds")
    service = Service("shop", metrics=[Histogram("wait", unit="ms")], slos=[SLO("latency", 99, sli)])

    assert service.slos[0].sli == sli


def test_wrong_arguments_of_a_service_with_units_are_reported_and_do_not_raise() -> None:
    histogram = Histogram("wait", unit="ms")
    wrong: Any = "wait"
    for slos in ("latency", ["latency"], [SLO("latency", 99, wrong)], [SLO("latency", 99, Latency("{", under="1s"))]):
        assert Service("shop", metrics=[histogram], slos=slos).name == "shop"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("under", "finding"),
    [
        ("500ms", ""),
        (
            "10s",
            "error[latency-bound]: 10s is not a bucket bound of wait\n"
            "  hint: under '500ms', requests of 500ms to 10s count as slow",
        ),
    ],
)
def test_a_bound_is_one_of_the_histogram_in_its_unit(under: str, finding: str) -> None:
    sli = Latency("wait", under=under, histogram_unit="microseconds")

    assert finding_text(sli.catalog_findings([Histogram("wait", buckets=[10, 500_000])])) == finding


def test_the_hint_for_a_histogram_without_a_unit_names_the_argument() -> None:
    assert finding_text(Latency("wait", under="500ms").catalog_findings([Histogram("wait", buckets=[10])])) == (
        "error[latency-bound]: 500ms is not a bucket bound of wait\n"
        "  hint: under '10s', requests of 500ms to 10s count as fast;"
        ' for values that are not seconds, histogram_unit="milliseconds" or another unit'
    )


# --- results -------------------------------------------------------------------------------------------------------


def test_slow_requests_in_five_minutes(promtool: Tool) -> None:
    series = {
        'wait_seconds_count{job="api",model="a"}': "0+10x20",
        'wait_seconds_bucket{job="api",model="a",le="0.3"}': "0+8x20",
        'wait_seconds_bucket{job="api",model="a",le="+Inf"}': "0+10x20",
        'wait_seconds_count{job="api",model="fast"}': "0+10x20",
        'wait_seconds_bucket{job="api",model="fast",le="0.3"}': "0+10x20",
        'wait_seconds_count{job="api",model="idle"}': "0x20",
        'wait_seconds_bucket{job="api",model="idle",le="0.3"}': "0x20",
        'wait_seconds_count{job="api",model="restarted"}': "0+10x7 0+10x12",
        'wait_seconds_bucket{job="api",model="restarted",le="0.3"}': "0+8x7 0+8x12",
        'wait_seconds_count{job="api",model="without-bucket"}': "0+10x20",
        'wait_seconds_bucket{job="api",model="without-bucket",le="0.25"}': "0+8x20",
    }
    bad, total = recorded(CLASSIC)
    cases = [
        Case(
            total, "10m30s", {'{model="a"}': 50, '{model="fast"}': 50, '{model="idle"}': 0, '{model="restarted"}': 37.5}
        ),
        Case(bad, "10m30s", {'{model="a"}': 10, '{model="fast"}': 0, '{model="idle"}': 0, '{model="restarted"}': 7.5}),
        finite(bad, "20m"),
        finite(total, "20m"),
    ]
    check(promtool, series, cases)


@pytest.mark.parametrize(
    ("metric", "under", "spellings"),
    [
        ("wait_seconds", "1s", ["1", "1.0"]),
        ("wait_milliseconds", "16m40s", ["1e+06", "1000000", "1000000.0"]),
        ("wait_hours", "90ms", ["2.5e-05", "0.000025"]),
    ],
)
def test_every_spelling_of_a_bound_is_counted(promtool: Tool, metric: str, under: str, spellings: list[str]) -> None:
    series = {}
    for spelling in spellings:
        series[f'{metric}_count{{job="api",model="{spelling}"}}'] = "0+10x20"
        series[f'{metric}_bucket{{job="api",model="{spelling}",le="{spelling}"}}'] = "0+8x20"
    bad, _ = recorded(Latency(metric, under=under, by=["model"]))
    check(promtool, series, [Case(bad, "10m30s", {f'{{model="{spelling}"}}': 10 for spelling in spellings})])


def test_the_bucket_of_a_histogram_in_microseconds_is_counted(promtool: Tool) -> None:
    series = {
        'wait_count{job="api",model="a"}': "0+10x20",
        'wait_bucket{job="api",model="a",le="0.5"}': "0+1x20",
        'wait_bucket{job="api",model="a",le="500000"}': "0+8x20",
    }
    bad, _ = recorded(Latency("wait", under="500ms", histogram_unit="microseconds", by=["model"]))
    check(promtool, series, [Case(bad, "10m30s", {'{model="a"}': 10})])


def test_a_missing_histogram_gives_no_sample(promtool: Tool) -> None:
    kinds = [
        Latency("wait", under="300ms"),
        NativeLatency("wait", under="300ms"),
        ErrorsAndLatency("wait", errors='{status="500"}', under="300ms"),
    ]
    check(promtool, {}, [Case(expr, "10m30s", {}) for sli in kinds for expr in recorded(sli)])


def test_failed_or_slow_requests_in_five_minutes(promtool: Tool) -> None:
    def requests(model: str, status: int, each_minute: int, fast: int) -> dict[str, str]:
        labels = f'job="api",model="{model}",status="{status}"'
        return {
            f"wait_seconds_count{{{labels}}}": f"0+{each_minute}x20",
            f'wait_seconds_bucket{{{labels},le="0.3"}}': f"0+{fast}x20",
        }

    series = {
        **requests("both", 200, 8, 6),
        **requests("both", 500, 2, 1),
        **requests("flawless", 200, 10, 10),
        **requests("slow", 200, 10, 9),
        **requests("down", 503, 10, 10),
        **requests("idle", 200, 0, 0),
        'wait_seconds_count{job="api",model="without-bucket",status="500"}': "0+10x20",
    }
    bad, total = recorded(EITHER)
    groups = ("both", "flawless", "slow", "down")
    every = {f'{{model="{model}"}}': 50.0 for model in groups} | {'{model="idle"}': 0}
    failed_or_slow = dict(zip(every, [20, 0, 5, 50, 0], strict=True))
    cases = [
        Case(total, "10m30s", every),
        Case(bad, "10m30s", failed_or_slow),
        finite(bad, "20m"),
        finite(total, "20m"),
    ]
    check(promtool, series, cases)


def test_slow_requests_of_a_native_histogram(promtool: Tool) -> None:
    if not promtool.at_least(3):
        pytest.skip(f"promtool {promtool.version} reads no native histograms")
    nothing = "{{schema:0 sum:0 count:0}}"
    # Bounds 0.5, 1, 2, 4 of schema 0: of 10 requests, 2 up to 0.5 s, 8 above.
    ten = "{{schema:0 sum:9 count:10 offset:-1 buckets:[2 5 2 1]}}"
    series = {
        'wait_seconds{job="api",model="a"}': f"{nothing}+{ten}x20",
        'wait_seconds{job="api",model="fast"}': f"{nothing}+{{{{schema:0 sum:1 count:4 offset:-2 buckets:[4]}}}}x20",
        'wait_seconds{job="api",model="idle"}': f"{nothing}x20",
        'wait_seconds{job="api",model="restarted"}': f"{nothing}+{ten}x7 {nothing}+{ten}x12",
    }
    bad, total = recorded(NATIVE)
    cases = [
        Case(
            total, "10m30s", {'{model="a"}': 50, '{model="fast"}': 20, '{model="idle"}': 0, '{model="restarted"}': 37.5}
        ),
        Case(bad, "10m30s", {'{model="a"}': 40, '{model="fast"}': 0, '{model="idle"}': 0, '{model="restarted"}': 30}),
        finite(bad, "20m", every="37s"),
        finite(total, "20m", every="37s"),
    ]
    check(promtool, series, cases)


# --- findings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sli", [CLASSIC, EITHER], ids=["latency", "errors and latency"])
def test_a_threshold_between_two_bounds_is_rejected_with_the_effect_of_each(sli: Latency) -> None:
    histogram = Histogram("wait_seconds", labels=["model", "status"], buckets=[0.1, 0.25, 0.5, 1])
    assert finding_text(sli.catalog_findings([histogram])) == (
        "error[latency-bound]: 300ms is not a bucket bound of wait_seconds\n"
        "  hint: under '250ms', requests of 250ms to 300ms count as slow;"
        " under '500ms', requests of 300ms to 500ms count as fast"
    )


def test_a_threshold_above_the_last_bound_is_rejected() -> None:
    assert finding_text(Latency("wait_seconds", under="20s").catalog_findings([Histogram("wait_seconds")])) == (
        "error[latency-bound]: 20s is not a bucket bound of wait_seconds\n"
        "  hint: under '10s', requests of 10s to 20s count as slow"
    )


@pytest.mark.parametrize(
    ("metric", "under", "bound"),
    [
        ("wait_seconds", "300ms", 0.3),
        ("wait_ms", "300ms", 300),
        ("wait_minutes", "100ms", 1 / 600),
        ("wait_nanoseconds", "10s", 1e10),
    ],
)
def test_a_threshold_on_a_bound_is_accepted_in_the_unit_of_the_metric(metric: str, under: str, bound: float) -> None:
    assert finding_text(Latency(metric, under=under).catalog_findings([Histogram(metric, buckets=[bound, 2e10])])) == ""


@pytest.mark.parametrize(
    ("sli", "metric", "message"),
    [
        (
            CLASSIC,
            Counter("wait_seconds"),
            "error[sli-metric]: wait_seconds is a counter\n  hint: name a histogram",
        ),
        (
            CLASSIC,
            Histogram("wait_seconds", native=True),
            "error[sli-metric]: wait_seconds is a native histogram, which has no bucket series\n"
            "  hint: write sli.NativeLatency(...)",
        ),
        (
            NATIVE,
            Histogram("wait_seconds"),
            "error[sli-metric]: wait_seconds is a classic histogram\n"
            "  hint: write sli.Latency(...), or declare the histogram with native=True",
        ),
        (NATIVE, Histogram("wait_seconds", native=True), ""),
        (
            EITHER,
            Histogram("wait_seconds", labels=["path", "code"], buckets=[0.3]),
            "error[sli-metric]: wait_seconds has no label 'status' that marks failed requests\n"
            "  hint: it has path, code",
        ),
    ],
    ids=["a counter", "native for classic", "classic for native", "native", "no label for errors"],
)
def test_slis_that_contradict_the_catalog_are_rejected(sli: Latency, metric: Metric, message: str) -> None:
    assert finding_text(sli.catalog_findings([metric])) == message


def test_the_bucket_series_is_rejected_in_favour_of_the_base_name() -> None:
    assert finding_text(Latency('wait_seconds_bucket{path="/",le="0.3"}', under="300ms").problems()) == (
        """error[sli-metric]: 'wait_seconds_bucket{path="/",le="0.3"}' selects buckets;"""
        " obscode adds _bucket and le itself\n"
        """  hint: write 'wait_seconds{path="/"}'"""
    )


def test_an_invalid_threshold_is_rejected() -> None:
    assert finding_text(Latency("wait_seconds", under="300").problems()) == (
        'error[invalid-duration]: \'300\' has no unit\n  hint: write "300s" or "300m"'
    )


@pytest.mark.parametrize(
    ("errors", "wrong"),
    [
        ('status="500"', "it is not a list of matchers in braces"),
        ('wait_seconds_count{status="500"}', "it is not a list of matchers in braces"),
        ("{}", "without a matcher, every request counts as failed"),
        ('{le="0.3"}', "obscode adds le itself"),
        ('{status="500"}[5m]', "it has a window; write the selector alone, obscode adds the window"),
    ],
)
def test_errors_without_braces_are_rejected(errors: str, wrong: str) -> None:
    sli = ErrorsAndLatency("wait_seconds", errors=errors, under="300ms")
    assert finding_text(sli.problems()) == (
        f"error[sli-selector]: {errors!r} cannot be used here: {wrong}\n"
        """  hint: write the matchers that failed requests have, such as '{status=~"5.."}'"""
    )
