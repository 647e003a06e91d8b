"""The panels that `obscode init` writes for metrics that the generated dashboard does not draw."""

from __future__ import annotations

import re

import pytest

from obscode import metrics
from obscode.importers.existing.python_source import Call
from obscode.model.metrics import Metric
from obscode.scaffold.panels import panel_rows

VALUES = {"kind": ["a", "b"], "shard": [str(i) for i in range(11)]}


def _rows(*catalog: Metric) -> dict[str, list[Call]]:
    rows = [item.value for item in panel_rows(catalog, job="x")]
    return {row.items[0].value: [item.value for item in row.items[1:]] for row in rows}


def _query(metric: Metric) -> str:
    ((panel,),) = _rows(metric).values()
    query = panel.items[1].value
    if isinstance(query, Call):
        query = query.items[-1].value.items[0].value
    unit = [item.value for item in panel.items if item.prefix == "unit="]
    scoped = re.findall(r'\w+\{job="x"\}', query)
    assert len(scoped) == len(re.findall("jobs|cpu|Memory|disk|last|wait|batch", query))
    return " ".join([query.replace('{job="x"}', ""), *unit])


@pytest.mark.parametrize(
    ("metric", "query"),
    [
        (metrics.Counter("jobs_total"), "sum(rate(jobs_total[$__rate_interval]))"),
        (
            metrics.Counter("jobs_total", labels=["shard", "kind"], observed=VALUES),
            "sum by (kind) (rate(jobs_total[$__rate_interval]))",
        ),
        (metrics.Metric("jobs_total"), "sum(rate(jobs_total[$__rate_interval]))"),
        (metrics.Metric("jobs"), "jobs short"),
        (metrics.Counter("cpu_time_ms"), "sum(rate(cpu_time_ms[$__rate_interval])) short"),
        (metrics.Gauge("jobs", labels=["kind"], observed=VALUES), "jobs"),
        (metrics.Gauge("jobs", labels=["kind", "shard"], observed=VALUES), "sum by (kind) (jobs)"),
        (metrics.Gauge("jobs", labels=["shard"], observed=VALUES), "sum(jobs)"),
        (metrics.Gauge("jobs", labels=["id"]), "sum(jobs)"),
        (metrics.Gauge("cpu_temp", labels=["id"]), "max(cpu_temp)"),
        (metrics.Gauge("MemoryUsed", help="A gauge with unit: Megabytes"), "MemoryUsed decmbytes"),
        (metrics.Gauge("disk", labels=["id"], help="Load in percent."), "max(disk) percent"),
        (metrics.Gauge("disk_bytes", help="Load in percent."), "disk_bytes"),
        (metrics.Gauge("last_run_timestamp_seconds"), "time() - max(last_run_timestamp_seconds) s"),
        (metrics.Summary("wait", quantiles=[0.5]), "max by (quantile) (wait) short"),
        (
            metrics.Summary("wait_seconds"),
            "sum(rate(wait_seconds_sum[$__rate_interval]))\n/\nsum(rate(wait_seconds_count[$__rate_interval]))",
        ),
        (
            metrics.Histogram("batch_size", buckets=[1, 2]),
            "histogram_quantile(0.99, sum by (le) (rate(batch_size_bucket[$__rate_interval]))) short",
        ),
        (
            metrics.Histogram("batch_size", native=True),
            "histogram_quantile(0.99, sum(rate(batch_size[$__rate_interval]))) short",
        ),
    ],
)
def test_a_metric_has_a_panel(metric: Metric, query: str) -> None:
    assert _query(metric) == query


@pytest.mark.parametrize(
    "metric",
    [
        metrics.Gauge("app_info"),
        metrics.Gauge("app_created"),
        metrics.Metric("jobs_bucket", labels=["le"]),
        metrics.Gauge("process_start_time_seconds"),
        # in the generated dashboard
        metrics.Counter("http_requests_total", labels=["status"]),
        metrics.Histogram("http_request_duration_seconds"),
        metrics.Gauge("worker_queue_length"),
    ],
)
def test_a_metric_has_no_panel(metric: Metric) -> None:
    assert _rows(metric) == {}


def test_rows_are_the_subjects_of_names() -> None:
    names = ("cart_adds", "cart_items", "stock", "mail_sent", "mail_bounces")
    rows = _rows(*(metrics.Counter(f"shop_{name}_total") for name in names))

    assert {title: len(panels) for title, panels in rows.items()} == {"Cart": 2, "Mail": 2, "Other metrics": 1}


def test_a_dashboard_has_at_most_24_panels() -> None:
    rows = _rows(*(metrics.Counter(f"a_{i}_total") for i in range(25)))

    assert [len(panels) for panels in rows.values()] == [24]


def test_the_most_telling_metrics_have_panels_first() -> None:
    names = ("shop_build_threads", "shop_colors", "shop_evicted_words", "shop_failed_orders_total")
    others = [metrics.Gauge(name) for name in names[:3]] + [metrics.Counter(f"shop_{i}_words_total") for i in range(22)]
    ((*panels,),) = _rows(*others, metrics.Counter(names[3])).values()

    titles = [panel.items[0].value for panel in panels]
    assert titles[:3] == ["Shop failed orders", "Shop evicted words", "Shop colors"]
    assert len(titles) == 24
    assert "Shop build threads" not in titles


def test_panels_that_would_share_a_title_have_the_names() -> None:
    ((first, second),) = _rows(metrics.Counter("mail_sent_total"), metrics.Gauge("mail_sent")).values()

    assert [first.items[0].value, second.items[0].value] == ["mail_sent_total", "mail_sent"]


@pytest.mark.parametrize(
    ("gauge", "legend"),
    [
        (metrics.Gauge("jobs"), "{{instance}}"),
        (metrics.Gauge("jobs", labels=["kind"], observed=VALUES), "{{instance}} {{kind}}"),
    ],
)
def test_lines_of_gauges_name_the_instance(gauge: Metric, legend: str) -> None:
    ((panel,),) = _rows(gauge).values()

    assert [item.value for item in panel.items if item.prefix == "legend="] == [legend]


def test_titles_and_descriptions_are_short() -> None:
    sentence = "Displays the CPU load of the process" + " and more" * 15
    ((panel,),) = _rows(metrics.Gauge("cpu_processCpuLoad", help=f"{sentence}. It is a ratio.")).values()

    assert panel.items[0].value == "CPU process CPU load"
    assert panel.items[-1].value == f"{sentence}."


def test_a_counter_of_times_beside_one_of_events_is_a_mean() -> None:
    times = metrics.Counter("ts_inference_latency_microseconds")
    ((first, second, third),) = _rows(
        times, metrics.Counter("ts_inference_requests_total"), metrics.Counter("ts_load_latency_microseconds")
    ).values()

    assert first.items[1].value == (
        'sum(rate(ts_inference_latency_microseconds{job="x"}[$__rate_interval]))'
        ' / sum(rate(ts_inference_requests_total{job="x"}[$__rate_interval]))'
    )
    assert second.items[1].value == 'sum(rate(ts_inference_requests_total{job="x"}[$__rate_interval]))'
    assert third.items[1].value == 'sum(rate(ts_load_latency_microseconds{job="x"}[$__rate_interval]))'
