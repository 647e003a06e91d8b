"""Functions on the JSON of panels; each returns a new value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

Json = dict[str, Any]

# Most values in JSON; the others may hold further values.
_LEAVES = frozenset((str, int, float, bool))


def with_options(panel: Json, **options: Any) -> Json:
    """The panel with some of its options replaced."""
    old = panel.get("options")
    return {**panel, "options": {**(old if isinstance(old, dict) else {}), **options}}


def with_defaults(panel: Json, **defaults: Any) -> Json:
    """The panel with some of its field defaults replaced."""
    config = panel.get("fieldConfig") or {}
    return {**panel, "fieldConfig": {**config, "defaults": {**(config.get("defaults") or {}), **defaults}}}


def without(value: Mapping[str, Any], *keys: str) -> Json:
    """The mapping without some keys."""
    return {key: item for key, item in value.items() if key not in keys}


def number(text: Any) -> int | float | None:
    """The number in a text of an old form, or None."""
    try:
        return float(text) if "." in str(text) else int(text)
    except (TypeError, ValueError):
        return None


def root(panel: Json) -> Json:
    """The keys that panels of every version have."""
    keys = (
        *("title", "description", "transparent", "repeat", "repeatDirection", "maxPerRow", "datasource", "interval"),
        *("maxDataPoints", "timeFrom", "timeShift", "hideTimeOverride", "targets", "transformations", "links"),
    )
    return {key: panel[key] for key in keys if key in panel}


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> Json:
    """The first mapping with the values of the second, merged deeply, in the order of the first."""
    result = {key: merged(value, {}) if _is_mapping(value) else value for key, value in base.items()}
    for key, value in more.items():
        below = result.get(key)
        result[key] = merged(below, value) if _is_mapping(below) and _is_mapping(value) else value
    return result


def _is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    return type(value) is dict or (type(value) not in _LEAVES and isinstance(value, Mapping))


def patched(value: Mapping[str, Any], patch: Mapping[str, Any]) -> Json:
    """The mapping with a JSON merge patch: mappings are merged, null removes a key, other values replace (RFC 7396)."""
    result = dict(value)
    for key, new in patch.items():
        if new is None:
            result.pop(key, None)
        elif _is_mapping(new):
            below = result.get(key)
            result[key] = patched(below if _is_mapping(below) else {}, new)
        else:
            result[key] = new
    return result


def ordered(value: Mapping[str, Any], order: Sequence[str]) -> Json:
    """The mapping with the known keys in their order, then the others."""
    result = {key: value[key] for key in order if key in value}
    if len(result) < len(value):
        result.update((key, item) for key, item in value.items() if key not in result)
    return result


def without_nulls(value: Any) -> Any:
    """The value without nulls, except those with a meaning: the base of thresholds, the open end of a range."""
    if isinstance(value, dict):
        return {
            key: item if type(item) in _LEAVES else without_nulls(item)
            for key, item in value.items()
            if item is not None or _may_be_null(key, value)
        }
    if isinstance(value, list | tuple):
        return [without_nulls(item) for item in value if item is not None]
    return value


def objects(value: Any, key: str) -> list[Json]:
    """The objects in a list of an object; empty if one of the two has another type."""
    items = value.get(key) if isinstance(value, Mapping) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def mentions(value: Any, text: str) -> bool:
    """Whether a text is part of a string in a JSON value."""
    if isinstance(value, str):
        return text in value
    if isinstance(value, Mapping):
        return any(mentions(item, text) for pair in value.items() for item in pair)
    return isinstance(value, list | tuple) and any(mentions(item, text) for item in value)


def _may_be_null(key: str, holder: Mapping[str, Any]) -> bool:
    return (key == "value" and holder.keys() == {"color", "value"}) or (key in ("from", "to") and "result" in holder)


def refs() -> Iterator[str]:
    """The refs that Grafana gives to queries: A to Z, then AA to ZZ."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    yield from letters
    yield from (first + second for first in letters for second in letters)
