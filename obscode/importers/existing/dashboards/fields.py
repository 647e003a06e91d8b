"""Field settings in JSON as definitions: thresholds, mappings, colors, links, overrides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from obscode.compiler.grafana import fields
from obscode.importers.existing.dashboards.arguments import Arguments
from obscode.importers.existing.dashboards.field_forms import mappings_form, override_form
from obscode.model.dashboard import (
    Link,
    Override,
    QueryPanel,
    RangeMap,
    RegexMap,
    SpecialMap,
    Threshold,
    ValueMap,
)
from obscode.model.dashboard.display import ValueMapping
from obscode.model.dashboard.grafana_values import SCHEMES

_HIDDEN = {"legend": True, "tooltip": True, "viz": True}
_DASHED = {"fill": "dash", "dash": [10, 10]}


def thresholds(value: Any) -> Sequence[Threshold] | None:
    """The steps of absolute thresholds; None for others."""
    if not isinstance(value, Mapping) or value.get("mode") != "absolute":
        return None
    steps = value.get("steps") or ()
    if not steps or steps[0]["value"] is not None or not all(isinstance(step["color"], str) for step in steps):
        return None
    first, rest = steps[0], steps[1:]
    base = [] if rest and first["color"] == "green" else [_threshold(first)]
    return (*base, *map(_threshold, rest))


def _threshold(step: Mapping[str, Any]) -> Threshold:
    return Threshold(step["value"]) if step["color"] == "red" else Threshold(step["value"], step["color"])


def color(value: Any) -> str | None:
    """A color scheme, or one color; None for other modes."""
    if not isinstance(value, Mapping):
        return None
    if value.keys() == {"mode"} and value["mode"] in SCHEMES:
        return str(value["mode"])
    is_fixed = value.get("mode") == "fixed" and value.keys() == {"mode", "fixedColor"}
    return str(value["fixedColor"]) if is_fixed else None


def mappings(value: Any) -> Sequence[ValueMapping] | None:
    """Value mappings; None if one of them has another form."""
    try:
        result = [mapping for each in value for mapping in _mappings(each)]
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return tuple(result) if result and mappings_form(fields.mappings(result)) == list(value) else None


def _mappings(value: Mapping[str, Any]) -> Sequence[ValueMapping]:
    options = value["options"]
    if value["type"] == "value":
        return [_mapping(ValueMap, (_value(key),), result) for key, result in options.items()]
    result = options["result"]
    if value["type"] == "range":
        return [_mapping(RangeMap, (options["from"], options["to"]), result)]
    if value["type"] == "regex":
        return [_mapping(RegexMap, (options["pattern"],), result)]
    return [_mapping(SpecialMap, (options["match"],), result)]


def _value(key: str) -> str | int:
    return int(key) if key.isascii() and key.isdigit() and str(int(key)) == key else key


def _mapping(kind: Callable[..., ValueMapping], head: tuple[Any, ...], result: Mapping[str, Any]) -> ValueMapping:
    return kind(*head, result["text"], **({"color": result["color"]} if result.get("color") else {}))


def links(value: Any, *, on_data: bool = False) -> Sequence[Link] | None:
    """Links on a panel or its data; None if one of them has another form."""
    known = {"title", "url", "targetBlank"}
    if not isinstance(value, list) or not all(isinstance(each, Mapping) and each.keys() <= known for each in value):
        return None
    made = [_link(each) for each in value]
    return tuple(each for each in made if each) if all(made) else None


def _link(value: Mapping[str, Any]) -> Link | None:
    arguments = Arguments(Link)
    arguments.add(title=value.get("title"), url=value.get("url"), new_tab=value.get("targetBlank"))
    if not {"title", "url"} <= arguments.values.keys():
        return None
    title, url = arguments.values.pop("title"), arguments.values.pop("url")
    return arguments.definition(Link, title, url)


# --- overrides ---------------------------------------------------------------------------------------------------

_MATCHERS = {"byName": "name", "byRegexp": "regex", "byFrameRefID": "query"}
_PROPERTIES: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "displayName": ("title", lambda value: value),
    "unit": ("unit", lambda value: value),
    "decimals": ("decimals", lambda value: value),
    "min": ("minimum", lambda value: value),
    "max": ("maximum", lambda value: value),
    "color": ("color", color),
    "thresholds": ("thresholds", thresholds),
    "mappings": ("mappings", mappings),
    "links": ("links", links),
    "custom.drawStyle": ("draw", lambda value: value),
    "custom.fillOpacity": ("fill", lambda value: value),
    "custom.lineWidth": ("line_width", lambda value: value),
    "custom.lineStyle": ("dashed", lambda value: value == _DASHED or None),
    "custom.axisPlacement": ("axis", lambda value: value),
    "custom.cellOptions": ("cell", lambda value: value["type"] if [*value] == ["type"] else None),
    "custom.width": ("width", lambda value: value),
    "custom.hideFrom": ("hide", lambda value: value == _HIDDEN or None),
}


def overrides(value: Any, kind: type[QueryPanel]) -> Sequence[Override] | None:
    """Overrides; None if one of them has another form."""
    if not isinstance(value, list) or not kind.has_overrides:
        return None
    made = [_override(each, kind) for each in value]
    return tuple(each for each in made if each) if all(made) else None


def _override(value: Mapping[str, Any], kind: type[QueryPanel]) -> Override | None:
    matcher, properties = value["matcher"], value["properties"]
    target = _MATCHERS.get(str(matcher.get("id")))
    ids = [each.get("id") for each in properties]
    if target is None or not isinstance(matcher.get("options"), str) or len({*ids}) != len(ids):
        return None
    arguments, rest = Arguments(Override), {}
    arguments.add(**{target: matcher["options"]})
    for each in properties:
        name, convert = _PROPERTIES.get(str(each["id"]), ("", None))
        if convert and _is_supported(name, kind) and "value" in each:
            arguments.add(**{name: _converted(convert, each["value"])})
        if name not in arguments.values:
            rest[each["id"]] = each.get("value")
    arguments.add(properties=rest or None)
    name = arguments.values.pop("name", None)
    definition = arguments.definition(Override, *([name] if name else []))
    if definition is None:
        return None
    written = fields.overrides(kind("", "", overrides=[definition]))
    return definition if [override_form(each) for each in written] == [value] else None


def _converted(convert: Callable[[Any], Any], value: Any) -> Any:
    try:
        return convert(value)
    except (AttributeError, KeyError, TypeError):
        return None


def _is_supported(name: str, kind: type[QueryPanel]) -> bool:
    own = ("draw", "fill", "line_width", "dashed", "axis", "cell", "width", "hide")
    return name not in own or (name in kind.supported_override_fields and (name, kind.kind.type) != ("hide", "table"))
