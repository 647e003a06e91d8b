"""The whole way from a folder to files: load, compile, check, render."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from obscode import checks
from obscode.artifacts import Artifacts, File, Record
from obscode.compile import compile
from obscode.errors import Finding
from obscode.load import load
from obscode.progress import progress
from obscode.render import render


@dataclass(frozen=True)
class Compiled:
    """What a definitions folder compiles to, and what the checks find in it."""

    artifacts: Artifacts
    files: Sequence[File]
    findings: list[Finding]

    def summary(self) -> str:
        """`1 service, 9 rules, 3 alerts, 1 dashboard`."""
        rules = list(self.artifacts.rules())
        records = sum(isinstance(rule, Record) for rule in rules)
        counts = {
            "recording rule": records,
            "alert": len(rules) - records,
            "dashboard": len(self.artifacts.dashboards),
        }
        return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for word, n in counts.items())


def compiled(definitions: Path) -> Compiled:
    """Load, compile, check and render; raises LoadError and DefinitionError."""
    with progress("reading", total=None) as advance:
        artifacts = compile(load(definitions, advance))
    return Compiled(artifacts, render(artifacts), checks.run(artifacts))
