"""Findings as a report of Code Quality, which GitLab shows in merge requests.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import Any

from obscode.findings.finding import Finding, SourceSpan, relative
from obscode.findings.formats.report import Report

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(report: Report) -> str:
    """A list with an object for each finding that has a place: GitLab rejects a report with others."""
    seen: Counter[str] = Counter()
    items = []
    for finding in report.findings:
        if finding.span is not None:
            identity = f"{finding.code.name}\0{relative(finding.span.file)}\0{finding.message}"
            items.append(_as_json(finding, finding.span, f"{identity}\0{seen[identity]}"))
            seen[identity] += 1
    return json.dumps(items, indent=2, ensure_ascii=False)


def _as_json(finding: Finding, span: SourceSpan, identity: str) -> dict[str, Any]:
    """The fingerprint has no line, so that a finding that moves is not a new one."""
    return {
        "description": f"{finding.message}; {finding.hint}" if finding.hint else finding.message,
        "check_name": finding.code.name,
        "fingerprint": sha256(identity.encode()).hexdigest(),
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": relative(span.file), "lines": {"begin": span.line}},
    }
