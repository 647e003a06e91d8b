"""Small steps on the JSON of a panel; each gives a new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]


def with_options(panel: Json, **options: Any) -> Json:
    """A panel with some of its options replaced."""
    old = panel.get("options")
    return {**panel, "options": {**(old if isinstance(old, dict) else {}), **options}}


def with_defaults(panel: Json, **defaults: Any) -> Json:
    """A panel with some of its field settings replaced."""
    config = panel.get("fieldConfig") or {}
    return {**panel, "fieldConfig": {**config, "defaults": {**(config.get("defaults") or {}), **defaults}}}


def without(value: Mapping[str, Any], *keys: str) -> Json:
    """A mapping without some of its keys."""
    return {key: item for key, item in value.items() if key not in keys}


def number(text: Any) -> int | float | None:
    """What a text of an old form says, if it is a number."""
    try:
        return float(text) if "." in str(text) else int(text)
    except (TypeError, ValueError):
        return None


def root(panel: Json) -> Json:
    """What every panel of every age has."""
    keys = (
        *("title", "description", "transparent", "repeat", "repeatDirection", "maxPerRow", "datasource", "interval"),
        *("maxDataPoints", "timeFrom", "timeShift", "hideTimeOverride", "targets", "transformations", "links"),
    )
    return {key: panel[key] for key in keys if key in panel}


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> Json:
    """A mapping with what another has over it, in the order of the first."""
    result = {key: merged(value, {}) if isinstance(value, Mapping) else value for key, value in base.items()}
    for key, value in more.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def ordered(value: Mapping[str, Any], order: Sequence[str]) -> Json:
    """The known keys in their order, then the others as they came."""
    return {key: value[key] for key in (*(k for k in order if k in value), *(k for k in value if k not in order))}


def without_nulls(value: Any) -> Any:
    """Without nulls, but for where one has a meaning: a threshold's base, the open end of a range."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None or _may_be_null(key, value)}
    if isinstance(value, list | tuple):
        return [without_nulls(item) for item in value if item is not None]
    return value


def _may_be_null(key: str, holder: Mapping[str, Any]) -> bool:
    return (key == "value" and holder.keys() == {"color", "value"}) or (key in ("from", "to") and "result" in holder)


def refs() -> Iterator[str]:
    """A to Z, AA to AZ and so on: the names that Grafana gives to queries."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    yield from letters
    yield from (first + second for first in letters for second in letters)
