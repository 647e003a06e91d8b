"""A report as Markdown for a comment of a pull request: it fits, and says what it omits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from obscode.diff.change import RISKS, Change
from obscode.diff.report import Report
from obscode.diff.sentences import counted

#: The most characters of a comment of GitHub.
MOST_CHARACTERS = 65_536
# For what `obscode comment` adds, and for the sentence about omitted changes.
_ROOM = 1_000
_CODE = re.compile(r"`[^`\n]+`")
_SPECIAL = re.compile(r"[\\*\[\]<|~`]|(?<!\w)_|_(?!\w)")


def render(report: Report) -> str:
    """The report; empty if nothing changes."""
    if report.is_empty:
        return ""
    head = "\n".join(_head(report)) + "\n"
    tail = "\n".join(_tail(report))
    room = MOST_CHARACTERS - _ROOM - len(head) - len(tail)
    blocks, omitted = _fitting(report, room)
    if omitted:
        counts = Counter(change.risk for change in omitted)
        classes = ", ".join(f"{counts[risk]} {risk}" for risk in RISKS if counts[risk])
        blocks.append(
            f"\n**{counted(len(omitted), 'further change')} omitted: {classes}.** `obscode diff` prints all of them.\n"
        )
    return head + "".join(blocks) + tail


def _head(report: Report) -> Iterator[str]:
    yield f"### Monitoring: {report.summary()}"


def _tail(report: Report) -> Iterator[str]:
    first = list(report.not_compared.items())[:20]
    if first:
        yield "\n#### not compared\n"
        yield from (f"- `{path}`: {escaped(reason)}" for path, reason in first)
        if len(report.not_compared) > len(first):
            yield f"- {counted(len(report.not_compared) - len(first), 'further file')}"
    if report.cost:
        yield "\n#### cost\n"
        yield from (f"- {escaped(line)}" for line in report.cost)
    yield ""


def _fitting(report: Report, room: int) -> tuple[list[str], Sequence[Change]]:
    """The text of the changes that fit, the riskiest first, and the changes that do not."""
    blocks: list[str] = []
    changes = list(report.changes)
    for number, change in enumerate(changes):
        is_first = not number or changes[number - 1].risk != change.risk
        heading = f"\n#### {change.risk}: {RISKS[change.risk]}\n\n" if is_first else ""
        block = heading + "\n".join(_change(change)) + "\n"
        if len(block) > room:
            return blocks, changes[number:]
        room -= len(block)
        blocks.append(block)
    return blocks, ()


def _change(change: Change) -> Iterator[str]:
    place = f" <sub>{escaped(change.place)}</sub>" if change.place else ""
    yield f"- {escaped(change.sentence)}{place}"
    yield from (f"  - {escaped(effect)}" for effect in change.effects)


def escaped(text: str) -> str:
    """A text on one line without a meaning in Markdown, except code between backticks; nobody is mentioned."""
    line = " ".join(text.split())
    parts = []
    end = 0
    for match in _CODE.finditer(line):
        parts += [_plain(line[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, _plain(line[end:])])


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", text).replace("@", "&#64;")
