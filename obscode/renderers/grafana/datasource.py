"""Which datasource a panel, a query, a variable asks: the one that the reader chose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.model import naming

#: Every panel and query asks the datasource that the dashboard's variable names.
PROMETHEUS = {"type": "prometheus", "uid": f"${{{naming.DATASOURCE_VARIABLE}}}"}
LOKI = {"type": "loki", "uid": f"${{{naming.LOKI_VARIABLE}}}"}

# Grafana's own, which exports of old versions write as bare names.
_BUILT_IN = {
    "-- Mixed --": {"type": "datasource", "uid": "-- Mixed --"},
    "-- Dashboard --": {"type": "datasource", "uid": "-- Dashboard --"},
    "-- Grafana --": {"type": "grafana", "uid": "-- Grafana --"},
    "grafana": {"type": "grafana", "uid": "-- Grafana --"},
}


def settled(given: Any, *, promql: bool) -> dict[str, Any] | None:
    """The datasource of a panel or query that came as JSON.

    Prometheus is always the one of the variable, whatever uid the JSON was exported with; others stay as they
    are. ``promql`` says that the query is one for Prometheus if nothing says otherwise.
    """
    if isinstance(given, str) and given:
        if given in _BUILT_IN:
            return dict(_BUILT_IN[given])
        return dict(PROMETHEUS) if promql else {"uid": given}
    if not isinstance(given, Mapping):
        return dict(PROMETHEUS) if promql else None
    kind = given.get("type")
    if kind == "prometheus" or (promql and not kind):
        return dict(PROMETHEUS)
    return {name: given[name] for name in ("type", "uid") if given.get(name)}
