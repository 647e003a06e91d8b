"""Artifacts to files; one target a module. A new target is a new file and one line here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from obscode.artifacts import Artifacts, File
from obscode.errors import DefinitionError, Finding
from obscode.render import (
    alertmanager,
    grafana,
    grafana_configmap,
    grafana_export,
    grafana_operator,
    grafana_provisioning,
    grafana_resource,
    prometheus,
    prometheus_rules,
    prometheus_tests,
)

#: For the check of that name.
too_large = grafana_configmap.too_large

#: For the rules on dashboards.
dashboard_json = grafana.dashboard_json

Target = Callable[[Artifacts], Iterable[File]]

TARGETS: tuple[Target, ...] = (
    prometheus.render,
    prometheus_rules.render,
    prometheus_tests.render,
    alertmanager.render,
    grafana.render,
    grafana_configmap.render,
    grafana_operator.render,
    grafana_resource.render,
    grafana_export.render,
    grafana_provisioning.render,
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
