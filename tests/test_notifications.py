"""Notifications of a running Alertmanager: one per incident, and less urgent alerts of an SLO are muted."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from obscode import SLO, BurnAlert, Project, Routing, ScrapeJob, Service
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.compiler import Definitions, compile
from obscode.model.receivers import Webhook
from obscode.model.sli import Ratio
from obscode.renderers import render
from obscode.toolchain import Tool
from obscode.verify import servers

ERRORS, TOTAL = 'hits_total{code="500"}', "hits_total"
SLI = Ratio(errors=ERRORS, total=TOTAL)
BY_MODEL = Ratio(errors=ERRORS, total=TOTAL, by=["model"])


def compiled(*slos: SLO, url: str = "http://127.0.0.1:1") -> Artifacts:
    shop = Service("shop", scrape=ScrapeJob(["localhost:8000"]), slos=list(slos))
    webhook = Webhook("everybody", url=url)
    routing = Routing(default=webhook, group_wait="1s", group_interval="1s", repeat_interval="1h")
    return compile(Definitions(Project("team"), [shop], routing=routing))


def config(artifacts: Artifacts) -> str:
    return next(file.text for file in render(artifacts) if file.path == "alertmanager/alertmanager.yml")


ANY = ['service=~".+"', 'slo=~".+"']


def test_a_more_urgent_severity_inhibits_the_less_urgent_ones_of_an_slo() -> None:
    inhibits = yaml.safe_load(config(compiled(SLO("a", 99.9, BY_MODEL))))["inhibit_rules"]
    assert inhibits == [
        {
            "source_matchers": ['severity="page"', *ANY],
            "target_matchers": ['severity="ticket"', *ANY],
            "equal": ["service", "slo", "model"],
        }
    ]


@pytest.mark.parametrize(
    ("slos", "labels"),
    [
        ([], ["service", "slo", "severity"]),
        ([SLO("a", 99.9, SLI)], ["service", "slo", "severity"]),
        ([SLO("a", 99.9, SLI), SLO("b", 99.9, BY_MODEL)], ["service", "slo", "severity", "model"]),
    ],
    ids=["no SLO", "an SLO", "an SLO by model"],
)
def test_alerts_are_grouped_by_slo_severity_and_group(slos: Sequence[SLO], labels: Sequence[str]) -> None:
    assert yaml.safe_load(config(compiled(*slos)))["route"]["group_by"] == labels


def test_a_routing_can_group_otherwise() -> None:
    shop = Service("shop", slos=[SLO("a", 99.9, SLI)])
    routing = Routing(default=Webhook("everybody", url="http://127.0.0.1:1"), group_by=["alertname"])
    artifacts = compile(Definitions(Project("team"), [shop], routing=routing))
    assert yaml.safe_load(config(artifacts))["route"]["group_by"] == ["alertname"]


# --- a running Alertmanager --------------------------------------------------------------------------------------


@dataclass
class Inbox:
    """The notifications that a webhook has received."""

    url: str
    received: list[Mapping[str, Any]] = field(default_factory=list)

    def summary(self) -> list[tuple[str, str]]:
        """Status, and severity, service and SLO of the group, in order."""
        groups = [[each["groupLabels"][label] for label in ("severity", "service", "slo")] for each in self.received]
        return [(each["status"], ",".join(group)) for each, group in zip(self.received, groups, strict=True)]


@contextmanager
def webhook() -> Iterator[Inbox]:
    """A webhook on loopback."""
    inbox = Inbox("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            inbox.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer((servers.LOOPBACK, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        inbox.url = f"http://{servers.LOOPBACK}:{server.server_address[1]}/"
        yield inbox
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


#: Minutes of the incident in a second of the test.
SPEED = 20

#: Severity and group, and the minutes from which and until which the alert fires: an outage of 30 minutes, one of which
#: the ticket comes first, two outages within the slow short window, and a service with little traffic.
INCIDENTS: Mapping[str, tuple[Sequence[tuple[str, float, float]], list[tuple[str, str]]]] = {
    "an outage": ([("page", 1, 65)], [("firing", "page,shop,a"), ("resolved", "page,shop,a")]),
    "a slow burn that becomes an outage": (
        [("ticket", 20, 300), ("page", 60, 130)],
        [
            ("firing", "ticket,shop,a"),
            ("firing", "page,shop,a"),
            ("resolved", "page,shop,a"),
            ("resolved", "ticket,shop,a"),
        ],
    ),
    "a ticket that starts and ends during a page": (
        [("page", 20, 160), ("ticket", 60, 120)],
        [("firing", "page,shop,a"), ("resolved", "page,shop,a")],
    ),
}


@pytest.mark.parametrize("incident", INCIDENTS)
def test_an_incident_is_one_notification_that_resolves(incident: str, alertmanager: Tool, tmp_path: Path) -> None:
    firing, expected = INCIDENTS[incident]
    with webhook() as inbox:
        artifacts = compiled(SLO("a", 99.9, SLI), url=inbox.url)
        alerts = {rule.labels["severity"]: rule for rule in _burn_alerts(artifacts)}
        path = tmp_path / "alertmanager.yml"
        path.write_text(config(artifacts), encoding="utf-8")
        with servers.alertmanager(alertmanager, path, tmp_path / "data", servers.free_port()) as url:
            _replay(url, [(alerts[severity], start, end) for severity, start, end in firing])
            _await(lambda: len(inbox.received) >= len(expected))
    assert inbox.summary() == expected


def _burn_alerts(artifacts: Artifacts) -> list[AlertingRule]:
    return [rule for rule in artifacts.rules() if isinstance(rule, AlertingRule) and "slo:burn_rate:" in rule.expr]


def _replay(url: str, alerts: Sequence[tuple[AlertingRule, float, float]]) -> None:
    """Send the alerts at their times, as Prometheus does: again and again while they fire, once when they end."""
    started, minute = time.monotonic(), 0.0
    end = max(end for _, _, end in alerts)
    resolved: set[str] = set()
    while minute < end + SPEED:
        minute = (time.monotonic() - started) * SPEED
        now = datetime.now(UTC)
        batch = []
        for rule, first, last in alerts:
            if first <= minute < last:
                batch.append(_alert(rule, now, now + timedelta(seconds=30)))
            elif minute >= last and rule.name not in resolved:
                resolved.add(rule.name)
                batch.append(_alert(rule, now - timedelta(seconds=1), now))
        if batch:
            _post(f"{url}/api/v2/alerts", batch)
        time.sleep(0.1)


def _alert(rule: AlertingRule, start: datetime, end: datetime) -> Mapping[str, Any]:
    labels = {"alertname": rule.name, **rule.labels}
    return {"labels": labels, "startsAt": start.isoformat(), "endsAt": end.isoformat()}


def _post(url: str, alerts: list[Mapping[str, Any]]) -> None:
    request = urllib.request.Request(url, json.dumps(alerts).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def _await(condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2.5)  # two group intervals, in which no further notification comes


def test_a_running_alertmanager_mutes_no_page_because_of_a_ticket(alertmanager: Tool, tmp_path: Path) -> None:
    reversed_ = {"page": BurnAlert(severity="ticket"), "ticket": BurnAlert(severity="page")}
    artifacts = compiled(SLO("usual", 99.9, SLI), SLO("reversed", 99.9, SLI, alerts=reversed_))
    path = tmp_path / "alertmanager.yml"
    path.write_text(config(artifacts), encoding="utf-8")
    now = datetime.now(UTC)
    with servers.alertmanager(alertmanager, path, tmp_path / "data", servers.free_port()) as url:
        _post(f"{url}/api/v2/alerts", [_alert(rule, now, now + timedelta(hours=1)) for rule in _burn_alerts(artifacts)])
        expected = {"ShopUsualBurnPage", "ShopReversedBurnTicket"}
        assert _active_alerts(url, expected) == expected


def _active_alerts(url: str, expected: set[str]) -> set[str]:
    """The alerts that are not inhibited: those expected when three answers agree, else the last answer."""
    answers: list[set[str]] = []
    while len(answers) < 100 and answers[-3:] != [expected] * 3:
        time.sleep(0.1)
        alerts = servers.get(f"{url}/api/v2/alerts")
        answers.append({alert["labels"]["alertname"] for alert in alerts if not alert["status"]["inhibitedBy"]})
    return answers[-1]
