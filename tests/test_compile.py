"""Definitions compile to valid Prometheus and Alertmanager files, for any text."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ProjectFolder
from hypothesis import given
from hypothesis import strategies as st

from obscode import SLO, Alert, Environment, Project, RecordingRule, Route, Routing, ScrapeJob, Service
from obscode.artifacts.files import File
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError, Exit
from obscode.model.receivers import Webhook
from obscode.model.sli import Ratio
from obscode.renderers import render
from obscode.renderers.yaml_text import document
from obscode.toolchain import Tool

PROJECT = Project("team", evaluation_interval="30s", oldest_alertmanager="0.26")

SHOP = Service(
    "shop",
    owner="team-shop",
    runbook="https://runbooks.example.com/shop",
    scrape=[
        ScrapeJob(["localhost:8000"]),
        ScrapeJob(
            ["[::1]:9000"],
            job="shop-db",
            path="/db",
            interval="1m",
            timeout="10s",
            scheme="https",
            labels={"tier": "db"},
        ),
    ],
    recording_rules=[RecordingRule("job:up:sum", "sum by (job) (up)", labels={"region": "eu"})],
    alerts=[
        Alert(
            "Down",
            """
            sum by (job) (up)
              == 0
            """,
            severity="page",
            summary="{{ $labels.job }} is down",
            description='It says "no".\nTwice.',
            for_="5m",
            keep_firing_for="10m",
            runbook="https://runbooks.example.com/down",
            labels={"team": "night", "owner": "somebody-else"},
            annotations={"dashboard": "shop"},
        ),
        Alert("Quiet", "job:up:sum < 2", severity="ticket", summary="few are up"),
    ],
)

PROMETHEUS = """\
global:
  scrape_interval: 15s
  evaluation_interval: 30s
rule_files:
  - rules/*.yml
alerting:
  alertmanagers:
    - static_configs:
        - targets:
            - {alertmanager}
scrape_configs:
  - job_name: shop
    metrics_path: /metrics
    static_configs:
      - targets:
          - {target}
  - job_name: shop-db
    scrape_interval: 1m
    scrape_timeout: 10s
    metrics_path: /db
    scheme: https
    static_configs:
      - targets:
          - '[::1]:9000'
        labels:
          tier: db
"""

RULES = """\
groups:
  - name: shop-records
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
        labels:
          region: eu
  - name: shop-alerts
    rules:
      - alert: Down
        expr: |-
          sum by (job) (up)
            == 0
        for: 5m
        keep_firing_for: 10m
        labels:
          severity: page
          service: shop
          owner: somebody-else
          team: night
        annotations:
          summary: '{{ $labels.job }} is down'
          description: |-
            It says "no".
            Twice.
          runbook_url: https://runbooks.example.com/down
          dashboard: shop
      - alert: Quiet
        expr: job:up:sum < 2
        labels:
          severity: ticket
          service: shop
          owner: team-shop
        annotations:
          summary: few are up
          runbook_url: https://runbooks.example.com/shop
"""

ROUTING = Routing(
    default=Webhook("team", url="http://localhost:5001"),
    routes=[
        Route(
            Webhook("page", url_file="/run/secrets/page", send_resolved=False),
            match={"severity": "page", "path": 'C:\\temp "quoted"'},
            repeat_interval="1h",
        ),
        Route(Webhook("team", url="http://localhost:5001"), match={"severity": "ticket"}),
    ],
    group_by=["..."],
)

ALERTMANAGER = """\
route:
  receiver: team
  group_by:
    - '...'
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  routes:
    - receiver: page
      matchers:
        - severity="page"
        - path="C:\\\\temp \\"quoted\\""
      repeat_interval: 1h
    - receiver: team
      matchers:
        - severity="ticket"
"""

RECEIVERS = """\
receivers:
  - name: team
    webhook_configs:
      - url: http://localhost:5001
        send_resolved: true
  - name: page
    webhook_configs:
      - url_file: /run/secrets/page
        send_resolved: false
"""

# Label values and annotations that are legal, however they look.
TEXTS = [
    "",
    " leading and trailing ",
    "it's \"quoted\"",
    "back\\slash \\n \\",
    "two\nlines",
    "\n",
    "trailing newline\n",
    "trailing space \nof a line",
    "  indented\nfirst line",
    "tab\there",
    "carriage\rreturn\r\n",
    "next\x85line, line\u2028separator, paragraph\u2029separator",
    "\ufeffbyte order mark",
    "bell \x07, escape \x1b, delete \x7f",
    "größe, 温度, 🔥, \U0010fffd",
    "\u202eright to left",
    "{", "}", "{{", "}}", "{}", "{{}}", "{{ }}", "{{ model }}", "{{ $value", "${name} $1 %s %(a)s",
    "{{ $labels.job }} is {{ $value | humanize }}",
    "yes", "no", "on", "null", "~", "true", "5", "0x1F", "0o17", "1_000", "1e3", ".inf", "1:30", "2026-01-01",
    "=", "<<",
    "- a", "? a", "a: b", "a #b", "#a", "&a", "*a", "!!str a", "|", ">", "%YAML", "@a", "`a`", "[a", "]", ",",
    "--- a", "...",
    "x" * 5000,
    "word " * 1000,
]  # fmt: skip


def files(*services: Service, project: Project | None = None, routing: Routing | None = None) -> dict[str, str]:
    definitions = Definitions(project or PROJECT, services, routing=routing, root=str(Path(__file__).parent))
    return {file.path: file.text for file in render(compile(definitions))}


def body(text: str) -> str:
    """A file without its first line, which names the definitions that it comes from."""
    head, _, rest = text.partition("\n")
    assert head == "# Written by obscode from test_compile.py; change it there."
    return rest


# --- files -------------------------------------------------------------------------------------------------------


def test_scrape_jobs_become_a_prometheus_config() -> None:
    expected = PROMETHEUS.format(alertmanager="localhost:9093", target="localhost:8000")
    assert body(files(SHOP)["prometheus/prometheus.yml"]) == expected


def test_rules_and_alerts_become_a_rule_file() -> None:
    assert body(files(SHOP)["prometheus/rules/shop.yml"]) == RULES


def test_a_service_without_rules_has_no_rule_file() -> None:
    assert "prometheus/rules/quiet.yml" not in files(Service("quiet"))


def test_the_routing_becomes_an_alertmanager_config() -> None:
    text = body(files(routing=ROUTING)["alertmanager/alertmanager.yml"])
    assert text == ALERTMANAGER + RECEIVERS


def test_a_page_inhibits_the_tickets_of_its_slo_about_missing_data() -> None:
    sli = Ratio(errors='hits_total{code="500"}', total="hits_total", by=["model"])
    service = Service("shop", slos=[SLO("up", 99.9, sli)])
    text = body(files(service, routing=ROUTING)["alertmanager/alertmanager.yml"])
    any_slo = ['service=~".+"', 'slo=~".+"']
    no_data = 'alertname=~".+(MetricMissing|MetricNeverSeen|TrafficStopped|NoTraffic|InvalidRatio)"'
    rules = yaml.safe_load(text)["inhibit_rules"]
    assert [(rule["source_matchers"], rule["target_matchers"]) for rule in rules] == [
        (['severity="page"', *any_slo], ['severity="ticket"', *any_slo, no_data])
    ]
    assert all(rule["equal"] == ["service", "slo", "model"] for rule in rules)


def test_without_a_routing_no_notifications_are_sent() -> None:
    text = body(files()["alertmanager/alertmanager.yml"])
    assert yaml.safe_load(text) == {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}


def test_without_alertmanagers_the_config_has_no_alerting_section() -> None:
    written = files(project=Project("team", alertmanagers=[]))
    assert "alerting" not in yaml.safe_load(written["prometheus/prometheus.yml"])


def test_the_order_of_definitions_does_not_matter() -> None:
    till = Service(
        "till",
        severity="page",
        scrape=ScrapeJob(["localhost:8001"]),
        alerts=[Alert("Down", "up == 0", summary="down")],
    )
    assert files(SHOP, till) == files(till, SHOP)


def test_an_alert_has_its_own_severity_or_that_of_its_service() -> None:
    down, low = Alert("Down", "up == 0", summary="down"), Alert("Low", "up < 2", severity="ticket", summary="low")
    text = files(Service("a", severity="page", alerts=[down, low]), Service("b", severity="ticket", alerts=[down]))
    severities = [
        [rule["labels"]["severity"] for rule in yaml.safe_load(text[file])["groups"][0]["rules"]]
        for file in ("prometheus/rules/a.yml", "prometheus/rules/b.yml")
    ]
    assert severities == [["page", "ticket"], ["ticket"]]


def test_two_definitions_with_the_same_output_file_are_reported() -> None:
    """Names are checked before; a target with paths of its own may still write one file twice."""
    artifacts = compile(Definitions(PROJECT, [SHOP]))
    with pytest.raises(DefinitionError) as error:
        render(replace(artifacts, rule_files=[*artifacts.rule_files, *artifacts.rule_files], test_suites=[]))
    assert str(error.value) == (
        "error[duplicate-file]: two definitions would write prometheus/rules/shop.yml\n  hint: rename one of them"
    )


# --- the project -------------------------------------------------------------------------------------------------


def test_invalid_project_settings_are_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project="""\
        project = Project(
            "my team",
            scrape_interval="15",
            evaluation_interval="0s",
            retention="-30d",
            oldest_prometheus="v2",
            prometheus_url="localhost:9090",
            grafana_url="http://",
            alertmanagers=["http://localhost:9093"],
            datasource_uid="a/b",
            environments=[Environment("a/b"), Environment("c", alertmanagers=["alertmanager"])],
        )
        """,
        case='shop = Service("my shop")\n',
    )
    ended = project_folder.run("build")
    assert [line for line in ended.err.splitlines() if not line.startswith(" ")] == [
        "definitions/case.py:3:16: error[service-name]: 'my shop' is not a valid name",
        "definitions/project.py:4:5: error[project-name]: 'my team' is not a valid name",
        "definitions/project.py:5:21: error[invalid-duration]: '15' has no unit",
        "definitions/project.py:6:25: error[invalid-duration]: '0s' is zero",
        "definitions/project.py:7:15: error[invalid-duration]: '-30d' is negative",
        "definitions/project.py:8:23: error[oldest-prometheus]: 'v2' is not a version of Prometheus",
        "definitions/project.py:9:20: error[invalid-url]: 'localhost:9090' is not a URL",
        "definitions/project.py:10:17: error[invalid-url]: 'http://' is not a URL",
        "definitions/project.py:11:20: error[target-address]: 'http://localhost:9093' is a URL, not an address"
        " (only in the project's own environment)",
        "definitions/project.py:12:20: error[datasource-uid]: 'a/b' is not a valid datasource uid",
        "definitions/project.py:13:31: error[environment-name]: 'a/b' is not a valid name",
        "definitions/project.py:13:71: error[target-address]: target 'alertmanager' has no port (only in c)",
        "Found 12 errors.",
    ]
    assert ended.exit == Exit.FINDINGS


def test_an_interval_below_a_second_is_rejected() -> None:
    with pytest.raises(DefinitionError) as error:
        files(project=Project("team", slo_interval="1ms", alertmanagers=["x"]))
    assert [(f.code.name, f.message, f.hint) for f in error.value.findings] == [
        ("short-interval", "slo_interval 1ms is shorter than a second", 'write "15s", for example'),
        ("target-address", "target 'x' has no port", "write 'x:9093'"),
    ]


def test_two_environments_with_the_same_name_are_reported() -> None:
    with pytest.raises(DefinitionError) as error:
        files(project=Project("team", environments=[Environment("eu"), Environment("EU")]))
    (finding,) = error.value.findings
    assert (finding.code.name, finding.hint) == ("duplicate-environment", "rename one")
    assert finding.message.startswith("environments 'eu' and 'EU' differ in case only, the first at ")


# --- texts -------------------------------------------------------------------------------------------------------


def test_promtool_accepts_every_text(promtool: Tool, tmp_path: Path) -> None:
    write(tmp_path, unusual_texts())
    run(tmp_path, promtool, "check", "config", "prometheus/prometheus.yml")
    run(tmp_path, promtool, "check", "rules", "--lint-fatal", "prometheus/rules/unusual.yml")


def test_amtool_accepts_and_preserves_every_text(amtool: Tool, tmp_path: Path) -> None:
    write(tmp_path, unusual_texts())
    run(tmp_path, amtool, "check-config", "alertmanager/alertmanager.yml")
    for number, text in enumerate(TEXTS):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        labels = [f"number={number}", f'text="{escaped}"']
        config = "--config.file=alertmanager/alertmanager.yml"
        assert run(tmp_path, amtool, "config", "routes", "test", config, *labels) == f"r{number}\n"


def test_rules_preserve_every_text() -> None:
    groups = yaml.safe_load(unusual_texts()["prometheus/rules/unusual.yml"])["groups"]
    labels = [rule["labels"]["text"] for rule in groups[0]["rules"]]
    assert labels == TEXTS
    annotations = [rule["annotations"]["text"] for rule in groups[1]["rules"]]
    assert [text.replace('{{"{{"}}', "{{") for text in annotations] == TEXTS


def unusual_texts() -> dict[str, str]:
    """A build with every text as a label value and as an annotation."""
    service = Service(
        "unusual",
        owner='{{ "',
        scrape=[ScrapeJob(["localhost:1"], job=f"j{i}", labels={"text": text}) for i, text in enumerate(TEXTS)],
        recording_rules=[
            RecordingRule(f":up:sum{i}", "sum(up)", labels={"text": text}) for i, text in enumerate(TEXTS)
        ],
        alerts=[
            Alert(
                f"A{i}",
                "up == 0",
                severity="page",
                summary="a",
                labels={"text": text},
                annotations={"text": text},
                description=text,
            )
            for i, text in enumerate(TEXTS)
        ],
    )
    routing = Routing(
        default=Webhook("team", url="http://localhost:5001"),
        routes=[
            Route(Webhook(f"r{i}", url="http://localhost:5001"), match={"number": str(i), "text": text})
            for i, text in enumerate(TEXTS)
        ],
    )
    return files(service, routing=routing)


def write(folder: Path, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())


def run(folder: Path, tool: Tool, *arguments: str) -> str:
    command = [str(tool.path), *arguments]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_CONTENT = st.recursive(_TEXT, lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner), max_leaves=8)


@given(st.dictionaries(_TEXT, _CONTENT, max_size=3))
def test_yaml_preserves_any_value(content: dict[str, Any]) -> None:
    text = document(content, ["definitions/shop.py"])
    assert yaml.safe_load(text) == content
    assert yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) == content


@given(_TEXT)
def test_yaml_preserves_any_annotation(text: str) -> None:
    alert = Alert("Down", "up == 0", severity="page", summary="down", annotations={"text": text})
    (group,) = yaml.safe_load(files(Service("shop", alerts=[alert]))["prometheus/rules/shop.yml"])["groups"]
    assert group["rules"][0]["annotations"]["text"].replace('{{"{{"}}', "{{") == text


def test_promql_over_several_lines_is_a_literal_block() -> None:
    text = document({"expr": "sum(up)\n/\n  count(up)"}, [])
    assert text == "expr: |-\n  sum(up)\n  /\n    count(up)\n"


def test_long_lines_are_not_wrapped_and_repeated_values_have_no_anchors() -> None:
    labels = {"a": "word " * 50 + "end"}
    assert document({"one": labels, "two": labels}, []) == (f"one:\n  a: {labels['a']}\ntwo:\n  a: {labels['a']}\n")


def test_every_rendered_file_has_a_unique_path() -> None:
    written = render(compile(Definitions(PROJECT, [SHOP], routing=ROUTING)))
    assert [file.path for file in written] == sorted({file.path for file in written})
    assert all(isinstance(file, File) and file.text.endswith("\n") for file in written)
