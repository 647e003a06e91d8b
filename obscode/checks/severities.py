"""The severities that a project gives to the findings of checks, everywhere or in some of its files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from typing import Literal

from obscode.findings.finding import Finding

Level = Literal["off", "note", "warning", "error"]
LEVELS: tuple[Level, ...] = ("off", "note", "warning", "error")
#: Codes whose severity cannot be changed.
ALWAYS_ERRORS = frozenset({"secret-in-output"})


@dataclass(frozen=True)
class Severities:
    """Severities by code; by default, each finding keeps its severity, and notes are not reported.

    Attributes:
        everywhere: for all files.
        per_path: pairs of a pattern of paths below ``root`` and the severities there; the last match wins.
        notes: whether notes are reported whose code has no severity here.
        root: the folder that patterns are relative to.
    """

    everywhere: Mapping[str, Level] = field(default_factory=dict)
    per_path: Sequence[tuple[str, Mapping[str, Level]]] = ()
    notes: bool = False
    root: str = "."

    def apply(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings with their configured severity, without those that are off."""
        for finding in findings:
            level = self._level(finding)
            if level != "off":
                yield finding if level == finding.severity else replace(finding, severity=level)

    def _level(self, finding: Finding) -> Level:
        configured = self.everywhere.get(finding.code.name)
        if self.per_path and finding.span:
            path = os.path.relpath(finding.span.file, self.root).replace(os.sep, "/")
            for pattern, levels in self.per_path:
                if finding.code.name in levels and fnmatch(path, pattern):
                    configured = levels[finding.code.name]
        if configured is None:
            return "off" if finding.severity == "note" and not self.notes else finding.severity
        return configured
