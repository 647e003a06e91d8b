"""The text of a file as a dashboard: JSON parsed, wrappings taken off, what is of a wrong type told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from obscode.dashboard_checks import classic, v2
from obscode.dashboard_checks.model import Dashboard
from obscode.dashboard_checks.node import Node, WrongType

CHECK = "dashboard-json"

_TELLING = ("panels", "rows", "templating", "schemaVersion", "title", "gridPos")


@dataclass(frozen=True)
class Document:
    """A dashboard, if the text holds one, and what kept it from being read whole."""

    dashboard: Dashboard | None
    wrong: list[WrongType]


class NoJsonError(ValueError):
    """A text that is not JSON; ``at`` is the character where it stops being so."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


def parsed(text: str) -> Any:
    """The value that a text holds; raises NoJsonError."""
    try:
        return json.loads(text, parse_constant=_refused)
    except json.JSONDecodeError as error:
        raise NoJsonError(f"this is no JSON: {error.msg[0].lower()}{error.msg[1:]}", error.pos) from None
    except RecursionError:
        raise NoJsonError("this is nested too deep to be a dashboard") from None
    except ValueError as error:  # NaN, or a number of thousands of digits
        raise NoJsonError(f"this is no JSON: {error}") from None


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number there")


def read(value: Any) -> Document:
    """The dashboard in a file's JSON: bare, from the API, or a resource."""
    root = Node(value)
    if not isinstance(value, dict):
        return _none(root, "the file is not a JSON object, so it holds no dashboard")
    version, kind = root.text("apiVersion"), root.text("kind")
    if version or (kind and root.has("spec")):
        return _resource(root, version, kind)
    if root.has("dashboard") and not root.has("panels"):
        root = root.object("dashboard")
    if not any(key in root.value for key in _TELLING):
        return _none(root, "the file holds no dashboard")
    return Document(classic.dashboard(root, "classic"), root.wrong)


def _resource(root: Node, version: str, kind: str) -> Document:
    if kind != "Dashboard":
        return _none(root, f"the file holds a resource of kind {kind!r}, not a dashboard")
    spec = root.object("spec")
    is_v2 = version.rpartition("/")[2].startswith("v2") or spec.has("elements")
    return Document(v2.dashboard(spec) if is_v2 else classic.dashboard(spec, "v1"), root.wrong)


def _none(root: Node, message: str) -> Document:
    return Document(None, [*root.wrong, WrongType(root.at("kind"), message)])
