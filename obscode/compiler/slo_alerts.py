"""The burn-rate alerts of an SLO, one per severity, with their annotations.

The burn rate that fires an alert is recorded while its condition holds. The alert fires while this series exists. Less
urgent alerts read it, too: errors that an alert has reported start no second alert after they end.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from obscode.artifacts.rules import AlertingRule, Rule
from obscode.compiler.slo_plan import PlannedAlert, SloPlan
from obscode.compiler.slo_records import record
from obscode.model import naming
from obscode.model.burn_rate import Tier
from obscode.model.numbers import format_decimal
from obscode.promql.alert_template import label_value
from obscode.promql.duration import none_if_zero
from obscode.promql.tokens import label_text

_BUDGET = "Of the budget for "


def burn_alerts(plan: SloPlan, *, long: bool) -> Iterator[Rule]:
    """The alerts, each with its recorded burn rate, that are evaluated with the long windows or with the short ones."""
    for alert in plan.alerts:
        if plan.is_long(alert.tiers[0].long) == long:
            yield record(plan, plan.burning(alert), _condition(plan, alert, long=long))
            yield _alerting_rule(plan, alert)


def _alerting_rule(plan: SloPlan, alert: PlannedAlert) -> AlertingRule:
    labels = {
        naming.SEVERITY: alert.severity,
        **plan.identity,
        **naming.owner_label(plan.service.owner),
        **plan.slo.labels,
        **alert.settings.labels,
    }
    return AlertingRule(
        plan.alert_name(alert),
        plan.alert_expr(alert),
        labels,
        plan.slo,
        for_=none_if_zero(alert.for_),
        keep_firing_for=none_if_zero(alert.keep_firing_for),
        annotations=_annotations(plan, alert) | dict(alert.settings.annotations),
    )


# --- conditions --------------------------------------------------------------------------------------------------


def _condition(plan: SloPlan, alert: PlannedAlert, *, long: bool) -> str:
    """The burn rate in the long window of a tier whose condition holds."""
    interval = plan.slow_interval if long else plan.interval
    conditions = ["\n".join(_tier_condition(plan, alert, tier, interval)) for tier in alert.tiers]
    return (
        conditions[0]
        if len(conditions) == 1
        else "\nor\n".join(f"(\n{indent(condition, '  ')}\n)" for condition in conditions)
    )


def _tier_condition(plan: SloPlan, alert: PlannedAlert, tier: Tier, interval: str) -> Iterator[str]:
    factor, budget = format_decimal(tier.factor(plan.slo.period)), format_decimal(plan.slo.budget())
    events, bad = plan.slo.guard()
    yield f"{plan.ratio(tier.long)} / {budget} > {factor}"
    yield f"and {plan.ratio(tier.short)} / {budget} > {factor}"
    if events:
        yield f"and {plan.total(tier.long)} >= {events}"
    if bad:
        yield f"and {plan.bad(tier.long)} >= {bad}"
    if more_urgent := plan.more_urgent(alert):
        same_group = f"unless on ({', '.join(map(label_text, plan.labels))})"
        reported = " or ".join(f"max_over_time({plan.burning(other)}[{tier.short}])" for other in more_urgent)
        # An alert that has fired before the more urgent one fires on.
        yield f"{same_group} (({reported}) {same_group} {plan.burning(alert)} offset {interval})"


# --- annotations -------------------------------------------------------------------------------------------------


def _annotations(plan: SloPlan, alert: PlannedAlert) -> dict[str, str]:
    """Summary, description and runbook, and what templates of notifications show.

    The value of the alert is the burn rate in the long window.
    """
    groups = ", ".join(f"{label} {{{{ {label_value(label)} }}}}" for label in plan.slo.sli.by)
    subject = f"{plan.service.name} {plan.slo.name}" + (f" ({groups})" if groups else "")
    annotations = {
        "summary": f"{subject} burns its error budget {{{{ $value | humanize }}}} times as fast as allowed",
        "description": _description(plan, alert),
        naming.BURN_RATE_ANNOTATION: "{{ $value | humanize }}",
        naming.BUDGET_ANNOTATION: _query(plan, naming.BUDGET_REMAINING, "humanizePercentage"),
        naming.EXHAUSTION_ANNOTATION: _query(plan, naming.EXHAUSTION, "humanizeDuration"),
        "runbook_url": plan.slo.runbook or plan.service.runbook,
    }
    return {name: text for name, text in annotations.items() if text}


def _description(plan: SloPlan, alert: PlannedAlert) -> str:
    slo = plan.slo
    thresholds = ", or ".join(
        f"above {format_decimal(tier.factor(slo.period))} in {tier.long} and {tier.short}" for tier in alert.tiers
    )
    remaining = _query(plan, naming.BUDGET_REMAINING, "humanizePercentage", "an unknown part")
    exhaustion = _query(plan, naming.EXHAUSTION, "humanizeDuration", "an unknown time")
    return (
        f"The error budget of {format_decimal(slo.budget() * 100)} % burns {{{{ $value | humanize }}}} times as fast "
        f"as allowed; this alert fires {thresholds}. "
        f"{_BUDGET}{slo.period}, {remaining} remains; at this rate it lasts {exhaustion}."
    )


def without_budget(text: str) -> str:
    """A description without its last sentence, which queries the budget: not every engine has queries in templates."""
    return text.partition(_BUDGET)[0].rstrip()


def _query(plan: SloPlan, series: str, humanize: str, missing: str = "") -> str:
    """A template that queries one of the SLO's series for the group of the alert; without it, ``missing``."""
    matchers = [f'{label}="{value}"' for label, value in plan.identity.items()]
    matchers += [f"{label_text(label)}=%q" for label in plan.slo.sli.by]
    values = "".join(f" {label_value(label)}" for label in plan.slo.sli.by)
    query = f"printf `{series}{{{','.join(matchers)}}}`{values}"
    otherwise = f"{{{{ else }}}}{missing}" if missing else ""
    return f"{{{{ with {query} | query }}}}{{{{ . | first | value | {humanize} }}}}{otherwise}{{{{ end }}}}"
