"""Alerting rules as Grafana evaluates them.

An alert of Prometheus fires for each series that its expression returns, whatever the value. Grafana's own import of
Prometheus' rules has three steps for that: the query, a number that is 1 for each series, and a threshold.
https://github.com/grafana/grafana/blob/main/pkg/services/ngalert/prom/convert.go
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, RuleFile, RuleGroup
from obscode.compiler.grafana_alerting import escaped
from obscode.compiler.slo_alerts import without_budget
from obscode.model import naming
from obscode.model.project import Project
from obscode.model.slo import SLO
from obscode.model.targets.grafana_alerting import GrafanaAlerting
from obscode.promql import duration
from obscode.promql.grafana_template import QUERY, grafana_template, missing_in_grafana

#: Grafana evaluates rules at multiples of ten seconds.
BASE_INTERVAL = 10_000
_MATH, _THRESHOLD = "prometheus_math", "threshold"
_EXPRESSION = {"type": "__expr__", "uid": "__expr__"}
_DASHBOARD, _PANEL = re.compile(r"/d/([A-Za-z0-9_-]{1,40})(?=[/?])"), re.compile(r"[?&]viewPanel=(?:panel-)?(\d+)")
_LONGEST_UID = 40


def rule_groups(
    file: RuleFile, target: GrafanaAlerting, artifacts: Artifacts, titles: Counter[str]
) -> list[dict[str, Any]]:
    """The groups of a file that have alerts, with these only; ``titles`` are those of the folder."""
    groups = ((group, [rule for rule in group.rules if isinstance(rule, AlertingRule)]) for group in file.groups)
    project = artifacts.project
    return [
        {
            "orgId": target.org_id,
            "name": group.name,
            "folder": target.folder or project.name,
            "interval": _interval(group.interval or project.evaluation_interval),
            "rules": [_rule(rule, _title(rule, titles), group, file, target, project) for rule in alerts],
        }
        for group, alerts in groups
        if alerts
    ]


def _interval(text: str) -> str:
    """The next multiple of ten seconds."""
    steps = -(-duration.milliseconds(text) // BASE_INTERVAL)
    return duration.format_duration(steps * BASE_INTERVAL)


def _title(rule: AlertingRule, titles: Counter[str]) -> str:
    """The title, which is the label `alertname`; a second alert of one name in a folder gets a number."""
    titles[rule.name] += 1
    return rule.name if titles[rule.name] == 1 else f"{rule.name} {titles[rule.name]}"


def _rule(
    rule: AlertingRule, title: str, group: RuleGroup, file: RuleFile, target: GrafanaAlerting, project: Project
) -> dict[str, Any]:
    content = {
        "uid": rule_uid(f"{file.name}/{group.name}/{title}", title),
        "title": title,
        "condition": _THRESHOLD,
        "data": _steps(rule.expr, target.datasource_uid or project.datasource_uid, group.settings),
        **_panel(rule.annotations),
        "noDataState": "OK",  # no series is no alert
        "execErrState": target.exec_err_state,
        "for": rule.for_ or "0s",
        "keepFiringFor": rule.keep_firing_for,
        "missing_series_evals_to_resolve": 1,  # as in Prometheus, an alert ends with its series
        "annotations": _annotations(rule),
        "labels": {
            name: escaped(grafana_template(text))
            for name, text in {**(group.settings.get("labels") or {}), **rule.labels}.items()
        },
        "isPaused": False,
    }
    return {key: value for key, value in content.items() if value not in ("", {})}


def rule_uid(place: str, title: str) -> str:
    """A stable uid of 40 characters at most: the title and a hash of the place."""
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", title)
    return f"{readable[: _LONGEST_UID - 9]}-{sha256(place.encode()).hexdigest()[:8]}"


def _annotations(rule: AlertingRule) -> dict[str, str]:
    """The annotations; those of an SLO without what they query."""
    if not isinstance(rule.source, SLO):
        return {name: grafana_template(text) for name, text in rule.annotations.items()}
    texts = {name: without_budget(text) for name, text in rule.annotations.items()}
    return {name: grafana_template(text) for name, text in texts.items() if not missing_in_grafana(text)}


def _panel(annotations: Mapping[str, str]) -> dict[str, Any]:
    """The dashboard and the panel of the link in the annotation; Grafana has both or none."""
    link = annotations.get(naming.DASHBOARD_URL, "")
    dashboard, panel = _DASHBOARD.search(link), _PANEL.search(link)
    return {"dashboardUid": dashboard[1], "panelId": int(panel[1])} if dashboard and panel else {}


def _steps(expr: str, datasource: str, settings: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    offset = duration.milliseconds(settings["query_offset"]) // 1000 if settings.get("query_offset") else 0
    prometheus = {"type": "prometheus", "uid": datasource}
    query = {"datasource": prometheus, "expr": expr, "instant": True, "range": False}
    math = f"is_number(${QUERY}) || is_nan(${QUERY}) || is_inf(${QUERY})"
    above = {"evaluator": {"params": [0], "type": "gt"}}
    return [
        _step(QUERY, datasource, query, 600 + offset, offset),
        _step(_MATH, "__expr__", {"datasource": _EXPRESSION, "expression": math, "type": "math"}),
        _step(
            _THRESHOLD,
            "__expr__",
            {"conditions": [above], "datasource": _EXPRESSION, "expression": _MATH, "type": "threshold"},
        ),
    ]


def _step(name: str, datasource: str, model: Mapping[str, Any], start: int = 0, end: int = 0) -> dict[str, Any]:
    return {
        "refId": name,
        "relativeTimeRange": {"from": start, "to": end},
        "datasourceUid": datasource,
        "model": {**model, "refId": name},
    }


def alerts(artifacts: Artifacts) -> Iterator[AlertingRule]:
    """All alerting rules."""
    yield from (rule for rule in artifacts.rules() if isinstance(rule, AlertingRule))
