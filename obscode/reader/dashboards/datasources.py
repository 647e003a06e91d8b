"""The datasource of a query, and the query language."""

from __future__ import annotations

import re
from collections.abc import Mapping

from obscode.promql.tokens import STRING
from obscode.reader.dashboards.json_cursor import Node, Path
from obscode.reader.dashboards.model import Datasource, Language, variable_name

#: Plugins whose query language is PromQL only; that of VictoriaMetrics also reads MetricsQL.
PROMETHEUS = ("prometheus", "grafana-amazonprometheus-datasource", "grafana-azureprometheus-datasource")
LOKI = ("loki",)

_LOGQL = re.compile(r"\||\}\s*!=\s*S|\}\s*!~\s*S|\bunwrap\b|\b(?:bytes_rate|bytes_over_time)\b")


def datasource(node: Node, kinds: Mapping[str, str]) -> Datasource:
    """The datasource in a node: missing, a name, or {type, uid}.

    ``kinds`` are the plugins of variables and inputs, by name.
    """
    if isinstance(node.value, dict):
        kind, name = node.text("type"), node.text("uid") or node.text("name")
    elif isinstance(node.value, str):
        kind, name = "", node.value
    else:
        node.noted(dict)
        return Datasource(path=node.path)
    return of_group(kind, name, node.path, kinds)


def of_group(group: str, name: str, path: Path, kinds: Mapping[str, str]) -> Datasource:
    """The datasource of a query in a v2 resource, whose group is the plugin."""
    # The variable decides, not the type that Grafana saved with it.
    return Datasource(kinds.get(variable_name(name)) or group or _named(name), name, path)


def _named(name: str) -> str:
    """The plugin of a datasource that is named like it."""
    lower = name.lower()
    for word in ("victoria", "loki", "prometheus"):
        if word in lower:
            return word
    return ""


def language(result: Datasource, expr: str) -> Language:
    """The language of `expr`; for an unknown plugin, inferred from the text."""
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
    """True if a text has syntax that PromQL does not have: pipes, line filters."""
    return bool(_LOGQL.search(STRING.sub("S", expr)))
