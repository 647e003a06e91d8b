"""The golden signals of a service as numbers on top: traffic, errors, latency, and how things stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from obscode import conventions
from obscode.burn import tidy
from obscode.compile_slo import Plan
from obscode.dashboard import Link, Row, Stat, Threshold
from obscode.generated import words
from obscode.generated.requests import Requests
from obscode.promql import Matcher, Selector
from obscode.service import Service

TITLE = "Golden signals"
_COLUMNS, _LARGEST = 24, 6


def golden_signals(requests: Requests, plans: Sequence[Plan], title: str = "") -> Row:
    """A row of stats; those for which the service declares nothing are left out."""
    service = requests.service
    given = [*_traffic(requests), *_errors(requests, plans), *_latency(requests), *_budget(service, plans)]
    given += [*_alerts(service), *_targets(requests)]
    width = min(_LARGEST, _COLUMNS // len(given))
    return Row(title, *(Stat(name, expr, width=width, **how) for name, expr, how in given), key="golden-signals")


_Signal = tuple[str, str, dict[str, Any]]


def _traffic(requests: Requests) -> Iterator[_Signal]:
    for metric in [*requests.counters, *requests.durations][:1]:
        told = f"What `{metric.name}` counts, a second."
        yield "Traffic", requests.rate(metric), {"description": told, "sparkline": True, "no_value": words.NO_TRAFFIC}


def _errors(requests: Requests, plans: Sequence[Plan]) -> Iterator[_Signal]:
    """The bad events of the SLO that reads what counts requests, or of the first one."""
    counters = {series for metric in requests.counters for series in metric.series()}
    for plan in sorted(plans, key=lambda plan: not counters & set(plan.slo.sli.reads()))[:1]:
        slo, fastest = plan.slo, max(tier.factor(plan.slo.period) for tier in plan.slo.tiers())
        spent = [(slo.budget(), "orange"), (tidy(fastest * slo.budget()), "red")]
        told = f"The share of bad events of the SLO {slo.name} over {plan.base}."
        yield (
            "Errors",
            f"max({plan.ratio(plan.base)})",
            {
                "description": f"{told} {slo.description}".strip(),
                "unit": words.SHARE,
                "decimals": 2,
                "thresholds": [Threshold(value, color) for value, color in spent],
                "sparkline": True,
                "no_value": words.NO_EVENTS,
            },
        )


def _latency(requests: Requests) -> Iterator[_Signal]:
    for histogram in requests.durations[:1]:
        told = f"All but the slowest one of a hundred, by `{histogram.name}`."
        how = {"description": told, "sparkline": True, "no_value": words.NO_TRAFFIC}
        yield "Latency P99", requests.quantile(histogram, 0.99), how


def _budget(service: Service, plans: Sequence[Plan]) -> Iterator[_Signal]:
    if not plans:
        return
    remaining = _of(service, conventions.BUDGET_REMAINING)
    yield (
        "Budget left",
        f"min by ({conventions.SLO}) ({remaining})",
        {
            "description": "The share of each SLO's error budget that is left; below zero the objective is missed.",
            "legend": f"{{{{{conventions.SLO}}}}}",
            "data_links": [detail_link(service, plans)],
            **words.budget_left(),
        },
    )


def _alerts(service: Service) -> Iterator[_Signal]:
    firing = _of(service, "ALERTS", Matcher("alertstate", "=", "firing"))
    told = "Alerts of this service that fire now."
    how = {"description": told, "unit": "short", "decimals": 0, "no_value": "0", "thresholds": [Threshold(1, "red")]}
    yield "Alerts firing", f"count({firing}) or vector(0)", how


def _targets(requests: Requests) -> Iterator[_Signal]:
    if targets := requests.targets():
        colors = [Threshold(None, "red"), Threshold(0.5, "orange"), Threshold(1, "green")]
        told = "The share of the service's targets that answered the last scrape."
        how = {"description": told, "unit": words.SHARE, "decimals": 0, "thresholds": colors, "no_value": "No target"}
        yield "Targets up", f"avg({targets})", how


def _of(service: Service, name: str, *more: Matcher) -> Selector:
    return Selector(name, (*more, Matcher(conventions.SERVICE, "=", service.name)))


def detail_link(service: Service, plans: Sequence[Plan]) -> Link:
    """From a series of one SLO to its detail; to the overview where the SLOs have several dashboards."""
    titles = {plan.dashboard for plan in plans}
    chosen = f"var-{conventions.SERVICE}={service.name}"
    if len(titles) > 1:
        overview = conventions.dashboard_uid(conventions.slo_overview_title(plans[0].project.name))
        return Link("All SLOs", f"/d/{overview}?{chosen}&${{__url_time_range}}")
    uid, slo = conventions.dashboard_uid(titles.pop()), f"var-{conventions.SLO}=${{__field.labels.{conventions.SLO}}}"
    return Link("Detail", f"/d/{uid}?{chosen}&{slo}&${{__url_time_range}}")
