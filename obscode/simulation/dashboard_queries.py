"""The queries of a dashboard with values for its variables, as Grafana chooses them when it is opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from obscode.promql.selector import VARIABLE_MARK, Matcher
from obscode.promql.tokens import LITERAL
from obscode.reader.dashboards.model import Dashboard, Variable
from obscode.reader.dashboards.variables import Use as VariableUse
from obscode.reader.dashboards.variables import uses as variable_uses

_LITERAL = re.compile(LITERAL, re.DOTALL)
_LABEL_VALUES = re.compile(
    r"^\s*label_values\(\s*(?:(?P<selector>.+?)\s*,\s*)?(?P<label>[\w$.\[\]{}@-]+)\s*\)\s*$", re.DOTALL
)
_QUERY_RESULT = re.compile(r"^\s*query_result\((?P<expr>.*)\)\s*$", re.DOTALL)
_METRICS = re.compile(r"^\s*metrics\((?P<pattern>.*)\)\s*$", re.DOTALL)
_IN_FILTER = re.compile(r'([a-zA-Z_]\w*) ?=~?\\?"')
_FUNCTION = re.compile(r"^\s*(?:label_names|label_values|metrics|query_result)\s*\(")
_EQUAL = re.compile(r"""(?<![=!~])(?:=|!=)\s*["'`]$""")
_LEGEND = re.compile(r"\{\{\s*([a-zA-Z_]\w*)\s*\}\}")
_ALL = "$__all"
#: Values of Grafana's own variables, for a range of six hours.
_OWN = {
    "__interval": "1m",
    "__rate_interval": "5m",
    "__range": "6h",
    "__interval_ms": "60000",
    "__rate_interval_ms": "300000",
    "__range_s": "21600",
    "__range_ms": "21600000",
    "__from": "0",
    "__to": "0",
}
_FIXED_TYPES = frozenset(("custom", "constant", "textbox", "interval"))


@dataclass(frozen=True)
class Setting:
    """The values of a variable; ``pattern`` is the regular expression for All, if the variable has one."""

    values: tuple[str, ...]
    pattern: str = ""
    is_multi: bool = False

    def in_string(self) -> str:
        """As Grafana writes it into a string of PromQL."""
        if self.pattern:
            return self.pattern
        if not self.is_multi:
            return self.values[0] if self.values else ""
        quoted = [re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\\\1", value) for value in self.values]
        return quoted[0] if len(quoted) == 1 else f"({'|'.join(quoted)})"

    def in_code(self) -> str:
        """As a part of PromQL."""
        return ",".join(self.values)


@dataclass(frozen=True)
class PanelQuery:
    """A query with values for its variables; ``labels`` are those of its legend."""

    expr: str
    labels: frozenset[str]
    matchers: tuple[Matcher, ...] = ()
    unit: str = ""
    owner: str = ""


Options = Callable[[Variable, Mapping[str, Setting]], Sequence[str] | None]


def settings(dashboard: Dashboard, options: Options) -> Mapping[str, Setting]:
    """The settings of the variables when a dashboard is opened.

    ``options`` are the values of a variable with a query, None while they are not known.
    """
    chosen: dict[str, Setting] = {}
    for variable in _in_order(dashboard.variables):
        if variable.type in _FIXED_TYPES:
            chosen[variable.name] = _of_fixed(variable)
        elif variable.type == "query":
            if unset := _without_options(variable):
                chosen[variable.name] = unset  # its own query may name it
            if values := options(variable, chosen):
                chosen[variable.name] = _of_query(variable, values, chosen)
    return chosen


def _in_order(variables: Sequence[Variable]) -> Sequence[Variable]:
    """Each variable after those that its query names."""
    names = {variable.name for variable in variables}
    waiting, ordered, done = list(variables), list[Variable](), set[str]()
    while waiting:
        ready = [v for v in waiting if not ({use.name for use in variable_uses(v.query)} & names - {v.name} - done)]
        ready = ready or waiting[:1]  # a cycle
        ordered += ready
        done |= {variable.name for variable in ready}
        waiting = [variable for variable in waiting if variable.name not in done]
    return ordered


def _without_options(variable: Variable) -> Setting | None:
    """The setting of a variable with a query before its values are known: All, or what was saved if it has no query."""
    current = _current(variable)
    if variable.include_all and variable.all_value and (_ALL in current or not current):
        return Setting((), variable.all_value, True)
    if not variable.query.strip() and current and _ALL not in current:
        return Setting(current, is_multi=variable.several)
    return None


def _current(variable: Variable) -> tuple[str, ...]:
    value = variable.node.object("current").plain("value")
    if value is None:
        value = variable.node.object("spec").object("current").plain("value")
    return tuple(str(item) for item in (value if isinstance(value, list) else [value]) if item not in (None, ""))


def _of_fixed(variable: Variable) -> Setting:
    current = _current(variable)
    options = tuple(dict.fromkeys(v for v in variable.values if not v.startswith("$__")))
    if variable.type == "textbox" or (variable.type == "constant" and not options):
        return Setting(current[:1] or options[:1] or (variable.query,))
    if variable.include_all and (_ALL in current or not current):
        return Setting(_plain(options), variable.all_value, True)
    named = [value for value in current if not value.startswith("$__")]
    if variable.type == "interval" and any(value.startswith("$__auto") for value in current):
        return Setting(("1m",))
    values = tuple(named) or options[:1]
    if variable.type == "interval" and (not values or not values[0][:1].isdigit()):
        values = ("1m",)
    return Setting(_plain(values), is_multi=variable.multi)


def _plain(values: Sequence[str]) -> tuple[str, ...]:
    """The values of `text : value` pairs."""
    return tuple(value.rpartition(" : ")[2].strip() for value in values)


def _of_query(variable: Variable, values: Sequence[str], chosen: Mapping[str, Setting]) -> Setting:
    current = tuple(value for value in _current(variable) if value in values)
    if current:
        return Setting(current, is_multi=variable.several)
    if variable.include_all:
        return Setting(tuple(values), fill(f'"{variable.all_value}"', chosen)[1:-1], True)
    return Setting((values[0],), is_multi=variable.multi)


def filtered(variable: Variable, values: Sequence[str]) -> list[str]:
    """The values that the regular expression of a variable selects, or parts of them, sorted."""
    text = variable.node.text("regex") or variable.node.object("spec").text("regex")
    pattern = pattern_of(text)
    if pattern is None:
        return sorted(dict.fromkeys(values))
    result = []
    for value in values:
        if match := pattern.search(value):
            named = match.groupdict().get("value") or match.groupdict().get("text")
            result.append(named or (match.group(1) if pattern.groups and match.group(1) else match.group(0)))
            if not pattern.groups:
                result[-1] = value
    return sorted(dict.fromkeys(result))


@lru_cache(maxsize=1024)
def pattern_of(text: str) -> re.Pattern[str] | None:
    """A regular expression of Grafana, with or without slashes; None if there is none, or it is not valid."""
    if not text:
        return None
    inner = text[1 : text.rindex("/")] if text.startswith("/") and text.count("/") > 1 else text
    try:
        return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", inner))
    except re.error:
        return None


def fill(expr: str, chosen: Mapping[str, Setting]) -> str:
    """An expression with the values of variables; in strings, a variable without a value is ``VARIABLE_MARK``."""
    if "$" not in expr and "[[" not in expr:
        return expr
    literals = [match.span() for match in _LITERAL.finditer(expr)]
    parts, end = [], 0
    for use in variable_uses(expr):
        is_string = any(start <= use.span[0] < stop for start, stop in literals)
        value = _value(use, expr, chosen, is_string=is_string)
        is_equal = is_string and _EQUAL.search(expr, 0, use.span[0])
        is_name = not is_string and (_is_name(expr[use.span[0] - 1 : use.span[0]]) or _is_name(expr[use.span[1] :][:1]))
        if use.name in chosen and chosen[use.name].values and (is_equal or is_name):
            first = chosen[use.name].values[0]  # such a panel is repeated: one value in each
            value = re.sub(r"\W", "_", first) if is_name else first
        if value is None:
            continue
        parts += [expr[end : use.span[0]], value]
        end = use.span[1]
    return "".join([*parts, expr[end:]])


def _is_name(character: str) -> bool:
    """Whether a character continues the name of a metric."""
    return character.isalnum() or character in ("_", ":") if character else False


def _value(use: VariableUse, expr: str, chosen: Mapping[str, Setting], *, is_string: bool) -> str | None:
    if use.name in _OWN:
        return _OWN[use.name]
    if use.name.startswith("__auto_interval"):
        return "1m"
    setting = chosen.get(use.name)
    if setting is None:
        return VARIABLE_MARK if is_string else None
    text = setting.in_string() if is_string else setting.in_code()
    if ":" in expr[slice(*use.span)] and is_string:  # a format, such as ${name:regex}
        kind = expr[slice(*use.span)].rpartition(":")[2].strip("}")
        text = "|".join(setting.values) if kind in ("pipe", "regex") and not setting.pattern else text
        text = setting.values[0] if kind == "raw" and setting.values else text
    return text


def panel_queries(dashboard: Dashboard, chosen: Mapping[str, Setting]) -> Iterator[PanelQuery]:
    """The queries of the panels in PromQL."""
    for panel, target in dashboard.targets("promql"):
        if target.expr:
            labels = frozenset(_LEGEND.findall(target.legend))
            unit = panel.defaults.text("unit")
            yield PanelQuery(fill(target.expr, chosen), labels, unit=unit, owner=panel.name)


def variable_queries(dashboard: Dashboard, chosen: Mapping[str, Setting]) -> Iterator[PanelQuery]:
    """What the variables read, as expressions."""
    for variable in dashboard.variables:
        if variable.type == "query" and (request := request_of(variable, chosen)) and (request.expr or request.label):
            labels = frozenset({request.label} - {""}) | _filtered_labels(variable)
            owner = f"variable {variable.name!r}"
            matchers = _filter_matchers(variable, request.label)
            if request.expr or matchers:  # without a metric, the label of any
                yield PanelQuery(request.expr or "up", labels, matchers, owner=owner)


def _filtered_labels(variable: Variable) -> frozenset[str]:
    """The labels in the filter of a variable whose values are series, such as `/pod="([^"]+)"/`."""
    return frozenset(_IN_FILTER.findall(variable.node.text("regex").replace("\\b", " ")))


def _filter_matchers(variable: Variable, label: str) -> tuple[Matcher, ...]:
    """The filter of a variable as a matcher of its label."""
    pattern = pattern_of(variable.node.text("regex"))
    if pattern is None or not label or re.search(r"\(\?[!=<]", pattern.pattern):
        return ()
    inner = pattern.pattern
    start = "" if inner.startswith("^") else ".*"
    end = "" if inner.endswith("$") else ".*"
    return (Matcher(label, "=~", f"{start}{inner.removeprefix('^').removesuffix('$')}{end}"),)


@dataclass(frozen=True)
class Request:
    """What a variable reads: the values of a label, series of an expression, or names of metrics."""

    expr: str = ""
    label: str = ""
    metrics: str = ""


def request_of(variable: Variable, chosen: Mapping[str, Setting]) -> Request | None:
    """What a variable with a query reads; None for other data sources and forms."""
    query = variable.query.strip()
    if match := _LABEL_VALUES.match(query):
        return Request(fill(match["selector"] or "", chosen), fill(match["label"], chosen))
    if match := _QUERY_RESULT.match(query):
        return Request(fill(match["expr"], chosen))
    if match := _METRICS.match(query):
        return Request(metrics=fill(match["pattern"], chosen))
    return Request(fill(query, chosen)) if query and not _FUNCTION.match(query) else None
