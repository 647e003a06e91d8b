"""Variables of version 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.v2.queries import data_query, plugin

_HIDE = {0: "dontHide", 1: "hideLabel", 2: "hideVariable", 3: "inControlsMenu"}
_REFRESH = {0: "never", 1: "onDashboardLoad", 2: "onTimeRangeChanged"}
_SORTS = (
    *("disabled", "alphabeticalAsc", "alphabeticalDesc", "numericalAsc", "numericalDesc"),
    *("alphabeticalCaseInsensitiveAsc", "alphabeticalCaseInsensitiveDesc", "naturalAsc", "naturalDesc"),
)
# Where version 2 has a query that was a text in classic JSON.
_TEXT = "__legacyStringValue"


def variable(value: Json) -> Json | None:
    """A variable; None for a type that version 2 does not have."""
    write = _KINDS.get(str(value.get("type")))
    if write is None:
        return None
    named = {key: value[key] for key in ("label", "description") if value.get(key)}
    head = {
        "name": value.get("name", ""),
        **named,
        "hide": _HIDE.get(value.get("hide", 0), "dontHide"),
        "skipUrlSync": bool(value.get("skipUrlSync", False)),
    }
    written: Json = write(value)
    return {**written, "spec": {**head, **written["spec"]}}


def _option(value: Any, default: str = "") -> Json:
    """The value that is selected."""
    current = value if isinstance(value, Mapping) else {}
    return {key: _text(current.get(key), default) for key in ("text", "value")}


def _text(value: Any, default: str) -> str | list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return default if value is None else str(value)


def _list(value: Json) -> Json:
    """The settings of a list of values."""
    return {
        "current": _option(value.get("current")),
        "options": [],
        "multi": bool(value.get("multi", False)),
        "includeAll": bool(value.get("includeAll", False)),
        **({"allValue": value["allValue"]} if value.get("allValue") else {}),
        "allowCustomValue": bool(value.get("allowCustomValue", True)),
    }


def _query(value: Json) -> Json:
    query = value.get("query")
    sort = value.get("sort", 0)
    settings = query if isinstance(query, Mapping) else {_TEXT: query} if query else {}
    spec: Json = {
        "query": data_query(settings, value.get("datasource")),
        "regex": value.get("regex") or "",
        "refresh": _REFRESH.get(value.get("refresh", 0), "never"),
        "sort": _SORTS[sort] if isinstance(sort, int) and 0 <= sort < len(_SORTS) else _SORTS[0],
        **_list(value),
    }
    return {"kind": "QueryVariable", "spec": spec}


def _custom(value: Json) -> Json:
    return {"kind": "CustomVariable", "spec": {"query": str(value.get("query", "")), **_list(value)}}


def _datasource(value: Json) -> Json:
    spec = {
        "pluginId": str(value.get("query", "")),
        "regex": value.get("regex") or "",
        "refresh": _REFRESH.get(value.get("refresh", 1), "never"),
        **_list(value),
    }
    return {"kind": "DatasourceVariable", "spec": spec}


def _textbox(value: Json) -> Json:
    query = str(value.get("query", ""))
    return {"kind": "TextVariable", "spec": {"query": query, "current": _option(value.get("current"), query)}}


def _constant(value: Json) -> Json:
    query = str(value.get("query", ""))
    return {"kind": "ConstantVariable", "spec": {"query": query, "current": _option(value.get("current"), query)}}


def _interval(value: Json) -> Json:
    spec: Json = {
        "query": str(value.get("query", "")),
        "current": _option(value.get("current")),
        "options": [],
        "auto": bool(value.get("auto", False)),
        "auto_min": value.get("auto_min") or "10s",
        "auto_count": value.get("auto_count") or 30,
        "refresh": "onTimeRangeChanged",
    }
    return {"kind": "IntervalVariable", "spec": spec}


def _ad_hoc(value: Json) -> Json:
    spec: Json = {
        "baseFilters": list(value.get("baseFilters") or ()),
        "filters": list(value.get("filters") or ()),
        "defaultKeys": list(value.get("defaultKeys") or ()),
        "allowCustomValue": bool(value.get("allowCustomValue", True)),
        **({"enableGroupBy": True} if value.get("enableGroupBy") else {}),
    }
    return {"kind": "AdhocVariable", **plugin(value.get("datasource")), "spec": spec}


def _group_by(value: Json) -> Json:
    spec: Json = {"current": _option(value.get("current")), "options": [], "multi": bool(value.get("multi", True))}
    return {"kind": "GroupByVariable", **plugin(value.get("datasource")), "spec": spec}


def _switch(value: Json) -> Json:
    options = [str(each.get("value", "")) for each in value.get("options") or () if isinstance(each, Mapping)]
    on, off = options if len(options) == 2 else ("true", "false")
    current = _option(value.get("current"), off)["value"]
    return {"kind": "SwitchVariable", "spec": {"current": current, "enabledValue": on, "disabledValue": off}}


_KINDS: Mapping[str, Callable[[Json], Json]] = {
    "query": _query,
    "custom": _custom,
    "datasource": _datasource,
    "textbox": _textbox,
    "constant": _constant,
    "interval": _interval,
    "adhoc": _ad_hoc,
    "groupby": _group_by,
    "switch": _switch,
}
