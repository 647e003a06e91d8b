"""Findings in SARIF 2.1.0, for code scanning and editors.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan, relative
from obscode.findings.fix import Fix
from obscode.findings.formats.report import Report

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report) -> str:
    """A log with one run: the codes that occur as rules, and a result for each finding."""
    codes = sorted({finding.code.name: finding.code for finding in report.findings}.items())
    rules = [_rule(code, report) for _, code in codes]
    numbers = {name: number for number, (name, _) in enumerate(codes)}
    driver = {"name": "obscode", "version": report.version, "rules": rules}
    run = {
        "tool": {"driver": {key: value for key, value in driver.items() if value != ""}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, numbers) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(code: Code, report: Report) -> dict[str, Any]:
    summary = " ".join(code.summary.split())
    text = f"{summary} Why: {code.why}" if code.why else summary
    # A helpUri has to be absolute.
    see = f" See {url}" if (url := report.url(code)) else ""
    return {
        "id": code.name,
        "shortDescription": {"text": summary},
        "help": {"text": text + see},
        "defaultConfiguration": {"level": code.severity},
    }


def _result(finding: Finding, numbers: Mapping[str, int]) -> dict[str, Any]:
    text = f"{finding.message}\nhint: {finding.hint}" if finding.hint else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.code.name,
        "ruleIndex": numbers[finding.code.name],
        "level": finding.severity,
        "message": {"text": text},
    }
    if finding.span:
        location = {"artifactLocation": _artifact(finding.span.file), "region": _region(finding.span)}
        result["locations"] = [{"physicalLocation": location}]
    if (edit := finding.edit) and finding.fix:
        result["fixes"] = [_fix(finding, edit, finding.fix)]
    return result


def _fix(finding: Finding, edit: SourceSpan, fix: Fix) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(edit), "insertedContent": {"text": fix.after}}
    change = {"artifactLocation": _artifact(edit.file), "replacements": [replacement]}
    return {"description": {"text": finding.hint or finding.message}, "artifactChanges": [change]}


def _artifact(file: str) -> dict[str, str]:
    """The place of a file: relative to the current folder if it is below it."""
    path = relative(file)
    if "://" in path:
        return {"uri": path}
    if path.startswith("/"):
        return {"uri": f"file://{quote(path)}"}
    return {"uri": quote(path), "uriBaseId": "%SRCROOT%"}


def _region(span: SourceSpan) -> dict[str, int]:
    """Lines and columns from 1; the end column is exclusive, too."""
    region = {
        "startLine": max(span.line, 1),
        "startColumn": max(span.column, 1),
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    return {key: value for key, value in region.items() if value}
