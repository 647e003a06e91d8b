"""Findings as values of JSON, for the record of a build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan


def finding_json(finding: Finding) -> list[Any]:
    """A finding without its source as values of JSON."""
    span = astuple(finding.span) if finding.span else None
    return [finding.code.name, finding.code.summary, finding.message, finding.hint, span, finding.severity]


def finding_from_json(values: Sequence[Any]) -> Finding:
    """The finding of ``finding_json``; raises TypeError and similar for other values."""
    name, summary, message, hint, span, severity = values
    return Finding(Code(name, summary), message, hint, SourceSpan(*span) if span else None, severity)
