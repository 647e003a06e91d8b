"""Series that no catalog lists: open and complete catalogs, standard series, dashboards."""

from __future__ import annotations

from typing import Any

import pytest

from obscode import (
    SLO,
    Alert,
    Dashboard,
    Project,
    RecordingRule,
    Row,
    ScrapeJob,
    Service,
    compile,
    metrics,
    panels,
    sli,
)
from obscode.checks import lint, registry
from obscode.model.definitions import Definitions
from obscode.model.metrics import Counter, Exposition, Gauge, Histogram, Metric
from obscode.model.source import Origin
from obscode.model.standard_metrics import FOREIGN_PREFIXES, prefix, standard_metrics, standard_series

CHECKS = [check for check in registry.checks() if check.name in ("not-in-catalog", "unknown-series", "empty-selector")]
ORDERS = Counter("shop_orders_total", labels=["status"])


def findings_of(*services: Service, dashboards: tuple[Dashboard, ...] = ()) -> list[str]:
    """Severity, message and hint of each finding about series."""
    artifacts = compile(Definitions(Project("p"), list(services), dashboards))
    return [f"{each.severity}: {each.message}; {each.hint}" for each in lint(artifacts, CHECKS)]


def shop(expr: str = "shop_orders_total > 1", **arguments: Any) -> Service:
    alert = Alert("A", expr, severity="page", summary="s")
    settings: dict[str, Any] = {"metrics": [ORDERS], "complete": True, "scrape": ScrapeJob(["x:1"]), **arguments}
    return Service("shop", alerts=[alert], **settings)


def missing(name: str, hint: str = "correct it, or add it to metrics= of the service that exposes it") -> list[str]:
    return [f"error: A reads {name!r}, which is not in the complete catalog of service shop; {hint}"]


UNKNOWN = ["shop_carts_total", "carts", "vllm:carts", 'up{job="shop"} * carts']


@pytest.mark.parametrize("expr", UNKNOWN)
def test_a_complete_catalog_makes_an_unknown_name_an_error(expr: str) -> None:
    assert findings_of(shop(f"{expr} > 1")) == missing(expr.split("* ")[-1])
    assert findings_of(shop(f"{expr} > 1", complete=False)) == []


HINTS = {
    "shop_orders": "did you mean 'shop_orders_total'?",
    "shop_orders_count": "did you mean 'shop_orders_total'?",
    "shop_wait_milliseconds_sum": "did you mean 'shop_wait_seconds_sum'?",
    "shop_oders_totl": "did you mean 'shop_orders_total'?",
}


@pytest.mark.parametrize("name", HINTS)
def test_the_hint_names_a_metric_with_another_suffix(name: str) -> None:
    service = shop(f"{name} > 1", metrics=[ORDERS, Histogram("shop_wait_seconds")])
    assert findings_of(service) == missing(name, HINTS[name])


def test_a_typo_is_a_warning_with_an_open_catalog_and_an_error_with_a_complete_one() -> None:
    hint = "did you mean 'shop_orders_total'?"
    assert findings_of(shop("shop_order_total > 1")) == missing("shop_order_total", hint)
    assert findings_of(shop("shop_order_total > 1", complete=False)) == [
        f"warning: A reads the unknown series 'shop_order_total'; {hint}"
    ]


@pytest.mark.parametrize(
    "expr",
    [
        "shop_orders_created",
        'up{job="shop"}',
        "process_resident_memory_bytes",
        "go_gc_duration_seconds_count",
        'ALERTS{alertname="A"}',
        "scrape_samples_scraped",
        'kube_pod_info{pod=~"shop.*"}',
        "node_load1",
        'carts{job="other"}',
        '{job="shop"}',
        "job:carts:rate5m",  # unknown-recording-rule reports it
    ],
)
def test_a_complete_catalog_says_nothing_of_standard_series_and_of_other_exporters(expr: str) -> None:
    assert findings_of(shop(f"{expr} > 1")) == []


def test_a_series_of_another_exporter_with_the_own_job_is_an_error() -> None:
    assert findings_of(shop('kube_carts{job="shop"} > 1')) == missing("kube_carts")


def test_a_service_that_exposes_names_of_an_exporter_covers_them() -> None:
    service = shop("node_lode1 > 1", metrics=[Gauge("node_load1")])
    assert findings_of(service) == missing("node_lode1", "did you mean 'node_load1'?")


def test_other_services_and_rules_expose_series_too() -> None:
    pay = Service("pay", metrics=[Gauge("pay_queue")], recording_rules=[RecordingRule("carts", "pay_queue")])
    assert findings_of(shop("pay_queue > carts"), pay) == []
    assert findings_of(shop("pay_unlisted > 1"), pay) == []  # the catalog of pay is open
    closed = pay.derive(complete=True)
    assert findings_of(shop("pay_unlisted > 1"), closed) == missing("pay_unlisted")


def test_a_complete_catalog_lists_metrics() -> None:
    assert [str(each) for each in Service("shop", complete=True).with_origin(Origin("", 0)).problems()] == [
        "error[complete-catalog]: the complete catalog lists no metrics\n"
        "  hint: list them in metrics=, or leave complete= out"
    ]


def test_a_service_without_a_catalog_may_read_anything() -> None:
    assert findings_of(shop("carts > 1", metrics=[], complete=False)) == []


def test_a_typo_of_a_standard_series_is_reported_without_a_catalog() -> None:
    assert findings_of(shop("process_resident_memory_byte > 1", metrics=[], complete=False)) == [
        "warning: A reads the unknown series 'process_resident_memory_byte'; "
        "did you mean 'process_resident_memory_bytes'?"
    ]


def test_the_metrics_of_an_exposition_are_complete() -> None:
    service = Service("shop", metrics=Exposition([ORDERS]))
    assert (service.complete, service.metrics) == (True, (ORDERS,))
    assert not Service("shop", metrics=[*Exposition([ORDERS])]).complete
    assert findings_of(shop("carts > 1", metrics=Exposition([ORDERS]), complete=False)) == missing("carts")


@pytest.mark.parametrize("complete", [True, False])
def test_a_classic_histogram_has_no_series_of_its_own_name(complete: bool) -> None:
    expr = "histogram_quantile(0.9, rate(shop_wait_seconds[5m])) > 1"
    classic = Histogram("shop_wait_seconds")
    assert findings_of(shop(expr, metrics=[classic], complete=complete)) == [
        "error: A reads 'shop_wait_seconds', a classic histogram, which has no series of this name; "
        "write shop_wait_seconds_bucket, shop_wait_seconds_sum or shop_wait_seconds_count; "
        "declare a native one with native=True"
    ]
    native = [Histogram("shop_wait_seconds", native=True)]
    assert findings_of(shop(expr, metrics=native, complete=complete)) == []
    assert findings_of(shop(expr, metrics=[classic], complete=complete), Service("pay", metrics=native)) == []
    slo = SLO("fast", 99, sli.Latency("shop_wait_seconds", under="500ms"))
    fast = Service("shop", scrape=ScrapeJob(["x:1"]), metrics=[classic], complete=complete, slos=[slo])
    assert findings_of(fast) == []
    row = panel("histogram_quantile(0.9, rate(shop_wait_seconds[5m]))")
    assert len(findings_of(Service("shop", metrics=[classic], complete=complete, dashboard=row))) == 1


def test_slis_read_series_of_a_complete_catalog() -> None:
    slo = SLO("errors", 99, sli.Ratio(errors='carts_total{status="5"}', total="shop_orders_total"))
    assert findings_of(Service("shop", scrape=ScrapeJob(["x:1"]), metrics=[ORDERS], complete=True, slos=[slo])) == [
        "error: shop/errors reads 'carts_total', which is not in the complete catalog of service shop; "
        "correct it, or add it to metrics= of the service that exposes it"
    ]


def panel(expr: str) -> list[Row]:
    return [Row("Row", panels.TimeSeries("Panel", expr))]


def test_panels_of_a_service_read_series_of_its_complete_catalog() -> None:
    carts = 'sum(rate(carts{job="$job"}[5m]))'
    service = Service("shop", metrics=[ORDERS], complete=True, dashboard=panel(carts))
    assert findings_of(service) == [
        "error: query A of panel 'Panel' reads 'carts', which no service exposes and no rule records; "
        "correct it, or add it to the metrics of a service"
    ]
    assert findings_of(service.derive(complete=False)) == []
    assert findings_of(service.derive(dashboard=panel('carts{job="other"}')), Service("other")) == []
    others = Dashboard("Other", panel("sum(rate(carts[5m]))"))
    assert findings_of(service.derive(dashboard=()), dashboards=(others,)) == []


def test_a_metric_without_samples_may_have_any_label() -> None:
    expr = 'shop_orders_total{region="eu"} > 1'
    problem = "error: shop_orders_total in alert A matches no series: its series have no label 'region'; it has status"
    assert findings_of(shop(expr)) == [problem]
    assert findings_of(shop(expr, metrics=[Counter("shop_orders_total", more_labels=True)])) == []


# --- standard series ---------------------------------------------------------------------------------------------


def test_standard_metrics_have_types_labels_and_quantiles() -> None:
    known = standard_metrics()
    assert type(known["up"]) is Gauge
    assert not known["up"].more_labels
    assert known["python_gc_collections_total"] == Counter(
        "python_gc_collections_total", labels=["generation"], more_labels=True
    )
    assert known["go_gc_duration_seconds"] == metrics.Summary(
        "go_gc_duration_seconds", quantiles=[0, 0.25, 0.5, 0.75, 1], more_labels=True
    )
    assert {"up", "nodejs_gc_duration_seconds_bucket"} <= standard_series()


def test_standard_metrics_are_valid() -> None:
    assert [finding for metric in standard_metrics().values() for finding in metric.problems()] == []


def test_a_prefix_is_the_first_word() -> None:
    assert [prefix(name) for name in ["node_load1", "vllm:running", "up"]] == ["node", "vllm", "up"]
    assert all(name.endswith("_") for name in FOREIGN_PREFIXES)


# --- metrics -----------------------------------------------------------------------------------------------------


def test_labels_can_have_declared_values() -> None:
    metric = Counter("a_total", labels={"code": ["200", "500"], "path": []})
    assert (list(metric.labels), metric.label_values()) == (["code", "path"], {"code": frozenset({"200", "500"})})
    assert Counter("a_total", labels=["code"]).label_values() == {}
    assert metric == Counter("a_total", labels={"code": ("200", "500"), "path": ()})


def test_a_metric_of_unknown_type_has_no_other_type() -> None:
    assert [Metric("a").has_other_type(Counter), Gauge("a").has_other_type(Counter)] == [False, True]
    slo = SLO("errors", 99, sli.Ratio(errors='a{code="5"}', total="a"))
    service = Service("shop", scrape=ScrapeJob(["x:1"]), metrics=[Metric("a", labels=["code"])], slos=[slo])
    assert compile(Definitions(Project("p"), [service]))


def test_a_histogram_without_samples_has_unknown_buckets() -> None:
    assert [*Histogram("a", buckets=(), more_labels=True).problems()] == []
    assert [str(each.message) for each in Histogram("a", buckets=()).problems()] == [
        "a classic histogram without buckets"
    ]
