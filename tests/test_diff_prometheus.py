"""`obscode diff` of Prometheus' configuration: one sentence for each change, and what follows."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from obscode.artifacts.project import Artifacts
from obscode.diff.change import Change
from obscode.diff.comparison import compare
from obscode.diff.comparisons import prometheus
from obscode.reader.file_contents import read_text

Config = dict[str, Any]

CONFIG: Config = yaml.safe_load("""
global: {scrape_interval: 15s, evaluation_interval: 15s, external_labels: {cluster: eu}}
rule_files: [rules/a.yml, rules/b.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ["am:9093"]}]}]}
remote_write: [{url: "https://user:pw@mimir/api/v1/push", basic_auth: {username: u, password: secretsecret}}]
storage: {tsdb: {out_of_order_time_window: 10m}}
scrape_configs:
- job_name: shop
  static_configs: [{targets: ["a:80", "b:80"], labels: {env: prod}}]
  relabel_configs: [{source_labels: [__address__], regex: "(.*):80", target_label: instance}]
  metric_relabel_configs: [{source_labels: [__name__], regex: go_.*, action: drop}]
  sample_limit: 1000
- job_name: node
  scrape_interval: 30s
  kubernetes_sd_configs: [{role: node, namespaces: {names: [a]}}]
  bearer_token: abcdefgh12345678
""")
RULES = """groups: [{name: shop, rules: [{alert: Down, expr: 'up{job="shop"} == 0'}]}]"""


def artifacts(config: Config) -> Artifacts:
    read = read_text(yaml.safe_dump(config, sort_keys=False), "prometheus.yml")
    return Artifacts(prometheus_configs=read.prometheus_configs, rule_files=read_text(RULES, "rules.yml").rule_files)


def changes(edit: Callable[[Config], object]) -> list[Change]:
    after = copy.deepcopy(CONFIG)
    edit(after)
    return list(prometheus.compare(artifacts(CONFIG), artifacts(after)))


def shop(config: Config) -> Config:
    result: Config = config["scrape_configs"][0]
    return result


def node(config: Config) -> Config:
    result: Config = config["scrape_configs"][1]
    return result


OTHER_LABELS = "All alerts and series in remote storage have other labels: silences and routes may not match."
EDITS: dict[str, tuple[Callable[[Config], object], str]] = {
    "scrape interval of all": (
        lambda c: c["global"].update(scrape_interval="30s"),
        'changed: Prometheus: global scrape_interval 15s -> 30s. It is the value of "shop", and not of "node".',
    ),
    "evaluation interval": (
        lambda c: c["global"].update(evaluation_interval="1m"),
        "changed: Prometheus: global evaluation_interval 15s -> 1m. It is the interval of all rule groups without one.",
    ),
    "external label": (
        lambda c: c["global"]["external_labels"].update(cluster="us"),
        f'history: Prometheus: external label cluster "eu" -> "us". {OTHER_LABELS}',
    ),
    "job added": (
        lambda c: c["scrape_configs"].append({"job_name": "x", "static_configs": [{"targets": ["x:1"]}]}),
        'stricter: Scrape job "x" with 1 target is added.',
    ),
    "job removed": (
        lambda c: c["scrape_configs"].pop(0),
        'lost: Scrape job "shop" with 2 targets is removed. Alert Down still selects job="shop".',
    ),
    "job renamed": (
        lambda c: shop(c).update(job_name="store"),
        'history: Scrape job "store": job_name "shop" -> "store". '
        'Series have another job label. Alert Down still selects job="shop".',
    ),
    "interval of a job": (
        lambda c: shop(c).update(scrape_interval="1m"),
        'changed: Scrape job "shop": scrape_interval 15s (of all jobs) -> 1m.',
    ),
    "target added": (
        lambda c: shop(c)["static_configs"][0]["targets"].append("c:80"),
        'stricter: Scrape job "shop": target "c:80" added.',
    ),
    "target removed": (
        lambda c: shop(c)["static_configs"][0]["targets"].pop(),
        'lost: Scrape job "shop": target "b:80" removed.',
    ),
    "another target": (
        lambda c: shop(c)["static_configs"][0].update(targets=["a:80", "c:80"]),
        'changed: Scrape job "shop": target "b:80" -> "c:80".',
    ),
    "many targets": (
        lambda c: shop(c)["static_configs"][0]["targets"].extend(f"x{i}:80" for i in range(7)),
        'stricter: Scrape job "shop": targets "x0:80", "x1:80", "x2:80" and 4 more added.',
    ),
    "label of all targets": (
        lambda c: shop(c)["static_configs"][0]["labels"].update(env="stage"),
        'history: Scrape job "shop": label env "prod" -> "stage".',
    ),
    "label of a target": (
        lambda c: shop(c).update(
            static_configs=[
                {"targets": ["a:80"], "labels": {"env": "prod"}},
                {"targets": ["b:80"], "labels": {"env": "stage"}},
            ]
        ),
        'history: Scrape job "shop": label env of "b:80" "prod" -> "stage".',
    ),
    "relabeling": (
        lambda c: shop(c)["relabel_configs"][0].update(regex="(.*):.*"),
        'changed: Scrape job "shop": relabel_configs[1].regex "(.*):80" -> "(.*):.*".',
    ),
    "step added": (
        lambda c: shop(c)["relabel_configs"].append({"source_labels": ["env"], "regex": "dev", "action": "drop"}),
        'changed: Scrape job "shop": step of relabel_configs drop {source_labels: "env", regex: "dev"} added.',
    ),
    "step removed": (
        lambda c: shop(c)["metric_relabel_configs"].pop(),
        'changed: Scrape job "shop": step of metric_relabel_configs '
        'drop {source_labels: "__name__", regex: "go_.*"} removed.',
    ),
    "action": (
        lambda c: shop(c)["metric_relabel_configs"][0].update(action="keep"),
        'changed: Scrape job "shop": metric_relabel_configs[1].action "drop" -> "keep".',
    ),
    "limit": (
        lambda c: shop(c).update(sample_limit=500),
        'changed: Scrape job "shop": sample_limit 1000 -> 500.',
    ),
    "path": (
        lambda c: shop(c).update(metrics_path="/m"),
        'changed: Scrape job "shop": metrics_path "/metrics" (default) -> "/m".',
    ),
    "token": (
        lambda c: node(c).update(bearer_token="zzzzzzz"),
        'changed: Scrape job "node": bearer_token a secret -> another secret.',
    ),
    "discovery": (
        lambda c: node(c)["kubernetes_sd_configs"][0].update(role="pod"),
        'changed: Scrape job "node": kubernetes_sd_configs.role "node" -> "pod".',
    ),
    "discovery removed": (
        lambda c: node(c).pop("kubernetes_sd_configs"),
        'lost: Scrape job "node": discovery kubernetes_sd_configs {role: "node", namespaces: {names: "a"}} removed.',
    ),
    "rule file removed": (lambda c: c["rule_files"].pop(), 'lost: Prometheus: rule file "rules/b.yml" removed.'),
    "rule file added": (
        lambda c: c["rule_files"].append("c.yml"),
        'stricter: Prometheus: rule file "c.yml" added.',
    ),
    "another Alertmanager": (
        lambda c: c["alerting"]["alertmanagers"][0]["static_configs"][0].update(targets=["am2:9093"]),
        'changed: Prometheus: Alertmanager "am:9093" -> "am2:9093".',
    ),
    "no Alertmanager": (lambda c: c.pop("alerting"), 'lost: Prometheus: Alertmanager "am:9093" removed.'),
    "password": (
        lambda c: c["remote_write"][0]["basic_auth"].update(password="zzz"),
        "changed: Remote write to https://mimir/api/v1/push: basic_auth.password a secret -> another secret.",
    ),
    "remote write removed": (
        lambda c: c.pop("remote_write"),
        "lost: Remote write to https://mimir/api/v1/push is removed.",
    ),
    "remote write added": (
        lambda c: c["remote_write"].append({"url": "http://thanos/api"}),
        "stricter: Remote write to http://thanos/api is added.",
    ),
    "storage": (
        lambda c: c["storage"]["tsdb"].update(out_of_order_time_window="30m"),
        "changed: Prometheus: storage.tsdb.out_of_order_time_window 10m -> 30m.",
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_is_one_sentence(case: str) -> None:
    edit, expected = EDITS[case]
    assert [" ".join([f"{c.risk}:", c.sentence, *c.effects]) for c in changes(edit)] == [expected]


SAME: dict[str, Callable[[Config], object]] = {
    "jobs and rule files in another order": lambda c: (c["scrape_configs"].reverse(), c["rule_files"].reverse()),
    "defaults that are written": lambda c: shop(c).update(
        metrics_path="/metrics", scheme="http", honor_labels=False, scrape_interval="15s", scrape_timeout="10s"
    ),
    "defaults of relabeling": lambda c: shop(c)["relabel_configs"][0].update(action="replace", separator=";"),
    "targets in several groups": lambda c: shop(c).update(
        static_configs=[{"targets": [each], "labels": {"env": "prod"}} for each in ("b:80", "a:80")]
    ),
    "durations in other units": lambda c: c["storage"]["tsdb"].update(out_of_order_time_window="600s"),
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_configuration_has_no_changes(case: str) -> None:
    assert [each.sentence for each in changes(SAME[case])] == []


def test_a_configuration_is_added_and_removed() -> None:
    pair = Artifacts(), artifacts(CONFIG)
    assert [(each.risk, each.sentence) for each in prometheus.compare(*pair)] == [
        ("stricter", "The configuration of Prometheus prometheus.yml with 2 scrape jobs is added.")
    ]
    assert [(each.risk, each.sentence) for each in prometheus.compare(*reversed(pair))] == [
        ("lost", "The configuration of Prometheus prometheus.yml with 2 scrape jobs is removed.")
    ]


def test_what_changes_in_all_environments_is_one_change() -> None:
    def both(first: str, second: str) -> Artifacts:
        texts = {"prod/prometheus.yml": first, "test/prometheus.yml": second}
        read = [read_text(f"global: {{scrape_interval: {text}}}", name) for name, text in texts.items()]
        return Artifacts(prometheus_configs=[config for each in read for config in each.prometheus_configs])

    assert [each.sentence for each in compare(both("15s", "15s"), both("30s", "30s")).changes] == [
        "Prometheus: global scrape_interval 15s -> 30s."
    ]
    assert [each.sentence for each in compare(both("15s", "15s"), both("15s", "30s")).changes] == [
        "Prometheus in test/prometheus.yml: global scrape_interval 15s -> 30s."
    ]
