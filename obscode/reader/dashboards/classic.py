"""Read Grafana's classic JSON: provisioning files, exports and v1 resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from obscode.artifacts.dashboards import Form
from obscode.reader.dashboards.datasources import datasource, language
from obscode.reader.dashboards.json_cursor import Node, Path, is_number
from obscode.reader.dashboards.model import Dashboard, Datasource, Grid, Panel, Row, Target, Variable

_DEEPEST = 4  # rows do not nest, except in invalid files
_REFRESH = {1: "load", 2: "time"}  # true, from before Grafana 4, counts as 1
_HIDDEN = 2


def dashboard(node: Node, form: Form) -> Dashboard:
    """Read a dashboard; the node collects type errors."""
    inputs = {i.text("name"): i.text("pluginId") for i in node.objects("__inputs")}
    listed = node.object("templating").objects("list")
    kinds = {v.text("name"): v.text("query").lower() for v in listed if v.plain("type") == "datasource"}
    reader = _Reader({**inputs, **kinds}, _library_panels(node))
    reader.panels_of(node, (), frozenset())
    for row in node.objects("rows"):
        reader.legacy_row(row)
    annotations = node.object("annotations").objects("list")
    return Dashboard(
        form=form,
        title=node.text("title"),
        editable=node.plain("editable") is not False,
        panels=tuple(reader.panels),
        rows=tuple(reader.rows),
        variables=tuple(_variable(source, reader.kinds) for source in listed),
        inputs=inputs,
        annotations=tuple(target(a, i, Datasource(), reader.kinds) for i, a in enumerate(annotations)),
        node=node,
    )


def _library_panels(node: Node) -> dict[str, Node]:
    """The library panels in an export, by uid; until Grafana 9.0 they were a list.

    https://github.com/grafana/grafana/pull/49319
    """
    elements = node.get("__elements")
    if isinstance(elements.value, list):
        return {element.text("uid"): element.object("model") for element in elements.items()}
    return {uid: element.object("model") for uid, element in node.object("__elements").entries()}


@dataclass
class _Reader:
    """Collects rows and panels in the order of display."""

    kinds: Mapping[str, str]
    library: Mapping[str, Node]
    panels: list[Panel] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def panels_of(self, node: Node, group: Path, repeats: frozenset[str], depth: int = 0) -> None:
        """The panels of a dashboard or of a folded row; panels after an expanded row belong to it."""
        above = repeats
        for source in node.objects("panels"):
            if source.plain("type") != "row":
                if not _is_copy(source):
                    self.panels.append(self.panel(source, group, repeats))
                continue
            row = self.row(source, source.flag("collapsed"), group)
            repeats = above | _named(row.repeat)
            if depth < _DEEPEST:
                self.panels_of(source, source.path, repeats, depth + 1)

    def legacy_row(self, node: Node) -> None:
        """A row from before Grafana 5: its panels have a width and no position."""
        row = self.row(node, node.flag("collapse"), node.path)
        for source in node.objects("panels"):
            if not _is_copy(source):
                panel = self.panel(source, node.path, _named(row.repeat))
                self.panels.append(replace(panel, grid=None))  # Grafana computes it from the width

    def row(self, node: Node, collapsed: bool, group: Path) -> Row:
        """Read and collect a row."""
        inside = len(node.objects("panels"))
        grid = _grid(node, group)
        result = Row(node.text("title"), collapsed, _repeat(node), inside, node.whole("id"), grid, node)
        self.rows.append(result)
        return result

    def panel(self, node: Node, group: Path, repeats: frozenset[str]) -> Panel:
        """A panel, or a library panel whose content is in the export."""
        link = node.object("libraryPanel") if node.has("libraryPanel") else None
        content = self.library.get(link.text("uid"), node) if link and not node.has("targets") else node
        own = datasource(content.get("datasource"), self.kinds)
        targets = [target(t, i, own, self.kinds) for i, t in enumerate(content.objects("targets"))]
        options = content.get("options")
        return Panel(
            id=node.whole("id"),
            title=node.text("title") or content.text("title"),
            description=content.text("description"),
            type=content.text("type"),
            datasource=own,
            targets=tuple(targets),
            grid=_grid(node, group),
            repeats=repeats | _named(_repeat(node)),
            interval=content.text("interval"),
            reference=link is not None and content is node and not node.has("targets"),
            node=content,
            # grafanalib and old panels write `[]` instead of null.
            options=options if isinstance(options.value, dict) else Node({}, content.path, node.wrong),
            config=content.object("fieldConfig"),
        )


def target(node: Node, index: int, inherited: Datasource, kinds: Mapping[str, str]) -> Target:
    """A query. Unless the panel mixes datasources, Grafana asks that of the panel, also if the query names another."""
    own = datasource(node.get("datasource"), kinds)
    decides = bool(inherited.name) and not inherited.built_in and not own.built_in
    read = inherited if decides or not (own.name or own.type) else own
    expr = node.plain("expr")
    return Target(
        index=index,
        ref=node.text("refId"),
        expr=expr if isinstance(expr, str) else "",
        language=language(read, expr) if isinstance(expr, str) else "",
        datasource=read,
        legend=node.loose("legendFormat"),
        hidden=node.flag("hide"),
        instant=node.flag("instant") and not node.flag("range"),
        format=node.loose("format"),
        interval=node.loose("interval"),
        node=node,
        query=node,
    )


def _variable(node: Node, kinds: Mapping[str, str]) -> Variable:
    query = node.get("query")
    inner = query.get("query") if isinstance(query.value, dict) else query
    refresh = node.plain("refresh")
    return Variable(
        name=node.text("name"),
        type=node.text("type"),
        label=node.text("label"),
        query=inner.value if isinstance(inner.value, str) else "",
        query_path=inner.path,
        datasource=datasource(node.get("datasource"), kinds),
        multi=node.flag("multi"),
        include_all=node.flag("includeAll"),
        all_value=node.text("allValue"),
        refresh=_REFRESH.get(refresh, "never") if is_number(refresh) or isinstance(refresh, bool) else "never",
        hidden=node.plain("hide") == _HIDDEN,
        values=tuple(values(node)),
        node=node,
    )


def values(node: Node) -> Iterator[str]:
    """The values of a variable in the file."""
    options = node.plain("options")
    current = [node.get("current")]
    source: Iterable[Node] = [*current, *(node.objects("options") if isinstance(options, list) else [])]
    for option in source:
        value = option.plain("value")
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and not item.startswith("$__"):
                yield item
    query = node.plain("query")
    if node.plain("type") in ("custom", "constant", "textbox", "interval") and isinstance(query, str):
        yield from (item.strip() for item in query.split(","))


def _is_copy(panel: Node) -> bool:
    """True for a copy of a repeated panel, saved with the dashboard: Grafana replaces it with a new copy."""
    return panel.flag("repeatedByRow") or (panel.has("repeatPanelId") and not panel.flag("repeat"))


def _grid(node: Node, group: Path) -> Grid | None:
    pos = node.object("gridPos")
    x, y, width, height = (pos.number(key) for key in "xywh")
    if x is None or y is None or not width or not height:
        return None
    return Grid(x, y, width, height, pos.path, group)


def _repeat(node: Node) -> str:
    return node.text("repeat").removeprefix("$")


def _named(repeat: str) -> frozenset[str]:
    return frozenset({repeat} if repeat else ())
