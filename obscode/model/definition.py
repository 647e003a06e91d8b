"""The frozen base of every definition: a value that knows where it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.source import Source
from obscode.model.source import Origin, PythonCall


@dataclass(frozen=True)
class Definition(Source):
    """Base of all definitions: frozen, compared by content, with its position in the source.

    A definition never raises for an invalid value: ``problems()`` reports it, so that a build shows every error of
    every file instead of the first. A definition is the source of the artifacts that are compiled from it.
    """

    #: Keys of output files, and the argument that each is compiled from, where the names differ.
    output_keys: ClassVar[Mapping[str, str]] = {}

    ignore: Mapping[str, str] = field(default_factory=dict, kw_only=True, repr=False)
    origin: Origin = field(default_factory=PythonCall.of_caller, kw_only=True, repr=False, compare=False)

    def __post_init__(self) -> None:
        for spec in fields(self):
            value = getattr(self, spec.name)
            # Copied, so that a list or a dict that the file goes on to change changes nothing here.
            if isinstance(value, Sequence) and not isinstance(value, str | bytes | tuple):
                object.__setattr__(self, spec.name, tuple(value))
            elif isinstance(value, Mapping):
                object.__setattr__(self, spec.name, dict(value))

    def problems(self) -> Iterator[Finding]:
        """Everything wrong with this definition's own values; children tell theirs."""
        yield from ()

    def children(self) -> Iterator[Definition]:
        """The definitions that this one holds."""
        for spec in fields(self):
            value = getattr(self, spec.name)
            values: Iterable[Any] = value if isinstance(value, tuple) else (value,)
            if isinstance(value, Mapping):
                values = value.values()
            yield from (item for item in values if isinstance(item, Definition))

    def walk(self) -> Iterator[Definition]:
        """This definition and all below it, parents first."""
        yield self
        for child in self.children():
            yield from child.walk()

    def located_at(self, source: Definition) -> Self:
        """A copy that is reported at the position of another definition, with everything below it."""

        def moved(value: Any) -> Any:
            if isinstance(value, Definition):
                return value.located_at(source)
            return tuple(moved(item) for item in value) if isinstance(value, tuple) else value

        located = copy(self)
        for spec in fields(self):
            value = source.origin if spec.name == "origin" else moved(getattr(self, spec.name))
            object.__setattr__(located, spec.name, value)
        return located

    @property
    def file(self) -> str:
        """The file that it was written in."""
        return self.origin.file

    def span(self, part: str = "", item: int | None = None) -> SourceSpan | None:
        """The span of an argument, or of one item of it; of the whole call when the argument has no span.

        ``part`` is the argument, or the key of an output file that is compiled from it, such as `for`.
        """
        return self.origin.span(self.output_keys.get(part, part), item, self.positional())

    @classmethod
    def positional(cls) -> tuple[str, ...]:
        """The arguments that may be given by position, in order."""
        return tuple(spec.name for spec in fields(cls) if spec.init and not spec.kw_only)
