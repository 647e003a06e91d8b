"""What an argument for discovery takes, and the keys of a configuration that it is compiled to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obscode.model.discovery.base import Discovery

#: One or several discoveries, or plain data such as `{"azure_sd_configs": [...]}`.
Discoveries = Discovery | Sequence[Discovery] | Mapping[str, Sequence[Mapping[str, Any]]]


def discoveries(value: Discoveries) -> Sequence[Discovery]:
    """The discoveries that are definitions."""
    if isinstance(value, Discovery):
        return (value,)
    return () if isinstance(value, Mapping) else value


def discovery_configs(value: Discoveries) -> dict[str, list[Mapping[str, Any]]]:
    """The keys of the discoveries, each with its items."""
    result: dict[str, list[Mapping[str, Any]]] = {}
    plain = [value] if isinstance(value, Mapping) else []
    for configs in (*plain, *(each.configurations() for each in discoveries(value))):
        for key, items in configs.items():
            result.setdefault(key, []).extend(items)
    return result
