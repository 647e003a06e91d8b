"""Compile only the services that changed since the last build, where that has the result of compiling all.

A build without errors leaves a record: digests of its definitions, service by service, its files and its warnings. The
next build compiles the services with other digests, if nothing that anything else reads of them changed, and takes the
files and the warnings of the others from the record. If it is not certain, or if there are errors, all are compiled.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from obscode import checks
from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule, Rule
from obscode.checks import registry
from obscode.checks.promql_expressions import expressions_of
from obscode.checks.severities import Severities
from obscode.compiler.inference.series_types import ProjectSeries
from obscode.compiler.rules import records_by_hand
from obscode.compiler.services import alerts_of, are_shown_elsewhere, compile_services
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.model import naming
from obscode.model.definitions import Definitions
from obscode.model.service import Service
from obscode.project.build_inputs import FileState, checked, states_from_json, states_json
from obscode.project.cache import Cache
from obscode.project.owned_findings import OwnedFinding, are_current, owned_findings
from obscode.project.service_digests import artifact_digests, frame_digest, service_digests
from obscode.renderers import render

_KIND = "services"


@dataclass(frozen=True)
class BuildRecord:
    """A build without errors.

    Attributes:
        frame: the digest of everything that belongs to no service, and of the settings.
        services: by name: the digests of the definition, of what it exports, and of what its artifacts export.
        conditions: by service, the digests of the conditions of its alerts.
        links: by service, the dashboard of each alert.
        shapes: the SLO that is tested for each shape.
        series: the recorded series.
        files: all files of the output folder.
        summary: the counts that a build prints.
        findings: warnings and notes.
        libraries: the installed files that the build read.
    """

    frame: str
    services: Mapping[str, Sequence[str]]
    conditions: Mapping[str, Sequence[str]]
    links: Mapping[str, Sequence[str]]
    shapes: Mapping[str, str]
    series: Sequence[str]
    summary: str
    findings: Sequence[OwnedFinding] = ()
    files: Mapping[str, FileState] = field(default_factory=dict)
    libraries: Mapping[str, FileState] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The record as values of JSON."""
        states = {"files": states_json(self.files), "libraries": states_json(self.libraries)}
        return {**vars(self), "findings": [each.as_json() for each in self.findings], **states}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> BuildRecord:
        """The record of ``as_json``; raises TypeError and similar for other values."""
        states = {name: states_from_json(values[name]) for name in ("files", "libraries")}
        return cls(**{**values, "findings": [*map(OwnedFinding.from_json, values["findings"])], **states})


@dataclass(frozen=True)
class ServiceBuild:
    """A build of some services: their files, those that are as the last build wrote them, and the record.

    The record has the findings of all services.
    """

    artifacts: Artifacts
    files: Sequence[File]
    unchanged: Mapping[str, FileState]
    record: BuildRecord


class ChangedServices:
    """The record of the last build into an output folder, and the one of this build.

    What it reads itself, in contexts of ``unrecorded``, is no input of the build.
    """

    def __init__(
        self, cache: Cache, key: str, out: Path, unrecorded: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._cache, self._key, self._out, self._unrecorded = cache, key, out, unrecorded
        self.record: BuildRecord | None = None

    def compile(
        self, definitions: Definitions, severities: Severities, secrets: Mapping[str, str] = MappingProxyType({})
    ) -> ServiceBuild | None:
        """Compile the services that changed; None if all must be compiled. ``secrets`` are as in `checks.Context`."""
        with self._unrecorded():
            last = self._last()
        digests = service_digests(definitions) if last else None
        if last is None or digests is None or last.frame != frame_digest(definitions, repr(severities)):
            return None
        if digests.keys() != last.services.keys():
            return None
        changed = [name for name, each in digests.items() if each.definition != last.services[name][0]]
        if any(digests[name].exported != last.services[name][1] for name in changed):
            return None
        for service in _named(definitions, changed):
            before, now = last.conditions[service.name], digests[service.name].conditions
            alerts = [service.alerts[i] for i, each in enumerate(now) if before[i : i + 1] != [each]]
            if alerts and are_shown_elsewhere(alerts, service, definitions):
                return None
        artifacts = compile_services(definitions, {name: last.links[name] for name in changed})
        if artifacts is None or not _exports_the_same(artifacts, last):
            return None
        artifacts = _with_tests_of_shapes(artifacts, last)
        series = _series(artifacts, definitions)
        if _reads_records_of_others(artifacts, series, last):
            return None
        own = owned_findings(_findings(artifacts, definitions, severities, last, series, secrets), definitions)
        new = None if own is None else _rendered(artifacts)
        if own is None or new is None:
            return None
        with self._unrecorded():
            findings, unchanged = _merged(last, own, changed, definitions), self._unchanged(last, new, changed)
        if findings is None or unchanged is None:
            return None
        services = {name: [each.definition, each.exported, last.services[name][2]] for name, each in digests.items()}
        conditions = {name: each.conditions for name, each in digests.items()}
        self.record = replace(last, services=services, conditions=conditions, findings=findings)
        return ServiceBuild(artifacts, list(new.values()), unchanged, self.record)

    def _last(self) -> BuildRecord | None:
        text = self._cache.get(_KIND, self._key)
        if not text:
            return None
        try:
            record = BuildRecord.from_json(json.loads(text))
            return record if checked(record.libraries, time.time_ns()) is not None else None
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
            return None

    def _unchanged(
        self, last: BuildRecord, new: Mapping[str, File], changed: Sequence[str]
    ) -> Mapping[str, FileState] | None:
        """The other files; None if one of them changed, or if the changed services have other files than before."""
        own = {path for name in changed for path in (naming.rule_file(name), naming.rule_test_file(name))}
        if not last.files.keys() >= new.keys() or not new.keys() >= own & last.files.keys():
            return None
        others = {path: state for path, state in last.files.items() if path not in new}
        current = checked({f"{self._out}{os.sep}{path}": state for path, state in others.items()}, time.time_ns())
        return None if current is None else dict(zip(others, current.values(), strict=True))

    def all_compiled(self, definitions: Definitions, severities: Severities, artifacts: Artifacts, build: Any) -> None:
        """Note a build of all services without errors: its findings and its summary are those of ``build``."""
        project = artifacts.project
        # Files of targets, such as the list of all objects for Kubernetes, may be about all services.
        if (
            not definitions.services
            or "configmap" in project.dashboard_formats
            or project.targets
            or project.cost.has_limits
            or project.is_sharded  # whether rules aggregate over shards depends on the jobs of all services
        ):
            return
        frame, digests = frame_digest(definitions, repr(severities)), service_digests(definitions)
        findings = owned_findings(build.findings, definitions)
        if not frame or digests is None or findings is None:
            return
        exports = artifact_digests(artifacts)
        links = {file.name: [_link(alert.annotations) for alert in alerts_of(file)] for file in artifacts.rule_files}
        shapes: dict[str, str] = {}
        for suite in artifacts.test_suites:
            if suite.shape:
                shapes.setdefault(suite.shape, suite.subject)
        self.record = BuildRecord(
            frame,
            {name: [each.definition, each.exported, exports[name]] for name, each in digests.items()},
            {name: each.conditions for name, each in digests.items()},
            {name: links.get(name, []) for name in digests},
            shapes,
            sorted({rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)}),
            build.summary(),
            findings,
        )

    def remember(self, libraries: Mapping[str, FileState], files: Mapping[str, FileState]) -> None:
        """Keep the record of this build, with the files that are now in the output folder."""
        if self.record and self._key:
            record = replace(self.record, files=files, libraries={**self.record.libraries, **libraries})
            with self._cache as cache:
                cache.put(_KIND, self._key, json.dumps(record.as_json()))


def _link(annotations: Mapping[str, str]) -> str:
    return annotations.get(naming.DASHBOARD_URL, "")


def _exports_the_same(artifacts: Artifacts, last: BuildRecord) -> bool:
    return all(last.services[name][2] == digest for name, digest in artifact_digests(artifacts).items())


def _with_tests_of_shapes(artifacts: Artifacts, last: BuildRecord) -> Artifacts:
    suites = [s for s in artifacts.test_suites if not s.shape or last.shapes.get(s.shape) == s.subject]
    return replace(artifacts, test_suites=suites)


def _findings(
    artifacts: Artifacts,
    definitions: Definitions,
    severities: Severities,
    last: BuildRecord,
    series: ProjectSeries,
    secrets: Mapping[str, str],
) -> Sequence[Finding]:
    """The findings of the checks of parts.

    Checks of the whole project have the findings that they had: they read what services export, which is the same.
    """
    names = {*last.series, *(name for metric in definitions.catalog for name in metric.series())}
    parts = [check for check in registry.checks() if check.name not in _whole_checks()]
    context = checks.Context(other_series=names, series=series, secrets=secrets)
    return checks.lint(artifacts, parts, severities, context)


def _series(artifacts: Artifacts, definitions: Definitions) -> ProjectSeries:
    """The types of series: of all services, without what SLOs of others record."""
    own = {service.name for service in artifacts.services}
    records = (file for file in records_by_hand(definitions) if file.name not in own)
    return ProjectSeries.of_rules(definitions.services, [*artifacts.rule_files, *records])


def _reads_records_of_others(artifacts: Artifacts, series: ProjectSeries, last: BuildRecord) -> bool:
    """Whether a service reads what only SLOs of others record, whose types are unknown."""
    unknown = set(last.series) - series.recorded.keys()
    dashboards = [dashboard for dashboard in artifacts.dashboards if dashboard.service]
    values: list[Rule | Dashboard] = [*artifacts.rules(), *dashboards]
    read = (expression for value in values for expression in expressions_of(value))
    return any(not unknown.isdisjoint(expression.metrics()) for expression in read)


def _merged(
    last: BuildRecord, own: Sequence[OwnedFinding], changed: Sequence[str], definitions: Definitions
) -> list[OwnedFinding] | None:
    """The findings of all services, sorted by position; None if they are not certain.

    They are not if others moved, and if the services have other findings than before, or findings or entries of
    `ignore=` for checks that compare services.
    """
    retained = [each for each in last.findings if each.service not in changed]
    whole = _whole_checks()
    ignored = {name for service in _named(definitions, changed) for each in service.walk() for name in each.ignore}
    before = [each for each in last.findings if each.service in changed]
    unknown = any(each.service not in changed and each not in retained for each in own)
    now = [each for each in own if each.service in changed]
    is_same = sorted(map(_without_position, before)) == sorted(map(_without_position, now))
    of_whole = any(each.finding.code.name in whole for each in before)
    if not is_same or of_whole or unknown or ignored & whole or not are_current(retained):
        return None
    return sorted({each.finding: each for each in (*retained, *own)}.values(), key=lambda each: each.finding.order)


def _without_position(owned: OwnedFinding) -> tuple[str, ...]:
    finding = owned.finding
    return owned.service, finding.code.name, finding.severity, finding.message, finding.hint


def _named(definitions: Definitions, names: Sequence[str]) -> list[Service]:
    return [service for service in definitions.services if service.name in names]


def _whole_checks() -> Set[str]:
    """The checks that compare parts of the project with others."""
    return {check.name for check in registry.checks() if Artifacts in _subjects(check.subject)}


def _rendered(artifacts: Artifacts) -> dict[str, File] | None:
    """The files by path; None if there are findings."""
    try:
        return {file.path: file for file in render(artifacts)}
    except DefinitionError:
        return None


def _subjects(subject: type | tuple[type, ...]) -> tuple[type, ...]:
    return subject if isinstance(subject, tuple) else (subject,)
