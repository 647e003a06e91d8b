"""Artifacts to files; one target a module. A new target is a new file and one line here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.renderers import alertmanager
from obscode.renderers.grafana import files, provisioning
from obscode.renderers.grafana.formats import configmap, export, operator, resource
from obscode.renderers.prometheus import config, rules, tests

#: For the check configmap-size.
applied_size = configmap.applied_size

#: For the rules on dashboards.
dashboard_json = files.dashboard_json

Target = Callable[[Artifacts], Iterable[File]]

TARGETS: tuple[Target, ...] = (
    config.render,
    rules.render,
    tests.render,
    alertmanager.render,
    files.render,
    configmap.render,
    operator.render,
    resource.render,
    export.render,
    provisioning.render,
)


def render(artifacts: Artifacts) -> list[File]:
    """Every file of the output, sorted by path; raises DefinitionError when two would be one."""
    files = sorted((file for target in TARGETS for file in target(artifacts)), key=lambda file: file.path)
    paths = Counter(file.path.lower() for file in files)
    if twice := [path for path, count in paths.items() if count > 1]:
        raise DefinitionError(
            Finding("one-file", f"two definitions would write {path}", "rename one of them") for path in twice
        )
    return files
