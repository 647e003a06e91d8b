"""Artifacts to files: one module per target. A new target is a new module and one line in TARGETS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.findings.code import Code
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.renderers import alertmanager, git_attributes, mimir, thanos, vmalert
from obscode.renderers.grafana import alerting, classic, export, provisioning, resource, resource_v2
from obscode.renderers.kubernetes import objects, plain_dashboards
from obscode.renderers.prometheus import config, rules, tests

DUPLICATE_FILE = Code(
    "duplicate-file",
    "Each file of the output has one path; upper and lower case count as equal.",
    why="One file would overwrite the other, on some file systems only.",
    bad='Dashboard("Shop", rows, uid="shop")\nDashboard("Other", rows, uid="Shop")',
    good='Dashboard("Shop", rows, uid="shop")\nDashboard("Other", rows, uid="other")',
)

Target = Callable[[Artifacts], Iterable[File]]

TARGETS: tuple[Target, ...] = (
    git_attributes.render,
    config.render,
    rules.render,
    tests.render,
    alertmanager.render,
    classic.render,
    plain_dashboards.render,
    objects.render,
    resource.render,
    resource_v2.render,
    export.render,
    provisioning.render,
    alerting.render,
    mimir.render,
    thanos.render,
    vmalert.render,
)


def render(artifacts: Artifacts) -> list[File]:
    """Render artifacts to the files of the output folder, sorted by path, without writing them.

    Renderers only serialise: equal artifacts give equal bytes. Raises DefinitionError when two files have the same path
    or differ in case only.

        from obscode import compile, render

        for file in render(compile(definitions)):
            print(file.path)  # prometheus/rules/shop.yml
    """
    files = sorted((file for target in TARGETS for file in target(artifacts)), key=lambda file: file.path)
    paths = Counter(file.path.lower() for file in files)
    if duplicates := [path for path, count in paths.items() if count > 1]:
        raise DefinitionError(
            Finding(DUPLICATE_FILE, f"two definitions would write {path}", "rename one of them") for path in duplicates
        )
    return files
