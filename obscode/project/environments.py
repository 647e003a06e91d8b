"""The environments of a project: their names, and what is reported about several of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from obscode.checks.ineffective_inhibition import ineffective_inhibition
from obscode.checks.lint import IGNORE
from obscode.checks.unmatched_inhibition import unmatched_inhibition
from obscode.checks.unmatched_route import unmatched_route
from obscode.checks.unused_receiver import unused_receiver
from obscode.findings.errors import ObscodeError
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.definition import Definition
from obscode.model.definitions import Definitions
from obscode.model.env import ENVIRONMENT_VALUE, keyword
from obscode.model.environment import Environment
from obscode.model.project import Project
from obscode.model.scrape import ScrapeJob
from obscode.model.service import Service
from obscode.project.service_digests import service_digests
from obscode.project.unused import UNUSED_DEFINITION

# They report that nothing uses a definition. One that is used in some environment is used.
_USED_ELSEWHERE = frozenset(
    code.name
    for code in (
        IGNORE,
        UNUSED_DEFINITION,
        ineffective_inhibition,
        unmatched_inhibition,
        unmatched_route,
        unused_receiver,
    )
)


def declared_name(files: Iterable[Path]) -> str:
    """The text of `Project(environment=...)`, which may be in a file that is loaded after those that read it.

    A name that is computed is not found: the folder is loaded again when it is known.
    """
    for file in files:
        with suppress(OSError, SyntaxError, ValueError):
            text = file.read_bytes()
            if b"Project(" in text and b"environment=" in text:
                calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
                if name := next(filter(None, map(_name_in, calls)), ""):
                    return name
    return ""


def _name_in(call: ast.Call) -> str:
    """The text of `environment=` in a call of Project."""
    function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    for argument in call.keywords if function == "Project" else ():
        if argument.arg == "environment" and isinstance(argument.value, ast.Constant):
            return str(argument.value.value)
    return ""


def usable_environments(project: Project) -> list[Environment]:
    """The environments of a project without those that have a wrong type, an invalid name or the name of another."""
    names = {keyword(str(project.environment)).lower()}
    result = []
    for each in project.environments if isinstance(project.environments, tuple) else ():
        if isinstance(each, Environment) and isinstance(each.name, str) and not any(each.problems()):
            name = keyword(each.name).lower()
            if name not in names:
                result.append(each)
            names.add(name)
    return result


def named(name: str, own: str, environments: Sequence[Environment]) -> Environment:
    """The environment of a name; raises ObscodeError if there is none. ``own`` is the name of the project's."""
    for each in environments:
        if each.name == name:
            return each
    names = [*filter(None, [own]), *(each.name for each in environments)]
    hint = did_you_mean(name, names) or f"it has {', '.join(names) or 'none'}"
    raise ObscodeError(f"the project has no environment {name!r}", hint)


def have_equal_rules(one: Definitions, other: Definitions) -> bool:
    """Whether definitions that differ in services only have the same services except for targets of scrape jobs."""
    by_name = [{service.name: service for service in each.services} for each in (one, other)]
    different = [name for name, service in by_name[0].items() if by_name[1].get(name) is not service]
    if by_name[0].keys() != by_name[1].keys():
        return False
    digests = [
        service_digests(replace(one, services=[_without_targets(services[name]) for name in different]))
        for services in by_name
    ]
    return digests[0] is not None and digests[0] == digests[1]


def _without_targets(service: Service) -> Service:
    jobs = [job.derive(targets=()) if isinstance(job, ScrapeJob) else job for job in service.scrape_jobs()]
    return service.derive(scrape=jobs)


def merged_findings(findings: Mapping[str, Sequence[Finding]], definitions: Sequence[Definitions]) -> list[Finding]:
    """The findings by environment as one list: one that is not in all environments names those that have it.

    ``definitions`` are those of the environments, in the same order.
    """
    environments: dict[Finding, list[str]] = {}
    for name, each in findings.items():
        for finding in dict.fromkeys(each):
            environments.setdefault(finding, []).append(name)
    origins = {name: _origins(each) for name, each in zip(findings, definitions, strict=True)} if findings else {}
    result = []
    for finding, names in environments.items():
        if len(names) == len(findings) or finding.code is ENVIRONMENT_VALUE:  # which names the environment
            result.append(finding)
        elif not _is_used_elsewhere(finding, [places for name, places in origins.items() if name not in names]):
            result.append(replace(finding, message=f"{finding.message} (only in {_listed(names)})"))
    return sorted(result, key=lambda finding: finding.order)


def _origins(definitions: Definitions) -> frozenset[tuple[str, int, int]]:
    return frozenset(definition.origin.order for definition in definitions.walk())


def _is_used_elsewhere(finding: Finding, others: Iterable[frozenset[tuple[str, int, int]]]) -> bool:
    source = finding.source
    if finding.code.name not in _USED_ELSEWHERE or not isinstance(source, Definition):
        return False
    return any(source.origin.order in places for places in others)


def _listed(names: Sequence[str]) -> str:
    titles = [name or "the project's own environment" for name in names]
    return " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)
