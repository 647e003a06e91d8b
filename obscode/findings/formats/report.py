"""What a document contains: findings, and where their codes are explained."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from obscode.findings.code import Code
from obscode.findings.finding import Finding

_PAGE = "docs/checks.md"


@dataclass(frozen=True)
class Report:
    """The findings of a run.

    Attributes:
        findings: in the order of the document.
        documented: the codes that docs/checks.md explains; checks of a project are not among them.
        version: of obscode.
    """

    findings: Sequence[Finding]
    documented: Set[str] = frozenset()
    version: str = ""

    def url(self, code: Code) -> str:
        """The explanation of a code, in the repository of obscode; empty for the check of a project."""
        return f"{_PAGE}#{code.name}" if code.name in self.documented else ""
