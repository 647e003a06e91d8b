"""Validate a dashboard's JSON against the types of Grafana's npm package, panel by panel.

Valid JSON without a type in the package is listed here, with the reason; a test fails on an entry that is not needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from grafana_cases import Json
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

SCHEMA = json.loads((Path(__file__).parent / "grafana_schema" / "schema.json").read_text())

_WORD, _WHOLE, _YES_OR_NO = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_NUMBER = {"type": "number"}


def _object(required: Sequence[str] = (), /, **properties: Any) -> Json:
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


# Types that the package lacks: a panel and a link as in Grafana's source, and the keys of grafana-operator's object
# (config/crd/bases in its repository) that obscode writes.
_STATES = ("firing", "pending", "recovering", "noData", "normal", "error")
_UNTYPED = {
    "alertlist.Options": _object(
        ("maxItems", "sortOrder", "groupMode", "stateFilter", "viewMode"),
        viewMode={"enum": ["list", "stat"]},
        groupMode={"enum": ["default", "custom"]},
        groupBy={"type": "array", "items": _WORD},
        maxItems=_WHOLE,
        sortOrder={"enum": [1, 2, 3, 4, 5]},
        dashboardAlerts=_YES_OR_NO,
        alertName=_WORD,
        alertInstanceLabelFilter=_WORD,
        datasource=_WORD,
        folder=_object(("uid", "title"), uid=_WORD, title=_WORD),
        showInstances=_YES_OR_NO,
        showInactiveAlerts=_YES_OR_NO,
        stateFilter=_object(_STATES, **dict.fromkeys(_STATES, _YES_OR_NO)),
    ),
    # packages/grafana-schema/src/raw/composable/geomap of Grafana's repository; the generator rejects MapLayerOptions.
    "geomap.Options": _object(
        ("basemap", "controls", "layers", "tooltip", "view"),
        basemap={"$ref": "#/definitions/geomap.Layer"},
        layers={"type": "array", "items": {"$ref": "#/definitions/geomap.Layer"}},
        controls=_object(
            **dict.fromkeys(
                ("mouseWheelZoom", "showAttribution", "showDebug", "showMeasure", "showScale", "showZoom"), _YES_OR_NO
            )
        ),
        tooltip=_object(("mode",), mode={"enum": ["details", "none"]}),
        view=_object(
            ("id",),
            id=_WORD,
            layer=_WORD,
            allLayers=_YES_OR_NO,
            **dict.fromkeys(("lat", "lon", "maxZoom", "minZoom", "padding", "zoom"), _NUMBER),
        ),
    ),
    "geomap.Layer": _object(
        ("type", "name"),
        type=_WORD,
        name=_WORD,
        config={"type": "object"},
        opacity={"type": "number"},
        tooltip=_YES_OR_NO,
        location=_object(
            ("mode",),
            mode={"enum": ["auto", "geohash", "coords", "lookup"]},
            **dict.fromkeys(("geohash", "gazetteer", "latitude", "longitude", "lookup", "wkt"), _WORD),
        ),
    ),
    "geomap.FieldConfig": _object(hideFrom={"$ref": "#/definitions/HideSeriesConfig"}),
    # These panels have no options of their own.
    "flamegraph.Options": _object(),
    "library-panel-ref.Options": _object(),
    "traces.Options": _object(spanFilters={"type": "object"}),
    "DataLink": _object(("title", "url"), title=_WORD, url=_WORD, targetBlank=_YES_OR_NO, oneClick=_YES_OR_NO),
    "GrafanaDashboard": _object(
        ("apiVersion", "kind", "metadata", "spec"),
        apiVersion={"const": "grafana.integreatly.org/v1beta1"},
        kind={"const": "GrafanaDashboard"},
        metadata=_object(("name",), name=_WORD),
        spec=_object(
            ("instanceSelector",),
            instanceSelector=_object(matchLabels={"type": "object", "additionalProperties": _WORD}),
            folder=_WORD,
            json=_WORD,
        ),
    ),
}
DEFINITIONS: Mapping[str, Any] = {**SCHEMA["definitions"], **_UNTYPED}

#: Keys without a type in the package: the path, and the reason.
LET_PASS: Mapping[str, str] = {
    **dict.fromkeys(
        [f"annotations/list/*/{name}" for name in ("expr", "step", "titleFormat", "textFormat", "tagKeys")],
        "the query of an annotation from Prometheus; the type has only Grafana's built-in queries",
    ),
    **dict.fromkeys(
        [f"templating/list/*/{name}" for name in ("auto", "auto_count", "auto_min", "baseFilters", "filters")],
        "settings of variables of the types interval and adhoc; the type has only those of queries",
    ),
    "table/fieldConfig/overrides/*/custom.hidden": "hides a column in Grafana 11 and 12; 13 does so by hideFrom",
    **dict.fromkeys(
        ["__inputs", "__elements", "__requires"],
        "the inputs of an export, which Grafana requests at import",
    ),
}


@dataclass(frozen=True)
class Fault:
    """JSON that does not match Grafana's types: ``where`` has `*` for indexes and begins with a panel's type."""

    where: str
    message: str
    panel: str = ""

    def __str__(self) -> str:
        return f"{self.panel}{self.where}: {self.message}"


def faults(dashboard: Json) -> list[str]:
    """The faults of a dashboard, except known exceptions."""
    return [str(fault) for fault in all_faults(dashboard) if fault.where not in LET_PASS]


def all_faults(dashboard: Json) -> Iterator[Fault]:
    """The dashboard without its panels, then every row and panel with its type."""
    yield from against("Dashboard", {**dashboard, "panels": []})
    for panel in dashboard["panels"]:
        yield from _panel(panel)


def _panel(panel: Json) -> Iterator[Fault]:
    kind, named = panel["type"], f"{panel.get('title')!r}: "
    result: list[Fault] = []
    if kind == "row":
        result += against("RowPanel", {**panel, "panels": []}, kind)
        for inside in panel["panels"]:
            result += [Fault(kind, "a row in a row")] if inside["type"] == "row" else _panel(inside)
    else:
        result += against("Panel", panel, kind)
        if f"{kind}.Options" in DEFINITIONS:  # otherwise a plugin, which is not in Grafana's package
            result += against(f"{kind}.Options", panel.get("options", {}), f"{kind}/options")
        result += _fields(kind, panel.get("fieldConfig", {}))
    yield from (replace(fault, panel=fault.panel or named) for fault in result)


def _fields(kind: str, config: Json) -> Iterator[Fault]:
    """The settings of a panel type, and each override as the setting that it changes."""
    where = f"{kind}/fieldConfig"
    defaults = config.get("defaults", {})
    own = f"{kind}.FieldConfig"
    if own in DEFINITIONS:
        yield from against(own, defaults.get("custom", {}), f"{where}/defaults/custom")
    elif defaults.get("custom"):
        yield Fault(f"{where}/defaults/custom", f"a {kind} has no settings of its own")
    yield from _links(defaults.get("links", ()), f"{where}/defaults/links")
    for override in config.get("overrides", ()):
        for setting in override["properties"]:
            name, at = setting["id"], f"{where}/overrides/*/{setting['id']}"
            holder, key = (own, name.removeprefix("custom.")) if name.startswith("custom.") else ("FieldConfig", name)
            if key not in DEFINITIONS.get(holder, {}).get("properties", {}):
                yield Fault(at, f"a {kind} has no such setting")
            else:
                yield from against(f"{holder}/properties/{key}", setting["value"], at)
            if name == "links":
                yield from _links(setting["value"], at)


def _links(links: Sequence[Any], where: str) -> Iterator[Fault]:
    for link in links:
        yield from against("DataLink", link, f"{where}/*")


@cache
def _validator(name: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/definitions/{name}", "definitions": DEFINITIONS})


def against(name: str, value: Any, where: str = "") -> Iterator[Fault]:
    """The faults of a value for a definition of the schema."""
    for error in _validator(name).iter_errors(value):
        nearest = best_match([error]) or error  # of several forms, the closest one
        path = "/".join(["*" if isinstance(step, int) else str(step) for step in nearest.absolute_path])
        at = f"{where}/{path}".strip("/")
        if nearest.validator == "additionalProperties":
            unknown = nearest.instance.keys() - nearest.schema["properties"].keys()
            yield from (Fault(f"{at}/{key}".strip("/"), "no such setting") for key in sorted(unknown))
        else:
            yield Fault(at, nearest.message)
