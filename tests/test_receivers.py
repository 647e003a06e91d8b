"""Receivers: the configuration of each integration, and amtool accepts it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from finding_text import finding_text
from receiver_samples import RECEIVERS, sample

from obscode import Project, Route, Routing, Secret, receivers, render
from obscode.artifacts.files import File
from obscode.checks import lint
from obscode.checks.newer_field import newer_field
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError
from obscode.model.argument_types import problems
from obscode.model.receivers import Receiver, Slack, Webhook, fields
from obscode.model.type_descriptions import public_names
from obscode.toolchain import Tool
from obscode.verify.processes import run

PROJECT = Project("team", oldest_alertmanager="0.26")
FILE = "/run/secrets/slack"
URL = "https://hooks.slack.com/services/T000/B000/secret"


def config(*receivers: Receiver) -> str:
    """The alertmanager.yml of a routing with these receivers."""
    default, *others = receivers
    routes = [Route(other, match={"team": other.name}) for other in others]
    files = render(compile(Definitions(PROJECT, routing=Routing(default=default, routes=routes, templates=False))))
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


INVALID = {
    "with a URL and a file": (
        Slack("team", url=URL, url_file=FILE),
        "error[slack-url]: a Slack receiver has both url_file= and url=\n  hint: remove one of them",
    ),
    "with a webhook and an app": (
        Slack("team", url_file=FILE, app_token_file=FILE),
        "error[slack-url]: a Slack receiver has both url_file= and app_token_file=\n  hint: remove one of them",
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


# --- all receivers ---------------------------------------------------------------------------------------------------


def files(receiver: Receiver, version: str, **arguments: Any) -> list[File]:
    project = Project("team", oldest_alertmanager=version)
    return render(compile(Definitions(project, routing=Routing(receiver, **arguments))))


def accepts(amtool: Tool, text: str, folder: Path) -> str:
    """What amtool reports about a configuration; empty if it accepts it."""
    (folder / "alertmanager.yml").write_text(text)
    checked = run(amtool, "check-config", "alertmanager.yml", folder=folder)
    return checked.stdout + checked.stderr if checked.returncode else ""


def oldest_for(receiver: Receiver) -> str:
    """The first version that has all settings of a receiver."""
    versions = ("0.25", "0.26", "0.28", "0.29", "0.30", "0.31", "0.33")
    return next(version for version in versions if not newer_fields(receiver, version))


def newer_fields(receiver: Receiver, version: str) -> str:
    definitions = Definitions(Project("team", oldest_alertmanager=version), routing=Routing(receiver))
    return finding_text(lint(compile(definitions), [newer_field]))


def config_of(receiver: Receiver, version: str) -> str:
    return next(file.text for file in files(receiver, version) if file.path == "alertmanager/alertmanager.yml")


@pytest.mark.parametrize("name", RECEIVERS)
def test_amtool_accepts_every_receiver_from_its_version_on(name: str, amtool: Tool, tmp_path: Path) -> None:
    version = oldest_for(RECEIVERS[name])
    if amtool.at_least(*map(int, version.split("."))):
        assert accepts(amtool, config_of(RECEIVERS[name], version), tmp_path) == ""
    else:
        older = ".".join(map(str, amtool.version_tuple[:2]))
        assert "error[newer-field]: receivers." in newer_fields(RECEIVERS[name], older)
        assert accepts(amtool, config_of(RECEIVERS[name], older), tmp_path) != ""


@pytest.mark.parametrize("name", RECEIVERS)
def test_the_samples_have_every_argument_of_a_receiver(name: str) -> None:
    kind = type(RECEIVERS[name])
    assert issubclass(kind, receivers.Integration)
    samples = [each for each in RECEIVERS.values() if type(each) is kind]
    unused = {
        argument
        for argument in kind.arguments().values()
        if not any(getattr(each, argument) for each in samples) and argument not in ("http", "url", "webhook_url")
    }
    assert unused - {"service_key_file", "auth_secret_file", "require_tls"} == set()


@pytest.mark.parametrize("integration", fields.INTEGRATIONS)
def test_every_setting_of_every_integration_can_be_written_as_plain_data(
    integration: str, newest_amtool: Tool, tmp_path: Path
) -> None:
    keys = fields.INTEGRATIONS[integration]
    needed = {alternatives[0]: sample(integration, alternatives[0]) for alternatives, _ in fields.NEEDS[integration]}
    if integration == "webex_configs":
        needed["http_config"] = sample(integration, "http_config")
    items = []
    for key in keys:
        exclusive = {
            each for alternatives, _ in fields.NEEDS[integration] if key in alternatives for each in alternatives
        }
        base = {each: value for each, value in needed.items() if each not in exclusive}
        items.append({**base, key: sample(integration, key)})
    items = [_completed(integration, item) for item in items]
    text = config_of(receivers.Raw("all", {integration: items}), "0.33")
    assert yaml.safe_load(text)["receivers"] == [{"name": "all", integration: items}]
    assert accepts(newest_amtool, text, tmp_path) == ""


def _completed(integration: str, item: dict[str, Any]) -> dict[str, Any]:
    """The settings with what Alertmanager requires beside some of them."""
    if item.get("update_message"):
        return {"update_message": True, "api_url": "https://slack.com/api/chat.postMessage"}
    if integration == "incidentio_configs" and not any("token" in key or key == "http_config" for key in item):
        return {**item, "alert_source_token_file": "/run/a"}
    return item


# --- names, groups and severities --------------------------------------------------------------------------------


def test_a_receiver_has_the_name_of_its_kind_by_default() -> None:
    assert [Slack().name, receivers.PagerDuty().name, receivers.IncidentIO("incidents").name] == [
        "slack",
        "pagerduty",
        "incidents",
    ]


@pytest.mark.parametrize("name", ["my team", "team/größe: ☎", "'a' \"b\"", "- x", "null"])
def test_a_receiver_has_any_name(name: str, amtool: Tool, tmp_path: Path) -> None:
    webhook = Webhook(name, url="http://localhost:5001")
    text = config(webhook, Webhook("other", url="http://localhost:5002"))
    assert yaml.safe_load(text)["route"]["receiver"] == name
    assert accepts(amtool, text, tmp_path) == ""


def test_a_group_has_the_integrations_of_its_receivers() -> None:
    chat, other = Slack(channel="#a", url_file=FILE), Slack(channel="#b", url_file=FILE)
    hook = receivers.Raw("hook", {"webhook_configs": [{"url": "http://localhost:1"}]})
    group = receivers.Group("team", [receivers.Group("chats", [chat, other]), hook])
    settings = {"api_url_file": FILE, "send_resolved": True}
    assert integrations(group) == [
        {
            "name": "team",
            "slack_configs": [{"channel": "#a", **settings}, {"channel": "#b", **settings}],
            "webhook_configs": [{"url": "http://localhost:1"}],
        }
    ]


def test_a_receiver_has_labels(newest_amtool: Tool, tmp_path: Path) -> None:
    group = receivers.Group("team", [Slack(url_file=FILE)], labels={"team": "shop"})
    (text,) = [each.text for each in files(group, "0.33", templates=False) if each.path.endswith("alertmanager.yml")]
    assert yaml.safe_load(text)["receivers"][0]["labels"] == {"team": "shop"}
    assert accepts(newest_amtool, text, tmp_path) == ""
    assert newer_fields(group, "0.32") == (
        "error[newer-field]: receivers.labels needs Alertmanager 0.33, but oldest_alertmanager is 0.32\n"
        '  hint: write oldest_alertmanager="0.33" in the Project, if no older one loads the output'
    )


def test_a_receiver_for_each_severity() -> None:
    pager = receivers.PagerDuty(routing_key_file="/run/secrets/pagerduty")
    chat = Slack("chat", url_file=FILE)
    project = Project("team", severities={"page": "critical", "ticket": "warning"})
    routing = Routing(chat, by_severity={"page": pager}, routes=[Route(chat, match={"team": "shop"})])
    artifacts = compile(Definitions(project, routing=routing))
    route = artifacts.alertmanager_configs[0].route
    assert route.receiver == "chat"
    assert [(each.receiver, each.matchers) for each in route.routes] == [
        ("chat", ['team="shop"']),
        ("pagerduty", ['severity="critical"']),
    ]


def test_a_route_has_a_receiver_for_each_severity() -> None:
    pager = receivers.PagerDuty(routing_key_file="/run/secrets/pagerduty")
    shop = Route(Slack("shop", url_file=FILE), match={"team": "shop"}, by_severity={"page": pager})
    artifacts = compile(Definitions(PROJECT, routing=Routing(Slack("all", url_file=FILE), routes=[shop])))
    (route,) = artifacts.alertmanager_configs[0].route.routes
    assert route.receiver == "shop"
    assert [(each.receiver, each.matchers) for each in route.routes] == [("pagerduty", ['severity="page"'])]
    assert [each.name for each in artifacts.alertmanager_configs[0].receivers] == ["all", "shop", "pagerduty"]


def test_an_unknown_severity_of_a_receiver_is_reported() -> None:
    webhook = Webhook("a", url="http://localhost:1")
    with pytest.raises(DefinitionError) as error:
        compile(Definitions(PROJECT, routing=Routing(webhook, by_severity={"pgae": webhook})))
    assert finding_text(error.value.findings) == (
        "error[unknown-severity]: the project has no severity 'pgae'\n  hint: did you mean 'page'?"
    )


def test_the_section_global_has_settings_of_all_receivers(amtool: Tool, tmp_path: Path) -> None:
    settings = {"smtp_smarthost": "smtp.example.com:587", "smtp_from": "alerts@example.com", "slack_api_url_file": FILE}
    more = {"smtp_auth_password_file": Secret("smtp", "password"), "resolve_timeout": "10m"}
    group = receivers.Group("team", [Slack(channel="#shop"), receivers.Email(to="shop@example.com")])
    (text,) = [
        each.text
        for each in files(group, "0.25", settings={"global": {**settings, **more}}, templates=False)
        if "alertm" in each.path
    ]
    written = {
        **settings,
        "smtp_auth_password_file": "/etc/alertmanager/secrets/smtp/password",
        "resolve_timeout": "10m",
    }
    assert yaml.safe_load(text)["global"] == written
    assert accepts(amtool, text, tmp_path) == ""


SEVERITIES = {
    "default": ({"page": "page", "ticket": "ticket"}, "", {"page": "critical", "ticket": "warning"}),
    "more": (
        {"wake": "wake", "page": "page", "soon": "soon", "ticket": "ticket", "note": "note"},
        "",
        {"wake": "critical", "page": "critical", "soon": "error", "ticket": "warning", "note": "info"},
    ),
    "own": ({"page": "P1", "ticket": "P2"}, {"page": "error"}, {"P1": "error"}),
}


@pytest.mark.parametrize(("severities", "argument", "expected"), SEVERITIES.values(), ids=SEVERITIES)
def test_pagerduty_has_a_severity_for_each_severity_of_the_project(
    severities: dict[str, str], argument: Any, expected: dict[str, str]
) -> None:
    pager = receivers.PagerDuty(routing_key_file="/run/secrets/pagerduty", severity=argument)
    template = pager.integrations_for(Project("team", severities=severities))["pagerduty_configs"][0]["severity"]
    branches = (f'if eq .CommonLabels.severity "{label}" }}}}{value}' for label, value in expected.items())
    assert template == f"{{{{ {'{{ else '.join(branches)}{{{{ else }}}}error{{{{ end }}}}"


def test_pagerduty_has_a_template_as_severity() -> None:
    pager = receivers.PagerDuty(routing_key_file=FILE, severity="{{ .CommonLabels.urgency }}")
    settings = pager.integrations_for(PROJECT)["pagerduty_configs"][0]
    assert settings["severity"] == "{{ .CommonLabels.urgency }}"


@pytest.mark.parametrize(("version", "integration"), [("0.27", "msteams_configs"), ("0.28", "msteamsv2_configs")])
def test_teams_has_the_integration_of_the_oldest_alertmanager(version: str, integration: str) -> None:
    teams = receivers.Teams(webhook_url="http://proxy:2000/alerts")
    assert list(teams.integrations_for(Project("team", oldest_alertmanager=version))) == [integration]


def test_a_file_with_the_url_of_teams_needs_the_integration_that_reads_it() -> None:
    assert newer_fields(receivers.Teams(webhook_url_file=FILE), "0.25") == (
        "error[newer-field]: receivers.msteamsv2_configs needs Alertmanager 0.28, but oldest_alertmanager is 0.25\n"
        '  hint: write oldest_alertmanager="0.28" in the Project, if no older one loads the output'
    )


def test_teams_through_a_proxy_needs_no_newer_field() -> None:
    assert newer_fields(receivers.Teams(webhook_url="http://proxy:2000/alerts"), "0.27") == ""


FINDINGS = {
    "an unknown setting": (
        Slack(url_file=FILE, settings={"chanel": "#a"}),
        "error[unknown-setting]: slack_configs has no setting 'chanel'\n  hint: did you mean 'channel'?",
    ),
    "an unknown integration": (
        receivers.Raw("team", {"slack_config": []}),
        "error[unknown-setting]: Alertmanager has no integration 'slack_config'\n  hint: did you mean 'slack_configs'?",
    ),
    "no file with the secret": (
        receivers.PagerDuty(),
        "error[missing-setting]: receiver 'pagerduty' has no routing_key_file\n"
        "  hint: write routing_key_file= or service_key_file=",
    ),
    "no setting of its own or of all": (
        Slack(),
        "error[missing-setting]: receiver 'slack' has no url_file\n"
        "  hint: write url_file= or app_token_file= or url=, "
        'or Routing(settings={"global": {"slack_api_url_file": ...}}) for all receivers',
    ),
}


@pytest.mark.parametrize(("receiver", "expected"), FINDINGS.values(), ids=FINDINGS)
def test_settings_that_alertmanager_rejects_are_reported(receiver: Receiver, expected: str) -> None:
    with pytest.raises(DefinitionError) as error:
        config(receiver)
    assert finding_text(error.value.findings) == expected


WRITTEN_TWICE = {
    "an argument": (
        Slack(url_file=FILE, channel="#a", settings={"link_names": True, "channel": "#b"}),
        "error[receiver-settings]: 'channel' is in settings=, and channel= is an argument\n  hint: remove one of them",
    ),
    "an argument of another name": (
        Slack(url_file=FILE, settings={"api_url_file": FILE}),
        "error[receiver-settings]: 'api_url_file' is in settings=, and url_file= is an argument\n"
        "  hint: remove one of them",
    ),
    "send_resolved": (
        Slack(url_file=FILE, settings={"send_resolved": False}),
        "error[receiver-settings]: 'send_resolved' is an argument\n  hint: write send_resolved=False",
    ),
    "the subject": (
        receivers.Email(to="a@example.com", subject="a", headers={"subject": "b"}),
        "error[receiver-settings]: the subject is an argument, and in headers=\n  hint: remove one of them",
    ),
    "a severity of another service": (
        receivers.PagerDuty(routing_key_file=FILE, severity={"page": "urgent"}),
        "error[receiver-severity]: severity 'urgent' is unknown\n  hint: write critical, error, warning or info",
    ),
    "an empty group": (
        receivers.Group("team", []),
        "error[empty-group]: the group has no receivers\n  hint: write one, or more",
    ),
    "no name": (
        receivers.Group("", [Slack(url_file=FILE)]),
        'error[receiver-name]: the receiver has no name\n  hint: write "pager", for example',
    ),
}


@pytest.mark.parametrize(("receiver", "expected"), WRITTEN_TWICE.values(), ids=WRITTEN_TWICE)
def test_contradictory_arguments_are_reported(receiver: Receiver, expected: str) -> None:
    assert finding_text(problems(receiver)) == expected


def test_a_newer_argument_is_reported_where_it_is_written() -> None:
    slack = Slack(app_token_file=FILE)
    (finding,) = lint(compile(Definitions(PROJECT, routing=Routing(receivers.Group("team", [slack])))), [newer_field])
    assert finding_text([finding]) == (
        "error[newer-field]: receivers.slack_configs.app_token_file needs Alertmanager 0.30, "
        "but oldest_alertmanager is 0.26\n"
        '  hint: write oldest_alertmanager="0.30" in the Project, if no older one loads the output'
    )
    assert finding.span == slack.span("app_token_file")


def test_a_key_of_settings_may_stand_for_an_argument_that_is_not_written() -> None:
    slack = Slack(url_file=FILE, settings={"channel": "#a", "text": ""})
    assert list(problems(slack)) == []
    assert slack.integrations_for(PROJECT)["slack_configs"] == [
        {"api_url_file": FILE, "send_resolved": True, "channel": "#a", "text": ""}
    ]


# --- the page ----------------------------------------------------------------------------------------------------

PAGE = (Path(__file__).parents[1] / "docs" / "alertmanager.md").read_text()
EXAMPLES = re.findall(r"^```python\n(from obscode import .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_page_has_no_findings_and_amtool_accepts_it(
    number: int, newest_amtool: Tool, tmp_path: Path
) -> None:
    names: dict[str, Any] = {}
    exec(EXAMPLES[number], names)
    artifacts = compile(Definitions(Project("team", oldest_alertmanager="0.28"), routing=names["routing"]))
    assert finding_text(finding for finding in lint(artifacts) if finding.severity == "error") == ""
    text = next(file.text for file in render(artifacts) if file.path == "alertmanager/alertmanager.yml")
    (tmp_path / "templates").mkdir()
    for file in render(artifacts):
        if file.path.startswith("alertmanager/templates/"):
            (tmp_path / file.path.removeprefix("alertmanager/")).write_text(file.text)
    assert accepts(newest_amtool, text, tmp_path) == ""


def test_the_page_lists_every_receiver() -> None:
    kinds = [
        name for kind, name in public_names().items() if issubclass(kind, Receiver) and name.startswith("receivers.")
    ]
    bases = ("receivers.Receiver", "receivers.Integration", "receivers.HttpIntegration")
    assert [name for name in kinds if name not in bases and f"| `{name}` |" not in PAGE] == []
