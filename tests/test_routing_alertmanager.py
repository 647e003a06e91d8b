"""Inhibition evaluated on labels is what a running Alertmanager does."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

from obscode.reader.file_contents import read_text
from obscode.routing.alert_labels import AlertLabels
from obscode.routing.inhibition import mutes
from obscode.toolchain import Tool
from obscode.verify import servers

CONFIG = """\
route: {receiver: team}
receivers: [{name: team}]
inhibit_rules:
- source_matchers: ['severity="page"']
  target_matchers: ['severity="ticket"']
  equal: [job]
- source_match: {severity: ticket}
  target_match_re: {severity: "ticket|info", team: ".+"}
  equal: [team]
"""
ALERTS: list[Mapping[str, str]] = [
    {"alertname": "A", "severity": severity, **({"job": job} if job else {}), **({"team": team} if team else {})}
    for severity, job, team in product(("page", "ticket", "info"), ("", "a", "b"), ("", "x"))
    if (severity, job) != ("page", "b") and (severity, job, team) != ("page", "", "x")
]


def test_an_alert_is_muted_as_by_a_running_alertmanager(alertmanager: Tool, tmp_path: Path) -> None:
    path = tmp_path / "alertmanager.yml"
    path.write_text(CONFIG)
    [config] = read_text(CONFIG, "alertmanager.yml").alertmanager_configs
    known = [AlertLabels.exactly(labels) for labels in ALERTS]
    expected = {
        json.dumps(labels, sort_keys=True): any(
            mutes(rule, source, target) for rule in config.inhibit_rules for source in known
        )
        for labels, target in zip(ALERTS, known, strict=True)
    }
    assert set(expected.values()) == {True, False}
    with servers.alertmanager(alertmanager, path, tmp_path / "data", servers.free_port()) as url:
        _post(f"{url}/api/v2/alerts")
        deadline = time.monotonic() + 20
        while (muted := _muted(f"{url}/api/v2/alerts")) != expected and time.monotonic() < deadline:
            time.sleep(0.1)
    assert muted == expected


def _post(url: str) -> None:
    times = {"startsAt": datetime.now(UTC).isoformat(), "endsAt": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    body = json.dumps([{"labels": labels, **times} for labels in ALERTS]).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def _muted(url: str) -> Mapping[str, bool]:
    """For each alert, whether another one mutes it."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        alerts = json.load(answer)
    return {json.dumps(each["labels"], sort_keys=True): bool(each["status"]["inhibitedBy"]) for each in alerts}
