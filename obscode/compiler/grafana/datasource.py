"""The datasources of panels, queries, variables and annotations: those of the dashboard's variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from obscode.model import naming, variables
from obscode.model.dashboard import Dashboard, Variable

#: The datasource that a reader selects at the top of a dashboard.
PROMETHEUS = {"type": "prometheus", "uid": f"${{{naming.DATASOURCE_VARIABLE}}}"}
LOKI = {"type": "loki", "uid": f"${{{naming.LOKI_VARIABLE}}}"}
#: The datasource of a panel with queries for several.
MIXED = {"type": "datasource", "uid": "-- Mixed --"}
#: The plugin that calculates with the results of other queries.
EXPRESSIONS = "__expr__"

# Grafana's built-in datasources, which exports of old versions have as bare names.
_BUILT_IN = {
    "-- Mixed --": MIXED,
    "-- Dashboard --": {"type": "datasource", "uid": "-- Dashboard --"},
    "-- Grafana --": {"type": "grafana", "uid": "-- Grafana --"},
    "grafana": {"type": "grafana", "uid": "-- Grafana --"},
}


def normalise_datasource(datasource: Any, *, promql: bool) -> dict[str, Any] | None:
    """The datasource of a panel or a query in JSON.

    A Prometheus datasource becomes the dashboard's variable; others stay. ``promql`` means Prometheus where the JSON
    names no type.
    """
    if isinstance(datasource, str) and datasource:
        if datasource in _BUILT_IN:
            return dict(_BUILT_IN[datasource])
        return dict(PROMETHEUS) if promql else {"uid": datasource}
    if not isinstance(datasource, Mapping):
        return dict(PROMETHEUS) if promql else None
    kind = datasource.get("type")
    if kind == "prometheus" or (promql and not kind):
        return dict(PROMETHEUS)
    return {name: datasource[name] for name in ("type", "uid") if datasource.get(name)}


def datasource_of(definitions: Iterable[Variable]) -> str:
    """The reference to the first variable that selects a Prometheus datasource; empty if there is none."""
    kinds = (each for each in definitions if isinstance(each, variables.Datasource))
    return next((f"${{{each.name}}}" for each in kinds if each.type == PROMETHEUS["type"]), "")


def with_datasource(body: dict[str, Any], dashboard: Dashboard) -> dict[str, Any]:
    """The dashboard with its own datasource instead of the variable that obscode adds."""
    return replaced_datasource(body, dashboard.datasource or datasource_of(dashboard.variables))


def replaced_datasource(body: dict[str, Any], uid: str) -> dict[str, Any]:
    """The JSON with another datasource for Prometheus; an empty one is the variable that obscode adds."""
    if uid in ("", PROMETHEUS["uid"]):
        return body
    replaced: dict[str, Any] = _replaced(body, uid)
    return replaced


def _replaced(value: Any, uid: str) -> Any:
    if isinstance(value, dict):
        return {**value, "uid": uid} if value == PROMETHEUS else {k: _replaced(item, uid) for k, item in value.items()}
    return [_replaced(item, uid) for item in value] if isinstance(value, list) else value
