"""Receivers: the configuration of each integration, and amtool accepts it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from finding_text import finding_text

from obscode import Project, Route, Routing, render
from obscode.compiler import Definitions, compile
from obscode.model.argument_types import problems
from obscode.model.receivers import Receiver, Slack, Webhook
from obscode.toolchain import Tool
from obscode.verify.processes import run

PROJECT = Project("team", oldest_alertmanager="0.26")
FILE = "/run/secrets/slack"
URL = "https://hooks.slack.com/services/T000/B000/secret"


def config(*receivers: Receiver) -> str:
    """The alertmanager.yml of a routing with these receivers."""
    default, *others = receivers
    routes = [Route(other, match={"team": other.name}) for other in others]
    files = render(compile(Definitions(PROJECT, routing=Routing(default=default, routes=routes))))
    return next(file.text for file in files if file.path == "alertmanager/alertmanager.yml")


def integrations(receiver: Receiver) -> object:
    return yaml.safe_load(config(receiver))["receivers"]


def test_a_slack_receiver_has_the_settings_of_its_arguments() -> None:
    slack = Slack("team", channel="#alerts", url_file=FILE)
    settings = {"api_url_file": FILE, "channel": "#alerts", "send_resolved": True}
    assert integrations(slack) == [{"name": "team", "slack_configs": [settings]}]


def test_a_slack_receiver_with_every_setting() -> None:
    slack = Slack("team", channel="C012AB3CD", url=URL, title="{{ .Status }}", text="t", send_resolved=False)
    settings = {"api_url": URL, "channel": "C012AB3CD", "title": "{{ .Status }}", "text": "t", "send_resolved": False}
    assert integrations(slack) == [{"name": "team", "slack_configs": [settings]}]


def test_a_webhook_has_a_url_or_a_url_file() -> None:
    assert integrations(Webhook("a", url="http://localhost:1")) == [
        {"name": "a", "webhook_configs": [{"url": "http://localhost:1", "send_resolved": True}]}
    ]
    assert integrations(Webhook("a", url_file=FILE, send_resolved=False)) == [
        {"name": "a", "webhook_configs": [{"url_file": FILE, "send_resolved": False}]}
    ]


SLACK_URL = (
    "error[slack-url]: a Slack receiver has {} url_file= {} url=\n"
    "  hint: write url_file=, which keeps the secret out of the code"
)
INVALID = {
    "without a URL": (
        Slack("team"),
        SLACK_URL.format("neither", "nor"),
    ),
    "with a URL and a file": (
        Slack("team", url=URL, url_file=FILE),
        SLACK_URL.format("both", "and"),
    ),
    "with a host name as the URL": (
        Slack("team", url="hooks.slack.com"),
        "error[slack-url]: 'hooks.slack.com' is not a URL\n  hint: write \"http://hooks.slack.com\"",
    ),
    "with a bare channel": (
        Slack("team", channel="alerts", url_file=FILE),
        "error[slack-channel]: 'alerts' is not a channel\n  hint: write '#alerts'",
    ),
    "with an id that is too short": (
        Slack("team", channel="C012AB3C", url_file=FILE),
        "error[slack-channel]: 'C012AB3C' is not a channel\n  hint: write '#C012AB3C'",
    ),
    "with a sign and no channel": (
        Slack("team", channel="#", url_file=FILE),
        "error[slack-channel]: '#' is not a channel\n  hint: write '#alerts'",
    ),
}


@pytest.mark.parametrize(("receiver", "expected"), INVALID.values(), ids=INVALID)
def test_an_invalid_slack_receiver_is_reported(receiver: Slack, expected: str) -> None:
    assert finding_text(problems(receiver)) == expected


@pytest.mark.parametrize("channel", ["", "#a", "@me", "C012AB3CD", "D012AB3CD", "G012AB3CD", "U012AB3CD"])
def test_a_slack_receiver_posts_to_a_channel_a_user_or_an_id(channel: str) -> None:
    assert list(problems(Slack("team", channel=channel, url_file=FILE))) == []


def test_amtool_accepts_every_receiver(amtool: Tool, tmp_path: Path) -> None:
    webhook = Webhook("hook", url="http://localhost:5001")
    text = config(Slack("team", channel="#alerts", url_file=FILE), Slack("page", channel="@me", url=URL), webhook)
    (tmp_path / "alertmanager.yml").write_text(text)
    checked = run(amtool, "check-config", "alertmanager.yml", folder=tmp_path)
    assert (checked.returncode, checked.stdout.count("3 receivers")) == (0, 1), checked.stderr
