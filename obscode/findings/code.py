"""Codes of findings: the name in `error[...]`, with what `obscode explain` prints for it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Code:
    """A kind of finding. Every finding has one, so `obscode explain NAME` knows every name that can be emitted.

    Codes are module-level constants beside the code that reports them; ``obscode.checks.registry`` collects them.

    Attributes:
        name: kebab-case, unique; what a user greps and ignores.
        summary: one sentence, what is required.
        severity: the default severity; configuration may change it.
        why: the reason, with a link for what is not obvious.
        bad: an example that is reported.
        good: the same example, accepted.
    """

    name: str
    summary: str
    _: KW_ONLY
    severity: Severity = "error"
    why: str = ""
    bad: str = ""
    good: str = ""
