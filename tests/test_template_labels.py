"""Labels that the templates of alerts read, and that the result of the expression does not have."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from obscode import Alert, RecordingRule, ScrapeJob, Service, metrics
from obscode.checks import Check, lint
from obscode.checks.registry import checks
from obscode.compiler import compile
from obscode.findings.finding import Finding
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.project.check_files import check_files
from obscode.promql.template_labels import labels_read
from obscode.toolchain import Tool
from obscode.verify.processes import run

READ = {
    "{{ $labels.pod }} and {{- $labels.job | toUpper -}}": ["pod", "job"],
    "{{ .Labels.pod }} {{ $.Labels.job }} {{ .Value }} {{ .Labels }} {{ $labels }}": ["pod", "job"],
    '{{ index $labels "http.route" }} {{ (index $labels `zone`) }}': ["http.route", "zone"],
    '{{ printf "up{job=%q}" $labels.job | query | first | value }}': ["job"],
    '{{ (query "up" | first).Labels.pod }} {{ "$labels.zone" }} {{/* $labels.zone */}}': [],
    '{{ range query "up" }}{{ .Labels.pod }}{{ $labels.job }}{{ end }}{{ .Labels.zone }}': ["job", "zone"],
    "{{ if $labels.pod }}{{ $labels.pod }}{{ else if $labels.node }}{{ $labels.node }}{{ end }}{{ $labels.job }}": [
        "job"
    ],
    "{{ with $labels.pod }}{{ . }}{{ end }}": [],
    '{{ or $labels.pod "no pod" }}': [],
    '{{ if eq $labels.pod "a" }}first{{ end }}': ["pod"],
    "{{ $pod := $labels.pod }}{{ $pod }}{{ $labels.pod }}": ["pod"],
    "{{ $labels := 1 }}{{ $labels.pod }}": [],
    "{{ $labels.pod": [],
    "no template of $labels.pod": [],
}


@pytest.mark.parametrize(("text", "names"), READ.items())
def test_a_template_reads_labels_unless_it_checks_their_presence(text: str, names: list[str]) -> None:
    assert labels_read(text) == names


def reported(service: Service) -> list[str]:
    """The messages and hints of the two checks of labels in templates."""
    return _texts(lint(compile(Definitions(Project("p"), [service])), _checks()))


def _checks() -> list[Check]:
    return [check for check in checks() if check.name in ("template-label", "not-in-catalog")]


def _texts(findings: Iterable[Finding]) -> list[str]:
    return [f"{finding.code.name}: {finding.message}; {finding.hint}" for finding in findings]


def of_alert(expr: str, label: str, **arguments: object) -> list[str]:
    alert = Alert("A", expr, severity="page", summary=f"{{{{ $labels.{label} }}}}")
    return reported(Service("shop", **{"selector": {"job": "x"}, **arguments}, alerts=[alert]))  # type: ignore[arg-type]


def expected(label: str, hint: str) -> list[str]:
    message = f"the summary of alert A reads the label {label!r}, which its expression does not have"
    return [f"template-label: {message}; {hint}"]


@pytest.mark.parametrize(
    ("expr", "label", "hint"),
    [
        ("sum by (job, ns) (up) > 0", "pod", "keep it in the expression, or read one of job, ns"),
        ("sum by (job, ns) (up) > 0", "jb", "did you mean 'job'?"),
        ("sum without (pod) (up) > 0", "pod", "keep it in the expression"),
        ("sum(up) > 0", "pod", "keep it in the expression, whose result has no labels"),
        ("sum by (job) (up) > 0", "severity", "$labels are those of the expression; write the value itself"),
        ("sum by (job) (up) > 0", "alertname", "$labels are those of the expression; write the value itself"),
        ('absent(up{job="a"})', "instance", "keep it in the expression, or read job"),
        ("a / on (job) b > 1", "pod", "keep it in the expression, or read job"),
        (
            "sum by (job) (a) / on (job) group_left (rack) b > 1",
            "pod",
            "keep it in the expression, or read one of job, rack",
        ),
        ("sum by (job) (a) or sum by (ns) (b)", "pod", "keep it in the expression, or read one of job, ns"),
        ("sum by (job) (a) and on (job) b > 1", "pod", "keep it in the expression, or read job"),
        (
            "histogram_quantile(0.9, sum by (le) (rate(a[5m]))) > 1",
            "le",
            "keep it in the expression, whose result has no labels",
        ),
    ],
)
def test_a_label_that_the_expression_removes_is_reported(expr: str, label: str, hint: str) -> None:
    assert of_alert(expr, label) == expected(label, hint)


@pytest.mark.parametrize(
    ("expr", "label"),
    [
        ("up == 0", "pod"),
        ("sum without (zone) (up) > 0", "pod"),
        ("topk by (job) (3, up) > 0", "pod"),
        ("a * on (job) group_left (rack) sum by (job, rack) (b) > 1", "pod"),
        ("sum by (job) (a) or b", "pod"),
        ('label_replace(sum by (job) (up), "pod", "$1", "job", "(.*)") > 0', "pod"),
        ('count_values by (job) ("pod", up) > 0', "pod"),
        ('absent(up{pod="a"})', "pod"),
        ("info(sum by (job) (a)) > 0", "pod"),
    ],
)
def test_a_label_that_the_result_may_have_is_accepted(expr: str, label: str) -> None:
    assert of_alert(expr, label) == []


@pytest.mark.parametrize(
    ("expr", "label", "call"),
    [
        ("up == 0 or absent(up)", "instance", "absent(up)"),
        ('absent(up{job="a"}) or up == 0', "instance", 'absent(up{job="a"})'),
        ("up == 0 or absent_over_time(up[5m]) or x > 1", "job", "absent_over_time(up[5m])"),
    ],
)
def test_a_label_that_absent_does_not_have_is_reported(expr: str, label: str, call: str) -> None:
    message = f"the summary of alert A reads the label {label!r}, which `{call}` does not have"
    assert of_alert(expr, label) == [f"template-label: {message}; write an alert of its own for {call.split('(')[0]}()"]


@pytest.mark.parametrize(
    ("expr", "label"),
    [
        ('up == 0 or absent(up{job="a"})', "job"),
        ("(up == 0) + on () group_left () absent(x)", "job"),
        ("up == 0 or vector(0)", "job"),
    ],
)
def test_a_label_that_the_other_side_of_absent_has_is_accepted(expr: str, label: str) -> None:
    assert of_alert(expr, label) == []


GPU = metrics.Gauge("gpu_temp", labels=["gpu", "host"])


def in_catalog(label: str, hint: str) -> list[str]:
    message = f"the summary of alert A reads the label {label!r}, which no series of its expression has"
    return [f"not-in-catalog: {message}; {hint}"]


@pytest.mark.parametrize(
    ("expr", "label", "hint"),
    [
        ("gpu_temp > 90", "gpuu", "did you mean 'gpu'?"),
        (
            "avg_over_time(gpu_temp[5m]) > 90",
            "rack",
            "keep it in the expression, or read one of gpu, host, instance, job",
        ),
        ("gpu_temp * on (host) group_left (rack) host_info > 90", "rak", "did you mean 'rack'?"),
        ("gpu_temp > 90", "severity", "$labels are those of the expression; write the value itself"),
    ],
)
def test_a_label_that_a_catalogued_series_does_not_have_is_reported(expr: str, label: str, hint: str) -> None:
    assert of_alert(expr, label, scrape=ScrapeJob(["a:80"]), metrics=[GPU]) == expected(label, hint)


@pytest.mark.parametrize("label", ["gpu", "instance", "exported_job"])
def test_labels_of_a_catalogued_series_and_of_its_target_are_accepted(label: str) -> None:
    assert of_alert("gpu_temp > 90", label, scrape=ScrapeJob(["a:80"]), metrics=[GPU]) == []


def test_targets_that_others_discover_may_have_more_labels() -> None:
    assert of_alert("gpu_temp > 90", "rack", metrics=[GPU]) == []
    assert of_alert("gpu_temp > 90", "gpuu", metrics=[GPU]) == in_catalog("gpuu", "did you mean 'gpu'?")
    recorded = RecordingRule("rack:gpu_temp:max", "max by (rack) (gpu_temp)")
    assert of_alert("rack:gpu_temp:max > 90", "rack", metrics=[GPU], recording_rules=[recorded]) == []


def test_a_label_that_a_recording_rule_removes_is_reported() -> None:
    rule = RecordingRule("host:gpu_temp:max", "max by (host) (gpu_temp)", labels={"dc": "eu"})
    hint = "keep it in the expression, or read one of dc, host"
    assert of_alert("host:gpu_temp:max > 90", "gpu", recording_rules=[rule]) == expected("gpu", hint)
    assert of_alert("host:gpu_temp:max > 90", "dc", recording_rules=[rule]) == []


def test_a_recording_rule_that_reads_itself_has_unknown_labels() -> None:
    rule = RecordingRule("host:gpu_temp:max", "host:gpu_temp:max or max by (host) (gpu_temp)")
    assert of_alert("host:gpu_temp:max > 90", "gpu", recording_rules=[rule]) == []


RULES = """\
groups:
- name: shop
  rules:
  - alert: Restarts
    expr: sum by (namespace) (rate(restarts_total[5m])) > 1
    labels: {severity: page}
    annotations:
      summary: "{{ $labels.namespace }} p={{ $labels.pod }} s={{ $labels.severity }} a={{ $labels.alertname }}"
"""


def test_rule_files_are_checked_too(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(RULES)
    message = "the summary of alert Restarts reads the label {!r}, which its expression does not have"
    own = "$labels are those of the expression; write the value itself"
    findings = check_files([path]).findings
    assert _texts(findings) == [
        f"template-label: {message.format('pod')}; keep it in the expression, or read namespace",
        f"template-label: {message.format('severity')}; {own}",
        f"template-label: {message.format('alertname')}; {own}",
    ]
    assert _characters(RULES, findings) == ["$labels.pod", "$labels.severity", "$labels.alertname"]


@pytest.mark.parametrize(
    ("template", "characters"),
    [
        ("{{ .Labels.pod }}", ".Labels.pod"),
        ("{{ $.Labels.pod }}", "$.Labels.pod"),
        ("{{ $labels.pod_name }} {{ $labels.pod }}", "$labels.pod"),
        ("{{ index $labels `pod` }}", '"{{ index $labels `pod` }}"'),
    ],
)
def test_the_caret_is_at_the_label(template: str, characters: str, tmp_path: Path) -> None:
    labels = "by (namespace, pod_name)"
    text = RULES.replace("by (namespace)", labels).replace(
        "{{ $labels.namespace }} p={{ $labels.pod }} s={{ $labels.severity }} a={{ $labels.alertname }}", template
    )
    assert labels in text
    (path := tmp_path / "rules.yml").write_text(text)
    assert _characters(text, check_files([path]).findings) == [characters]


def _characters(text: str, findings: Iterable[Finding]) -> list[str]:
    """The parts of a text, each in one line, that the findings point at."""
    spans = [finding.span for finding in findings if finding.span]
    return [text.splitlines()[span.line - 1][span.column - 1 : span.end_column - 1] for span in spans]


TEST = """\
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
- interval: 1m
  input_series: [{series: 'restarts_total{namespace="a",pod="b"}', values: '0+600x10'}]
  alert_rule_test:
  - eval_time: 5m
    alertname: Restarts
    exp_alerts:
    - exp_labels: {namespace: a, severity: page}
      exp_annotations: {summary: "a p= s= a="}
"""


def test_prometheus_expands_these_labels_to_nothing(promtool: Tool, tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "test.yml").write_text(TEST)
    result = run(promtool, "test", "rules", "test.yml", folder=tmp_path)
    assert (result.returncode, result.stdout.endswith("  SUCCESS\n\n")) == (0, True)
