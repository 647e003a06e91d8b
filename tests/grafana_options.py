"""Every kind of panel with every value of every option, and random dashboards.

The values of an option come from its constraint, so a new option needs no line here, unless it has other values than
choices, booleans and a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from obscode import Annotation, Dashboard, Link, Row, variables
from obscode.model import panels
from obscode.model.argument_types import matches_type
from obscode.model.constraints import ConstrainedDefinition, Constraint, anything
from obscode.model.dashboard import (
    DataQuery,
    Override,
    Panel,
    Query,
    RangeMap,
    RegexMap,
    SpecialMap,
    Threshold,
    ValueMap,
)
from obscode.model.dashboard.grafana_values import CALCS, COLORS, SCHEMES
from obscode.model.dashboard.variable import Variable
from obscode.model.panels import FlameGraph, Geomap, Library, Logs, Traces

_REQUIRED = {"queries": "up", "content": "Some *words*."}
_RECORDS = {Logs: '{job="api"}', Traces: "$id", FlameGraph: '{service_name="api"}'}


def _required(kind: type[Panel]) -> Mapping[str, Any]:
    """The arguments without a default, except the title."""
    names = {spec.name for spec in fields(kind) if spec.default is MISSING and spec.default_factory is MISSING}
    if kind is Library:
        return {"uid": "abc"}
    return {"queries": _RECORDS[kind]} if kind in _RECORDS else {name: _REQUIRED[name] for name in names - {"title"}}


#: The kinds of panels with their required arguments; a new kind needs no line here.
KINDS: Mapping[type[Panel], Mapping[str, Any]] = {
    kind: _required(kind) for kind in vars(panels).values() if hasattr(kind, "kind")
}

_NUMBERS = (0, -1, 0.25, Decimal("0.1"), 10**12)
_LINKS = (
    [Link("Docs", "https://example.com/a?b=c&d")],
    [Link("A", "/d/a", new_tab=True, tooltip="There"), Link("B", "$url", keep_time=False)],
)
_MAPPINGS = (
    [ValueMap(0, "Down", "red"), ValueMap("ok", "Fine"), ValueMap(Decimal("0.5"), "Half")],
    [RangeMap(0, 0.5, "Low"), RangeMap(None, Decimal("-1"), "Less", "blue"), RangeMap(9, None, "More")],
    [RegexMap("(.*)-(.*)", "$1", "#fff")],
    [SpecialMap(match, "Nothing") for match in ("null", "nan", "null+nan", "true", "false", "empty")],
    [ValueMap(1, "a"), RangeMap(2, 3, "b"), ValueMap(4, "c"), SpecialMap("nan", "d", "purple")],
)
_QUERIES = (
    [Query("up", legend="{{job}}", ref="Z"), "sum(up)"],
    [Query("up", exemplars=True), Query("up", hidden=True)],
    [Query("up", instant=True), Query("up", instant=False)],
    [Query("up", instant="both"), Query("up", format="table"), Query("up", interval="$step")],
    [f"up + {n}" for n in range(28)],
)
_SEVERAL_SOURCES = (
    ["up", Query("up", datasource="$eu")],
    ["up", DataQuery("loki", {"expr": '{job="api"}'}), DataQuery("__expr__", {"type": "math", "expression": "$A"})],
)
_THRESHOLDS = (
    [Threshold(1)],
    [Threshold(None, "blue"), Threshold(-0.5, "#ff0000"), Threshold(Decimal("0.99"), "orange"), Threshold(10**6)],
    [Threshold(None, "transparent")],
)

# Values of options whose constraint has neither choices nor a range; every minimum is below every maximum.
_VALUE: Mapping[str, Sequence[Any]] = {
    "alert": ["Burn"],
    "all_value": [".*", ""],
    "arcs": [{"arc__failed": "red"}],
    "auto_least": ["10s"],
    "axis_title": ["requests / s"],
    "bar_width": [0, 0.5, 1],
    "basemap": ["default", "osm-standard"],
    "bucket_size": [0.5, 10, Decimal("0.1")],
    "calc": CALCS,
    "cell_unit": ["reqps", "suffix: requests"],
    "center": [(52.5, 13.4)],
    "color": [*SCHEMES, *COLORS, "#1f77b4", "rgba(255, 0, 0, 0.5)"],
    "color_by": ["Value"],
    "coordinates": [("lat", "lon")],
    "columns": [{"instance": "Instance", "Value": "Up"}, {"Value": "Instance"}],
    "content": ["# Words\n\n<b>more</b>", 'with "quotes" and µ'],
    "data_links": _LINKS,
    "datasource": ["abc", "$eu"],
    "default": ["a", ["job"]],
    "description": ["What it shows.", "Two\nlines, **bold**"],
    "edge_second_unit": ["s"],
    "edge_unit": ["reqps"],
    "elements": [[{"type": "rectangle", "name": "A"}]],
    "extra": [{}],
    "filters": [['job="api"', 'pod=~"a.*"']],
    "fixed": [['job!="api"']],
    "geohash": ["cell"],
    "group_by": [["service_name"]],
    "group_width": [0, 0.5, 1],
    "interval": ["1m", "30s"],
    "key": ["k"],
    "label": ["Where it runs"],
    "labels": [{"service": "shop", "path": 'a"b\\c'}],
    "layers": [[{"type": "markers", "name": "A", "location": {"mode": "auto"}, "config": {}}]],
    "legend": ["{{job}}", "p99"],
    "legend_calcs": [*([calc] for calc in CALCS), ["mean", "max", "p99"]],
    "links": _LINKS,
    "lookup": ["country"],
    "mappings": _MAPPINGS,
    "max_points": [1, 100_000],
    "maximum": [100, 100.5, Decimal("1e3")],
    "minimum": _NUMBERS[:4],
    "name": ["Requests"],
    "no_value": ["0", "nothing yet"],
    "node_second_unit": ["s"],
    "node_unit": ["reqps"],
    "off": ["0"],
    "on": ["1"],
    "plugin": ["prometheus", "loki"],
    "profile": ["memory:inuse_space:bytes:space:bytes"],
    "properties": [{"description": "What it is"}],
    "queries": [*_QUERIES, *_SEVERAL_SOURCES],
    "query": ["api", "label_values(up, job)"],
    "regex": ["/5../", "(?i)error"],
    "repeat": ["job"],
    "scheme": ["Blues", "Spectral", "RdYlGn"],
    "series": [
        [{"x": {"matcher": {"id": "byName", "options": "a"}}, "y": {"matcher": {"id": "byName", "options": "b"}}}]
    ],
    "size_by": ["Value"],
    "soft_maximum": _NUMBERS,
    "soft_minimum": _NUMBERS,
    "sort_by": ["Instance"],
    "step": ["1m"],
    "tags": [["a"], ["slo", "c d"]],
    "text": ["{{instance}} was {{reason}}"],
    "thresholds": _THRESHOLDS,
    "time_range": ["30d", "2h"],
    "time_shift": ["1w", "$shift"],
    "title": ["Other: {{version}}"],
    "tooltip": ["What is there"],
    "transformations": [
        [{"id": "merge"}],
        [{"id": "sortBy", "options": {"sort": [{"field": "Value", "desc": True}]}}, {"id": "limit"}],
    ],
    "type": ["prometheus", "loki"],
    "uid": ["abc"],
    "unit": ["s", "percentunit", "suffix: requests", "prefix:~", "time:YYYY-MM-DD", "si:mF", "count:x", "currency:€"],
    "value": ["a"],
    "values": [["a", "b,c"], {"First": "a", "Second": "b"}],
    "visible": [None],  # needs a row with an automatic grid
    "x": ["job"],
    "y": [["Value"], ["a", "b"]],
}
# The same for options of one kind.
_VALUE_OF: Mapping[tuple[type, str], Sequence[Any]] = {
    (variables.Interval, "default"): ["1h"],
    (variables.Interval, "values"): [["1m", "1h"]],
}


def options(kind: type[ConstrainedDefinition]) -> list[str]:
    """The arguments of a definition."""
    return [spec.name for spec in fields(kind) if spec.name not in ("origin", "ignore")]


def values(kind: type[ConstrainedDefinition], option: str) -> Sequence[Any]:
    """All values of an option, or a selection."""
    hint, constraint = get_type_hints(kind)[option], kind.arguments.get(option, anything)
    if hint is bool:
        return [True, False]
    if option == "overrides":
        return [[override] for override in _each_override()]
    if choices := _choices(hint):
        return [*([choice] for choice in choices), choices, []] if get_origin(hint) is Sequence else choices
    if ends := _ends(constraint):
        return ends
    fitting = [
        value
        for value in _VALUE_OF.get((kind, option), _VALUE.get(option, ()))
        if matches_type(value, hint) and not constraint(value)
    ]
    assert fitting, f"no value to try for {option} of {kind.__name__}: add one to _GIVEN"
    return fitting


def _choices(hint: Any) -> list[Any]:
    """The choices of a Literal type, of its unions and of lists of it."""
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    return [choice for member in get_args(hint) for choice in _choices(member)]


def _ends(constraint: Constraint) -> list[int]:
    """Both ends of a range of integers."""
    message, _ = constraint(-(10**9)) or ("", "")
    match = re.search(r" is not within (-?\d+) to (\d+)", message)
    return [int(match[1]), int(match[2])] if match else []


# --- one by one --------------------------------------------------------------------------------------------------


def each_option(kind: type[ConstrainedDefinition], *but: str) -> Iterator[tuple[str, Any]]:
    """Every option with each of its values, except some options."""
    for option in options(kind):
        if option not in but:
            yield from ((option, value) for value in values(kind, option))


def each_panel(kind: type[Panel]) -> list[Any]:
    """A panel for each value of each option, with the option as its title, and one with required arguments only."""
    tried = [(f"{name} = {value!r}"[:80], {name: value}) for name, value in each_option(kind, "title")]
    return [kind(**{**KINDS[kind], "title": title, **source}) for title, source in [("plain", {}), *tried]]


def _each_override() -> Iterator[Override]:
    selectors = ("name", "regex", "query")
    yield from (Override(**{"name": "up", name: value}) for name, value in each_option(Override, *selectors))
    yield from (Override(regex="/5../", hide=True), Override(regex="5..", unit="s"), Override(query="A", unit="s"))


def each_variable() -> list[Variable]:
    """A variable for each value of each option of each kind."""
    kinds: Mapping[type[Variable], Mapping[str, Any]] = {
        variables.Query: {"query": "label_values(up, job)"},
        variables.Custom: {"values": ["a", "b"]},
        variables.Text: {},
        variables.Datasource: {},
        variables.Interval: {},
        variables.Constant: {"value": "a"},
        variables.AdHoc: {},
        variables.GroupBy: {},
        variables.Switch: {},
    }
    tried = [
        ({**source, name: value}, kind) for kind, source in kinds.items() for name, value in each_option(kind, "name")
    ]
    return [kind(name=f"v{index}", **source) for index, (source, kind) in enumerate(tried)]


def each_annotation() -> list[Annotation]:
    """An annotation for each value of each option."""
    tried = each_option(Annotation, "name", "expr")
    return [Annotation.firing_alerts(), *(Annotation(name, "up > 0", **{name: value}) for name, value in tried)]


def each_link() -> list[Link]:
    """A link above a dashboard for each value of each option."""
    tried = [{name: value} for name, value in each_option(Link, "title", "url")]
    return [Link("L", **({"url": "/d/a"} if "tags" not in source else {}) | source) for source in tried]


# --- at random ---------------------------------------------------------------------------------------------------


def _any(kind: type[Any], *but: str, **source: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A definition with some arguments, and random values of some others."""
    others = [option for option in options(kind) if option not in but and option not in source]
    chosen = {option: st.sampled_from(values(kind, option)) for option in others}
    return st.fixed_dictionaries(source, optional=chosen).map(lambda arguments: kind(**arguments))


_OVERRIDES = st.one_of(
    _any(Override, "regex", "query", name=st.just("up")),
    _any(Override, "name", "query", regex=st.sampled_from(["/5../", "(?i)up"])),
    _any(Override, "name", "regex", query=st.just("A")),
)
_TITLES = st.sampled_from(["Rate", "Errors", "Latency P90", "latency p90", "Latenz µs", "レイテンシ"])


# Options that exclude another one.
_EXCLUSIVE: Mapping[type[Panel], Sequence[str]] = {Geomap: ("geohash", "coordinates")}


def _panels(kind: type[Panel]) -> st.SearchStrategy[Panel]:
    required = {name: st.sampled_from([value, *values(kind, name)]) for name, value in KINDS[kind].items()}
    if "overrides" in options(kind):
        required["overrides"] = st.lists(_OVERRIDES, max_size=3)
    return _any(kind, "key", *_EXCLUSIVE.get(kind, ()), title=_TITLES, **required)


PANELS = st.one_of([_panels(kind) for kind in KINDS])

_NAMES = st.sampled_from(["path", "instance", "_x1"])
_VARIABLES = st.one_of(
    _any(variables.Query, name=_NAMES, query=st.just("label_values(up, job)")),
    _any(variables.Custom, name=_NAMES, values=st.sampled_from(values(variables.Custom, "values"))),
    _any(variables.Text, name=_NAMES),
    _any(variables.Datasource, name=_NAMES),
    _any(variables.Interval, "default", name=_NAMES),
    _any(variables.Constant, name=_NAMES, value=st.just("a")),
    _any(variables.AdHoc, name=_NAMES),
    _any(variables.GroupBy, name=_NAMES),
    _any(variables.Switch, name=_NAMES),
)
_ANNOTATIONS = _any(Annotation, name=_TITLES, expr=st.just("up > 0"))
_ABOVE = st.one_of(
    _any(Link, "tags", title=_TITLES, url=st.sampled_from(["/d/a", "https://example.com"])),
    _any(Link, "url", title=_TITLES, tags=st.sampled_from(values(Link, "tags"))),
)


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Random rows; the first may have no title."""
    folded, repeated = st.booleans(), st.sampled_from(["", "job"])
    titled = [
        Row(draw(_TITLES), *draw(st.lists(PANELS, max_size=4)), collapsed=draw(folded), repeat=draw(repeated))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return [Row("", *draw(st.lists(PANELS, max_size=3))), *titled] if draw(st.booleans()) else titled


def dashboards() -> st.SearchStrategy[Dashboard]:
    """Random dashboards, with random variables, annotations and links."""
    job = variables.Query("job", "label_values(up, job)")
    others = st.lists(_VARIABLES, max_size=3, unique_by=lambda variable: variable.name)
    return st.builds(
        Dashboard,
        st.just("Any"),
        rows(),
        variables=others.map(lambda variables: [job, *variables]),
        annotations=st.lists(_ANNOTATIONS, max_size=3),
        links=st.lists(_ABOVE, max_size=3),
        description=st.sampled_from(["", "What it shows."]),
        tags=st.sampled_from([[], ["a", "b"]]),
        time_range=st.sampled_from(["1h", "30d"]),
        refresh=st.sampled_from(["", "30s"]),
        timezone=st.sampled_from(["browser", "utc", "Europe/Berlin"]),
    )
