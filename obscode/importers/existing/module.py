"""A Python module that is made of an existing file, and the names in it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import PurePath

from obscode.importers.existing.python_source import WIDTH
from obscode.model.identifiers import slug
from obscode.reader.file_contents import FileContents


@dataclass(frozen=True)
class SourceFile:
    """An existing file: its path, its text, what was read from it, and its name in the docstring of the module.

    ``reference`` is the path from the folder of the module.
    """

    path: str
    text: str
    contents: FileContents
    name: str
    reference: str = ""


@dataclass(frozen=True)
class Part:
    """What one kind of artifact contributes to a module.

    Attributes:
        names: the public names of obscode that the statements use, such as `Alert`.
        statements: the definitions, in the layout of ruff, with comments above.
        header: comments at the top of the module.
        project: arguments of the Project, if the import writes one.
    """

    names: Set[str]
    statements: Sequence[str]
    header: Sequence[str] = ()
    project: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Names:
    """The identifiers of a module, each used once."""

    #: The name of the module's rule file.
    rule_file: str = ""
    #: The file of the Prometheus configuration without a name.
    main_config: str = ""
    #: What the modules of one import share: the names of Prometheus configurations, and Alertmanager's files.
    prometheus_names: set[str] = field(default_factory=set)
    alertmanagers: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=lambda: {"configs", "panels", "receivers", "variables"})

    def new(self, text: str, default: str) -> str:
        """An identifier made of a text, such as `node_exporter` of `node-exporter`, that is not taken."""
        name = identifier(text, default)
        number = 2
        while name in self.taken:
            name, number = f"{identifier(text, default)}_{number}", number + 1
        self.taken.add(name)
        return name

    def prometheus(self, path: str) -> str:
        """The name of a Prometheus configuration: none for the main one, others are named by their file."""
        stem = slug(re.sub(r"^prometheus(?=[._-])", "", re.sub(r"\.ya?ml$", "", PurePath(path).name))) or "prometheus"
        name, number = ("" if path == self.main_config else stem), 2
        while name in self.prometheus_names:
            name, number = f"{stem}-{number}", number + 1
        self.prometheus_names.add(name)
        return name

    def first_alertmanager(self, path: str) -> str:
        """The file of the first Alertmanager configuration, if this is not the first."""
        self.alertmanagers.append(path)
        return self.alertmanagers[0] if len(self.alertmanagers) > 1 else ""


def identifier(text: str, default: str) -> str:
    """A text in lower case with underscores: `KubeAPIServer-rules` as `kube_api_server_rules`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", text)
    name = slug(spaced).replace("-", "_") or default
    if name[0].isdigit():
        name = f"{default}_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def module_text(path: str, parts: Iterable[Part]) -> str:
    """The text of a module with the definitions of a file."""
    parts = list(parts)
    names = sorted({name for part in parts for name in part.names}, key=_isort_key)
    header = "".join(f"# {line}".rstrip() + "\n" for part in parts for line in part.header)
    blocks = [f'"""Imported from {_in_docstring(path)}."""', _import("obscode", names)]
    blocks += [statement for part in parts for statement in part.statements]
    return (header + "\n" if header else "") + "\n\n".join(blocks) + "\n"


def _in_docstring(path: str) -> str:
    return path.replace("\\", "/").replace('"', "'")


def _import(package: str, names: Sequence[str]) -> str:
    line = f"from {package} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {package} import (", *(f"    {name}," for name in names), ")"])


def _isort_key(name: str) -> tuple[int, str]:
    """ruff's order of imported names: constants, classes, functions and modules."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2), name


def plain_mapping(values: Mapping[str, object]) -> dict[str, object]:
    """The values that are not empty."""
    return {key: value for key, value in values.items() if value not in ("", 0, {}, [], None)}
