"""What counts as absent in the JSON of a dashboard: null, empty values, and values that are defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.compiler.grafana.json_parts import Json


def filled(value: Mapping[str, Any]) -> Json:
    """The mapping without null and empty values."""
    return {key: item for key, item in value.items() if item is not None and item not in ("", [], {})}


def without_nulls(value: Any) -> Any:
    """The value without null, deeply."""
    if isinstance(value, Mapping):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list | tuple) else value


def without_defaults(value: Mapping[str, Any], defaults: Mapping[str, Any]) -> Json:
    """The mapping without the values of defaults, deeply."""
    new: Json = {}
    for key, item in value.items():
        default = defaults.get(key)
        if isinstance(item, Mapping) and isinstance(default, Mapping):
            if below := without_defaults(item, default):
                new[key] = below
        elif key not in defaults or not _equal(item, default):
            new[key] = item
    return new


def _equal(value: Any, other: Any) -> bool:
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)
