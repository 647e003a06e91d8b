"""Nodes of YAML as Python, with their comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from obscode.findings.source import Source
from obscode.importers.existing.comments import Comments
from obscode.importers.existing.python_source import Item, dict_of, list_of
from obscode.importers.existing.yaml_values import plain
from obscode.model.compatibility import Program, newest
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


def oldest_version(program: Program, documents: Iterable[Source]) -> Mapping[str, str]:
    """The setting of the project with the oldest version that reads all of some YAML; empty if every one does."""
    version = newest(program.needed(node.plain()) for node in documents if isinstance(node, YamlNode))
    return {program.setting: version} if version else {}
