"""The dashboard links of alerts: the annotation `dashboard_url`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from urllib.parse import quote

from obscode.artifacts.rules import AlertingRule, Rule, RuleFile, RuleGroup
from obscode.compiler.dashboards.plans import DashboardPlan
from obscode.compiler.dashboards.selected_slo import variable
from obscode.compiler.panel_index import PanelIndex
from obscode.compiler.rules import is_as_written
from obscode.compiler.slo_plan import PlannedAlert, SloPlan
from obscode.model import naming
from obscode.model.alert import Alert
from obscode.model.project import Project
from obscode.model.slo import SLO
from obscode.promql.alert_template import label_value
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse

# Grafana's value for all values of a variable.
_ALL = "$__all"


@dataclass(frozen=True)
class AlertLinks:
    """Links from a project's alerts to the panel that shows them, or to the dashboard of their service."""

    project: Project
    plans: Mapping[str, Sequence[SloPlan]]
    panels: PanelIndex

    def add_to(self, file: RuleFile) -> RuleFile:
        """The rule file with the annotation on every alert that has a dashboard and no annotation of its own."""
        return replace(file, groups=[self._with_links(group, file.name) for group in file.groups])

    def _with_links(self, group: RuleGroup, service: str) -> RuleGroup:
        if is_as_written(group):
            return group
        return replace(group, rules=[self._with_link(rule, service) for rule in group.rules])

    def _with_link(self, rule: Rule, service: str) -> Rule:
        if not isinstance(rule, AlertingRule) or naming.DASHBOARD_URL in rule.annotations:
            return rule
        url = self._url(rule, service)
        return replace(rule, annotations={**rule.annotations, naming.DASHBOARD_URL: url}) if url else rule

    def _url(self, rule: AlertingRule, service: str) -> str:
        if isinstance(rule.source, SLO) and (planned := self._details.get((service, rule.source.name))):
            plan, detail = planned
            alert = next((alert for alert in plan.alerts if rule.expr == plan.alert_expr(alert)), None)
            return self._link(detail, {**self._slo_panel(detail, alert), **_slo_variables(plan, alert)})
        if isinstance(rule.source, Alert) and (panel := self.panels.panel_of(rule.source, service)):
            return self._link(panel.dashboard, {"viewPanel": str(panel.id), **_variables(panel.dashboard, rule)})
        dashboard = self._of_services.get(service)
        return self._link(dashboard, _variables(dashboard, rule)) if dashboard else ""

    def _slo_panel(self, detail: DashboardPlan, alert: PlannedAlert | None) -> Mapping[str, str]:
        """The burn rate of the alert's first tier on the SLO's detail dashboard; the events for a no-data alert."""
        panel = self.panels.with_key(detail, naming.burn_panel(alert.tiers[0].name) if alert else naming.EVENTS_PANEL)
        return {"viewPanel": str(panel.id)} if panel else {}

    def _link(self, dashboard: DashboardPlan, parameters: Mapping[str, str]) -> str:
        url = f"{self.project.grafana_url.rstrip('/')}/d/{dashboard.uid}"
        return f"{url}?{'&'.join(f'{name}={value}' for name, value in parameters.items())}" if parameters else url

    @cached_property
    def _of_services(self) -> Mapping[str, DashboardPlan]:
        """The first dashboard of each service."""
        return {dashboard.service: dashboard for dashboard in reversed(self.panels.dashboards) if dashboard.service}

    @cached_property
    def _details(self) -> Mapping[tuple[str, str], tuple[SloPlan, DashboardPlan]]:
        """The plans and the detail dashboards by service and SLO."""
        if not self.project.generated_dashboards:
            return {}
        by_title = {dashboard.title: dashboard for dashboard in self.panels.dashboards if not dashboard.service}
        plans = chain.from_iterable(self.plans.values())
        return {(plan.service.name, plan.slo.name): (plan, by_title[plan.dashboard]) for plan in plans}


# --- variables ---------------------------------------------------------------------------------------------------


def _slo_variables(plan: SloPlan, alert: PlannedAlert | None) -> Mapping[str, str]:
    """The SLO and the group of the alert; all groups for a no-data alert."""
    values = {f"var-{label}": value for label, value in plan.identity.items()}
    return values | {f"var-{variable(label)}": _label_value(label) if alert else _ALL for label in plan.slo.sli.by}


def _variables(dashboard: DashboardPlan, rule: AlertingRule) -> Mapping[str, str]:
    """The dashboard's variables with the name of a label of the alert."""
    try:
        labels = parse(rule.expr).labels or frozenset()
    except PromQLError:
        labels = frozenset()
    names = [variable.name for variable in dashboard.definition.variables]
    return {f"var-{name}": _value(name, rule) for name in names if name in labels or name in rule.labels}


def _value(label: str, rule: AlertingRule) -> str:
    """A constant label is written into the link; one from the series or a template is filled in by Prometheus."""
    value = rule.labels.get(label, "{{")
    return _label_value(label) if "{{" in value else quote(value, safe="")


def _label_value(label: str) -> str:
    """A template for the value of a label; `urlquery` is a function of Go templates, in every Prometheus."""
    return f"{{{{ {label_value(label)} | urlquery }}}}"
