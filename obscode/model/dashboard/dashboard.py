"""Dashboards and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.annotation import Annotation
from obscode.model.dashboard.link import Link
from obscode.model.dashboard.panel import Panel
from obscode.model.dashboard.variable import Variable
from obscode.model.layout import AutoGrid, HasData, Hide, Show, Tab, VariableIs
from obscode.model.panels.raw import Raw
from obscode.model.source import Origin, PythonCall

ROW_TITLE = Code(
    "row-title",
    "A row has a title, unless it is the first row of a dashboard and neither collapsed nor repeated.",
    why="Readers open and find rows by their titles.",
    bad='Row("", panels.Stat("Targets", "count(up)"), collapsed=True)',
    good='Row("Targets", panels.Stat("Targets", "count(up)"), collapsed=True)',
)
DUPLICATE_VARIABLE = Code(
    "duplicate-variable",
    "The variables of a dashboard have different names.",
    why="Grafana uses the first of two variables with the same name.",
    bad='variables=[variables.Text("path"), variables.Custom("path", ["/", "/cart"])]',
    good='variables=[variables.Text("search"), variables.Custom("path", ["/", "/cart"])]',
)
DUPLICATE_KEY = Code(
    "duplicate-key",
    "The keys of a dashboard's rows and panels are unique.",
    why="The id of a panel follows from its key; with equal keys, a link can open another panel after a change.",
    bad='Row("A", key="traffic"), Row("B", key="traffic")',
    good='Row("A", key="traffic"), Row("B", key="errors")',
)
UNKNOWN_REPEAT_VARIABLE = Code(
    "unknown-repeat-variable",
    "`repeat` and the conditions of `visible` name variables of the dashboard.",
    why="Grafana shows a row or a panel once if its variable does not exist, and compares with nothing.",
    bad='Dashboard("Shop", [Row("$region", repeat="region")])',
    good='Dashboard("Shop", [Row("$region", repeat="region")], variables=[variables.Query("region", query)])',
)

LAYOUT_CONDITION_PLACE = Code(
    "layout-condition-place",
    "A panel with `visible` is in a row with a `grid`, and only panels depend on their data.",
    why="Grafana has no conditions for panels at fixed positions, and a row or a tab has no queries of its own.",
    bad='Row("Errors", panels.Stat("Up", "up", visible=layout.Show(layout.HasData())))',
    good='Row("Errors", panels.Stat("Up", "up", visible=layout.Show(layout.HasData())), grid=layout.AutoGrid())',
)


@dataclass(frozen=True, init=False)
class Row(ConstrainedDefinition):
    """A titled row of panels: `Row("Traffic", panels.TimeSeries(...), panels.Stat(...))`.

    Attributes:
        title: the title; the first row of a dashboard needs none, its panels are at the top.
        panels: panels of obscode or of grafanalib, from left to right.
        collapsed: the row is folded, and its panels query nothing until a reader opens it.
        repeat: a variable; the row is repeated for each of its values.
        key: keeps the ids of the row and its panels when the title changes.
        extra: other settings of the row's JSON, merged into it. None removes a setting.
        tab: the tab that the row is in, which is that of the row before by default; classic dashboards have no tabs.
        grid: an automatic grid, in which all panels have the same size.
        visible: when the row is shown; always in classic dashboards.
    """

    title: str
    panels: tuple[Panel, ...]
    collapsed: bool = field(default=False, kw_only=True)
    repeat: str = field(default="", kw_only=True)
    key: str = field(default="", kw_only=True)
    extra: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    tab: str | Tab = field(default="", kw_only=True)
    grid: AutoGrid | None = field(default=None, kw_only=True)
    visible: Show | Hide | None = field(default=None, kw_only=True)

    def __init__(
        self,
        title: str,
        *panels: Any,
        collapsed: bool = False,
        repeat: str = "",
        key: str = "",
        extra: Mapping[str, Any] | None = None,
        tab: str | Tab = "",
        grid: AutoGrid | None = None,
        visible: Show | Hide | None = None,
        ignore: Mapping[str, str] | None = None,
    ) -> None:
        origin = PythonCall.of_caller()
        row = tuple(_panel(panel, origin) for panel in panels)
        # A dataclass's own __init__ has no *panels.
        vars(self).update(
            title=title, panels=row, collapsed=collapsed, repeat=repeat, key=key, ignore=ignore or {}, origin=origin
        )
        vars(self).update(extra=extra or {}, tab=tab, grid=grid, visible=visible)
        self.__post_init__()

    def with_panels(self, panels: Iterable[Panel]) -> Row:
        """The row with other panels."""
        return self.derive(panels=tuple(panels))

    code_prefix = "row"
    arguments = constraints.constraints(
        repeat=constraints.optional(grafana_values.variable), extra=constraints.json_serialisable
    )

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if self.title == "" and (self.collapsed or self.repeat):
            setting = "collapsed" if self.collapsed else "repeated"
            yield self.finding(ROW_TITLE, f"the {setting} row has no title", "write a title", at="title")
        yield from self._misplaced_conditions()

    def _misplaced_conditions(self) -> Iterator[Finding]:
        for panel in self.panels:
            if panel.visible and self.grid is None:
                message = f"the row of {panel.title!r} has no automatic grid"
                yield panel.finding(
                    LAYOUT_CONDITION_PLACE, message, "write grid=layout.AutoGrid() in the row", at="visible"
                )
        tab = self.tab if isinstance(self.tab, Tab) else None
        for part, visible in (("row", self.visible), ("tab", tab.visible if tab else None)):
            if visible and any(isinstance(each, HasData) for each in visible.all_conditions()):
                hint = "move the condition to the panels"
                yield visible.finding(LAYOUT_CONDITION_PLACE, f"a {part} has no data of its own", hint)


def _variables_of(part: Row | Panel) -> Iterator[VariableIs]:
    tab = part.tab if isinstance(part, Row) and isinstance(part.tab, Tab) else None
    for visible in (part.visible, tab.visible if tab else None):
        yield from (each for each in (visible.all_conditions() if visible else ()) if isinstance(each, VariableIs))


def _panel(panel: Any, origin: Origin) -> Any:
    """An object of grafanalib as a panel; other values stay, and the check of argument types reports them."""
    if isinstance(panel, Panel) or not hasattr(panel, "to_json_data"):
        return panel
    return Raw(panel).with_origin(origin)


@dataclass(frozen=True)
class Dashboard(ConstrainedDefinition):
    """A dashboard, for a service (`Service(dashboard=)`) or by itself.

    Its first variable is always the datasource.

    Attributes:
        title: the title, unique in its folder.
        rows: the rows, from top to bottom.
        uid: the id in links, 1 to 40 letters, digits, '-' and '_'; by default it follows from the title.
        folder: the folder, one level deep; by default the project's name.
        description: shown beside the title.
        tags: tags, by which links and dashboard lists find it.
        variables: variables beside the datasource.
        annotations: events on the graphs.
        links: links above the panels.
        time_range: the time range when it is opened, such as `1h` for the last hour.
        refresh: the interval of refreshes, such as `30s`; empty for none.
        timezone: "browser", "utc" or a name such as "Europe/Berlin".
        datasource: the uid of the datasource that the queries read; by default a variable for it is added.
        generated: what is generated above the rows of a service: "all"; "signals", the golden signals and the bad
            events of its SLOs, for rows that draw the rest themselves; or "none".
        exact: nothing is inferred or added: settings that are not given have Grafana's defaults, and there is no tag
            `obscode`. Imported dashboards are exact.
        extra: other settings of the dashboard's JSON, merged into it: `{"liveNow": True}`. None removes a setting.
    """

    title: str
    rows: Sequence[Row] = ()
    _: KW_ONLY
    uid: str = ""
    folder: str = ""
    description: str = ""
    tags: Sequence[str] = ()
    variables: Sequence[Variable] = ()
    annotations: Sequence[Annotation] = ()
    links: Sequence[Link] = ()
    time_range: str = "1h"
    refresh: str = "30s"
    timezone: str = "browser"
    datasource: str = ""
    generated: Literal["all", "signals", "none"] = "all"
    exact: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    code_prefix = "dashboard"
    arguments = constraints.constraints(
        title=constraints.non_empty,
        uid=constraints.optional(grafana_values.uid),
        folder=constraints.optional(grafana_values.folder),
        time_range=constraints.positive_duration,
        refresh=constraints.optional_duration,
        extra=constraints.json_serialisable,
    )
    items = constraints.constraints(tags=constraints.non_empty)

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        for row in self.rows[1:]:
            if row.title == "":
                hint = "write a title; only the first row of a dashboard needs none"
                yield row.finding(ROW_TITLE, "the row has no title", hint, at="title")
        yield from self._duplicates()
        yield from self._unknown_repeats()

    def _parts(self) -> list[Row | Panel]:
        parts: list[Row | Panel] = []
        for row in self.rows:
            parts += [row, *row.panels]
        return parts

    def _duplicates(self) -> Iterator[Finding]:
        names: list[str] = []
        for variable in self.variables:
            if variable.name in names:
                message = f"two variables are named {variable.name!r}"
                yield variable.finding(DUPLICATE_VARIABLE, message, "rename one", at="name")
            names.append(variable.name)
        keys: list[str] = []
        for keyed in self._parts():
            if keyed.key and keyed.key in keys:
                message = f"two rows or panels have the key {keyed.key!r}"
                yield keyed.finding(DUPLICATE_KEY, message, "change one", at="key")
            keys.append(keyed.key)

    def _unknown_repeats(self) -> Iterator[Finding]:
        known = [variable.name for variable in self.variables]
        conditions = (each for part in self._parts() for each in _variables_of(part))
        for condition in conditions:
            if not grafana_values.variable(condition.variable) and condition.variable not in known:
                hint = did_you_mean(condition.variable, known) or f"add a variable {condition.variable!r} to variables"
                message = f"the dashboard has no variable {condition.variable!r}"
                yield condition.finding(UNKNOWN_REPEAT_VARIABLE, message, hint, at="variable")
        for repeated in self._parts():
            name = repeated.repeat
            if name and not grafana_values.variable(name) and name not in known:
                hint = did_you_mean(name, known) or f'add variables.Query({name!r}, "label_values(...)") to variables'
                yield repeated.finding(
                    UNKNOWN_REPEAT_VARIABLE, f"the dashboard has no variable {name!r}", hint, at="repeat"
                )
