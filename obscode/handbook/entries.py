"""What the handbook says about each service: its SLOs, alerts, dashboards and scrape jobs, from artifacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import ScrapeConfig
from obscode.artifacts.rules import AlertingRule, RuleFile
from obscode.compiler.inference.series_types import ProjectSeries
from obscode.compiler.slo_plan import SloPlan
from obscode.model import naming
from obscode.model.identifiers import slug
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.routing.alerts import KnownAlerts

#: Labels of rules in files that name their owner.
_OWNERS = (naming.OWNER, "team")
_TEMPLATE = "{{"


@dataclass(frozen=True)
class Notification:
    """A receiver of an alert with the kinds of its integrations; ``is_certain``: it receives every one."""

    receiver: str
    integrations: Sequence[str]
    is_certain: bool


@dataclass(frozen=True)
class AlertEntry:
    """An alerting rule and who is notified."""

    rule: AlertingRule
    notifications: Sequence[Notification]

    @property
    def severity(self) -> str:
        """The value of its severity label."""
        return self.rule.labels.get(naming.SEVERITY, "")

    def annotation(self, *names: str) -> str:
        """The first of these annotations that it has."""
        return next((self.rule.annotations[name] for name in names if self.rule.annotations.get(name)), "")


@dataclass(frozen=True)
class DashboardEntry:
    """A dashboard, its URL in Grafana if it is known, and the titles of its panels by row."""

    title: str
    url: str
    rows: Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True)
class ServiceEntry:
    """A service of a project; of files, what is about one service or what one file contains."""

    title: str
    name: str
    owner: str = ""
    description: str = ""
    runbook: str = ""
    slos: Sequence[SLO] = ()
    alerts: Sequence[AlertEntry] = ()
    dashboards: Sequence[DashboardEntry] = ()
    jobs: Sequence[ScrapeConfig] = ()


@dataclass(frozen=True)
class Entries:
    """All of the handbook; ``dashboards`` and ``jobs`` are those of no service."""

    title: str
    services: Sequence[ServiceEntry]
    dashboards: Sequence[DashboardEntry]
    jobs: Sequence[ScrapeConfig]


def entries(artifacts: Artifacts) -> Entries:
    """The entries of a project or of files, services by name."""
    return _Reader(artifacts).entries()


@dataclass(frozen=True)
class _Reader:
    artifacts: Artifacts

    def entries(self) -> Entries:
        services = {service.name: service for service in self.artifacts.services}
        alerts = self._alerts()
        titles = sorted({*services, *alerts})
        names = _unique_names(titles)
        pages = [self._service(title, names[title], services.get(title), alerts.get(title, ())) for title in titles]
        of_services = {job.job for each in pages for job in each.jobs}
        return Entries(
            self.artifacts.project.name or "Monitoring",
            pages,
            [self._dashboard(each) for each in self.artifacts.dashboards if not each.service],
            [job for job in self._jobs if job.job not in of_services],
        )

    def _service(self, title: str, name: str, service: Service | None, alerts: Sequence[AlertEntry]) -> ServiceEntry:
        if service is None:
            owners = sorted({alert.rule.labels[key] for alert in alerts for key in _OWNERS if key in alert.rule.labels})
            owner = ", ".join(each for each in owners if _TEMPLATE not in each)
            return ServiceEntry(title, name, owner, alerts=alerts, jobs=self._jobs_named([title]))
        return ServiceEntry(
            title,
            name,
            service.owner,
            service.description,
            service.runbook,
            service.slos,
            alerts,
            [self._dashboard(each, service) for each in self._dashboards(service)],
            self._jobs_named(service.job_names()),
        )

    # --- alerts ------------------------------------------------------------------------------------------------------

    def _alerts(self) -> Mapping[str, Sequence[AlertEntry]]:
        """The alerts by the title of their page."""
        notifications = self._notifications
        result: dict[str, list[AlertEntry]] = {}
        for file in self.artifacts.rule_files:
            for rule in file.rules():
                if isinstance(rule, AlertingRule):
                    entry = AlertEntry(rule, notifications.get(id(rule), ()))
                    result.setdefault(self._page(file, rule), []).append(entry)
        return result

    def _page(self, file: RuleFile, rule: AlertingRule) -> str:
        service = rule.labels.get(naming.SERVICE, "")
        if self.artifacts.is_compiled or not service or _TEMPLATE in service:
            return file.name
        return service

    @cached_property
    def _notifications(self) -> Mapping[int, Sequence[Notification]]:
        """The receivers of each rule in the configurations of Alertmanager."""
        of_project = self.artifacts.is_compiled
        types = (
            ProjectSeries.of_project(self.artifacts)
            if of_project
            else ProjectSeries.of_files(self.artifacts.rule_files)
        )
        known = KnownAlerts(self.artifacts, types)
        result: dict[int, dict[str, Notification]] = {}
        for config in self.artifacts.alertmanager_configs:
            kinds = _integrations(config)
            for alert, reached in zip(known.all, known.destinations(config.route), strict=True):
                of_rule = result.setdefault(id(alert.rule), {})
                for each in reached:
                    certain = each.is_certain or (each.receiver in of_rule and of_rule[each.receiver].is_certain)
                    of_rule[each.receiver] = Notification(each.receiver, kinds.get(each.receiver, ()), certain)
        return {rule: list(receivers.values()) for rule, receivers in result.items()}

    # --- dashboards --------------------------------------------------------------------------------------------------

    def _dashboards(self, service: Service) -> Iterator[Dashboard]:
        """Those of the service, then the details of its SLOs."""
        details = {
            naming.dashboard_uid(SloPlan(slo, service, self.artifacts.project).dashboard) for slo in service.slos
        }
        yield from (each for each in self.artifacts.dashboards if each.service == service.name)
        yield from (each for each in self.artifacts.dashboards if not each.service and each.uid in details)

    def _dashboard(self, dashboard: Dashboard, service: Service | None = None) -> DashboardEntry:
        url = ""
        if self.artifacts.is_compiled and dashboard.uid:
            selected = f"?var-{naming.SERVICE}={service.name}" if service and not dashboard.service else ""
            url = f"{self.artifacts.project.grafana_url.rstrip('/')}/d/{dashboard.uid}{selected}"
        return DashboardEntry(dashboard.title, url, list(_rows(dashboard.body)))

    # --- scrape jobs -------------------------------------------------------------------------------------------------

    @cached_property
    def _jobs(self) -> Sequence[ScrapeConfig]:
        configs = self.artifacts.prometheus_configs
        return [
            job for config in (configs[:1] if self.artifacts.is_compiled else configs) for job in config.scrape_configs
        ]

    def _jobs_named(self, names: Sequence[str]) -> Sequence[ScrapeConfig]:
        return [job for job in self._jobs if job.job in names]


def _integrations(config: AlertmanagerConfig) -> Mapping[str, Sequence[str]]:
    """The kinds of integrations of each receiver: `pagerduty`, `slack`."""
    return {
        receiver.name: [kind.removesuffix("_configs") for kind, each in receiver.integrations.items() if each]
        for receiver in config.receivers
    }


def _rows(body: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    """The titles of rows with those of their panels; the form of Grafana's v2 has none here."""
    row, titles = "", list[str]()
    for panel in _objects(body.get("panels")):
        if panel.get("type") != "row":
            titles.append(str(panel.get("title") or ""))
            continue
        if titles:
            yield row, titles
        row, titles = (
            str(panel.get("title") or ""),
            [str(each.get("title") or "") for each in _objects(panel.get("panels"))],
        )
    if titles:
        yield row, titles


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _unique_names(titles: Sequence[str]) -> Mapping[str, str]:
    """A name of a file for each title."""
    names: dict[str, str] = {}
    for title in titles:
        base = slug(title) or "page"
        candidates = (base, *(f"{base}-{number}" for number in range(2, len(titles) + 2)))
        names[title] = next(name for name in candidates if name not in names.values())
    return names
