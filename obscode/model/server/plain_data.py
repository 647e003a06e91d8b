"""Plain data beside arguments: mappings are merged, lists are appended, and no other value has two sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def merged(own: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of arguments with those of plain data."""
    result = dict(own)
    for key, value in settings.items():
        present = result.get(key)
        if isinstance(present, Mapping) and isinstance(value, Mapping):
            result[key] = merged(present, value)
        elif isinstance(present, list) and isinstance(value, list | tuple):
            result[key] = [*present, *value]
        else:
            result[key] = value
    return result


def conflicts(own: Mapping[str, Any], settings: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """The paths of keys that both set, and that cannot be merged."""
    for key in settings.keys() & own.keys():
        present, value = own[key], settings[key]
        below = f"{path}.{key}" if path else str(key)
        if isinstance(present, Mapping) and isinstance(value, Mapping):
            yield from conflicts(present, value, below)
        elif not (isinstance(present, list) and isinstance(value, list | tuple)):
            yield below


def present(**settings: Any) -> dict[str, Any]:
    """The settings that are not empty, with lists for tuples."""
    return {key: plain(value) for key, value in settings.items() if value}


def plain(value: Any) -> Any:
    """A value with lists and dicts only, as YAML has it."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
