"""Goldens: files of cases, each a piece of definitions and what obscode says of it.

=== a service's name with a space
shop = Service("my shop")
--- exit 1
definitions/case.py:3:16: error[service-name]: 'my shop' cannot be a name
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "goldens"
_CASE = re.compile(
    r"^=== (?P<title>.+)\n(?P<source>(?:(?!=== |--- ).*\n)*)(?:--- (?P<told>(?:(?!=== ).*\n)*))?", re.MULTILINE
)


@dataclass(frozen=True)
class Golden:
    """A case: what it is about, its definitions, and what must be said of them."""

    file: Path
    title: str
    source: str
    told: str

    def __str__(self) -> str:
        return f"=== {self.title}\n{self.source}\n--- {self.told}\n"

    @property
    def id(self) -> str:
        return f"{self.file.stem}: {self.title}"


def goldens(folder: str) -> list[Golden]:
    """The cases of all files in a folder."""
    return [case for file in sorted((FOLDER / folder).glob("*.txt")) for case in read(file)]


def read(file: Path) -> list[Golden]:
    """The cases of one file."""
    matches = _CASE.finditer(file.read_text())
    return [Golden(file, m["title"], m["source"].strip("\n"), (m["told"] or "").strip("\n")) for m in matches]


def write(file: Path, cases: Iterable[Golden]) -> None:
    """Write the cases of one file."""
    file.write_text("\n".join(str(case) for case in cases))
