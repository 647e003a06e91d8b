"""Rule groups: the settings of groups of a service's own rules, and of those that obscode generates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml
from conftest import ProjectFolder
from finding_text import finding_text

from obscode import (
    SLO,
    Alert,
    AlertTest,
    Definitions,
    Project,
    RecordingRule,
    RuleGroup,
    ScrapeJob,
    Service,
    compile,
    render,
    sli,
    targets,
)
from obscode.checks import lint
from obscode.findings.errors import DefinitionError
from obscode.toolchain import Tool
from obscode.verify.promtool import check
from obscode.verify.unit_tests import run_suites

SLOW = RuleGroup("slow", interval="2m", limit=50, query_offset="30s", labels={"tier": "b"})
TEST = AlertTest("busy", {'x_total{job="a"}': "0+6000x30"}, fires=["15m"], quiet=["0m"])
RECORD = RecordingRule("job:x:rate5m", "sum by (job) (rate(x_total[5m]))", group=SLOW)
BUSY = Alert("Busy", "job:x:rate5m > 5", severity="page", summary="busy", for_="4m", group=SLOW, tests=[TEST])
SHOP = Service(
    "shop",
    scrape=ScrapeJob(["a:80"]),
    recording_rules=[RECORD, RecordingRule("job:y:rate5m", "sum by (job) (rate(y_total[5m]))")],
    slos=[SLO("up", 99.9, sli.Ratio(errors='x_total{code="500"}', total="x_total"))],
    alerts=[BUSY, Alert("Down", "up == 0", severity="page", summary="down")],
)
PROJECT = Project("team", oldest_prometheus="2.53")


def groups(service: Service = SHOP, **settings: Any) -> dict[str, dict[str, Any]]:
    """The groups of a service's rule file by name, in order."""
    files = render(compile(Definitions(PROJECT.derive(**settings), [service])))
    text = next(file.text for file in files if file.path == "prometheus/rules/shop.yml")
    return {group["name"]: group for group in yaml.safe_load(text)["groups"]}


def test_rules_with_a_group_are_in_it_with_its_settings() -> None:
    slow = groups()["slow"]
    names = [rule.get("record") or rule["alert"] for rule in slow.pop("rules")]
    assert slow == {"name": "slow", "interval": "2m", "limit": 50, "query_offset": "30s"}
    assert names == ["job:x:rate5m", "Busy"]


def test_other_rules_stay_in_the_groups_of_the_service() -> None:
    names = list(groups())
    assert [names[0], names[1], names[-1]] == ["shop-records", "slow", "shop-alerts"]
    assert [rule["alert"] for rule in groups()["shop-alerts"]["rules"]] == ["Down"]


def test_labels_of_the_group_are_labels_of_its_rules_which_every_prometheus_reads() -> None:
    record, alert = groups()["slow"]["rules"]
    assert record["labels"] == {"tier": "b"}
    assert alert["labels"] == {"tier": "b", "severity": "page", "service": "shop"}


def test_a_label_of_the_rule_wins_over_that_of_the_group() -> None:
    rule = RECORD.derive(labels={"tier": "a"})
    assert groups(SHOP.derive(recording_rules=[rule]))["slow"]["rules"][0]["labels"] == {"tier": "a"}


def test_equal_groups_are_one() -> None:
    again = RECORD.derive(name="job:z:rate5m", group=SLOW.derive())
    rules = groups(SHOP.derive(recording_rules=[RECORD, again]))["slow"]["rules"]
    assert [rule.get("record") for rule in rules] == ["job:x:rate5m", "job:z:rate5m", None]


def test_different_groups_of_one_name_are_reported() -> None:
    other = RECORD.derive(name="job:z:rate5m", group=SLOW.derive(interval="1m"))
    with pytest.raises(DefinitionError, match="slow"):
        groups(SHOP.derive(recording_rules=[RECORD, other]))


def test_all_generated_groups_have_the_settings_of_the_project_and_of_the_service() -> None:
    service = SHOP.derive(group_settings={"limit": 100}, rules=RuleGroup("written", rules=[RecordingRule("a:b", "up")]))
    settings = {
        name: (group.get("query_offset"), group.get("limit"))
        for name, group in groups(service, group_settings={"query_offset": "1m", "limit": 5}).items()
    }
    assert settings.pop("slow") == ("30s", 50)
    assert settings.pop("written") == (None, None)
    assert len(settings) > 5
    assert set(settings.values()) == {("1m", 100)}


def test_the_generated_tests_pass_with_an_offset(newest_promtool: Tool) -> None:
    artifacts = compile(Definitions(PROJECT.derive(group_settings={"query_offset": "1m"}), [SHOP]))
    assert finding_text(check(artifacts, render(artifacts), [newest_promtool], [])) == ""
    suites = [suite for suite in artifacts.test_suites if not suite.slow]
    assert [result.output for result in run_suites(suites, promtools=[newest_promtool]) if not result.passed] == []


def test_checks_know_the_interval_of_the_group() -> None:
    fast = Alert("Fast", "up == 0", severity="page", summary="down", for_="30s", group=SLOW)
    findings = lint(compile(Definitions(PROJECT, [SHOP.derive(alerts=[fast])])))
    assert "for 30s of alert Fast is shorter than the interval 2m" in finding_text(findings)


def test_a_rule_reads_what_an_earlier_group_records() -> None:
    first = RecordingRule("a:b:c", "job:z:rate5m", group=SLOW)
    second = RecordingRule("job:z:rate5m", "sum by (job) (rate(z_total[5m]))", group=SLOW)
    findings = finding_text(lint(compile(Definitions(PROJECT, [SHOP.derive(recording_rules=[first, second])]))))
    assert "job:z:rate5m" in findings
    in_order = SHOP.derive(recording_rules=[second, first])
    assert finding_text(lint(compile(Definitions(PROJECT, [in_order])))) != findings


def test_keys_of_other_systems_are_written_for_them_only() -> None:
    mimir = RECORD.derive(group=SLOW.derive(settings={"source_tenants": ["a"]}))
    service = SHOP.derive(recording_rules=[mimir], alerts=[])
    assert groups(service)["slow"]["source_tenants"] == ["a"]
    assert "source_tenants" not in groups(service, targets=[targets.Mimir(tenant="b")])["slow"]


def test_a_global_group_of_a_service_is_not_in_the_files_of_prometheus() -> None:
    rule = RECORD.derive(group=replace(SLOW, is_global=True))
    assert "slow" not in groups(SHOP.derive(recording_rules=[rule], alerts=[]))


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (RECORD.derive(group=RuleGroup("a", rules=[RECORD])), "the group of a rule has rules of its own"),
        (RuleGroup("a", rules=[RECORD]), "a rule in a RuleGroup has no group="),
        (PROJECT.derive(group_settings={"interval": "5m"}), "group_settings sets 'interval', which differs between"),
        (SHOP.derive(group_settings={"labels": {}}), "group_settings sets 'labels', which differs between the groups"),
        (RuleGroup("a", limit=-1), "limit is -1"),
    ],
)
def test_invalid_settings_are_reported(definition: Any, message: str) -> None:
    assert [finding.message for finding in definition.problems() if finding.message.startswith(message)]


def test_newer_settings_are_reported_once_at_their_place(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project='project = Project("team", group_settings={"query_offset": "1m"})\n',
        shop='slow = RuleGroup("slow", query_offset="1m", labels={"a": "b"})\n'
        'rule = RecordingRule("job:x:rate5m", "sum by (job) (rate(x_total[5m]))", group=slow)\n'
        'other = RecordingRule("job:y:rate5m", "sum by (job) (rate(y_total[5m]))")\n'
        'shop = Service("shop", recording_rules=[rule, other])\n',
    )
    lines = [line for line in project_folder.run("build").err.splitlines() if "error[" in line]
    message = "error[newer-field]: groups.query_offset needs Prometheus 2.53, but oldest_prometheus is 2.42"
    assert lines == [f"definitions/project.py:3:43: {message}", f"definitions/shop.py:3:39: {message}"]
