"""Read the resource dashboard.grafana.app/v2 (and v2beta1, v2alpha1): panels are elements that a layout places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from obscode.reader.dashboards.classic import values
from obscode.reader.dashboards.datasources import language, of_group
from obscode.reader.dashboards.json_cursor import Node, Path
from obscode.reader.dashboards.model import Dashboard, Datasource, Grid, Panel, Row, Target, Variable

_DEEPEST = 8  # tabs contain rows, which contain grids
_REFRESH = {"onDashboardLoad": "load", "onTimeRangeChanged": "time"}
_TYPES = {"TextVariable": "textbox", "GroupByVariable": "groupby"}
_NESTED = {"RowsLayout": "rows", "TabsLayout": "tabs"}


def dashboard(node: Node) -> Dashboard:
    """Read a resource's spec; the node collects type errors."""
    kinds = {
        v.object("spec").text("name"): v.object("spec").text("pluginId").lower()
        for v in node.objects("variables")
        if v.plain("kind") == "DatasourceVariable"
    }
    layout = _Layout()
    layout.read(node.object("layout"), (), frozenset())
    elements = dict(node.object("elements").entries())
    return Dashboard(
        form="v2",
        title=node.text("title"),
        editable=node.plain("editable") is not False,
        panels=tuple(_panel(element, layout.places.get(name, _Place()), kinds) for name, element in elements.items()),
        rows=tuple(layout.rows),
        variables=tuple(_variable(v, kinds) for v in node.objects("variables")),
        inputs={},
        annotations=tuple(_query(a.object("spec"), i, kinds) for i, a in enumerate(node.objects("annotations"))),
        node=node,
        references=tuple(layout.references),
    )


@dataclass(frozen=True)
class _Place:
    grid: Grid | None = None
    repeats: frozenset[str] = frozenset()


@dataclass
class _Layout:
    """The position of each element, by its name."""

    places: dict[str, _Place] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    references: list[tuple[str, Path]] = field(default_factory=list)

    def read(self, layout: Node, group: Path, repeats: frozenset[str], depth: int = 0) -> None:
        """A layout and the layouts within it."""
        spec = layout.object("spec")
        kind = layout.text("kind")
        if kind in _NESTED and depth < _DEEPEST:
            for part in spec.objects(_NESTED[kind]):
                inner = part.object("spec")
                if kind == "RowsLayout":
                    self._row(inner)
                self.read(inner.object("layout"), inner.path, repeats | _repeat(inner), depth + 1)
            return
        for item in spec.objects("items"):
            self._item(item, spec.path or group, repeats)

    def _item(self, item: Node, group: Path, repeats: frozenset[str]) -> None:
        spec = item.object("spec")
        if item.plain("kind") == "GridLayoutRow":  # v2alpha1
            self._row(spec)
            for below in spec.objects("elements"):
                self._item(below, spec.path, repeats | _repeat(spec))
            return
        element = spec.object("element")
        name = element.text("name")
        self.references.append((name, element.at("name")))
        self.places[name] = _Place(_grid(spec, group), repeats | _repeat(spec))

    def _row(self, spec: Node) -> None:
        repeat = "".join(_repeat(spec))
        self.rows.append(Row(spec.text("title"), spec.flag("collapse"), repeat, 0, None, None, spec))


def _grid(spec: Node, group: Path) -> Grid | None:
    x, y, width, height = (spec.number(key) for key in ("x", "y", "width", "height"))
    if x is None or y is None or not width or not height:
        return None
    return Grid(x, y, width, height, spec.path, group)


def _repeat(spec: Node) -> frozenset[str]:
    repeat = spec.object("repeat")
    name = repeat.text("value")
    return frozenset({name} if name else ())


def _panel(element: Node, place: _Place, kinds: Mapping[str, str]) -> Panel:
    spec = element.object("spec")
    group = spec.object("data").object("spec")
    viz = spec.object("vizConfig")
    look = viz.object("spec")
    kind = viz.text("group") or viz.text("kind")
    queries = [_query(q.object("spec"), i, kinds) for i, q in enumerate(group.objects("queries"))]
    return Panel(
        id=spec.whole("id"),
        title=spec.text("title"),
        description=spec.text("description"),
        type="" if kind == "VizConfig" else kind,
        datasource=Datasource(path=spec.path),  # each query has a datasource
        targets=tuple(queries),
        grid=place.grid,
        repeats=place.repeats,
        interval=group.object("queryOptions").text("interval"),
        reference=element.plain("kind") == "LibraryPanel",
        node=spec,
        options=look.object("options"),
        config=look.object("fieldConfig"),
    )


def _query(spec: Node, index: int, kinds: Mapping[str, str]) -> Target:
    query = spec.object("query")
    inner = query.object("spec")
    expr = inner.plain("expr")
    read = _datasource(spec, query, kinds)
    return Target(
        index=index,
        ref=spec.text("refId"),
        expr=expr if isinstance(expr, str) else "",
        language=language(read, expr) if isinstance(expr, str) else "",
        datasource=read,
        legend=inner.loose("legendFormat"),
        hidden=spec.flag("hidden"),
        instant=inner.flag("instant") and not inner.flag("range"),
        format=inner.loose("format"),
        interval=inner.loose("interval"),
        node=spec,
        query=inner,
    )


def _datasource(spec: Node, query: Node, kinds: Mapping[str, str]) -> Datasource:
    # In v2alpha1, the kind is the plugin, and the datasource is outside of the query.
    kind = query.text("kind")
    group = query.text("group") or ("" if kind == "DataQuery" else kind)
    if query.has("datasource"):
        return of_group(group, query.object("datasource").text("name"), (*query.path, "datasource"), kinds)
    beside = spec.object("datasource")
    return of_group(group or beside.text("type"), beside.text("uid"), spec.at("datasource"), kinds)


def _variable(node: Node, kinds: Mapping[str, str]) -> Variable:
    spec = node.object("spec")
    kind = node.text("kind")
    query = spec.get("query")
    result = Datasource(path=spec.path)
    if isinstance(query.value, dict):
        result = _datasource(spec, query, kinds)
        query = _text(query.object("spec"))
    return Variable(
        name=spec.text("name"),
        type=_TYPES.get(kind) or kind.removesuffix("Variable").lower(),
        label=spec.text("label"),
        query=query.value if isinstance(query.value, str) else spec.text("pluginId"),
        query_path=query.path,
        datasource=result,
        multi=spec.flag("multi"),
        include_all=spec.flag("includeAll"),
        all_value=spec.text("allValue"),
        refresh=_REFRESH.get(spec.text("refresh"), "never"),
        hidden=spec.plain("hide") == "hideVariable",
        values=tuple(values(spec)),
        node=spec,
    )


def _text(spec: Node) -> Node:
    """The strings of a variable's query."""
    key = next((key for key in ("query", "__legacyStringValue", "expr") if spec.has(key)), "query")
    return spec.get(key)
