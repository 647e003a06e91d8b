"""The variables of a dashboard."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from obscode.diff.change import Edit
from obscode.diff.dashboards.queries import meaning_of
from obscode.diff.dashboards.setting_text import edits_of, value_text
from obscode.diff.json_differences import differences, frozen
from obscode.diff.sentences import edit, quoted, quoted_pair
from obscode.reader.dashboards.model import Variable

# What Grafana saves with a variable, and what others of the settings say.
_IGNORED = frozenset(
    {"name", "type", "query", "current", "options", "definition", "datasource", "multi", "includeAll", "allValue"}
    | {"refresh", "hide", "label", "selected", "tags", "tagsQuery", "tagValuesQuery", "useTags", "error", "id"}
    | {"skipUrlSync", "global", "index", "state", "rootStateKey", "initLock", "isNone", "queryValue", "auto_count"}
    | {"auto_min", "auto", "pluginId", "allowCustomValue", "baseFilters", "filters", "defaultKeys", "valuesFormat"}
)
_HIDE = {0: "label and value", 1: "value only", 2: "hidden", 3: "in the menu"}
_SORT = ("none", "alphabetical", "alphabetical, descending", "numerical", "numerical, descending")
_SORT_MORE = ("alphabetical without case", "alphabetical without case, descending", "natural", "natural, descending")
_ORDERS = (*_SORT, *_SORT_MORE)
_CALL = re.compile(r"\s*(label_values|query_result|metrics|label_names)\s*\(\s*(.*?)\s*\)\s*", re.DOTALL)
_LABEL = re.compile(r"(.*?)\s*,\s*([\w$:{}]+)", re.DOTALL)
_REFRESH = {"never": "never", "load": "when the dashboard opens", "time": "when the time range changes"}
_LAST_WITHOUT_REFRESH = 28  # Grafana's migration to schema version 29 lets every variable refresh
_NOTHING = ("None", "No data sources found")  # what Grafana displays where a variable has no values


def variable_edits(before: Variable, after: Variable, versions: tuple[int, int]) -> Iterator[Edit]:
    """The edits of a variable; ``versions`` are those of the schemas."""
    if before.type != after.type:
        yield Edit("type", quoted(before.type), quoted(after.type))
    if before.label.strip() not in (after.label.strip(),):
        yield _texts("label", before.label.strip(), after.label.strip())
    bodies = _query_body(before), _query_body(after)
    if bodies[0] is not None and bodies[1] is not None:
        yield from edits_of(differences(*bodies), "query")
    elif query_meaning(before) != query_meaning(after):
        yield _texts(_query_name(after), _query_text(before), _query_text(after))
    yield from _datasources(before, after)
    yield from _flags(before, after)
    if before.all_value != after.all_value:
        yield _texts("value of All", before.all_value, after.all_value)
    if (old := _default(before)) != (new := _default(after)):
        yield _texts("default", old, new)
    yield from _modes(before, after, versions)
    rest = [{k: v for k, v in each.node.value.items() if k not in _IGNORED} for each in (before, after)]
    for each in rest:
        each.pop("sort", None)
    yield from edits_of(differences(rest[0], rest[1]))


def _texts(what: str, before: str, after: str) -> Edit:
    if before and after:
        return Edit(what, *quoted_pair(before, after))
    return Edit(what, quoted(before) if before else None, quoted(after) if after else None)


def _flags(before: Variable, after: Variable) -> Iterator[Edit]:
    old, new = (_switches(each) for each in (before, after))
    for name, value in old.items():
        if value != new[name]:
            yield Edit(name, _switch(value), _switch(new[name]))


def _switches(variable: Variable) -> dict[str, bool]:
    node = variable.node
    return {
        "several values": variable.multi,
        "All": variable.include_all,
        "values in the URL": not node.flag("skipUrlSync"),
        "values of the user": node.plain("allowCustomValue") is not False,
        "automatic interval": variable.type == "interval" and node.flag("auto"),
    }


def _switch(value: bool) -> str:
    return "on" if value else "off"


def _datasources(before: Variable, after: Variable) -> Iterator[Edit]:
    names = [_datasource(each) for each in (before, after)]
    if names[0] != names[1]:
        yield edit("data source", (quoted(name) if name else "the default one" for name in names))


def _datasource(variable: Variable) -> str:
    source = variable.datasource
    if variable.type not in ("query", "adhoc", "groupby") or source.name == "default":
        return ""
    return f"${{{source.variable}}}" if source.variable else source.name


def _modes(before: Variable, after: Variable, versions: tuple[int, int]) -> Iterator[Edit]:
    refreshes = [_refresh(each, version) for each, version in zip((before, after), versions, strict=True)]
    if refreshes[0] != refreshes[1]:
        yield edit("refresh", (_REFRESH[each] for each in refreshes))
    hidden = [_number(each, "hide", 3) for each in (before, after)]
    if hidden[0] != hidden[1]:
        yield edit("display", (_HIDE[each] for each in hidden))
    orders = [_number(each, "sort", len(_ORDERS) - 1) for each in (before, after)]
    if orders[0] != orders[1]:
        yield edit("order", (_ORDERS[each] for each in orders))


def _refresh(variable: Variable, version: int) -> str:
    if variable.type != "query":
        return "never"
    is_migrated = version <= _LAST_WITHOUT_REFRESH or not variable.node.has("refresh")
    return "load" if variable.refresh == "never" and is_migrated else variable.refresh


def _number(variable: Variable, key: str, most: int) -> int:
    value = variable.node.plain(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else 0


# --- queries and values ------------------------------------------------------------------------------------------


def _query_name(variable: Variable) -> str:
    return {"datasource": "type of the data source", "query": "query", "adhoc": "filters"}.get(variable.type, "values")


def query_meaning(variable: Variable) -> Hashable:
    """A key for what a variable asks; equal for queries that mean the same."""
    text = _query_text(variable)
    if variable.type == "query" and variable.datasource.type in ("prometheus", "victoria", ""):
        if call := _CALL.fullmatch(text):
            inner, label = call[2], ""
            if call[1] == "label_values" and (split := _LABEL.fullmatch(inner)):
                inner, label = split[1], split[2]
            return call[1], meaning_of(inner, "promql"), label
        return " ".join(text.split())
    if variable.type in ("custom", "interval"):
        return tuple(part.strip() for part in text.split(","))
    return " ".join(text.split())


def _query_text(variable: Variable) -> str:
    query = variable.node.plain("query")
    if variable.query or query in (None, "", {}):
        return variable.query if variable.type not in ("custom", "interval") else variable.query or _options(variable)
    body = _query_body(variable)
    return str(query) if body is None else frozen(body)


def _query_body(variable: Variable) -> Mapping[str, Any] | None:
    """The query of a data source whose queries are no texts."""
    query = variable.node.plain("query")
    if variable.query or not isinstance(query, Mapping):
        return None
    return {key: value for key, value in query.items() if key not in ("refId", "qryType")}


def _options(variable: Variable) -> str:
    options = variable.node.plain("options")
    values = [option.get("value") for option in options if isinstance(option, Mapping)] if options else []
    return ",".join(str(value) for value in values if value not in ("$__all", None))


def _default(variable: Variable) -> str:
    """The value with which the dashboard opens; empty for the first one."""
    if variable.type in ("constant", "textbox", "adhoc", "groupby", "system"):
        return ""  # the query says it
    current = variable.node.plain("current")
    value = current.get("value") if isinstance(current, Mapping) else None
    if value is None and isinstance(current, Mapping):
        value = None if current.get("text") in _NOTHING else current.get("text")
    if isinstance(value, Mapping):  # as grafonnet wrote it
        value = value.get("value")
    items = value if isinstance(value, list) else [value]
    texts = [_value(item) for item in items if item not in (None, "", {})]
    text = ", ".join(texts)
    return "" if text == _first(variable) else text


def _value(item: Any) -> str:
    if isinstance(item, str):
        return "All" if item.lower() == "$__all" else item
    return value_text(item)


def _first(variable: Variable) -> str:
    """The value with which a variable without a default starts, where the file says it."""
    if variable.include_all:
        return "All"
    if variable.type in ("custom", "interval"):
        first = _query_text(variable).partition(",")[0].strip()
        return first.partition(" : ")[2].strip() or first
    return "default" if variable.type == "datasource" else ""
