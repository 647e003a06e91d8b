"""`obscode import`: existing rule files become Python that compiles to the same rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import obscode
from obscode import configs, receivers
from obscode.artifacts.rules import AlertingRule, RuleFile
from obscode.cli.app import main
from obscode.findings.errors import DefinitionError
from obscode.importers.existing.yaml_values import plain
from obscode.model.argument_types import problems
from obscode.project.check_files import read
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_parser import parse_yaml
from obscode.toolchain.find import Tool

RULES = r"""# Rules of the node exporter.

groups:
# memory and CPU
- name: node-exporter.rules
  interval: 30s
  limit: 10
  rules:
  # how many CPUs
  - record: instance:node_num_cpu:sum   # for dashboards
    expr: |
      count without (cpu, mode) (
        # only idle
        node_cpu_seconds_total{mode="idle"}
      )
  - alert: HostOutOfMemory(v1)
    expr: node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < .10 and on (job) up{path=~"/a\\.b"}
    for: 2m
    # not urgent
    labels:
      severity: warning
      team: infra
    annotations:
      summary: Host out of memory (instance {{ $labels.instance }})
      description: "Node memory is filling up (< 10% left)\n  VALUE = {{ $value }}\n  LABELS = {{ $labels }}"
      runbook_url: https://example.com/runbook
    # keep_firing_for: 5m
- name: other
  rules:
  - alert: HostOutOfMemory(v1)
    expr: up == 0
    for: 0s
"""
PYTHON = r'''# Rules of the node exporter.

"""Imported from rules/node.yml."""

from obscode import Alert, RecordingRule, RuleGroup

# memory and CPU
node_exporter_rules = RuleGroup(
    "node-exporter.rules",
    interval="30s",
    limit=10,
    rules=[
        # how many CPUs
        # for dashboards
        RecordingRule(
            "instance:node_num_cpu:sum",
            """
            count without (cpu, mode) (
              # only idle
              node_cpu_seconds_total{mode="idle"}
            )
            """,
        ),
        Alert(
            "HostOutOfMemory(v1)",
            r'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < .10 and on (job) up{path=~"/a\\.b"}',
            for_="2m",
            severity="warning",
            # not urgent
            labels={"team": "infra"},
            summary="Host out of memory (instance {{ $labels.instance }})",
            description=(
                "Node memory is filling up (< 10% left)\n"
                "  VALUE = {{ $value }}\n"
                "  LABELS = {{ $labels }}"
            ),
            runbook="https://example.com/runbook",
            # keep_firing_for: 5m
        ),
    ],
)

other = RuleGroup(
    "other",
    rules=[
        Alert(
            "HostOutOfMemory(v1)",
            "up == 0",
        ),
    ],
)
'''

PROMETHEUS = r"""# Scrapes the cluster.
global:
  scrape_interval: 30s  # for all jobs
  external_labels:
    cluster: eu-1
rule_files:
  - /etc/prometheus/rules/*.yml
scrape_configs:
  # itself
  - job_name: prometheus
    static_configs:
      - targets: ["localhost:9090"]
  - job_name: blackbox probes
    honor_labels: true
    file_sd_configs:
    - files: [targets.json]
    relabel_configs:
    - source_labels: [__address__]
      regex: ([^:]+)(?::\d+)?
      target_label: instance
    sample_limit: 10000
"""
PROMETHEUS_PYTHON = r'''"""Imported from prometheus.yml."""

from obscode import configs

prometheus = configs.Prometheus(
    {
        # Scrapes the cluster.
        "global": {
            # for all jobs
            "scrape_interval": "30s",
            "external_labels": {"cluster": "eu-1"},
        },
        "rule_files": ["/etc/prometheus/rules/*.yml"],
    },
    scrape_configs=[
        # itself
        configs.Scrape(
            "prometheus",
            {"static_configs": [{"targets": ["localhost:9090"]}]},
        ),
        configs.Scrape(
            "blackbox probes",
            {
                "honor_labels": True,
                "file_sd_configs": [{"files": ["targets.json"]}],
                "relabel_configs": [
                    {
                        "source_labels": ["__address__"],
                        "regex": r"([^:]+)(?::\d+)?",
                        "target_label": "instance",
                    },
                ],
                "sample_limit": 10000,
            },
        ),
    ],
)
'''
ALERTMANAGER = """global:
  smtp_smarthost: localhost:25
  smtp_from: alertmanager@example.org
route:
  receiver: team X
  group_by: [alertname, cluster]
  routes:
  # at night, too
  - matchers:
    - severity=~"page|critical"
    receiver: pager
    continue: true
    routes:
    - match:
        team: shop
      group_wait: 0s
      mute_time_intervals: [weekends]
inhibit_rules:
- source_matchers: [severity="critical"]
  target_match:
    severity: warning
  equal: [cluster]
receivers:
- name: team X
  email_configs:
  - to: team@example.org  # all of us
- name: pager
  pagerduty_configs:
  - routing_key_file: /run/key
time_intervals:
- name: weekends
  time_intervals:
  - weekdays: [saturday, sunday]
"""
ALERTMANAGER_PYTHON = '''"""Imported from alertmanager.yml."""

from obscode import configs, receivers

alertmanager = configs.Alertmanager(
    configs.Route(
        "team X",
        group_by=["alertname", "cluster"],
        routes=[
            # at night, too
            configs.Route(
                "pager",
                matchers=['severity=~"page|critical"'],
                continue_=True,
                routes=[
                    configs.Route(
                        matchers=['team="shop"'],
                        group_wait="0s",
                        settings={"mute_time_intervals": ["weekends"]},
                    ),
                ],
            ),
        ],
    ),
    receivers=[
        receivers.Raw(
            "team X",
            {
                "email_configs": [
                    # all of us
                    {"to": "team@example.org"},
                ],
            },
        ),
        receivers.Raw(
            "pager",
            {"pagerduty_configs": [{"routing_key_file": "/run/key"}]},
        ),
    ],
    inhibit_rules=[
        configs.InhibitRule(
            ['severity="critical"'],
            ['severity="warning"'],
            equal=["cluster"],
        ),
    ],
    settings={
        "global": {
            "smtp_smarthost": "localhost:25",
            "smtp_from": "alertmanager@example.org",
        },
        "time_intervals": [
            {
                "name": "weekends",
                "time_intervals": [{"weekdays": ["saturday", "sunday"]}],
            },
        ],
    },
)
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    return result.exit_code, result.output


def groups(file: RuleFile) -> list[object]:
    """What Prometheus reads of a rule file."""
    return [
        (
            group.name,
            group.interval,
            {k: plain(v) if isinstance(v, YamlNode) else v for k, v in group.settings.items()},
            [
                (
                    type(rule).__name__,
                    rule.name,
                    rule.expr.strip(),
                    rule.labels,
                    *(
                        (rule.for_ or "0s", rule.keep_firing_for or "0s", rule.annotations)
                        if isinstance(rule, AlertingRule)
                        else ()
                    ),
                )
                for rule in group.rules
            ],
        )
        for group in file.groups
    ]


def test_a_rule_file_becomes_readable_python_in_the_layout_of_ruff() -> None:
    write("rules/node.yml", RULES)
    assert run("import", "rules") == (0, "wrote 1 module to definitions; next: obscode build\n")
    assert Path("definitions/node.py").read_text() == PYTHON
    assert 'Project("shop")' in Path("definitions/project.py").read_text()


def test_imported_rules_compile_to_the_same_rules() -> None:
    write("rules/node.yml", RULES)
    run("import", "rules")
    assert run("build") == (0, "build: 6 files, 1 recording rule, 2 alerts, 0 dashboards\n")
    written = read(["build/prometheus/rules/node.yml"]).rule_files
    assert [groups(file) for file in written] == [groups(file) for file in read(["rules"]).rule_files]


def test_nothing_is_overwritten() -> None:
    write("rules/node.yml", RULES)
    write("rules/other.yml", RULES)
    write("definitions/other.py", "x = 1\n")
    assert run("import", "rules") == (
        2,
        "error[output-error]: definitions/other.py exists\n  hint: move what exists, or choose another --out\n",
    )
    assert [path.name for path in Path("definitions").iterdir()] == ["other.py"]


def test_a_file_with_an_error_stops_the_import_with_its_position() -> None:
    write("rules/a.yml", RULES)
    write("rules/b.yml", "groups:\n- name: b\n  rules:\n  - alert: Down\n    exp: up == 0\n")
    code, output = run("import", "rules")
    assert code == 1
    assert "\nrules/b.yml:5:5: error[unknown-key]: the alert has an unknown key 'exp'\n" in output
    assert not Path("definitions").exists()


def test_a_rule_file_that_is_kept_is_emitted_with_the_service() -> None:
    write("rules/node.yml", RULES)
    write(
        "definitions/shop.py",
        "from obscode import Project, RuleFile, Service\n"
        'project = Project("shop", self_monitoring=False)\n'
        'shop = Service("shop", rules=RuleFile("../rules/node.yml"))\n',
    )
    assert run("build") == (0, "build: 6 files, 1 recording rule, 2 alerts, 0 dashboards\n")
    assert groups(read(["build/prometheus/rules/shop.yml"]).rule_files[0]) == groups(read(["rules"]).rule_files[0])


def test_findings_in_a_rule_file_have_positions_in_it() -> None:
    write("rules/node.yml", "groups:\n- name: a\n  rules:\n  - alert: Down\n    expr: up{ == 0\n")
    write(
        "definitions/shop.py",
        'from obscode import Project, RuleFile\nproject = Project("shop")\nrules = RuleFile("../rules/node.yml")\n',
    )
    code, output = run("build")
    assert code == 1
    assert output.startswith("rules/node.yml:5:15: error[promql-syntax]: Down: ")
    assert "\n    5 |     expr: up{ == 0\n      |               ^\n" in output


def test_a_rule_file_that_is_missing_is_reported_at_the_path() -> None:
    write(
        "definitions/shop.py",
        'from obscode import Project, RuleFile\nproject = Project("shop")\nrules = RuleFile("../rules/node.yml")\n',
    )
    code, output = run("build")
    assert code == 1
    assert output.startswith("definitions/shop.py:3:18: error[import-file]: rules/node.yml cannot be read: ")


def test_the_library_compiles_groups_of_no_service() -> None:
    group = obscode.RuleGroup("up", rules=[obscode.RecordingRule("job:up:sum", "sum by (job) (up)")], rule_file="jobs")
    artifacts = obscode.compile(obscode.Definitions(obscode.Project("shop"), rules=[group]))
    assert [(file.name, [rule.name for rule in file.rules()]) for file in artifacts.rule_files] == [
        ("jobs", ["job:up:sum"])
    ]


# --- configurations ------------------------------------------------------------------------------------------------


def content(path: str) -> object:
    """The values of a YAML file."""
    return plain(parse_yaml(Path(path).read_text()).documents[0])


def test_a_prometheus_configuration_becomes_python_that_compiles_to_the_same_configuration() -> None:
    write("prometheus.yml", PROMETHEUS)
    assert run("import", "prometheus.yml")[0] == 0
    assert Path("definitions/prometheus.py").read_text() == PROMETHEUS_PYTHON
    project = 'project = Project("shop", scrape_interval="30s", evaluation_interval="1m")'
    assert Path("definitions/project.py").read_text().splitlines()[-1] == project
    assert run("build")[0] == 0
    assert content("build/prometheus/prometheus.yml") == content("prometheus.yml")


def test_an_imported_prometheus_configuration_loads_the_rules_of_the_project() -> None:
    write("files/prometheus.yml", PROMETHEUS)
    write("files/rules/node.yml", RULES)
    run("import", "files")
    assert run("build")[0] == 0
    built = read(["build/prometheus/prometheus.yml"]).prometheus_configs[0]
    assert plain(built.source)["rule_files"] == ["/etc/prometheus/rules/*.yml", "rules/*.yml"]  # type: ignore[arg-type]


def test_a_prometheus_configuration_beside_prometheus_yml_is_that_of_an_environment() -> None:
    write("files/prometheus.staging.yml", PROMETHEUS)
    write("files/prometheus.yml", PROMETHEUS)
    run("import", "files")
    assert '    name="staging",' in Path("definitions/prometheus_staging.py").read_text()
    assert run("build")[0] == 0
    assert content("build/prometheus/prometheus.staging.yml") == content("build/prometheus/prometheus.yml")


def test_an_alertmanager_configuration_becomes_python_that_compiles_to_the_same_configuration() -> None:
    write("alertmanager.yml", ALERTMANAGER)
    assert run("import", "alertmanager.yml")[0] == 0
    assert Path("definitions/alertmanager.py").read_text() == ALERTMANAGER_PYTHON
    assert run("build")[0] == 0
    expected = ALERTMANAGER.replace("    - match:\n        team: shop", '    - matchers: [team="shop"]')
    expected = expected.replace("  target_match:\n    severity: warning", '  target_matchers: [severity="warning"]')
    write("expected.yml", expected)
    assert content("build/alertmanager/alertmanager.yml") == content("expected.yml")


def test_a_second_alertmanager_configuration_is_not_imported() -> None:
    write("files/a.yml", ALERTMANAGER)
    write("files/b.yml", ALERTMANAGER)
    code, output = run("import", "files")
    assert code == 1
    message = "a second Alertmanager configuration; the first is in files/a.yml"
    assert output.startswith(f"files/b.yml:1:1: error[import-no-counterpart]: {message}\n")
    assert not Path("definitions").exists()


def test_a_route_to_a_receiver_that_does_not_exist_is_reported() -> None:
    routes = configs.Route("chat", routes=[configs.Route("pagr")])
    tree = configs.Alertmanager(routes, receivers=[receivers.Raw("chat"), receivers.Raw("pager")])
    messages = [(finding.message, finding.hint) for finding in problems(tree)]
    assert messages == [("there is no receiver 'pagr'", "did you mean 'pager'?")]


# --- what is not imported ------------------------------------------------------------------------------------------


def test_rules_that_are_not_promql_are_not_imported() -> None:
    write("rules.yml", "groups:\n- name: a\n  type: graphite\n  rules:\n  - record: a\n    expr: b\n    debug: true\n")
    code, output = run("import", "rules.yml")
    assert code == 1
    assert re.findall(r"rules.yml:.*", output) == [
        "rules.yml:3:9: error[import-no-counterpart]: the rules of a group of type 'graphite' are not PromQL",
        "rules.yml:7:5: error[import-no-counterpart]: the key 'debug' of a rule is not a key of Prometheus",
    ]


def test_a_named_file_of_another_kind_is_reported_and_others_in_folders_are_skipped() -> None:
    write("files/compose.yml", "services: {}\n")
    write("files/rules.yml", RULES)
    assert run("import", "files/compose.yml") == (
        2,
        "files/compose.yml:1:1: error[import-nothing]: files/compose.yml is not imported: of no known kind\n"
        "    1 | services: {}\n      | ^\n"
        "  hint: name rule files, Prometheus or Alertmanager configurations, dashboards, or folders of them\n",
    )
    assert run("import", "files")[0] == 0


def test_a_path_that_does_not_exist_is_reported() -> None:
    assert run("import", "rule/*.yml") == (2, "error[missing-file]: no file matches rule/*.yml\n")
    assert run("import", "rule") == (2, "error[missing-file]: rule does not exist\n")


def test_groups_of_one_name_in_several_documents_are_in_several_rule_files() -> None:
    rule = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n  groups:\n  - name: a\n    rules:\n"
    write("rules.yml", f"{rule}    - record: a:b:c\n      expr: up\n---\n{rule}    - record: d:e:f\n      expr: up\n")
    assert run("import", "*.yml")[0] == 0
    assert run("build")[0] == 0
    files = read(["build/prometheus/rules"]).rule_files
    assert [(Path(file.name).name, [rule.name for rule in file.rules()]) for file in files] == [
        ("rules-a.yml", ["d:e:f"]),
        ("rules.yml", ["a:b:c"]),
    ]


def test_rules_in_a_config_map_are_imported_with_their_comments() -> None:
    rules = "".join(f"    {line}\n" if line else "\n" for line in RULES.splitlines())
    write("map.yml", f"apiVersion: v1\nkind: ConfigMap\ndata:\n  node.yml: |\n{rules}")
    assert run("import", "map.yml")[0] == 0
    expected = PYTHON.replace("rules/node.yml", "map.yml")
    assert Path("definitions/map.py").read_text() == expected


def test_comments_that_ignore_findings_become_arguments() -> None:
    write(
        "rules.yml",
        "groups:\n- name: a\n  rules:\n  # obscode: ignore[alert-comparison]: it always fires\n"
        "  - alert: Deadman\n    expr: vector(1)\n",
    )
    assert run("import", "rules.yml")[0] == 0
    assert '            ignore={"alert-comparison": "it always fires"},' in Path("definitions/rules.py").read_text()


# --- groups that are emitted as written --------------------------------------------------------------------------


def test_two_groups_of_one_name_in_a_rule_file_are_reported() -> None:
    rules = [obscode.RecordingRule("job:up:sum", "sum by (job) (up)")]
    groups = [obscode.RuleGroup("up", rules=rules, rule_file="a") for _ in range(2)]
    with pytest.raises(DefinitionError, match="two groups of rule file 'a' are named 'up'"):
        obscode.compile(obscode.Definitions(obscode.Project("shop"), rules=groups))


def test_a_rule_file_with_the_name_of_a_service_is_reported() -> None:
    group = obscode.RuleGroup("up", rules=[obscode.RecordingRule("job:up:sum", "sum by (job) (up)")], rule_file="Shop")
    with pytest.raises(DefinitionError, match="rule file 'Shop' is that of a service"):
        obscode.compile(obscode.Definitions(obscode.Project("x"), services=[obscode.Service("shop")], rules=[group]))


def test_labels_of_an_alert_in_a_group_are_emitted_as_written() -> None:
    alert = obscode.Alert("Down", "up == 0", severity="critical", labels={"service": "x", "slo": "y"})
    service = obscode.Service("shop", owner="team", rules=obscode.RuleGroup("up", rules=[alert]))
    artifacts = obscode.compile(obscode.Definitions(obscode.Project("shop"), services=[service]))
    assert [rule.labels for rule in artifacts.rules()] == [{"severity": "critical", "service": "x", "slo": "y"}]


def test_settings_of_a_group_are_emitted_beside_its_arguments() -> None:
    group = obscode.RuleGroup(
        "up",
        rules=[obscode.RecordingRule("job:up:sum", "sum by (job) (up)")],
        interval="1m",
        limit=5,
        query_offset="30s",
        labels={"team": "a"},
        settings={"source_tenants": ["b"]},
        rule_file="up",
    )
    artifacts = obscode.compile(obscode.Definitions(obscode.Project("shop"), rules=[group]))
    settings = {"query_offset": "30s", "limit": 5, "labels": {"team": "a"}, "source_tenants": ["b"]}
    assert [(g.interval, g.settings) for file in artifacts.rule_files for g in file.groups] == [("1m", settings)]


def test_tests_of_an_alert_in_a_group_are_run(promtool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(promtool.path))
    write(
        "definitions/shop.py",
        "from obscode import Alert, AlertTest, Project, RuleGroup\n"
        'project = Project("shop")\n'
        'test = AlertTest("down", {\'up{job="a"}\': "0x10"}, fires=["5m"])\n'
        'group = RuleGroup("up", rules=[Alert("Down", "up == 0", tests=[test])])\n',
    )
    code, output = run("test")
    assert code == 0
    assert output.startswith("OK: 1 test of 1 alert")


def test_the_project_loads_in_the_oldest_prometheus_that_reads_the_rules() -> None:
    write("files/a.yml", "groups:\n- name: a\n  labels: {team: shop}\n  rules:\n  - record: a:b:c\n    expr: up\n")
    write("files/b.yml", "groups:\n- name: b\n  query_offset: 1m\n  rules:\n  - record: d:e:f\n    expr: up\n")
    run("import", "files")
    project = 'project = Project("shop", oldest_prometheus="3.0")'
    assert Path("definitions/project.py").read_text().splitlines()[-1] == project
    run("import", "files/b.yml", "--out", "other/definitions")
    project = 'project = Project("other", oldest_prometheus="2.53")'
    assert Path("other/definitions/project.py").read_text().splitlines()[-1] == project


def test_a_change_of_a_rule_file_changes_the_build() -> None:
    write("rules/node.yml", RULES)
    write(
        "definitions/shop.py",
        "from obscode import Project, RuleFile, Service\n"
        'project = Project("shop")\nshop = Service("shop", rules=RuleFile("../rules/node.yml"))\n',
    )
    run("build")
    assert run("build", "--check")[0] == 0
    write("rules/node.yml", RULES.replace("< .10", "< .20"))
    assert run("build", "--check")[0] == 1


def test_series_that_no_rule_records_are_notes_in_imported_rules() -> None:
    write("rules.yml", "groups:\n- name: a\n  rules:\n  - record: a:b:sum\n    expr: sum(other:series:rate5m)\n")
    run("import", "rules.yml")
    assert run("build") == (0, "build: 6 files, 1 recording rule, 0 alerts, 0 dashboards\n")


def test_list_contains_groups_and_configurations() -> None:
    write("files/rules.yml", RULES)
    write("files/prometheus.yml", PROMETHEUS)
    write("files/alertmanager.yml", ALERTMANAGER)
    run("import", "files")
    code, output = run("list")
    assert code == 0
    assert [re.split("  +", line)[:3] for line in output.splitlines()[1:]] == [
        ["rule group", "node-exporter.rules", "2 rules in rules.yml"],
        ["rule group", "other", "1 rule in rules.yml"],
        ["alertmanager", "alertmanager.yml", "2 receivers"],
        ["prometheus", "prometheus.yml", "2 scrape jobs"],
    ]


# --- errors of checks in imported rules ----------------------------------------------------------------------------

QUANTILE = "histogram_quantile(0.9, sum(rate(x_bucket[5m])))"


def test_errors_of_checks_are_ignored_in_imported_rules_so_that_they_compile() -> None:
    write(
        "rules.yml",
        f"groups:\n- name: a\n  rules:\n  - record: a:b:c\n    expr: {QUANTILE}\n"
        f"  - alert: Slow\n    expr: {QUANTILE} > 1\n    for: 5m\n",
    )
    assert run("import", "rules.yml") == (
        0,
        "wrote 1 module to definitions; next: obscode build\n"
        '2 errors in the rules, ignored with the reason "as it was imported"; to list: obscode check rules.yml\n',
    )
    assert Path("definitions/rules.py").read_text().partition("rules=[\n")[2] == (
        "        RecordingRule(\n"
        '            "a:b:c",\n'
        f'            "{QUANTILE}",\n'
        '            ignore={"quantile-without-le": "as it was imported"},\n'
        "        ),\n"
        "        Alert(\n"
        '            "Slow",\n'
        f'            "{QUANTILE} > 1",\n'
        '            for_="5m",\n'
        '            ignore={"quantile-without-le": "as it was imported"},\n'
        "        ),\n"
        "    ],\n"
        ")\n"
    )
    assert run("build") == (0, "build: 6 files, 1 recording rule, 1 alert, 0 dashboards\n")


def test_promql_that_does_not_parse_stops_the_import() -> None:
    write("rules.yml", "groups:\n- name: a\n  rules:\n  - record: a:b:c\n    expr: sum(up\n")
    code, output = run("import", "rules.yml")
    assert code == 1
    assert output.startswith("rules.yml:5:")
    assert "error[promql-syntax]: a:b:c: " in output
