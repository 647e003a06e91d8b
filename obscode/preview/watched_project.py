"""The pages of a project whose definitions change: what a page shows is compiled and evaluated when it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.clients.empty_prometheus import WritablePrometheus, empty_prometheus
from obscode.compiler import compile_sound
from obscode.findings.errors import ObscodeError
from obscode.findings.finding import Finding
from obscode.model.definitions import Definitions
from obscode.preview.generated_series import scenario_ranges
from obscode.preview.ranges import Source
from obscode.preview.rendering import Preview, hrefs, index
from obscode.preview.simulated_data import load
from obscode.preview.view import of_service, view
from obscode.project.load import read_folder
from obscode.project.service_digests import ServiceDigests, service_digests
from obscode.simulation import Simulation, scenario_named, scenarios, simulate
from obscode.toolchain import Tool

_SERVERS = 3  # that stay alive, each with the series of one service or of all


@dataclass(frozen=True)
class _Data:
    """The series of a scope in a Prometheus; they are valid as long as the rules and the simulation are the same."""

    rules: Sequence[object]
    simulation: Simulation
    source: Source
    stack: ExitStack


class WatchedProject:
    """The pages of a folder of definitions. All methods are called by one thread, with which the servers end."""

    def __init__(self, folder: Path, names: Sequence[str], tool: Tool) -> None:
        """``names`` are those of the scenarios that pages show."""
        self._folder, self._names, self._tool = folder, names, tool
        self._definitions: Definitions | None = None
        self._has_project = True
        self._digests: Mapping[str, ServiceDigests] | None = None
        self._compiled: dict[str, Artifacts] = {}
        self._data: dict[str, _Data] = {}
        self._spare: tuple[WritablePrometheus, ExitStack] | None = None
        self.findings: Sequence[Finding] = ()

    def close(self) -> None:
        """Stop the servers."""
        for data in self._data.values():
            data.stack.close()
        if self._spare:
            self._spare[1].close()

    def reload(self) -> frozenset[str] | None:
        """Read the definitions; returns the services that changed, None where everything may have.

        Definitions with errors leave the pages as they are; ``findings`` has the errors.
        """
        try:
            loaded = read_folder(self._folder)
        except ObscodeError as error:
            self.findings = error.findings
            return frozenset()
        self.findings = loaded.findings
        if any(finding.severity == "error" for finding in loaded.findings):
            return frozenset()
        digests = service_digests(loaded.definitions)
        changed = _changed(self._digests, digests)
        self._definitions, self._has_project, self._digests = loaded.definitions, loaded.has_project, digests
        for name in list(self._compiled):
            if changed is None or not name or name in changed:
                del self._compiled[name]
        if changed is not None and changed:
            self._check(changed)
        return changed

    def _check(self, changed: frozenset[str]) -> None:
        """The findings of the compiler about services that changed."""
        for name in changed:
            self._artifacts(name)

    def index(self) -> str:
        """The page that lists the others."""
        dashboards = self._artifacts("").dashboards
        entries = [Preview(each, href, ()).entry() for each, href in zip(dashboards, hrefs(dashboards), strict=True)]
        return index(entries).text

    def scope(self, href: str) -> str:
        """The service that a page is about; empty for a page about several."""
        name = href.removesuffix(".html")
        return name if self._digests and name in self._digests else ""

    def page(self, href: str, script: str) -> str | None:
        """A page with an additional script; None if there is no dashboard of this name."""
        scope = self.scope(href)
        artifacts = self._artifacts(scope)
        names = hrefs(artifacts.dashboards)
        if href not in names:
            return None
        dashboard = artifacts.dashboards[names.index(href)]
        source = self._source(scope, artifacts, dashboard)
        views = [view(dashboard.body, source.client, of_service(each, scope)) for each in source.ranges]
        return Preview(dashboard, href, views).file(script).text

    def prepare(self) -> None:
        """Start a Prometheus for the next page that needs new series."""
        if self._spare is None:
            stack = ExitStack()
            self._spare = stack.enter_context(empty_prometheus(self._tool)), stack

    def _artifacts(self, scope: str) -> Artifacts:
        """What a service, or everything, compiles to."""
        if scope not in self._compiled:
            definitions = self._definitions
            if definitions is None:
                return Artifacts()
            if scope:
                own = [service for service in definitions.services if service.name == scope]
                definitions = replace(definitions, services=own)
            compiled = compile_sound(definitions, has_project=self._has_project)
            self.findings = [*self.findings, *compiled.findings]
            self._compiled[scope] = compiled.artifacts
        return self._compiled[scope]

    def _source(self, scope: str, artifacts: Artifacts, dashboard: Dashboard) -> Source:
        """The Prometheus with the series of a scope; the one that has them, if they are the same."""
        simulation = simulate(artifacts)
        rules = _rules(artifacts)
        known = self._data.pop(scope, None)
        if known and known.rules == rules and known.simulation.families == simulation.families:
            self._data[scope] = known  # the last one
            return known.source
        if known:
            known.stack.close()
        while len(self._data) >= _SERVERS:
            self._data.pop(next(iter(self._data))).stack.close()
        self.prepare()
        assert self._spare
        (server, stack), self._spare = self._spare, None
        choices = scenarios(artifacts.definitions)
        selected = [scenario_named(name, choices) for name in self._names] or list(choices[:1])
        data = load(server, artifacts, scenario_ranges(simulation, selected))
        source = Source(server, data.ranges, is_generated=True)
        self._data[scope] = _Data(rules, simulation, source, stack)
        return source


def _changed(
    before: Mapping[str, ServiceDigests] | None, after: Mapping[str, ServiceDigests] | None
) -> frozenset[str] | None:
    if before is None or after is None or before.keys() != after.keys():
        return None
    return frozenset(name for name, each in after.items() if each != before[name])


def _rules(artifacts: Artifacts) -> list[object]:
    """Everything that the results of rules depend on."""
    return [
        (group.interval, rule.name, rule.expr, dict(rule.labels), rule.for_ if isinstance(rule, AlertingRule) else "")
        for file in artifacts.rule_files
        for group in file.groups
        for rule in group.rules
    ]
