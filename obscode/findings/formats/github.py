"""Findings as workflow commands, which GitHub shows as annotations of the lines of a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.findings.finding import Finding, relative
from obscode.findings.formats.report import Report

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
# As https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts.
_IN_MESSAGES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_IN_MESSAGES, ":": "%3A", ",": "%2C"}


def render(report: Report) -> str:
    """A line for each finding."""
    return "\n".join(map(_command, report.findings))


def _command(finding: Finding) -> str:
    properties = ",".join(f"{name}={_escaped(value, _IN_PROPERTIES)}" for name, value in _properties(finding))
    text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
    return f"::{_COMMANDS[finding.severity]} {properties}::{_escaped(text, _IN_MESSAGES)}"


def _properties(finding: Finding) -> Iterator[tuple[str, str]]:
    if span := finding.span:
        yield "file", relative(span.file)
        yield "line", str(span.line)
        # GitHub drops the columns of an annotation of several lines.
        is_one_line = span.end_line in (0, span.line)
        if is_one_line:
            yield "col", str(span.column)
        if span.end_line:
            yield "endLine", str(span.end_line)
        if is_one_line and span.end_column:
            yield "endColumn", str(span.end_column)
    yield "title", finding.code.name


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
