"""The whole way from a folder to files: load, compile, check, render."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from obscode import checks
from obscode.artifacts import Artifacts, File, Record
from obscode.checks.compiled_dashboards import dashboard_rules
from obscode.compiler import compile
from obscode.compiler.unit_tests.suites import RuleTestSuite, proofs
from obscode.errors import DefinitionError, Finding, ObscodeError, did_you_mean
from obscode.model.slo import SLO
from obscode.project.load import load
from obscode.project.progress import progress
from obscode.renderers import render


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
        loaded = load(definitions, advance)
    try:
        artifacts = compile(loaded)
    except DefinitionError as error:
        raise DefinitionError([*error.findings, *checks.syntax_findings(loaded.roots())]) from None
    return Compiled(artifacts, render(artifacts), checks.run(artifacts, dashboard_rules(artifacts)))


def slo_named(artifacts: Artifacts, name: str) -> SLO:
    """The SLO called SERVICE/SLO; raises ObscodeError when there is none."""
    known = {f"{service.name}/{slo.name}": slo for service in artifacts.services for slo in service.slos}
    if name not in known:
        raise ObscodeError(f"there is no SLO {name!r}", did_you_mean(name, known) or f"there are {', '.join(known)}")
    return known[name]


def proofs_named(artifacts: Artifacts, names: Sequence[str]) -> list[RuleTestSuite]:
    """The proofs of all services, or those whose names begin with one of the names."""
    known = [proof for service in artifacts.services for proof in proofs(service, artifacts.project)]
    for name in names:
        if not any(proof.name.startswith(name) for proof in known):
            hint = did_you_mean(name, [proof.name for proof in known]) or "obscode list shows what there is"
            raise ObscodeError(f"nothing called {name!r} has tests", hint)
    return [proof for proof in known if not names or proof.name.startswith(tuple(names))]
