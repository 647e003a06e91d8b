"""The frozen base of every definition: a value that knows where it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.source import Source
from obscode.model.source import Origin, PythonCall

if TYPE_CHECKING:
    from inspect import Signature

# Their values hold no definitions. Most arguments are of these types, which a set finds faster than isinstance().
_SCALARS = frozenset({str, bytes, int, float, bool, NoneType})

# Values that a definition holds as they are. `PythonCall` is a position.
_UNCHANGED = _SCALARS | {tuple, PythonCall}

# The attribute with the children, once they are known.
_CHILDREN = "_known_children"


@cache
def _names(kind: type[Definition]) -> Mapping[str, None]:
    """The names of a class's fields, in order."""
    return dict.fromkeys(spec.name for spec in fields(kind))


class _Signature:
    """The signature of a definition's class as `help()` prints it: `ignore`, which every class has, comes last."""

    def __get__(self, definition: object, kind: type) -> Signature:
        from inspect import Signature, signature  # 5 ms that only help() needs

        _, *parameters = signature(kind.__init__).parameters.values()  # type: ignore[misc]
        return Signature(sorted(parameters, key=lambda parameter: (parameter.kind, parameter.name == "ignore")))


@dataclass(frozen=True)
class Definition(Source):
    """Base of all definitions: frozen, compared by content, with its position in the source.

    A definition never raises for an invalid value: ``problems()`` reports it, so that a build shows every error of
    every file instead of the first. A definition is the source of the artifacts that are compiled from it.
    """

    #: Keys of output files, and the argument that each is compiled from, where the names differ.
    output_keys: ClassVar[Mapping[str, str]] = {}

    ignore: Mapping[str, str] = field(default_factory=dict, kw_only=True, repr=False)
    origin: Origin = field(init=False, default_factory=PythonCall.of_caller, repr=False, compare=False)

    __signature__ = _Signature()
    #: The arguments with names of metrics, of labels, and of labels that only Alertmanager reads.
    metric_names: ClassVar[Sequence[str]] = ()
    label_names: ClassVar[Sequence[str]] = ()
    routed_labels: ClassVar[Sequence[str]] = ()
    #: In a copy that lacks some items of a list or dict: by argument, the indexes that the items had.
    kept_items: ClassVar[Mapping[str, Sequence[int]]] = {}

    def __post_init__(self) -> None:
        # Copied, so that a list or a dict that the file goes on to change changes nothing here.
        values = self.__dict__
        names = _names(type(self))
        for name, value in values.items():
            kind = type(value)
            if kind in _UNCHANGED or name not in names:
                continue
            if kind is list:
                values[name] = tuple(value)
            elif kind is dict or isinstance(value, Mapping):
                values[name] = dict(value)
            elif isinstance(value, Sequence) and not isinstance(value, str | bytes | tuple):
                values[name] = tuple(value)

    def problems(self) -> Iterator[Finding]:
        """Findings for this definition's own values, each of which has the type of its annotation."""
        yield from ()

    def children(self) -> Sequence[Definition]:
        """The definitions that this one holds."""
        known: tuple[Definition, ...] | None = vars(self).get(_CHILDREN)
        if known is None:  # every pass of a build needs them
            vars(self)[_CHILDREN] = known = tuple(self._held())
        return known

    def _held(self) -> Iterator[Definition]:
        for name in _names(type(self)):
            value = getattr(self, name)
            if type(value) in _SCALARS:
                continue
            if isinstance(value, tuple | dict):
                for item in value if isinstance(value, tuple) else value.values():
                    if type(item) not in _SCALARS and isinstance(item, Definition):
                        yield item
            elif isinstance(value, Definition):
                yield value

    def walk(self) -> Iterator[Definition]:
        """This definition and all below it, parents first."""
        waiting: list[Definition] = [self]
        while waiting:
            definition = waiting.pop()
            yield definition
            waiting += reversed(definition.children())

    def derive(self, **changes: Any) -> Self:
        """A copy with other arguments, which keeps the position.

        obscode derives its definitions so. `dataclasses.replace` in a user's file makes one with the position of that
        call.
        """
        return self._copy(**changes)

    def with_origin(self, origin: Origin) -> Self:
        """A copy with another position; the definitions that it holds keep theirs."""
        copied = self._shallow_copy()
        object.__setattr__(copied, "origin", origin)
        return copied

    def located_at(self, source: Definition) -> Self:
        """A copy that is reported at the position of another definition, with everything below it."""

        def moved(value: Any) -> Any:
            if isinstance(value, Definition):
                return value.located_at(source)
            return tuple(moved(item) for item in value) if isinstance(value, tuple) else value

        below = {spec.name: moved(getattr(self, spec.name)) for spec in fields(self)}
        return self._copy(**{**below, "origin": source.origin})

    def _copy(self, **values: Any) -> Self:
        copied = self._shallow_copy()
        vars(copied).update(values)
        copied.__post_init__()
        return copied

    def _shallow_copy(self) -> Self:
        """A copy that gets other arguments, and so has other children."""
        copied = object.__new__(type(self))  # a quarter of the time of copy.copy()
        vars(copied).update(vars(self))
        vars(copied).pop(_CHILDREN, None)
        return copied

    @property
    def file(self) -> str:
        """The file that holds the call."""
        return self.origin.file

    def span(self, part: str = "", item: int | None = None) -> SourceSpan | None:
        """The span of an argument, or of one item of it; of the whole call when the argument has no span.

        ``part`` is the argument, or the key of an output file that is compiled from it, such as `for`.
        """
        argument = self.output_keys.get(part, part)
        if item is not None and argument in self.kept_items:
            item = self.kept_items[argument][item]
        return self.origin.span(argument, item, self.positional())

    def characters_span(self, part: str, start: int, end: int) -> SourceSpan | None:
        return self.origin.characters_span(self.output_keys.get(part, part), start, end, self.positional())

    @classmethod
    def positional(cls) -> tuple[str, ...]:
        """The arguments that may be given by position, in order."""
        return tuple(spec.name for spec in fields(cls) if spec.init and not spec.kw_only)
