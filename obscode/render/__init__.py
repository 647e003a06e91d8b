"""Artifacts to files; one target a module. A new target is a new file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from obscode.artifacts import Artifacts, File
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
    """Every file of the output, sorted by path."""
    files = [file for target in TARGETS for file in target(artifacts)]
    return sorted(files, key=lambda file: file.path)
