"""Notifications as Alertmanager passes them to templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

BURN_LABELS = {
    "alertname": "ShopAvailabilityBurnPage",
    "owner": "team-shop",
    "service": "shop",
    "severity": "page",
    "slo": "availability",
}
BURN_ANNOTATIONS = {
    "summary": "shop availability burns its error budget 21.6 times as fast as allowed",
    "description": "The error budget of 0.1 % burns 21.6 times as fast as allowed; this alert fires above 14.4 in 1h "
    "and 5m, or above 6 in 6h and 30m. Of the budget for 30d, 63.21% remains; at this rate it lasts 21h 4m 12s.",
    "burn_rate": "21.6",
    "error_budget_remaining": "63.21%",
    "time_to_exhaustion": "21h 4m 12s",
    "runbook_url": "https://runbooks.example.com/shop",
    "dashboard_url": "https://grafana.example.com/d/slo-detail?viewPanel=7&var-service=shop&var-slo=availability",
}
NO_DATA_LABELS = {
    **BURN_LABELS,
    "alertname": "ShopAvailabilityTrafficStopped",
    "severity": "ticket",
}
NO_DATA_ANNOTATIONS = {
    "summary": "shop availability: traffic stopped: less than 2 % of the usual requests",
    "dashboard_url": "https://grafana.example.com/d/slo-detail?viewPanel=9&var-service=shop&var-slo=availability",
}
HOSTILE = """<b>&"*_`[x](y)\\ é 1+1 'a' </b> | {{ .Status }}"""


def alert(
    labels: Mapping[str, str], annotations: Mapping[str, str] | None = None, *, resolved: bool = False
) -> dict[str, Any]:
    """An alert that fires since 22:03; resolved after some more than an hour."""
    return {
        "status": "resolved" if resolved else "firing",
        "labels": dict(labels),
        "annotations": dict(annotations or {}),
        "startsAt": "2030-01-06T22:03:27.4Z",
        "endsAt": "2030-01-06T23:14:02.9Z" if resolved else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.com/graph?g0.expr=slo%3Aburn_rate%3Apage&g0.tab=1",
        "fingerprint": "0",
    }


def notification(alerts: Sequence[Mapping[str, Any]], group_by: Sequence[str]) -> dict[str, Any]:
    """The data of a notification of a group of alerts."""
    firing = any(each["status"] == "firing" for each in alerts)
    return {
        "receiver": "chat",
        "status": "firing" if firing else "resolved",
        "alerts": list(alerts),
        "groupLabels": {name: alerts[0]["labels"].get(name, "") for name in group_by},
        "commonLabels": _common([each["labels"] for each in alerts]),
        "commonAnnotations": _common([each["annotations"] for each in alerts]),
        "externalURL": "https://alertmanager.example.com",
    }


def _common(mappings: Sequence[Mapping[str, str]]) -> dict[str, str]:
    first, *others = mappings
    return {key: value for key, value in first.items() if all(each.get(key) == value for each in others)}


_BY_SLO = ("service", "slo", "severity")
_INSTANCES = [
    alert(
        {"alertname": "DiskFull", "service": "shop", "severity": "ticket", "instance": f"db-{i}:9100", "disk": "sda"},
        {"summary": f"disk of db-{i} is full in 4 hours", "description": "At the rate of the last 6 hours."},
        resolved=i == 3,
    )
    for i in (1, 2, 3)
]
NOTIFICATIONS: Mapping[str, Mapping[str, Any]] = {
    "a page": notification([alert(BURN_LABELS, BURN_ANNOTATIONS)], _BY_SLO),
    "three alerts of which one is resolved": notification(_INSTANCES, ["alertname"]),
    "a resolved page": notification([alert(BURN_LABELS, BURN_ANNOTATIONS, resolved=True)], _BY_SLO),
    "a ticket about missing data": notification([alert(NO_DATA_LABELS, NO_DATA_ANNOTATIONS)], _BY_SLO),
    "an alert without annotations": notification(
        [alert({"alertname": "HighErrors", "severity": "page", "job": "shop", "instance": "a:80"})], ["alertname"]
    ),
    "special characters": notification(
        [alert({"alertname": "Special", "name": HOSTILE}, {"summary": HOSTILE, "description": HOSTILE + "\n2"})], []
    ),
    "alerts without anything in common": notification(
        [alert({"alertname": "Up", "a.b": "x"}), alert({"alertname": "Down"}, {"summary": "it is down"})], []
    ),
}
