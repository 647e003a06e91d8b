"""Where a value of an output file was written: the argument of a definition, or the key of plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from obscode.findings.finding import SourceSpan
from obscode.findings.source import Source
from obscode.model.definition import Definition

#: Keys, and indexes of lists.
Path = Sequence[str | int]


def key_span(source: Source, path: Path) -> SourceSpan | None:
    """The span of the value that is written at a path of an output file, in a definition or in one below it.

    That of the innermost key of the path that is known to be written; for a YAML node, of its first key.
    """
    if not isinstance(source, Definition):
        return source.span(str(path[0]))
    return _in_definition(source, path) or source.span()


def _in_definition(definition: Definition, path: Path) -> SourceSpan | None:
    """The span in the arguments, below the definition, or of a later key: `global` and `storage` are no arguments."""
    if not path:
        return definition.span()
    return (
        _in_arguments(definition, path)
        or next((span for child in definition.children() if (span := _in_definition(child, path))), None)
        or (_in_definition(definition, path[1:]) if path[1:] else None)
    )


def _in_arguments(definition: Definition, path: Path) -> SourceSpan | None:
    names = [spec.name for spec in fields(definition)]
    argument = definition.output_keys.get(str(path[0]), str(path[0]))
    value = getattr(definition, argument) if argument in names else None
    if value and (span := _in_value(definition, argument, value, path[1:])):
        return span
    if isinstance(value, tuple) and len(path) > 1 and isinstance(path[1], int):  # items of plain data follow
        path = [path[0], path[1] - len(value), *path[2:]]
    name = next((name for name in names if name != argument and _holds(getattr(definition, name), path)), "")
    return _span(definition, name, path) if name else None


def _in_value(definition: Definition, argument: str, value: Any, path: Path) -> SourceSpan | None:
    """The span below the value of an argument."""
    if isinstance(value, tuple) and path and isinstance(path[0], int) and 0 <= path[0] < len(value):
        item = value[path[0]]
        if isinstance(item, Definition):
            return _in_definition(item, path[1:]) or item.span()
    if isinstance(value, Definition):
        return _in_definition(value, path) if path else _span(definition, argument, ())
    return _span(definition, argument, path) if _holds(value, path) else None


def _span(definition: Definition, argument: str, keys: Path) -> SourceSpan | None:
    return definition.origin.key_span(argument, keys, definition.positional())


def _holds(value: Any, path: Path) -> bool:
    """Whether plain data has a path."""
    for key in path:
        is_item = isinstance(value, list | tuple) and isinstance(key, int) and 0 <= key < len(value)
        if not is_item and not (isinstance(value, Mapping) and key in value):
            return False
        value = value[key]
    return not isinstance(value, Definition)
