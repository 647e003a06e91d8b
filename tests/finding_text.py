"""Findings as a user reads them, but for the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from obscode.findings.finding import Finding


def finding_text(findings: Iterable[Finding]) -> str:
    """The texts of findings, one below the other; an empty string for none."""
    return "\n".join(str(replace(finding, span=None)) for finding in findings)
