"""Findings as a list in JSON, for editors and other programs."""

from __future__ import annotations

import json
from typing import Any

from obscode.findings.finding import Finding, SourceSpan, relative
from obscode.findings.fix import Fix
from obscode.findings.formats.report import Report


def render(report: Report) -> str:
    """A list with an object for each finding; null where something is not known."""
    return json.dumps([_as_json(finding, report) for finding in report.findings], indent=2, ensure_ascii=False)


def _as_json(finding: Finding, report: Report) -> dict[str, Any]:
    span, edit = finding.span, finding.edit
    return {
        "code": finding.code.name,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint or None,
        "file": relative(span.file) if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line or None if span else None,
        "end_column": span.end_column or None if span else None,
        "url": report.url(finding.code) or None,
        "fixable": edit is not None,
        "fix": _edit(edit, finding.fix) if edit and finding.fix else None,
    }


def _edit(edit: SourceSpan, fix: Fix) -> dict[str, Any]:
    return {
        "line": edit.line,
        "column": edit.column,
        "end_line": edit.end_line,
        "end_column": edit.end_column,
        "before": fix.before,
        "after": fix.after,
    }
