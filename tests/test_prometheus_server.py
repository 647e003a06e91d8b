"""The settings of the Prometheus server: every section of a configuration, shards, and the checks that know them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from conftest import ProjectFolder
from finding_text import finding_text

from obscode import (
    SLO,
    Alert,
    Alertmanagers,
    Definitions,
    Probe,
    Project,
    PrometheusServer,
    RecordingRule,
    RemoteRead,
    RemoteWrite,
    RuleGroup,
    ScrapeJob,
    Secret,
    Service,
    compile,
    configs,
    discovery,
    http,
    relabel,
    render,
    sli,
    targets,
)
from obscode.checks import lint
from obscode.findings.errors import DefinitionError
from obscode.model.definition import Definition
from obscode.model.scrape import Job
from obscode.relabeling.apply import effects
from obscode.relabeling.step import Step
from obscode.toolchain import Tool
from obscode.verify.promtool import check

SHOP = Service("shop", scrape=ScrapeJob(["a:80", "b:80"]))
DROP_GO = {"source_labels": ["__name__"], "regex": "go_.*", "action": "drop"}
SERVER = PrometheusServer(
    external_labels={"cluster": "eu"},
    remote_write=[
        RemoteWrite(
            "https://mimir.example/api/v1/push",
            name="mimir",
            auth=http.BasicAuth("shop", password_file=Secret("mimir", "password")),
            tls=http.TLS(ca_file="/etc/ca.crt"),
            headers={"X-Scope-OrgID": "shop"},
            timeout="20s",
            write_relabel=[DROP_GO],
            queue={"max_shards": 10, "retry_on_http_429": True},
            send_exemplars=True,
            send_native_histograms=True,
            settings={"metadata_config": {"send": False}},
        ),
        RemoteWrite("http://other.example/push", proxy="http://proxy:3128"),
    ],
    remote_read=[
        RemoteRead("http://thanos/read", read_recent=True),
        RemoteRead("http://other/read", required_matchers={"team": "shop"}, filter_external_labels=False),
    ],
    rule_files=["/etc/rules/*.yml"],
    scrape_timeout="9s",
    query_log_file="/var/log/queries",
    alert_relabel=[{"regex": "replica", "action": "labeldrop"}],
    out_of_order_time_window="30m",
    max_exemplars=1000,
    settings={
        "global": {"sample_limit": 1000},
        "tracing": {"endpoint": "tempo:4317", "insecure": True},
        "remote_read": [{"url": "http://third/read"}],
    },
)
ALERTMANAGERS = (
    "localhost:9093",
    Alertmanagers(["alerts:9093"], scheme="https", path_prefix="/alerts", timeout="5s", auth=http.Bearer("/etc/token")),
    Alertmanagers(
        discovery={"dns_sd_configs": [{"names": ["_web._tcp.alerts.example"]}]},
        relabel=[{"source_labels": ["__address__"], "regex": "a.*", "action": "keep"}],
        settings={"enable_http2": False},
    ),
    "localhost:9094",
)


def project(server: PrometheusServer | None = SERVER, **settings: Any) -> Project:
    return Project("team", prometheus=server, **{"oldest_prometheus": "2.45", **settings})


def configurations(project: Project, *services: Service) -> dict[str, Any]:
    """The Prometheus configurations by file name."""
    files = render(compile(Definitions(project, services or [SHOP])))
    texts = {file.path.removeprefix("prometheus/"): file.text for file in files}
    return {name: yaml.safe_load(text) for name, text in texts.items() if name.startswith("prometheus.")}


def sections(server: PrometheusServer, *alertmanagers: str | Alertmanagers) -> dict[str, Any]:
    """The sections of the configuration, without the intervals and the scrape jobs."""
    config: dict[str, Any] = configurations(project(server, alertmanagers=alertmanagers))["prometheus.yml"]
    del config["scrape_configs"], config["global"]["scrape_interval"], config["global"]["evaluation_interval"]
    return config


def test_each_section_has_the_values_of_its_arguments_and_of_plain_data() -> None:
    server = SERVER.derive(settings={**SERVER.settings, "storage": {"tsdb": {"retention": {"time": "9d"}}}})
    assert sections(server, *ALERTMANAGERS) == {
        "global": {
            "scrape_timeout": "9s",
            "query_log_file": "/var/log/queries",
            "external_labels": {"cluster": "eu"},
            "sample_limit": 1000,
        },
        "rule_files": ["rules/*.yml", "/etc/rules/*.yml"],
        "alerting": {
            "alert_relabel_configs": [{"regex": "replica", "action": "labeldrop"}],
            "alertmanagers": [
                {"static_configs": [{"targets": ["localhost:9093", "localhost:9094"]}]},
                {
                    "scheme": "https",
                    "path_prefix": "/alerts",
                    "timeout": "5s",
                    "authorization": {"credentials_file": "/etc/token"},
                    "static_configs": [{"targets": ["alerts:9093"]}],
                },
                {
                    "dns_sd_configs": [{"names": ["_web._tcp.alerts.example"]}],
                    "relabel_configs": [{"source_labels": ["__address__"], "regex": "a.*", "action": "keep"}],
                    "enable_http2": False,
                },
            ],
        },
        "storage": {
            "tsdb": {"out_of_order_time_window": "30m", "retention": {"time": "9d"}},
            "exemplars": {"max_exemplars": 1000},
        },
        "remote_write": [
            {
                "url": "https://mimir.example/api/v1/push",
                "name": "mimir",
                "remote_timeout": "20s",
                "headers": {"X-Scope-OrgID": "shop"},
                "basic_auth": {
                    "username": "shop",
                    "password_file": "/etc/prometheus/secrets/mimir/password",
                },
                "tls_config": {"ca_file": "/etc/ca.crt"},
                "send_exemplars": True,
                "send_native_histograms": True,
                "write_relabel_configs": [DROP_GO],
                "queue_config": {"max_shards": 10, "retry_on_http_429": True},
                "metadata_config": {"send": False},
            },
            {"url": "http://other.example/push", "proxy_url": "http://proxy:3128"},
        ],
        "remote_read": [
            {"url": "http://thanos/read", "read_recent": True},
            {
                "url": "http://other/read",
                "required_matchers": {"team": "shop"},
                "filter_external_labels": False,
            },
            {"url": "http://third/read"},
        ],
        "tracing": {"endpoint": "tempo:4317", "insecure": True},
    }


def test_one_remote_storage_needs_no_list() -> None:
    server = PrometheusServer(remote_write=RemoteWrite("http://a/"), remote_read=RemoteRead("http://b/"))
    assert server.configuration() == {"remote_write": [{"url": "http://a/"}], "remote_read": [{"url": "http://b/"}]}


def test_without_a_server_the_configuration_is_as_before() -> None:
    config = configurations(project(None))["prometheus.yml"]
    assert list(config) == ["global", "rule_files", "alerting", "scrape_configs"]


def test_promtool_accepts_all_settings(promtool: Tool) -> None:
    settings = {"tracing": {"endpoint": "tempo:4317", "insecure": True}}
    server = SERVER.derive(settings=settings, shards=2, shard_label="shard")
    artifacts = compile(Definitions(project(server, alertmanagers=ALERTMANAGERS), [SHOP]))
    assert finding_text(check(artifacts, render(artifacts), [promtool], [])) == ""


def test_promtool_checks_the_rest_where_its_build_lacks_a_part(promtool: Tool) -> None:
    """Debian's 2.42 has no Kubernetes, its 3.5 no Consul and no Azure."""
    kinds = (discovery.Kubernetes("pod"), discovery.Consul("consul:8500"))
    managers = [Alertmanagers(discovery=kind) for kind in kinds]
    azure = {"azuread": {"sdk": {"tenant_id": "00000000-a12b-3cd4-e56f-000000000000"}}}
    remote = [RemoteWrite("http://a/", settings=azure)] if promtool.at_least(2, 52) else []
    server = PrometheusServer(remote_write=remote)
    for settings, expected in (({}, False), ({"storage": {"tsdb": 5}}, True)):
        each = project(server.derive(settings=settings), alertmanagers=managers)
        artifacts = compile(Definitions(each, [SHOP]))
        text = finding_text(check(artifacts, render(artifacts), [promtool], []))
        assert ("cannot unmarshal" in text, bool(text)) == (expected, expected)


def test_a_server_that_evaluates_no_rules_loads_none() -> None:
    config = configurations(project(PrometheusServer(evaluates_rules=False)))["prometheus.yml"]
    assert "rule_files" not in config


# --- shards ------------------------------------------------------------------------------------------------------

_KEEP = {"source_labels": ["__tmp_shard"], "action": "keep"}


def test_each_shard_has_a_configuration_with_its_part_of_the_targets() -> None:
    server = PrometheusServer(external_labels={"cluster": "eu"}, shards=2, shard_label="shard")
    shards = configurations(project(server))
    assert list(shards) == ["prometheus.shard-0.yml", "prometheus.shard-1.yml"]
    for number, config in enumerate(shards.values()):
        assert config["global"]["external_labels"] == {"cluster": "eu", "shard": str(number)}
        assert config["scrape_configs"][0]["relabel_configs"] == [
            {"source_labels": ["__address__"], "modulus": 2, "target_label": "__tmp_shard", "action": "hashmod"},
            {**_KEEP, "regex": str(number)},
        ]


def test_targets_on_the_machine_of_a_server_are_scraped_by_each_shard() -> None:
    local = Service("self", scrape=ScrapeJob(["localhost:9090", "127.0.0.1:9100", "[::1]:9100"]))
    other = Service("other", scrape=ScrapeJob(["localhost:9090", "localhost.example.com:80"]))
    artifacts = compile(Definitions(project(PrometheusServer(shards=2)), [local, other]))
    for config in artifacts.prometheus_configs:
        jobs = {job.job: job.settings.get("relabel_configs", []) for job in config.scrape_configs}
        assert (len(jobs["self"]), len(jobs["other"])) == (0, 2)


@pytest.mark.parametrize(
    "job",
    [
        ScrapeJob([f"shop-{i}:80" for i in range(40)]),
        Probe("http_2xx", [f"https://shop-{i}.example/" for i in range(40)]),
        ScrapeJob(
            [f"shop-{i}:80" for i in range(40)],
            relabel=[relabel.Replace("__address__", replacement="$1:81", regex="(.*):80")],
        ),
    ],
    ids=["scrape job", "probe", "with another address"],
)
def test_each_target_is_in_one_shard_and_each_shard_has_some(job: Job) -> None:
    shards = list(configurations(project(PrometheusServer(shards=3)), Service("shop", scrape=job)).values())
    targets = job.static_targets()
    numbers = [[number for number in range(3) if is_scraped(target, shards[number])] for target in targets]
    assert {len(each) for each in numbers} == {1}
    assert {number for each in numbers for number in each} == {0, 1, 2}


def is_scraped(target: str, config: dict[str, Any]) -> bool:
    """Whether relabeling keeps a target."""
    steps = [Step.of(step) for step in config["scrape_configs"][0]["relabel_configs"]]
    return not any(effect.after is None for effect in effects({"__address__": target}, steps))


def test_one_shard_is_the_usual_configuration() -> None:
    assert list(configurations(project(PrometheusServer(shards=1)))) == ["prometheus.yml"]


def findings(project: Project, *services: Service) -> str:
    """The findings of the checks of this module's subject."""
    names = ("sharded-aggregation", "external-label-conflict", "unknown-external-label", "duplicate-remote")
    return finding_text(
        finding for finding in lint(compile(Definitions(project, services))) if finding.code.name in names
    )


SHARDED = project(PrometheusServer(shards=3))
HINT = "  hint: let a ruler of Thanos or Mimir evaluate it: evaluates_rules=False, or RuleGroup(is_global=True)"


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        ('sum by (job) (up{job="shop"})', "recording rule a:b:c aggregates targets that 3 servers share"),
        ("count(up)", "recording rule a:b:c aggregates targets that 3 servers share"),
        ("topk(3, up)", "recording rule a:b:c aggregates targets that 3 servers share"),
        ('absent(up{job="single"})', "recording rule a:b:c needs all targets that 3 servers share"),
        ("sum by (instance) (up)", ""),
        ("sum without (code) (rate(x_total[5m]))", ""),
        ("topk by (instance) (3, up)", ""),
        ('sum(up{job="single"})', ""),
        ('sum(up{job="shop", instance="a:80"})', ""),
        ('sum(up{job="elsewhere"})', ""),
        ('sum(up{job="local"})', ""),
        ('absent(up{job="local"})', ""),
        ("sum(sum by (job) (up))", "recording rule a:b:c aggregates targets that 3 servers share"),
        ("up == 0", ""),
    ],
)
def test_rules_that_aggregate_over_shards_are_reported(expr: str, message: str) -> None:
    single = Service("single", scrape=[ScrapeJob(["c:80"]), ScrapeJob(["localhost:1", "localhost:2"], job="local")])
    shop = Service("shop", scrape=ScrapeJob(["a:80", "b:80"]), recording_rules=[RecordingRule("a:b:c", expr)])
    expected = f"warning[sharded-aggregation]: {message}\n{HINT}" if message else ""
    assert findings(SHARDED, shop, single) == expected
    assert findings(project(PrometheusServer(shards=3, evaluates_rules=False)), shop, single) == ""
    assert findings(project(PrometheusServer()), shop, single) == ""


def test_slos_of_sharded_targets_are_reported_once() -> None:
    ratio = sli.Ratio(errors='x_total{code="500"}', total="x_total")
    slos = [SLO("all", 99.9, ratio), SLO("each", 99.9, ratio.derive(by=["instance"]))]
    assert findings(SHARDED, Service("shop", scrape=ScrapeJob(["a:80"]), slos=slos)) == (
        "warning[sharded-aggregation]: SLO all counts events of targets that 3 servers share\n"
        "  hint: let a ruler evaluate all rules: evaluates_rules=False, and targets.Thanos or targets.Mimir"
    )


@pytest.mark.parametrize(
    ("further", "reported"),
    [
        ([], "rules"),
        ([targets.Thanos(only_global=True)], "rules that are not global"),
        ([targets.Thanos()], ""),
        ([targets.Mimir()], ""),
        ([targets.Vmalert()], ""),
        ([targets.GrafanaAlerting()], ""),
        ([targets.Kubernetes(rule_labels={})], ""),
        ([targets.Thanos(only_global=True), targets.Mimir()], ""),
    ],
)
def test_rules_that_no_program_evaluates_are_reported(further: list[targets.Target], reported: str) -> None:
    server = PrometheusServer(evaluates_rules=False)
    shop = Service("shop", recording_rules=[RecordingRule("a:b:c", "up")])

    def reports(service: Service, *configured: configs.Prometheus, server: PrometheusServer = server) -> str:
        team = Project("team", prometheus=server, targets=further, self_monitoring=False)
        result = lint(compile(Definitions(team, [service], configs=configured)))
        return finding_text(each for each in result if each.code.name == "no-ruler")

    message = (
        f"warning[no-ruler]: no server and no target evaluates the {reported} of the project\n"
        "  hint: write targets=[targets.Mimir(...)] in the Project, or another target with a ruler, or "
        "evaluates_rules=True"
    )
    assert reports(shop) == (message if reported else "")
    assert reports(shop, server=PrometheusServer()) == ""
    assert reports(Service("shop")) == ""
    assert reports(shop, configs.Prometheus({})) == ""
    only_global = RuleGroup("all", is_global=True, rules=[RecordingRule("a:b:c", "up")])
    assert reports(Service("shop", rules=[only_global])) == (message if reported == "rules" else "")


# --- external labels ---------------------------------------------------------------------------------------------

EU = project(PrometheusServer(external_labels={"cluster": "eu"}))


def test_labels_with_another_value_than_the_external_label_are_reported() -> None:
    services = [
        Service("a", scrape=ScrapeJob(["a:80"], labels={"cluster": "us"})),
        Service("b", scrape=ScrapeJob(["b:80"], labels={"cluster": "eu", "team": "b"})),
        Service("d", scrape=ScrapeJob(discovery=discovery.DNS("shop.example"), labels={"cluster": "us"})),
        Service("c", rules=RuleGroup("c", rules=[RecordingRule("a:b:c", "up", labels={"cluster": "us"})])),
    ]
    message = (
        "warning[external-label-conflict]: the label 'cluster' is 'us', but the external label of the server is 'eu'"
    )
    assert findings(EU, *services).splitlines() == [message, "  hint: rename one of them"] * 3


def test_the_value_of_an_external_label_may_be_a_variable() -> None:
    shop = Service("shop", scrape=ScrapeJob(["a:80"], labels={"cluster": "us"}))
    assert findings(project(PrometheusServer(external_labels={"cluster": "${CLUSTER}"})), shop) == ""


@pytest.mark.parametrize(
    ("server", "text", "expected"),
    [
        (EU.prometheus, "{{ $externalLabels.clster }}", "did you mean 'cluster'?"),
        (EU.prometheus, "{{ .ExternalLabels.region }}", "the external labels are cluster"),
        (PrometheusServer(), '{{ index $externalLabels "region" }}', "the external labels are none"),
        (PrometheusServer(shards=2, shard_label="shard"), "{{ $externalLabels.shard }}", ""),
        (EU.prometheus, "{{ $externalLabels.cluster }} {{ $labels.instance }}", ""),
        (EU.prometheus, "{{ if $externalLabels.region }}there{{ end }}", ""),
        (PrometheusServer(evaluates_rules=False), "{{ $externalLabels.region }}", ""),
        (None, "{{ $externalLabels.region }}", ""),
    ],
)
def test_templates_read_external_labels_that_the_server_has(
    server: PrometheusServer | None, text: str, expected: str
) -> None:
    alert = Alert("Down", "up == 0", severity="page", summary=f"down in {text}")
    shop = Service("shop", scrape=ScrapeJob(["a:80"]), alerts=[alert])
    text = findings(project(server), shop)
    assert text.partition("  hint: ")[2] == expected
    assert text.startswith("warning[unknown-external-label]: the summary of alert Down reads") == bool(expected)


def test_the_external_labels_of_a_ruler_are_unknown() -> None:
    alert = Alert("Down", "up == 0", annotations={"summary": "{{ $externalLabels.region }}"}, labels={"cluster": "us"})
    group = RuleGroup("g", rules=[alert], is_global=True)
    assert findings(EU, Service("shop", scrape=ScrapeJob(["a:80"]), rules=group)) == ""
    assert (
        findings(EU, Service("shop", scrape=ScrapeJob(["a:80"]), rules=group.derive(is_global=False))).count("\n") == 3
    )


def test_the_external_labels_of_a_configuration_as_written_are_known() -> None:
    written = configs.Prometheus({"global": {"external_labels": {"region": "eu"}}})
    alert = Alert("Down", "up == 0", severity="page", summary="{{ $externalLabels.region }} {{ $externalLabels.zone }}")
    definitions = Definitions(project(None), [SHOP.derive(alerts=[alert])], configs=[written])
    messages = [each.message for each in lint(compile(definitions)) if each.code.name == "unknown-external-label"]
    assert messages == ["the summary of alert Down reads the external label 'zone', which no server has"]


# --- remote storage ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([RemoteWrite("http://a/"), RemoteWrite("http://b/")], ""),
        ([RemoteWrite("http://a/", name="a"), RemoteWrite("http://a/", name="b")], ""),
        ([RemoteWrite("http://a/"), RemoteWrite("http://a/")], "two items of remote_write are equal: http://a/"),
        (
            [RemoteWrite("http://a/", name="a"), RemoteWrite("http://b/", name="a")],
            "two items of remote_write have the name 'a'",
        ),
    ],
)
def test_remote_storage_is_listed_once(items: list[RemoteWrite], expected: str) -> None:
    text = findings(project(PrometheusServer(remote_write=items)), SHOP)
    assert text.partition("\n")[0].removeprefix("error[duplicate-remote]: ") == expected


INVALID: list[tuple[Definition, str]] = [
    (
        PrometheusServer(external_labels={"job": "a"}),
        "each scraped series has the label 'job', so it never gets the external one",
    ),
    (PrometheusServer(external_labels={"__a": "a"}), "label '__a' is reserved"),
    (PrometheusServer(shards=0), "shards is 0"),
    (PrometheusServer(shard_label="shard"), "the server has the shard_label 'shard', but one shard"),
    (
        PrometheusServer(shards=2, shard_label="a", external_labels={"a": "b"}),
        "the shard_label 'a' is one of external_labels",
    ),
    (PrometheusServer(scrape_timeout="9"), "'9' has no unit"),
    (
        PrometheusServer(scrape_timeout="9s", settings={"global": {"scrape_timeout": "8s"}}),
        "settings has 'global.scrape_timeout', which an argument sets, too",
    ),
    (RemoteWrite("mimir"), "'mimir' is not a URL"),
    (RemoteWrite("http://a/", headers={"Authorization": "a"}), "Authorization is no header to set"),
    (
        RemoteWrite("http://a/", timeout="9s", settings={"remote_timeout": "9s"}),
        "settings has 'remote_timeout', which an argument sets, too",
    ),
    (RemoteRead("http://a/", proxy="b"), "'b' is not a URL"),
    (Alertmanagers(), "there are no targets and no discovery"),
    (Alertmanagers(["http://a"]), "'http://a' is a URL, not an address"),
    (Alertmanagers(["a:1"], path_prefix="a"), "path_prefix 'a' does not begin with a slash"),
]


@pytest.mark.parametrize(("definition", "message"), INVALID, ids=[message for _, message in INVALID])
def test_an_invalid_setting_is_reported(definition: Definition, message: str) -> None:
    assert [finding.message for finding in definition.problems()] == [message]


def test_the_settings_of_a_server_that_an_older_version_lacks_are_reported() -> None:
    server = PrometheusServer(
        scrape_config_files=["a.yml"],
        remote_write=[RemoteWrite("http://a/", settings={"protobuf_message": "io.prometheus.write.v2.Request"})],
        settings={"otlp": {}},
    )
    managers = [Alertmanagers(["a:9093"], alert_relabel=[DROP_GO])]
    old = Project("team", prometheus=server, alertmanagers=managers)
    messages = {each.message for each in lint(compile(Definitions(old, [SHOP]))) if each.severity == "error"}
    assert messages == {
        "scrape_config_files needs Prometheus 2.43, but oldest_prometheus is 2.42",
        "remote_write.protobuf_message needs Prometheus 2.54, but oldest_prometheus is 2.42",
        "alerting.alertmanagers.alert_relabel_configs needs Prometheus 2.51, but oldest_prometheus is 2.42",
        "otlp needs Prometheus 2.55, but oldest_prometheus is 2.42",
    }


def test_wrong_types_are_reported() -> None:
    with pytest.raises(DefinitionError, match="remote_write"):
        compile(Definitions(project(PrometheusServer(remote_write=["http://a/"])), [SHOP]))  # type: ignore[list-item]


def test_each_environment_has_its_own_server(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project="""
        storage = env.pick(prod=[RemoteWrite("http://mimir/push")], default=[])
        server = PrometheusServer(external_labels={"env": env.name}, remote_write=storage)
        project = Project("team", environment="prod", environments=[Environment("staging")], prometheus=server)
        shop = Service("shop", scrape=ScrapeJob(["a:80"]))
        """
    )
    assert project_folder.run("build").exit == 0
    paths = ("prometheus/prometheus.yml", "environments/staging/prometheus/prometheus.yml")
    prod, staging = (yaml.safe_load((project_folder.build / path).read_text()) for path in paths)
    assert (prod["global"]["external_labels"], staging["global"]["external_labels"]) == (
        {"env": "prod"},
        {"env": "staging"},
    )
    assert (prod["remote_write"], staging.get("remote_write")) == ([{"url": "http://mimir/push"}], None)
