"""Queries of version 2: the plugin, the datasource and the settings are apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.compiler.grafana.json_parts import Json

_VERSION = "v0"


def data_query(spec: Mapping[str, Any], source: Any) -> Json:
    """A query with its settings; ``source`` is the datasource as in classic JSON."""
    return {"kind": "DataQuery", **plugin(source), "version": _VERSION, "spec": dict(spec)}


def plugin(source: Any) -> Json:
    """The plugin and the name of a datasource."""
    source = source if isinstance(source, Mapping) else {"uid": source} if source else {}
    named = {"datasource": {"name": source["uid"]}} if source.get("uid") else {}
    return {"group": source.get("type") or "", **named}
