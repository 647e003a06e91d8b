"""The text of a page, before it is Markdown or HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# What a browser may open; a runbook of a file may be anything.
_OPENED = re.compile(r"(https?://|mailto:|[\w./#%?=&-]+$)")


@dataclass(frozen=True)
class Span:
    """A part of a line: plain, code or a link."""

    text: str
    href: str = ""
    is_code: bool = False


#: A line of text.
Line = Sequence[Span]


@dataclass(frozen=True)
class Heading:
    """A heading; the page has level 1. ``anchor`` is the name by which links find it."""

    level: int
    text: str
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    line: Line


@dataclass(frozen=True)
class Code:
    """Lines of PromQL."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Values with their names."""

    items: Sequence[tuple[str, Line]]


@dataclass(frozen=True)
class Table:
    """A table."""

    head: Sequence[str]
    rows: Sequence[Sequence[Line]]


Block = Heading | Paragraph | Code | Facts | Table


def line(text: str) -> Line:
    """A line of plain text."""
    return [Span(text)]


def code(text: str) -> Line:
    """A line of code; none for an empty text."""
    return [Span(text, is_code=True)] if text else []


def link(text: str, href: str) -> Span:
    """A link; plain text if a browser would not open it as a page."""
    return Span(text, href if _OPENED.match(href) else "")


def joined(lines: Sequence[Line], separator: str = ", ") -> Line:
    """Lines as one line."""
    spans: list[Span] = []
    for each in lines:
        spans += [*([Span(separator)] if spans else []), *each]
    return spans


def text_of(value: Line) -> str:
    """The text of a line."""
    return "".join(span.text for span in value)


def table(head: Sequence[str], rows: Sequence[Sequence[Line]]) -> Table:
    """A table without the columns that are empty."""
    used = [index for index in range(len(head)) if any(text_of(row[index]) for row in rows)]
    return Table([head[index] for index in used], [[row[index] for index in used] for row in rows])
