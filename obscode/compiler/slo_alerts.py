"""The burn-rate alerts of an SLO, one per tier, with their annotations."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.rules import AlertingRule
from obscode.compiler.slo_plan import SloPlan
from obscode.model import naming
from obscode.model.burn_rate import Tier
from obscode.model.numbers import format_decimal
from obscode.promql.alert_template import label_value
from obscode.promql.duration import none_if_zero
from obscode.promql.tokens import label_text


def burn_alerts(plan: SloPlan, *, long: bool) -> Iterator[AlertingRule]:
    """The alerts whose long window is evaluated in the slow group, or in the fast one."""
    for tier in plan.tiers:
        if plan.is_long(tier.long) == long:
            yield _burn_alert(plan, tier)


def _burn_alert(plan: SloPlan, tier: Tier) -> AlertingRule:
    custom = plan.burn_alert(tier)
    factor, budget = format_decimal(tier.factor(plan.slo.period)), format_decimal(plan.slo.budget())
    conditions = [f"{plan.ratio(window)} / {budget} > {factor}" for window in (tier.long, tier.short)]
    labels = {
        naming.SEVERITY: tier.severity,
        naming.TIER: tier.name,
        naming.LONG: tier.long,
        naming.SHORT: tier.short,
        **plan.identity,
        **naming.owner_label(plan.service.owner),
        **plan.slo.labels,
        **custom.labels,
    }
    return AlertingRule(
        custom.name or naming.burn_alert(plan.service.name, plan.slo.name, tier.name),
        "\nand\n".join([*conditions, *_minimum_events(plan, tier)]),
        labels,
        plan.slo,
        for_=none_if_zero(custom.for_ or tier.for_),
        keep_firing_for=none_if_zero(custom.keep_firing_for or tier.keep_firing_for),
        annotations=_annotations(plan, tier) | dict(custom.annotations),
    )


def _minimum_events(plan: SloPlan, tier: Tier) -> Iterator[str]:
    """The conditions of `min_events` and `min_bad` on the long window."""
    events, bad = plan.slo.guard()
    if events:
        yield f"{plan.total(tier.long)} >= {events}"
    if bad:
        yield f"{plan.ratio(tier.long)} * {plan.total(tier.long)} >= {bad}"


# --- annotations -------------------------------------------------------------------------------------------------


def _annotations(plan: SloPlan, tier: Tier) -> dict[str, str]:
    """Summary, description and runbook; the value of the alert is the burn rate in the long window."""
    groups = ", ".join(f"{label} {{{{ {label_value(label)} }}}}" for label in plan.slo.sli.by)
    subject = f"{plan.service.name} {plan.slo.name}" + (f" ({groups})" if groups else "")
    annotations = {
        "summary": f"{subject} burns its error budget {{{{ $value | humanize }}}} times as fast as allowed",
        "description": _description(plan, tier),
        "runbook_url": plan.slo.runbook or plan.service.runbook,
    }
    return {name: text for name, text in annotations.items() if text}


def _description(plan: SloPlan, tier: Tier) -> str:
    slo = plan.slo
    factor, budget = format_decimal(tier.factor(slo.period)), format_decimal(slo.budget() * 100)
    remaining = _query(plan, naming.BUDGET_REMAINING, "humanizePercentage", "an unknown part")
    exhaustion = _query(plan, naming.EXHAUSTION, "humanizeDuration", "an unknown time")
    return (
        f"In the last {tier.long} the error budget of {budget} % burned {{{{ $value | humanize }}}} times as fast as "
        f"allowed; this alert fires above {factor}. "
        f"Of the budget for {slo.period}, {remaining} remains; at this rate it lasts {exhaustion}."
    )


def _query(plan: SloPlan, series: str, humanize: str, missing: str) -> str:
    """A template that queries one of the SLO's series for the group of the alert."""
    matchers = [f'{label}="{value}"' for label, value in plan.identity.items()]
    matchers += [f"{label_text(label)}=%q" for label in plan.slo.sli.by]
    values = "".join(f" {label_value(label)}" for label in plan.slo.sli.by)
    query = f"printf `{series}{{{','.join(matchers)}}}`{values}"
    return f"{{{{ with {query} | query }}}}{{{{ . | first | value | {humanize} }}}}{{{{ else }}}}{missing}{{{{ end }}}}"
