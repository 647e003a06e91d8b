"""The contents of an environment beside those of the project's own environment: `obscode list --environment`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from typing import Any, NamedTuple

from obscode.artifacts.alertmanager import Route
from obscode.artifacts.project import Artifacts
from obscode.compiler.alert_thresholds import condition_of
from obscode.findings.source import Source
from obscode.model.alert import Alert, RecordingRule
from obscode.model.definition import Definition
from obscode.model.environment import Environment
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.project.inventory import Row, inventory

_NONE = "-"
# The kinds of rows that are no parts of the service in the last row of one.
_OF_NO_SERVICE = {"setting", "rule group", "prometheus", "alertmanager", "dashboard", "route"}
_NOT_SETTINGS = {spec.name for spec in fields(Definition)} | {"name"}


def environment_inventory(artifacts: Artifacts, base: Artifacts) -> list[Row]:
    """A header, then kind, name, detail here and in the project's own environment if that differs, and position.

    Rows at the end are of definitions that are only in the project's own environment.
    """
    settings = _settings_of(artifacts.project, base.project)
    rows, others = _rows(artifacts, settings), _rows(base, settings)
    result: list[Row] = [("KIND", "NAME", "DETAIL", f"IN {base.project.environment or 'PROJECT'}", "SOURCE")]
    for key, row in rows.items():
        other = others.get(key)
        difference = _NONE if other is None else ""
        if other and other.detail != row.detail:
            difference = other.detail or "none"
        elif other and other.expression != row.expression:
            difference = "another expression"
        result.append((key.kind, key.name, row.detail, difference, row.position))
    missing = {key: row for key, row in others.items() if key not in rows}
    result += ((key.kind, key.name, _NONE, row.detail or "only there", row.position) for key, row in missing.items())
    return result


class _Key(NamedTuple):
    """What a row is about: the ``number`` is that among rows with the same name of one service."""

    kind: str
    name: str
    service: str
    number: int = 0


class _Row(NamedTuple):
    detail: str
    position: str
    expression: str = ""


def _rows(artifacts: Artifacts, settings: Sequence[str]) -> Mapping[_Key, _Row]:
    result: dict[_Key, _Row] = {}
    parts = {(service.name, part.name): part for service in artifacts.services for part in _with_expressions(service)}
    service = ""
    for kind, name, detail, position in [
        *_settings(artifacts.project, settings),
        *inventory(artifacts)[1:],
        *_routes(artifacts),
    ]:
        service = name if kind == "service" else "" if kind in _OF_NO_SERVICE else service
        key = _Key(kind, name, service)
        while key in result:
            key = key._replace(number=key.number + 1)
        part = parts.get((service, name)) if kind in ("alert", "recording rule") else None
        threshold = _threshold(part) if isinstance(part, Alert) else ""
        result[key] = _Row(", ".join(filter(None, [detail, threshold])), position, part.expr if part else "")
    return result


def _with_expressions(service: Service) -> Iterator[Alert | RecordingRule]:
    yield from service.recording_rules
    yield from service.alerts


def _settings_of(*projects: Project) -> list[str]:
    """The settings that an environment can replace, where one of the projects has another value than the default."""
    default = Project("default")
    names = [spec.name for spec in fields(Environment) if spec.name not in _NOT_SETTINGS]
    return [name for name in names if any(getattr(each, name) != getattr(default, name) for each in projects)]


def _settings(project: Project, names: Sequence[str]) -> Iterator[Row]:
    for name in names:
        yield "setting", name, _text(getattr(project, name)), _position(project, name)


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_text(item)}" for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_text, value))
    if isinstance(value, Definition):
        arguments = {spec.name: getattr(value, spec.name) for spec in fields(value) if spec.init}
        defaults = {spec.name: _default(spec) for spec in fields(value)}
        changed = {name: item for name, item in arguments.items() if item != defaults[name]}
        return f"{type(value).__name__}({_text(changed)})"
    return str(value)


def _default(spec: Field[Any]) -> Any:
    return spec.default if spec.default_factory is MISSING else spec.default_factory()


def _routes(artifacts: Artifacts) -> Iterator[Row]:
    for config in artifacts.alertmanager_configs:
        for route in config.route.walk():
            yield "route", _matchers(route), route.receiver, _position(route.source)


def _matchers(route: Route) -> str:
    return ", ".join(route.matchers) or "all alerts"


def _threshold(alert: Alert) -> str:
    """`> 0.05`; empty for an alert that compares with no number."""
    condition = condition_of(alert)
    if condition is None or condition.value is None:
        return ""
    return f"{'>' if condition.above else '<'} {condition.value:g}"


def _position(source: Source, part: str = "") -> str:
    return str(source.span(part) or "")
