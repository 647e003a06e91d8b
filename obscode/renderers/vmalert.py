"""Rule files and VMRule objects for vmalert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.artifacts.evaluation_order import Stage, seconds_between, stages
from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rule_data import rule_data
from obscode.artifacts.rules import Rule, RuleFile
from obscode.model import naming
from obscode.model.targets.vmalert import Vmalert
from obscode.promql.metricsql import for_metricsql
from obscode.renderers.yaml_text import document

#: vmalert writes results every 2 s, and VictoriaMetrics shows them within 2 s.
SECONDS_BETWEEN_STAGES = 6
# Settings of a group that vmalert has under the same name; `query_offset` is its `eval_delay`.
_SETTINGS = (
    *("limit", "labels", "concurrency", "type", "params", "headers", "notifier_headers"),
    *("eval_offset", "eval_delay", "eval_alignment", "debug"),
)


def render(artifacts: Artifacts) -> Iterator[File]:
    """A rule file for each one of Prometheus, and with ``objects`` a VMRule, too."""
    for target in artifacts.project.targets:
        if not isinstance(target, Vmalert):
            continue
        for file in artifacts.rule_files:
            groups = rule_groups(file, target, artifacts.project.evaluation_interval)
            sources = artifacts.sources(file.source)
            yield File(naming.target_rule_file(target.folder, file.name), document({"groups": groups}, sources))
            if target.objects:
                path = naming.vmrule_file(target.folder, file.name)
                yield File(path, document(_object(file.name, target, groups), sources))


def rule_groups(file: RuleFile, target: Vmalert, interval: str) -> list[dict[str, Any]]:
    """The groups of a file, each after those that it reads."""
    ordered = stages(file, interval)
    between = seconds_between([stage for stage in ordered if stage.is_linked], interval, SECONDS_BETWEEN_STAGES)
    parts = {id(group): sum(stage.group is group for stage in ordered) for group in file.groups}
    return [_group(stage, target, interval, between, parts[id(stage.group)]) for stage in ordered]


def _group(stage: Stage, target: Vmalert, interval: str, between: int, parts: int) -> dict[str, Any]:
    group = stage.group
    settings = {key: value for key, value in group.settings.items() if key in _SETTINGS}
    return {
        "name": naming.stage_group(group.name, stage.part) if parts > 1 else group.name,
        "interval": group.interval or interval,
        **({"tenant": target.tenant} if target.tenant else {}),
        **_timing(stage, target, between, settings),
        "rules": [_rule(rule, target) for rule in stage.rules],
    }


def _timing(stage: Stage, target: Vmalert, between: int, settings: Mapping[str, Any]) -> dict[str, Any]:
    """When the group is evaluated, and its own settings, which win.

    VictoriaMetrics answers a query for now with the state of some time ago, so that all samples of that time have
    arrived: that is right for scraped series. Results of the stages before are complete; `nocache` reads those of now.
    """
    if "eval_offset" in settings or "eval_delay" in settings:
        return dict(settings)
    if not stage.is_linked:
        delay = stage.group.settings.get("query_offset") or target.eval_delay
        return ({"eval_delay": delay} if delay else {}) | dict(settings)
    visible = {"nocache": ["1"]} if stage.number else {"latency_offset": [target.latency]}
    params = dict(settings.get("params") or {}) | visible
    return {"eval_offset": f"{stage.number * between}s", **settings, "params": params}


def _rule(rule: Rule, target: Vmalert) -> dict[str, Any]:
    keys = rule_data(rule)
    return keys | {"expr": for_metricsql(rule.expr)} if target.arithmetic == "prometheus" else keys


def _object(name: str, target: Vmalert, groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    metadata = {"name": naming.kubernetes_name(name), "namespace": target.namespace, "labels": dict(target.labels)}
    return {
        "apiVersion": "operator.victoriametrics.com/v1beta1",
        "kind": "VMRule",
        "metadata": {key: value for key, value in metadata.items() if value},
        "spec": {"groups": list(groups)},
    }
