"""Nodes of YAML as plain values of Python."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from obscode.reader.yaml_nodes import YamlNode


def plain(node: YamlNode) -> Any:
    """The value of a node: a dict, a list, a string, a number, True, False or None."""
    if node.entries:
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node.content, tuple):
        return [plain(item) for item in node.items]
    if isinstance(node.content, Decimal):
        whole = node.content == node.content.to_integral_value() and node.raw.lstrip("+-").isdigit()
        return int(node.content) if whole else float(node.content)
    return {} if isinstance(node.content, dict) else node.content


def plain_entries(node: YamlNode | None, *without: str) -> dict[str, Any]:
    """The entries of a mapping that have a value, except some keys."""
    entries = node.entries if node else {}
    return {key: plain(e.value) for key, e in entries.items() if key not in without and e.value.content is not None}
