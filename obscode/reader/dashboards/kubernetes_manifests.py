"""Read dashboards in Kubernetes manifests: ConfigMaps, `GrafanaDashboard`, lists of them, several documents in a file.

Each dashboard is a text with the positions of the file: the lines and columns before it are blank.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from obscode.reader.yaml_nodes import YamlNode


def dashboard_texts(documents: Iterable[YamlNode]) -> list[str]:
    """The dashboards in the documents of a YAML file."""
    return [aligned_text(value) for node in documents for item in resources(node) for value in _dashboards(item)]


def resources(node: YamlNode) -> Iterator[YamlNode]:
    """The objects in a document: the document, or the items of a list, at any depth."""
    items = node.get("items") if node.text("kind").endswith("List") else node
    if items and items.items:
        for item in items.items:
            yield from resources(item)
    elif node.entries:
        yield node


def _dashboards(resource: YamlNode) -> Iterator[YamlNode]:
    kind = resource.text("kind")
    holder = resource.get("data" if kind == "ConfigMap" else "spec")
    for key, entry in holder.entries.items() if holder else ():
        is_dashboard = key.endswith(".json") if kind == "ConfigMap" else (kind, key) == ("GrafanaDashboard", "json")
        if is_dashboard and isinstance(entry.value.content, str):
            yield entry.value


def aligned_text(value: YamlNode) -> str:
    """The text of a scalar after blank lines, with the indentation of the file, so that positions agree."""
    text = value.nested_text()
    if text.fixed:
        return "\n" * (text.fixed.line - 1) + text.text
    indent = " " * text.column
    return "\n" * text.line + "\n".join(indent + line if line else line for line in text.text.split("\n"))
