"""The words to avoid in CONTRIBUTING.md stand in no name, message, docstring, comment or page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from conftest import REPOSITORY

SOURCES = [
    file for folder in ("obscode", "tests", "benchmarks") for file in sorted((REPOSITORY / folder).rglob("*.py"))
]
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
_HEADING = "## Words"
_ROW = re.compile(r"^\| (?P<words>`.+?`) \| (?P<where>names|whole names|text) \| (?P<instead>.+) \|$", re.M)


@cache
def avoided(where: str) -> list[str]:
    """The words of the table for names, whole names or text."""
    table = (REPOSITORY / "CONTRIBUTING.md").read_text().partition(_HEADING)[2]
    return [
        word for row in _ROW.finditer(table) if row["where"] == where for word in re.findall(r"`(.+?)`", row["words"])
    ]


def bindings(file: Path) -> Iterator[tuple[int, str]]:
    """The names that a file introduces, with their lines, and its own name."""
    yield 1, file.stem
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.alias(asname=str(name)):
                yield node.lineno, name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield node.lineno, name


def parts(name: str) -> str:
    """`NotFoundError` and `not_found_error` as `_not_found_error_`."""
    return f"_{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', name).lower().strip('_')}_"


def avoided_names(file: Path) -> list[str]:
    """The names of a file that have a word of the table, with their lines."""
    whole, part = [f"_{word}_" for word in avoided("whole names")], [f"_{word}_" for word in avoided("names")]
    path = file.relative_to(REPOSITORY).as_posix()
    return [
        f"{path}:{line}: {name}"
        for line, name in bindings(file)
        if parts(name) in whole or any(word in parts(name) for word in part)
    ]


def avoided_text(file: Path) -> list[str]:
    """The phrases of the table in a file, with their lines; line breaks, quotes and comment signs count as spaces."""
    text = file.read_text()
    if file.name == "CONTRIBUTING.md":
        text = text.partition(_HEADING)[0]
    path = file.relative_to(REPOSITORY).as_posix()
    patterns = {phrase: r"""[\s"'#f]+""".join(map(re.escape, phrase.split())) for phrase in avoided("text")}
    return [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {phrase}"
        for phrase, pattern in patterns.items()
        for match in re.finditer(rf"\b{pattern}\b", text, re.I)
    ]


def test_the_table_has_words_for_names_and_text() -> None:
    assert "told" in avoided("names")
    assert "found" in avoided("whole names")
    assert len(avoided("text")) > 5


def test_every_row_of_the_table_is_read() -> None:
    table = (REPOSITORY / "CONTRIBUTING.md").read_text().partition(_HEADING)[2]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert [row[0] for row in _ROW.finditer(table)] == rows


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(REPOSITORY).as_posix())
def test_names_have_no_word_to_avoid(file: Path) -> None:
    assert avoided_names(file) == []


@pytest.mark.parametrize("file", [*SOURCES, *PAGES], ids=lambda file: file.relative_to(REPOSITORY).as_posix())
def test_text_has_no_phrase_to_avoid(file: Path) -> None:
    assert avoided_text(file) == []
