"""What runs on servers, as the files that would be built for it, in the spelling of the built ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig
from obscode.artifacts.rules import RuleFile, RuleGroup
from obscode.drift.normal_form import aligned
from obscode.drift.server_defaults import defaults_of
from obscode.promql import duration
from obscode.reader.file_contents import FileContents, read_text
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_parser import parse_yaml


@dataclass(frozen=True)
class Sides:
    """What was built and what runs, for a comparison of the two."""

    built: Artifacts = field(default_factory=Artifacts)
    running: Artifacts = field(default_factory=Artifacts)


# --- rules -----------------------------------------------------------------------------------------------------------


def rule_sides(files: Sequence[RuleFile], groups: Iterable[Mapping[str, Any]], interval: str, strict: bool) -> Sides:
    """The rules of both; ``interval`` is that of groups without one on the server.

    Groups of others are left out without ``strict``: those with another name, in a file with another name.
    """
    by_name = {group.name: (file, group) for file in files for group in file.groups}
    names = {_base(file.name) for file in files}
    running: dict[str, list[dict[str, Any]]] = {file.name: [] for file in files}
    for group in groups:
        known = by_name.get(str(group["name"]))
        if known is None and not strict and _base(str(group["file"])) not in names:
            continue
        file = known[0].name if known else _file_of(str(group["file"]), files)
        running.setdefault(file, []).append(_running_group(group, known[1] if known else None, interval))
    read = [_read({"groups": groups}, name) for name, groups in running.items()]
    built = [_with_labels_in_rules(file) for file in files]
    return Sides(Artifacts(rule_files=built), Artifacts(rule_files=[file for each in read for file in each.rule_files]))


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _file_of(path: str, files: Sequence[RuleFile]) -> str:
    return next((file.name for file in files if _base(file.name) == _base(path)), _base(path))


def _running_group(group: Mapping[str, Any], built: RuleGroup | None, interval: str) -> dict[str, Any]:
    """A group of the API as a rule file has it. The API has no `query_offset`, and labels of the group at each rule."""
    length = _length(group["interval"])
    settings = {key: value for key, value in (built.settings if built else {}).items() if key != "labels"}
    if group.get("limit") or "limit" in settings:
        settings["limit"] = group.get("limit", 0)
    if built is None or built.interval or length != interval:
        settings["interval"] = built.interval if built and _is_length(built.interval, length) else length
    return {"name": group["name"], **settings, "rules": [_running_rule(rule) for rule in group["rules"]]}


def _running_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    labels = rule.get("labels") or {}
    if rule["type"] == "recording":
        content = {"record": rule["name"], "expr": rule["query"], "labels": labels}
    else:
        content = {
            "alert": rule["name"],
            "expr": rule["query"],
            "for": _length(rule.get("duration") or 0),
            "keep_firing_for": _length(rule.get("keepFiringFor") or 0),
            "labels": labels,
            "annotations": rule.get("annotations") or {},
        }
    return {key: value for key, value in content.items() if value not in ({}, "0s")}


def _length(seconds: float) -> str:
    return duration.format_duration(round(float(seconds) * 1000))


def _is_length(text: str, other: str) -> bool:
    return bool(text) and duration.milliseconds(text) == duration.milliseconds(other)


def _with_labels_in_rules(file: RuleFile) -> RuleFile:
    groups = []
    for group in file.groups:
        labels = dict(group.settings.get("labels") or {})
        settings = {key: value for key, value in group.settings.items() if key != "labels"}
        rules = [replace(rule, labels={**labels, **rule.labels}) for rule in group.rules]
        groups.append(replace(group, rules=rules, settings=settings))
    return replace(file, groups=groups)


# --- configurations --------------------------------------------------------------------------------------------------


def prometheus_sides(config: PrometheusConfig, text: str, strict: bool) -> Sides:
    """The configuration of a Prometheus. Without ``strict``, jobs of others are left out."""
    built, running = _plain(config.source), _parsed(text)
    running = _with_timeouts(running, has_timeout="scrape_timeout" in (built.get("global") or {}))
    if not strict:
        names = {job.job for job in config.scrape_configs}
        jobs = [job for job in running.get("scrape_configs") or () if job.get("job_name") in names]
        running = {**running, "scrape_configs": jobs}
    sides = [_read(each, config.source.file) for each in (built, aligned(built, running, defaults_of(running)))]
    return Sides(*(Artifacts(prometheus_configs=each.prometheus_configs) for each in sides))


_TIMEOUT = 10_000  # milliseconds, Prometheus' default


def _with_timeouts(running: Mapping[str, Any], *, has_timeout: bool) -> dict[str, Any]:
    """Without the timeouts that Prometheus fills in: of jobs that of the global settings, at most the interval."""
    settings = running.get("global") or {}
    jobs = []
    for job in running.get("scrape_configs") or ():
        lengths = [settings.get("scrape_timeout", "10s"), job.get("scrape_interval", "1m")]
        filled_in = min(duration.milliseconds(each) for each in lengths)
        own = job.get("scrape_timeout")
        is_filled_in = own and duration.milliseconds(own) == filled_in
        jobs.append(_without_timeout(job) if is_filled_in else job)
    interval = settings.get("scrape_interval", "1m")
    if not has_timeout and settings.get("scrape_timeout") == interval and duration.milliseconds(interval) < _TIMEOUT:
        settings = _without_timeout(settings)
    return {**running, "global": settings, "scrape_configs": jobs}


def _without_timeout(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key != "scrape_timeout"}


def alertmanager_sides(config: AlertmanagerConfig, text: str) -> Sides:
    """The configuration of an Alertmanager. The texts of template files cannot be read from a server."""
    built, running = _plain(config.source), _parsed(text)
    for receiver in running.get("receivers") or ():
        for slack in receiver.get("slack_configs") or ():
            if slack.get("app_token") or slack.get("app_token_file"):  # Alertmanager copies it there
                (slack.get("http_config") or {}).pop("authorization", None)
    sides = [_read(each, config.source.file) for each in (built, aligned(built, running, defaults_of(running)))]
    return Sides(*(Artifacts(alertmanager_configs=each.alertmanager_configs) for each in sides))


def _plain(source: object) -> dict[str, Any]:
    assert isinstance(source, YamlNode)
    content = source.plain()
    return content if isinstance(content, dict) else {}


def _parsed(text: str) -> dict[str, Any]:
    documents = parse_yaml(text, "the server").documents
    return _plain(documents[0]) if documents else {}


def _read(content: Mapping[str, Any], name: str) -> FileContents:
    """What a file with this content would contain; JSON is YAML."""
    return read_text(json.dumps(content, indent=1), name.removesuffix(".json") or "running.yml")
