"""A page as Markdown, as GitHub and GitLab show it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from obscode.handbook.blocks import Block, Code, Facts, Heading, Line, Paragraph, Span, Table

_SPECIAL = re.compile(r"[\\`*\[\]<>|#~$]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_AMBIGUOUS = re.compile(r"[\s()]")
_MARKER = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)", re.MULTILINE)


def render(title: str, blocks: Sequence[Block], marker: str) -> str:
    """The page; its first line is a comment with ``marker``."""
    return "\n\n".join([f"<!-- {marker} -->", f"# {_escape(title)}", *map(_block, blocks)]) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            anchor = f'<a id="{block.anchor}"></a>\n\n' if block.anchor else ""
            return f"{anchor}{'#' * block.level} {_escape(block.text)}"
        case Paragraph():
            return _MARKER.sub(r"\1\\\2", _line(block.line))
        case Code():
            fence = "`" * max(3, _longest_run(block.text) + 1)
            return f"{fence}promql\n{block.text}\n{fence}"
        case Facts():
            return "\n".join(f"- **{_escape(name)}**: {_one_line(value)}" for name, value in block.items)
        case Table():
            return "\n".join([_row(map(_escape, block.head)), _row("---" for _ in block.head), *_rows(block)])


def _rows(table: Table) -> list[str]:
    return [_row(_one_line(cell) for cell in row) for row in table.rows]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _one_line(line: Line) -> str:
    return " ".join(_line(line).split())


def _line(line: Line) -> str:
    return "".join(map(_span, line))


def _span(span: Span) -> str:
    if span.is_code:
        ticks = "`" * (_longest_run(span.text) + 1)
        padding = " " if span.text.startswith("`") or span.text.endswith("`") else ""
        return f"{ticks}{padding}{' '.join(span.text.split())}{padding}{ticks}".replace("|", "\\|")
    text = _escape(span.text)
    href = f"<{span.href}>" if _AMBIGUOUS.search(span.href) else span.href
    return f"[{text}]({href})" if span.href else text


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", text)


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
