"""Findings about names that the oldest version of Prometheus or Alertmanager does not load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.compatibility import ALERTMANAGER, PROMETHEUS, Program, at_least
from obscode.model.definition import Definition
from obscode.model.definitions import Definitions
from obscode.model.identifiers import validate_plain_label_name, validate_plain_metric_name
from obscode.model.inhibition import Inhibit
from obscode.model.project import Project
from obscode.model.relabel import Step
from obscode.model.routing import EVERY_LABEL, Route
from obscode.promql.label_matchers import MatcherError, parse_matchers


def version_findings(definitions: Definitions) -> Iterator[Finding]:
    """Names of definitions that need a newer version than those of the project.

    The arguments of the project are valid; those of other definitions may have wrong types.
    """
    project = definitions.project
    for definition in definitions.walk():
        if not at_least(project.oldest_prometheus, PROMETHEUS.utf8_names):
            yield from _names(definition, definition.metric_names, PROMETHEUS, project, is_metric=True)
            yield from _names(definition, definition.label_names, PROMETHEUS, project)
        if not at_least(project.oldest_alertmanager, ALERTMANAGER.utf8_names):
            yield from _names(definition, definition.routed_labels, ALERTMANAGER, project)
            yield from _names_in_matchers(definition, project)


def _names_in_matchers(definition: Definition, project: Project) -> Iterator[Finding]:
    """Matchers with names of labels that an old Alertmanager does not parse."""
    if not isinstance(definition, Route | Inhibit):
        return
    for at in ("matchers", "source_matchers", "target_matchers"):
        texts = getattr(definition, at, ())
        for i, text in enumerate(texts if isinstance(texts, tuple) else ()):
            for name in _labels(text):
                yield from _name(definition, name, ALERTMANAGER, project, at, i, is_metric=False)


def _labels(text: object) -> list[str]:
    try:
        return [matcher.label for matcher in parse_matchers(text)] if isinstance(text, str) else []
    except MatcherError:  # reported by the definition
        return []


def _names(
    definition: Definition, arguments: Sequence[str], program: Program, project: Project, *, is_metric: bool = False
) -> Iterator[Finding]:
    for at in arguments:
        value = getattr(definition, at)
        if not isinstance(value, str if is_metric else str | tuple | dict):  # reported as of the wrong type
            continue
        for i, name in enumerate([value] if isinstance(value, str) else value):
            if isinstance(definition, Step) and "$" in str(name):  # a name with groups of a regular expression
                continue
            item = None if isinstance(value, str) else i
            yield from _name(definition, name, program, project, at, item, is_metric=is_metric)


def _name(
    definition: Definition, name: Any, program: Program, project: Project, at: str, item: int | None, *, is_metric: bool
) -> Iterator[Finding]:
    validate = validate_plain_metric_name if is_metric else validate_plain_label_name
    if _is_used(name) and (invalid := validate(name)):
        message, hint = invalid
        hint = f'{hint}; or write {program.setting}="{program.utf8_names}" in the Project'
        message = f"{message} that {program.name} {getattr(project, program.setting)} accepts"
        yield definition.finding(codes.METRIC_NAME if is_metric else codes.LABEL_NAME, message, hint, at=at, item=item)


def _is_used(name: object) -> bool:
    """False for empty and reserved names, which definitions report themselves."""
    return isinstance(name, str) and name not in ("", EVERY_LABEL) and not name.startswith("__")
