"""Annotations of version 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.compiler.grafana.json_parts import Json, objects
from obscode.compiler.grafana.v2.queries import data_query

_SETTINGS = ("name", "datasource", "enable", "hide", "iconColor", "filter", "target", "builtIn", "mappings")
# The annotations that readers write, which Grafana adds to each classic dashboard.
_BUILT_IN: Json = {
    "name": "Annotations & Alerts",
    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
    "builtIn": 1,
    "type": "dashboard",
}


def annotation_queries(body: Mapping[str, Any]) -> list[Json]:
    """The annotations of a dashboard, with those that readers write."""
    listed = objects(body.get("annotations"), "list")
    own = [] if any(each.get("builtIn") for each in listed) else [_BUILT_IN]
    return [_annotation(each) for each in (*own, *listed)]


def _annotation(value: Json) -> Json:
    rest = {key: item for key, item in value.items() if key not in _SETTINGS}
    spec = {
        "name": value.get("name", ""),
        "enable": bool(value.get("enable", False)),
        "hide": bool(value.get("hide", False)),
        "iconColor": value.get("iconColor") or "red",
        "query": data_query(value.get("target") or {}, value.get("datasource")),
        **({"builtIn": True} if value.get("builtIn") else {}),
        **({"filter": value["filter"]} if value.get("filter") else {}),
        **({"mappings": value["mappings"]} if value.get("mappings") else {}),
        **({"legacyOptions": rest} if rest else {}),
    }
    return {"kind": "AnnotationQuery", "spec": spec}
