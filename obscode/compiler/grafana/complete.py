"""Complete a panel's JSON in the form of Grafana 11 to 13: defaults of its type, no unused keys, a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from obscode.compiler.grafana.datasource import PROMETHEUS, normalise_datasource
from obscode.compiler.grafana.json_parts import Json, merged, ordered, refs, without_nulls
from obscode.compiler.grafana.panels import default_options, required_custom_fields
from obscode.model.panels.kinds import KINDS
from obscode.model.panels.raw import is_for_prometheus

#: The version of the panels in the output: Grafana migrates no panel of this version.
PLUGIN_VERSION = "13.2.2"

#: The keys of a panel, in the order of the output.
ORDER = (
    *("id", "type", "title", "description", "gridPos", "transparent", "repeat", "repeatDirection", "maxPerRow"),
    *("datasource", "interval", "maxDataPoints", "timeFrom", "timeShift", "hideTimeOverride", "cacheTimeout"),
    *("targets", "transformations", "fieldConfig", "options", "links", "libraryPanel", "pluginVersion"),
)
_FIELD_ORDER = (
    *("displayName", "description", "unit", "decimals", "min", "max", "noValue", "color", "thresholds", "mappings"),
    *("links", "custom"),
)
_TARGET_ORDER = (
    *("refId", "datasource", "editorMode", "expr", "legendFormat", "format", "instant", "range", "exemplar"),
    *("interval", "hide"),
)
# Keys of a panel that grafanalib and old exports write, and Grafana does not read.
_UNUSED = frozenset(
    {"columns", "editable", "error", "fontSize", "height", "isNew", "minSpan", "pageSize", "scopedVars", "span"}
    | {"color", "mappings", "styles", "alert", "gridPos", "id"}
)
# The same for a query; `intervalFactor: 2` doubles the step.
_UNUSED_IN_TARGET = frozenset({"intervalFactor", "metric", "query", "step", "target"})
# Keys that are not copied: those, and those that are completed.
_SKIPPED = _UNUSED | {"targets", "datasource", "options", "fieldConfig", "links", "pluginVersion"}
# Custom field settings at Grafana's own defaults, which are left out.
_CUSTOM_DEFAULTS: Mapping[str, Any] = {
    "axisLabel": "",
    "axisPlacement": "auto",
    "axisColorMode": "text",
    "axisCenteredZero": False,
    "barAlignment": 0,
    "gradientMode": "none",
    "hideFrom": {"legend": False, "tooltip": False, "viz": False},
    "pointSize": 5,
    "scaleDistribution": {"type": "linear"},
    "stacking": {"mode": "none"},
    "thresholdsStyle": {"mode": "off"},
}
# 100 is grafanalib's default and hides spikes; by default Grafana queries one point for each pixel.
_DEFAULTS = {"maxDataPoints": 100, "hideTimeOverride": False, "transparent": False}
# Grafana's type of a link requires all of these.
_LINK = {
    "title": "",
    "type": "link",
    "url": "",
    "targetBlank": False,
    "icon": "external link",
    "tooltip": "",
    "tags": [],
    "asDropdown": False,
    "includeVars": False,
    "keepTime": False,
}


def complete(panel: Json, interval: str = "") -> Json:
    """The complete panel, without id and position.

    ``interval`` is the scrape interval of the panel's service, if it is not the project's.
    """
    panel_type = panel["type"]
    kind = KINDS.get(panel_type)
    own = {key: value for key, value in panel.items() if key not in _SKIPPED and not _is_default(key, value)}
    new = without_nulls(own)
    if targets := list(_targets(panel)):
        new["targets"] = targets
        promql = any("expr" in target for target in targets)
        datasource = normalise_datasource(panel.get("datasource"), promql=promql)
        if datasource is not None:
            new["datasource"] = datasource
    new["options"] = merged(_default_options(panel_type), without_nulls(panel.get("options") or {}))
    if not kind or kind.has_fields:
        new["fieldConfig"] = _field_config(panel_type, panel.get("fieldConfig") or {})
    new["links"] = [merged(_LINK, without_nulls(link)) for link in panel.get("links") or ()]
    new["pluginVersion"] = PLUGIN_VERSION
    written = {key: value for key, value in new.items() if value != []}
    return ordered(_with_interval(written, interval), ORDER)


@cache
def _default_options(panel_type: str) -> Json:
    return without_nulls(default_options().get(panel_type, {}))  # type: ignore[no-any-return]


def _with_interval(panel: Json, interval: str) -> Json:
    """The panel with the least step of its queries for Prometheus.

    `$__interval` follows the interval of the panel. `$__rate_interval` is at least four times the interval of the
    query: with the datasource's 15s, the rate of a counter that is scraped every minute has gaps.
    """
    step = panel.get("interval") or interval
    if not step or not any(target.get("datasource") == PROMETHEUS for target in panel.get("targets", ())):
        return panel
    targets = [
        ordered({"interval": step, **target}, _TARGET_ORDER) if target.get("datasource") == PROMETHEUS else target
        for target in panel["targets"]
    ]
    return {**panel, "interval": step, "targets": targets}


def _is_default(key: str, value: Any) -> bool:
    return value in (None, "", []) or (key in _DEFAULTS and value == _DEFAULTS[key])


# --- queries -----------------------------------------------------------------------------------------------------


def _targets(panel: Json) -> Iterator[Json]:
    targets = [target for target in panel.get("targets") or () if isinstance(target, Mapping)]
    free = _free_refs({str(target.get("refId")) for target in targets if target.get("refId")})
    seen: set[str] = set()
    for target in targets:
        ref = str(target.get("refId") or "")
        if not ref or ref in seen:  # grafanalib's default ref is "", and Grafana drops queries with the ref of another
            ref = next(free)
        seen.add(ref)
        yield _target({**target, "refId": ref}, panel)


def _free_refs(taken: set[str]) -> Iterator[str]:
    return (ref for ref in refs() if ref not in taken)


def _target(target: Mapping[str, Any], panel: Json) -> Json:
    promql = is_for_prometheus(target, panel)
    unused = _UNUSED_IN_TARGET if promql else frozenset[str]()
    new = {key: value for key, value in target.items() if key not in unused and value not in (None, "")}
    new["datasource"] = normalise_datasource(target.get("datasource") or panel.get("datasource"), promql=promql)
    if promql:
        new.setdefault("editorMode", "code")
        new.setdefault("instant", False)
        new.setdefault("range", not new["instant"])
        for key, value in (("format", "time_series"), ("hide", False), ("exemplar", False)):
            if new.get(key) == value:
                del new[key]
    return ordered(without_nulls(new), _TARGET_ORDER)


# --- fields ------------------------------------------------------------------------------------------------------


def _field_config(panel_type: str, config: Mapping[str, Any]) -> Json:
    defaults = {key: value for key, value in (config.get("defaults") or {}).items() if value not in (None, "", [], {})}
    kind = KINDS.get(panel_type)
    if kind and kind.thresholds != "none":
        defaults["thresholds"] = _thresholds(defaults.get("thresholds"))
        defaults.setdefault("color", {"mode": "thresholds" if kind.thresholds == "color" else "palette-classic"})
    elif not (defaults.get("thresholds") or {}).get("steps"):
        defaults.pop("thresholds", None)
    if custom := _custom(merged(required_custom_fields().get(panel_type, {}), defaults.pop("custom", {}))):
        defaults["custom"] = custom
    return {
        "defaults": ordered(without_nulls(defaults), _FIELD_ORDER),
        "overrides": [_override(override) for override in config.get("overrides") or ()],
    }


def _custom(settings: Mapping[str, Any]) -> Json:
    custom = without_nulls(settings)
    scale = custom.get("scaleDistribution")
    if isinstance(scale, dict) and scale.get("type") == "linear":
        scale.pop("log", None)  # the base of a logarithmic scale
    if custom.get("stacking") == {} or (custom.get("stacking") or {}).get("mode") == "none":
        custom.pop("stacking", None)
    return {
        key: value for key, value in custom.items() if key not in _CUSTOM_DEFAULTS or value != _CUSTOM_DEFAULTS[key]
    }


def _thresholds(value: Any) -> Json:
    """Thresholds with a base of null. With the string "null", the color would never change."""
    value = value if isinstance(value, Mapping) else {}
    steps = value.get("steps") if isinstance(value.get("steps"), list) else []
    valued = sorted((s for s in steps if _is_number(s.get("value"))), key=lambda s: s["value"])
    base = next((s["color"] for s in steps if not _is_number(s.get("value"))), "green")
    return {
        "mode": value.get("mode") or "absolute",
        "steps": [{"color": base, "value": None}, *({"color": s["color"], "value": s["value"]} for s in valued)],
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _override(override: Mapping[str, Any]) -> Json:
    properties = [
        {**without_nulls(item), **({"value": _thresholds(item.get("value"))} if item.get("id") == "thresholds" else {})}
        for item in override.get("properties") or ()
    ]
    return {"matcher": without_nulls(override.get("matcher") or {}), "properties": properties}
