"""Where a generated definition comes from: the SLO, service or project that it was made of."""

from __future__ import annotations

from typing import TypeVar

from obscode.model.definition import Definition

_D = TypeVar("_D", bound=Definition)


def written_at(made: _D, source: Definition) -> _D:
    """A definition just made, told of at the place of another; nobody else may hold it or what is in it yet."""
    for definition in made.walk():
        object.__setattr__(definition, "origin", source.origin)
    return made
