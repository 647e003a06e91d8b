"""Nodes of YAML as Python, with their comments."""

from __future__ import annotations

from typing import Any

from obscode.importers.existing.comments import Comments
from obscode.importers.existing.python_source import Item, dict_of, list_of
from obscode.importers.existing.yaml_values import plain
from obscode.reader.yaml_nodes import YamlNode


def value_of(node: YamlNode, comments: Comments) -> Any:
    """The value of a node, with a comment above each key and item that has one."""
    if node.entries:
        return entries_of(node, comments)
    if node.items:
        items = [(comments.take(item.place.line), item) for item in node.items]
        return list_of([Item(value_of(item, comments), "", above) for above, item in items])
    return plain(node)


def entries_of(node: YamlNode, comments: Comments, *without: str) -> Any:
    """The entries of a mapping except some keys."""
    items = {}
    for key, entry in node.entries.items():
        if key not in without:
            above = comments.take(entry.key.line)
            items[key] = Item(value_of(entry.value, comments), "", above)
    return dict_of(items)
