"""Alertmanager: whether it notifies, and whether its instances work together.

Names and labels of metrics are those of Alertmanager 0.25 to 0.33.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.model.alert import Alert
from obscode.model.dashboard import Row
from obscode.model.metrics import Counter, Gauge, Histogram, Metric
from obscode.model.panels import TimeSeries
from obscode.model.scrape import ScrapeJob
from obscode.model.service import Service
from obscode.presets.fault_alerts import constant, counter_alert, fault_tests, growing, reload_alert
from obscode.presets.preset import preset

_CATALOG: tuple[Metric, ...] = (
    Gauge("alertmanager_config_last_reload_successful"),
    Gauge("alertmanager_config_hash"),
    Counter("alertmanager_notifications_total", labels=["integration"], more_labels=True),
    Counter("alertmanager_notifications_failed_total", labels=["integration"], more_labels=True),
    Histogram("alertmanager_notification_latency_seconds", labels=["integration"], buckets=[1, 5, 10, 15, 20]),
    Counter("alertmanager_alerts_invalid_total", labels=["version"]),
    Gauge("alertmanager_alerts", labels=["state"]),
    Gauge("alertmanager_cluster_members"),
)


@preset
def alertmanager(
    targets: Sequence[str], *, name: str = "alertmanager", path: str = "/metrics", runbook: str = ""
) -> Service:
    """Alertmanager as a service: its scrape job, its alerts with unit tests, and a dashboard.

    Args:
        targets: the addresses of the instances, `host:port`.
        name: the name of the service and of the job.
        path: the path of the metrics; with `--web.route-prefix` it begins with the prefix.
        runbook: the URL of the runbook of its alerts.
    """
    return Service(
        name,
        description="Sends notifications of alerts.",
        runbook=runbook,
        scrape=ScrapeJob(targets, path=path),
        metrics=_CATALOG,
        alerts=list(_alerts(f'job="{name}"')),
        dashboard=_rows(f'job="{name}"'),
    )


def _alerts(job: str) -> Iterator[Alert]:
    total, failed = (
        f'alertmanager_notifications_{what}{{{job},instance="a",integration="slack"}}'
        for what in ("total", "failed_total")
    )
    yield Alert(
        "AlertmanagerNotificationsFail",
        f"sum by (instance, integration) (rate(alertmanager_notifications_failed_total{{{job}}}[5m]))\n"
        f"/ sum by (instance, integration) (rate(alertmanager_notifications_total{{{job}}}[5m])) > 0.01",
        for_="15m",
        severity="page",
        summary="{{ $value | humanizePercentage }} of the notifications to {{ $labels.integration }} fail",
        description="Alertmanager {{ $labels.instance }} cannot deliver them. Its log has the error.",
        tests=fault_tests(
            "half of the notifications fail",
            fires={total: growing(10), failed: growing(5)},
            quiet={total: growing(1000), failed: growing(9)},
        ),
    )
    yield reload_alert(
        "AlertmanagerConfigReloadFails",
        "alertmanager_config_last_reload_successful",
        job=job,
        summary="Alertmanager {{ $labels.instance }} rejects its configuration",
        description="It runs with an older one. Its log has the error.",
    )
    one, other = (f'alertmanager_config_hash{{{job},instance="{name}"}}' for name in ("a", "b"))
    yield Alert(
        "AlertmanagerConfigsDiffer",
        f"max by (job) (alertmanager_config_hash{{{job}}}) != min by (job) (alertmanager_config_hash{{{job}}})",
        for_="20m",
        severity="ticket",
        summary="The instances of {{ $labels.job }} have different configurations",
        description="Notifications depend on the instance that sends them.",
        tests=fault_tests(
            "two instances differ",
            fires={one: constant(1), other: constant(2)},
            quiet={one: constant(1), other: constant(1)},
        ),
    )
    yield _cluster_alert(job)
    yield counter_alert(
        "AlertmanagerAlertsInvalid",
        "alertmanager_alerts_invalid_total",
        job=job,
        labels='version="v2"',
        test="an alert is invalid",
        for_="10m",
        severity="ticket",
        summary="Alertmanager {{ $labels.instance }} rejects alerts",
        description="A client sends alerts without labels, or with invalid ones.",
    )


def _cluster_alert(job: str) -> Alert:
    """Alertmanagers of one cluster that do not know each other all notify; without a cluster there is no series."""
    alone, pair = (
        {
            **{f'alertmanager_cluster_members{{{job},instance="{name}"}}': constant(members) for name in ("a", "b")},
            **{f'up{{{job},instance="{name}"}}': constant(1) for name in ("a", "b")},
        }
        for members in (1, 2)
    )
    return Alert(
        "AlertmanagerClusterSplit",
        f"max_over_time(alertmanager_cluster_members{{{job}}}[5m])\n"
        f"< on (job) group_left ()\ncount by (job) (up{{{job}}} == 1)",
        for_="15m",
        severity="ticket",
        summary="Alertmanager {{ $labels.instance }} does not know all instances of its cluster",
        description="Notifications may be sent twice.",
        tests=fault_tests("two instances are alone", fires=alone, quiet=pair),
    )


def _rows(job: str) -> Sequence[Row]:
    sent = TimeSeries(
        "Notifications",
        f"sum by (integration) (rate(alertmanager_notifications_total{{{job}}}[5m])) > 0",
        legend="{{integration}}",
        description="Notifications each second, by integration.",
    )
    failed = TimeSeries(
        "Failed notifications",
        f"sum by (integration) (rate(alertmanager_notifications_failed_total{{{job}}}[5m])) > 0",
        legend="{{integration}}",
        description="Notifications that fail each second, by integration.",
    )
    latency = TimeSeries(
        "Notification time P95",
        "histogram_quantile(0.95, sum by (integration, le) "
        f"(rate(alertmanager_notification_latency_seconds_bucket{{{job}}}[5m])))",
        legend="{{integration}}",
        unit="s",
        description="The time of 95 % of the notifications.",
    )
    alerts = TimeSeries(
        "Alerts",
        f"sum by (state) (alertmanager_alerts{{{job}}})",
        legend="{{state}}",
        description="Alerts that Alertmanager holds, by state.",
    )
    return (Row("Notifications", sent, failed, latency, alerts),)
