"""Protective defaults of scrape jobs: a limit of samples, no `_created` series, warnings about unbounded labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from obscode import Probe, Project, Pushgateway, ScrapeJob, Service, compile, metrics, relabel
from obscode.checks import lint
from obscode.compiler import Definitions
from obscode.compiler.scrape_defaults import sample_limit
from obscode.model.metrics import Metric
from obscode.model.scrape import Job

ORDERS = metrics.Counter("orders_total", labels={"plan": ["free", "paid"], "status": ["ok", "failed", "late"]})
LATENCY = metrics.Histogram("latency_seconds", buckets=[0.1, 1])
CREATED = {"source_labels": ["__name__"], "regex": ".+_created", "action": "drop"}


def settings(catalog: Sequence[Metric], job: Job | None = None, *, complete: bool = True) -> Mapping[str, Any]:
    """The compiled keys of a job of a service."""
    service = Service("shop", scrape=job or ScrapeJob(["a:80"]), metrics=catalog, complete=complete)
    (config,) = compile(Definitions(Project("team"), services=[service])).prometheus_configs
    return config.scrape_configs[0].settings


def test_the_limit_is_ten_times_the_series_of_a_complete_catalog() -> None:
    # 6 counters with their times of creation, and a histogram of 3 buckets, a sum, a count and a time of creation
    assert sample_limit(Service("shop", metrics=[ORDERS, LATENCY], complete=True)) == 1200
    assert settings([ORDERS, LATENCY])["sample_limit"] == 1200


@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        (metrics.Gauge("a"), 1100),
        (metrics.Histogram("a", native=True), 1100),
        (metrics.Summary("a", quantiles=[0.5, 0.9, 0.99]), 1100),
        (metrics.Counter("a_total", labels={"a": [str(n) for n in range(100)]}), 3000),
        (metrics.Counter("a_total", labels={"a": [str(n) for n in range(101)]}), 3100),
        (metrics.Counter("a_total", labels=["a"]), 0),
        (metrics.Counter("a_total", labels={"a": []}), 0),
        (metrics.Counter("a_total", more_labels=True), 0),
        (metrics.Metric("a"), 0),
    ],
)
def test_a_catalog_without_all_values_of_labels_has_no_limit(kind: Metric, limit: int) -> None:
    assert sample_limit(Service("shop", metrics=[kind], complete=True)) == limit


def test_a_catalog_that_may_lack_metrics_has_no_defaults() -> None:
    assert settings([ORDERS], complete=False).keys() == {"metrics_path", "static_configs"}


def test_defaults_can_be_switched_off() -> None:
    job = ScrapeJob(["a:80"], sample_limit=0, drop_created=False)
    assert settings([ORDERS], job).keys() == {"metrics_path", "static_configs"}
    assert settings([ORDERS], ScrapeJob(["a:80"], sample_limit=7))["sample_limit"] == 7


def test_created_series_are_dropped_after_the_steps_of_the_job() -> None:
    job = ScrapeJob(["a:80"], metric_relabel=[relabel.LabelDrop("b")])
    own = {"regex": "b", "action": "labeldrop"}
    assert settings([LATENCY], job)["metric_relabel_configs"] == [own, CREATED]
    assert settings([], ScrapeJob(["a:80"], drop_created=True), complete=False)["metric_relabel_configs"] == [CREATED]


@pytest.mark.parametrize("catalog", [[metrics.Gauge("up_to_date")], [ORDERS, metrics.Gauge("kube_pod_created")]])
def test_created_series_stay_where_they_are_metrics(catalog: Sequence[Metric]) -> None:
    assert "metric_relabel_configs" not in settings(catalog)


@pytest.mark.parametrize("job", [Probe("icmp", ["a"]), Pushgateway(["a:80"]), ScrapeJob(["a:80"], honor_labels=True)])
def test_jobs_with_series_of_others_have_no_defaults(job: Job) -> None:
    assert settings([ORDERS], job).keys().isdisjoint({"sample_limit", "metric_relabel_configs"})


def test_a_target_of_two_services_is_reported_although_its_series_are_relabeled_by_default() -> None:
    services = [
        Service(name, scrape=ScrapeJob(["a:80"]), metrics=[ORDERS.derive(labels={"a": list(name)})], complete=True)
        for name in ("shop", "checkout")
    ]
    findings = lint(compile(Definitions(Project("team"), services=services)))
    messages = [finding.message for finding in findings if finding.code.name == "duplicate-target"]
    assert messages == ["job checkout scrapes the target 'a:80' already"]


# --- unbounded labels ---------------------------------------------------------------------------------------------


def unbounded(metric: Metric, job: Job | None = None) -> list[tuple[str, str]]:
    """The messages and hints about the labels of a metric."""
    service = Service("shop", scrape=job or ScrapeJob(["a:80"]), metrics=[metric])
    artifacts = compile(Definitions(Project("team"), services=[service]))
    return [(each.message, each.hint) for each in lint(artifacts) if each.code.name == "unbounded-label"]


@pytest.mark.parametrize("label", ["user_id", "requestId", "trace_id", "session_id", "email", "order_id", "span_id"])
def test_a_label_with_ids_is_reported(label: str) -> None:
    assert unbounded(metrics.Counter("hits_total", labels=["code", label])) == [
        (
            f"label {label!r} of hits_total has any number of values: requests and users have new ones all the time",
            f"remove it, or drop it with metric_relabel=[relabel.LabelDrop({label!r})]",
        )
    ]


def test_a_path_with_ids_is_reported() -> None:
    observed = {"path": ["/", "/users/1", "/users/22", "/users/3/orders", "/users/405"]}
    assert unbounded(metrics.Counter("hits_total", labels=["path"], observed=observed)) == [
        (
            "label 'path' of hits_total has any number of values: the path '/users/1' has an id",
            "expose the route, such as /users/{id}, instead of the path",
        )
    ]


@pytest.mark.parametrize(
    ("metric", "job"),
    [
        (metrics.Counter("a_total", labels=["user", "UUID", "tenant_id", "id", "pod", "instance_id"]), None),
        (metrics.Counter("a_total", labels={"user_id": ["1", "2"]}), None),
        (metrics.Counter("a_total", labels=["path"], observed={"path": ["/v/1", "/v/2", "/users"]}), None),
        (metrics.Gauge("a", labels=["device"], observed={"device": ["/dev/1/a", "x/2/a", "/dev/3/a"]}), None),
        (
            metrics.Counter("a_total", labels=["user_id"]),
            ScrapeJob(["a:80"], metric_relabel=[relabel.LabelDrop("user_.*")]),
        ),
        (
            metrics.Counter("a_total", labels=["user_id"]),
            ScrapeJob(["a:80"], metric_relabel=[relabel.Replace("user_id", replacement="")]),
        ),
    ],
)
def test_a_label_that_may_be_bounded_is_not_reported(metric: Metric, job: Job | None) -> None:
    assert unbounded(metric, job) == []
