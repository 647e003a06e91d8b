"""The comments of a YAML file, each with the value that it belongs to."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.checks import registry
from obscode.reader.file_contents import FileContents
from obscode.reader.yaml_nodes import BLOCK_STYLES, YamlNode, YamlText

#: A comment of obscode, which becomes an argument.
IGNORES = re.compile(r"obscode\s*:\s*ignore\b")
_MARK = re.compile(r"^---", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|(?<=\s))#+[ \t]?(.*?)[ \t\r]*$", re.MULTILINE)


#: A line below all others.
LAST_LINE = 10**9
_DASH = len("- ")


@dataclass(frozen=True)
class _Comment:
    line: int
    column: int
    text: str
    is_alone: bool


class Comments:
    """Comments by the line of the value that they are written above or beside, and those below values.

    A comment that is indented more than the next value is below the one before. Each is returned once.
    """

    def __init__(self, root: YamlNode) -> None:
        """``root`` is a document; its comments, and those between it and the one before, are read."""
        self._by_line: dict[int, list[str]] = {}
        self._below: list[_Comment] = []
        self._places = _places(root)
        text = next((node.source_text for node in _walk(root) if node.source_text), None)
        self._lines = list(self._places)
        for comment in _comments(root, text) if text and not text.fixed else ():
            if line := self._line_of(comment):
                self._by_line.setdefault(line, []).append(comment.text)
            else:
                self._below.append(comment)

    def take(self, *lines: int) -> list[str]:
        """The comments of the values that begin in these lines."""
        return [comment for line in lines for comment in self._by_line.pop(line, ())]

    def within(self, node: YamlNode, end: int) -> list[str]:
        """The comments in a mapping that were not taken, and those below it up to a line that are indented as it is."""
        first, column = node.place.line, node.place.column
        inside = self.take(*(line for line in sorted(self._by_line) if first <= line <= node.last_line))
        return [*inside, *self.below(end, column)]

    def below(self, end: int, column: int = 0) -> list[str]:
        """The comments below values, above a line, that are indented to a column at least."""
        taken = [comment for comment in self._below if comment.line < end and comment.column >= column]
        self._below = [comment for comment in self._below if comment not in taken]
        return [comment.text for comment in taken]

    def rest(self) -> list[str]:
        """All comments that were not taken."""
        return [*self.take(*sorted(self._by_line)), *self.below(LAST_LINE)]

    def before(self, line: int) -> list[str]:
        """The comments of values that begin before a line, and were not taken."""
        return self.take(*sorted(each for each in self._by_line if each < line))

    def _line_of(self, comment: _Comment) -> int:
        following = bisect_right(self._lines, comment.line)
        above = self._lines[following - 1] if following else 0
        below = self._lines[following] if following < len(self._lines) else 0
        if above and not comment.is_alone:
            return above
        return below if below and (not above or comment.column <= self._places[below]) else 0


def _places(root: YamlNode) -> Mapping[int, int]:
    """The lines in which values begin, each with the column of the first, in order."""
    places: dict[int, int] = {}
    for node in _walk(root):
        for entry in node.entries.values():
            places[entry.key.line] = min(entry.key.column, places.get(entry.key.line, LAST_LINE))
        for item in node.items:
            places[item.place.line] = min(item.place.column - _DASH, places.get(item.place.line, LAST_LINE))
    return dict(sorted(places.items()))


def _walk(root: YamlNode) -> Iterator[YamlNode]:
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += [entry.value for entry in node.entries.values()] + list(node.items)


def _comments(root: YamlNode, text: YamlText) -> Iterator[_Comment]:
    """The comments of a document and above it: `#` after a space, outside of scalars."""
    scalars = sorted(_range(node) for node in _walk(root) if node.source_text is text)
    if not scalars:
        return
    starts = [start for start, _ in scalars]
    for match in _COMMENT.finditer(text.text, *_document(text.text, starts)):
        before = bisect_right(starts, match.start()) - 1
        is_inside = before >= 0 and match.start() < scalars[before][1]
        if is_inside or IGNORES.match(match[1]):
            continue
        span = text.span(match.start(), match.start() + 1)
        line_start = text.text.rfind("\n", 0, match.start()) + 1
        alone = not text.text[line_start : match.start()].strip()
        yield _Comment(span.line, span.column, match[1], alone)


def _range(node: YamlNode) -> tuple[int, int]:
    """The characters of a scalar, without the header of a block, and without blank lines and comments after it."""
    assert node.source_text is not None
    text, start = node.source_text.text, node.start
    if node.style in BLOCK_STYLES:
        start = text.find("\n", start) + 1 or node.end
    return start, start + len(text[start : node.end].rstrip())


def _document(text: str, starts: Sequence[int]) -> tuple[int, int]:
    """The range of a document in its text, with the comments above it."""
    marks = [match.start() for match in _MARK.finditer(text)]
    first = max((mark for mark in marks if mark <= starts[0]), default=0)
    if not re.sub(r"#.*|^---.*", "", text[:first], flags=re.MULTILINE).strip():
        first = 0
    return first, min((mark for mark in marks if mark > starts[-1]), default=len(text))


def ignored(node: YamlNode, contents: FileContents) -> dict[str, str]:
    """The codes of checks that comments ignore in a mapping, with the reasons: a value of `ignore=`."""
    known = registry.configurable()
    of_node = [each for each in contents.comments if each.first <= node.place.line and each.last == node.last_line]
    return {code: comment.reason for comment in of_node for code in comment.codes if code in known and comment.reason}
