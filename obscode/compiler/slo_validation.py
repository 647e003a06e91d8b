"""What an SLO cannot be: alerts that never fire, windows that hold no samples, periods beyond retention."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.compiler.slo_rules import SloPlan
from obscode.findings.finding import Finding
from obscode.model.burn_rate import Tier, length, plain, tidy
from obscode.promql import duration

# A rate needs two samples; four leave room for one that is late and one that is lost.
_SCRAPES = 4


def slo_limits(plan: SloPlan) -> Iterator[Finding]:
    """Everything about an SLO that depends on its service and its project."""
    yield from _period(plan)
    yield from _windows(plan)
    for n, tier in enumerate(plan.tiers):
        yield from _reach(plan, tier, last=n == len(plan.tiers) - 1)
    yield from plan.slo.sli.window_problems(plan.base)


def _period(plan: SloPlan) -> Iterator[Finding]:
    slo, retention = plan.slo, plan.project.retention
    if length(slo.period) > length(retention):
        message = f"the period {slo.period} is longer than the {retention} for which Prometheus keeps samples"
        hint = f'shorten it, or raise retention="{slo.period}" in the Project and in Prometheus'
        yield slo.finding("slo-period", message, hint, at="period")
    for tier in plan.tiers:
        if length(tier.long) >= length(slo.period):
            message = f"the long window {tier.long} of tier {tier.name} is not shorter than the period {slo.period}"
            yield slo.finding("slo-period", message, 'policy="scaled-windows" fits the windows to it', at="period")


def _windows(plan: SloPlan) -> Iterator[Finding]:
    intervals = [job.interval or plan.project.scrape_interval for job in plan.service.scrape_jobs()]
    slowest = max(intervals, key=duration.milliseconds, default=plan.project.scrape_interval)
    if length(plan.base) < _SCRAPES * length(slowest):
        message = f"the shortest window {plan.base} holds fewer than four scrapes at {slowest}"
        least = duration.format_duration(_SCRAPES * duration.milliseconds(slowest))
        yield plan.slo.finding(
            "slo-window", message, f"scrape more often, or let no window be under {least}", at="policy"
        )


def _reach(plan: SloPlan, tier: Tier, *, last: bool) -> Iterator[Finding]:
    slo = plan.slo
    factor, budget = tier.factor(slo.period), slo.budget()
    if factor * budget >= 1:
        message = (
            f"the alert of tier {tier.name} can never fire: {plain(factor)} times a budget of {plain(budget * 100)} % "
            f"is an error ratio of {plain(tidy(factor * budget * 100))} %"
        )
        hint = f'switch it off with alerts={{"{tier.name}": None}}, or give policy= tiers with smaller factors'
        yield slo.finding("unreachable-alert", message, hint, at="objective")
    elif factor < 1 and not last:
        message = f"tier {tier.name} would fire at {plain(factor)} times the budget's rate, while the objective is met"
        hint = 'only the last tier may; policy="scaled-windows" keeps the factors, or give policy= tiers of your own'
        yield slo.finding("tier-factor", message, hint, at="policy")
