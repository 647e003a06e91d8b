"""Inhibition: a page mutes the tickets of its SLO, a fast tier the slower ones, and a ticket never mutes a page."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from obscode import SLO, BurnAlert, Project, Routing, ScrapeJob, Service, Tier
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.compiler import Definitions, compile
from obscode.model.receivers import Webhook
from obscode.model.sli import Ratio
from obscode.renderers import render
from obscode.toolchain import Tool
from obscode.verify import servers

ROUTING = Routing(default=Webhook("nobody", url="http://127.0.0.1:1"))
SLI = Ratio(errors='hits_total{code="500"}', total="hits_total")
LESS = {"page-fast": BurnAlert(severity="ticket"), "ticket-fast": BurnAlert(severity="page"), "ticket-slow": None}
QUICK, USUAL = (
    Tier("x", severity="page", budget=2, long="30m", short="5m"),
    Tier("y", severity="page", budget=2, long="1h", short="5m"),
)
REVERSED = [Tier("x", severity="page", budget=2, long="2h", short="10m"), USUAL]


def compiled(*slos: SLO) -> Artifacts:
    shop = Service("shop", scrape=ScrapeJob(["localhost:8000"]), slos=list(slos))
    return compile(Definitions(Project("team"), [shop], routing=ROUTING))


def config(*slos: SLO) -> str:
    return next(file.text for file in render(compiled(*slos)) if file.path == "alertmanager/alertmanager.yml")


def rules(*slos: SLO) -> list[tuple[list[str], list[str]]]:
    return [
        (rule["source_matchers"], rule["target_matchers"]) for rule in yaml.safe_load(config(*slos))["inhibit_rules"]
    ]


ANY = ['service=~".+"', 'slo=~".+"']


def inhibits(fast: str, slow: str, severity: str, about: Iterable[str] = ANY) -> tuple[list[str], list[str]]:
    """The matchers of a rule by which a fast tier mutes a slow one of the same severity."""
    source, target = ([f'tier="{name}"', f'severity="{severity}"', *about] for name in (fast, slow))
    return source, target


TICKETS = (['severity="page"', *ANY], ['severity="ticket"', *ANY])


def test_a_fast_tier_inhibits_slower_tiers_of_the_severity_of_its_alert() -> None:
    assert rules(SLO("a", 99.9, SLI, alerts=LESS)) == [TICKETS, inhibits("page-slow", "ticket-fast", "page")]


def test_two_slos_that_order_tiers_differently_have_separate_rules() -> None:
    slos = [SLO(name, 99.9, SLI, policy=[QUICK, USUAL]) for name in ("a", "b")]
    assert rules(*slos) == [TICKETS, inhibits("x", "y", "page")]
    assert rules(slos[0], SLO("c", 99.9, SLI, policy=REVERSED)) == [
        TICKETS,
        inhibits("x", "y", "page", ['service="shop"', 'slo="a"']),
        inhibits("y", "x", "page", ['service="shop"', 'slo="c"']),
    ]


def test_a_running_alertmanager_mutes_no_page_because_of_a_ticket(alertmanager: Tool, tmp_path: Path) -> None:
    slos = [SLO("usual", 99.9, SLI), SLO("less", 99.9, SLI, alerts=LESS)]
    slos += [SLO("own", 99.9, SLI, policy=[QUICK, USUAL]), SLO("turned", 99.9, SLI, policy=REVERSED)]
    alerts = [rule for rule in compiled(*slos).rules() if isinstance(rule, AlertingRule) and "tier" in rule.labels]
    path = tmp_path / "alertmanager.yml"
    path.write_text(config(*slos), encoding="utf-8")
    with servers.alertmanager(alertmanager, path, tmp_path / "data", servers.free_port()) as url:
        _post(f"{url}/api/v2/alerts", [{"labels": {"alertname": alert.name, **alert.labels}} for alert in alerts])
        expected = {"usual": {"page-fast"}, "less": {"page-slow"}, "own": {"x"}, "turned": {"y"}}
        assert _active_tiers(url, expected) == expected


def _post(url: str, alerts: list[Mapping[str, Any]]) -> None:
    now = datetime.now(UTC).isoformat()
    body = json.dumps([{"startsAt": now, **alert} for alert in alerts]).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def _active_tiers(url: str, expected: Mapping[str, set[str]]) -> Mapping[str, set[str]]:
    """The tiers of each SLO that are not inhibited: those expected when three answers agree, else the last answer."""
    answers: list[Mapping[str, set[str]]] = []
    while len(answers) < 100 and answers[-3:] != [expected] * 3:
        time.sleep(0.1)
        tiers: dict[str, set[str]] = {}
        for alert in servers.get(f"{url}/api/v2/alerts"):
            if not alert["status"]["inhibitedBy"]:
                tiers.setdefault(alert["labels"]["slo"], set()).add(alert["labels"]["tier"])
        answers.append(tiers)
    return answers[-1]
