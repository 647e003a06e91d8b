"""The tree of an environment: the files that differ from those of the project, and the files that programs start with.

Files that do not differ are in the tree of the project only. `prometheus.yml` lists the rule files of both trees,
Grafana's providers the dashboards of both. Folders that a program reads as a whole, such as `kubernetes`, are in the
tree of the environment as a whole if one of their files differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig
from obscode.artifacts.unit_tests import UnitTestSuite, one_per_shape
from obscode.model import naming
from obscode.renderers import render
from obscode.renderers.grafana import provisioning
from obscode.renderers.prometheus import config

_RULES, _TESTS, _DASHBOARDS = "prometheus/rules/", "prometheus/tests/", "grafana/dashboards/"
# Programs are started with the path of one of these: it must not change when the first value differs.
_STARTING = ("prometheus/prometheus", "alertmanager/", "grafana/provisioning/")


@dataclass(frozen=True)
class EnvironmentTree:
    """The output of an environment.

    Attributes:
        artifacts: everything that its Prometheus, Alertmanager and Grafana load.
        different: the configurations, and the rules, tests and dashboards that differ from those of the project.
        files: the files, with their paths in the output folder.
    """

    name: str
    artifacts: Artifacts
    different: Artifacts
    files: Sequence[File]


def environment_tree(name: str, artifacts: Artifacts, base: Artifacts, base_files: Iterable[File]) -> EnvironmentTree:
    """The tree of an environment beside that of the project, which has the artifacts and files ``base``."""
    artifacts = replace(artifacts, test_suites=_untested(artifacts.test_suites, base.test_suites))
    files = {file.path: file for file in render(artifacts)}
    own_units = _different_units(files, {file.path: file for file in base_files})
    return _tree(name, artifacts, base, files.values(), own_units)


def environment_tree_of_addresses(
    name: str, artifacts: Artifacts, base: Artifacts, base_files: Iterable[File]
) -> EnvironmentTree:
    """The tree of an environment that differs in configurations only."""
    return _tree(name, replace(artifacts, test_suites=[]), base, base_files, set())


def _tree(
    name: str, artifacts: Artifacts, base: Artifacts, files: Iterable[File], own_units: set[str]
) -> EnvironmentTree:
    """The tree with those of the files that are in ``own_units``, and those that programs start with."""
    configs = [_with_rule_files(each, artifacts, base, own_units) for each in artifacts.prometheus_configs]
    artifacts = replace(artifacts, prometheus_configs=configs)
    different = replace(
        artifacts,
        rule_files=[file for file in artifacts.rule_files if _unit(naming.rule_file(file.name)) in own_units],
        test_suites=[each for each in artifacts.test_suites if _unit(naming.rule_file(each.rule_file)) in own_units],
        dashboards=[each for each in artifacts.dashboards if _dashboard(each) in own_units],
    )
    folder = naming.environment_folder(name)
    own = [file for file in files if file.path.startswith(_STARTING) or _unit(file.path) in own_units]
    of_both_trees = [*config.render(artifacts), *_provisioning(folder, artifacts, own_units)]
    texts = {file.path: file.text for file in [*own, *of_both_trees]}
    return EnvironmentTree(
        name, artifacts, different, [File(f"{folder}/{path}", texts[path]) for path in sorted(texts)]
    )


def _untested(suites: Sequence[UnitTestSuite], base: Sequence[UnitTestSuite]) -> list[UnitTestSuite]:
    """The suites without those of shapes that the unit tests of the project test with another SLO."""
    tested = {suite.shape: suite.subject for suite in one_per_shape(base) if suite.shape}
    return [each for each in suites if tested.get(each.shape, each.subject) == each.subject]


def _unit(path: str) -> str:
    """What is in the tree of an environment or shared as a whole: a rule file with its tests, a dashboard, a folder."""
    if path.startswith(_RULES):
        return path.removesuffix(".yml")
    if path.startswith(_TESTS):
        return _RULES + path.removeprefix(_TESTS).removesuffix("_test.yml")
    if path.startswith(_DASHBOARDS):
        return path
    parts = path.split("/")
    return "/".join(parts[: 2 if parts[0] == "grafana" else 1])


def _dashboard(dashboard: Dashboard) -> str:
    return naming.dashboard_file(dashboard.folder, dashboard.uid)


def _different_units(files: Mapping[str, File], base: Mapping[str, File]) -> set[str]:
    """The units with a file that is only in one of the two, or that has another text."""
    paths = files.keys() | base.keys()
    return {_unit(path) for path in paths if files.get(path) != base.get(path)}


def _with_rule_files(
    config: PrometheusConfig, artifacts: Artifacts, base: Artifacts, own_units: set[str]
) -> PrometheusConfig:
    """The configuration with the rule files of both trees; paths are relative to it."""
    if naming.RULE_FILES not in config.settings.get("rule_files", ()):
        return config
    names = {file.name for file in artifacts.rule_files}
    own = sorted(name for name in names if _unit(naming.rule_file(name)) in own_units)
    shared = sorted(names.difference(own))
    up = "../../.."
    paths = [naming.RULE_FILES] if own else []
    if not own and len(shared) == len(base.rule_files):
        paths.append(f"{up}/prometheus/{naming.RULE_FILES}")
    else:
        paths += [f"{up}/{naming.rule_file(name)}" for name in shared]
    listed = [
        path for each in config.settings["rule_files"] for path in (paths if each == naming.RULE_FILES else [each])
    ]
    return replace(config, settings={**config.settings, "rule_files": listed})


def _provisioning(environment: str, artifacts: Artifacts, own_units: set[str]) -> list[File]:
    files = [file for file in provisioning.render(artifacts) if file.path != naming.provider_file()]
    if "classic" not in artifacts.project.dashboard_formats:
        return files
    different = [unit for unit in own_units if unit.startswith(_DASHBOARDS)]
    shared = [each for each in artifacts.dashboards if _dashboard(each) not in different]
    has_own = len(shared) < len(artifacts.dashboards)
    mixed = {unit.split("/")[2] for unit in different}
    return [*files, provisioning.environment_providers(environment, artifacts, shared, mixed, has_own=has_own)]
