"""Files that obscode did not write: their kind is detected by content, and findings have the file's own lines."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from conftest import ProjectFolder

import obscode
from obscode.artifacts.rules import AlertingRule, RecordingRule
from obscode.findings.errors import Exit, LoadError
from obscode.project.check_files import check_files
from obscode.reader.file_contents import read_text

RULES = """\
groups:
- name: shop
  interval: 30s
  limit: 10
  rules:
  - record: job:errors:rate5m
    expr: sum by (job) (rate(errors_total[5m]))
  - alert: Failing
    expr: job:errors:rate5m > 5
    for: 5m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.job }} fails"}
"""
ALERTMANAGER = """\
route:
  receiver: chat
  group_by: [alertname]
  routes:
  - matchers: ['severity="page"', team=~"a|b"]
    receiver: pager
receivers:
- name: chat
- name: pager
  webhook_configs: [{url: "http://pager:9000"}]
"""
ALERTMANAGER_WITH_TEMPLATES = ALERTMANAGER.replace(
    "- name: chat", """- name: chat\n  slack_configs:\n  - {api_url_file: a, title: '{{ template "shop.title" . }}'}"""
)
PROMETHEUS = """\
global: {scrape_interval: 30s}
rule_files: [rules.yml]
scrape_configs:
- job_name: shop
  static_configs: [{targets: ["shop:8000"]}]
"""
DASHBOARD = '{"title": "D", "editable": false, "schemaVersion": 39, "panels": []}'


def indented(text: str, levels: int) -> str:
    return "".join(f"{'  ' * levels}{line}\n" for line in text.splitlines())


def config_map(**files: str) -> str:
    data = "".join(f"  {name.replace('_', '.')}: |\n{indented(text, 2)}" for name, text in files.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n{data}"


PROMETHEUS_RULE = f"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n{indented(RULES, 1)}"

KINDS = {
    "a rule file": (RULES, "1 rule file"),
    "an empty rule file": ("groups: []\n", "1 rule file"),
    "a rule file of Mimir": (f"namespace: shop\n{RULES}", "1 rule file"),
    "an Alertmanager configuration": (ALERTMANAGER, "1 Alertmanager configuration"),
    "a Prometheus configuration": (PROMETHEUS, "1 Prometheus configuration"),
    "a unit test file": ("rule_files: [rules.yml]\ntests: [{interval: 1m}]\n", "1 unit test file"),
    "a PrometheusRule": (PROMETHEUS_RULE, "1 rule file"),
    "a ConfigMap": (
        config_map(rules_yml=RULES, alertmanager_yml=ALERTMANAGER),
        "1 rule file, 1 Alertmanager configuration",
    ),
    "a ConfigMap with a dashboard": (config_map(shop_json=DASHBOARD), "1 dashboard"),
    "a Secret": (
        config_map(alertmanager_yml=ALERTMANAGER).replace("ConfigMap", "Secret").replace("\ndata", "\nstringData"),
        "1 Alertmanager configuration",
    ),
    "a list of objects": (
        f"apiVersion: v1\nkind: List\nitems:\n-\n{indented(PROMETHEUS_RULE, 1)}",
        "1 rule file",
    ),
    "an Alertmanager configuration with templates": (ALERTMANAGER_WITH_TEMPLATES, "1 Alertmanager configuration"),
    "a Secret with templates of notifications": (
        config_map(alertmanager_yml=ALERTMANAGER_WITH_TEMPLATES)
        .replace("ConfigMap", "Secret")
        .replace("\ndata", "\nstringData"),
        "1 Alertmanager configuration",
    ),
    "two documents": (
        f"{PROMETHEUS_RULE}---\n{config_map(prometheus_yml=PROMETHEUS)}",
        "1 rule file, 1 Prometheus configuration",
    ),
}


@pytest.mark.parametrize(("text", "summary"), KINDS.values(), ids=KINDS)
def test_the_kind_of_a_file_is_detected_by_its_content(text: str, summary: str, tmp_path: Path) -> None:
    (tmp_path / "some.name.yaml").write_text(text)
    report = check_files([tmp_path])
    assert (report.summary(), report.findings) == (summary, [])


def test_a_dashboard_is_detected_in_json(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(DASHBOARD)
    assert check_files([tmp_path]).summary() == "1 dashboard"


SKIPPED = {
    "a.yml": ("services: {shop: {}}\n", "of no known kind"),
    "b.yml": ("", "empty"),
    "c.yml": ("a: [\n", "invalid YAML: did not find expected node content"),
    "d.yml": ("expr: {{ .Values.expr }}\n", "a template (Helm or Jinja)"),
    "m.yml": (
        ALERTMANAGER.replace("name: pager", """name: '{{ template "shop.name" . }}'"""),
        "a template (Helm or Jinja)",
    ),
    "e.yml": ("apiVersion: v1\nkind: Service\n", "a Kubernetes object of kind Service"),
    "f.yml": ("apiVersion: openslo/v1\nkind: SLO\n", "an OpenSLO document: obscode.importers.openslo reads it"),
    "g.yml": ("groups: [{name: a, rules: [{uid: b, data: []}]}]\n", "alert rules of Grafana"),
    "h.json": ("{", "not JSON"),
    "i.json": ('{"title": "a schema", "properties": {}}', "of no known kind"),
    "j.json": ("[" * 100_000, "not JSON"),
    "k.yml": ("server: {}\nclients: []\nscrape_configs: []\n", "of no known kind"),
}


def test_other_files_in_a_folder_are_skipped_with_a_reason(tmp_path: Path) -> None:
    for name, (text, _) in SKIPPED.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "l.yml").write_bytes(b"\xff\xfe")
    report = check_files([tmp_path])
    reasons = {Path(path).name: reason for path, reason in report.skipped}
    assert reasons == {name: reason for name, (_, reason) in SKIPPED.items()} | {"l.yml": "not UTF-8"}
    assert (report.summary(), report.findings) == ("nothing to check; 13 files skipped", [])


def test_a_file_is_skipped_from_one_byte_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    for limit, summary in {len(RULES): "1 rule file", len(RULES) - 1: "nothing to check; 1 file skipped"}.items():
        monkeypatch.setattr("obscode.project.check_files._MAX_BYTES", limit)
        assert check_files([tmp_path]).summary() == summary


def test_hidden_folders_dependencies_and_links_to_folders_are_not_read(tmp_path: Path) -> None:
    for folder in (".git", "node_modules", "a/b"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "rules.yml").write_text(RULES)
    (tmp_path / "a/loop").symlink_to(tmp_path)
    (tmp_path / "a/broken.yml").symlink_to("nothing")
    assert check_files([tmp_path]).summary() == "1 rule file"


def test_a_named_file_of_no_known_kind_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yml").write_text("services: {}\n")
    assert messages(["a.yml"]) == [
        "a.yml:1:1: error[unknown-file]: a.yml is not checked: of no known kind\n"
        "    1 | services: {}\n      | ^\n"
        "  hint: name rule files, Prometheus or Alertmanager configurations, dashboards, or folders of them"
    ]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"nothing\.yml does not exist"):
        check_files([tmp_path / "nothing.yml"])


def test_rules_are_the_values_that_definitions_compile_to() -> None:
    [file] = read_text(RULES, "rules.yml").rule_files
    [group] = file.groups
    record, alert = group.rules
    assert (group.name, group.interval, dict(group.settings)) == ("shop", "30s", {"limit": 10})
    assert isinstance(record, RecordingRule)
    assert isinstance(alert, AlertingRule)
    assert (alert.name, alert.expr, alert.for_) == ("Failing", "job:errors:rate5m > 5", "5m")
    assert (alert.labels, alert.annotations) == ({"severity": "page"}, {"summary": "{{ $labels.job }} fails"})


def test_an_alertmanager_configuration_has_routes_and_receivers() -> None:
    [config] = read_text(ALERTMANAGER, "alertmanager.yml").alertmanager_configs
    assert [(route.receiver, list(route.matchers)) for route in config.route.walk()] == [
        ("chat", []),
        ("pager", ['severity="page"', 'team=~"a|b"']),
    ]
    assert [receiver.name for receiver in config.receivers] == ["chat", "pager"]


def messages(paths: list[str]) -> list[str]:
    return [str(finding) for finding in check_files(paths).findings]


def findings(text: str) -> list[str]:
    """Position, code and message of each finding in a file."""
    Path("a.yml").write_text(dedent(text))
    return [
        f"{f.span.line}:{f.span.column} {f.code.name}: {f.message}" for f in check_files(["a.yml"]).findings if f.span
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


REJECTED_RULES = {
    "an unknown key": ("alert: A\nexpr: up == 0\nfr: 5m", "3:1 unknown-key: the alert has an unknown key 'fr'"),
    "no expression": ("alert: A", "1:1 missing-key: the alert has no expr"),
    "neither record nor alert": ("expr: up", "1:1 missing-key: the rule has neither record nor alert"),
    "record and alert": ("record: a\nalert: A\nexpr: up", "2:1 invalid-value: the rule has both record and alert"),
    "a duration without a unit": (
        "alert: A\nexpr: up == 0\nfor: 5",
        "3:6 invalid-value: for: '5' has no unit",
    ),
    "a recording rule that waits": (
        "record: a\nexpr: up\nfor: 5m",
        "3:1 unknown-key: a recording rule has no key 'for'",
    ),
    "braces in a recorded name": (
        "record: a{b}\nexpr: up",
        "1:9 invalid-value: 'a{b}' is not a metric name that Prometheus 2 accepts",
    ),
    "a label that is a list": (
        "record: a\nexpr: up\nlabels: {b: [c]}",
        "3:14 invalid-value: b is a list, not a string",
    ),
    "__name__ as a label": (
        "record: a\nexpr: up\nlabels: {__name__: b}",
        "3:10 invalid-value: a rule cannot set the label __name__",
    ),
    "a template that does not parse": (
        'alert: A\nexpr: up == 0\nannotations: {a: "x {{ labels.b }}"}',
        "3:21 invalid-template: '{{ labels.b }}' in a of alert A is not a valid template",
    ),
    "PromQL that does not parse": (
        "alert: A\nexpr: |\n\n  sum(up",
        "4:6 promql-syntax: A: unclosed left parenthesis",
    ),
    "PromQL in a later line of a block": (
        "alert: A\nexpr: |\n  up\n  > rat(up[5m])",
        '4:5 promql-syntax: A: unknown function with name "rat"',
    ),
    "PromQL in folded lines": (
        "alert: A\nexpr: >-\n  up >\n  rat(up[5m])",
        '4:3 promql-syntax: A: unknown function with name "rat"',
    ),
    "PromQL in quotes": (
        "alert: A\nexpr: 'up{a=''b''} > rat(up[5m])'",
        '2:22 promql-syntax: A: unknown function with name "rat"',
    ),
    "a value that is always true": (
        "alert: A\nexpr: up",
        "2:7 alert-comparison: alert A fires for every value: its expression has no condition",
    ),
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("rule", "message"), REJECTED_RULES.values(), ids=REJECTED_RULES)
def test_a_rule_that_prometheus_rejects_is_reported_in_its_line(rule: str, message: str) -> None:
    line, _, rest = message.partition(":")
    column, _, text = rest.partition(" ")
    lines = rule.split("\n")
    moved = "\n".join(["groups:", "- name: g", "  rules:", f"  - {lines[0]}", *(f"    {line}" for line in lines[1:])])
    assert findings(moved + "\n") == [f"{int(line) + 3}:{int(column) + 4} {text}"]


# https://prometheus.io/docs/prometheus/latest/configuration/configuration/
EVERY_SETTING = """\
global:
  scrape_interval: 1m
  scrape_timeout: 10s
  scrape_protocols: [PrometheusProto, OpenMetricsText1.0.0, PrometheusText0.0.4]
  evaluation_interval: 1m
  rule_query_offset: 0s
  external_labels: {region: eu}
  query_log_file: query.log
  scrape_failure_log_file: failures.log
  body_size_limit: 10MB
  sample_limit: 1000
  label_limit: 50
  label_name_length_limit: 100
  label_value_length_limit: 100
  target_limit: 100
  keep_dropped_targets: 100
  metric_name_validation_scheme: utf8
  metric_name_escaping_scheme: allow-utf-8
  scrape_native_histograms: true
  convert_classic_histograms_to_nhcb: false
  always_scrape_classic_histograms: false
  extra_scrape_metrics: false
runtime: {gogc: 75}
rule_files: [rules.yml]
scrape_config_files: [jobs/*.yml]
scrape_configs:
- job_name: shop
  scrape_interval: 30s
  scrape_timeout: 10s
  scrape_protocols: [PrometheusText0.0.4]
  fallback_scrape_protocol: PrometheusText0.0.4
  scrape_native_histograms: true
  always_scrape_classic_histograms: false
  convert_classic_histograms_to_nhcb: false
  extra_scrape_metrics: false
  metrics_path: /metrics
  honor_labels: false
  honor_timestamps: true
  track_timestamps_staleness: false
  scheme: https
  params: {name: [a]}
  enable_compression: true
  scrape_failure_log_file: failures.log
  basic_auth: {username: a, password_file: b}
  tls_config: {ca_file: ca.pem}
  follow_redirects: true
  enable_http2: true
  proxy_url: http://proxy:3128
  no_proxy: localhost
  proxy_connect_header: {a: [b]}
  http_headers: {a: {values: [b]}}
  static_configs: [{targets: ["shop:8000"], labels: {team: a}}]
  file_sd_configs: [{files: [targets.yml]}]
  kubernetes_sd_configs: [{role: pod}]
  relabel_configs:
  - {source_labels: [a, b], separator: "-", regex: (.*), modulus: 8, target_label: c, replacement: $1, action: hashmod}
  metric_relabel_configs: [{regex: tmp_.*, action: labeldrop}]
  body_size_limit: 10MB
  sample_limit: 1000
  label_limit: 50
  label_name_length_limit: 100
  label_value_length_limit: 100
  target_limit: 100
  keep_dropped_targets: 100
  metric_name_validation_scheme: utf8
  metric_name_escaping_scheme: underscores
  native_histogram_bucket_limit: 100
  native_histogram_min_bucket_factor: 1.1
- {job_name: authorization, authorization: {credentials_file: a}, proxy_from_environment: true}
- {job_name: oauth2, oauth2: {client_id: a, client_secret_file: b, token_url: "https://c"}}
- {job_name: token, bearer_token: a}
- {job_name: token file, bearer_token_file: a}
alerting: {alertmanagers: [{static_configs: [{targets: ["alertmanager:9093"]}]}]}
remote_write: [{url: "http://a/write"}]
remote_read: [{url: "http://a/read"}]
storage: {tsdb: {out_of_order_time_window: 30m}}
tracing: {endpoint: "a:4317"}
otlp: {translation_strategy: UnderscoreEscapingWithSuffixes}
"""


@pytest.mark.usefixtures("folder")
def test_every_setting_of_prometheus_is_known() -> None:
    assert findings(EVERY_SETTING) == []


REJECTED_FILES = {
    "two groups of one name": (
        "groups:\n- {name: a, rules: []}\n- {name: a, rules: []}\n",
        ["3:10 duplicate-group: group 'a' is a duplicate of the one in line 2"],
    ),
    "two rules that record one series": (
        "groups:\n- name: a\n  rules:\n  - {record: b, expr: up}\n  - {record: b, expr: up}\n",
        ["5:14 duplicate-record: 'b' is recorded twice with the same labels, the first at a.yml:4:6"],
    ),
    "an undefined receiver": (
        "route: {receiver: chat}\nreceivers: [{name: cat}]\n",
        ["1:19 unknown-receiver: there is no receiver 'chat'"],
    ),
    "a root route with matchers": (
        "route: {receiver: a, matchers: [b=c]}\nreceivers: [{name: a}]\n",
        ["1:22 invalid-value: the root route has matchers, but it receives all alerts"],
    ),
    "a matcher with an open string": (
        "route: {receiver: a, routes: [{matchers: ['b=\"c, d', e=f]}]}\nreceivers: [{name: a}]\n",
        ["1:43 invalid-matcher: 'b=\"c, d' is not a matcher"],
    ),
    "a matcher without an operator": (
        "route: {receiver: a, routes: [{matchers: [b c]}]}\nreceivers: [{name: a}]\n",
        ["1:43 invalid-matcher: 'b c' is not a matcher"],
    ),
    "an unknown integration": (
        "route: {receiver: a}\nreceivers: [{name: a, slak_configs: []}]\n",
        ["2:23 unknown-key: the receiver has an unknown key 'slak_configs'"],
    ),
    "an undefined time interval": (
        "route: {receiver: a, routes: [{mute_time_intervals: [b]}]}\nreceivers: [{name: a}]\n",
        ["1:54 unknown-time-interval: there is no time interval 'b'"],
    ),
    "a secret in the configuration and in a file": (
        "route: {receiver: a}\nreceivers:\n- name: a\n  webhook_configs: [{url: b, url_file: c}]\n",
        ["4:30 invalid-value: both url and url_file are set"],
    ),
    "an integration that needs a global key": (
        "route: {receiver: a}\nreceivers: [{name: a, slack_configs: [{channel: b}]}]\n",
        ["2:40 missing-key: an item of slack_configs has no api_url, and neither has global"],
    ),
    "an unknown global key": (
        "global: {smtp_form: a}\nroute: {receiver: a}\nreceivers: [{name: a}]\n",
        ["1:10 unknown-key: global has an unknown key 'smtp_form'"],
    ),
    "two receivers of one name": (
        "route: {receiver: a}\nreceivers:\n- name: a\n- name: a\n",
        ["4:9 duplicate-receiver: receiver 'a' is a duplicate of the one in line 3"],
    ),
    "two receivers without a name": (
        "route: {receiver: a}\nreceivers:\n- {name: a}\n- {}\n- {}\n",
        [
            "4:3 missing-key: the receiver has no name",
            "5:3 missing-key: the receiver has no name",
        ],
    ),
    "an invalid regular expression that must not match": (
        "route: {receiver: a, routes: [{matchers: ['b!~\"(\"']}]}\nreceivers: [{name: a}]\n",
        ["1:43 invalid-matcher: invalid regular expression '(': missing ): ("],
    ),
    "a regular expression with an escaped backslash": (
        "route: {receiver: a, routes: [{matchers: ['b=~\"\\\\(\"']}]}\nreceivers: [{name: a}]\n",
        [],
    ),
    "a URL as a target": (
        "scrape_configs:\n- job_name: a\n  static_configs: [{targets: ['http://b/c']}]\n",
        ["3:31 invalid-value: target 'http://b/c' is not a host and a port"],
    ),
    "a URL as a target of an exporter that probes it": (
        "scrape_configs:\n- job_name: a\n  static_configs: [{targets: ['http://b/c']}]\n"
        "  relabel_configs: [{source_labels: [__address__], target_label: __param_target}]\n",
        [],
    ),
    "a step that keeps targets by nothing": (
        "scrape_configs:\n- job_name: a\n  relabel_configs: [{action: keep}, {action: drop, separator: a}]\n",
        [],
    ),
    "a step that drops targets by a regular expression": (
        "scrape_configs:\n- job_name: a\n  relabel_configs: [{action: drop, regex: a}]\n",
        [],
    ),
    "two jobs of one name": (
        "scrape_configs:\n- job_name: a\n- job_name: a\n",
        ["3:13 duplicate-job: scrape job 'a' is a duplicate of the one in line 2"],
    ),
    "a timeout above the interval": (
        "scrape_configs:\n- job_name: a\n  scrape_interval: 5s\n  scrape_timeout: 10s\n",
        ["4:19 invalid-value: scrape_timeout 10s is longer than the scrape_interval"],
    ),
    "a timeout as long as the interval": (
        "scrape_configs:\n- job_name: a\n  scrape_interval: 10s\n  scrape_timeout: 10s\n",
        [],
    ),
    "a timeout as long as the interval of Prometheus": (
        "scrape_configs:\n- {job_name: a, scrape_timeout: 60s}\n- {job_name: b, scrape_timeout: 60001ms}\n",
        ["3:33 invalid-value: scrape_timeout 60001ms is longer than the scrape_interval"],
    ),
    "a timeout above the global interval": (
        "global: {scrape_interval: 5s}\nscrape_configs:\n- {job_name: a, scrape_timeout: 6s}\n",
        ["3:33 invalid-value: scrape_timeout 6s is longer than the scrape_interval"],
    ),
    "an unknown relabeling": (
        "scrape_configs:\n- job_name: a\n  relabel_configs: [{action: kep}]\n",
        ["3:30 invalid-relabeling: action is 'kep'"],
    ),
    "broken YAML of a rule file": (
        "groups:\n- name: a\n  rules:\n  - alert: b\n     expr: up\n",
        ["5:10 yaml-syntax: invalid YAML: mapping values are not allowed here"],
    ),
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("text", "expected"), REJECTED_FILES.values(), ids=REJECTED_FILES)
def test_a_file_that_is_rejected_is_reported(text: str, expected: list[str]) -> None:
    assert findings(text) == expected


@pytest.mark.usefixtures("folder")
def test_the_keys_of_alertmanager_0_34_are_accepted() -> None:
    text = ALERTMANAGER.replace(
        "  receiver: chat\n", "  receiver: chat\n  labels: {reason: '{{ .GroupLabels.job }}'}\n"
    )
    text = text.replace("- name: chat\n", "- name: chat\n  labels: {team: shop}\n") + "event_recorder: {}\n"
    assert findings(text) == []
    [config] = read_text(text, "alertmanager.yml").alertmanager_configs
    assert config.route.settings == {"labels": {"reason": "{{ .GroupLabels.job }}"}}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("expr", ['flux_info{ready="False"}', 'pg_index_info_size{name=~".*new.*"}'])
def test_a_state_in_a_label_is_a_condition(expr: str) -> None:
    assert findings(f"groups: [{{name: g, rules: [{{alert: A, expr: '{expr}'}}]}}]\n") == []


# Two matchers, and whether rules with them record different series.
DISJOINT = [
    ('c="a"', 'c="b"', True),
    ('c="a"', 'c="a"', False),
    ('c="a"', 'c!="a"', True),
    ('c="a"', 'c!="b"', False),
    ('c=~"2.."', 'c=~"3.."', True),
    ('c=~"2.."', 'c=~"2.1"', False),
    ('c=~"2.."', 'c=~"20"', True),
    ('c=~"2.."', 'c!~"2.."', True),
    ('c=~"GET|LIST"', 'c=~"POST|PUT"', True),
    ('c=~"GET|LIST"', 'c=~"POST|LIST"', False),
    ('c=~"(GET|LIST)"', 'c!~"GET|LIST|PUT"', True),
    ('c=~"GET|LIST"', 'c!~"GET"', False),
    ('c=~"a.*"', 'c=~"b.+"', True),
    ('c=~"a.*"', 'c=~"a"', False),
    ('c=~"a.+"', 'c=~"a"', True),
    ('c=~"a.+"', 'c=~".*"', False),
    (r'c=~"a\\.b"', 'c="a.b"', False),
    (r'c=~"a\\.b"', 'c="axb"', True),
    ('c=~"[ab]"', 'c="c"', True),
    ('c=~"[ab]"', 'c=~"[cd]"', False),
    ('c=~"a", d="x"', 'c=~"a", d="y"', False),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("one", "other", "disjoint"), DISJOINT, ids=[f"{one} {two}" for one, two, _ in DISJOINT])
def test_rules_with_disjoint_matchers_record_different_series(one: str, other: str, disjoint: bool) -> None:
    rules = "".join(f"  - record: a\n    expr: sum by (c) (b{{{each}}})\n" for each in (one, other))
    Path("a.yml").write_text(f"groups:\n- name: g\n  rules:\n{rules}")
    codes = [finding.code.name for finding in check_files(["a.yml"], notes=True).findings]
    assert codes.count("duplicate-record") == (not disjoint)


# Two expressions, and the severities of a record and of an alert with both.
DUPLICATES = {
    "the same": ("sum(up) > 1", "sum(up)>1", ("warning", "warning")),
    "of the same series": ("sum(up) > 1", "sum(up) > 2", ("warning", "note")),
    "of other series": ("sum(up) > 1", "sum(down) > 1", ("note", "note")),
    "all selectors disjoint": ('a{c="1"} / b{c="1"} > 1', 'a{c="2"} / b{c="2"} > 1', ()),
    "some selectors disjoint": ('a{c="1"} / b{c="1"} > 1', 'a{c="2"} / b > 1', ("note", "note")),
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("one", "other", "severities"), DUPLICATES.values(), ids=DUPLICATES)
def test_a_duplicate_is_a_note_where_it_may_be_intended(one: str, other: str, severities: tuple[str, ...]) -> None:
    rules = [f"  - {kind}: a\n    expr: {expr}\n" for kind in ("record", "alert") for expr in (one, other)]
    Path("a.yml").write_text(f"groups:\n- name: g\n  rules:\n{''.join(rules)}")
    result = [each for each in check_files(["a.yml"], notes=True).findings if each.code.name.startswith("duplicate")]
    assert tuple(each.severity for each in result) == severities


@pytest.mark.usefixtures("folder")
def test_a_rule_in_a_config_map_is_reported_in_the_line_of_the_file() -> None:
    text = config_map(rules_yml=RULES.replace("> 5", "> )"))
    assert [message.partition(" ")[0] for message in findings(text)] == ["14:35"]


@pytest.mark.usefixtures("folder")
def test_style_is_a_note_and_reported_on_request() -> None:
    Path("a.yml").write_text("groups: [{name: g, rules: [{record: x, expr: up}, {alert: B, expr: up == 0}]}]\n")
    assert check_files(["a.yml"]).findings == []
    notes = check_files(["a.yml"], notes=True).findings
    assert {(finding.severity, finding.code.name) for finding in notes} == {
        ("note", "rule-name"),
        ("note", "alert-summary"),
    }


def test_the_public_functions_read_and_lint(folder: None) -> None:
    Path("a.yml").write_text(RULES)
    Path("b.yml").write_text(RULES.replace("> 5", ""))
    assert [file.name for file in obscode.read(["a.yml", "b.yml"]).rule_files] == ["a.yml", "b.yml"]
    assert [finding.code.name for finding in obscode.lint(["."])] == ["alert-comparison"]


def test_progress_names_each_file(folder: None) -> None:
    Path("a.yml").write_text(RULES)
    Path("d.json").write_text(DASHBOARD)
    calls: list[tuple[str, str, int | None]] = []

    def progress(task: str, item: str = "", *, total: int | None = None) -> None:
        calls.append((task, item, total))

    check_files(["."], progress=progress)
    assert calls == [
        ("read", "a.yml", 2),
        ("read", "d.json", 2),
        ("check", "", None),
        ("check dashboards", "d.json", 1),
    ]


# --- comments ----------------------------------------------------------------------------------------------------

DEADMAN = """\
groups:
- name: g
  rules:
  - alert: Deadman{end}
    expr: up{expr}
{above}  - alert: Other
    expr: up == 0
"""

COMMENTS = {
    "in the line": ({"expr": "  # obscode: ignore[alert-comparison]: it always fires"}, []),
    "elsewhere in the rule": ({"end": "  # obscode: ignore[alert-comparison]: it always fires"}, []),
    "at another rule": (
        {"above": "  # obscode: ignore[alert-comparison]: it always fires\n"},
        [
            "5:11 alert-comparison: alert Deadman fires for every value: its expression has no condition",
            "6:3 ignore-comment: alert-comparison is ignored, but reports nothing here",
        ],
    ),
    "without a reason": (
        {"end": "  # obscode: ignore[alert-comparison]"},
        ["4:21 ignore-comment: alert-comparison is ignored without a reason"],
    ),
    "without a code": (
        {"end": "  # obscode: ignore: all"},
        [
            "4:21 ignore-comment: the comment names no code",
            "5:11 alert-comparison: alert Deadman fires for every value: its expression has no condition",
        ],
    ),
    "of an unknown code": (
        {"end": "  # obscode: ignore[alert-comparison, alert-comparision]: it always fires"},
        ["4:21 ignore-comment: there is no code 'alert-comparision' to ignore"],
    ),
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("comment", "expected"), COMMENTS.values(), ids=COMMENTS)
def test_a_comment_ignores_a_finding(comment: dict[str, str], expected: list[str]) -> None:
    assert findings(DEADMAN.format(**{"end": "", "expr": "", "above": ""} | comment)) == expected


@pytest.mark.usefixtures("folder")
def test_a_comment_above_a_key_applies_to_everything_below_it() -> None:
    comment = "# obscode: ignore[alert-comparison]: an example\n"
    assert findings(comment + DEADMAN.format(end="", expr="", above="")) == []


# --- the command -------------------------------------------------------------------------------------------------


def test_the_command_checks_a_folder_of_files(project_folder: ProjectFolder) -> None:
    monitoring = project_folder.root / "monitoring"
    monitoring.mkdir()
    for name, text in {"r.yml": RULES, "am.yml": ALERTMANAGER, "p.yml": PROMETHEUS, "d.json": DASHBOARD}.items():
        (monitoring / name).write_text(text)
    (monitoring / "values.yaml").write_text("image: shop\n")

    ended = project_folder.run("check", "monitoring", "--verbose")

    assert (ended.exit, ended.out, ended.err) == (
        Exit.OK,
        "skipped monitoring/values.yaml: of no known kind\n"
        "OK: 1 rule file, 1 Alertmanager configuration, 1 Prometheus configuration, 1 dashboard; 1 file skipped\n",
        "",
    )


def test_skipped_files_are_counted_and_listed_with_verbose_only(project_folder: ProjectFolder) -> None:
    monitoring = project_folder.root / "monitoring"
    monitoring.mkdir()
    (monitoring / "rules.yml").write_text(RULES)
    (monitoring / "values.yaml").write_text("image: shop\n")
    assert project_folder.run("check", "monitoring").out == "OK: 1 rule file; 1 file skipped\n"


def test_the_command_ends_with_exit_code_1_on_an_error(project_folder: ProjectFolder) -> None:
    (project_folder.root / "rules.yml").write_text(RULES.replace("for: 5m", "for: five"))
    ended = project_folder.run("check", "rules.yml")
    assert ended.exit == Exit.FINDINGS
    assert ended.err.startswith("rules.yml:10:10: error[invalid-value]: for: 'five' is not a duration\n")


def test_conditions_in_rules_that_obscode_wrote_may_be_constant(project_folder: ProjectFolder) -> None:
    """The alert for invalid ratios compares with limits that the recorded ratio of counters cannot exceed."""
    project_folder.write(
        shop="""
        ratio = sli.Ratio(errors='requests_total{status="500"}', total="requests_total")
        shop = Service(
            "shop",
            scrape=ScrapeJob(["shop:80"]),
            metrics=[metrics.Counter("requests_total", labels=["status"])],
            slos=[SLO("availability", 99, ratio)],
        )
        """
    )
    project_folder.run("build")
    written, copied = project_folder.build / "prometheus" / "rules" / "shop.yml", project_folder.root / "copied.yml"
    copied.write_text(written.read_text().partition("\n")[2])

    assert {finding.code.name for finding in check_files([copied]).findings} == {"constant-condition"}
    assert check_files([written]).findings == []
