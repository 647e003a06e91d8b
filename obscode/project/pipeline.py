"""From a folder of definitions to files and findings: load, compile, check, render."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import obscode
from obscode import checks
from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule
from obscode.artifacts.unit_tests import UnitTestSuite
from obscode.checks import registry
from obscode.checks.severities import Severities
from obscode.compiler import compile_sound
from obscode.compiler.sound import series_of
from obscode.findings.errors import DefinitionError, LoadError, ObscodeError
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.model.slo import SLO
from obscode.project.build_inputs import FileState
from obscode.project.changed_services import ChangedServices
from obscode.project.load import LoadedFolder, UserCode, read_folder
from obscode.project.progress import Progress, no_progress
from obscode.project.settings import read_settings
from obscode.renderers import render


@dataclass(frozen=True)
class Compilation:
    """What a folder of definitions compiles to, and the findings of all checks.

    If only some services are compiled, the artifacts and the files are theirs, and the ``counts`` are those of all;
    ``unchanged`` are the other files of the output folder, by path.
    """

    artifacts: Artifacts
    files: Sequence[File]
    findings: list[Finding]
    counts: str = ""
    unchanged: Mapping[str, FileState] = field(default_factory=dict)

    def summary(self) -> str:
        """`9 recording rules, 3 alerts, 1 dashboard`."""
        if self.counts:
            return self.counts
        rules = list(self.artifacts.rules())
        records = sum(isinstance(rule, RecordingRule) for rule in rules)
        counts = {
            "recording rule": records,
            "alert": len(rules) - records,
            "dashboard": len(self.artifacts.dashboards),
        }
        return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for word, n in counts.items())


def compile_folder(
    definitions: Path,
    progress: Progress = no_progress,
    user_code: UserCode = nullcontext,
    changed: ChangedServices | None = None,
) -> Compilation:
    """Load, compile, render and check; raises LoadError and DefinitionError with the findings of all these steps.

    The code of definitions, and the rest if it calls functions of the user, runs in contexts of ``user_code``. With
    ``changed``, services that did not change since the last build are not compiled.
    """
    inspection = inspect_folder(definitions, progress, user_code, changed)
    if inspection.error:
        raise inspection.error
    return inspection.compilation


@dataclass(frozen=True)
class Inspection:
    """What a folder compiles to: all of it, or the definitions without errors and an error with all findings."""

    compilation: Compilation
    error: LoadError | DefinitionError | None = None
    severities: Severities = field(default_factory=Severities)


def inspect_folder(
    definitions: Path,
    progress: Progress = no_progress,
    user_code: UserCode = nullcontext,
    changed: ChangedServices | None = None,
    beside: Artifacts | None = None,
) -> Inspection:
    """Load, compile, render and check what has no errors; raises LoadError where there is nothing to load.

    ``beside`` are files that are checked together with the definitions.
    """
    loaded = read_folder(definitions, lambda name: progress("load", name), user_code)
    calls_user_code = (user_code is not nullcontext or changed is not None) and _calls_user_code(loaded.definitions)
    if changed is None or calls_user_code or loaded.findings:
        with user_code() if user_code is not nullcontext and calls_user_code else nullcontext():
            return _inspection(loaded, definitions, progress, beside)
    progress("compile")
    project = loaded.definitions.project
    severities = read_settings(definitions.parent).severities(_configurable(project))
    if build := changed.compile(loaded.definitions, severities, loaded.secrets):
        findings = [each.finding for each in build.record.findings]
        return Inspection(Compilation(build.artifacts, build.files, findings, build.record.summary, build.unchanged))
    inspection = _inspection(loaded, definitions, progress)
    if inspection.error is None:
        compilation = inspection.compilation
        changed.all_compiled(loaded.definitions, severities, compilation.artifacts, compilation)
    return inspection


def _calls_user_code(definitions: Definitions) -> bool:
    """Whether compiling calls functions of the user: checks, and methods of SLIs or panels that are not obscode's."""
    return bool(definitions.project.checks) or any(
        type(definition).__module__.partition(".")[0] != obscode.__name__ for definition in definitions.walk()
    )


def _inspection(
    loaded: LoadedFolder, definitions: Path, progress: Progress, beside: Artifacts | None = None
) -> Inspection:
    progress("compile")
    compiled = compile_sound(loaded.definitions, has_project=loaded.has_project)
    errors = [*loaded.findings, *compiled.findings]
    progress("render")
    artifacts, files = compiled.artifacts, render(compiled.artifacts)
    progress("check")
    severities = read_settings(definitions.parent).severities(_configurable(artifacts.project))
    in_files = beside or Artifacts()
    other_series = {rule.name for rule in in_files.rules() if isinstance(rule, RecordingRule)}
    if not errors:
        context = checks.Context(other_series=other_series, beside=in_files, secrets=loaded.secrets)
        findings = without_secrets(checks.lint(artifacts, severities=severities, context=context))
        return Inspection(Compilation(artifacts, files, findings), severities=severities)
    roots = loaded.definitions.roots()
    absent = None if loaded.is_incomplete else frozenset(series_of(roots))
    context = checks.Context(
        is_partial=True,
        absent_series=absent,
        other_series=other_series,
        beside=in_files,
        secrets=loaded.secrets,
    )
    findings = checks.lint(artifacts, severities=severities, context=context)
    findings, others = without_secrets(findings), [*errors, *checks.syntax_findings(roots)]
    error = loaded.error([*without_secrets(others, findings), *findings])
    return Inspection(Compilation(artifacts, files, findings), error, severities)


def without_secrets(findings: Sequence[Finding], others: Sequence[Finding] = ()) -> list[Finding]:
    """The findings, all without the secrets that some of them, or of others, are about."""
    secrets = sorted({secret for finding in [*findings, *others] for secret in finding.hidden}, key=len, reverse=True)
    return [replace(finding, hidden=secrets) for finding in findings] if secrets else list(findings)


def _configurable(project: Project) -> set[str]:
    """The codes whose severity the project can set: those of all checks, its own included."""
    return {*registry.configurable(), *(check.name for check in project.checks)}


def slo_named(artifacts: Artifacts, name: str) -> SLO:
    """The SLO called SERVICE/SLO; raises ObscodeError if there is none."""
    known = {f"{service.name}/{slo.name}": slo for service in artifacts.services for slo in service.slos}
    if name not in known:
        raise ObscodeError(f"unknown SLO {name!r}", did_you_mean(name, known) or f"SLOs: {', '.join(known)}")
    return known[name]


def matching_suites(artifacts: Artifacts, prefixes: Sequence[str]) -> list[UnitTestSuite]:
    """The suites of all services, or those whose names begin with one of the prefixes.

    Raises ObscodeError for a prefix that matches no suite.
    """
    suites = artifacts.test_suites
    for prefix in prefixes:
        if not any(suite.name.startswith(prefix) for suite in suites):
            names = dict.fromkeys(suite.subject for suite in suites)
            hint = did_you_mean(prefix, names) or "obscode list prints the SLOs and alerts"
            raise ObscodeError(f"no unit tests match {prefix!r}", hint)
    return [suite for suite in suites if not prefixes or suite.name.startswith(tuple(prefixes))]
