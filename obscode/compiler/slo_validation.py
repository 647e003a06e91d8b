"""Findings about SLOs that depend on their service and project: windows, retention, reachable alerts, matchers."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.compiler.slo_plan import SloPlan, service_matchers
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model import codes
from obscode.model.burn_rate import Tier, duration_ms
from obscode.model.numbers import format_decimal, round_factor
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.promql import duration
from obscode.promql.parser import parse

SLI_SCOPE = Code(
    "sli-scope",
    "An SLI does not contradict the label matchers of its service.",
    why="obscode adds the service's matchers to every selector; a contradiction selects no series.",
    bad='Service("shop", scrape=ScrapeJob(["shop:8000"]),\n'
    """        slos=[SLO("a", 99.9, sli.Ratio(errors='errors_total{job="db"}', total="requests_total"))])""",
    good='Service("shop", scrape=ScrapeJob(["shop:8000"]),\n'
    '        slos=[SLO("a", 99.9, sli.Ratio(errors="errors_total", total="requests_total"))])',
)
SLO_PERIOD = Code(
    "slo-period",
    "An SLO's period is longer than its windows and not longer than the project's retention.",
    why="Prometheus deletes samples after the retention, so the budget of a longer period would be wrong.",
    bad='Project("team", retention="15d")\nSLO("availability", 99.9, ratio, period="30d")',
    good='Project("team", retention="30d")\nSLO("availability", 99.9, ratio, period="30d")',
)
SLO_WINDOW = Code(
    "slo-window",
    "The shortest window of an SLO holds at least four scrapes.",
    why="A rate needs two samples; four allow for one late scrape and one failed scrape.",
    bad='ScrapeJob(["shop:8000"], interval="2m")  # with the usual 5m window',
    good='ScrapeJob(["shop:8000"], interval="1m")',
)
UNREACHABLE_ALERT = Code(
    "unreachable-alert",
    "The threshold of a burn-rate alert is an error ratio below 100 %.",
    why="A factor of 14.4 on a budget of 10 % is an error ratio of 144 %, which no service reaches.",
    bad='SLO("availability", 90, ratio)',
    good='SLO("availability", 90, ratio, alerts={"page-fast": None})',
)
TIER_FACTOR = Code(
    "tier-factor",
    "Only the last tier of a policy has a factor below 1.",
    why="An alert with a factor below 1 fires while the objective is met.",
    bad='SLO("availability", 99.9, ratio, period="7d", policy="budget-share")',
    good='SLO("availability", 99.9, ratio, period="7d", policy="scaled-windows")',
)

#: Scrapes in the shortest window.
MIN_SCRAPES = 4
# Findings about matchers do not depend on the window.
_ANY_WINDOW = "5m"


def slo_findings(plan: SloPlan) -> Iterator[Finding]:
    """Invalid combinations of an SLO with its service and its project."""
    yield from _period(plan)
    yield from _windows(plan)
    yield from _alert_keys(plan.slo)
    for n, tier in enumerate(plan.tiers):
        yield from _threshold(plan, tier, last=n == len(plan.tiers) - 1)
    yield from plan.slo.sli.window_problems(plan.base)


def conflicting_matchers(slo: SLO, service: Service) -> Iterator[Finding]:
    """Matchers of an SLI that select nothing together with those of the service."""
    events = slo.sli.events(_ANY_WINDOW, service_matchers(service))
    for selector in [*parse(events.total).selectors, *parse(events.bad).selectors]:
        if pair := selector.conflicting_matchers():
            own = slo.sli.selectors().items()
            at = next((at for at, selectors in own if any({*pair} & {*s.matchers} for s in selectors)), "")
            one, other = (str(matcher) for matcher in pair)
            message = f"no series matches both {one} and {other}"
            hint = "obscode adds the matchers of the service; remove yours, or change selector= of the service"
            hint += ", or write unscoped=True" if slo.sli.scoped_expressions() else ""
            yield slo.sli.finding(SLI_SCOPE, message, hint, at=at)
            return


def _period(plan: SloPlan) -> Iterator[Finding]:
    slo, retention = plan.slo, plan.project.retention
    if duration_ms(slo.period) > duration_ms(retention):
        message = f"the period {slo.period} is longer than the retention of {retention}"
        hint = f'shorten it, or raise retention="{slo.period}" in the Project and in Prometheus'
        yield slo.finding(SLO_PERIOD, message, hint, at="period")
    for tier in plan.tiers:
        if duration_ms(tier.long) >= duration_ms(slo.period):
            message = f"the long window {tier.long} of tier {tier.name} is not shorter than the period {slo.period}"
            yield slo.finding(
                SLO_PERIOD, message, 'policy="scaled-windows" scales the windows with the period', at="period"
            )


def _windows(plan: SloPlan) -> Iterator[Finding]:
    intervals = [job.interval or plan.project.scrape_interval for job in plan.service.scrape_jobs()]
    slowest = max(intervals, key=duration.milliseconds, default=plan.project.scrape_interval)
    if duration_ms(plan.base) < MIN_SCRAPES * duration_ms(slowest):
        message = f"the shortest window {plan.base} holds fewer than four scrapes at an interval of {slowest}"
        shortest = duration.format_duration(MIN_SCRAPES * duration.milliseconds(slowest))
        hint = f"scrape more often, or use windows of {shortest} or more"
        yield plan.slo.finding(SLO_WINDOW, message, hint, at="policy")


def _alert_keys(slo: SLO) -> Iterator[Finding]:
    """Keys of `alerts` that are neither the severity nor the name of a tier."""
    tiers = slo.tiers()
    keys = list(dict.fromkeys([*(tier.severity for tier in tiers), *(tier.name for tier in tiers)]))
    for i, key in enumerate(slo.alerts):
        if key not in keys:
            hint = did_you_mean(key, keys) or f"write one of {', '.join(map(repr, keys))}"
            yield slo.finding(codes.UNKNOWN_ALERT, f"the SLO has no alert {key!r}", hint, at="alerts", item=i)


def _threshold(plan: SloPlan, tier: Tier, *, last: bool) -> Iterator[Finding]:
    slo = plan.slo
    factor, budget = tier.factor(slo.period), slo.budget()
    if factor * budget >= 1:
        ratio = format_decimal(round_factor(factor * budget * 100))
        message = (
            f"the alert of tier {tier.name} can never fire: {format_decimal(factor)} times a budget of "
            f"{format_decimal(budget * 100)} % is an error ratio of {ratio} %"
        )
        hint = f'disable it with alerts={{"{tier.name}": None}}, or use tiers with smaller factors'
        yield slo.finding(UNREACHABLE_ALERT, message, hint, at="objective")
    elif factor < 1 and not last:
        rate = format_decimal(factor)
        message = f"tier {tier.name} would fire at {rate} times the budget's rate, while the objective is met"
        hint = 'use policy="scaled-windows", or tiers with factors of 1 or more'
        yield slo.finding(TIER_FACTOR, message, hint, at="policy")
