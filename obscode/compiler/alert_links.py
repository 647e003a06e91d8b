"""From alerts to the dashboards that show what they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from urllib.parse import quote

from obscode.artifacts.rules import AlertingRule, Rule, RuleFile
from obscode.compiler.alert_thresholds import Conditions
from obscode.compiler.dashboards.plans import DashboardPlan
from obscode.compiler.dashboards.selected_slo import variable
from obscode.compiler.slo_plan import SloPlan
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model import naming
from obscode.model.alert import Alert
from obscode.model.dashboard import Panel
from obscode.model.definitions import Definitions
from obscode.model.slo import SLO
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse

ALERT_PANEL = Code(
    "alert-panel",
    "An alert's `panel` names exactly one panel of the project.",
    why="The notification links to this panel; a name with several matches would link to any of them.",
    bad='Alert("HighErrorRate", expr, panel="Erors")  # the dashboard has "Errors"',
    good='Alert("HighErrorRate", expr, panel="Requests/Errors")',
)


@dataclass(frozen=True)
class PanelLocation:
    """A panel and where it is."""

    dashboard: DashboardPlan
    row: str
    panel: Panel
    id: int

    @property
    def names(self) -> tuple[str, ...]:
        """What the panel may be called, the usual name first."""
        in_row = f"{self.row}/{self.panel.title}" if self.row else self.panel.title
        return in_row, self.panel.title, f"{self.dashboard.title}/{in_row}"


@dataclass(frozen=True)
class AlertLinks:
    """The dashboard links of a project's alerts: to the panel that shows an alert, or to its service's dashboard."""

    definitions: Definitions
    plans: Mapping[str, Sequence[SloPlan]]
    dashboards: Sequence[DashboardPlan]

    def add_to(self, file: RuleFile) -> RuleFile:
        """The rule file with the annotation `dashboard_url` on its alerts."""
        groups = [
            replace(group, rules=[self._linked(rule, file.name) for rule in group.rules]) for group in file.groups
        ]
        return replace(file, groups=groups)

    def findings(self) -> Iterator[Finding]:
        """Alerts whose `panel` names no panel, or several."""
        for service in self.definitions.services:
            for alert in service.alerts:
                if alert.panel and len(self._named(alert.panel, service.name)) != 1:
                    yield self._not_one(alert, service.name)

    def _linked(self, rule: Rule, service: str) -> Rule:
        if not isinstance(rule, AlertingRule) or naming.DASHBOARD_URL in rule.annotations:
            return rule
        url = self._url(rule, service)
        return replace(rule, annotations={**rule.annotations, naming.DASHBOARD_URL: url}) if url else rule

    def _url(self, rule: AlertingRule, service: str) -> str:
        """The panel that shows it, else the dashboard of its service."""
        if isinstance(rule.source, SLO) and (detail := self._details.get((service, rule.source.name))):
            return self._to(detail, {**self._view(detail, rule), **_of_slo(rule, rule.source, service)})
        if isinstance(rule.source, Alert) and (place := self._place(rule.source, service)):
            return self._to(place.dashboard, {"viewPanel": str(place.id), **_variables(place.dashboard, rule)})
        own = next((dashboard for dashboard in self.dashboards if dashboard.service == service), None)
        return self._to(own, _variables(own, rule)) if own else ""

    def _view(self, detail: DashboardPlan, rule: AlertingRule) -> Mapping[str, str]:
        """Of an SLO's detail, how its budget burns in the windows of the alert; if it has none, the events."""
        tier = rule.labels.get(naming.TIER, "")
        key = naming.burn_panel(tier) if tier else naming.EVENTS_PANEL
        shown = (place for place in self._places if place.dashboard is detail and place.panel.key == key)
        return next(({"viewPanel": str(place.id)} for place in shown), {})

    def _to(self, dashboard: DashboardPlan, parameters: Mapping[str, str]) -> str:
        url = f"{self.definitions.project.grafana_url.rstrip('/')}/d/{dashboard.uid}"
        return f"{url}?{'&'.join(f'{name}={value}' for name, value in parameters.items())}" if parameters else url

    @cached_property
    def _details(self) -> Mapping[tuple[str, str], DashboardPlan]:
        """The dashboards that show SLOs in detail, by service and SLO."""
        if not self.definitions.project.generated_dashboards:
            return {}
        by_title = {dashboard.title: dashboard for dashboard in self.dashboards if not dashboard.service}
        plans = chain.from_iterable(self.plans.values())
        return {(plan.service.name, plan.slo.name): by_title[plan.dashboard] for plan in plans}

    # --- which panel an alert is about

    def _place(self, alert: Alert, service: str) -> PanelLocation | None:
        if alert.panel:
            return next(iter(self._named(alert.panel, service)), None)
        return next(iter(_nearest(self._shown.get(id(alert), ()), service)), None)

    def _named(self, name: str, service: str) -> Sequence[PanelLocation]:
        """The panels of that name: of the service's own dashboard, or of all."""
        return _nearest([place for place in self._places if name in place.names], service)

    @cached_property
    def _places(self) -> Sequence[PanelLocation]:
        return [
            PanelLocation(dashboard, row.title, panel, panel_id)
            for dashboard in self.dashboards
            for row, row_ids in zip(dashboard.definition.rows, dashboard.ids, strict=True)
            for panel, panel_id in zip(row.panels, row_ids.panels, strict=True)
        ]

    @cached_property
    def _shown(self) -> Mapping[int, Sequence[PanelLocation]]:
        """The panels that show what an alert compares with a number, by alert."""
        conditions = Conditions.of(alert for service in self.definitions.services for alert in service.alerts)
        found: dict[int, list[PanelLocation]] = {}
        for place in self._places:
            for query in place.panel.all_queries():
                for condition in conditions.conditions_for(query.expr):
                    found.setdefault(id(condition.alert), []).append(place)
        return found

    def _not_one(self, alert: Alert, service: str) -> Finding:
        if named := self._named(alert.panel, service):
            message = f"{len(named)} panels are called {alert.panel!r}"
            apart = list(dict.fromkeys(place.names[-1] for place in named))
            hint = f"write {' or '.join(map(repr, apart[:2]))}" if len(apart) > 1 else "give one of them another title"
        else:
            message = f"there is no panel {alert.panel!r}"
            known = [name for place in self._places for name in place.names]
            hint = did_you_mean(alert.panel, known) or 'name a panel by "Row/Panel", as they are titled'
        return alert.finding(ALERT_PANEL, message, hint, at="panel")


def _nearest(places: Sequence[PanelLocation], service: str) -> Sequence[PanelLocation]:
    """Those on the service's own dashboard, where there are any."""
    return [place for place in places if place.dashboard.service == service] or places


# --- variables ---------------------------------------------------------------------------------------------------


# What Grafana calls all values of a variable.
_ALL = "$__all"


def _of_slo(rule: AlertingRule, slo: SLO, service: str) -> Mapping[str, str]:
    """The SLO, and the group that burns; that there is nothing to judge is told of all groups at once."""
    chosen = {f"var-{naming.SERVICE}": quote(service), f"var-{naming.SLO}": quote(slo.name)}
    groups = naming.TIER in rule.labels
    return chosen | {f"var-{variable(label)}": _of_alert(label) if groups else _ALL for label in slo.sli.by}


def _variables(dashboard: DashboardPlan, rule: AlertingRule) -> Mapping[str, str]:
    """The dashboard's variables that are named as a label of the alert."""
    try:
        labels = parse(rule.expr).labels or frozenset()
    except PromQLError:
        labels = frozenset()
    names = [variable.name for variable in dashboard.definition.variables]
    return {f"var-{name}": _value(name, rule) for name in names if name in labels or name in rule.labels}


def _value(label: str, rule: AlertingRule) -> str:
    given = rule.labels.get(label, "{{")
    return _of_alert(label) if "{{" in given else quote(given, safe="")


def _of_alert(label: str) -> str:
    """The label's value, put in when the alert fires; urlquery is text/template's own, in every Prometheus."""
    return f"{{{{ $labels.{label} | urlquery }}}}"
