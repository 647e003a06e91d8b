"""Findings in a dashboard's JSON: each has a path, which becomes a line of a file or an argument of a definition."""

from __future__ import annotations

from dataclasses import dataclass, field

from obscode.findings.code import Code, Severity
from obscode.findings.finding import Finding
from obscode.findings.fix import Fix
from obscode.reader.dashboards.json_cursor import Path
from obscode.reader.dashboards.json_positions import Span
from obscode.reader.dashboards.model import Panel, Target


@dataclass(frozen=True)
class DashboardFinding(Finding):
    """A finding whose position is a path in the JSON.

    Attributes:
        path: of the value that is wrong.
        panel: the panel that it is in, if any.
        target: the query that it is in, if any.
        characters: first and last character in the text at the path, or in the file if the path is empty.
        dashboard: the dashboard's title.
        file_only: a check of definitions reports it for compiled dashboards.
    """

    path: Path = field(default=(), kw_only=True)
    panel: Panel | None = field(default=None, kw_only=True, compare=False, repr=False)
    target: Target | None = field(default=None, kw_only=True, compare=False, repr=False)
    characters: Span | None = field(default=None, kw_only=True)
    dashboard: str = field(default="", kw_only=True)
    file_only: bool = field(default=False, kw_only=True)


def finding(
    code: Code,
    message: str,
    hint: str,
    path: Path,
    panel: Panel | None = None,
    target: Target | None = None,
    severity: Severity | None = None,
    span: Span | None = None,
    *,
    file_only: bool = False,
    fix: Fix | None = None,
) -> DashboardFinding:
    """A finding at a path of the JSON, or at some characters (``span``) of the text there; ``fix`` replaces them."""
    return DashboardFinding(
        code,
        message,
        hint,
        severity=severity or code.severity,
        path=path,
        panel=panel,
        target=target,
        characters=span,
        file_only=file_only,
        fix=fix,
    )
