"""No secret reaches the disk or the terminal: secrets are planted wherever a definition takes a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from textwrap import dedent
from typing import Any, get_type_hints

import pytest
from conftest import ProjectFolder
from test_argument_types import REQUIRED

from obscode.checks.check import Context
from obscode.checks.secret_in_output import secret_in_output
from obscode.findings.secret_text import masked_line
from obscode.model.argument_types import matches_type
from obscode.model.dashboard import Row
from obscode.model.definition import Definition
from obscode.model.sli import SLI
from obscode.model.type_descriptions import public_names

TOKEN = "ghp_0123456789abcdefABCDEF0123456789abcdef"
KEY = "0123456789abcdef0123456789abcdef"
PASSWORD = "correct-horse-battery"


def planted() -> Iterator[tuple[type[Definition], str, Any]]:
    """Each argument of each definition that takes a text, a list or a dict of texts, with a token."""
    for kind in (kind for kind in public_names() if kind not in (SLI, Row)):
        hints = get_type_hints(kind, include_extras=True)
        for spec in fields(kind):
            if spec.init and spec.name != "ignore":
                values = (f"a {TOKEN}", [TOKEN], {"a": TOKEN}, {"a": [{"b": TOKEN}]}, [{"a": TOKEN}])
                yield from ((kind, spec.name, value) for value in values if matches_type(value, hints[spec.name]))


@pytest.mark.parametrize(
    ("kind", "argument", "value"), list(planted()), ids=lambda value: getattr(value, "__name__", type(value).__name__)
)
def test_a_token_in_any_argument_is_reported(kind: type[Definition], argument: str, value: Any) -> None:
    required = {spec.name for spec in fields(kind) if spec.init and spec.default is spec.default_factory is MISSING}
    definition = kind(**{name: REQUIRED[name] for name in required} | {argument: value})
    (finding,) = secret_in_output.run(definition, Context())
    assert finding.severity == "error"
    assert TOKEN not in str(finding)


# By what is planted: the definitions, the secret, and the message.
PLANTS = {
    "the URL of Slack": (
        'routing = Routing(receivers.Slack(url="https://hooks.slack.com/services/T0/B0/abcdefgh"))',
        "T0/B0/abcdefgh",
        "error[secret-in-output]: the value of url is a secret URL",
        "hint: write url_file=, the path of a file that holds it: definitions and output are committed",
    ),
    "the URL of a workflow of Teams": (
        f'routing = Routing(receivers.Webhook(url="https://x.logic.azure.com/workflows/1?sig={PASSWORD}"))',
        PASSWORD,
        "error[secret-in-output]: a URL of x.logic.azure.com contains a secret: the parameter sig",
        "hint: write url_file=, the path of a file that holds it: definitions and output are committed",
    ),
    "a key in place of a file": (
        f'routing = Routing(receivers.PagerDuty(routing_key_file="{KEY}"))',
        KEY,
        "error[secret-in-output]: the value of routing_key_file is no path",
        'hint: write the path of a file that holds it, such as "/run/secrets/routing_key"',
    ),
    "a short password in place of a file": (
        'mail = receivers.Email(to="a@b.c", from_="a@b.c", smarthost="h:25", auth_password_file="hunter2")\n'
        "routing = Routing(mail)",
        "hunter2",
        "error[secret-in-output]: the value of auth_password_file is no path",
        'hint: write the path of a file that holds it, such as "/run/secrets/auth_password"',
    ),
    "a key in plain data": (
        f'routing = Routing(receivers.Raw("a", {{"opsgenie_configs": [{{"api_key": "{KEY}"}}]}}))',
        KEY,
        "error[secret-in-output]: the value of api_key is a secret",
        "hint: write api_key_file, the path of a file that holds it: definitions and output are committed",
    ),
    "a key in the settings of a receiver": (
        f'routing = Routing(receivers.PagerDuty(settings={{"routing_key": "{KEY}"}}))',
        KEY,
        "error[secret-in-output]: the value of routing_key is a secret",
        "hint: write routing_key_file, the path of a file that holds it: definitions and output are committed",
    ),
    "a password of all receivers": (
        f'webhook = receivers.Webhook(url="http://a/")\n'
        f'routing = Routing(webhook, settings={{"global": {{"smtp_auth_password": "{PASSWORD}"}}}})',
        PASSWORD,
        "error[secret-in-output]: the value of smtp_auth_password is a secret",
        "hint: write smtp_auth_password_file, the path of a file that holds it: definitions and output are committed",
    ),
    "a header": (
        f'client = http.Client(settings={{"http_headers": {{"X-Api-Key": {{"values": ["{PASSWORD}"]}}}}}})\n'
        'routing = Routing(receivers.Webhook(url="http://a/", http=client))',
        PASSWORD,
        "error[secret-in-output]: the value of X-Api-Key is a secret",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "a Prometheus configuration": (
        'config = configs.Prometheus({"remote_write": [{"url": "http://a/", "basic_auth": '
        f'{{"username": "a", "password": "{PASSWORD}"}}}}]}})',
        PASSWORD,
        "error[secret-in-output]: the value of password is a secret",
        "hint: write password_file, the path of a file that holds it: definitions and output are committed",
    ),
    "a configuration of discovery": (
        'config = configs.Prometheus({}, scrape_configs=[configs.Scrape("a", {"ec2_sd_configs": '
        f'[{{"secret_key": "{PASSWORD}"}}]}})])',
        PASSWORD,
        "error[secret-in-output]: the value of secret_key is a secret",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "the URL of Prometheus": (
        "",
        "hunter2",
        "error[secret-in-output]: a URL of h contains a user and a password",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "the settings of a data source": (
        'project = Project("team", datasource=GrafanaDatasource(settings={"secureJsonData": '
        f'{{"httpHeaderValue1": "Bearer {PASSWORD}"}}}}))',
        PASSWORD,
        "error[secret-in-output]: the value of httpHeaderValue1 is a secret",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "an annotation": (
        f'shop = Service("shop", alerts=[Alert("A", "up == 0", severity="page", annotations={{"a": "{TOKEN}"}})])',
        TOKEN,
        "error[secret-in-output]: the value contains a token of GitHub",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "JSON of a panel": (
        'shop = Service("shop", dashboard=[Row("a", panels.Raw({"type": "text", "title": "t", "description": "d",'
        f' "options": {{"content": "{TOKEN}"}}}}))])',
        TOKEN,
        "error[secret-in-output]: the value contains a token of GitHub",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "a parameter of a URL that may have another meaning": (
        'shop = Service("shop", scrape=[ScrapeJob(discovery=discovery.HTTP("https://a.example.com/t?key=S3cret99"))])',
        "S3cret99",
        "error[secret-in-output]: a URL of a.example.com contains a secret: the parameter key",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "a parameter of a URL that is a password": (
        'shop = Service("shop", scrape=[ScrapeJob(discovery=discovery.HTTP("https://a.example.com/t?pwd=correct-horse"))])',
        "correct-horse",
        "error[secret-in-output]: a URL of a.example.com contains a secret: the parameter pwd",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "a parameter that relabeling sets": (
        f'step = relabel.Replace("__param_token", replacement="{PASSWORD}")\n'
        'shop = Service("shop", scrape=[ScrapeJob(["a:80"], relabel=[step])])',
        PASSWORD,
        "error[secret-in-output]: the value of __param_token looks like a secret",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "a parameter that plain relabeling sets": (
        'config = configs.Prometheus({}, scrape_configs=[configs.Scrape("a", {"relabel_configs": '
        f'[{{"target_label": "__param_token", "replacement": "{PASSWORD}"}}]}})])',
        PASSWORD,
        "error[secret-in-output]: the value of __param_token looks like a secret",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "an address that relabeling sets": (
        'step = relabel.Replace("__address__", replacement="obscode:hunter2@a:80")\n'
        'shop = Service("shop", scrape=[ScrapeJob(["a:80"], relabel=[step])])',
        "hunter2",
        "error[secret-in-output]: an address contains a user and a password",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "details of PagerDuty": (
        'routing = Routing(receivers.PagerDuty(routing_key_file="/run/a", details={"token": "hunter2secret9"}))',
        "hunter2secret9",
        "error[secret-in-output]: the value of token looks like a secret",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "a label of an alert": (
        f'shop = Service("shop", alerts=[Alert("A", "up == 0", severity="page", labels={{"api_key": "{KEY}"}})])',
        KEY,
        "error[secret-in-output]: the value of api_key looks like a secret",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "a label of targets": (
        'targets = discovery.Static(["a:80"], labels={"password": "hunter2"})\n'
        'shop = Service("shop", scrape=[ScrapeJob(discovery=targets)])',
        "hunter2",
        "error[secret-in-output]: the value of password looks like a secret",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "an external label": (
        f'project = Project("team", prometheus=PrometheusServer(external_labels={{"token": "{KEY}"}}))',
        KEY,
        "error[secret-in-output]: the value of token looks like a secret",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "a sentence": (
        'shop = Service("shop", alerts=[Alert("A", "up == 0", severity="page", summary="password: hunter2-9secret")])',
        "hunter2-9secret",
        "error[secret-in-output]: the value contains a password or a token",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "a text of a dashboard": (
        'row = Row("a", panels.Text("a", "the password: hunter2-9secret"))\nshop = Service("shop", dashboard=[row])',
        "hunter2-9secret",
        "error[secret-in-output]: the value contains a password or a token",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
    "the path of a webhook": (
        'routing = Routing(receivers.Webhook(url="https://hooks.example.com/services/T00/a1B2c3D4e5F6"))',
        "a1B2c3D4e5F6",
        "error[secret-in-output]: the path of the URL looks like a secret",
        "hint: write url_file=, the path of a file that holds it: definitions and output are committed",
    ),
    "a long path of a webhook": (
        f'routing = Routing(receivers.Raw("a", {{"webhook_configs": [{{"url": "https://h.example.com/{KEY}"}}]}}))',
        KEY,
        "error[secret-in-output]: the path of the URL looks like a secret",
        "hint: write url_file, the path of a file that holds it: definitions and output are committed",
    ),
    "an environment variable": (
        'import os\nshop = Service("shop", owner="team " + os.environ["SHOP_PASSWORD"])',
        PASSWORD,
        "error[secret-in-output]: the value of the environment variable SHOP_PASSWORD is a secret",
        "hint: take it out: definitions and output are committed; a deployment may replace",
    ),
}


@pytest.mark.parametrize(("definitions", "secret", "message", "hint"), PLANTS.values(), ids=PLANTS)
def test_a_planted_secret_never_reaches_the_disk(
    definitions: str,
    secret: str,
    message: str,
    hint: str,
    project_folder: ProjectFolder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    url = "" if definitions else ', prometheus_url="http://u:hunter2@h"'
    formats = '["classic", "configmap", "operator", "resource", "export"]'
    project = f'project = Project("team", oldest_alertmanager="0.33", dashboard_formats={formats}{url})'
    if "Project(" in definitions:
        project_folder.write(project=definitions)
    else:
        project_folder.write(project=project, shop=definitions or "x = 1")
    printing = (["list"], ["graph", "--all"], ["route", "ShopDown"])
    for arguments in (["build"], ["build", "--no-cache"], ["check"], ["check", "--format", "sarif"], *printing):
        ended = project_folder.run(*arguments)
        assert secret not in ended.out + ended.err
        if arguments[0] == "build":
            assert (ended.exit, message in ended.err, hint in ended.err) == (1, True, True), ended.err
    written = [path for path in project_folder.root.rglob("*") if path.is_file()]
    holders = [path.name for path in written if secret in path.read_text()]
    assert set(holders) <= {"shop.py", "project.py"}
    assert not project_folder.build.exists()


def test_list_prints_the_settings_of_an_environment_without_secrets(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project=f"""
        write = RemoteWrite("http://a/", settings={{"basic_auth": {{"username": "bob", "password": "{PASSWORD}"}}}})
        dev = Environment("dev", prometheus_url="http://u:hunter2@h/", prometheus=PrometheusServer(remote_write=write))
        project = Project("team", environments=[dev])
        shop = Service("shop", owner="{TOKEN}")
        """
    )
    ended = project_folder.run("list", "--environment", "dev")
    assert (ended.exit, PASSWORD in ended.out, "hunter2" in ended.out, TOKEN in ended.out) == (0, False, False, False)
    assert f"username=bob, password={'*' * len(PASSWORD)}" in ended.out


@pytest.mark.parametrize(
    ("target", "message", "hint"),
    [
        (
            f"user:{PASSWORD}@host:80",
            "'**************************@host:80' is not an address: it has a user and a password",
            """write 'host:80', and auth=http.BasicAuth(...)""",
        ),
        ("user@host:80", "'****@host:80' is not an address: it has a user", "write 'host:80', and"),
        (f"user:{PASSWORD}@host", "@host' is not an address: it has a user and a password", "write 'host', and"),
        (f"http://user:{PASSWORD}@host/m", "@host/m' is a URL, not an address", "write 'host' here, and"),
    ],
)
def test_a_password_in_an_address_is_not_printed(
    target: str, message: str, hint: str, project_folder: ProjectFolder
) -> None:
    project_folder.write(
        project='project = Project("team")', shop=f'shop = Service("shop", scrape=ScrapeJob(["{target}"]))'
    )
    ended = project_folder.run("build")
    assert (ended.exit, message in ended.err, hint in ended.err, PASSWORD in ended.err) == (1, True, True, False)


def test_a_password_in_an_address_of_a_file_is_not_printed(project_folder: ProjectFolder) -> None:
    text = f"scrape_configs: [{{job_name: a, static_configs: [{{targets: [user:{PASSWORD}@host:80/m]}}]}}]\n"
    (project_folder.root / "prometheus.yml").write_text(text)
    ended = project_folder.run("check", "prometheus.yml")
    assert ("is not a host and a port" in ended.out + ended.err, PASSWORD in ended.out + ended.err) == (True, False)


def test_the_severity_of_a_secret_cannot_be_changed(project_folder: ProjectFolder) -> None:
    settings = project_folder.root / "pyproject.toml"
    settings.write_text('[tool.obscode.severity]\nsecret-in-output = "off"\n')
    ended = project_folder.write(project='project = Project("team", grafana_url="http://a:hunter2@h")').run("build")
    assert "error[invalid-settings]: secret-in-output is always an error" in ended.err
    assert not project_folder.build.exists()


OWN_KINDS = {
    "a receiver": (
        """
        from dataclasses import dataclass
        from obscode.model.receivers.base import HttpIntegration

        @dataclass(frozen=True)
        class Pager(HttpIntegration):
            integration = "pagerduty_configs"

            def defaults(self, project):
                return {"routing_key": "KEY", "client": "TOKEN"}

        routing = Routing(Pager())
        """,
        ["the value of routing_key is a secret", "alertmanager/alertmanager.yml: the value contains a token of GitHub"],
    ),
}


@pytest.mark.parametrize(("definitions", "messages"), OWN_KINDS.values(), ids=OWN_KINDS)
def test_a_secret_in_the_code_of_a_kind_of_the_user_is_reported(
    definitions: str, messages: list[str], project_folder: ProjectFolder
) -> None:
    text = dedent(definitions).replace("KEY", KEY).replace("TOKEN", TOKEN)
    ended = project_folder.write(project='project = Project("team")', own=text).run("build")
    assert [message for message in messages if f"error[secret-in-output]: {message}" not in ended.err] == []
    assert (TOKEN in ended.err, KEY in ended.err, ended.exit) == (False, False, 1)
    assert not project_folder.build.exists()


def test_a_secret_in_a_service_that_changes_is_reported(
    project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build that compiles one service only."""
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    service = 'import os\n{name} = Service("{name}", runbook="https://example.com/{path}")'
    project_folder.write(project='project = Project("team")', a=service.format(name="a", path="a"))
    project_folder.write(b=service.format(name="b", path="b"))
    assert project_folder.run("build").exit == 0
    project_folder.write(b=service.format(name="b", path='" + os.environ["SHOP_PASSWORD"] + "'))
    ended = project_folder.run("build")
    assert (ended.exit, PASSWORD in ended.out + ended.err) == (1, False)
    assert "the value of the environment variable SHOP_PASSWORD is a secret" in ended.err
    folders = (project_folder.build, project_folder.root / ".obscode-cache")
    assert [
        path for folder in folders for path in folder.rglob("*") if path.is_file() and PASSWORD in path.read_text()
    ] == []


@pytest.mark.parametrize("name", ["SHOP_REGION", "PWD", "SHOP_TOKEN_FILE"])
def test_other_environment_variables_are_no_secrets(
    name: str, project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, PASSWORD)
    service = f'import os\nshop = Service("shop", owner=os.environ["{name}"])'
    assert project_folder.write(project='project = Project("team")', shop=service).run("build").exit == 0


def test_a_secret_that_definitions_do_not_read_is_not_looked_for(
    project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "team-shop")
    service = 'shop = Service("shop", owner="team-shop")'
    assert project_folder.write(project='project = Project("team")', shop=service).run("build").exit == 0


HARMLESS = {
    "a file": 'routing = Routing(receivers.PagerDuty(routing_key_file="/run/secrets/pagerduty"))',
    "a relative file": 'routing = Routing(receivers.PagerDuty(routing_key_file="pagerduty_routing_key"))',
    "a certificate": (
        'tls = http.TLS(ca_file="ca2", cert_file="cert2", key_file="key2")\n'
        'routing = Routing(receivers.Webhook(url="https://a/", http=http.Client(tls=tls)))'
    ),
    "a Kubernetes Secret": 'routing = Routing(receivers.PagerDuty(routing_key_file=Secret("pagerduty", "key")))',
    "a proxy in the own network": 'routing = Routing(receivers.Slack(url="http://slack-proxy.chat.svc:8080/team"))',
    "an address": 'routing = Routing(receivers.Slack(url="http://127.0.0.1:5001/slack"))',
    "the API of Slack": (
        'client = http.Client(auth=http.Bearer("/run/secrets/bot"))\n'
        'routing = Routing(receivers.Slack(url="https://slack.com/api/chat.postMessage", channel="#a", http=client))'
    ),
    "a key of VictorOps that routes": (
        'routing = Routing(receivers.Raw("a", {"victorops_configs": [{"routing_key": "team-shop-database-1", '
        '"api_key_file": "/run/secrets/key"}]}))'
    ),
    "a variable": 'routing = Routing(receivers.Raw("a", {"opsgenie_configs": [{"api_key": "${OPSGENIE_KEY}"}]}))',
    "labels": (
        'shop = Service("shop", alerts=[Alert("A", "up == 0", severity="page", summary="a", '
        'labels={"token": "oauth", "secret": "tls"})])'
    ),
    "details": (
        'routing = Routing(receivers.PagerDuty(routing_key_file="/run/secrets/a", details={"token": "{{ .Status }}", '
        '"password": "rotation"}))'
    ),
    "other labels": (
        'shop = Service("shop", alerts=[Alert("A", "up == 0", severity="page", summary="token: {{ $labels.token }}", '
        'labels={"token": "oauth2", "secret": "shop-tls-2024", "password": "policy", "api_key": "${KEY}"}, '
        'annotations={"password": "rotate it in the vault", "secret_key": "/run/secrets/key", "auth": "true"})])'
    ),
    "parameters of a URL": (
        'shop = Service("shop", scrape=[ScrapeJob(discovery=discovery.HTTP("https://a.example.com/t?key=OPS-123&auth=basic"))])'
    ),
    "relabeling": (
        'steps = [relabel.Replace("__param_token", "token"), relabel.Replace("__param_auth", replacement="public_v2"), '
        'relabel.Replace("__address__", replacement="a.example.com:9115")]\n'
        'shop = Service("shop", scrape=[ScrapeJob(["a:80"], relabel=steps)])'
    ),
    "the path of a webhook": (
        'routing = Routing(receivers.Webhook(url="https://tickets.example.com/api/v2/AlertmanagerV2Webhook/team-shop-1"))'
    ),
    "a random path in the own network": f'routing = Routing(receivers.Webhook(url="http://hooks.internal/{KEY}"))',
    "sentences": (
        'shop = Service("shop", alerts=[Alert("A", "up == 0", severity="page", summary="password: expired", '
        'description="token=oauth2 password: see https://wiki.example.com/passwords")])'
    ),
}


@pytest.mark.parametrize("definitions", HARMLESS.values(), ids=HARMLESS)
def test_what_is_no_secret_is_accepted(definitions: str, project_folder: ProjectFolder) -> None:
    ended = project_folder.write(project='project = Project("team")', shop=definitions).run("build")
    assert "secret-in-output" not in ended.err
    assert ended.exit == 0, ended.err


# Calls that fail before there is an output: the finding, and what its excerpt shows.
PRINTED = {
    "a header": (
        f'RemoteWrite("http://a/", headers={{"Authorization": "Bearer {PASSWORD}"}})',
        "error[remote-header]: Authorization is no header to set",
    ),
    "a password by position": (f'http.BasicAuth("u", "{PASSWORD}")', "missing-argument"),
    "a pair": (f'ScrapeJob(["a:80"], auth=("u", "{PASSWORD}"))', "['u', '*********************'] is not a BasicAuth"),
    "bytes": (f'http.Bearer(b"{PASSWORD}")', "b'*********************' is not a string or a Secret"),
    "a call of several lines": (f'http.Bearer(\n    b"{PASSWORD}",\n)', "'*********************' is not a string"),
    "a list": (
        f'receivers.PagerDuty(routing_key_file=["{PASSWORD}"])',
        "['*********************'] is not a string or a Secret",
    ),
    "a long value": (
        f'receivers.PagerDuty(routing_key_file=["{PASSWORD * 9}"])',
        "is not a string or a Secret",
    ),
    "a path with parameters": (
        f'ScrapeJob(["a:80"], path="/metrics?token={PASSWORD}")',
        "write path='/metrics', params={'token': ['*********************']}",
    ),
    "no valid Python": (f'receivers.Slack(url_file="{PASSWORD}" channel="#a")', "error[python-syntax]"),
    "a text without an end": (f'http.BasicAuth("u", "{PASSWORD})', "error[python-syntax]"),
}


@pytest.mark.parametrize(("call", "text"), PRINTED.values(), ids=PRINTED)
def test_a_planted_secret_is_not_printed(call: str, text: str, project_folder: ProjectFolder) -> None:
    holder = {
        "RemoteWrite": "project = Project('team', prometheus=PrometheusServer(remote_write=[{}]))",
        "ScrapeJob": "project = Project('team')\nshop = Service('shop', scrape=[{}])",
        "http": "project = Project('team')\nshop = Service('shop', scrape=[ScrapeJob(['a:80'], auth={})])",
        "receivers": "project = Project('team')\nrouting = Routing({})",
    }[call.partition("(")[0].partition(".")[0]]
    ended = project_folder.write(project=holder.format(call)).run("check")
    assert (ended.exit != 0, text in ended.err, PASSWORD[:12] in ended.out + ended.err) == (True, True, False)


@pytest.mark.parametrize(
    "line",
    [
        'http.BasicAuth("prometheus", password_file="/run/secrets/password")',
        'http.Bearer(Secret("api-token", "token"))',
        'http.OAuth2("client", client_secret_file="/run/a", token_url="https://a/")',
        'auth=http.Bearer("/run/secrets/token")',
        'receivers.Slack(url_file="secrets/slack", channel="#shop")',
    ],
)
def test_an_excerpt_without_a_secret_is_unchanged(line: str) -> None:
    assert masked_line(line) == line
