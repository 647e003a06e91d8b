"""Credentials in URLs are reported before they are committed."""

from __future__ import annotations

import pytest
from conftest import ProjectFolder

from obscode.checks.secret_in_output import _secret

USER = "a user and a password"
SECRETS = {
    "https://user:pw@hooks.example.com/x": ("hooks.example.com", USER),
    "see https://ok.example.com and ftp://a:b@h:21/x?y=1": ("h:21", USER),
    "https://us@er:p@ss@h/": ("h", USER),
    "https://token@h": ("h", "a user or a token before the @"),
    "https://:pw@h?x": ("h", USER),
    "https://h/x?a=1&token=abc": ("h", "a secret: the parameter token"),
    "https://h/x?API_KEY=abc": ("h", "a secret: the parameter API_KEY"),
    "https://hooks.slack.com/services/T0/B0/x": ("hooks.slack.com", "a secret: the path of the webhook"),
    "https://discord.com/api/webhooks/1/x": ("discord.com", "a secret: the path of the webhook"),
    "https://team.webhook.office.com/x": ("team.webhook.office.com", "a secret: the path of the webhook"),
    "https://api.telegram.org/bot1:x": ("api.telegram.org", "a secret: the path of the webhook"),
}
HARMLESS = [
    "https://h/x",
    "https://h/@user",
    "https://h/?mail=a@b.c",
    "https://h?q=a:b@c",
    "https://h/x?token={{ $labels.token }}",
    "https://h/x?token=$token",
    "https://h/x?token=",
    "https://h/x?tokens=3&monkey=1",
    "https://hooks.slack.com/",
    "https://evil.example.com/hooks.slack.com/services/x",
    "mail user:pw@h",
    "://",
    "",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_url_with_a_credential_is_recognised(text: str) -> None:
    assert _secret(text) == SECRETS[text]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_urls_are_accepted(text: str) -> None:
    assert _secret(text) is None


def test_every_argument_of_every_definition_is_read(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project="""
        url = "https://user:hunter2@h.example.com/x"
        dev = Environment("dev", prometheus_url=url)
        project = Project("team", prometheus_url=url, grafana_url=url, environments=[dev])
        routing = Routing(default=receivers.Webhook("team", url=url))
        shop = Service(
            "shop",
            severity="page",
            alerts=[Alert("ShopDown", "up == 0", summary="down", runbook=url)],
            dashboard=[Row("Rows", panels.Text("Notes", f"see {url}"))],
        )
        """
    )
    ended = project_folder.run("build")
    messages = [line.partition(": ")[2] for line in ended.err.splitlines() if "[secret-in-output]" in line]
    message = "error[secret-in-output]: a URL of h.example.com contains a user and a password"
    assert messages == [message] * 6, ended.err
    assert ended.exit == 1
    assert not project_folder.build.exists()


def test_a_url_with_a_credential_can_be_ignored_with_a_reason(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project="""
        project = Project("team")
        reason = {"secret-in-output": "a test system"}
        routing = Routing(default=receivers.Webhook("team", url="http://a:b@h", ignore=reason))
        """
    )
    assert project_folder.run("build").exit == 0
