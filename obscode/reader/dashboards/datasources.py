"""Which datasource a query reads, and what language that makes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from obscode.promql.tokens import STRING
from obscode.reader.dashboards.json_cursor import Node, Path
from obscode.reader.dashboards.model import Datasource, Language

#: Of the plugins that read PromQL, those that read nothing else; VictoriaMetrics' own reads MetricsQL.
PROMETHEUS = ("prometheus", "grafana-amazonprometheus-datasource", "grafana-azureprometheus-datasource")
LOKI = ("loki",)

_LOGQL = re.compile(r"\||\}\s*!=\s*S|\}\s*!~\s*S|\bunwrap\b|\b(?:bytes_rate|bytes_over_time)\b")


def datasource(node: Node, kinds: Mapping[str, str]) -> Datasource:
    """The datasource that stands at a node: nothing, a name, or {type, uid}.

    ``kinds`` are the plugins of the variables and inputs that may be named.
    """
    if isinstance(node.value, dict):
        result = Datasource(node.text("type"), node.text("uid") or node.text("name"), node.path)
    elif isinstance(node.value, str):
        result = Datasource("", node.value, node.path)
    else:
        node.noted(dict)
        return Datasource(path=node.path)
    # The variable decides what is read; the type beside it is only Grafana's note of it.
    return replace(result, type=kinds.get(result.variable) or result.type or _named(result.name))


def of_group(group: str, name: str, path: Path, kinds: Mapping[str, str]) -> Datasource:
    """The datasource of a query in a v2 resource."""
    result = Datasource(group, name, path)
    return replace(result, type=kinds.get(result.variable) or group or _named(name))


def _named(name: str) -> str:
    """The plugin that a name tells, for those that people name so."""
    lower = name.lower()
    for word in ("victoria", "loki", "prometheus"):
        if word in lower:
            return word
    return ""


def language(result: Datasource, expr: str) -> Language:
    """What `expr` is written in: where the plugin is not known, what it looks like."""
    if result.type in PROMETHEUS:
        return "promql"
    if result.type in LOKI:
        return "logql"
    if result.type or (result.built_in and result.name != "-- Mixed --"):
        return ""
    if not expr.strip():
        return ""
    return "logql" if looks_like_logql(expr) else "promql"


def looks_like_logql(expr: str) -> bool:
    """Whether a text has what PromQL has not: pipes, line filters."""
    return bool(_LOGQL.search(STRING.sub("S", expr)))
