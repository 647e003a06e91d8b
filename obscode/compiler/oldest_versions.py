"""Findings about names and settings that the oldest version of Prometheus or Alertmanager does not load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.definitions import Definitions
from obscode.model.identifiers import validate_plain_label_name, validate_plain_metric_name
from obscode.model.project import Project
from obscode.model.receivers import Receiver
from obscode.model.routing import EVERY_LABEL

NEWER_ALERTMANAGER = Code(
    "newer-alertmanager",
    "Receivers have arguments that `oldest_alertmanager` of the project supports.",
    why="An older Alertmanager rejects the whole configuration.",
    bad='Project("shop")  # oldest_alertmanager is 0.25\nreceivers.Webhook("team", url_file="/run/secrets/url")',
    good='Project("shop", oldest_alertmanager="0.26")\nreceivers.Webhook("team", url_file="/run/secrets/url")',
)
# Names of metrics and labels with any characters: https://prometheus.io/docs/guides/utf8/
PROMETHEUS_UTF8 = "3.0"
# https://github.com/prometheus/alertmanager/releases/tag/v0.27.0
ALERTMANAGER_UTF8 = "0.27"


def version_findings(definitions: Definitions) -> Iterator[Finding]:
    """Names and settings of definitions that need a newer version than those of the project.

    The arguments of the project are valid; those of other definitions may have wrong types.
    """
    rules, routes = _of_prometheus(definitions.project), _of_alertmanager(definitions.project)
    for definition in definitions.walk():
        if not at_least(rules.oldest, PROMETHEUS_UTF8):
            yield from _names(definition, definition.metric_names, rules, is_metric=True)
            yield from _names(definition, definition.label_names, rules)
        if not at_least(routes.oldest, ALERTMANAGER_UTF8):
            yield from _names(definition, definition.routed_labels, routes)
        if isinstance(definition, Receiver):
            yield from _arguments(definition, routes)


def at_least(version: str, other: str) -> bool:
    """Whether a version such as `2.42` is another one, or newer."""
    return _numbers(version) >= _numbers(other)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


@dataclass(frozen=True)
class _Program:
    """A program that reads the output: its oldest version, and how to write the first one with UTF-8 names."""

    name: str
    setting: str
    oldest: str
    utf8: str


def _of_prometheus(project: Project) -> _Program:
    return _Program("Prometheus", "oldest_prometheus", project.oldest_prometheus, PROMETHEUS_UTF8)


def _of_alertmanager(project: Project) -> _Program:
    return _Program("Alertmanager", "oldest_alertmanager", project.oldest_alertmanager, ALERTMANAGER_UTF8)


def _names(
    definition: Definition, arguments: Sequence[str], program: _Program, *, is_metric: bool = False
) -> Iterator[Finding]:
    validate = validate_plain_metric_name if is_metric else validate_plain_label_name
    for at in arguments:
        value = getattr(definition, at)
        if not isinstance(value, str if is_metric else tuple | dict):  # reported as an argument of the wrong type
            continue
        for i, name in enumerate([value] if isinstance(value, str) else value):
            if _is_used(name) and (invalid := validate(name)):
                message, hint = invalid
                hint = f'{hint}; or write {program.setting}="{program.utf8}" in the Project'
                code, item = codes.METRIC_NAME if is_metric else codes.LABEL_NAME, None if isinstance(value, str) else i
                yield definition.finding(
                    code, f"{message} that {program.name} {program.oldest} accepts", hint, at=at, item=item
                )


def _is_used(name: object) -> bool:
    """False for empty and reserved names, which definitions report themselves."""
    return isinstance(name, str) and name not in ("", EVERY_LABEL) and not name.startswith("__")


def _arguments(receiver: Receiver, program: _Program) -> Iterator[Finding]:
    for at, version in receiver.added_in.items():
        if getattr(receiver, at) and not at_least(program.oldest, version):
            message = f"{at} needs {program.name} {version}, but {program.setting} is {program.oldest}"
            hint = f'write {program.setting}="{version}" in the Project, if no older one loads the configuration'
            yield receiver.finding(NEWER_ALERTMANAGER, message, hint, at=at)
