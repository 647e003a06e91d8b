"""The datasources of panels, queries, variables and annotations: those of the dashboard's variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.model import naming

#: The datasource that a reader selects at the top of a dashboard.
PROMETHEUS = {"type": "prometheus", "uid": f"${{{naming.DATASOURCE_VARIABLE}}}"}
LOKI = {"type": "loki", "uid": f"${{{naming.LOKI_VARIABLE}}}"}

# Grafana's built-in datasources, which exports of old versions have as bare names.
_BUILT_IN = {
    "-- Mixed --": {"type": "datasource", "uid": "-- Mixed --"},
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
