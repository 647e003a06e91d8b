"""Rules for vmalert: their order, MetricsQL, and that they fire at the same minutes as Prometheus'."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

import obscode
from obscode import (
    SLO,
    Alert,
    Definitions,
    Project,
    RecordingRule,
    RuleGroup,
    ScrapeJob,
    Service,
    compile,
    sli,
    targets,
)
from obscode.findings.errors import DefinitionError
from obscode.promql.metricsql import for_metricsql, without_templates
from obscode.renderers import render
from obscode.toolchain import Tool


def files(*definitions: Service | RuleGroup, target: targets.Vmalert | None = None, **settings: str) -> dict[str, str]:
    """The output of definitions with a target for vmalert."""
    project = Project("shop", targets=[target or targets.Vmalert()], **settings)  # type: ignore[arg-type]
    services = [each for each in definitions if isinstance(each, Service)]
    groups = [each for each in definitions if isinstance(each, RuleGroup)]
    artifacts = compile(Definitions(project, services=services, rules=groups))
    return {file.path: file.text for file in render(artifacts)}


def groups(text: str) -> list[dict[str, object]]:
    """The groups of a rule file, with the names of their rules."""
    content: list[dict[str, object]] = yaml.safe_load(text)["groups"]
    return [{**group, "rules": [r.get("record") or r["alert"] for r in group["rules"]]} for group in content]  # type: ignore[attr-defined]


A = RecordingRule("job:a:sum", "sum by (job) (a)")
B = RecordingRule("job:b:sum", "job:a:sum * 2")
ALERT = Alert("High", "job:b:sum > 1", labels={"severity": "page"}, summary="High")


def test_rules_that_read_each_other_are_evaluated_one_after_the_other() -> None:
    output = files(RuleGroup("g", interval="1m", rules=[A, B, ALERT], rule_file="r"))
    assert groups(output["vmalert/rules/r.yml"]) == [
        {
            "name": "g-step-1",
            "interval": "1m",
            "eval_offset": "0s",
            "params": {"latency_offset": ["10s"]},
            "rules": ["job:a:sum"],
        },
        {
            "name": "g-step-2",
            "interval": "1m",
            "eval_offset": "6s",
            "params": {"nocache": ["1"]},
            "rules": ["job:b:sum"],
        },
        {"name": "g-alerts", "interval": "1m", "eval_offset": "12s", "params": {"nocache": ["1"]}, "rules": ["High"]},
    ]


def test_the_steps_of_a_group_are_within_its_interval() -> None:
    output = files(RuleGroup("g", interval="15s", rules=[A, B, ALERT], rule_file="r"))
    assert [group["eval_offset"] for group in groups(output["vmalert/rules/r.yml"])] == ["0s", "5s", "10s"]


def test_a_group_that_reads_no_record_keeps_its_name_and_vmalerts_own_timing() -> None:
    output = files(RuleGroup("g", rules=[A, RecordingRule("job:c:sum", "sum by (job) (c)")], rule_file="r"))
    assert groups(output["vmalert/rules/r.yml"]) == [
        {"name": "g", "interval": "15s", "rules": ["job:a:sum", "job:c:sum"]}
    ]


def test_records_and_alerts_that_do_not_read_each_other_are_in_separate_groups() -> None:
    alert = Alert("Down", "up == 0", labels={"severity": "page"}, summary="Down")
    output = files(RuleGroup("g", rules=[A, alert], rule_file="r"))
    assert [(group["name"], group["rules"]) for group in groups(output["vmalert/rules/r.yml"])] == [
        ("g-step-1", ["job:a:sum"]),
        ("g-alerts", ["Down"]),
    ]


@pytest.mark.parametrize(
    "expr", ["job:b:sum offset 1m", "job:b:sum @ 0", "max_over_time(job:b:sum[1h:1m] offset 1m)", "other:b:sum"]
)
def test_earlier_values_and_other_records_are_not_waited_for(expr: str) -> None:
    reader = RecordingRule("job:c:sum", expr)
    output = files(RuleGroup("g", rules=[RecordingRule("job:b:sum", "b"), reader], rule_file="r"))
    assert len(groups(output["vmalert/rules/r.yml"])) == 1


def test_a_rule_waits_for_the_record_whose_labels_it_selects() -> None:
    one, two = (RecordingRule("job:a:sum", "a", labels={"slo": slo}) for slo in ("one", "two"))
    reader = RecordingRule("job:b:sum", 'job:a:sum{slo="three"}')
    assert len(groups(files(RuleGroup("g", rules=[one, two, reader], rule_file="r"))["vmalert/rules/r.yml"])) == 1
    reader = RecordingRule("job:b:sum", 'job:a:sum{slo="two"}')
    assert len(groups(files(RuleGroup("g", rules=[one, two, reader], rule_file="r"))["vmalert/rules/r.yml"])) == 2


def test_rules_of_two_groups_that_read_each_other_are_put_in_some_order() -> None:
    a, b = RecordingRule("job:a:sum", "job:b:sum"), RecordingRule("job:b:sum", "job:a:sum")
    output = files(RuleGroup("g", rules=[a], rule_file="r"), RuleGroup("h", rules=[b], rule_file="r"))
    assert [group["name"] for group in groups(output["vmalert/rules/r.yml"])] == ["h", "g"]


def test_settings_of_prometheus_become_those_of_vmalert() -> None:
    group = RuleGroup("g", rules=[A], limit=5, query_offset="1m", settings={"source_tenants": ["a"]}, rule_file="r")
    output = files(group, oldest_prometheus="2.53")
    assert groups(output["vmalert/rules/r.yml"]) == [
        {"name": "g", "interval": "15s", "eval_delay": "1m", "limit": 5, "rules": ["job:a:sum"]}
    ]


def test_the_tenant_and_the_delay_are_written_into_each_group() -> None:
    output = files(RuleGroup("g", rules=[A], rule_file="r"), target=targets.Vmalert(tenant="42:0", eval_delay="45s"))
    assert groups(output["vmalert/rules/r.yml"]) == [
        {"name": "g", "interval": "15s", "tenant": "42:0", "eval_delay": "45s", "rules": ["job:a:sum"]}
    ]


def test_objects_for_kubernetes_hold_the_same_groups() -> None:
    target = targets.Vmalert(objects=True, namespace="monitoring", labels={"stack": "vm"})
    output = files(RuleGroup("g", rules=[A], rule_file="r"), target=target)
    body = yaml.safe_load(output["kubernetes/vmalert/r.yaml"])
    assert {**body, "spec": 0} == {
        "apiVersion": "operator.victoriametrics.com/v1beta1",
        "kind": "VMRule",
        "metadata": {"name": "r", "namespace": "monitoring", "labels": {"stack": "vm"}},
        "spec": 0,
    }
    assert body["spec"] == yaml.safe_load(output["vmalert/rules/r.yml"])


def test_a_tenant_that_is_no_number_is_reported() -> None:
    with pytest.raises(DefinitionError) as raised:
        files(target=targets.Vmalert(tenant="shop", folder="../x"))
    assert [finding.message for finding in raised.value.findings] == [
        "'shop' is not a tenant of VictoriaMetrics",
        "'../x' is not a valid name",
    ]


# --- MetricsQL ---------------------------------------------------------------------------------------------------


def test_functions_that_metricsql_computes_in_another_way_are_replaced() -> None:
    assert for_metricsql('max(resets(a{b="c[d]"} [ 5m ])) > 1') == dedent(
        """\
        WITH (
          prometheus_resets(x, w) = resets(x[w]) - ((first_over_time(x[w]) < bool (x offset w)) default 0)
        )
        max(prometheus_resets(a{b="c[d]"}, 5m)) > 1"""
    )


@pytest.mark.parametrize(
    "expr",
    [
        "max_over_time(a[5m])",
        "rate(a[5m] offset 1m)",
        "rate((a + b)[5m:1m])",
        "increase(a[5m] @ 0)",
        "a{x='rate(b[5m])'}",
    ],
)
def test_other_expressions_are_written_as_they_are(expr: str) -> None:
    assert for_metricsql(expr) == expr


@pytest.mark.parametrize(
    "expr",
    [
        'sum(rate(a{b=~"x(,|{1,2})"}[5m])) / sum(increase(a[1h30m])) > 0',
        "max by (a) (changes(up[5m]) or resets({__name__='b'}[1d])) + delta(c[5m] offset 1m)",
    ],
)
def test_rules_for_vmalert_are_checked_as_promql(expr: str) -> None:
    assert without_templates(for_metricsql(expr)) == expr
    assert without_templates(expr) == expr


def test_the_rules_for_vmalert_are_read_as_those_of_prometheus(tmp_path: Path) -> None:
    output = files(_shop())
    expressions = []
    for name in ("prometheus", "vmalert"):
        (tmp_path / f"{name}.yml").write_text(output[f"{name}/rules/shop.yml"])
        artifacts = obscode.read([tmp_path / f"{name}.yml"])
        expressions.append(sorted((rule.name, rule.expr) for rule in artifacts.rules()))
    assert expressions[0] == expressions[1]


def test_with_the_arithmetic_of_metricsql_expressions_are_written_as_they_are() -> None:
    group = RuleGroup("g", rules=[RecordingRule("job:a:rate5m", "sum by (job) (rate(a[5m]))")], rule_file="r")
    output = files(group, target=targets.Vmalert(arithmetic="metricsql"))
    assert "expr: sum by (job) (rate(a[5m]))\n" in output["vmalert/rules/r.yml"]


# --- on the real tools -------------------------------------------------------------------------------------------

_REQUESTS = 'http_requests_total{job="shop",instance="%s",status="%s"}'
_MINUTES = 75


def _shop() -> Service:
    errors, total = 'http_requests_total{status=~"5.."}', "http_requests_total"
    return Service(
        "shop",
        scrape=ScrapeJob(["localhost:8000"]),
        slos=[
            SLO("availability", 99.9, sli.Ratio(errors=errors, total=total)),
            SLO("minutes", 99, sli.TimeSlice(f"sum(rate({errors}[5m])) / sum(rate({total}[5m]))", below=0.05)),
        ],
        alerts=[
            Alert(
                "HighErrors",
                f"sum(rate({errors}[5m])) / sum(rate({total}[5m])) > 0.05",
                for_="5m",
                severity="page",
                summary="Many errors",
            ),
            Alert("Restarts", f"sum(resets({total}[10m])) > 0", for_="1m", severity="ticket", summary="Restarts"),
            Alert("Changes", f"max(changes({errors}[7m])) > 5", severity="ticket", summary="Changes"),
            Alert("Slow", f"sum(delta({total}[5m])) < 600", severity="ticket", summary="Slow"),
        ],
    )


def _series() -> dict[str, str]:
    """Samples every 15 s: errors for some minutes in a series that did not exist before, and a restart."""
    steps = _MINUTES * 4
    start, end, restart = 20 * 4, 35 * 4, 45 * 4 + 1
    errors = [f"{min(step, end) * 5 - start * 5}" if step > start else "_" for step in range(steps)]
    restarted = [str(17 * (step if step < restart else step - restart)) for step in range(steps)]
    return {
        _REQUESTS % ("a", "200"): f"0+20x{steps}",
        _REQUESTS % ("b", "200"): " ".join(restarted),
        _REQUESTS % ("a", "500"): " ".join(errors),
        'up{job="shop",instance="a"}': f"1x{steps}",
    }


def _unit_test(folder: Path, rules: str, key: str, order: list[str]) -> Path:
    """Unit tests that all fail: their messages have the alerts that fire at each minute."""
    (folder / f"{key}_rules.yml").write_text(rules)
    expected = [{"labels": 'none{a="b"}', "value": 1}]
    query = 'count_over_time(ALERTS{alertstate="firing"}[30s])'
    cases = [{"expr": query, "eval_time": f"{minute}m", "exp_samples": expected} for minute in range(_MINUTES)]
    inputs = [{"series": name, "values": values} for name, values in _series().items()]
    content = {
        "rule_files": [f"{key}_rules.yml"],
        "evaluation_interval": "1m",
        "group_eval_order": order,
        "tests": [{"interval": "15s", "input_series": inputs, key: cases}],
    }
    path = folder / f"{key}.yml"
    path.write_text(yaml.safe_dump(content))
    return path


def _firing(output: str) -> dict[str, list[int]]:
    """The minutes at which each alert fires, from the messages of the unit tests."""
    minutes: dict[str, list[int]] = {}
    for match in re.finditer(r"time: (\S+?),?\s+exp:.*?got:(.*?)(?=expr:|\Z)", output, re.DOTALL):
        hours, minute = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:0s)?", match[1]).groups()  # type: ignore[union-attr]
        for alert in set(re.findall(r'alertname="(\w+)"', match[2])):
            minutes.setdefault(alert, []).append(int(hours or 0) * 60 + int(minute or 0))
    return minutes


@pytest.mark.slow
def test_alerts_fire_at_the_same_minutes_on_vmalert_and_prometheus(
    newest_promtool: Tool, vmalert_tool: Path, tmp_path: Path
) -> None:
    output = files(_shop())
    rules = {key: output[f"{key}/rules/shop.yml"] for key in ("prometheus", "vmalert")}
    order = {key: [group["name"] for group in yaml.safe_load(text)["groups"]] for key, text in rules.items()}
    test = _unit_test(tmp_path, rules["prometheus"], "promql_expr_test", order["prometheus"])
    ran = subprocess.run([newest_promtool.path, "test", "rules", test], capture_output=True, text=True, timeout=120)
    expected = _firing(ran.stdout + ran.stderr)
    test = _unit_test(tmp_path, rules["vmalert"], "metricsql_expr_test", order["vmalert"])
    command = [str(vmalert_tool), "unittest", "--files", str(test), "--disableAlertgroupLabel"]
    environment = {"TMPDIR": str(tmp_path)}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert set(expected) >= {"HighErrors", "Restarts", "Changes", "Slow", "ShopAvailabilityBurnPage"}, expected
    assert _firing(ran.stdout + ran.stderr) == expected


def test_vmalert_accepts_the_rules(vmalert: Path, tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(files(_shop())["vmalert/rules/shop.yml"])
    ran = subprocess.run(
        [vmalert, "-dryRun", "-rule", tmp_path / "rules.yml"], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert json.dumps("error") not in ran.stderr
