"""The dashboards in a JSON text: bare, from Grafana's API, in resources, in lists of them, or in ConfigMaps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from obscode.artifacts.dashboards import Dashboard, Form
from obscode.findings.code import Code
from obscode.reader.dashboards import classic, v2
from obscode.reader.dashboards.json_cursor import WITHIN, Node, Path, WrongType
from obscode.reader.dashboards.json_positions import JsonText, Span, duplicate_keys
from obscode.reader.dashboards.json_source import JsonSource
from obscode.reader.dashboards.model import Dashboard as DashboardModel

DUPLICATE_JSON_KEY = Code(
    "duplicate-json-key",
    "A key occurs once in a JSON object.",
    why="Grafana uses the last value and ignores the others.",
    bad='{"title": "Shop", "title": "Checkout", "panels": []}',
    good='{"title": "Checkout", "panels": []}',
)
_DEEPEST = 4  # lists of ConfigMaps with dashboards
# Python's limit for integers is 4300 digits.
_PLACED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(-?Infinity|NaN|-?\d{4301,})', re.DOTALL)

_TELLING = ("panels", "rows", "templating", "schemaVersion", "title", "gridPos")


@dataclass(frozen=True)
class NoJson:
    """A text that is not JSON; ``at`` is the index of the first invalid character in the text at the path."""

    message: str
    at: int
    path: Path = ()


@dataclass(frozen=True)
class DuplicateKey:
    """A key that an object has a second time; ``span`` is its position in the text at the path."""

    key: str
    span: Span
    path: Path = ()


@dataclass
class Document:
    """The dashboards in a JSON text, and why others cannot be read.

    Attributes:
        json: the text, which locates its values.
        wrong: values around the dashboards that are of a wrong type, or no dashboard.
        no_json: syntax errors.
        duplicates: keys that occur twice in an object; Grafana uses the last one.
    """

    json: JsonText
    dashboards: list[Dashboard] = field(default_factory=list)
    wrong: list[WrongType] = field(default_factory=list)
    no_json: list[NoJson] = field(default_factory=list)
    duplicates: list[DuplicateKey] = field(default_factory=list)


def model_of(dashboard: Dashboard) -> DashboardModel:
    """A dashboard as the checks of dashboards read it, compiled or read from a file; paths are those of its body."""
    node = Node(dashboard.body)
    return v2.dashboard(node) if dashboard.form == "v2" else classic.dashboard(node, dashboard.form)


def read(text: str, file: str = "") -> Document:
    """The dashboards in a text. ``file`` is for positions."""
    document = Document(JsonText(text, file))
    _text(document, text, (), 0)
    if not document.dashboards and not document.wrong and not document.no_json:
        document.wrong.append(WrongType((), "the file contains no dashboard"))
    return document


def _text(document: Document, text: str, path: Path, depth: int) -> None:
    try:
        value, has_duplicates = _parsed(text)
    except _NoJsonError as error:
        document.no_json.append(NoJson(str(error), error.at, path))
    else:
        keys = duplicate_keys(text) if has_duplicates else ()
        document.duplicates += [DuplicateKey(key, span, path) for key, span in keys]
        inner = (*path, WITHIN) if path else ()
        _value(document, Node(value, inner), depth)


class _NoJsonError(ValueError):
    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


def _parsed(text: str) -> tuple[Any, bool]:
    """The value, and whether an object in it has a key twice."""
    duplicates: list[bool] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            duplicates.append(True)
        return value

    if not text.strip():
        raise _NoJsonError("the file is empty")
    try:
        return json.loads(text, parse_constant=_refused, object_pairs_hook=unique), bool(duplicates)
    except json.JSONDecodeError as error:
        raise _NoJsonError(f"invalid JSON: {error.msg[0].lower()}{error.msg[1:]}", error.pos) from None
    except RecursionError:
        raise _NoJsonError("the JSON is nested too deeply") from None
    except ValueError:
        odd = next((result for result in _PLACED.finditer(text) if result[1]), None)
        name = odd[1] if odd and not odd[1].strip("-").isdigit() else "a number with more than 4300 digits"
        raise _NoJsonError(f"invalid JSON: {name} is not a valid number", odd.start() if odd else 0) from None


def _refused(name: str) -> NoReturn:
    raise ValueError(name)


def _value(document: Document, node: Node, depth: int) -> None:
    items = _items(node)
    if items is not None and depth < _DEEPEST:
        for item in items:
            _value(document, item, depth + 1)
        return
    if not isinstance(node.value, dict):
        if depth == 0:
            document.wrong.append(WrongType((), "the file is not a JSON object, so it contains no dashboard"))
        return
    version, kind = node.text("apiVersion"), node.text("kind")
    if texts := list(_texts(node, kind)):
        for path, text in texts if depth < _DEEPEST else ():
            _text(document, text, path, depth + 1)
    elif version or (kind and node.has("spec")):
        _resource(document, node, version, kind, depth)
    else:
        bare = node.object("dashboard") if node.has("dashboard") and not node.has("panels") else node
        if any(key in bare.value for key in _TELLING):
            folder = node.get("meta").loose("folderTitle")
            _add(document, node, bare, bare.loose("uid"), folder, "classic")
        elif depth == 0:
            document.wrong += [*node.wrong, WrongType(node.at("kind"), "the file contains no dashboard")]


def _items(node: Node) -> list[Node] | None:
    """The items of a list, or of a Kubernetes list; each collects its own errors."""
    if isinstance(node.value, dict) and node.loose("kind").endswith("List"):
        node = node.get("items")
    if isinstance(node.value, list) and node.value:
        return [Node(item, (*node.path, index)) for index, item in enumerate(node.value)]
    return None


def _texts(node: Node, kind: str) -> Iterator[tuple[Path, str]]:
    """The keys of Kubernetes objects that contain dashboards as strings."""
    holder, keys = node, tuple[str, ...]()
    if kind == "ConfigMap":
        holder = node.get("data")
        keys = tuple(key for key in holder.value if key.endswith(".json")) if isinstance(holder.value, dict) else ()
    elif kind == "GrafanaDashboard":
        holder, keys = node.get("spec"), ("json",)
    for key in keys:
        if text := holder.loose(key):
            yield (*holder.path, key), text


def _resource(document: Document, root: Node, version: str, kind: str, depth: int) -> None:
    if kind != "Dashboard":
        if depth == 0:
            message = f"the file contains a resource of kind {kind!r}, not a dashboard"
            document.wrong += [*root.wrong, WrongType(root.at("kind"), message)]
        return
    spec = root.object("spec")
    is_v2 = version.rpartition("/")[2].startswith("v2") or spec.has("elements")
    metadata = root.get("metadata")
    folder = metadata.get("annotations").loose("grafana.app/folder")
    _add(document, root, spec, metadata.loose("name"), folder, "v2" if is_v2 else "v1")


def _add(document: Document, root: Node, body: Node, uid: str, folder: str, form: Form) -> None:
    """Add a dashboard, and what is wrong around it."""
    source = JsonSource(document.json, body.path)
    document.dashboards.append(Dashboard(uid, body.loose("title"), folder, body.value, source, form=form))
    document.wrong += root.wrong
