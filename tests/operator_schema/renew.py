"""Derive schema.json from the CustomResourceDefinitions of the operators: `make operator-schema`.

It downloads the files of the versions in `SOURCES`, or reads them from a folder: `renew.py FOLDER`. Raise the versions,
run it, read the diff. From the schema, it writes the names and the types of fields that obscode reads and writes.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import yaml

HERE = Path(__file__).parent
SCHEMA = HERE / "schema.json"
FIELDS = HERE.parents[1] / "obscode" / "artifacts" / "operator_fields.py"
_GITHUB = "https://raw.githubusercontent.com"
SOURCES = {
    f"{_GITHUB}/prometheus-operator/prometheus-operator/v0.93.0/example/prometheus-operator-crd-full": (
        "monitoring.coreos.com_alertmanagerconfigs.yaml",
        "monitoring.coreos.com_podmonitors.yaml",
        "monitoring.coreos.com_probes.yaml",
        "monitoring.coreos.com_prometheusrules.yaml",
        "monitoring.coreos.com_scrapeconfigs.yaml",
        "monitoring.coreos.com_servicemonitors.yaml",
    ),
    f"{_GITHUB}/grafana/grafana-operator/v5.24.0/config/crd/bases": ("grafana.integreatly.org_grafanadashboards.yaml",),
}
# A part of the schema that is used more than once, and is longer than a reference to it.
_LONGEST = 120
_RETAINED = (
    "type",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "required",
    "minProperties",
    "maxProperties",
    "uniqueItems",
)

Json = dict[str, Any]


def main(folder: str = "") -> None:
    kinds = dict(sorted(kind for text in _texts(folder) for kind in _kinds(_loaded(text))))
    versions = ", ".join(url.split("/")[4] + " " + url.split("/")[5] for url in SOURCES)
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": f"Derived from the CustomResourceDefinitions of {versions} by `make operator-schema`. "
        "Licence: Apache-2.0.",
        **_shared(kinds),
    }
    SCHEMA.write_text(_lines(schema) + "\n")
    FIELDS.write_text(fields_module(schema))


def _texts(folder: str) -> Iterator[str]:
    for url, names in SOURCES.items():
        for name in names:
            if folder:
                yield Path(folder, name).read_text()
            else:
                with urlopen(f"{url}/{name}", timeout=60) as answer:
                    yield answer.read().decode()


def _loaded(text: str) -> Json:
    """The document; `=`, which YAML 1.1 reads as a type of its own, is a string."""

    content: Json = yaml.load(text, _Loader)
    return content


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: str(node.value))


def _kinds(definition: Json) -> Iterator[tuple[str, Json]]:
    """The schema of each version of a kind, such as `monitoring.coreos.com/v1/PrometheusRule`."""
    spec = definition["spec"]
    for version in spec["versions"]:
        properties = dict(version["schema"]["openAPIV3Schema"]["properties"])
        name = f"{spec['group']}/{version['name']}/{spec['names']['kind']}"
        yield (
            name,
            {
                "type": "object",
                "required": ["apiVersion", "kind", "metadata", "spec"],
                "additionalProperties": False,
                "properties": {
                    "apiVersion": {"const": f"{spec['group']}/{version['name']}"},
                    "kind": {"const": spec["names"]["kind"]},
                    "metadata": _METADATA,
                    "spec": _simple(properties["spec"]),
                },
            },
        )


_LABEL = {"pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$", "maxLength": 63, "type": "string"}
#: What Kubernetes accepts, as far as objects of obscode have it.
_METADATA = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {
            "type": "string",
            "maxLength": 253,
            "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        },
        "namespace": {"type": "string", "maxLength": 63, "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"},
        "labels": {"type": "object", "additionalProperties": _LABEL},
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def _simple(schema: Json) -> Json:
    """The part of a schema that says what is valid. The API server removes unknown fields: here they are errors."""
    result: Json = {key: schema[key] for key in _RETAINED if key in schema}
    if schema.get("x-kubernetes-int-or-string"):
        result["type"] = ["integer", "string"]
    if properties := schema.get("properties"):
        result["properties"] = {name: _simple(value) for name, value in sorted(properties.items())}
        result["additionalProperties"] = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    elif isinstance(of_all := schema.get("additionalProperties"), dict):
        result["additionalProperties"] = _simple(of_all)
    if items := schema.get("items"):
        result["items"] = _simple(items)
    return result


# --- the fields, for obscode -------------------------------------------------------------------------------------


_MODULE = '''"""The fields of the operators' objects, and their types. Written by `make operator-schema`.

A type is `text`, `number`, `flag`, `any`, `secret` (a key of a Secret), `secret-or-configmap`, a list of a type, a
mapping of names to types (`*` stands for any name, `=` has the values of an enumeration), or the name of one of `TYPES`
after `#`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# fmt: off
TYPES: Mapping[str, Any] = {types}

KINDS: Mapping[str, Any] = {kinds}
'''


def fields_module(schema: Json) -> str:
    """The Python module with the fields of all kinds."""
    every = {name: _fields(value) for name, value in schema["definitions"].items()}
    simple = {name: value for name, value in every.items() if isinstance(value, str) and value[0] != "#"}
    types = {name: _resolved(value, simple) for name, value in every.items() if name not in simple}
    kinds = {name: _resolved(_fields(kind["properties"]["spec"]), simple) for name, kind in schema["kinds"].items()}
    return _MODULE.format(types=_lines(types), kinds=_lines(kinds))


def _fields(schema: Json) -> Any:
    """The type of a part of the schema."""
    if reference := schema.get("$ref"):
        return "#" + reference.removeprefix("#/definitions/")
    if "enum" in schema:
        return {"=": [str(value) for value in schema["enum"]]}
    if properties := schema.get("properties"):
        if properties.keys() in ({"key", "name"}, {"key", "name", "optional"}) and "key" in schema.get("required", ()):
            return "secret"
        if properties.keys() == {"configMap", "secret"}:
            return "secret-or-configmap"
        return {name: _fields(value) for name, value in properties.items()}
    kind = schema.get("type")
    if kind == "array":
        return [_fields(schema.get("items", {}))]
    if kind == "object":
        return {"*": _fields(schema["additionalProperties"])} if schema.get("additionalProperties") else "any"
    return {"string": "text", "integer": "number", "number": "number", "boolean": "flag"}.get(str(kind), "any")


def _resolved(value: Any, simple: Json) -> Any:
    """A type in which what is simple replaces its name."""
    if isinstance(value, str):
        return simple.get(value.removeprefix("#"), value) if value[0] == "#" else value
    if isinstance(value, list):
        return [_resolved(item, simple) for item in value]
    return {name: item if name == "=" else _resolved(item, simple) for name, item in value.items()}


# --- as a reviewer reads it --------------------------------------------------------------------------------------


def _shared(kinds: Json) -> Json:
    """The kinds with references to the parts that they share."""
    counts = Counter(text for schema in kinds.values() for part in _parts(schema) if len(text := _key(part)) > _LONGEST)
    shared = {text: "" for text, count in counts.items() if count > 1}
    names: Counter[str] = Counter()
    for schema in kinds.values():
        _name(schema, "object", shared, names)
    definitions = {name: _referring(json.loads(text), shared, text) for text, name in shared.items()}
    return {
        "definitions": dict(sorted(definitions.items())),
        "kinds": {name: _referring(schema, shared) for name, schema in kinds.items()},
    }


def _parts(schema: Any) -> Iterator[Json]:
    if isinstance(schema, dict):
        if "type" in schema and isinstance(schema["type"], str | list):
            yield schema
        for value in schema.values():
            yield from _parts(value)


def _name(schema: Any, place: str, shared: dict[str, str], names: Counter[str]) -> None:
    """Name the shared parts by the property that they are first used for."""
    if not isinstance(schema, dict):
        return
    text = _key(schema)
    if shared.get(text) == "":
        names[place] += 1
        shared[text] = f"{place}{names[place] if names[place] > 1 else ''}"
    for key, value in schema.items():
        if key == "properties":
            for name, below in value.items():
                _name(below, name, shared, names)
        elif isinstance(value, dict):
            _name(value, place, shared, names)


def _referring(schema: Any, shared: dict[str, str], itself: str = "") -> Any:
    if isinstance(schema, list):
        return schema
    if not isinstance(schema, dict):
        return schema
    text = _key(schema)
    if text in shared and text != itself:
        return {"$ref": f"#/definitions/{shared[text]}"}
    return {key: _referring(value, shared) for key, value in schema.items()}


def _key(schema: Json) -> str:
    return json.dumps(schema, sort_keys=True)


def _lines(value: Any, indent: str = "") -> str:
    """JSON in which what is short stands on one line."""
    short = json.dumps(value)
    if len(short) + len(indent) <= 100 or not isinstance(value, dict | list):
        return short
    deeper = f"{indent} "
    if isinstance(value, list):
        return "[\n" + ",\n".join(f"{deeper}{_lines(item, deeper)}" for item in value) + f"\n{indent}]"
    items = (f"{deeper}{json.dumps(key)}: {_lines(item, deeper)}" for key, item in value.items())
    return "{\n" + ",\n".join(items) + f"\n{indent}}}"


if __name__ == "__main__":
    main(*sys.argv[1:2])
