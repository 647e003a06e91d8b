"""Prometheus itself: whether it evaluates rules, scrapes, and reaches Alertmanager.

Names and labels of metrics are those of Prometheus 2.42 to 3.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.model.alert import Alert, AlertTest
from obscode.model.dashboard import Row
from obscode.model.metrics import Counter, Gauge, Metric, Summary
from obscode.model.naming import WATCHDOG
from obscode.model.panels import Stat, TimeSeries
from obscode.model.scrape import ScrapeJob
from obscode.model.service import Service
from obscode.presets.fault_alerts import constant, counter_alert, fault_tests, growing, reload_alert
from obscode.presets.preset import preset

#: The share of a job's targets that may be down.
TARGETS_DOWN = 0.1

_GROUP = ("rule_group",)
_CATALOG: tuple[Metric, ...] = (
    Gauge("prometheus_config_last_reload_successful"),
    Counter("prometheus_rule_evaluation_failures_total", labels=_GROUP),
    Counter("prometheus_rule_group_iterations_missed_total", labels=_GROUP),
    Gauge("prometheus_rule_group_last_duration_seconds", labels=_GROUP),
    Gauge("prometheus_rule_group_interval_seconds", labels=_GROUP),
    Counter("prometheus_notifications_errors_total", labels=["alertmanager"]),
    Counter("prometheus_notifications_sent_total", labels=["alertmanager"]),
    Counter("prometheus_notifications_dropped_total"),
    Gauge("prometheus_notifications_alertmanagers_discovered"),
    Counter("prometheus_target_scrapes_exceeded_sample_limit_total"),
    Counter("prometheus_target_scrapes_exceeded_body_size_limit_total"),
    Counter("prometheus_target_scrape_pool_exceeded_target_limit_total"),
    Counter("prometheus_target_scrape_pool_exceeded_label_limits_total"),
    Counter("prometheus_target_scrapes_sample_duplicate_timestamp_total"),
    Counter("prometheus_target_scrapes_sample_out_of_order_total"),
    Counter("prometheus_target_sync_failed_total", labels=["scrape_job"]),
    Counter("prometheus_template_text_expansion_failures_total"),
    Counter("prometheus_tsdb_compactions_failed_total"),
    Counter("prometheus_tsdb_wal_writes_failed_total"),
    Counter("prometheus_tsdb_head_samples_appended_total", labels=["type"]),
    Gauge("prometheus_tsdb_head_series"),
    Gauge("prometheus_tsdb_storage_blocks_bytes"),
    Summary("prometheus_engine_query_duration_seconds", labels=["slice"], quantiles=[0.5, 0.9, 0.99]),
)


@preset
def prometheus(
    targets: Sequence[str] = ("localhost:9090",),
    *,
    name: str = "prometheus",
    path: str = "/metrics",
    runbook: str = "",
    jobs_with_alerts: Sequence[str] = (),
) -> Service:
    """Prometheus as a service: its scrape job, its alerts with unit tests, and a dashboard.

    Args:
        targets: the addresses of the servers, `host:port`; by default the server itself.
        name: the name of the service and of the job.
        path: the path of the metrics; with `--web.route-prefix` it begins with the prefix.
        runbook: the URL of the runbook of its alerts.
        jobs_with_alerts: jobs that have an alert of their own for the case that all targets are down.
    """
    return Service(
        name,
        description="Collects metrics and evaluates rules.",
        runbook=runbook,
        scrape=ScrapeJob(targets, path=path),
        metrics=_CATALOG,
        alerts=[watchdog(), target_down(jobs_with_alerts), *_alerts(f'job="{name}"')],
        dashboard=_rows(f'job="{name}"'),
    )


def watchdog() -> Alert:
    """An alert that always fires: a receiver that misses it knows that alerts are not delivered."""
    return Alert(
        WATCHDOG,
        "vector(1)",
        severity="ticket",
        summary="Alerts are evaluated and delivered",
        description="This alert always fires. Its receiver reports when it stops: then no alert is delivered.",
        tests=[AlertTest("it always fires", {"up": constant(1)}, fires=["0s", "30m"])],
    )


def target_down(jobs_with_alerts: Sequence[str]) -> Alert:
    """More than a tenth of the targets of a job are down; all of them only in jobs without an alert for this."""
    down = f"1 - avg by (job) (up) > {TARGETS_DOWN}"
    own = "|".join(sorted(jobs_with_alerts))
    expr = f'{down}\nunless\navg by (job) (up{{job=~"{own}"}}) == 0' if own else down
    return Alert(
        "TargetDown",
        expr,
        for_="15m",
        severity="ticket",
        summary="{{ $value | humanizePercentage }} of the targets of {{ $labels.job }} are down",
        description="Prometheus cannot scrape them. Its page Status, Targets names them with the error.",
        tests=fault_tests(
            "one of two targets is down",
            fires={'up{job="x",instance="a"}': constant(0), 'up{job="x",instance="b"}': constant(1)},
            quiet={'up{job="x",instance="a"}': constant(1), 'up{job="x",instance="b"}': constant(1)},
        ),
    )


def _alerts(job: str) -> Iterator[Alert]:
    yield from _rule_alerts(job)
    yield from _notification_alerts(job)
    yield from _scrape_alerts(job)
    yield Alert(
        "PrometheusStorageFails",
        f"increase(prometheus_tsdb_wal_writes_failed_total{{{job}}}[1h])\n"
        f"+ increase(prometheus_tsdb_compactions_failed_total{{{job}}}[1h]) > 0",
        for_="15m",
        severity="ticket",
        summary="Prometheus {{ $labels.instance }} cannot write its storage",
        description="Writes of the log or compactions fail, as on a full disk. Samples are lost.",
        tests=fault_tests(
            "compactions fail",
            fires={
                f"prometheus_tsdb_wal_writes_failed_total{{{job}}}": constant(0),
                f"prometheus_tsdb_compactions_failed_total{{{job}}}": growing(1),
            },
            quiet={
                f"prometheus_tsdb_wal_writes_failed_total{{{job}}}": constant(0),
                f"prometheus_tsdb_compactions_failed_total{{{job}}}": constant(1),
            },
        ),
    )


def _rule_alerts(job: str) -> Iterator[Alert]:
    yield counter_alert(
        "PrometheusRuleFails",
        "prometheus_rule_evaluation_failures_total",
        job=job,
        labels='rule_group="rules.yml;shop"',
        test="a rule fails",
        for_="10m",
        severity="page",
        summary="Rules of {{ $labels.rule_group }} fail on Prometheus {{ $labels.instance }}",
        description="Alerts of the group may not fire. The page Status, Rules shows the error.",
    )
    yield counter_alert(
        "PrometheusRuleGroupSlow",
        "prometheus_rule_group_iterations_missed_total",
        job=job,
        labels='rule_group="rules.yml;shop"',
        test="evaluations are missed",
        for_="15m",
        severity="ticket",
        summary="Prometheus {{ $labels.instance }} misses evaluations of {{ $labels.rule_group }}",
        description="The group takes longer than its interval.",
    )
    yield reload_alert(
        "PrometheusConfigReloadFails",
        "prometheus_config_last_reload_successful",
        job=job,
        summary="Prometheus {{ $labels.instance }} rejects its configuration",
        description="It runs with an older one, without newer rules and targets. Its log has the error.",
    )
    yield counter_alert(
        "PrometheusTemplateFails",
        "prometheus_template_text_expansion_failures_total",
        job=job,
        test="a template fails",
        for_="10m",
        severity="ticket",
        summary="Prometheus {{ $labels.instance }} cannot render texts of alerts",
        description="A template of a label or an annotation fails. The log has the error.",
    )


def _notification_alerts(job: str) -> Iterator[Alert]:
    sent, errors = (
        f'prometheus_notifications_{what}_total{{{job},alertmanager="http://a:9093/api/v2/alerts"}}'
        for what in ("sent", "errors")
    )
    yield Alert(
        "PrometheusNotificationsFail",
        f"rate(prometheus_notifications_errors_total{{{job}}}[5m])\n"
        f"/ rate(prometheus_notifications_sent_total{{{job}}}[5m]) > 0.01",
        for_="15m",
        severity="ticket",
        summary="{{ $value | humanizePercentage }} of the alerts of Prometheus do not reach {{ $labels.alertmanager }}",
        description="Alertmanager may be down or reject the alerts. The log of Prometheus has the error.",
        tests=fault_tests(
            "half of the alerts are lost",
            fires={sent: growing(10), errors: growing(5)},
            quiet={sent: growing(1000), errors: growing(9)},
        ),
    )
    yield counter_alert(
        "PrometheusAlertsDropped",
        "prometheus_notifications_dropped_total",
        job=job,
        test="alerts are dropped",
        for_="10m",
        severity="page",
        summary="Prometheus {{ $labels.instance }} drops alerts",
        description="No Alertmanager takes them, or the queue is full.",
    )
    discovered = f"prometheus_notifications_alertmanagers_discovered{{{job}}}"
    yield Alert(
        "PrometheusNoAlertmanager",
        f"max_over_time(prometheus_notifications_alertmanagers_discovered{{{job}}}[5m]) < 1",
        for_="10m",
        severity="page",
        summary="Prometheus {{ $labels.instance }} knows no Alertmanager",
        description="Its alerts are delivered to nobody.",
        tests=fault_tests("there is no Alertmanager", fires={discovered: constant(0)}, quiet={discovered: constant(1)}),
    )


_LIMITS = (
    "prometheus_target_scrapes_exceeded_sample_limit_total",
    "prometheus_target_scrapes_exceeded_body_size_limit_total",
    "prometheus_target_scrape_pool_exceeded_target_limit_total",
    "prometheus_target_scrape_pool_exceeded_label_limits_total",
)


def _scrape_alerts(job: str) -> Iterator[Alert]:
    limits = {f"{name}{{{job}}}": constant(0) for name in _LIMITS}
    exceeded = {**limits, f"{_LIMITS[0]}{{{job}}}": growing(1)}
    yield Alert(
        "PrometheusScrapeLimitExceeded",
        "\n+ ".join(f"increase({name}{{{job}}}[5m])" for name in _LIMITS) + " > 0",
        for_="10m",
        severity="ticket",
        summary="Targets of Prometheus {{ $labels.instance }} exceed a limit of their scrape job",
        description="Prometheus drops their scrapes. The page Status, Targets names them with the limit.",
        tests=fault_tests("a target exceeds its sample limit", fires=exceeded, quiet=limits),
    )
    yield counter_alert(
        "PrometheusTargetSyncFails",
        "prometheus_target_sync_failed_total",
        job=job,
        labels='scrape_job="shop"',
        window="30m",
        test="a target is invalid",
        for_="5m",
        severity="ticket",
        summary="Prometheus {{ $labels.instance }} cannot use targets of the job {{ $labels.scrape_job }}",
        description="Relabelling makes invalid targets, which are not scraped.",
    )
    rejected = [
        f"prometheus_target_scrapes_sample_{what}_total{{{job}}}" for what in ("duplicate_timestamp", "out_of_order")
    ]
    yield Alert(
        "PrometheusSamplesRejected",
        "\n+ ".join(f"rate({series}[5m])" for series in rejected) + " > 0",
        for_="15m",
        severity="ticket",
        summary="Prometheus {{ $labels.instance }} rejects samples",
        description="Two targets have the same labels, or a target sends old timestamps.",
        tests=fault_tests(
            "two targets have the same labels",
            fires={rejected[0]: growing(1), rejected[1]: constant(0)},
            quiet={series: constant(1) for series in rejected},
        ),
    )


def _rows(job: str) -> Sequence[Row]:
    up = Stat("Servers up", f"sum(up{{{job}}})", description="Servers that Prometheus can scrape.")
    samples = TimeSeries(
        "Samples",
        f"sum by (instance) (rate(prometheus_tsdb_head_samples_appended_total{{{job}}}[5m]))",
        legend="{{instance}}",
        unit="short",
        description="Samples that are stored each second.",
    )
    series = TimeSeries(
        "Series",
        f"sum by (instance) (prometheus_tsdb_head_series{{{job}}})",
        legend="{{instance}}",
        description="Series with recent samples; memory grows with them.",
    )
    slow = TimeSeries(
        "Slow rule groups",
        f"prometheus_rule_group_last_duration_seconds{{{job}}}"
        f" / prometheus_rule_group_interval_seconds{{{job}}} > 0.25",
        legend="{{rule_group}}",
        unit="percentunit",
        description="Groups that take more than a quarter of their interval; above 100 %, evaluations are missed.",
    )
    failures = TimeSeries(
        "Rule failures",
        f"sum by (rule_group) (rate(prometheus_rule_evaluation_failures_total{{{job}}}[5m])) > 0",
        legend="{{rule_group}}",
        description="Rules that fail each second, by group.",
    )
    notifications = TimeSeries(
        "Alerts sent",
        f"sum by (alertmanager) (rate(prometheus_notifications_sent_total{{{job}}}[5m]))",
        legend="{{alertmanager}}",
        description="Alerts that are sent to each Alertmanager, each second.",
    )
    return (Row("Storage", up, samples, series), Row("Rules", slow, failures, notifications))
