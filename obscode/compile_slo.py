"""The rules of an SLO: events once from the raw series, every window from those, one alert a tier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from obscode import conventions, duration
from obscode.artifacts import AlertRule, Record, Rule, RuleGroup
from obscode.burn import WORKBOOK, Tier
from obscode.project import Project
from obscode.promql import Matcher, Selector
from obscode.service import Service
from obscode.slo import SLO

# The window in which raw events are counted. Later windows add up these counts, so that an SLO reads
# its raw series once an evaluation however many windows it has.
BASE = "5m"


def slo_groups(slo: SLO, service: Service, project: Project) -> list[RuleGroup]:
    """The rule groups of one SLO."""
    rules: list[Rule] = [*_events(slo, service), *_ratios(slo, service), *_alerts(slo, service)]
    return [RuleGroup(conventions.slo_group(service.name, slo.name), rules, project.slo_interval)]


def where(service: Service) -> tuple[Matcher, ...]:
    """The matchers that keep an SLO to the service's own series."""
    if service.selector:
        return tuple(Matcher(label, "=", value) for label, value in service.selector.items())
    jobs = service.job_names()
    if len(jobs) > 1:
        return (Matcher("job", "=~", "|".join(jobs).replace(".", "\\.")),)
    return tuple(Matcher("job", "=", job) for job in jobs)


def identity(slo: SLO, service: Service) -> Mapping[str, str]:
    """The labels that tell one SLO from all others."""
    return {conventions.SERVICE: service.name, conventions.SLO: slo.name}


def _series(name: str, slo: SLO, service: Service) -> Selector:
    return Selector(name, tuple(Matcher(k, "=", v) for k, v in identity(slo, service).items()))


def _events(slo: SLO, service: Service) -> Iterator[Record]:
    events = slo.sli.events(BASE, where(service))
    total = conventions.EVENTS_TOTAL + BASE
    yield Record(total, events.total, identity(slo, service), slo)
    # A group that has no bad events yet reads 0, told by its total: a typo still gives no sample at all.
    by = f"by ({', '.join(slo.sli.by)})"
    known = f"0 * sum {by} ({_series(total, slo, service)})"
    yield Record(conventions.EVENTS_BAD + BASE, f"({events.bad})\nor\n{known}", identity(slo, service), slo)


def _ratios(slo: SLO, service: Service) -> Iterator[Record]:
    for window in windows(WORKBOOK):
        bad, total = (_series(name + BASE, slo, service) for name in (conventions.EVENTS_BAD, conventions.EVENTS_TOTAL))
        if window == BASE:
            expr = f"{bad}\n/\n({total} > 0)"
        else:
            expr = f"sum_over_time({bad}[{window}])\n/\n(sum_over_time({total}[{window}]) > 0)"
        yield Record(conventions.ERROR_RATIO + window, expr, identity(slo, service), slo)


def windows(tiers: Sequence[Tier]) -> list[str]:
    """Every window of the tiers once, shortest first."""
    return sorted({w for tier in tiers for w in (tier.short, tier.long)}, key=duration.milliseconds)


def _alerts(slo: SLO, service: Service) -> Iterator[AlertRule]:
    for tier in WORKBOOK:
        factor = tier.factor(slo.period)
        threshold = f"{factor:f} * {_plain(slo.budget())}"
        long, short = (_series(conventions.ERROR_RATIO + w, slo, service) for w in (tier.long, tier.short))
        yield AlertRule(
            conventions.burn_alert(service.name, slo.name, tier.name),
            f"{long} > {threshold}\nand\n{short} > {threshold}",
            {
                conventions.SEVERITY: tier.severity,
                conventions.TIER: tier.name,
                **identity(slo, service),
                **_owner(service),
            },
            slo,
            for_=tier.for_,
            keep_firing_for=tier.keep_firing_for,
            annotations=_annotations(slo, service, tier, factor),
        )


def _owner(service: Service) -> Mapping[str, str]:
    return {"owner": service.owner} if service.owner else {}


def _annotations(slo: SLO, service: Service, tier: Tier, factor: Decimal) -> dict[str, str]:
    texts = {
        "summary": f"{service.name} burns the error budget of its {slo.name} SLO {factor:f} times too fast",
        "description": (
            f"{{{{ $value | humanizePercentage }}}} of events were bad in the last {tier.long}; "
            f"the objective is {_plain(slo.percent())} % over {slo.period}."
        ),
        "runbook_url": slo.runbook or service.runbook,
    }
    return {name: text for name, text in texts.items() if text}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
