"""Validate Kubernetes objects against the schemas of the operators' CustomResourceDefinitions.

The API server removes unknown fields silently; here they are faults.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

from obscode.artifacts.files import File


def _python_pattern(part: dict[str, Any]) -> dict[str, Any]:
    """In Go, a flag applies from where it stands; in Python, to the whole expression."""
    if isinstance(pattern := part.get("pattern"), str) and "(?i)" in pattern:
        part["pattern"] = "(?i)" + pattern.replace("(?i)", "")
    return part


SCHEMA_TEXT = (Path(__file__).parent / "operator_schema" / "schema.json").read_text()
SCHEMA = json.loads(SCHEMA_TEXT, object_hook=_python_pattern)
KUSTOMIZATION = "kustomize.config.k8s.io/v1beta1/Kustomization"
_CONFIG_MAP: dict[str, Any] = {
    "type": "object",
    "required": ["apiVersion", "kind", "metadata", "data"],
    "additionalProperties": False,
    "properties": {
        "apiVersion": {"const": "v1"},
        "kind": {"const": "ConfigMap"},
        "metadata": SCHEMA["kinds"]["monitoring.coreos.com/v1/PrometheusRule"]["properties"]["metadata"],
        "data": {
            "type": "object",
            "propertyNames": {"pattern": "^[-._a-zA-Z0-9]{1,253}$"},
            "additionalProperties": {"type": "string"},
        },
    },
}


def kind(content: Any) -> str:
    """`monitoring.coreos.com/v1/PrometheusRule`."""
    return f"{content['apiVersion']}/{content['kind']}"


@cache
def _validator(name: str) -> Draft7Validator:
    schema = _CONFIG_MAP if name == "v1/ConfigMap" else SCHEMA["kinds"][name]
    return Draft7Validator({**schema, "definitions": SCHEMA["definitions"]})


def faults(content: Any) -> list[str]:
    """What the API server rejects or removes; routes below the first level, which it takes as any JSON, too."""
    validator = _validator(kind(content))
    errors = [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(content)]
    if content["kind"] == "AlertmanagerConfig":
        schema = SCHEMA["kinds"][kind(content)]["properties"]["spec"]["properties"]["route"]
        validator = Draft7Validator({**schema, "definitions": SCHEMA["definitions"]})
        errors += _route_faults(content["spec"].get("route", {}), validator, "route")
    return errors


def _route_faults(route: Any, validator: Draft7Validator, at: str) -> list[str]:
    result = []
    for i, below in enumerate(route.get("routes", ())):
        path = f"{at}.routes[{i}]"
        result += [f"{path}: {error.message}" for error in validator.iter_errors(below)]
        result += _route_faults(below, validator, path)
    return result


def objects(files: Iterable[File]) -> dict[str, Any]:
    """The objects among files, by path, without the lists for Kustomize."""
    contents = {file.path: yaml.safe_load(file.text) for file in files if file.path.startswith("kubernetes/")}
    return {path: content for path, content in contents.items() if kind(content) != KUSTOMIZATION}
