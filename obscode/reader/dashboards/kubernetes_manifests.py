"""Dashboards inside Kubernetes' YAML: ConfigMaps, `GrafanaDashboard`, lists of them, several documents in a file.

Each dashboard comes as a text in which it stands where it stands in the file, with blanks for all else: so what is
found in it is found at its line and column there.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml


def dashboard_texts(text: str) -> list[str]:
    """The dashboards of a YAML file. Raises yaml.YAMLError."""
    lines = text.split("\n")
    return [
        _alone(scalar, lines)
        for document in yaml.compose_all(text, _LOADER)
        for resource in _resources(document)
        for scalar in _scalars(resource)
    ]


# The one in C reads ten times as fast, and is not everywhere.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _entries(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def _resources(node: yaml.Node | None) -> Iterator[dict[str, yaml.Node]]:
    entries = _entries(node)
    items = entries.get("items") if _word(entries, "kind").endswith("List") else node
    if isinstance(items, yaml.SequenceNode):
        for item in items.value:
            yield from _resources(item)
    elif entries:
        yield entries


def _word(entries: dict[str, yaml.Node], key: str) -> str:
    value = entries.get(key)
    return value.value if isinstance(value, yaml.ScalarNode) else ""


def _scalars(resource: dict[str, yaml.Node]) -> Iterator[yaml.ScalarNode]:
    kind = _word(resource, "kind")
    held = _entries(resource.get("data" if kind == "ConfigMap" else "spec"))
    for key, value in held.items():
        wanted = key.endswith(".json") if kind == "ConfigMap" else (kind, key) == ("GrafanaDashboard", "json")
        if wanted and isinstance(value, yaml.ScalarNode):
            yield value


def _alone(scalar: yaml.ScalarNode, lines: list[str]) -> str:
    """The text of a scalar with as many empty lines before it as there are lines; a literal one keeps its indent."""
    start, end = scalar.start_mark.line, scalar.end_mark.line
    if scalar.style == "|":
        return "\n" * (start + 1) + "\n".join(lines[start + 1 : end])
    return "\n" * start + str(scalar.value)
