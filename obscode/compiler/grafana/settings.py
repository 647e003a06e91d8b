"""Variables, annotations and links of a dashboard as Grafana's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatch

from obscode.compiler.grafana.datasource import PROMETHEUS
from obscode.compiler.grafana.json_parts import Json, patched
from obscode.compiler.grafana.writer import unindented
from obscode.model import naming, variables
from obscode.model.dashboard import Annotation, DataQuery, Link, Panel, Variable

SORTS = {
    "none": 0,
    "alphabetical": 1,
    "alphabetical-desc": 2,
    "numerical": 3,
    "numerical-desc": 4,
    "case-insensitive": 5,
    "case-insensitive-desc": 6,
    "natural": 7,
    "natural-desc": 8,
}
# Grafana evaluates the query of a variable again when the time range changes, not only when the dashboard is opened.
_REFRESH = {"load": 1, "time": 2}
_ALL = "$__all"
_HIDDEN = 2


def datasource_variables(panels: Iterable[Panel]) -> Iterator[Json]:
    """The variables for the datasources: Prometheus, and those of other queries, such as Loki for logs."""
    yield _datasource(naming.DATASOURCE_VARIABLE, "Data source", PROMETHEUS["type"])
    targets = (target for panel in panels for target in panel.all_targets())
    plugins = {target.variable: target.type for target in targets if isinstance(target, DataQuery) and target.variable}
    for name, plugin in plugins.items():
        if name != naming.DATASOURCE_VARIABLE:
            yield _datasource(name, f"{_label(name.removesuffix('_datasource'))} data source", plugin)


def variable(definition: Variable, *, exact: bool = False) -> Json:
    """A variable of the definitions; an ``exact`` one has a label only if it is given."""
    label = definition.label if exact else definition.label or _label(definition.name)
    head = {"name": definition.name, **({"label": label} if label else {})}
    head |= {"description": definition.description} if definition.description else {}
    hidden = {"hide": _HIDDEN} if definition.hidden else {}
    return patched({**head, **_specific(definition), **hidden}, definition.extra)


def _datasource(name: str, label: str, kind: str) -> Json:
    return {"name": name, "label": label, "type": "datasource", "query": kind}


def _label(name: str) -> str:
    phrase = name.replace("_", " ")
    return phrase[:1].upper() + phrase[1:]


@singledispatch
def _specific(variable: Variable) -> Json:
    raise TypeError(f"no such kind of variable: {type(variable).__name__}")


@_specific.register
def _(variable: variables.Query) -> Json:
    return {
        "type": "query",
        "datasource": _source(variable),
        "query": variable.query,
        **({"regex": variable.regex} if variable.regex else {}),
        "refresh": _REFRESH[variable.refresh],
        "sort": SORTS[variable.sort],
        "multi": variable.multi,
        "includeAll": variable.include_all,
        **({"allValue": variable.all_value} if variable.include_all and variable.all_value else {}),
        **_current(variable.default),
    }


def _source(variable: variables.Query | variables.AdHoc | variables.GroupBy) -> Json:
    """The datasource: a uid, or the dashboard's variable for the plugin."""
    uid = variable.datasource or f"${{{naming.datasource_variable(variable.plugin)}}}"
    return {"type": variable.plugin, "uid": uid}


def _current(value: str) -> Json:
    return {"current": {"text": "All" if value == _ALL else value, "value": value}} if value else {}


@_specific.register
def _(variable: variables.Custom) -> Json:
    choices = variable.choices()
    text = next((label for label, value in choices.items() if value == variable.default), "")
    current = {"current": {"text": text, "value": variable.default}} if text else {}
    return {
        "type": "custom",
        "query": ",".join(_choice(text, value) for text, value in choices.items()),
        "multi": variable.multi,
        "includeAll": variable.include_all,
        **current,
    }


def _choice(text: str, value: str) -> str:
    return (value if text == value else f"{text} : {value}").replace(",", "\\,")


@_specific.register
def _(variable: variables.Text) -> Json:
    return {"type": "textbox", "query": variable.default}


@_specific.register
def _(variable: variables.Interval) -> Json:
    chosen = variable.default or ("$__auto" if variable.auto else next(iter(variable.values), ""))
    auto = {"auto": True, "auto_count": variable.auto_steps, "auto_min": variable.auto_least} if variable.auto else {}
    return {
        "type": "interval",
        "query": ",".join(variable.values),
        "refresh": _REFRESH["time"],
        **auto,
        "current": {"text": "auto" if chosen == "$__auto" else chosen, "value": chosen},
    }


@_specific.register
def _(variable: variables.Constant) -> Json:
    return {"type": "constant", "query": variable.value, "skipUrlSync": True}


@_specific.register
def _(variable: variables.AdHoc) -> Json:
    fixed = {"baseFilters": _filters(variable.fixed)} if variable.fixed else {}
    group_by = {"enableGroupBy": True} if variable.group_by else {}
    return {
        "type": "adhoc",
        "datasource": _source(variable),
        "filters": _filters(variable.filters),
        **fixed,
        **group_by,
    }


def _filters(matchers: Iterable[str]) -> list[Json]:
    parsed = (variables.parse_matcher(matcher) for matcher in matchers)
    return [dict(zip(("key", "operator", "value"), each, strict=True)) for each in parsed if each]


@_specific.register
def _(variable: variables.GroupBy) -> Json:
    labels = list(variable.default)
    current = {"current": {"text": labels, "value": labels}} if labels else {}
    return {"type": "groupby", "datasource": _source(variable), "multi": True, **current}


@_specific.register
def _(variable: variables.Switch) -> Json:
    values = [variable.on, variable.off]
    chosen = variable.on if variable.default else variable.off
    return {
        "type": "switch",
        "options": [{"text": value, "value": value, "selected": value == chosen} for value in values],
        "current": {"text": chosen, "value": chosen},
    }


@_specific.register
def _(variable: variables.Datasource) -> Json:
    regex = {"regex": variable.regex} if variable.regex else {}
    return {"type": "datasource", "query": variable.type, **regex, **_current(variable.default)}


@_specific.register
def _(variable: variables.Raw) -> Json:
    return {**variable.json, "name": variable.name}


def annotation(definition: Annotation) -> Json:
    """An annotation with a PromQL query."""
    texts = {
        "expr": unindented(definition.expr),
        "titleFormat": definition.title,
        "textFormat": definition.text,
        "tagKeys": ",".join(definition.tags),
        "step": definition.step,
    }
    written = {
        "name": definition.name,
        "datasource": PROMETHEUS,
        "enable": definition.enabled,
        "iconColor": definition.color,
        **{name: text for name, text in texts.items() if text},
    }
    return patched(written, definition.extra)


def link(definition: Link) -> Json:
    """A link above a dashboard: to a URL, or to all dashboards with its tags."""
    return {
        "title": definition.title,
        "type": "link" if definition.url else "dashboards",
        "url": definition.url,
        "tags": list(definition.tags),
        "asDropdown": bool(definition.tags),
        "targetBlank": definition.new_tab,
        "keepTime": definition.keep_time,
        "includeVars": definition.keep_variables,
        "icon": "external link",
        "tooltip": definition.tooltip,
    }
