"""Alerts on missing data: a job without targets, a missing metric, stopped traffic, an impossible ratio."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from obscode.artifacts.rules import AlertingRule, Rule, RuleGroup
from obscode.compiler.slo_plan import SloPlan, job_matchers
from obscode.compiler.usual_traffic import MIN_USUAL_EVENTS, STOPPED_FACTOR, traffic_stopped
from obscode.model import naming, severities
from obscode.model.no_data import NoData
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.promql.duration import format_duration, milliseconds, none_if_zero
from obscode.promql.selector import Matcher, Selector

METRIC_MISSING = "metric-missing"
METRIC_NEVER_SEEN = "metric-never-seen"
TRAFFIC_STOPPED = "traffic-stopped"
NO_TRAFFIC = "no-traffic"
INVALID_RATIO = "invalid-ratio"
#: The kinds of alerts of an SLO about missing data, which are the ends of their names.
NO_DATA_KINDS = (METRIC_MISSING, METRIC_NEVER_SEEN, TRAFFIC_STOPPED, NO_TRAFFIC, INVALID_RATIO)


@dataclass(frozen=True)
class _Condition:
    """The condition of one alert; an empty ``for_`` switches it off."""

    kind: str
    severity: str
    for_: str
    expr: str
    summary: str


def no_data_alerts(plan: SloPlan) -> Iterator[AlertingRule]:
    """The alerts of an SLO without data, with the settings of the SLO or of its service."""
    for condition in _conditions(plan):
        if condition.for_:
            labels = {
                naming.SEVERITY: condition.severity,
                **plan.identity,
                **naming.owner_label(plan.service.owner),
                **plan.slo.labels,
            }
            yield AlertingRule(
                naming.no_data_alert(plan.service.name, plan.slo.name, condition.kind),
                condition.expr,
                labels,
                plan.slo,
                for_=none_if_zero(condition.for_),
                annotations={
                    "summary": f"{plan.service.name} {plan.slo.name}: {condition.summary}",
                    **_runbook(plan.slo.runbook or plan.service.runbook),
                },
            )


def _conditions(plan: SloPlan) -> Iterator[_Condition]:
    settings, total = plan.slo.no_data or plan.service.no_data, plan.total(plan.base)
    yield from _missing(plan, settings)
    if plan.slo.sli.counts_traffic:
        yield _Condition(
            TRAFFIC_STOPPED,
            settings.traffic_severity or settings.severity,
            _without_base_window(plan, settings.traffic_stopped),
            traffic_stopped(plan),
            f"traffic stopped: less than {100 // STOPPED_FACTOR} % of the usual {plan.slo.sli.unit}",
        )
    yield _Condition(
        NO_TRAFFIC,
        settings.severity,
        settings.no_traffic,
        f"sum by ({naming.SERVICE}, {naming.SLO}) ({total}) == 0",
        f"no {plan.slo.sli.unit}",
    )
    ratio, events = plan.ratio(plan.tile), plan.total(plan.tile)
    yield _Condition(
        INVALID_RATIO,
        settings.severity,
        settings.invalid_ratio,
        f"({ratio} > 1.01 or {ratio} < -0.01)\nand\n{events} >= {plan.slo.guard()[0]}",
        "the error ratio is below 0 or above 1, so the SLI counts the wrong events",
    )


# --- missing series ----------------------------------------------------------------------------------------------


def _missing(plan: SloPlan, settings: NoData) -> Iterator[_Condition]:
    """The series of the SLI are absent. A metric that was never there does not page."""
    ticket = plan.project.severity_label(severities.TICKET)
    for_, absent = settings.metric_missing, f"absent({plan.total(plan.base)})"
    missing, groups = f"{absent}{_targets_up(plan)}", _missing_groups(plan)
    summary = "the SLI's series are missing"
    if settings.severity != ticket:
        never = f"{missing}\nunless on ()\n({_seen(plan)})"
        missing = f"{missing}\nand on ()\n({_seen(plan)})"
        yield _Condition(METRIC_NEVER_SEEN, ticket, for_, never, "the SLI's series never existed")
    yield _Condition(METRIC_MISSING, settings.severity, for_, f"{missing}{groups}", summary)


def _targets_up(plan: SloPlan) -> str:
    """The condition that targets are up: an alert of the job reports those that are down."""
    if not (plan.service.job_names() and plan.service.no_data.target_down):
        return ""
    return f"\nand on ()\n(count({Selector('up', job_matchers(plan.service))} == 1) > 0)"


def _seen(plan: SloPlan) -> str:
    """There were events in the period, or series an hour, a day or a week ago."""
    total = plan.total(plan.base)
    past = [f"{total} offset {offset}" for offset in ("1h", "1d", "1w")]
    return "\nor\n".join([str(plan.ratio(plan.slo.period)), *past])


def _missing_groups(plan: SloPlan) -> str:
    """A group of `by` that was there on two days is missing, and no other took its place, as in a deployment.

    A group with little traffic can be missing after a restart, until its first event.
    """
    if not plan.slo.sli.by:
        return ""
    total = plan.total(plan.base)
    least = f" >= {MIN_USUAL_EVENTS}" if plan.slo.sli.counts_traffic else ""
    group = f"({total} offset 1d{least} and {total} offset 2d{least} unless {total})"
    return f"\nor\n{group}\nand on ()\n(count({total}) < count({total} offset 1d))"


# --- stopped traffic ---------------------------------------------------------------------------------------------


def _without_base_window(plan: SloPlan, length: str) -> str:
    """`for`: the base window is without events when the recorded count is 0."""
    if not length:
        return ""
    return format_duration(max(milliseconds(length) - milliseconds(plan.base), 0))


# --- targets -----------------------------------------------------------------------------------------------------


def target_down_group(service: Service, project: Project) -> RuleGroup | None:
    """One alert per scrape job of a service with SLOs, for a job of which no target is up; None when there is none."""
    if not (service.slos and service.no_data.target_down):
        return None
    rules: list[Rule] = [
        AlertingRule(
            naming.target_down_alert(name),
            _no_target_up(name, are_shared=project.shares_targets),
            {
                naming.SEVERITY: service.no_data.severity,
                naming.SERVICE: service.name,
                **naming.owner_label(service.owner),
            },
            job,
            for_=none_if_zero(service.no_data.target_down),
            annotations={"summary": f"no target of job {name} is up", **_runbook(service.runbook)},
        )
        for name, job in service.named_jobs()
    ]
    return RuleGroup(naming.rule_group(service.name, "targets"), rules, source=service) if rules else None


def _no_target_up(job: str, *, are_shared: bool) -> str:
    """The condition that no target of a job is up. A server that shares the targets with others may have none."""
    up = Selector("up", (Matcher("job", "=", job),))
    return f"max by (job) ({up}) == 0" if are_shared else f"absent({up} == 1)"


def _runbook(url: str) -> dict[str, str]:
    return {"runbook_url": url} if url else {}
