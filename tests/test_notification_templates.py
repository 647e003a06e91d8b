"""Templates of notifications, rendered by the real amtool."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import goldens
import pytest
from conftest import REPOSITORY
from notification_cases import BURN_LABELS, HOSTILE, NOTIFICATIONS, alert, notification

from obscode import Project, Routing, receivers, render
from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.checks import lint
from obscode.compiler import Definitions, compile
from obscode.compiler.notifications import DEFAULTS, with_definitions
from obscode.promql.label_matchers import parse_matchers
from obscode.toolchain import Tool
from obscode.verify.processes import run

SLACK = receivers.Slack(channel="#shop", url_file="/run/secrets/slack")
TEAMS = receivers.Teams(webhook_url_file="/run/secrets/teams")
EMAIL = receivers.Email(to="shop@example.com", from_="alerts@example.com", smarthost="localhost:25")
PROJECT = Project("team", oldest_alertmanager="0.28")
#: The texts of each receiver: the key of its integration, and the field.
FIELDS = {
    "slack": ("slack_configs", ("title", "text")),
    "teams": ("msteamsv2_configs", ("title", "text")),
    "plain": ("email_configs", ("text",)),
    "email": ("email_configs", ("html",)),
}
CASES = goldens.goldens("notifications")


def compiled(routing: Routing, project: Project = PROJECT) -> AlertmanagerConfig:
    return compile(Definitions(project, routing=routing)).alertmanager_configs[0]


def files(routing: Routing) -> Mapping[str, str]:
    return {file.path: file.text for file in render(compile(Definitions(PROJECT, routing=routing)))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files of a build with all receivers that have templates."""
    for path, text in files(Routing(receivers.Group("all", [SLACK, TEAMS, EMAIL]))).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def rendered(amtool: Tool, folder: Path, text: str, data: Mapping[str, Any], *, is_html: bool = False) -> str:
    """A text of a receiver as amtool renders it with the template files of the build."""
    (folder / "data.json").write_text(json.dumps(data))
    arguments = [
        f"--template.glob={folder}/alertmanager/templates/*.tmpl",
        f"--template.text={text}",
        f"--template.type={'html' if is_html else 'text'}",
        f"--template.data={folder / 'data.json'}",
    ]
    ended = run(amtool, "template", "render", *arguments, folder=folder)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def texts(amtool: Tool, folder: Path, kind: str, data: Mapping[str, Any]) -> list[str]:
    key, names = FIELDS[kind]
    settings = DEFAULTS[key]
    return [rendered(amtool, folder, settings[name], data, is_html=name == "html") for name in names]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_notification_is_rendered(
    case: goldens.Golden, amtool: Tool, folder: Path, request: pytest.FixtureRequest
) -> None:
    text = "\n".join(texts(amtool, folder, case.file.stem, NOTIFICATIONS[case.title]))
    goldens.check(case, text, request.config)


def test_every_notification_is_rendered_for_slack() -> None:
    assert [case.title for case in CASES if case.file.stem == "slack"] == [*NOTIFICATIONS]


# --- links -------------------------------------------------------------------------------------------------------


def matchers_of(url: str) -> list[tuple[str, str]]:
    """The matchers of a link to a new silence."""
    fragment = urlsplit(url).fragment
    assert fragment.startswith("/silences/new?filter=")
    return [(each.label, each.value) for each in parse_matchers(unquote(fragment.partition("=")[2]))]


@pytest.mark.parametrize("kind", FIELDS)
def test_a_silence_matches_the_alert_whatever_its_labels(kind: str, amtool: Tool, folder: Path) -> None:
    labels = {"alertname": "A", "x": HOSTILE, "y": 'a"b\\c\nd', "z": "ä, {}"}
    text = texts(amtool, folder, kind, notification([alert(labels)], []))[-1]
    link = re.search(r'https://alertmanager[^\s>)"|]+silences[^\s>)"|]*', html.unescape(text))
    assert link
    assert matchers_of(link[0]) == [*labels.items()]


def test_the_link_to_all_alerts_of_a_group_has_their_common_labels(amtool: Tool, folder: Path) -> None:
    for kind in FIELDS:
        text = html.unescape(texts(amtool, folder, kind, NOTIFICATIONS["three alerts of which one is resolved"])[-1])
        *_, link = re.findall(r'https://alertmanager[^\s>)"|]+silences[^\s>)"|]*', text)
        expected = [("alertname", "DiskFull"), ("disk", "sda"), ("service", "shop"), ("severity", "ticket")]
        assert matchers_of(link) == expected


def test_a_silence_of_long_labels_has_no_filter(amtool: Tool, folder: Path) -> None:
    for length, has_filter in ((249, True), (250, False)):
        data = notification([alert({"alertname": "A", "x": "y" * (length - len("A "))})], [])
        assert ("silences/new?filter=" in texts(amtool, folder, "slack", data)[1]) == has_filter


def test_links_that_are_none_are_left_out(amtool: Tool, folder: Path) -> None:
    annotations = {"runbook_url": "javascript:alert(1)", "dashboard_url": "see the wiki", "summary": "down"}
    data = notification([{**alert(BURN_LABELS, annotations), "generatorURL": "http://a/" + "b" * 500}], [])
    for kind in FIELDS:
        text = texts(amtool, folder, kind, data)[-1]
        assert "Runbook" not in text
        assert "Panel" not in text
        assert ("Query" in text) == (kind == "email")  # which has no limit


# --- limits ------------------------------------------------------------------------------------------------------


def large(text: str) -> Mapping[str, Any]:
    """Twenty alerts with long texts, with links of a usual length."""
    labels = {"alertname": "A" * 2000, "severity": "page", **{f"label_{i}": text * 2000 for i in range(20)}}
    links = {"dashboard_url": "https://grafana.example.com/" + "d" * 200, "runbook_url": "https://a/" + "b" * 100}
    burn = {"burn_rate": text * 2000, "error_budget_remaining": text * 2000, "time_to_exhaustion": text * 2000}
    annotations = {"summary": text * 2000, "description": text * 2000, **links}
    alerts = [alert({**labels, "i": str(i)}, {**annotations, **(burn if i % 2 else {})}) for i in range(20)]
    return notification([*alerts, *(alert({**labels, "j": str(i)}, resolved=True) for i in range(20))], [])


@pytest.mark.parametrize("text", ["x", "&", "<", "*", "ä", "\U0001f525"])
def test_a_notification_is_within_the_limits_of_its_receiver(text: str, amtool: Tool, folder: Path) -> None:
    data = large(text)
    title, slack = texts(amtool, folder, "slack", data)
    assert len(title) <= 1024
    assert len(slack) <= 40_000
    teams = "".join(texts(amtool, folder, "teams", data))
    # As Go writes JSON: https://pkg.go.dev/encoding/json#Marshal
    assert len(re.sub("[&<>]", "123456", json.dumps(teams, ensure_ascii=False)).encode()) <= 27_000
    assert "17 more" in teams
    assert "15 more" in slack


def test_three_usual_alerts_are_below_the_limit_of_a_block_of_slack(amtool: Tool, folder: Path) -> None:
    for data in NOTIFICATIONS.values():
        assert len(texts(amtool, folder, "slack", data)[1]) < 3000


def test_a_title_is_one_line(amtool: Tool, folder: Path) -> None:
    data = notification([alert({"alertname": "A"}, {"summary": "a\nb " + "c" * 300})], [])
    assert texts(amtool, folder, "slack", data)[0] == "[firing] a b " + "c" * 196


# --- which receivers have them -----------------------------------------------------------------------------------


def integrations(routing: Routing, project: Project = PROJECT) -> Mapping[str, Any]:
    return {key: items[0] for each in compiled(routing, project).receivers for key, items in each.integrations.items()}


def test_what_a_receiver_sets_itself_replaces_a_template() -> None:
    slack = SLACK.derive(title="own", settings={"fallback": "short"})
    email = EMAIL.derive(headers={"Subject": "own", "X-Team": "shop"}, html="<p></p>")
    written = integrations(Routing(receivers.Group("all", [slack, email])))
    assert written["slack_configs"] == {
        "channel": "#shop",
        "api_url_file": "/run/secrets/slack",
        "title": "own",
        "send_resolved": True,
        "fallback": "short",
        "title_link": '{{ template "obscode.link" . }}',
        "text": '{{ template "obscode.slack.text" . }}',
    }
    assert written["email_configs"]["headers"] == {"Subject": "own", "X-Team": "shop"}
    assert written["email_configs"]["html"] == "<p></p>"
    assert written["email_configs"]["text"] == '{{ template "obscode.plain.text" . }}'


def test_templates_can_be_switched_off() -> None:
    routing = Routing(SLACK, templates=False)
    assert "title" not in integrations(routing)["slack_configs"]
    assert compiled(routing).templates == {}
    assert not [path for path in files(routing) if path.endswith(".tmpl")]
    assert "templates:" not in files(routing)["alertmanager/alertmanager.yml"]


def test_plain_data_has_no_templates() -> None:
    raw = receivers.Raw("raw", {"slack_configs": [{"api_url_file": "/run/secrets/slack"}]})
    assert integrations(Routing(receivers.Group("all", [raw]))) == {
        "slack_configs": {"api_url_file": "/run/secrets/slack"}
    }


def test_only_the_files_of_the_receivers_are_written() -> None:
    def names(*members: receivers.Receiver) -> list[str]:
        return [*compiled(Routing(receivers.Group("all", members))).templates]

    assert names(receivers.Webhook("a", url="http://localhost:1/")) == []
    assert names(SLACK) == ["obscode", "slack"]
    assert names(EMAIL, TEAMS) == ["obscode", "teams", "email"]
    assert names(receivers.PagerDuty(routing_key_file="/run/secrets/pagerduty")) == ["obscode"]
    assert names(SLACK.derive(title="a", text="b", title_link="c", settings={"fallback": "d"})) == []
    assert names(receivers.Raw("raw", {"slack_configs": [{"api_url_file": "/run/secrets/slack"}]})) == []


def test_templates_of_settings_follow() -> None:
    text = files(Routing(SLACK, settings={"templates": ["/etc/alertmanager/*.tmpl"]}))["alertmanager/alertmanager.yml"]
    assert "templates:\n  - templates/*.tmpl\n  - /etc/alertmanager/*.tmpl\n" in text


def test_the_older_integration_of_teams_has_a_summary() -> None:
    project = Project("team", oldest_alertmanager="0.27")
    teams = receivers.Teams(webhook_url="http://localhost:1/")
    assert (
        integrations(Routing(teams), project)["msteams_configs"]["summary"] == '{{ template "obscode.plain.title" . }}'
    )


def test_no_template_is_for_a_field_that_the_oldest_alertmanager_lacks() -> None:
    for oldest, expected in (("0.26", []), ("0.27", ["summary"])):
        project = Project("team", oldest_alertmanager=oldest)
        routing = Routing(receivers.Teams(webhook_url="http://localhost:1/"))
        assert [key for key in integrations(routing, project)["msteams_configs"] if key == "summary"] == expected
        assert not lint(compile(Definitions(project, routing=routing)))


def test_alertmanager_loads_the_templates(amtool: Tool, folder: Path) -> None:
    text = files(Routing(receivers.Group("all", [SLACK, EMAIL])))["alertmanager/alertmanager.yml"]
    (folder / "alertmanager" / "alertmanager.yml").write_text(text)
    ended = run(amtool, "check-config", "alertmanager/alertmanager.yml", folder=folder)
    assert (ended.returncode, "1 templates" in ended.stdout) == (0, True), ended.stderr


def test_a_text_with_its_definitions_needs_no_file(newest_amtool: Tool, folder: Path, tmp_path: Path) -> None:
    data = NOTIFICATIONS["a page"]
    for kind in ("slack", "teams"):
        settings = DEFAULTS[FIELDS[kind][0]]
        expected = texts(newest_amtool, folder, kind, data)
        (tmp_path / "empty" / "alertmanager" / "templates").mkdir(parents=True, exist_ok=True)
        inlined = with_definitions({"texts": [settings["title"], settings["text"]], "send_resolved": True})
        assert inlined["send_resolved"] is True
        assert [rendered(newest_amtool, tmp_path / "empty", text, data) for text in inlined["texts"]] == expected


# --- documentation -----------------------------------------------------------------------------------------------


def test_the_texts_of_the_documentation_are_rendered() -> None:
    section = (REPOSITORY / "docs" / "alertmanager.md").read_text().partition("## Texts of notifications")[2]
    blocks = re.findall(r"^```text\n(.*?)^```$", section, re.M | re.S)
    known = [case.expected.strip() for case in CASES if case.file.stem == "slack"]
    assert len(blocks) >= 3
    assert [block for block in blocks if block.strip() not in known] == []
