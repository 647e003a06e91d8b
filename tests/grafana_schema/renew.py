"""Derive schema.json from the types of Grafana's own npm package: `make grafana-schema`.

It needs Node with npm, and no Python package. Raise the versions in package.json, run it, read the diff.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
SCHEMA = HERE / "schema.json"
SCHEMA_V2 = HERE / "schema_v2.json"
_PACKAGE_FILES = ("package.json", "package-lock.json")

# The package names folders; panels are named as they are in a dashboard's JSON.
_TYPES = {
    "annotationslist": "annolist",
    "dashboardlist": "dashlist",
    "nodegraph": "nodeGraph",
    "statetimeline": "state-timeline",
    "statushistory": "status-history",
}
# Panels that are tried out or that no dashboard has; and one whose types the generator takes for two of a name.
_LEFT_OUT = {"debug", "logsnew", "logstable", "newgauge", "xychart2", "geomap"}
_DASHBOARD = ("Dashboard", "Panel", "RowPanel")
_PANEL = ("Options", "FieldConfig")

Json = dict[str, Any]


def main() -> None:
    if not shutil.which("npm"):
        raise SystemExit("this needs Node with npm; on Debian and Ubuntu: apt install npm")
    with TemporaryDirectory() as folder:
        root = Path(folder)
        _install(root)
        SCHEMA.write_text(_text(_schema(root / "node_modules")))
        SCHEMA_V2.write_text(_text(_schema_v2(root / "node_modules")))
        for name in _PACKAGE_FILES:
            shutil.copy(root / name, HERE / name)


def _install(root: Path) -> None:
    for name in _PACKAGE_FILES:
        if (HERE / name).exists():
            shutil.copy(HERE / name, root / name)
    # Where a package was fetched from is not for others.
    options = ["--omit-lockfile-registry-resolved", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(["npm", "install", *options], cwd=root, check=True)


def _schema(modules: Path) -> Json:
    package = modules / "@grafana" / "schema"
    about = json.loads((package / "package.json").read_text())
    raw = package / "dist" / "types" / "raw"
    definitions = _reachable(_generated(modules, raw / "dashboard" / "x" / "types.gen.d.ts"), _DASHBOARD)
    for file in sorted(raw.glob("composable/*/panelcfg/x/types.gen.d.ts")):
        folder = file.relative_to(raw).parts[1]
        if folder not in _LEFT_OUT:
            own = _with_prefix(_generated(modules, file), file, _TYPES.get(folder, folder))
            _add(definitions, own)
    return _document(about, definitions)


def _schema_v2(modules: Path) -> Json:
    """The spec of version 2 of dashboards."""
    package = modules / "@grafana" / "schema"
    about = json.loads((package / "package.json").read_text())
    types = package / "dist" / "types" / "schema" / "dashboard" / "v2" / "types.spec.gen.d.ts"
    return _document(about, _reachable(_generated(modules, types, "Spec"), ["Spec"]))


def _document(about: Json, definitions: Json) -> Json:
    made = f"Derived from the types of the npm package {about['name']} {about['version']} by `make grafana-schema`."
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": f"{made} Licence: {about['license']}, Grafana Labs.",
        "definitions": dict(sorted(definitions.items())),
    }


# --- what the generator says -------------------------------------------------------------------------------------


def _generated(modules: Path, types: Path, root: str = "*") -> Json:
    """The definitions of all types that a file of declarations holds or names, or of those that one type needs."""
    program = modules / "ts-json-schema-generator" / "bin" / "ts-json-schema-generator.js"
    options = ["--type", root, "--no-type-check", "--jsDoc", "none"]
    command = ["node", str(program), "--path", str(types), *options]
    schema: Json = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return dict(schema["definitions"])


def _with_prefix(definitions: Json, types: Path, panel: str) -> Json:
    """Definitions of a panel's own under its name, what all panels share under theirs; what its root needs of them."""
    own = set(re.findall(r"^export (?:interface|type|declare enum) (\w+)", types.read_text(), re.MULTILINE))
    names = {name: f"{panel}.{name}" if name in own else name for name in definitions}
    renamed = {names[name]: _renamed(definition, names) for name, definition in definitions.items()}
    return _reachable(renamed, [f"{panel}.{name}" for name in _PANEL if name in own])


def _renamed(value: Any, names: Json) -> Any:
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _reference(names[_named(item)]) if key == "$ref" else _renamed(item, names) for key, item in value.items()
    }


def _reference(name: str) -> str:
    return f"#/definitions/{name}"


def _named(reference: str) -> str:
    return reference.removeprefix("#/definitions/")


def _reachable(definitions: Json, roots: Iterable[str]) -> Json:
    """The definitions at the roots, and those that they refer to."""
    result: Json = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in result:
            result[name] = definitions[name]
            waiting += _references(definitions[name])
    return result


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from [_named(item)] if key == "$ref" else _references(item)


def _add(definitions: Json, more: Json) -> None:
    for name, definition in more.items():
        if definitions.setdefault(name, definition) != definition:
            raise SystemExit(f"two types are named {name}")


# --- as a reviewer reads it --------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    return f"{_lines(value)}\n"


def _lines(value: Any, indent: str = "") -> str:
    """JSON in which what is short stands on one line; no object is long for the keys of its last level."""
    short = json.dumps(value, sort_keys=True)
    if len(short) <= 110 or not isinstance(value, dict | list):
        return short
    deeper = f"{indent} "
    if isinstance(value, list):
        return "[\n" + ",\n".join(f"{deeper}{_lines(item, deeper)}" for item in value) + f"\n{indent}]"
    items = (f"{deeper}{json.dumps(key)}: {_lines(item, deeper)}" for key, item in value.items())
    return "{\n" + ",\n".join(items) + f"\n{indent}}}"


if __name__ == "__main__":
    main()
