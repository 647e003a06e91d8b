"""YAML documents of other tools: the files, their findings, and the positions of definitions that are made of them."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from obscode.findings.errors import DefinitionError, LoadError
from obscode.findings.finding import Finding, SourceSpan, relative
from obscode.importers.codes import DOCUMENT, FILE
from obscode.model import argument_types
from obscode.model.definition import Definition
from obscode.model.source import Origin, PythonCall
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_parser import parse_yaml
from obscode.reader.yaml_section import Report

_SUFFIXES = (".yaml", ".yml")
_MAX_BYTES = 20_000_000  # as for `obscode check`: about 60,000 SLOs


class DocumentError(DefinitionError):
    """Documents of another tool that were read and have errors."""

    code = DOCUMENT


class ImportReport(Report):
    """The findings of one import."""

    def raise_if_any(self, definitions: Iterable[Definition] = ()) -> None:
        """Raise DocumentError for the findings, and for those of the definitions; LoadError if YAML is invalid."""
        of_definitions = (problem for each in _with_values(definitions) for problem in argument_types.problems(each))
        if findings := [*self.findings, *of_definitions]:
            raise (LoadError if self.has_unreadable_files else DocumentError)(findings)

    has_unreadable_files = False


def _with_values(definitions: Iterable[Definition]) -> Iterator[Definition]:
    """The definitions and all below them, including the values of mappings, which are not children."""
    for definition in definitions:
        yield definition
        for each in definition.walk():
            for mapping in (value for value in vars(each).values() if isinstance(value, Mapping)):
                yield from (value for value in mapping.values() if isinstance(value, Definition))


# --- files -------------------------------------------------------------------------------------------------------


def documents(path: str | Path, report: ImportReport) -> list[YamlNode]:
    """The documents of a file, or of all YAML files in a folder and below it; the items of documents that are lists.

    A relative path starts at the folder of the file that calls the importer.
    """
    caller = PythonCall.of_caller()
    folder = Path(caller.file).parent if Path(caller.file).is_file() else Path.cwd()
    nodes = [node for file in _files(folder / path, caller.span()) for node in _read(file, report)]
    if not nodes and not report.findings:
        report.add(DOCUMENT, f"{relative(str(folder / path))} contains no document", span=caller.span())
    return nodes


def _files(path: Path, call: SourceSpan | None) -> list[Path]:
    path = Path(os.path.normpath(path))  # symbolic links are kept: the output names the file as the user does
    if path.is_file():
        return [path]
    displayed = relative(str(path))
    if not path.is_dir():
        hint = "a relative path starts at the folder of the file that it is written in"
        raise LoadError([Finding(FILE, f"{displayed} does not exist", hint, call)])
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES and _is_visible(file, path))
    if not files:
        raise LoadError([Finding(FILE, f"{displayed} contains no YAML files", "they end in .yaml or .yml", call)])
    return files


def _is_visible(file: Path, folder: Path) -> bool:
    """False for a file in a folder such as `.git`."""
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)


def _read(file: Path, report: ImportReport) -> Iterator[YamlNode]:
    linecache.checkcache(str(file))
    try:
        if (size := file.stat().st_size) > _MAX_BYTES:
            message = f"{relative(str(file))} has {size} bytes, at most {_MAX_BYTES}"
            report.add(FILE, message, "split it", SourceSpan(str(file), 1))
            return
        text = file.read_bytes().decode("utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8"
        report.has_unreadable_files = True
        report.add(FILE, f"{relative(str(file))} cannot be read: {reason}", "", SourceSpan(str(file), 1))
        return
    stream = parse_yaml(text, str(file))
    report.findings += stream.findings
    report.has_unreadable_files |= not stream.is_valid
    for node in stream.documents:
        items = node.items or (() if node.content == () else (node,))
        yield from (
            each for item in items for each in (item.entries["items"].value.items if _is_list(item) else [item])
        )


def _is_list(node: YamlNode) -> bool:
    """True for a list of Kubernetes objects, as `kubectl get -o yaml` prints it."""
    return node.text("kind").endswith("List") and "items" in node.entries


# --- positions of definitions ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DocumentOrigin(Origin):
    """The YAML node that a definition is made from, and those of its arguments."""

    is_document: ClassVar[bool] = True

    whole: SourceSpan | None = None
    arguments: Mapping[str, YamlNode] = field(default_factory=dict)

    def span(self, argument: str = "", item: int | None = None, positional: tuple[str, ...] = ()) -> SourceSpan | None:
        value = self.arguments.get(argument)
        return value.span(item=item) if value else self.whole


def origin(place: SourceSpan, **arguments: YamlNode | None) -> DocumentOrigin:
    """The origin of a definition, with the nodes that its arguments are read from."""
    present = {name: value for name, value in arguments.items() if value is not None}
    return DocumentOrigin(place.file, place.line, place, present)
