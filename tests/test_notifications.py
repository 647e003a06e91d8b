"""Notifications of a running Alertmanager: one per incident, and less urgent alerts of an SLO are muted."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
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
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.unit_tests.alert_simulator import TrafficPhase, stable_instants
from obscode.compiler.unit_tests.timings import slo_timings
from obscode.model.receivers import Webhook
from obscode.model.sli import Ratio
from obscode.promql.duration import milliseconds
from obscode.renderers import render
from obscode.toolchain import Tool
from obscode.verify import servers

ERRORS, TOTAL = 'hits_total{code="500"}', "hits_total"
SLI = Ratio(errors=ERRORS, total=TOTAL)
BY_MODEL = Ratio(errors=ERRORS, total=TOTAL, by=["model"])


def compiled(*slos: SLO, url: str = "http://127.0.0.1:1") -> Artifacts:
    shop = Service("shop", scrape=ScrapeJob(["localhost:8000"]), slos=list(slos))
    webhook = Webhook("everybody", url=url)
    routing = Routing(default=webhook, group_wait="10ms", group_interval="50ms", repeat_interval="1h")
    return compile(Definitions(Project("team"), [shop], routing=routing))


def config(artifacts: Artifacts) -> str:
    return next(file.text for file in render(artifacts) if file.path == "alertmanager/alertmanager.yml")


NO_DATA = 'alertname=~".+(MetricMissing|MetricNeverSeen|TrafficStopped|NoTraffic|InvalidRatio)"'
ANY = ['service=~".+"', 'slo=~".+"']


def test_a_page_inhibits_the_tickets_of_its_slo_about_missing_data() -> None:
    inhibits = yaml.safe_load(config(compiled(SLO("a", 99.9, BY_MODEL))))["inhibit_rules"]
    assert inhibits == [
        {
            "source_matchers": ['severity="page"', *ANY],
            "target_matchers": ['severity="ticket"', *ANY, NO_DATA],
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


#: Minutes of the incident in a second of the test. Alertmanager's intervals are shortened likewise.
SPEED = 120
MINUTE, HOUR = 60_000, 3_600_000
GOOD, OUTAGE = TrafficPhase(HOUR, 30_000), TrafficPhase(30 * MINUTE, 30_000, 30_000)
_FLAP = (TrafficPhase(5 * MINUTE, 30_000, 6_000), TrafficPhase(5 * MINUTE, 30_000))
PAGE, TICKET = ("firing", "page,shop,a"), ("firing", "ticket,shop,a")
PAGE_ENDS, TICKET_ENDS = ("resolved", "page,shop,a"), ("resolved", "ticket,shop,a")

#: Traffic, in events per five minutes, and the notifications that it causes.
INCIDENTS: Mapping[str, tuple[tuple[TrafficPhase, ...], list[tuple[str, str]]]] = {
    "an outage": ((GOOD, GOOD, OUTAGE, *[GOOD] * 8), [PAGE, PAGE_ENDS]),
    "an outage that returns after 20 minutes": (
        (GOOD, GOOD, OUTAGE, replace(GOOD, length=20 * MINUTE), OUTAGE, *[GOOD] * 8),
        [PAGE, PAGE_ENDS],
    ),
    "errors that come and go for three hours": ((GOOD, GOOD, *_FLAP * 18, *[GOOD] * 8), [PAGE, PAGE_ENDS]),
    "a slow burn": ((*[GOOD] * 4, TrafficPhase(4 * HOUR, 30_000, 105), *[GOOD] * 8), [TICKET, TICKET_ENDS]),
    "a slow burn that becomes an outage": (
        (*[GOOD] * 4, TrafficPhase(4 * HOUR, 30_000, 105), OUTAGE, *[GOOD] * 8),
        [TICKET, PAGE, PAGE_ENDS, TICKET_ENDS],
    ),
    "a service with two requests a minute, of which a tenth fails": (
        (TrafficPhase(2 * HOUR, 10), TrafficPhase(8 * HOUR, 10, 1), TrafficPhase(8 * HOUR, 10)),
        [PAGE, PAGE_ENDS],
    ),
    "a short failure": ((GOOD, GOOD, TrafficPhase(5 * MINUTE, 30_000, 300), *[GOOD] * 2), []),
}


@pytest.mark.parametrize("incident", INCIDENTS)
def test_an_incident_is_one_notification_that_resolves(incident: str, alertmanager: Tool, tmp_path: Path) -> None:
    phases, expected = INCIDENTS[incident]
    with webhook() as inbox:
        artifacts = compiled(SLO("a", 99.9, SLI), url=inbox.url)
        path = tmp_path / "alertmanager.yml"
        path.write_text(config(artifacts), encoding="utf-8")
        with servers.alertmanager(alertmanager, path, tmp_path / "data", servers.free_port()) as url:
            _replay(url, list(_firing(artifacts, phases)))
            _await(lambda: len(inbox.received) >= len(expected))
    assert inbox.summary() == expected


def _firing(artifacts: Artifacts, phases: tuple[TrafficPhase, ...]) -> Iterator[tuple[AlertingRule, float, float]]:
    """Each time in which an alert fires: from and until which minute."""
    [shop] = artifacts.services
    plan = SloPlan(shop.slos[0], shop, artifacts.project)
    names = {alert.key: plan.alert_name(alert) for alert in plan.alerts}
    rules = {rule.name: rule for rule in _burn_alerts(artifacts)}
    instants = stable_instants(slo_timings(plan, milliseconds(plan.interval)), phases, 0)
    for key, name in names.items():
        since: int | None = None
        for at, firing in instants:
            if key in firing and since is None:
                since = at
            elif key not in firing and since is not None:
                yield rules[name], since / MINUTE, at / MINUTE
                since = None
        assert since is None, f"{key} fires at the end"


def _burn_alerts(artifacts: Artifacts) -> list[AlertingRule]:
    return [rule for rule in artifacts.rules() if isinstance(rule, AlertingRule) and "slo:burn_rate:" in rule.expr]


def _replay(url: str, alerts: Sequence[tuple[AlertingRule, float, float]]) -> None:
    """Send the alerts at their times, as Prometheus does: again and again while they fire, once when they end."""
    begin, end = min((first for _, first, _ in alerts), default=0), max((end for _, _, end in alerts), default=0)
    started, minute = time.monotonic(), begin
    resolved: set[tuple[str, float]] = set()
    while minute < end + SPEED / 2:
        minute = begin + (time.monotonic() - started) * SPEED
        now = datetime.now(UTC)
        batch = []
        for rule, first, last in alerts:
            if first <= minute < last:
                batch.append(_alert(rule, now, now + timedelta(seconds=30)))
            elif minute >= last and (rule.name, last) not in resolved:
                resolved.add((rule.name, last))
                batch.append(_alert(rule, now - timedelta(seconds=1), now))
        if batch:
            _post(f"{url}/api/v2/alerts", batch)
        time.sleep(0.02)


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
    time.sleep(0.5)  # ten group intervals, in which no further notification comes


def test_a_running_alertmanager_mutes_tickets_about_missing_data_and_no_burn_alert(
    alertmanager: Tool, tmp_path: Path
) -> None:
    reversed_ = {"page": BurnAlert(severity="ticket"), "ticket": BurnAlert(severity="page")}
    artifacts = compiled(SLO("usual", 99.9, SLI), SLO("reversed", 99.9, SLI, alerts=reversed_))
    path = tmp_path / "alertmanager.yml"
    path.write_text(config(artifacts), encoding="utf-8")
    now = datetime.now(UTC)
    with servers.alertmanager(alertmanager, path, tmp_path / "data", servers.free_port()) as url:
        rules = [rule for rule in artifacts.rules() if isinstance(rule, AlertingRule) and "slo" in rule.labels]
        _post(f"{url}/api/v2/alerts", [_alert(rule, now, now + timedelta(hours=1)) for rule in rules])
        expected = {f"Shop{slo}Burn{key}" for slo in ("Usual", "Reversed") for key in ("Page", "Ticket")}
        assert _active_alerts(url, expected) == expected


def _active_alerts(url: str, expected: set[str]) -> set[str]:
    """The alerts that are not inhibited: those expected when three answers agree, else the last answer."""
    answers: list[set[str]] = []
    while len(answers) < 100 and answers[-3:] != [expected] * 3:
        time.sleep(0.1)
        alerts = servers.get(f"{url}/api/v2/alerts")
        answers.append({alert["labels"]["alertname"] for alert in alerts if not alert["status"]["inhibitedBy"]})
    return answers[-1]
