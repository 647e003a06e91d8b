"""Keys of plain data that no Prometheus and no Alertmanager knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from obscode import (
    Alertmanagers,
    Definitions,
    Project,
    PrometheusServer,
    RemoteWrite,
    Routing,
    ScrapeJob,
    Service,
    compile,
    configs,
    discovery,
    receivers,
)
from obscode.checks import lint
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.model import compatibility, known_keys
from obscode.project.check_files import read_files

CHAT = receivers.Webhook("chat", url_file="/run/secrets/chat")


def reported(project: Project | None = None, job: ScrapeJob | None = None, **others: object) -> list[Finding]:
    service = Service("shop", owner="a", scrape=[job] if job else [])
    definitions = Definitions(project or Project("team"), services=[service], **others)  # type: ignore[arg-type]
    try:
        compile(definitions)
    except DefinitionError as error:
        return [finding for finding in error.findings if finding.code.name == "unknown-setting"]
    return []


def texts(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.message, finding.hint) for finding in findings]


def marked(finding: Finding) -> str:
    """The text under the caret."""
    assert finding.span
    line = Path(__file__).read_text().splitlines()[finding.span.line - 1]
    return line[finding.span.column - 1 : (finding.span.end_column or 0) - 1]


def test_a_key_of_discovery_settings_is_reported_at_the_key() -> None:
    (finding,) = reported(job=ScrapeJob(discovery=discovery.Consul("c:8500", settings={"tag_seperator": ","})))
    assert (finding.message, finding.hint) == (
        "consul_sd_configs has no setting 'tag_seperator'",
        "did you mean 'tag_separator'?",
    )
    assert marked(finding) == '"tag_seperator"'


def test_a_key_of_plain_discovery_is_reported_at_the_key() -> None:
    (finding,) = reported(job=ScrapeJob(discovery={"azure_sd_configs": [{"subscripton_id": "a"}]}))
    assert finding.message == "azure_sd_configs has no setting 'subscripton_id'"
    assert finding.hint == "did you mean 'subscription_id'?"
    assert marked(finding) == '"subscripton_id"'


def test_a_key_of_a_scrape_job_is_reported_at_the_key() -> None:
    (finding,) = reported(job=ScrapeJob(["shop:80"], settings={"sample_limt": 4}))
    assert (finding.message, finding.hint) == (
        "a scrape job has no setting 'sample_limt'",
        "did you mean 'sample_limit'?",
    )
    assert marked(finding) == '"sample_limt"'


def test_a_key_of_a_queue_is_reported_at_the_key() -> None:
    server = PrometheusServer(remote_write=RemoteWrite("https://a.example/push", queue={"max_shard": 50}))
    (finding,) = reported(Project("team", prometheus=server))
    assert (finding.message, finding.hint) == ("queue_config has no setting 'max_shard'", "did you mean 'max_shards'?")
    assert marked(finding) == '"max_shard"'


def test_keys_of_a_server_and_of_sections_in_it_are_reported() -> None:
    settings = {"scrape_config": [], "storage": {"tsdb": {"out_of_order_window": "1h"}}}
    assert texts(reported(Project("team", prometheus=PrometheusServer(settings=settings)))) == [
        ("Prometheus has no setting 'scrape_config'", "did you mean 'scrape_configs'?"),
        (
            "tsdb has no setting 'out_of_order_window'",
            "see https://prometheus.io/docs/prometheus/latest/configuration/configuration/; "
            "if it is in a version newer than 3.14, write that as oldest_prometheus=",
        ),
    ]


def test_a_key_of_alertmanagers_discovery_is_reported() -> None:
    alertmanagers = Alertmanagers(discovery={"dns_sd_configs": [{"name": ["a"]}]})
    assert texts(reported(Project("team", alertmanagers=[alertmanagers]))) == [
        ("dns_sd_configs has no setting 'name'", "did you mean 'names'?")
    ]


def test_keys_of_a_routing_are_reported_at_the_keys() -> None:
    settings = {"globl": {}, "global": {"http_config": {"proxyurl": "http://a"}}}
    assert texts(reported(routing=Routing(CHAT, settings=settings))) == [
        ("Alertmanager has no setting 'globl'", "did you mean 'global'?"),
        ("http_config has no setting 'proxyurl'", "did you mean 'proxy_url'?"),
    ]


def test_keys_inside_the_settings_of_a_receiver_are_reported_once() -> None:
    settings = {"http_config": {"tls_config": {"cafile": "/a"}}, "max_alert": 4}
    routing = Routing(receivers.Webhook("chat", url_file="/run/secrets/chat", settings=settings))
    assert texts(reported(routing=routing)) == [
        ("tls_config has no setting 'cafile'", "did you mean 'ca_file'?"),
        ("webhook_configs has no setting 'max_alert'", "did you mean 'max_alerts'?"),
    ]


def test_keys_of_configurations_as_written_are_reported() -> None:
    jobs = [configs.Scrape("shop", {"metric_path": "/a"})]
    prometheus = configs.Prometheus({"global": {"scrape_intervall": "1m"}}, scrape_configs=jobs)
    alertmanager = configs.Alertmanager(
        configs.Route("chat", settings={"mute_time_interval": []}),
        receivers=[receivers.Raw("chat", {"webhook_configs": [{"ur": "http://a"}]})],
    )
    assert texts(reported(configs=[prometheus, alertmanager])) == [
        ("a scrape job has no setting 'metric_path'", "did you mean 'metrics_path'?"),
        ("global has no setting 'scrape_intervall'", "did you mean 'scrape_interval'?"),
        ("a route has no setting 'mute_time_interval'", "did you mean 'mute_time_intervals'?"),
        ("webhook_configs has no setting 'ur'", "did you mean 'url'?"),
    ]


def test_names_that_users_choose_are_no_unknown_keys() -> None:
    settings = {
        "params": {"module": ["a"]},
        "http_headers": {"X-Tenant": {"values": ["a"]}},
        "oauth2": {"client_id": "a", "token_url": "http://a", "endpoint_params": {"audience": "b"}},
    }
    assert reported(Project("team", oldest_prometheus="2.53"), ScrapeJob(["shop:80"], settings=settings)) == []


@pytest.mark.parametrize(("version", "is_reported"), [("3.14", True), ("3.15", False)])
def test_keys_are_not_reported_if_the_oldest_version_is_newer_than_the_known_ones(
    version: str, is_reported: bool
) -> None:
    job = ScrapeJob(["shop:80"], settings={"new_limit": 4})
    assert bool(reported(Project("team", oldest_prometheus=version), job)) == is_reported


def test_an_unknown_kind_of_discovery_is_a_warning() -> None:
    job = ScrapeJob(discovery={"consull_sd_configs": [{"serv": "c:8500"}]})
    assert reported(job=job) == []
    artifacts = compile(Definitions(Project("team"), services=[Service("shop", owner="a", scrape=[job])]))
    (finding,) = [finding for finding in lint(artifacts) if finding.code.name == "unknown-discovery"]
    assert (finding.severity, finding.message, finding.hint) == (
        "warning",
        "Prometheus 3.14 and older have no consull_sd_configs",
        "did you mean 'consul_sd_configs'?",
    )
    assert marked(finding) == '"consull_sd_configs"'


@pytest.mark.parametrize("keys", [known_keys.PROMETHEUS, known_keys.ALERTMANAGER], ids=["Prometheus", "Alertmanager"])
def test_each_section_of_the_table_is_used_and_exists(keys: known_keys.Keys) -> None:
    used = {below for section in keys.sections.values() for below in section.values() if below}
    assert used | {"file", "client"} == set(keys.sections)


@pytest.mark.parametrize(
    ("program", "keys"),
    [(compatibility.PROMETHEUS, known_keys.PROMETHEUS), (compatibility.ALERTMANAGER, known_keys.ALERTMANAGER)],
    ids=["Prometheus", "Alertmanager"],
)
def test_every_field_of_the_table_of_versions_is_a_known_key(
    program: compatibility.Program, keys: known_keys.Keys
) -> None:
    known = {key for section in keys.sections.values() for key in section}
    of_rules = {"keep_firing_for", "query_offset", "labels"}
    assert {field.key.strip("*") for field in program.fields} - known - of_rules <= {"_sd_configs"}


def unknown_in_file(folder: Path, text: str) -> list[tuple[str, str, int, int]]:
    file = folder / "config.yml"
    file.write_text(text)
    findings = [f for each in read_files([file]) for f in each.findings if f.code.name == "unknown-key"]
    places = [(f, f.span) for f in findings if f.span]
    return [(f.message, f.hint, span.line, span.column or 0) for f, span in places]


def test_keys_deep_in_a_prometheus_file_are_reported_once(tmp_path: Path) -> None:
    text = (
        "remote_write: [{url: 'http://a', queue_config: {max_shard: 4}}]\n"
        "scrape_configs:\n"
        "- job_name: shop\n"
        "  sample_limt: 4\n"
        "  relabel_configs: [{regx: a, target_label: b}]\n"
        "  tls_config: {cafile: /a}\n"
    )
    assert sorted(unknown_in_file(tmp_path, text), key=lambda each: each[2]) == [
        ("queue_config has an unknown key 'max_shard'", "did you mean 'max_shards'?", 1, 49),
        ("the scrape job has an unknown key 'sample_limt'", "did you mean 'sample_limit'?", 4, 3),
        ("a step of relabel_configs has an unknown key 'regx'", "did you mean 'regex'?", 5, 22),
        ("tls_config has an unknown key 'cafile'", "did you mean 'ca_file'?", 6, 16),
    ]


def test_keys_deep_in_an_alertmanager_file_are_reported_once(tmp_path: Path) -> None:
    text = (
        "route: {receiver: chat, routes: [{receiver: chat, group_wit: 1m}]}\n"
        "receivers:\n"
        "- name: chat\n"
        "  webhook_configs: [{url: 'http://a', http_config: {proxi_url: 'http://b'}}]\n"
    )
    assert sorted(unknown_in_file(tmp_path, text), key=lambda each: each[2]) == [
        ("the route has an unknown key 'group_wit'", "did you mean 'group_wait'?", 1, 51),
        ("http_config has an unknown key 'proxi_url'", "did you mean 'proxy_url'?", 4, 53),
    ]


def test_a_key_of_discovery_in_a_file_that_is_unlike_all_known_ones_is_not_reported(tmp_path: Path) -> None:
    text = "scrape_configs: [{job_name: shop, consul_sd_configs: [{server: a, %s: b}]}]\n"
    assert unknown_in_file(tmp_path, text % "of_another_program") == []
    assert unknown_in_file(tmp_path, text % "servics") == [
        ("consul_sd_configs has an unknown key 'servics'", "did you mean 'services'?", 1, 67)
    ]
