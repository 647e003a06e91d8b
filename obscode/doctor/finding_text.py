"""Parts of findings that have no place in the definitions."""

from __future__ import annotations

from collections.abc import Iterable

from obscode.findings.code import Code
from obscode.findings.finding import Finding

_LISTED = 3


def listed(values: Iterable[str]) -> str:
    """The first different values: `a, b, c, ...`."""
    different = list(dict.fromkeys(values))
    return ", ".join(different[:_LISTED]) + (", ..." if len(different) > _LISTED else "")


def warning(code: Code, message: str, hint: str) -> Finding:
    """A finding with the severity of its code."""
    return Finding(code, message, hint, None, code.severity)
