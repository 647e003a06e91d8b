"""Read what running servers say about themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from obscode.clients.alertmanager import AlertmanagerClient
from obscode.clients.errors import ServerError
from obscode.clients.grafana import GrafanaClient
from obscode.clients.prometheus import PrometheusClient
from obscode.doctor.observations import (
    AlertmanagerState,
    Datasource,
    GrafanaState,
    PrometheusState,
    RunningGroup,
    RunningRule,
    Target,
)
from obscode.presets.several_workers import several_workers


def observe_prometheus(client: PrometheusClient, jobs: Iterable[str], time: float) -> PrometheusState:
    """What a Prometheus says at a time in seconds; ``jobs`` are those whose metrics are read. Raises ServerError."""
    targets = client.targets()
    dropped = targets.get("droppedTargetCounts") or Counter(map(_pool, targets["droppedTargets"]))
    active = [_target(target) for target in targets["activeTargets"]]
    present = {target.job for target in active}
    return PrometheusState(
        client.url,
        active,
        dict(dropped),
        [_group(group) for group in client.rule_groups()],
        client.alertmanagers(),
        _samples(client, time),
        {job: client.target_metadata(job) for job in jobs if job in present},
        _by_target(client, several_workers(["process_cpu_seconds_total"]), time),
    )


def observe_alertmanager(
    client: AlertmanagerClient, prometheus: PrometheusClient | None, time: float
) -> AlertmanagerState:
    """What an Alertmanager says; failed notifications are known if Prometheus scrapes it. Raises ServerError."""
    receivers = [str(receiver["name"]) for receiver in client.get("/api/v2/receivers")]
    failed = {}
    if prometheus:
        expr = "sum by (integration) (increase(alertmanager_notifications_failed_total[1h])) > 0"
        failed = {each.labels.get("integration", ""): each.samples[0][1] for each in prometheus.query(expr, time)}
    return AlertmanagerState(client.url, receivers, failed)


def observe_grafana(client: GrafanaClient) -> GrafanaState:
    """What a Grafana says. Raises ServerError; data sources whose health Grafana does not tell have no error."""
    dashboards = {str(each["uid"]): str(each["title"]) for each in client.dashboards()}
    return GrafanaState(client.url, dashboards, [_datasource(client, each) for each in client.datasources()])


def _target(target: Mapping[str, Any]) -> Target:
    labels = target["labels"]
    return Target(
        target.get("scrapePool") or labels.get("job", ""),
        target["scrapeUrl"],
        labels,
        target["health"],
        target["lastError"],
        float(target.get("lastScrapeDuration") or 0),
        target.get("scrapeTimeout", ""),
    )


def _pool(target: Mapping[str, Any]) -> str:
    return str(target.get("scrapePool") or target["discoveredLabels"].get("job", ""))


def _group(group: Mapping[str, Any]) -> RunningGroup:
    rules = [RunningRule(rule["name"], rule["health"], rule.get("lastError") or "") for rule in group["rules"]]
    duration = float(group.get("evaluationTime") or 0)
    return RunningGroup(group["name"], group["file"], rules, float(group["interval"]), duration)


def _samples(client: PrometheusClient, time: float) -> dict[tuple[str, str], tuple[float, float]]:
    before = _by_target(client, "scrape_samples_scraped", time)
    after = _by_target(client, "scrape_samples_post_metric_relabeling", time)
    return {key: (value, after.get(key, value)) for key, value in before.items()}


def _by_target(client: PrometheusClient, expr: str, time: float) -> dict[tuple[str, str], float]:
    """The values of an expression, by the labels `job` and `instance`."""
    result = client.query(expr, time)
    return {(each.labels.get("job", ""), each.labels.get("instance", "")): each.samples[0][1] for each in result}


def _datasource(client: GrafanaClient, source: Mapping[str, Any]) -> Datasource:
    uid = str(source["uid"])
    try:
        health = client.datasource_health(uid)
    except ServerError as error:
        if error.status in (403, 404, 501):  # no permission, or a plugin without a health check
            health = {"status": "OK"}
        else:
            raise
    message = "" if str(health.get("status", "OK")).upper() == "OK" else str(health.get("message") or "no message")
    return Datasource(uid, str(source["name"]), str(source["type"]), message)
