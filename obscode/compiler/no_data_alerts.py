"""Alerts on missing data: a job without targets, a missing metric, no traffic, an impossible ratio."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from obscode.artifacts.rules import AlertingRule, Rule, RuleGroup
from obscode.compiler.slo_plan import SloPlan, service_matchers
from obscode.model import naming
from obscode.model.service import Service
from obscode.promql.duration import none_if_zero
from obscode.promql.selector import Matcher, Selector

METRIC_MISSING = "metric-missing"
NO_TRAFFIC = "no-traffic"
INVALID_RATIO = "invalid-ratio"


@dataclass(frozen=True)
class _Condition:
    """The condition of one alert; an empty ``for_`` switches it off."""

    kind: str
    for_: str
    expr: str
    summary: str


def no_data_alerts(plan: SloPlan) -> Iterator[AlertingRule]:
    """The alerts of an SLO without data, with the settings of the SLO or of its service."""
    settings = plan.slo.no_data or plan.service.no_data
    labels = {
        naming.SEVERITY: settings.severity,
        **plan.identity,
        **naming.owner_label(plan.service.owner),
        **plan.slo.labels,
    }
    for condition in _conditions(plan):
        if condition.for_:
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
    if plan.service.job_names():
        matchers = service_matchers(plan.service)
        up = Selector("up", tuple(m for m in matchers if m.label == "job") or matchers)
        yield _Condition(
            METRIC_MISSING,
            settings.metric_missing,
            f"absent({total})\nand on ()\n(count({up} == 1) > 0)",
            "targets are up but expose none of the SLI's series",
        )
    yield _Condition(
        NO_TRAFFIC,
        settings.no_traffic,
        f"sum by ({naming.SERVICE}, {naming.SLO}) ({total}) == 0",
        f"no {plan.slo.sli.unit}",
    )
    ratio, events = plan.ratio(plan.tile), plan.total(plan.tile)
    yield _Condition(
        INVALID_RATIO,
        settings.invalid_ratio,
        f"({ratio} > 1.01 or {ratio} < -0.01)\nand\n{events} >= {plan.slo.guard()[0]}",
        "the error ratio is below 0 or above 1, so the SLI counts the wrong events",
    )


def target_down_group(service: Service) -> RuleGroup | None:
    """One alert per scrape job of a service with SLOs, for a job of which no target is up; None when there is none."""
    if not (service.slos and service.no_data.target_down):
        return None
    rules: list[Rule] = [
        AlertingRule(
            naming.target_down_alert(name),
            f"absent({Selector('up', (Matcher('job', '=', name),))} == 1)",
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


def _runbook(url: str) -> dict[str, str]:
    return {"runbook_url": url} if url else {}
