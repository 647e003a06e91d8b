"""The variables of a dashboard with their options and what they are set to, in Grafana's order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from obscode.clients.errors import ServerError
from obscode.clients.prometheus import PrometheusClient
from obscode.preview import variable_options
from obscode.preview.interpolation import ALL, Value, in_query, interpolate, names, single
from obscode.preview.json_values import as_list, as_mapping, as_text
from obscode.preview.time_ranges import TimeRange
from obscode.preview.variable_options import Option

#: The data source that the preview has.
PROMETHEUS = Option("Prometheus", "prometheus")
_ALL_OPTION = Option("All", ALL)
_PROMETHEUS_TYPES = ("prometheus", "grafana-amazonprometheus-datasource", "grafana-azureprometheus-datasource")

_LABEL_NAMES = re.compile(r"^label_names\(\s*(?:(.+?)\s*)?\)\s*$", re.DOTALL)
_LABEL_VALUES = re.compile(r"^label_values\((?:(.+),\s*)?([^,]+?)\)\s*$", re.DOTALL)
_METRICS = re.compile(r"^metrics\((.+)\)\s*$", re.DOTALL)
_QUERY_RESULT = re.compile(r"^query_result\((.+)\)\s*$", re.DOTALL)


@dataclass(frozen=True)
class Variable:
    """A variable as it is shown: its JSON, options, and the selected ones.

    ``problem`` is what Prometheus says about its query; ``filters`` are those of an ad hoc variable.
    """

    body: Mapping[str, Any]
    options: Sequence[Option] = ()
    selected: Sequence[Option] = ()
    problem: str = ""
    query: str = ""
    automatic: str = ""
    filters: Sequence[Mapping[str, Any]] = field(default=())

    @property
    def name(self) -> str:
        """Its name."""
        return as_text(self.body.get("name"))

    @property
    def kind(self) -> str:
        """Its type."""
        return as_text(self.body.get("type"))

    @property
    def can_be_all(self) -> bool:
        """Whether it has the option All."""
        return bool(self.body.get("includeAll"))

    @property
    def is_multi(self) -> bool:
        """Whether several options can be selected."""
        return bool(self.body.get("multi"))

    def value(self) -> Value:
        """The value for texts that refer to it."""
        is_all = any(option.value == ALL for option in self.selected)
        chosen = [each for each in self.options if each.value != ALL] if is_all else self.selected
        return Value(
            [self.automatic if each.value.startswith("$__auto") else each.value for each in chosen] or [""],
            [each.text for each in chosen] or [""],
            self.name,
            is_list=is_all or len(self.selected) > 1,
            is_multi_or_all=self.is_multi or self.can_be_all,
            all_value=as_text(self.body.get("allValue")) if is_all else "",
            is_all=is_all,
        )

    def document(self) -> dict[str, Any]:
        """The variable for the page."""
        texts, values = [each.text for each in self.selected], [each.value for each in self.selected]
        is_list = self.is_multi
        return {
            "name": self.name,
            "label": as_text(self.body.get("label")) or self.name,
            "type": self.kind,
            "hide": self.body.get("hide") or 0,
            "multi": self.is_multi,
            "includeAll": self.can_be_all,
            "current": {
                "text": texts if is_list else (texts or [""])[0],
                "value": values if is_list else (values or [""])[0],
            },
            "options": [{"text": each.text, "value": each.value} for each in self.options],
        }


class VariableResolver:
    """Finds the options of variables by queries in a range of time."""

    def __init__(self, client: PrometheusClient, time: TimeRange, selects: Mapping[str, str]) -> None:
        """``selects`` are values to select, by name of the variable."""
        self._client, self._time, self._selects = client, time, selects

    def resolve(self, body: Mapping[str, Any]) -> list[Variable]:
        """The variables in the order of the dashboard; each is resolved after those that its query names."""
        bodies = [as_mapping(each) for each in as_list(as_mapping(body.get("templating")).get("list"))]
        known: dict[str, Variable] = {}
        for each in _ordered(bodies):
            variable = self._variable(each, {name: other.value() for name, other in known.items()})
            known[variable.name] = variable
        return [known[as_text(each.get("name"))] for each in bodies]

    def _variable(self, body: Mapping[str, Any], values: Mapping[str, Value]) -> Variable:
        variable = self._with_options(Variable(body), {**values, **range_values(self._time)})
        if variable.kind in ("query", "custom", "datasource") and variable.can_be_all and variable.options:
            variable = replace(variable, options=[_ALL_OPTION, *variable.options])
        return replace(variable, selected=self._selection(variable))

    def _with_options(self, variable: Variable, values: Mapping[str, Value]) -> Variable:
        body, kind = variable.body, variable.kind
        query = body.get("query")
        text = interpolate(query, values, in_query) if isinstance(query, str) else ""
        if kind == "query":
            return self._of_query(variable, values)
        if kind == "custom":
            return replace(variable, options=variable_options.of_custom(text))
        if kind == "interval":
            options = variable_options.of_interval(as_text(query))
            automatic = variable_options.automatic_interval(body, self._time.length) if body.get("auto") else ""
            auto = [Option("auto", f"$__auto_interval_{variable.name}")] if automatic else []
            return replace(variable, options=[*auto, *options], automatic=automatic)
        if kind == "datasource":
            return replace(variable, options=[PROMETHEUS] if query in _PROMETHEUS_TYPES else [])
        if kind in ("constant", "textbox"):
            return replace(variable, options=[Option(text, text)])
        if kind == "adhoc":
            return replace(variable, filters=[as_mapping(each) for each in as_list(body.get("filters"))])
        return variable

    def _of_query(self, variable: Variable, values: Mapping[str, Value]) -> Variable:
        body = variable.body
        if not is_prometheus(body.get("datasource"), values):
            saved = [Option(as_text(o.get("text")), as_text(o.get("value"))) for o in _saved_options(body)]
            return replace(variable, options=[option for option in saved if option.value != ALL])
        query = interpolate(query_text(body), values, in_query)
        regex = interpolate(as_text(body.get("regex")), values, lambda value: value.values[0])
        sort = body.get("sort") if isinstance(body.get("sort"), int) else 0
        try:
            results = list(self._results(query.strip()))
        except ServerError as error:
            problem = (error.detail or str(error)) if error.kind == "bad_data" else ""
            return replace(variable, problem=problem, query=query)
        return replace(variable, options=variable_options.of_values(results, regex, int(sort or 0)), query=query)

    def _results(self, query: str) -> Iterator[Option]:
        start, end = self._time.start / 1000, self._time.end / 1000
        if not query:
            return
        if match := _LABEL_NAMES.match(query):
            texts = self._client.label_names(start, end, match[1] or "")
        elif match := _LABEL_VALUES.match(query):
            texts = self._client.label_values(match[2].strip(), start, end, (match[1] or "").strip())
        elif match := _METRICS.match(query):
            pattern = re.compile(match[1])
            texts = [text for text in self._client.label_values("__name__", start, end) if pattern.search(text)]
        elif match := _QUERY_RESULT.match(query):
            yield from self._of_result(match[1], end)
            return
        else:
            series = self._client.series([query], start, end)
            texts = sorted(_series_text(labels) for labels in series)
        yield from (Option(text, text) for text in texts)

    def _of_result(self, expr: str, end: float) -> Iterator[Option]:
        """`metric{labels} value timestamp` of each result."""
        texts = []
        for series in self._client.query(expr, end):
            time, value = series.samples[0]
            number = f"{value:.17g}" if value != int(value) else f"{value:.0f}"
            text = f"{_series_text(series.labels)} {number} {time * 1000:.0f}" if series.labels else number
            texts.append(text)
        yield from (Option(text, text) for text in sorted(texts))

    def _selection(self, variable: Variable) -> Sequence[Option]:
        """What Grafana selects: the saved options that exist, else the first one."""
        options = variable.options
        if variable.name in self._selects:
            value = self._selects[variable.name]
            return [next((each for each in options if value in (each.value, each.text)), Option(value, value))]
        current = as_mapping(variable.body.get("current"))
        values = current.get("value")
        saved = [str(each) for each in (values if isinstance(values, list) else [values]) if each not in (None, "")]
        if variable.kind == "textbox":
            return [Option(saved[0], saved[0])] if saved else options[:1]
        if variable.kind == "interval" and saved[:1] == ["$__auto"]:
            saved = [f"$__auto_interval_{variable.name}"]
        existing = [option for value in saved for option in options if option.value == value]
        if not existing:
            return options[:1]
        return existing if variable.is_multi else existing[:1]


def range_values(time: TimeRange) -> dict[str, Value]:
    """`$__from`, `$__to` and `$__range` in their forms."""
    seconds = max(1, round(time.length / 1000))
    return {
        "__from": single(str(time.start), "__from", is_time=True),
        "__to": single(str(time.end), "__to", is_time=True),
        "__range": single(f"{seconds}s"),
        "__range_s": single(str(seconds)),
        "__range_ms": single(str(time.length)),
    }


def query_text(body: Mapping[str, Any]) -> str:
    """The query of a variable, which is a text, or an object with the text."""
    query = body.get("query")
    if isinstance(query, Mapping):
        query = query.get("query") or query.get("expr")
    return as_text(query) or as_text(body.get("definition"))


def is_prometheus(datasource: Any, values: Mapping[str, Value]) -> bool:
    """Whether a data source is Prometheus, as far as it can be known."""
    return not other_datasource(datasource, values)


def other_datasource(datasource: Any, values: Mapping[str, Value]) -> str:
    """The type or name of a data source that is not Prometheus; empty for Prometheus, the default and unknown names."""
    if isinstance(datasource, Mapping):
        kind = as_text(datasource.get("type"))
        if kind:
            return (
                ""
                if kind in (*_PROMETHEUS_TYPES, "datasource") and datasource.get("uid") != "-- Dashboard --"
                else kind
            )
        datasource = datasource.get("uid")
    name = as_text(datasource)
    for reference in names(name):
        value = values.get(reference)
        if value is not None and not any(value.values):
            return name
    return name if name in ("-- Grafana --", "grafana", "-- Dashboard --", "__expr__") else ""


def _saved_options(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    saved = [as_mapping(each) for each in as_list(body.get("options"))]
    return saved or [each for each in [as_mapping(body.get("current"))] if isinstance(each.get("value"), str)]


def _series_text(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()) if name != "__name__")
    return f"{labels.get('__name__', '')}{{{inside}}}"


def _ordered(bodies: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Variables after those that their query, regular expression or data source names."""
    by_name = {as_text(each.get("name")): each for each in bodies}
    ordered: dict[str, Mapping[str, Any]] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in ordered or name in path or name not in by_name:
            return
        body = by_name[name]
        datasource = body.get("datasource")
        texts = [query_text(body), as_text(body.get("regex"))]
        texts.append(as_text(datasource.get("uid") if isinstance(datasource, Mapping) else datasource))
        for other in [each for text in texts for each in sorted(names(text))]:
            visit(other, (*path, name))
        ordered[name] = body

    for name in by_name:
        visit(name, ())
    return list(ordered.values())


Resolve = Callable[[Mapping[str, Any]], Sequence[Variable]]
