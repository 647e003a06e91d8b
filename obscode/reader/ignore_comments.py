"""Comments that ignore findings in a YAML file: `# obscode: ignore[alert-comparison]: the reason`.

A comment at the end of a line, or on a line of its own above it, applies to the list item that the line is in: the
rule, route, receiver or scrape job. Outside of lists, it applies to the key in that line, with everything below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.suggestions import did_you_mean
from obscode.reader.yaml_nodes import YamlNode

IGNORE_COMMENT = Code(
    "ignore-comment",
    "A comment that ignores findings names a code that is reported there, and a reason.",
    why="a reason tells the next reader whether it still holds. A comment that ignores nothing hides the next finding.",
    bad="- alert: Deadman  # obscode: ignore[alert-comparison]\n",
    good="- alert: Deadman  # obscode: ignore[alert-comparison]: it always fires\n",
)

_WRITTEN = "# Written by obscode from "
_COMMENT = re.compile(r"#\s*obscode\s*:\s*ignore\b(?:\s*\[(?P<codes>[^\[\]]*)\])?(?:\s*:(?P<reason>.*)|\s*)$")


@dataclass(frozen=True)
class IgnoreComment:
    """A comment: its codes, its reason, and the lines that it applies to.

    The first line of a file that obscode wrote is an implicit one: it may ignore nothing.
    """

    codes: tuple[str, ...]
    reason: str
    span: SourceSpan
    first: int
    last: int
    is_implicit: bool = False

    def applies_to(self, finding: Finding) -> bool:
        """True if the comment ignores a finding of its file."""
        return (
            finding.code.name in self.codes
            and finding.span is not None
            and self.first <= finding.span.line <= self.last
        )


def ignore_comments(text: str, file: str, documents: Iterable[YamlNode]) -> list[IgnoreComment]:
    """The comments in the text of a file, with the ranges of lines of the values that they apply to."""
    if "obscode" not in text:
        return []
    ranges = [result for document in documents for result in _ranges(document)]
    lines = text.split("\n")
    comments = [_of_written_file(file, lines)] if lines[0].startswith(_WRITTEN) else []
    for number, line in enumerate(lines, start=1):
        if match := _COMMENT.search(line):
            target = number if line[: match.start()].strip() else _next_content(lines, number)
            first, last = _innermost(ranges, target)
            codes = tuple(code.strip() for code in (match["codes"] or "").split(",") if code.strip())
            span = SourceSpan(file, number, match.start() + 1, number, match.end() + 1)
            comments.append(IgnoreComment(codes, (match["reason"] or "").strip(), span, min(first, number), last))
    return comments


def _of_written_file(file: str, lines: Sequence[str]) -> IgnoreComment:
    """In generated rules, conditions that never hold guard against series that differ from their definition."""
    span = SourceSpan(file, 1, 1, 1, len(lines[0]) + 1)
    return IgnoreComment(("constant-condition",), "obscode wrote the file", span, 1, len(lines), is_implicit=True)


def without_ignored(
    findings: Iterable[Finding], comments: Iterable[IgnoreComment], known: Iterable[str]
) -> Iterator[Finding]:
    """The findings that no comment ignores, and what is wrong with the comments."""
    comments, known = list(comments), list(known)
    used: set[tuple[SourceSpan, str]] = set()
    for finding in findings:
        matching = [comment for comment in comments if comment.applies_to(finding)]
        used |= {(comment.span, finding.code.name) for comment in matching}
        if not matching:
            yield finding
    for comment in (comment for comment in comments if not comment.is_implicit):
        yield from _problems(comment, known, {code for span, code in used if span == comment.span})


def _problems(comment: IgnoreComment, known: list[str], used: set[str]) -> Iterator[Finding]:
    if not comment.codes:
        yield _finding(comment, "the comment names no code", "write # obscode: ignore[CODE]: REASON")
    elif not comment.reason:
        message = f"{', '.join(comment.codes)} is ignored without a reason"
        yield _finding(comment, message, "write the reason after a colon: # obscode: ignore[CODE]: REASON")
    for code in comment.codes:
        if code not in known:
            hint = did_you_mean(code, known) or "obscode explain lists them"
            yield _finding(comment, f"there is no code {code!r} to ignore", hint)
        elif code not in used:
            message = f"{code} is ignored, but reports nothing here"
            yield Finding(IGNORE_COMMENT, message, "remove it from the comment", comment.span, "warning")


def _finding(comment: IgnoreComment, message: str, hint: str) -> Finding:
    return Finding(IGNORE_COMMENT, message, hint, comment.span)


def _next_content(lines: list[str], number: int) -> int:
    """The next line that is neither blank nor a comment."""
    for following, line in enumerate(lines[number:], start=number + 1):
        if line.strip() and not line.strip().startswith("#"):
            return following
    return number


def _ranges(node: YamlNode) -> Iterator[tuple[int, int]]:
    """The lines of list items that are mappings, and of the keys outside of them."""
    waiting = [(node, False)]
    seen: set[int] = set()
    while waiting:
        value, in_list = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        for item in value.items:
            if item.entries:
                yield item.place.line, item.last_line
            waiting.append((item, True))
        for entry in value.entries.values():
            if not in_list:
                yield entry.key.line, max(entry.value.last_line, entry.key.line)
            waiting.append((entry.value, in_list))


def _innermost(ranges: list[tuple[int, int]], line: int) -> tuple[int, int]:
    around = [(last - first, first, last) for first, last in ranges if first <= line <= last]
    _, first, last = min(around, default=(0, line, line))
    return first, last
