"""Variables, annotations and links of a dashboard as Grafana's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatch

from obscode.compiler.grafana.datasource import LOKI, PROMETHEUS
from obscode.compiler.grafana.json_parts import Json, patched
from obscode.compiler.grafana.writer import unindented
from obscode.model import naming, variables
from obscode.model.dashboard import Annotation, Link, Panel, Variable
from obscode.model.panels import Logs

_SORTS = {"none": 0, "alphabetical": 1, "numerical": 3, "natural": 7}
# Grafana evaluates the query of a variable again when the time range changes, not only when the dashboard is opened.
_REFRESH = {"load": 1, "time": 2}
_ALL = "$__all"
_HIDDEN = 2


def datasource_variables(panels: Iterable[Panel]) -> Iterator[Json]:
    """The variables for the datasources: Prometheus, and Loki if there are logs."""
    yield _datasource(naming.DATASOURCE_VARIABLE, "Data source", PROMETHEUS["type"])
    if any(isinstance(panel, Logs) for panel in panels):
        yield _datasource(naming.LOKI_VARIABLE, "Loki data source", LOKI["type"])


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
        "datasource": PROMETHEUS,
        "query": variable.query,
        **({"regex": variable.regex} if variable.regex else {}),
        "refresh": _REFRESH[variable.refresh],
        "sort": _SORTS[variable.sort],
        "multi": variable.multi,
        "includeAll": variable.include_all,
        **({"allValue": variable.all_value} if variable.include_all and variable.all_value else {}),
        **_current(variable.default),
    }


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
