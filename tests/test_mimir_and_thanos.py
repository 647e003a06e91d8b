"""Rule files for Mimir and Thanos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import yaml

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
    sli,
    targets,
)
from obscode.artifacts import Artifacts
from obscode.checks import lint, registry
from obscode.findings.errors import DefinitionError
from obscode.model.burn_rate import BurnAlert, Tier
from obscode.renderers import render

CHECKS = [check for check in registry.checks() if check.name in ("mimir-limits", "mimir-group-parts")]


def compiled(
    *groups: RuleGroup, target: targets.Target, services: Sequence[Service] = (), **settings: Any
) -> Artifacts:
    project = Project("shop", targets=[target], **settings)
    return compile(Definitions(project, services=list(services), rules=list(groups)))


def written(*groups: RuleGroup, target: targets.Target, **settings: Any) -> dict[str, Any]:
    """The files of the target, as data."""
    files = render(compiled(*groups, target=target, **settings))
    return {file.path: yaml.safe_load(file.text) for file in files if file.path.startswith(("mimir/", "thanos/"))}


def record(name: str, expr: str = "up") -> RecordingRule:
    return RecordingRule(f"job:{name}:sum", expr)


def chain(length: int) -> list[RecordingRule]:
    """Records, each of which reads the one before."""
    return [record("a0"), *(record(f"a{i}", f"job:a{i - 1}:sum") for i in range(1, length))]


def names(content: dict[str, Any]) -> dict[str, list[str]]:
    return {group["name"]: [rule["record"] for rule in group["rules"]] for group in content["groups"]}


# --- Mimir -------------------------------------------------------------------------------------------------------


def test_each_rule_file_is_a_namespace() -> None:
    one, two = (RuleGroup("g", rules=[record(name)], interval="1m", rule_file=name) for name in ("one", "two"))
    assert written(one, two, target=targets.Mimir()) == {
        f"mimir/{name}.yml": {
            "namespace": name,
            "groups": [{"name": "g", "interval": "1m", "rules": [{"record": f"job:{name}:sum", "expr": "up"}]}],
        }
        for name in ("one", "two")
    }


def test_a_namespace_holds_all_rule_files_since_mimirtool_reads_it_from_one_file() -> None:
    one, two = (RuleGroup(name, rules=[record(name)], rule_file=name) for name in ("one", "two"))
    output = written(one, two, target=targets.Mimir(namespace="shop", tenant="eu"))
    assert {path: names(content) for path, content in output.items()} == {
        "mimir/eu/shop.yml": {"one": ["job:one:sum"], "two": ["job:two:sum"]}
    }


def test_groups_have_the_settings_of_the_target_and_their_own() -> None:
    target = targets.Mimir(source_tenants=["a", "b"], query_offset="2m", align_evaluation_time_on_interval=True)
    settings = {"source_tenants": ["c"], "partial_response_strategy": "warn"}
    group = RuleGroup("g", rules=[RecordingRule("job:a:sum", "up", labels={"a": "rule"})], rule_file="r", limit=3)
    group = group.derive(settings=settings, labels={"a": "group", "b": "group"})
    (written_group,) = written(group, target=target, oldest_prometheus="3.0")["mimir/r.yml"]["groups"]
    assert written_group == {
        "name": "g",
        "query_offset": "2m",
        "source_tenants": ["c"],
        "align_evaluation_time_on_interval": True,
        "limit": 3,
        "rules": [{"record": "job:a:sum", "expr": "up", "labels": {"a": "rule", "b": "group"}}],
    }


@pytest.mark.parametrize(("rules", "parts"), [(20, [20]), (21, [20, 1])])
def test_a_group_of_more_than_twenty_rules_is_written_as_several(rules: int, parts: list[int]) -> None:
    group = RuleGroup("g", rules=[record(f"a{i}") for i in range(rules)], rule_file="r")
    parted = names(written(group, target=targets.Mimir())["mimir/r.yml"])
    assert [len(part) for part in parted.values()] == parts
    assert list(parted) == ["g", "g-part-2"][: len(parts)]


def test_rules_that_read_each_other_stay_in_one_group_in_their_order() -> None:
    rules = [record("x"), *chain(3), record("y", "job:x:sum"), record("z")]
    output = written(RuleGroup("g", rules=rules, rule_file="r"), target=targets.Mimir(max_rules_per_group=3))
    assert names(output["mimir/r.yml"]) == {
        "g": ["job:x:sum", "job:y:sum", "job:z:sum"],
        "g-part-2": ["job:a0:sum", "job:a1:sum", "job:a2:sum"],
    }


def test_a_limit_of_zero_is_no_limit() -> None:
    group = RuleGroup("g", rules=[record(f"a{i}") for i in range(21)], rule_file="r")
    target = targets.Mimir(max_rules_per_group=0, max_groups=0)
    assert list(names(written(group, target=target)["mimir/r.yml"])) == ["g"]
    assert messages(compiled(group, target=target)) == []


def messages(artifacts: Artifacts) -> list[str]:
    return [finding.message for finding in lint(artifacts, CHECKS)]


def test_a_chain_that_is_longer_than_a_group_is_reported() -> None:
    group = RuleGroup("g", rules=chain(4), rule_file="r")
    assert messages(compiled(group, target=targets.Mimir(max_rules_per_group=4))) == []
    assert messages(compiled(group, target=targets.Mimir(max_rules_per_group=3))) == [
        "group g has 4 rules, and job:a3:sum reads 'job:a2:sum' in another part of it: "
        "the ruler allows 3 rules in a group"
    ]


def test_more_groups_than_the_ruler_allows_are_reported() -> None:
    groups = [RuleGroup(f"g{i}", rules=[record(f"a{i}")], rule_file="r") for i in range(3)]
    assert messages(compiled(*groups, target=targets.Mimir(max_groups=3))) == []
    assert messages(compiled(*groups, target=targets.Mimir(max_groups=2))) == [
        "the project has 3 rule groups, but the ruler allows 2"
    ]


def test_the_budget_of_an_slo_with_many_alerts_has_a_group_of_its_own() -> None:
    tiers = [Tier(f"t{i}", severity="ticket", budget=10, long=f"{i + 1}d", short="5m") for i in range(4)]
    slo = SLO(
        "a",
        99.9,
        sli.Ratio(errors="e_total", total="t_total"),
        policy=tiers,
        alerts={tier.name: BurnAlert() for tier in tiers},
    )
    service = Service("shop", scrape=ScrapeJob(["localhost:1"]), slos=[slo])
    (file,) = compiled(target=targets.Mimir(), services=[service]).rule_files
    groups = {group.name: [rule.name for rule in group.rules] for group in file.groups}
    assert all(name.startswith("slo:") for name in groups["shop-slo-a-budget"])
    assert groups["shop-slo-a-budget"][0] == "slo:tile:age_ratio"
    assert groups["shop-slo-a-long"][-1] == "ShopABurnT2"
    assert max(map(len, groups.values())) <= 20


def test_values_that_mimir_rejects_are_reported() -> None:
    with pytest.raises(DefinitionError) as raised:
        compiled(target=targets.Mimir(namespace="a/b", tenant="..", max_groups=-1, query_offset="1x"))
    assert [finding.message for finding in raised.value.findings] == [
        "namespace 'a/b' is no single name",
        "tenant '..' is no single name",
        "max_groups is -1",
        "'1x' is not a duration",
    ]


# --- Thanos ------------------------------------------------------------------------------------------------------


def test_each_group_has_the_strategy_and_the_labels() -> None:
    target = targets.Thanos(partial_response_strategy="warn", labels={"ruler": "global"}, query_offset="30s")
    group = RuleGroup("g", rules=[record("a")], rule_file="r")
    assert written(group, target=target) == {
        "thanos/rules/r.yml": {
            "groups": [
                {
                    "name": "g",
                    "partial_response_strategy": "warn",
                    "query_offset": "30s",
                    "rules": [{"record": "job:a:sum", "expr": "up", "labels": {"ruler": "global"}}],
                }
            ]
        }
    }


def test_a_global_group_is_in_the_files_of_the_ruler_and_not_in_those_of_prometheus() -> None:
    groups = [RuleGroup("g", rules=[record("a")], is_global=True, rule_file="r")]
    groups += [RuleGroup("l", rules=[record("b")], rule_file="s")]
    files = {file.path for file in render(compiled(*groups, target=targets.Thanos(only_global=True)))}
    assert {path for path in files if "/rules/" in path} == {
        "thanos/rules/r.yml",
        "prometheus/rules/s.yml",
    }


def test_the_tests_of_a_global_alert_are_not_those_of_prometheus() -> None:
    tests = [AlertTest("down", {'up{job="a"}': "0x10"}, fires=["5m"])]
    alert = Alert("Down", "up == 0", labels={"severity": "page"}, summary="Down", tests=tests)
    for is_global in (False, True):
        group = RuleGroup("g", rules=[alert], is_global=is_global, rule_file="r")
        artifacts = compiled(group, target=targets.Thanos())
        paths = {file.path for file in render(artifacts)}
        assert ("prometheus/tests/r_test.yml" in paths) is not is_global
        assert [suite.name for suite in artifacts.test_suites] == ["r/Down"]


def test_a_global_group_is_in_no_object_of_prometheus_operator() -> None:
    group = RuleGroup("g", rules=[record("a")], is_global=True, rule_file="r")
    paths = {file.path for file in render(compiled(group, target=targets.Kubernetes("monitoring", rule_labels={})))}
    assert not [path for path in paths if "/rules/" in path]
