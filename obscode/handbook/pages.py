"""The pages of the handbook as blocks of text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import ScrapeConfig
from obscode.handbook import html, markdown
from obscode.handbook.alert_text import without_templates
from obscode.handbook.blocks import (
    Block,
    Code,
    Facts,
    Heading,
    Line,
    Paragraph,
    Span,
    code,
    joined,
    line,
    link,
    table,
    text_of,
)
from obscode.handbook.entries import AlertEntry, DashboardEntry, Entries, Notification, ServiceEntry, entries
from obscode.model import naming
from obscode.model.burn_rate import duration_ms
from obscode.model.numbers import format_decimal
from obscode.model.slo import SLO
from obscode.promql import duration

#: In the first line of each page.
MARKER = "Written by obscode handbook."
_SERVICES = "services"
_TEMPLATE = "{{"
_DISCOVERY = re.compile(r"_sd_configs$")
_TARGETS = 10  # of a job, as many as a table shows in a line

Renderer = Callable[[str, Sequence[Block], str], str]
#: The renderer of each format, its suffix and the name of the index.
FORMATS: dict[str, tuple[Renderer, str, str]] = {
    "markdown": (markdown.render, ".md", "README"),
    "html": (html.render, ".html", "index"),
}


def pages(artifacts: Artifacts, form: str) -> list[File]:
    """The files of the handbook: the index, and `services/NAME` for each service."""
    render, suffix, index = FORMATS[form]
    content = entries(artifacts)
    files = [File(f"{index}{suffix}", render(f"{content.title}: on call", [*_index(content, suffix)], MARKER))]
    for service in content.services:
        text = render(service.title, [*_service(service, f"../{index}{suffix}")], MARKER)
        files.append(File(f"{_SERVICES}/{service.name}{suffix}", text))
    return files


# --- the index ---------------------------------------------------------------------------------------------------


def _index(content: Entries, suffix: str) -> Iterator[Block]:
    if content.services:
        yield Heading(2, "Services")
        rows = [
            [[link(each.title, _page(each, suffix))], line(each.owner), line(each.description), *_counts(each)]
            for each in content.services
        ]
        yield table(["Service", "Owner", "Description", "SLOs", "Alerts"], rows)
    alerts = [(each.rule.name, service, each) for service in content.services for each in service.alerts]
    if alerts:
        yield Heading(2, "Alerts")
        alerts.sort(key=lambda alert: (alert[0], alert[1].title, alert[2].severity))
        yield table(["Alert", "Service", "Severity", "Notifies", "What"], [_row(*alert, suffix) for alert in alerts])
    yield from _dashboards("Dashboards", content.dashboards)
    yield from _jobs("Other scrape jobs", content.jobs)


def _row(name: str, service: ServiceEntry, alert: AlertEntry, suffix: str) -> Sequence[Line]:
    return [
        [link(name, f"{_page(service, suffix)}#{_anchor(name)}")],
        line(service.title),
        line(alert.severity),
        _receivers(alert.notifications),
        line(without_templates(alert.annotation(*_WHAT))),
    ]


def _page(service: ServiceEntry, suffix: str) -> str:
    return f"{_SERVICES}/{service.name}{suffix}"


def _counts(service: ServiceEntry) -> Sequence[Line]:
    return line(str(len(service.slos))), line(str(len(service.alerts)))


# --- a service ---------------------------------------------------------------------------------------------------


def _service(service: ServiceEntry, index: str) -> Iterator[Block]:
    yield Paragraph([link("All services", index)])
    if service.description:
        yield Paragraph(line(service.description))
    runbook = [link(service.runbook, service.runbook)] if service.runbook else []
    facts = [(name, value) for name, value in (("Owner", line(service.owner)), ("Runbook", runbook)) if text_of(value)]
    if facts:
        yield Facts(facts)
    if service.slos:
        yield Heading(2, "SLOs")
        head = ["SLO", "Objective", "Period", "Error budget", "Good events", "Runbook"]
        yield table(head, [_slo(slo) for slo in service.slos])
    if service.alerts:
        yield Heading(2, "Alerts")
        by_name: dict[str, list[AlertEntry]] = {}
        for alert in service.alerts:
            by_name.setdefault(alert.rule.name, []).append(alert)
        for name, alerts in by_name.items():
            yield Heading(3, name, _anchor(name))
            for alert in alerts:
                yield from _alert(alert)
    yield from _dashboards("Dashboards", service.dashboards)
    yield from _jobs("Scrape jobs", service.jobs)


def _slo(slo: SLO) -> Sequence[Line]:
    """The budget as the time of a total outage that spends it, at steady traffic."""
    outage = duration.format_duration(round(duration_ms(slo.period) * slo.budget() / 1000) * 1000)
    budget = f"{format_decimal(slo.budget() * 100)} % of {slo.sli.unit}, or {outage} of an outage"
    runbook = [link("Runbook", slo.runbook)] if slo.runbook else []
    objective = line(f"{format_decimal(slo.percent())} %")
    return [line(slo.name), objective, line(slo.period), line(budget), line(slo.description), runbook]


def _alert(alert: AlertEntry) -> Iterator[Block]:
    rule = alert.rule
    links = [
        [link(title, url)]
        for title, url in (
            ("Runbook", alert.annotation("runbook_url", "runbook")),
            ("Dashboard", _dashboard_url(alert)),
        )
        if url
    ]
    fires = f"after {rule.for_} of the condition" if rule.for_ else "as soon as the condition holds"
    facts = [
        ("What", line(without_templates(alert.annotation(*_WHAT)))),
        ("Why", line(without_templates(alert.annotation("description")))),
        ("Severity", line(alert.severity)),
        ("Notifies", _receivers(alert.notifications)),
        ("Fires", line(fires)),
        ("Links", joined(links)),
    ]
    yield Facts([(name, value) for name, value in facts if text_of(value)])
    yield Code(rule.expr)


# The annotations that say what is wrong.
_WHAT = ("summary", "message", "title")


def _dashboard_url(alert: AlertEntry) -> str:
    """The link of the notification, without the parameters whose values are those of an alert."""
    url, _, query = alert.annotation(naming.DASHBOARD_URL, "dashboard", "__dashboardUid__").partition("?")
    fixed = [each for each in query.split("&") if each and _TEMPLATE not in each]
    return "" if _TEMPLATE in url else "?".join([url, *(["&".join(fixed)] if fixed else [])])


def _receivers(notifications: Sequence[Notification]) -> Line:
    return joined([_receiver(each) for each in notifications])


def _receiver(notification: Notification) -> Line:
    """A receiver that may get the alert, as its labels decide, is `perhaps`, as in `obscode graph`."""
    kinds = [kind for kind in notification.integrations if kind != notification.receiver]
    suffix = f" ({', '.join(kinds)})" if kinds else ""
    return [*([] if notification.is_certain else line("perhaps ")), *code(notification.receiver), *line(suffix)]


def _anchor(name: str) -> str:
    return "alert-" + re.sub(r"[^0-9A-Za-z_-]", lambda match: f".{ord(match[0]):x}", name)


# --- dashboards and scrape jobs ----------------------------------------------------------------------------------


def _dashboards(title: str, dashboards: Sequence[DashboardEntry]) -> Iterator[Block]:
    if dashboards:
        yield Heading(2, title)
    for dashboard in dashboards:
        yield Paragraph([link(dashboard.title, dashboard.url) if dashboard.url else Span(dashboard.title)])
        if dashboard.rows:
            yield Facts([(row or "At the top", line(", ".join(titles))) for row, titles in dashboard.rows])


def _jobs(title: str, jobs: Sequence[ScrapeConfig]) -> Iterator[Block]:
    if jobs:
        yield Heading(2, title)
        yield table(["Job", "Targets", "Path", "Interval"], [_job(job) for job in jobs])


def _job(job: ScrapeConfig) -> Sequence[Line]:
    """Targets and kinds of discovery; no other settings, which can contain secrets."""
    static = job.settings.get("static_configs") or []
    groups = [group.get("targets") or [] for group in static if isinstance(group, Mapping)]
    targets = [code(str(target)) for group in groups for target in group]
    discovered = [line(f"by {_DISCOVERY.sub('', key)} discovery") for key in job.settings if _DISCOVERY.search(key)]
    path = str(job.settings.get("metrics_path") or "/metrics")
    listed = targets[:_TARGETS] + ([line(f"and {len(targets) - _TARGETS} more")] if len(targets) > _TARGETS else [])
    return [
        code(job.job),
        joined([*listed, *discovered]),
        code(path),
        line(str(job.settings.get("scrape_interval") or "")),
    ]
