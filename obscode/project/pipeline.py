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
from obscode.artifacts.unit_tests import LazyTests, UnitTestSuite
from obscode.checks import registry
from obscode.checks.rendered_secrets import rendered_secrets
from obscode.checks.secret_in_output import secret_in_output
from obscode.checks.severities import Severities
from obscode.compiler import compile_sound
from obscode.compiler.prometheus import prometheus_configs
from obscode.compiler.sound import series_of
from obscode.findings.errors import DefinitionError, LoadError, ObscodeError
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model import argument_types
from obscode.model.definitions import Definitions
from obscode.model.env import loading
from obscode.model.environment import ADDRESSES, Environment
from obscode.model.project import Project
from obscode.model.slo import SLO
from obscode.project.build_inputs import FileState
from obscode.project.changed_services import ChangedServices
from obscode.project.environments import have_equal_rules, merged_findings
from obscode.project.load import LoadedFolder, UserCode, read_folder
from obscode.project.progress import Progress, no_progress
from obscode.project.settings import read_settings
from obscode.renderers import render
from obscode.renderers.environments import EnvironmentTree, environment_tree, environment_tree_of_addresses


@dataclass(frozen=True)
class Compilation:
    """What a folder of definitions compiles to, and the findings of all checks.

    The artifacts are those of the project's own environment; ``environments`` are the others, whose files are among
    ``files``. If only some services are compiled, the artifacts and the files are theirs, and the ``counts`` are those
    of all; ``unchanged`` are the other files of the output folder, by path.
    """

    artifacts: Artifacts
    files: Sequence[File]
    findings: list[Finding]
    counts: str = ""
    unchanged: Mapping[str, FileState] = field(default_factory=dict)
    environments: Sequence[EnvironmentTree] = ()

    def secrets(self) -> frozenset[str]:
        """The secrets that findings are about."""
        return frozenset(secret for finding in self.findings for secret in finding.hidden)

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
    environment: str | None = None,
) -> Compilation:
    """Load, compile, render and check; raises LoadError and DefinitionError with the findings of all these steps.

    The code of definitions, and the rest if it calls functions of the user, runs in contexts of ``user_code``. With
    ``changed``, services that did not change since the last build are not compiled. With ``environment``, only the
    one of this name is compiled, as if it was the project's own; the empty name is that of the project's own.
    """
    inspection = inspect_folder(definitions, progress, user_code, changed, environment=environment)
    if inspection.error:
        raise inspection.error
    return inspection.compilation


@dataclass(frozen=True)
class Inspection:
    """What a folder compiles to: all of it, or the definitions without errors and an error with all findings.

    ``reads_environment``: the definitions may be others in another environment.
    """

    compilation: Compilation
    error: LoadError | DefinitionError | None = None
    severities: Severities = field(default_factory=Severities)
    reads_environment: bool = False

    @property
    def findings(self) -> Sequence[Finding]:
        """The findings of all steps."""
        return self.error.findings if self.error else self.compilation.findings


def inspect_folder(
    definitions: Path,
    progress: Progress = no_progress,
    user_code: UserCode = nullcontext,
    changed: ChangedServices | None = None,
    beside: Artifacts | None = None,
    environment: str | None = None,
) -> Inspection:
    """Load, compile, render and check what has no errors; raises LoadError where there is nothing to load.

    ``beside`` are files that are checked together with the definitions. ``environment`` is that of ``compile_folder``.
    """
    step = _Step(definitions, progress, user_code, beside)
    loaded = step.read(environment or None)
    others = loaded.environments if environment is None else ()
    can_reuse = not loaded.findings and _have_equal_definitions(loaded, others)
    if changed is not None and can_reuse and not _calls_user_code(loaded.definitions):
        progress("compile")
        severities = step.severities(loaded.definitions.project)
        if build := changed.compile(loaded.definitions, severities, loaded.secrets):
            findings = [each.finding for each in build.record.findings]
            summary = build.record.summary
            return Inspection(Compilation(build.artifacts, build.files, findings, summary, build.unchanged))
        inspection = _with_environments(step.inspect(loaded), loaded, others, step)
        if inspection.error is None:
            compilation = inspection.compilation
            changed.all_compiled(loaded.definitions, severities, compilation.artifacts, compilation)
        return inspection
    return _with_environments(step.inspect(loaded), loaded, others, step)


@dataclass(frozen=True)
class _Step:
    """What the inspection of each environment needs."""

    folder: Path
    progress: Progress
    user_code: UserCode
    beside: Artifacts | None

    def read(self, environment: str | None) -> LoadedFolder:
        return read_folder(self.folder, lambda name: self.progress("load", name), self.user_code, environment)

    def severities(self, project: Project) -> Severities:
        return read_settings(self.folder.parent).severities(_configurable(project))

    def inspect(self, loaded: LoadedFolder) -> Inspection:
        """Compile, render and check; the code of definitions may read the environment, too."""
        is_watched = self.user_code is not nullcontext and _calls_user_code(loaded.definitions)
        with self.user_code() if is_watched else nullcontext(), loading(lambda: loaded.name) as reads:
            inspection = _inspection(loaded, self)
        return replace(inspection, reads_environment=loaded.reads_environment or bool(reads.modules))


def _have_equal_definitions(loaded: LoadedFolder, others: Sequence[Environment]) -> bool:
    """Whether environments differ in the addresses in configurations only."""
    is_plain = not loaded.definitions.project.targets and not loaded.reads_environment
    return not others or (
        is_plain
        and all(each.settings().keys() <= ADDRESSES for each in others)
        and all(have_equal_rules(loaded.definitions, loaded.in_environment(each).definitions) for each in others)
    )


def _with_environments(
    base: Inspection, loaded: LoadedFolder, others: Sequence[Environment], step: _Step
) -> Inspection:
    """The inspection of the project's own environment together with those of the others."""
    if not others:
        return base
    inspections = {loaded.name: base}
    trees: list[EnvironmentTree] = []
    loaded = replace(loaded, reads_environment=base.reads_environment)
    is_equal = _have_equal_definitions(loaded, others) and base.error is None
    of_base = base.compilation
    for each in others:
        own = step.read(each.name) if loaded.reads_environment else loaded.in_environment(each)
        inspections[each.name] = inspection = _of_addresses(own, base, step) if is_equal else step.inspect(own)
        artifacts = inspection.compilation.artifacts
        if is_equal:
            trees.append(environment_tree_of_addresses(each.name, artifacts, of_base.artifacts, of_base.files))
        else:
            trees.append(environment_tree(each.name, artifacts, of_base.artifacts, of_base.files))
    every = [each.compilation.artifacts.definitions for each in inspections.values()]
    findings = without_secrets(merged_findings({name: each.findings for name, each in inspections.items()}, every))
    errors = [each.error for each in inspections.values() if each.error]
    files = [*of_base.files, *(file for tree in trees for file in tree.files)]
    compilation = replace(of_base, files=files, findings=findings, environments=trees)
    kind = LoadError if any(isinstance(each, LoadError) for each in errors) else DefinitionError
    return replace(base, compilation=compilation, error=kind(findings) if errors else None)


def _of_addresses(loaded: LoadedFolder, base: Inspection, step: _Step) -> Inspection:
    """The inspection of an environment that differs from the project's own in the addresses in configurations only."""
    project = loaded.definitions.project
    errors = list(argument_types.problems(project))
    of_base = base.compilation.artifacts
    definitions = replace(of_base.definitions, project=project)
    with_jobs = replace(definitions, services=loaded.definitions.in_output_order().services)
    configs = [] if errors else list(prometheus_configs(with_jobs, has_rules=bool(of_base.rule_files)))
    alone = Artifacts(prometheus_configs=configs, definitions=Definitions(project, root=definitions.root))
    context = checks.Context(is_partial=True, secrets=loaded.secrets)
    findings = [*base.findings, *checks.lint(alone, severities=step.severities(project), context=context)]
    artifacts = replace(of_base, prometheus_configs=configs, definitions=definitions)
    error = loaded.error([*findings, *errors]) if errors else None
    return Inspection(Compilation(artifacts, [], findings), error)


def _calls_user_code(definitions: Definitions) -> bool:
    """Whether compiling calls functions of the user: checks, and methods of SLIs or panels that are not obscode's."""
    return bool(definitions.project.checks) or any(
        type(definition).__module__.partition(".")[0] != obscode.__name__ for definition in definitions.walk()
    )


def _inspection(loaded: LoadedFolder, step: _Step) -> Inspection:
    step.progress("compile")
    compiled = compile_sound(loaded.definitions, has_project=loaded.has_project)
    errors = [*loaded.findings, *compiled.findings]
    step.progress("render")
    artifacts, files = compiled.artifacts, render(compiled.artifacts)
    step.progress("check")
    severities = step.severities(artifacts.project)
    in_files = step.beside or Artifacts()
    other_series = {rule.name for rule in in_files.rules() if isinstance(rule, RecordingRule)}
    if not errors:
        context = checks.Context(other_series=other_series, beside=in_files, secrets=loaded.secrets)
        findings = checks.lint(artifacts, severities=severities, context=context)
        if _calls_user_code(loaded.definitions) and not any(each.code == secret_in_output for each in findings):
            findings += rendered_secrets(artifacts, files, loaded.secrets)
        findings = without_secrets(findings)
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


def all_suites(compilation: Compilation) -> list[UnitTestSuite]:
    """The suites of the project's own environment, and those of others for rules that differ, with their names."""
    suites = [*compilation.artifacts.test_suites]
    for tree in compilation.environments:
        suites += (_in_environment(suite, tree.name) for suite in tree.different.test_suites)
    return suites


def _in_environment(suite: UnitTestSuite, name: str) -> UnitTestSuite:
    title = f" ({name})"
    tests = LazyTests(lambda: [replace(test, name=test.name + title) for test in suite.tests])
    return replace(suite, name=suite.name + title, subject=suite.subject + title, tests=tests)


def matching_suites(suites: Sequence[UnitTestSuite], prefixes: Sequence[str]) -> list[UnitTestSuite]:
    """The suites of all services, or those whose names begin with one of the prefixes.

    Raises ObscodeError for a prefix that matches no suite.
    """
    for prefix in prefixes:
        if not any(suite.name.startswith(prefix) for suite in suites):
            names = dict.fromkeys(suite.subject for suite in suites)
            hint = did_you_mean(prefix, names) or "obscode list prints the SLOs and alerts"
            raise ObscodeError(f"no unit tests match {prefix!r}", hint)
    return [suite for suite in suites if not prefixes or suite.name.startswith(tuple(prefixes))]
