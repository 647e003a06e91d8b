"""Variables, annotations and links of a dashboard as definitions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from obscode.compiler.grafana.datasource import replaced_datasource
from obscode.compiler.grafana.json_parts import Json, without
from obscode.compiler.grafana.settings import SORTS
from obscode.compiler.grafana.settings import annotation as annotation_json
from obscode.compiler.grafana.settings import link as link_json
from obscode.compiler.grafana.settings import variable as variable_json
from obscode.importers.existing.dashboards.arguments import Arguments
from obscode.importers.existing.dashboards.difference import difference
from obscode.importers.existing.dashboards.field_forms import link_form
from obscode.importers.existing.dashboards.variable_forms import Sources, annotation_form, variable_form
from obscode.model import argument_types, variables
from obscode.model.dashboard import Annotation, Link

_SORTS = {number: name for name, number in SORTS.items()}
_REFRESH = {1: "load", 2: "time"}


def variable(value: Mapping[str, Any], sources: Sources, uid: str) -> variables.Variable | None:
    """The definition of a variable; None if it has no valid one."""
    expected = variable_form(value, sources)
    made = _typed(expected, uid)
    if made is not None:
        compiled = _compiled(made, sources, uid)
        made = made.derive(extra=difference(compiled, expected))
        if any(argument_types.problems(made)) or _compiled(made, sources, uid) != expected:
            made = None
    if made is None and isinstance(value.get("name"), str):
        made = variables.Raw(value["name"], without(value, "name", "options"))
        if any(argument_types.problems(made)) or _compiled(made, sources, uid) != expected:
            return None
    return made


def _compiled(made: variables.Variable, sources: Sources, uid: str) -> Json:
    compiled: Json = variable_form(replaced_datasource(variable_json(made, exact=True), uid), sources)
    return compiled


def _typed(value: Json, uid: str) -> variables.Variable | None:
    make = _KINDS.get(str(value.get("type")))
    if make is None or not isinstance(value.get("name"), str):
        return None
    return make(value, uid)


def _source(value: Json, uid: str, arguments: Arguments) -> None:
    """The datasource, if it is not the one that most queries of the dashboard read."""
    source = value.get("datasource") or {}
    plugin = source.get("type")
    arguments.add(plugin=plugin)
    if plugin not in (None, "prometheus") or source.get("uid") != uid:
        arguments.add(datasource=source.get("uid"))


def _arguments(kind: type[variables.Variable], value: Json) -> Arguments:
    arguments = Arguments(kind)
    arguments.add(label=value.get("label"), description=value.get("description"), hidden=value.get("hide") == 2)
    return arguments


def _default(value: Json) -> str | None:
    current = value.get("current") or {}
    chosen = current.get("value")
    return chosen if isinstance(chosen, str) and current.get("text") in (chosen, "All") else None


def _query(value: Json, uid: str) -> variables.Variable | None:
    arguments = _arguments(variables.Query, value)
    _source(value, uid, arguments)
    arguments.add(
        multi=bool(value.get("multi")),
        include_all=bool(value.get("includeAll")),
        all_value=value.get("allValue", "") if value.get("includeAll") else None,
        regex=value.get("regex"),
        sort=_SORTS.get(value.get("sort", 0)),
        refresh=_REFRESH.get(value.get("refresh", 1)),
        default=_default(value),
    )
    query = value.get("query")
    if not isinstance(query, str | Mapping) or not query:
        return None
    return variables.Query(value["name"], query, **arguments.values)


def _custom(value: Json, uid: str) -> variables.Variable | None:
    query = value.get("query")
    if not isinstance(query, str):
        return None
    pairs = [part.replace("\\,", ",").partition(" : ") for part in re.split(r"(?<!\\),", query)]
    choices = {text: value if separator else text for text, separator, value in pairs}
    values: Any = choices if any(text != value for text, value in choices.items()) else tuple(choices)
    arguments = _arguments(variables.Custom, value)
    arguments.add(multi=value.get("multi"), include_all=value.get("includeAll"))
    chosen = (value.get("current") or {}).get("value")
    arguments.add(default=chosen if chosen in choices.values() else None)
    return arguments.definition(variables.Custom, value["name"], values)


def _text(value: Json, uid: str) -> variables.Variable:
    arguments = _arguments(variables.Text, value)
    arguments.add(default=value.get("query"))
    return variables.Text(value["name"], **arguments.values)


def _datasource(value: Json, uid: str) -> variables.Variable:
    arguments = _arguments(variables.Datasource, value)
    arguments.add(type=value.get("query"), regex=value.get("regex"), default=_default(value))
    return variables.Datasource(value["name"], **arguments.values)


def _interval(value: Json, uid: str) -> variables.Variable | None:
    if not isinstance(query := value.get("query"), str):
        return None
    arguments = _arguments(variables.Interval, value)
    arguments.add(auto=bool(value.get("auto")), auto_steps=value.get("auto_count"), auto_least=value.get("auto_min"))
    durations = tuple(part.strip() for part in query.split(","))
    chosen = (value.get("current") or {}).get("value")
    first = "$__auto" if value.get("auto") else durations[0]
    arguments.add(default=chosen if chosen in durations and chosen != first else None)
    return arguments.definition(variables.Interval, value["name"], durations)


def _constant(value: Json, uid: str) -> variables.Variable | None:
    arguments = _arguments(variables.Constant, value)
    return arguments.definition(variables.Constant, value["name"], str(value.get("query", "")))


def _ad_hoc(value: Json, uid: str) -> variables.Variable | None:
    arguments = _arguments(variables.AdHoc, value)
    _source(value, uid, arguments)
    arguments.add(filters=_matchers(value.get("filters")), fixed=_matchers(value.get("baseFilters")))
    arguments.add(group_by=value.get("enableGroupBy"))
    return arguments.definition(variables.AdHoc, value["name"])


def _matchers(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else ()
    return tuple(f'{each.get("key")}{each.get("operator")}"{each.get("value")}"' for each in listed)


def _group_by(value: Json, uid: str) -> variables.Variable | None:
    arguments = _arguments(variables.GroupBy, value)
    _source(value, uid, arguments)
    chosen = (value.get("current") or {}).get("value")
    labels = tuple(chosen) if isinstance(chosen, list) else (chosen,) if chosen else None
    arguments.add(default=labels)
    return arguments.definition(variables.GroupBy, value["name"])


def _switch(value: Json, uid: str) -> variables.Variable | None:
    options = [each.get("value") for each in value.get("options") or () if isinstance(each, Mapping)]
    arguments = _arguments(variables.Switch, value)
    if len(options) == 2:
        arguments.add(on=options[0], off=options[1])
    arguments.add(default=(value.get("current") or {}).get("value") == arguments.values.get("on", "true"))
    return arguments.definition(variables.Switch, value["name"])


_KINDS: Mapping[str, Callable[[Json, str], variables.Variable | None]] = {
    "query": _query,
    "custom": _custom,
    "textbox": _text,
    "datasource": _datasource,
    "interval": _interval,
    "constant": _constant,
    "adhoc": _ad_hoc,
    "groupby": _group_by,
    "switch": _switch,
}


def annotation(value: Json, sources: Sources, uid: str) -> Annotation | None:
    """The definition of an annotation in its normal form; None if it has no valid one."""
    name, expr = value.get("name"), value.get("expr")
    if not isinstance(name, str) or not isinstance(expr, str):
        return None
    arguments = Arguments(Annotation)
    arguments.add(title=value.get("titleFormat"), text=value.get("textFormat"), step=value.get("step"))
    arguments.add(color=value.get("iconColor"), enabled=value.get("enable"))
    tags = value.get("tagKeys")
    arguments.add(tags=tuple(tags.split(",")) if isinstance(tags, str) and tags else None)
    made = Annotation(name, expr, **arguments.values)

    def compiled(annotation: Annotation) -> Any:
        return annotation_form(replaced_datasource(annotation_json(annotation), uid), sources)

    made = made.derive(extra=difference(compiled(made), value))
    return None if any(argument_types.problems(made)) or compiled(made) != value else made


def link(value: Json) -> Link | None:
    """The definition of a link above a dashboard in its normal form; None if it has no valid one."""
    arguments = Arguments(Link)
    arguments.add(url=value.get("url"), tooltip=value.get("tooltip"), new_tab=value.get("targetBlank"))
    arguments.add(keep_time=bool(value.get("keepTime")), keep_variables=bool(value.get("includeVars")))
    tags = value.get("tags")
    arguments.add(tags=tuple(tags) if isinstance(tags, list) and tags else None)
    if not isinstance(value.get("title"), str):
        return None
    url = arguments.values.pop("url", "")
    made = arguments.definition(Link, value["title"], *([url] if url else []))
    return made if made and link_form(link_json(made)) == value else None
