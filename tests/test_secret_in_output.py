"""Credentials in URLs are reported before they are committed."""

from __future__ import annotations

import pytest
from conftest import ProjectFolder

from obscode.findings.secret_text import has_marker, masked, masked_line, secret_texts

USER = "a user and a password"
TOKEN = "ghp_0123456789abcdefABCDEF0123456789abcdef"
SECRETS = {
    "https://user:pw@hooks.example.com/x": f"a URL of hooks.example.com contains {USER}",
    "see https://ok.example.com and ftp://a:b@h:21/x?y=1": f"a URL of h:21 contains {USER}",
    "https://us@er:p@ss@h/": f"a URL of h contains {USER}",
    "https://token@h": "a URL of h contains a user or a token before the @",
    "https://u:%21pw@h": f"a URL of h contains {USER}",
    "https://h/x?token=my-token": "a URL of h contains a secret: the parameter token",
    "https://:pw@h?x": f"a URL of h contains {USER}",
    "https://h/x?a=1&token=abc": "a URL of h contains a secret: the parameter token",
    "https://h/x?API_KEY=abc": "a URL of h contains a secret: the parameter API_KEY",
    "https://prod.westeurope.logic.azure.com:443/workflows/a/paths/invoke?sp=x&sig=a-B": (
        "a URL of prod.westeurope.logic.azure.com:443 contains a secret: the parameter sig"
    ),
    f"see {TOKEN}!": "the value contains a token of GitHub",
    "AKIA0123456789ABCDEF": "the value contains an access key of AWS",
    "glpat-0123456789abcdefABCD": "the value contains a token of GitLab",
    "Bearer xoxb-123456789012-abcdef": "the value contains a token of Slack",
    "glsa_0123456789abcdefABCDEF0123456789_0123abcd": "the value contains a token of Grafana",
    "AIza0123456789abcdefABCDEF0123456789abc": "the value contains an API key of Google",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N": "the value contains a JSON Web Token",
    "123456789:AAabcdefghijklmnopqrstuvwxyz0123456": "the value contains the token of a Telegram bot",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE": "the value contains a private key",
    **{
        f"https://{url}": f"a URL of {url.partition('/')[0]} contains a secret: the path"
        for url in (
            "hooks.slack.com/services/T0/B0/x",
            "discord.com/api/webhooks/1/x",
            "team.webhook.office.com/x",
            "api.telegram.org/bot1:x",
            "events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue",
            "alert.victorops.com/integrations/generic/20131114/alert/01234567-89ab-cdef/shop",
            "hc-ping.com/01234567-89ab-cdef-0123-456789abcdef",
            "nosnch.in/0123456789",
            "oncall.example.com/integrations/v1/alertmanager/abcdefghijklmnopqrstuvwxy/",
        )
    },
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
    "https://hooks.slack.com/services/XXX/YYY/ZZZ",
    "https://discord.com/api/webhooks/{{ .id }}/x",
    "https://h/x?token=<token>",
    "https://h/x?token=xxxx",
    "https://${USER}:${PASSWORD}@h/",
    "https://user:<password>@h/",
    "AKIAIOSFODNN7EXAMPLE",
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "ghp_short",
    "-----BEGIN CERTIFICATE-----",
    "://",
    "",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_recognised_by_its_form_and_hidden_in_messages(text: str) -> None:
    secret, *_ = secret_texts(text)
    assert secret.message == SECRETS[text]
    assert has_marker(text)
    assert text[secret.start : secret.end] not in masked(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_are_accepted(text: str) -> None:
    assert list(secret_texts(text)) == []
    assert masked(text) == text


LINES = {
    """Slack(api_key="abcd1234", x=1)""": """Slack(api_key="********", x=1)""",
    """{"auth_password": 'hunter2'}""": """{"auth_password": '*******'}""",
    "  bot_token: 12:ab # a": "  bot_token: ***** # a",
    "password_file: /run/secrets/a": "password_file: /run/secrets/a",
    'token = os.environ["TOKEN"]': 'token = os.environ["TOKEN"]',
    "token: {{ .Values.token }}": "token: {{ .Values.token }}",
    "sum by (token) (x)": "sum by (token) (x)",
    "targets: [user:pw@host:80]": "targets: [*******@host:80]",
    'ScrapeJob(["user:p/w@host"])': 'ScrapeJob(["********@host"])',
    "image: shop:v1@sha256:0123456789ab": "image: shop:v1@sha256:0123456789ab",
    "job:errors:rate5m @ 160974 > 5": "job:errors:rate5m @ 160974 > 5",
}


@pytest.mark.parametrize("line", LINES)
def test_the_value_of_a_key_is_hidden_in_excerpts(line: str) -> None:
    assert masked_line(line) == LINES[line]


def test_a_message_about_a_token_that_is_no_value_is_not_masked() -> None:
    assert masked("unexpected token: identifier") == "unexpected token: identifier"


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
