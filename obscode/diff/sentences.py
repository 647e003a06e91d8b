"""Parts of sentences: enumerations, short quotations, edits of values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from obscode.diff.change import Edit, Risk

_SINGLE = re.compile(r"'([^'\"]*)'")
_SHORT = 60  # characters of a quotation; a longer one is cut around the first difference


def listed(texts: Iterable[str], most: int = 0) -> str:
    """`a, b and c`; with ``most``, `a, b and 3 more`."""
    items = list(texts)
    if most and len(items) > most:
        items = [*items[: most - 1], f"{len(items) - most + 1} more"]
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def counted(count: int, noun: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def quoted(text: str) -> str:
    """A text in double quotes, on one line and shortened."""
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= _SHORT else f'"{line[: _SHORT - 3].rstrip()}..."'


def double_quoted(text: str) -> str:
    """A text with its quotations in double quotes, as in all sentences of a diff: `panel "CPU"`."""
    return _SINGLE.sub(r'"\1"', text)


def quoted_pair(before: str, after: str) -> tuple[str, str]:
    """Two texts in double quotes; long ones are shortened to the words around their differences."""
    left, right = " ".join(before.split()), " ".join(after.split())
    if left == right:  # only spaces and line breaks differ
        return repr(before), repr(after)
    if max(len(left), len(right)) <= _SHORT:
        return f'"{left}"', f'"{right}"'
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    start = _word_start(left, start)
    end = max(0, end - 10)
    return _cut(left, start, end), _cut(right, start, end)


def _common(left: str, right: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def _word_start(text: str, difference: int) -> int:
    """Where a quotation begins: a word or two before the difference, less before a long word."""
    start = text.rfind(" ", 0, max(0, difference - 10)) + 1
    return start if difference - start <= _SHORT // 2 else difference - 15


def _cut(text: str, start: int, end: int) -> str:
    part = text[start : len(text) - end]
    tail = "..." if end else ""
    if len(part) > _SHORT:
        part, tail = part[: _SHORT - 3].rstrip(), "..."
    return f'"{"..." if start else ""}{part}{tail}"'


def edit(what: str, values: Iterable[str | None], risk: Risk = "changed") -> Edit:
    """The edit of a value from its texts before and after."""
    before, after = values
    return Edit(what, before, after, risk)


def sentence(subject: str, edits: Sequence[Edit]) -> str:
    """`Alert X: threshold 0.05 -> 0.1 and for 5m -> 10m.`."""
    return f"{subject}: {listed(map(str, edits))}."


def mapping_edits(before: Mapping[str, str], after: Mapping[str, str], noun: str) -> Iterator[Edit]:
    """An edit for each key whose value differs: `label team "a" -> "b"`."""
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if old is None or new is None:
            yield Edit(f"{noun} {key}", None if old is None else quoted(old), None if new is None else quoted(new))
        else:
            yield Edit(f"{noun} {key}", *quoted_pair(old, new))
