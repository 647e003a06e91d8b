"""Definitions that are made of the nodes of a YAML file: their positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from obscode.findings.finding import SourceSpan
from obscode.model.source import Origin
from obscode.reader.yaml_nodes import YamlNode


@dataclass(frozen=True)
class YamlOrigin(Origin):
    """The mapping that a definition is made of; ``keys`` are the keys of arguments, where the names differ."""

    is_document: ClassVar[bool] = True

    node: YamlNode | None = None
    keys: Mapping[str, str] | None = None

    @classmethod
    def of(cls, node: YamlNode, keys: Mapping[str, str] | None = None) -> Self:
        """The origin of a definition that is made of a mapping."""
        by_argument = {argument: key for key, argument in (keys or {}).items() if key in node.entries}
        return cls(node.place.file, node.place.line, node, by_argument)

    def span(self, argument: str = "", item: int | None = None, positional: tuple[str, ...] = ()) -> SourceSpan | None:
        return self.node.span((self.keys or {}).get(argument, argument), item) if self.node else None

    def characters_span(
        self, argument: str, start: int, end: int, positional: tuple[str, ...] = ()
    ) -> SourceSpan | None:
        assert self.node is not None
        return self.node.characters_span((self.keys or {}).get(argument, argument), start, end)
