"""The normal form of the fields of panels: units, colors, thresholds, mappings, links and overrides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.compiler.grafana.json_parts import Json, without
from obscode.importers.existing.dashboards.normal_values import filled, without_defaults, without_nulls
from obscode.model.panels.kinds import KINDS

_CUSTOM: Mapping[str, Mapping[str, Any]] = {
    "timeseries": {
        "drawStyle": "line",
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "fillOpacity": 0,
        "showPoints": "auto",
        "spanNulls": False,
        "lineStyle": {"fill": "solid"},
        "insertNulls": False,
        "barWidthFactor": 0.6,
        "showValues": False,
    },
    "table": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False, "filterable": False},
    "histogram": {"lineWidth": 1, "fillOpacity": 80},
    "state-timeline": {"lineWidth": 0, "fillOpacity": 70, "insertNulls": False, "spanNulls": False},
    "status-history": {"lineWidth": 1, "fillOpacity": 70},
    "barchart": {"lineWidth": 1, "fillOpacity": 80},
}
_CUSTOM_OF_ALL: Mapping[str, Any] = {
    "axisLabel": "",
    "axisPlacement": "auto",
    "axisColorMode": "text",
    "axisCenteredZero": False,
    "axisBorderShow": False,
    "barAlignment": 0,
    "gradientMode": "none",
    "hideFrom": {"legend": False, "tooltip": False, "viz": False},
    "pointSize": 5,
    "scaleDistribution": {"type": "linear"},
    "stacking": {"mode": "none", "group": "A"},
    "thresholdsStyle": {"mode": "off"},
}
_THRESHOLDS = {"mode": "absolute", "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}]}
# The color modes of the types whose default is no palette.
_COLORS = {
    **dict.fromkeys(("stat", "gauge", "bargauge", "table", "status-history"), "thresholds"),
    "state-timeline": "continuous-GrYlRd",
}
_LINK: Mapping[str, Any] = {
    "type": "link",
    "targetBlank": False,
    "icon": "external link",
    "asDropdown": False,
    "includeVars": False,
    "keepTime": False,
}


def add_fields(value: Mapping[str, Any], new: Json, kind: str) -> None:
    """Set the field settings of a panel in its normal form."""
    config = value.get("fieldConfig")
    new.pop("fieldConfig", None)
    if not isinstance(config, Mapping) or (kind in KINDS and not KINDS[kind].has_fields):
        return
    defaults = _field_defaults(config.get("defaults") or {}, kind)
    overrides = [override_form(each) for each in config.get("overrides") or () if isinstance(each, Mapping)]
    if defaults or overrides:
        new["fieldConfig"] = filled({"defaults": defaults, "overrides": overrides})


def _field_defaults(value: Mapping[str, Any], kind: str) -> Json:
    new = filled(value)
    custom = without_nulls(value.get("custom") or {})
    custom = without_defaults(_custom(custom), {**_CUSTOM_OF_ALL, **_CUSTOM.get(kind, {})})
    new = {**without(new, "custom"), **({"custom": custom} if custom else {})}
    default = {"mode": _COLORS.get(kind, "palette-classic")}
    if "color" in new and _color(new["color"]) == default:
        del new["color"]
    elif "color" in new:
        new["color"] = _color(new["color"])
    if "thresholds" in new:
        new["thresholds"] = _thresholds(new["thresholds"])
        if new["thresholds"] == _THRESHOLDS or not new["thresholds"].get("steps"):
            del new["thresholds"]
    if "mappings" in new:
        new["mappings"] = mappings_form(new["mappings"])
    if "links" in new:
        new["links"] = [link_form(each) for each in new["links"]]
    if new.get("unit") == "none":
        del new["unit"]
    return new


def _color(value: Any) -> Any:
    """A color, which only some modes read."""
    new = without_nulls(value)
    is_one = isinstance(new, dict) and new.get("mode") not in ("fixed", "shades")
    return without(new, "fixedColor") if is_one else new


def _custom(custom: Json) -> Json:
    """`mode: none` needs no group, and `linear` no base."""
    new = dict(custom)
    stacking, scale = new.get("stacking"), new.get("scaleDistribution")
    if isinstance(stacking, Mapping):
        mode = stacking.get("mode", "none")
        new["stacking"] = {"mode": mode, "group": "A" if mode == "none" else stacking.get("group") or "A"}
    if isinstance(scale, Mapping) and scale.get("type") == "linear":
        del new["scaleDistribution"]
    return new


def _thresholds(value: Any) -> Json:
    """Thresholds, of which the first is the base whatever its value is, and the others ascend."""
    value = value if isinstance(value, Mapping) else {}
    steps = [each for each in value.get("steps") or () if isinstance(each, Mapping)]
    rest = sorted((each for each in steps[1:] if _is_number(each.get("value"))), key=lambda each: each["value"])
    written = [{"color": e.get("color"), "value": e["value"]} for e in rest]
    base = [{"color": steps[0].get("color"), "value": None}] if steps else []
    return {"mode": value.get("mode") or "absolute", "steps": [*base, *written]}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def mappings_form(value: Any) -> list[Any]:
    """Value mappings; those of single values that follow each other are one. Their positions in the editor follow."""
    result: list[Any] = []
    for mapping in value if isinstance(value, list) else ():
        new = _mapping(mapping)
        last: Any = result[-1] if result else None
        if _is_of_values(last) and _is_of_values(new) and not last["options"].keys() & new["options"].keys():
            result[-1] = {"type": "value", "options": {**last["options"], **new["options"]}}
        else:
            result.append(new)
    return result


def _is_of_values(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("type") == "value" and isinstance(value.get("options"), Mapping)


def _mapping(value: Any) -> Any:
    if not isinstance(value, Mapping) or not isinstance(options := value.get("options"), Mapping):
        return value
    kind, options = value.get("type"), without_nulls(options)
    if kind == "value":
        options = {key: without(each, "index") if isinstance(each, dict) else each for key, each in options.items()}
    elif isinstance(result := options.get("result"), dict):
        options["result"] = without(result, "index")
    if kind == "range":
        options = {"from": None, "to": None, **options}
    return {"type": kind, "options": options}


def override_form(value: Mapping[str, Any]) -> Json:
    """The normal form of an override; the order of its properties does not matter."""
    properties = [
        {**without_nulls(each), "value": _thresholds(each.get("value"))}
        if each.get("id") == "thresholds"
        else _property(each)
        for each in value.get("properties") or ()
        if isinstance(each, Mapping)
    ]
    if len({each.get("id") for each in properties}) == len(properties):  # their order does not matter then
        properties = sorted(properties, key=lambda each: str(each.get("id")))
    return {"matcher": without_nulls(value.get("matcher") or {}), "properties": properties}


def _property(value: Mapping[str, Any]) -> Json:
    new: Json = without_nulls(value)
    if new.get("id") == "links" and isinstance(new.get("value"), list):
        new["value"] = [link_form(each) for each in new["value"]]
    elif new.get("id") == "mappings" and isinstance(value.get("value"), list):
        new["value"] = mappings_form(value["value"])
    return new


def link_form(value: Any) -> Any:
    """A link of a dashboard or a panel."""
    return without_defaults(filled(value), _LINK) if isinstance(value, Mapping) else value
