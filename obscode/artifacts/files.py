"""Files of the output."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A file of the output: its path below the output folder, with `/`, and its text."""

    path: str
    text: str
