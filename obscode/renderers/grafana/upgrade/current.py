"""A panel's JSON of whatever age, brought up to Grafana 11 to 13: nothing dead, no nulls, keys in a fixed order.

grafanalib 0.7.1 knows the panels and their options, but what it writes is of Grafana 7 to 9. Every panel
passes here: obscode's own, a user's objects of grafanalib, and JSON from Grafana's editor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from obscode.model.dashboard.panels.raw import is_for_prometheus
from obscode.renderers.grafana.datasource import PROMETHEUS, settled
from obscode.renderers.grafana.json_parts import Json, merged, ordered, refs, without_nulls
from obscode.renderers.grafana.options import (
    BY_THRESHOLDS,
    CUSTOM,
    OPTIONS,
    PLUGIN_VERSION,
    SAYS_NOTHING,
    WITH_THRESHOLDS,
    WITHOUT_FIELDS,
)
from obscode.renderers.grafana.upgrade.legacy import without_legacy

#: The keys of a panel as they are written.
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
# What grafanalib and old exports write at the root of a panel, and Grafana no longer reads.
_DEAD = frozenset(
    {"columns", "editable", "error", "fontSize", "height", "isNew", "minSpan", "pageSize", "scopedVars", "span"}
    | {"color", "mappings", "styles", "alert", "gridPos", "id"}
)
# The same in a query for Prometheus; `intervalFactor: 2` also doubled the step.
_DEAD_IN_TARGET = frozenset({"intervalFactor", "metric", "query", "step", "target"})
# Grafana's own type demands all of these.
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


def current(panel: Mapping[str, Any], interval: str = "") -> Json:
    """The panel in the form of today, without id and place; ``interval`` is that of the scrapes, if not the usual."""
    old = without_legacy(dict(panel))
    kind = old["type"]
    new = {key: value for key, value in old.items() if key not in _DEAD and not _is_default(key, value)}
    new["targets"] = targets = list(_targets(old))
    new["datasource"] = settled(old.get("datasource"), promql=any("expr" in target for target in targets))
    if not targets:
        del new["targets"], new["datasource"]
    new["options"] = merged(OPTIONS.get(kind, {}), without_nulls(old.get("options") or {}))
    if kind in WITHOUT_FIELDS:
        new.pop("fieldConfig", None)
    else:
        new["fieldConfig"] = _field_config(kind, old.get("fieldConfig") or {})
    new["links"] = [merged(_LINK, without_nulls(link)) for link in old.get("links") or ()]
    new["pluginVersion"] = PLUGIN_VERSION
    kept = {key: value for key, value in without_nulls(new).items() if value != [] or key == "targets"}
    return ordered(_with_interval(kept, interval), ORDER)


def _with_interval(panel: Json, interval: str) -> Json:
    """A panel that knows how often its series are scraped.

    `$__interval` follows the panel's interval, but `$__rate_interval` only that of the query, and is four
    times it at the least: with the datasource's 15s, the rate of a counter scraped every minute has gaps.
    """
    step = panel.get("interval") or interval
    if not step or not any(target["datasource"] == PROMETHEUS for target in panel.get("targets", ())):
        return panel
    targets = [
        ordered({"interval": step, **target}, _TARGET_ORDER) if target["datasource"] == PROMETHEUS else target
        for target in panel["targets"]
    ]
    return {**panel, "interval": step, "targets": targets}


def _is_default(key: str, value: Any) -> bool:
    # 100 is grafanalib's; it flattens every spike, where Grafana asks for a point a pixel.
    return value in (None, "", []) or (key, value) in (
        ("maxDataPoints", 100),
        ("hideTimeOverride", False),
        ("transparent", False),
    )


# --- queries -----------------------------------------------------------------------------------------------------


def _targets(panel: Json) -> Iterator[Json]:
    given = [target for target in panel.get("targets") or () if isinstance(target, Mapping)]
    free = _free_refs({str(target.get("refId")) for target in given if target.get("refId")})
    seen: set[str] = set()
    for target in given:
        ref = str(target.get("refId") or "")
        if not ref or ref in seen:  # grafanalib gives every query the ref "", and then all but one are lost
            ref = next(free)
        seen.add(ref)
        yield _target({**target, "refId": ref}, panel)


def _free_refs(taken: set[str]) -> Iterator[str]:
    return (ref for ref in refs() if ref not in taken)


def _target(target: Mapping[str, Any], panel: Json) -> Json:
    promql = is_for_prometheus(target, panel)
    dead = _DEAD_IN_TARGET if promql else frozenset[str]()
    new = {key: value for key, value in target.items() if key not in dead and value not in (None, "")}
    new["datasource"] = settled(target.get("datasource") or panel.get("datasource"), promql=promql)
    if promql:
        new.setdefault("editorMode", "code")
        new.setdefault("instant", False)
        new.setdefault("range", not new["instant"])
        for key, value in (("format", "time_series"), ("hide", False), ("exemplar", False)):
            if new.get(key) == value:
                del new[key]
    return ordered(without_nulls(new), _TARGET_ORDER)


# --- fields ------------------------------------------------------------------------------------------------------


def _field_config(kind: str, given: Mapping[str, Any]) -> Json:
    defaults = {key: value for key, value in (given.get("defaults") or {}).items() if value not in (None, "", [], {})}
    if kind in WITH_THRESHOLDS:
        defaults["thresholds"] = _thresholds(defaults.get("thresholds"))
        defaults.setdefault("color", {"mode": "thresholds" if kind in BY_THRESHOLDS else "palette-classic"})
    elif not (defaults.get("thresholds") or {}).get("steps"):
        defaults.pop("thresholds", None)
    if custom := _custom(merged(CUSTOM.get(kind, {}), defaults.pop("custom", {}))):
        defaults["custom"] = custom
    return {
        "defaults": ordered(without_nulls(defaults), _FIELD_ORDER),
        "overrides": [_override(override) for override in given.get("overrides") or ()],
    }


def _custom(given: Mapping[str, Any]) -> Json:
    custom = without_nulls(given)
    scale = custom.get("scaleDistribution")
    if isinstance(scale, dict) and scale.get("type") == "linear":
        scale.pop("log", None)  # the base of a logarithm that is not taken
    if custom.get("stacking") == {} or (custom.get("stacking") or {}).get("mode") == "none":
        custom.pop("stacking", None)
    return {key: value for key, value in custom.items() if key not in SAYS_NOTHING or value != SAYS_NOTHING[key]}


def _thresholds(given: Any) -> Json:
    """Thresholds with their base: null, not the string "null", with which the colour would never change."""
    given = given if isinstance(given, Mapping) else {}
    steps = given.get("steps") if isinstance(given.get("steps"), list) else []
    valued = sorted((s for s in steps if _is_number(s.get("value"))), key=lambda s: s["value"])
    base = next((s["color"] for s in steps if not _is_number(s.get("value"))), "green")
    return {
        "mode": given.get("mode") or "absolute",
        "steps": [{"color": base, "value": None}, *({"color": s["color"], "value": s["value"]} for s in valued)],
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _override(override: Mapping[str, Any]) -> Json:
    properties = [
        {**item, "value": _thresholds(item.get("value"))} if item.get("id") == "thresholds" else without_nulls(item)
        for item in override.get("properties") or ()
    ]
    return {"matcher": without_nulls(override.get("matcher") or {}), "properties": properties}
