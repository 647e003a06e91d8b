"""Field settings of version 2: those that its type has, in their complete form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.compiler.grafana.json_parts import Json, objects

_KEYS = (
    *("displayName", "displayNameFromDS", "description", "path", "writeable", "filterable", "unit", "decimals", "min"),
    *("max", "mappings", "thresholds", "color", "links", "actions", "noValue", "custom", "fieldMinMax"),
    "nullValueMode",
)
_MATCHES = ("true", "false", "null", "nan", "null+nan", "empty")


def field_settings(defaults: Mapping[str, Any]) -> Json:
    """The settings of all fields."""
    known = {key: defaults[key] for key in _KEYS if defaults.get(key) is not None}
    return {key: setting(key, value) for key, value in known.items()}


def setting(key: str, value: Any) -> Any:
    """A setting; thresholds of older dashboards lack the value of the base, and mappings have further keys."""
    if key == "thresholds" and isinstance(value, Mapping):
        return _thresholds(value)
    if key == "mappings" and isinstance(value, list):
        return [mapping for each in value if (mapping := _mapping(each))]
    return str(value) if key == "noValue" else value


def _thresholds(value: Mapping[str, Any]) -> Json:
    """Thresholds, of which the first is the base."""
    steps = objects(value, "steps")
    base = [{"color": step.get("color") or "green", "value": None} for step in steps[:1]]
    others = [{"color": step.get("color") or "red", "value": step.get("value")} for step in steps[1:]]
    valued = [step for step in others if isinstance(step["value"], int | float)]
    return {"mode": value.get("mode") or "absolute", "steps": [*base, *valued]}


def _mapping(value: Any) -> Json | None:
    """A value mapping; None for one that Grafana does not read."""
    options = value.get("options") if isinstance(value, Mapping) else None
    if not isinstance(options, Mapping):
        return None
    kind = value.get("type")
    if kind == "value":
        results = {key: _result(each) for key, each in options.items() if isinstance(each, Mapping)}
        return {"type": kind, "options": results}
    result = _result(options.get("result") or {})
    if kind == "range":
        return {"type": kind, "options": {"from": options.get("from"), "to": options.get("to"), "result": result}}
    if kind == "regex" and "pattern" in options:
        return {"type": kind, "options": {"pattern": options["pattern"], "result": result}}
    if kind == "special" and options.get("match") in _MATCHES:
        return {"type": kind, "options": {"match": options["match"], "result": result}}
    return None


def _result(value: Mapping[str, Any]) -> Json:
    return {key: value[key] for key in ("text", "color", "icon", "index") if value.get(key) is not None}
