"""The whole way from a folder to files: load, compile, check, render."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from obscode import checks
from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule
from obscode.artifacts.unit_tests import UnitTestSuite
from obscode.checks import registry
from obscode.compiler import compile
from obscode.findings.errors import DefinitionError, ObscodeError
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.slo import SLO
from obscode.project.load import load
from obscode.project.progress import progress
from obscode.project.settings import read_settings
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
        records = sum(isinstance(rule, RecordingRule) for rule in rules)
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
    severities = read_settings(definitions.parent).severities(_configurable(artifacts))
    return Compiled(artifacts, render(artifacts), checks.lint(artifacts, severities=severities))


def _configurable(artifacts: Artifacts) -> set[str]:
    """The codes whose severity the project can set: those of all checks, its own included."""
    return {*registry.configurable(), *(check.name for check in artifacts.project.checks)}


def slo_named(artifacts: Artifacts, name: str) -> SLO:
    """The SLO called SERVICE/SLO; raises ObscodeError when there is none."""
    known = {f"{service.name}/{slo.name}": slo for service in artifacts.services for slo in service.slos}
    if name not in known:
        raise ObscodeError(f"there is no SLO {name!r}", did_you_mean(name, known) or f"there are {', '.join(known)}")
    return known[name]


def suites_named(artifacts: Artifacts, names: Sequence[str]) -> list[UnitTestSuite]:
    """The suites of all services, or those whose names begin with one of the names."""
    known = artifacts.test_suites
    for name in names:
        if not any(suite.name.startswith(name) for suite in known):
            hint = did_you_mean(name, [suite.name for suite in known]) or "obscode list shows what there is"
            raise ObscodeError(f"nothing called {name!r} has tests", hint)
    return [suite for suite in known if not names or suite.name.startswith(tuple(names))]
