"""Which alerts were pending and firing, and who was notified, as the document has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.preview.rule_evaluation import AlertPeriod
from obscode.routing.alert_labels import AlertLabels
from obscode.routing.tree import destinations


def timeline(
    alerts: Sequence[AlertPeriod],
    configs: Sequence[AlertmanagerConfig],
    start: int,
    external: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """The alerts after a time in ms, first ones first; ``external`` are labels that Prometheus adds."""
    visible = [each for each in alerts if each.period.end is None or each.period.end > start]
    entries = [_entry(each, configs, start, external or {}) for each in visible]
    return sorted(entries, key=lambda each: (each["from"], each["name"], sorted(each["labels"].items()), each["state"]))


def _entry(
    alert: AlertPeriod, configs: Sequence[AlertmanagerConfig], start: int, external: Mapping[str, str]
) -> dict[str, Any]:
    labels = {**external, **alert.labels}
    return {
        "name": alert.rule.name,
        "labels": {name: text for name, text in alert.labels.items() if name != "alertname"},
        "severity": alert.labels.get("severity", ""),
        "receiver": _receivers(labels, configs) if alert.period.state == "firing" else [],
        "from": max(alert.period.start, start),
        "to": alert.period.end,
        "state": alert.period.state,
    }


def _receivers(labels: Mapping[str, str], configs: Sequence[AlertmanagerConfig]) -> list[str]:
    known = AlertLabels(values={name: frozenset({text}) for name, text in labels.items()}, final=frozenset(labels))
    names = [
        each.receiver for config in configs if config.route is not None for each in destinations(config.route, known)
    ]
    return list(dict.fromkeys(name for name in names if name))
