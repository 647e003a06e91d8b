"""What a running Alertmanager delivers to Slack, Teams, PagerDuty, by e-mail and to webhooks, from definitions."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from notification_cases import BURN_ANNOTATIONS, BURN_LABELS
from notification_sinks import Sinks, sinks

from obscode import Inhibit, MuteTime, Project, Route, Routing, receivers, render
from obscode.compiler import Definitions, compile
from obscode.model.compatibility import at_least
from obscode.toolchain import Tool
from obscode.verify import servers

ALWAYS = MuteTime("always", times=[("12:00", "11:59"), ("11:59", "12:00")])
NEVER = MuteTime("never", years=[1990])
#: Alerts by name: labels and annotations as Prometheus sends them.
ALERTS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "burn": (BURN_LABELS, BURN_ANNOTATIONS),
    **{
        f"disk {i}": (
            {"alertname": "DiskFull", "severity": "ticket", "service": "shop", "instance": f"db-{i}", "x": "<&*_>"},
            {"summary": f"disk of db-{i} is full <now>"},
        )
        for i in (1, 2, 3)
    },
    "cause": ({"alertname": "SwitchDown", "severity": "note", "rack": "1"}, {"summary": "switch of rack 1 is down"}),
    "symptom": ({"alertname": "HostDown", "severity": "note", "rack": "1"}, {"summary": "a host is down"}),
    "other rack": ({"alertname": "HostDown", "severity": "note", "rack": "2"}, {"summary": "a host of rack 2 is down"}),
    "mail": ({"alertname": "Backup", "severity": "mail"}, {"summary": "backup failed: <b>1 & 2</b>"}),
    "muted": ({"alertname": "Muted", "severity": "muted"}, {}),
    "inactive": ({"alertname": "Inactive", "severity": "inactive"}, {}),
    "active": ({"alertname": "Active", "severity": "active"}, {}),
}


def routing(to: Sinks, key: Path, *, has_teams: bool) -> Routing:
    """Routes to every receiver, with short intervals."""

    def webhook(name: str) -> receivers.Webhook:
        return receivers.Webhook(name, url=f"{to.url}/{name}")

    slack = receivers.Slack("chat", url=f"{to.url}/slack", channel="#shop")
    teams = receivers.Teams("teams", webhook_url=f"{to.url}/teams") if has_teams else webhook("teams")
    mail = receivers.Email(
        "mail", to="shop@example.com", from_="alerts@example.com", smarthost=to.smarthost, require_tls=False
    )
    pager = receivers.PagerDuty("pager", routing_key_file=str(key), settings={"url": f"{to.url}/pagerduty"})
    return Routing(
        webhook("rest"),
        routes=[
            Route(webhook("every"), continue_=True, group_by=["..."]),
            Route(pager, match={"severity": "page"}),
            Route(teams, match={"severity": "ticket"}, routes=[Route(mail, match={"service": "none"})]),
            Route(mail, matchers=['severity=~"mail|letter"', 'alertname!~"Other.*"']),
            Route(webhook("muted"), match={"severity": "muted"}, mute=[ALWAYS]),
            Route(webhook("inactive"), match={"severity": "inactive"}, active=[NEVER]),
            Route(webhook("active"), match={"severity": "active"}, active=[ALWAYS], mute=[NEVER]),
            Route(slack),
        ],
        inhibit=[Inhibit({"alertname": "SwitchDown"}, {"alertname": "HostDown"}, equal=["rack"])],
        group_by=["alertname", "service", "slo"],
        group_wait="1s",
        group_interval="500ms",
        repeat_interval="1h",
    )


def written(definition: Routing, version: str, folder: Path) -> Path:
    """The configuration and the templates, written to a folder."""
    names = ("page", "ticket", "mail", "letter", "note", "muted", "inactive", "active")
    oldest = version if at_least(version, "0.28") else "0.25"
    project = Project("team", oldest_alertmanager=oldest, severities={name: name for name in names})
    files = [file for file in render(compile(Definitions(project, routing=definition))) if "alertm" in file.path]
    servers.write_files(files, folder)
    return folder / "alertmanager" / "alertmanager.yml"


def send(url: str, since: datetime, *, resolved: bool = False) -> None:
    """Send all alerts as Prometheus does; those that are resolved end now.

    Alertmanager does not wait for other alerts of a group if one began before the time to wait.
    """
    now = datetime.now(UTC)
    times = {
        "startsAt": since.isoformat(),
        "endsAt": (now if resolved else now + timedelta(hours=1)).isoformat(),
        "generatorURL": "http://prometheus.example.com/graph",
    }
    alerts = [{"labels": labels, "annotations": texts, **times} for labels, texts in ALERTS.values()]
    request = urllib.request.Request(
        f"{url}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def await_(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)  # two group intervals, in which nothing else arrives


@pytest.fixture
def delivered(alertmanager: Tool, tmp_path: Path) -> tuple[Sinks, Sinks, bool]:
    """What arrives while the alerts fire, what when they are resolved, and whether Teams is among the receivers."""
    key = tmp_path / "key"
    key.write_text("0123456789abcdef0123456789abcdef")
    has_teams = at_least(alertmanager.version, "0.28")
    with sinks() as to:
        path = written(routing(to, key, has_teams=has_teams), alertmanager.version, tmp_path)
        with servers.alertmanager(alertmanager, path, tmp_path / "data", servers.free_port()) as url:
            since = datetime.now(UTC)
            send(url, since)
            await_(lambda: arrived(to) >= NOTIFICATIONS)
            firing = Sinks(received={name: list(items) for name, items in to.received.items()}, emails=list(to.emails))
            to.received.clear()
            to.emails.clear()
            send(url, since, resolved=True)
            await_(lambda: arrived(to) >= NOTIFICATIONS)
    return firing, to, has_teams


#: The number of notifications while all alerts fire, and when all are resolved: one for each alert but the symptom, and
#: one for each group that is not muted.
NOTIFICATIONS = len(ALERTS) - 1 + len(("burn", "disk", "cause", "other rack", "mail", "active"))


def arrived(to: Sinks) -> int:
    return sum(map(len, to.received.values())) + len(to.emails)


def texts_of_slack(messages: Sequence[Any]) -> list[tuple[str, str, str]]:
    attachments = [attachment for message in messages for attachment in message["attachments"]]
    return sorted((each["color"], each["title"], each["text"]) for each in attachments)


def test_notifications_arrive_with_their_content_in_groups_and_when_they_are_resolved(
    delivered: tuple[Sinks, Sinks, bool],
) -> None:
    firing, resolved, has_teams = delivered
    _assert_groups(firing, resolved)
    _assert_pages(firing, resolved)
    _assert_chat(firing, resolved)
    _assert_mail(firing, resolved)
    if has_teams:
        _assert_teams(firing, resolved)


def _assert_groups(firing: Sinks, resolved: Sinks) -> None:
    """One notification for each group, none from muted routes, and one for each alert where nothing is grouped."""
    for status, to in (("firing", firing), ("resolved", resolved)):
        counts = {name: len(items) for name, items in to.received.items()}
        assert counts == {"every": len(ALERTS) - _inhibited(to), "pagerduty": 1, "teams": 1, "slack": 2, "active": 1}
        assert {each["status"] for each in to.of("every")} == {status}


def _inhibited(to: Sinks) -> int:
    """The symptom is muted everywhere while its cause fires."""
    names = [(each["commonLabels"]["alertname"], each["commonLabels"].get("rack")) for each in to.of("every")]
    assert ("HostDown", "1") not in names
    return 1


def _assert_pages(firing: Sinks, resolved: Sinks) -> None:
    (trigger,), (resolve,) = firing.of("pagerduty"), resolved.of("pagerduty")
    assert (trigger["event_action"], resolve["event_action"]) == ("trigger", "resolve")
    assert trigger["dedup_key"] == resolve["dedup_key"]
    assert trigger["routing_key"] == "0123456789abcdef0123456789abcdef"
    assert trigger["payload"]["severity"] == "critical"
    assert trigger["payload"]["summary"] == (
        "[page] shop availability burns its error budget 21.6 times as fast as allowed"
    )
    links = {each["text"]: each["href"] for each in trigger["links"]}
    assert links["Panel"] == BURN_ANNOTATIONS["dashboard_url"]
    assert links["Runbook"] == BURN_ANNOTATIONS["runbook_url"]
    assert "/#/silences/new?filter=%7Balertname%3D%22ShopAvailabilityBurnPage%22%2C" in links["Silence"]


def _assert_chat(firing: Sinks, resolved: Sinks) -> None:
    """The cause, and the host in another rack."""
    (host, host_text), (switch, switch_text) = [(t, text) for _, t, text in texts_of_slack(firing.of("slack"))]
    assert host == "[note] a host of rack 2 is down"
    assert switch == "[note] switch of rack 1 is down"
    assert host_text.startswith("Since 20")
    assert "UTC: HostDown, rack=`2`\n<http://prometheus.example.com/graph|Query> | <http://" in host_text
    assert switch_text.endswith("|Silence>")
    assert [(color, title) for color, title, _ in texts_of_slack(resolved.of("slack"))] == [
        ("good", "[resolved] HostDown"),
        ("good", "[resolved] SwitchDown"),
    ]
    assert all(text.startswith("Resolved 20") for _, _, text in texts_of_slack(resolved.of("slack")))
    assert {message["channel"] for message in firing.of("slack")} == {"#shop"}


def _assert_mail(firing: Sinks, resolved: Sinks) -> None:
    (sent,), (ended,) = firing.emails, resolved.emails
    assert sent["Subject"] == "[mail] backup failed: <b>1 & 2</b>"
    assert ended["Subject"] == "[resolved] Backup"
    assert (sent["To"], sent["From"]) == ("shop@example.com", "alerts@example.com")
    html = sent.get_body(("html",))
    plain = sent.get_body(("plain",))
    assert html is not None
    assert plain is not None
    assert "<p><b>backup failed: &lt;b&gt;1 &amp; 2&lt;/b&gt;</b></p>" in html.get_content()
    assert "UTC: Backup\r\n" in plain.get_content()


def _assert_teams(firing: Sinks, resolved: Sinks) -> None:
    """Three alerts are one card."""
    (message,), (ended,) = firing.of("teams"), resolved.of("teams")
    title, body = message["attachments"][0]["content"]["body"]
    assert title["text"] == "[ticket] DiskFull (shop) (3 alerts)"
    assert title["color"] == "Attention"
    assert [f"**disk of db-{i} is full <now>**" in body["text"] for i in (1, 2, 3)] == [True] * 3
    assert r"x=<&\*\_>" in body["text"]
    assert body["text"].count("[Silence](") == 3
    assert "[Silence all](" in body["text"]
    title, body = ended["attachments"][0]["content"]["body"]
    assert (title["text"], title["color"]) == ("[resolved] DiskFull (shop)", "Good")
    assert body["text"].count("Resolved 20") == 3


def test_intervals_of_the_test_cover_every_moment_and_none() -> None:
    from obscode.project.time_intervals import contains

    moments = [datetime(2030, 1, 1, hour, minute, tzinfo=UTC) for hour in range(24) for minute in (0, 59)]
    for time_, expected in ((ALWAYS, True), (NEVER, False)):
        intervals: Sequence[Mapping[str, Any]] = time_.configuration()["time_intervals"]
        assert {any(contains(each, moment) for each in intervals) for moment in moments} == {expected}
