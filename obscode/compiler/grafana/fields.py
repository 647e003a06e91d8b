"""Grafana's field settings of a panel: units, thresholds, mappings, links, overrides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.compiler.grafana.json_parts import Json
from obscode.model.dashboard import Link, Override, QueryPanel, RangeMap, RegexMap, SpecialMap, Threshold, ValueMap
from obscode.model.dashboard.display import ValueMapping
from obscode.model.dashboard.grafana_values import SCHEMES
from obscode.model.numbers import shortest_number
from obscode.model.panels import TimeSeries


def defaults(panel: QueryPanel) -> Json:
    """The settings of all fields, without those that the definition does not set."""
    settings = {
        "unit": panel.unit,
        "decimals": panel.decimals,
        "min": shortest_number(panel.minimum),
        "max": shortest_number(panel.maximum),
        "noValue": panel.no_value,
        "color": color(panel.color) if panel.color else None,
        "thresholds": {"mode": "absolute", "steps": steps(panel.thresholds, _base(panel))},
        "mappings": mappings(panel.mappings),
        "links": [data_link(link) for link in panel.data_links],
    }
    return {name: value for name, value in settings.items() if value is not None}


def color(name: str) -> Json:
    """A color scheme, or one color for all series."""
    return {"mode": name} if name in SCHEMES else {"mode": "fixed", "fixedColor": name}


def _base(panel: QueryPanel) -> str:
    """The color below the first threshold: green, but transparent if areas are filled."""
    return "transparent" if isinstance(panel, TimeSeries) and "area" in panel.threshold_style else "green"


def steps(thresholds: Sequence[Threshold], below: str = "green") -> list[Json]:
    """Thresholds in ascending order; Grafana requires a base, whose value is null."""
    if not thresholds:
        return []
    base = [] if thresholds[0].value is None else [{"color": below, "value": None}]
    return base + [{"color": threshold.color, "value": shortest_number(threshold.value)} for threshold in thresholds]


def mappings(definitions: Sequence[ValueMapping]) -> list[Json]:
    """Value mappings; those of single values are one mapping, as in Grafana's editor."""
    values: Json = {}
    others: list[Json] = []
    for index, mapping in enumerate(definitions):
        result = {"text": mapping.text, "color": mapping.color, "index": index}
        result = {name: value for name, value in result.items() if value != ""}
        if isinstance(mapping, ValueMap):
            value = mapping.value if isinstance(mapping.value, str) else shortest_number(mapping.value)
            values[str(value)] = result
        else:
            others.append(_mapping(mapping, result))
    return ([{"type": "value", "options": values}] if values else []) + others


def _mapping(mapping: RangeMap | RegexMap | SpecialMap, result: Json) -> Json:
    if isinstance(mapping, RangeMap):
        ends = {"from": shortest_number(mapping.low), "to": shortest_number(mapping.high)}
        return {"type": "range", "options": {**ends, "result": result}}
    if isinstance(mapping, RegexMap):
        return {"type": "regex", "options": {"pattern": mapping.pattern, "result": result}}
    return {"type": "special", "options": {"match": mapping.match, "result": result}}


def data_link(link: Link) -> Json:
    """A link on a series or a cell."""
    return {"title": link.title, "url": link.url, "targetBlank": link.new_tab}


def overrides(panel: QueryPanel) -> list[Json]:
    """The settings of overrides, without overrides that set nothing."""
    written = [(_matcher(override), list(_properties(override, panel))) for override in panel.overrides]
    return [{"matcher": matcher, "properties": properties} for matcher, properties in written if properties]


def _matcher(override: Override) -> Json:
    if override.regex:
        slashed = override.regex if override.regex.startswith("/") else f"/{override.regex}/"
        return {"id": "byRegexp", "options": slashed}
    if override.query:
        return {"id": "byFrameRefID", "options": override.query}
    return {"id": "byName", "options": override.name}


def _properties(override: Override, panel: QueryPanel) -> Iterator[Json]:
    thresholds = {"mode": "absolute", "steps": steps(override.thresholds, _base(panel))}
    settings: dict[str, Any] = {
        "displayName": override.title,
        "unit": override.unit,
        "decimals": override.decimals,
        "min": shortest_number(override.minimum),
        "max": shortest_number(override.maximum),
        "color": color(override.color) if override.color else None,
        "thresholds": thresholds if override.thresholds else None,
        "mappings": mappings(override.mappings),
        "links": [data_link(link) for link in override.links],
        **_supported_settings(override, panel),
        **override.properties,
    }
    yield from ({"id": name, "value": value} for name, value in settings.items() if value not in (None, "", []))


def _supported_settings(override: Override, panel: QueryPanel) -> Json:
    """The settings that only some kinds of panels support; Grafana ignores the others."""
    hidden: Json = {"hideFrom": {"viz": True, "legend": True, "tooltip": True}}
    if panel.kind.type == "table":
        hidden["hidden"] = True  # tables of Grafana 11 and 12 hide a column by it
    written: Mapping[str, Json] = {
        "draw": {"drawStyle": override.draw},
        "fill": {"fillOpacity": override.fill},
        "line_width": {"lineWidth": override.line_width},
        "dashed": {"lineStyle": {"fill": "dash", "dash": [10, 10]}},
        "axis": {"axisPlacement": override.axis},
        "cell": {"cellOptions": {"type": override.cell}},
        "width": {"width": override.width},
        "hide": hidden,
    }
    supported = [name for name in override.supported_override_fields() if name in panel.supported_override_fields]
    return {f"custom.{key}": value for name in supported for key, value in written[name].items()}
