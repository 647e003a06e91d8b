"""The difference of two JSON values as a merge patch (RFC 7396)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.compiler.grafana.json_parts import Json


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Json:
    """What to merge into the first mapping to get the second; None removes a key."""
    patch: Json = {}
    for key, value in after.items():
        old = before.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            if below := difference(old, value):
                patch[key] = below
        elif key not in before or old != value or isinstance(old, bool) != isinstance(value, bool):
            patch[key] = value
    return patch | {key: None for key in before if key not in after}
