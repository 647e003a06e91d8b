"""Goldens: files of cases, each a piece of definitions and the expected output.

=== a service's name with a space
shop = Service("my shop")
--- exit 1
definitions/case.py:3:16: error[service-name]: 'my shop' is not a valid name
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "goldens"
_CASE = re.compile(
    r"^=== (?P<title>.+)\n(?P<source>(?:(?!=== |--- ).*\n)*)(?:--- (?P<expected>(?:(?!=== ).*\n)*))?", re.MULTILINE
)


@dataclass(frozen=True)
class Golden:
    """A case: its title, its definitions and the expected output."""

    file: Path
    title: str
    source: str
    expected: str

    def __str__(self) -> str:
        return f"=== {self.title}\n{self.source}\n--- {self.expected}\n"

    @property
    def id(self) -> str:
        return f"{self.file.stem}: {self.title}"


def goldens(folder: str) -> list[Golden]:
    """The cases of all files in a folder."""
    return [case for file in sorted((FOLDER / folder).glob("*.txt")) for case in read(file)]


def read(file: Path) -> list[Golden]:
    """The cases of one file."""
    matches = _CASE.finditer(file.read_text())
    return [Golden(file, m["title"], m["source"].strip("\n"), (m["expected"] or "").strip("\n")) for m in matches]


def write(file: Path, cases: Iterable[Golden]) -> None:
    """Write the cases of one file."""
    file.write_text("\n".join(str(case) for case in cases))


def check(case: Golden, text: str, config: pytest.Config) -> None:
    """Fail unless a text is the expected one; with `--write-goldens` write it as the expected one."""
    if config.getoption("--write-goldens"):
        write(
            case.file, [replace(each, expected=text) if each.title == case.title else each for each in read(case.file)]
        )
    else:
        assert text == case.expected


#: The cases that are parameters of a collected test.
COLLECTED: set[tuple[Path, str]] = set()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note the cases of a test."""
    callspec = getattr(item, "callspec", None)
    cases = [value for value in callspec.params.values() if isinstance(value, Golden)] if callspec else []
    COLLECTED.update((case.file, case.title) for case in cases)
