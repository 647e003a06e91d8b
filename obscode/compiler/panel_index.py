"""Find the panel that an alert names or shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from obscode.compiler.alert_thresholds import Conditions
from obscode.compiler.dashboards.plans import DashboardPlan
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.alert import Alert
from obscode.model.dashboard import Panel
from obscode.model.service import Service

ALERT_PANEL = Code(
    "alert-panel",
    "An alert's `panel` names exactly one panel of the project.",
    why="The notification links to this panel; a name with several matches would link to any of them.",
    bad='Alert("HighErrorRate", expr, severity="page", panel="Erors")  # the dashboard has "Errors"',
    good='Alert("HighErrorRate", expr, severity="page", panel="Requests/Errors")',
)


@dataclass(frozen=True)
class PanelLocation:
    """A panel with its dashboard, the title of its row and its id."""

    dashboard: DashboardPlan
    row: str
    panel: Panel
    id: int

    @property
    def names(self) -> tuple[str, ...]:
        """The names that an alert can use: `Row/Panel`, `Panel`, `Dashboard/Row/Panel`."""
        in_row = f"{self.row}/{self.panel.title}" if self.row else self.panel.title
        return in_row, self.panel.title, f"{self.dashboard.title}/{in_row}"


@dataclass(frozen=True)
class PanelIndex:
    """The panels of all dashboards, by name and by the alerts whose expression they show."""

    services: Sequence[Service]
    dashboards: Sequence[DashboardPlan]

    def panel_of(self, alert: Alert, service: str) -> PanelLocation | None:
        """The panel that an alert names, else the first one that shows its expression."""
        if alert.panel:
            return next(iter(self._named(alert.panel, service)), None)
        return next(iter(_prefer_service(self._by_alert.get(id(alert), ()), service)), None)

    def with_key(self, dashboard: DashboardPlan, key: str) -> PanelLocation | None:
        """The panel of a dashboard with a key."""
        return self._by_key.get((id(dashboard), key))

    def findings(self) -> Iterator[Finding]:
        """Alerts whose `panel` names no panel, or several."""
        for service in self.services:
            for alert in service.alerts:
                if alert.panel and len(self._named(alert.panel, service.name)) != 1:
                    yield self._not_one(alert, service.name)

    @cached_property
    def panels(self) -> Sequence[PanelLocation]:
        """Every panel with its location, in the order of the dashboards."""
        return [
            PanelLocation(dashboard, row.title, panel, panel_id)
            for dashboard in self.dashboards
            for row, row_ids in zip(dashboard.definition.rows, dashboard.ids, strict=True)
            for panel, panel_id in zip(row.panels, row_ids.panels, strict=True)
        ]

    def _named(self, name: str, service: str) -> Sequence[PanelLocation]:
        return _prefer_service(self._by_name.get(name, ()), service)

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[PanelLocation]]:
        panels: dict[str, list[PanelLocation]] = {}
        for panel in self.panels:
            for name in dict.fromkeys(panel.names):
                panels.setdefault(name, []).append(panel)
        return panels

    @cached_property
    def _by_key(self) -> Mapping[tuple[int, str], PanelLocation]:
        """The first panel with each key, by the id of its dashboard."""
        return {(id(panel.dashboard), panel.panel.key): panel for panel in reversed(self.panels)}

    @cached_property
    def _by_alert(self) -> Mapping[int, Sequence[PanelLocation]]:
        """The panels that show the expression of an alert, by the id of the alert."""
        conditions = Conditions.of(alert for service in self.services for alert in service.alerts)
        panels: dict[int, list[PanelLocation]] = {}
        for panel in self.panels:
            for query in panel.panel.all_queries():
                for condition in conditions.conditions_for(query.expr):
                    panels.setdefault(id(condition.alert), []).append(panel)
        return panels

    def _not_one(self, alert: Alert, service: str) -> Finding:
        if panels := self._named(alert.panel, service):
            message = f"{len(panels)} panels are called {alert.panel!r}"
            full_names = list(dict.fromkeys(panel.names[-1] for panel in panels))
            hint = "give one of them another title"
            if len(full_names) > 1:
                hint = f"write {' or '.join(map(repr, full_names[:2]))}"
        else:
            message = f"there is no panel {alert.panel!r}"
            known = [name for panel in self.panels for name in panel.names]
            hint = did_you_mean(alert.panel, known) or 'write "Row/Panel" with the titles of both'
        return alert.finding(ALERT_PANEL, message, hint, at="panel")


def _prefer_service(panels: Sequence[PanelLocation], service: str) -> Sequence[PanelLocation]:
    """The panels on the service's own dashboard, or all if there are none."""
    return [panel for panel in panels if panel.dashboard.service == service] or panels
