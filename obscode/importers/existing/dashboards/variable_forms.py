"""The normal form of the variables and annotations of a dashboard, and of references to datasources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from obscode.compiler.grafana.json_parts import Json, without
from obscode.importers.existing.dashboards.normal_values import filled, without_defaults, without_nulls

_VARIABLE: Mapping[str, Any] = {
    "hide": 0,
    "multi": False,
    "includeAll": False,
    "skipUrlSync": False,
    "sort": 0,
    "allowCustomValue": True,
    "auto": False,
    "auto_min": "10s",
    "auto_count": 30,
}
_VARIABLE_STATE = (
    *("options", "definition", "error", "index", "tags", "tagsQuery", "tagValuesQuery", "useTags", "id", "state"),
    *("global", "initLock", "selected", "queryValue", "rootStateKey"),
)
_ANNOTATION: Mapping[str, Any] = {"enable": True, "hide": False, "type": "dashboard", "showIn": 0, "limit": 100}
_BRACES = re.compile(r"^\$(?:(\w+)|\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\])$")


class Sources:
    """The plugins of the datasource variables of a dashboard."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._kinds = kinds

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Sources:
        """Those of the variables of a dashboard."""
        listed = (body.get("templating") or {}).get("list") or ()
        named = (each for each in listed if isinstance(each, Mapping) and each.get("type") == "datasource")
        return cls({str(each.get("name")): str(each.get("query")) for each in named})

    def reference(self, value: Any) -> Json | None:
        """A datasource as `{type, uid}`; None for the default one."""
        if isinstance(value, str):
            value = {"uid": value}
        if not isinstance(value, Mapping):
            return None
        uid = value.get("uid") or value.get("name")
        if not isinstance(uid, str) or uid == "default":
            return {"type": value["type"]} if value.get("type") not in (None, "prometheus") else None
        if uid in ("-- Mixed --", "-- Dashboard --", "grafana", "-- Grafana --"):
            kind = "datasource" if uid in ("-- Mixed --", "-- Dashboard --") else "grafana"
            return {"type": kind, "uid": uid if kind == "datasource" else "-- Grafana --"}
        if match := _BRACES.match(uid):
            name = next(group for group in match.groups() if group)
            plugin = self._kinds.get(name) or value.get("type")
            return filled({"type": plugin, "uid": f"${{{name}}}"})
        return filled({"type": value.get("type"), "uid": uid})


def variable_form(value: Any, sources: Sources) -> Any:
    """The normal form of a variable."""
    if not isinstance(value, Mapping):
        return value
    kind = value.get("type")
    # Grafana makes the options of all other kinds again.
    state = [key for key in _VARIABLE_STATE if (kind, key) != ("switch", "options")]
    new = without_defaults(filled(without(value, *state)), _VARIABLE)
    if kind == "query":
        new["query"] = _query_text(value.get("query"))
        if source := sources.reference(value.get("datasource")):
            new["datasource"] = source
        else:
            new.pop("datasource", None)
    elif "datasource" in new:
        new["datasource"] = sources.reference(value["datasource"])
    if kind != "query":
        new = without(new, "refresh", *(("regex", "sort") if kind != "datasource" else ("sort",)))
    if kind == "custom" and isinstance(value.get("query"), str):
        new["query"] = re.sub(r"(?<!\\),\s+", ",", value["query"].strip())
    if current := _current(value):
        new["current"] = current
    else:
        new.pop("current", None)
    return without(new, "includeAll", "allValue") if not value.get("includeAll") else new


def _query_text(value: Any) -> Any:
    """The query of Prometheus as a text; the editor keeps it in an object."""
    if (
        isinstance(value, Mapping)
        and isinstance(value.get("query"), str)
        and value.keys() <= {"query", "refId", "qryType"}
    ):
        return value["query"]
    return value


def _current(value: Mapping[str, Any]) -> Json:
    """The value that is selected at first; a text box has its default as the query."""
    current = value.get("current")
    chosen = current.get("value") if isinstance(current, Mapping) else None
    if chosen in (None, "", []) or value.get("type") in ("textbox", "constant", "adhoc"):
        return {}
    chosen = chosen[0] if isinstance(chosen, list) and len(chosen) == 1 else chosen
    text = current.get("text") if isinstance(current, Mapping) else None
    text = text[0] if isinstance(text, list) and len(text) == 1 else text
    return {"text": "All" if chosen == "$__all" else text, "value": chosen}


def annotation_form(value: Any, sources: Sources) -> Any:
    """An annotation; None for the one that Grafana adds to each dashboard."""
    if not isinstance(value, Mapping):
        return value
    new = without_defaults(without_nulls(filled(value)), _ANNOTATION)
    if value.get("builtIn"):
        return None if value.get("enable", True) else {"builtIn": 1, "enable": False}
    if source := sources.reference(value.get("datasource")):
        new["datasource"] = source
    else:
        new.pop("datasource", None)
    return {**new, "expr": new["expr"].strip()} if isinstance(new.get("expr"), str) else new
