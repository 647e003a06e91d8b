"""The golden signals of a service as stats: traffic, errors, latency, saturation, budget, alerts and targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from urllib.parse import quote

from obscode.compiler.dashboards import formats
from obscode.compiler.dashboards.request_metrics import RequestMetrics, targets
from obscode.compiler.dashboards.saturation import Resources
from obscode.compiler.slo_bounds import latency_bounds, lines
from obscode.compiler.slo_plan import SloPlan
from obscode.model import naming
from obscode.model.dashboard import Link, Row, Threshold
from obscode.model.numbers import format_decimal
from obscode.model.panels import Stat
from obscode.model.service import Service
from obscode.promql.selector import Matcher, Selector
from obscode.promql.types.quantity import name_words

TITLE = "Golden signals"
_REQUESTS = {"request", "requests", "reqs"}
_BUDGETS = 3  # that a stat of this width shows in a readable size


def golden_signals(requests: RequestMetrics, plans: Sequence[SloPlan], title: str = "") -> Row:
    """A row of stats, without those for which the service declares no metric.

    Their queries are instant: with a range, the last value would stay for an hour after the service is gone.
    """
    service = requests.service
    stats = [*_traffic(requests), *_errors(requests, plans), *_latency(requests), *Resources(requests).stats()]
    stats += [*_budget(service, plans), _alerts(service), *_targets(service)]
    return Row(title, *stats, key="golden-signals")


def _traffic(requests: RequestMetrics) -> Iterator[Stat]:
    for metric in [*requests.counters, *requests.durations][:1]:
        yield Stat(
            "Traffic",
            requests.rate(metric),
            description=f"`{metric.name}` per second.",
            unit="reqps" if _REQUESTS & set(name_words(metric.name)) else "",
            no_value=formats.NO_TRAFFIC,
        )


def _errors(requests: RequestMetrics, plans: Sequence[SloPlan]) -> Iterator[Stat]:
    """The bad events of the SLO that reads a request counter, or of the first SLO."""
    counters = {series for metric in requests.counters for series in metric.series()}
    for plan in sorted(plans, key=lambda plan: counters.isdisjoint(plan.slo.sli.reads()))[:1]:
        slo, summary = plan.slo, f"The ratio of bad events of the SLO {plan.slo.name} in {plan.base}."
        yield Stat(
            "Bad events" if counters.isdisjoint(slo.sli.reads()) else "Errors",
            f"max({plan.ratio(plan.base)})",
            description=f"{summary} {slo.description}".strip(),
            unit=formats.RATIO,
            decimals=formats.ratio_decimals([slo]),
            thresholds=_budget_lines(plan),
            no_value=formats.NO_EVENTS,
        )


def _budget_lines(plan: SloPlan) -> Sequence[Threshold]:
    """Orange if the budget does not last the period, red if the first alert fires."""
    budget, factors = plan.slo.budget(), [tier.factor(plan.slo.period) for tier in plan.tiers]
    lines = {budget: "orange"} | ({max(factors) * budget: "red"} if factors else {})
    return [Threshold(value, lines[value]) for value in sorted(lines)]


def _latency(requests: RequestMetrics) -> Iterator[Stat]:
    """The quantile of the objective of an SLO, which is below the bound of the SLO as long as it is met; or P99."""
    for histogram in requests.durations[:1]:
        bounds = [each for each in latency_bounds(requests.service) if each.histogram == histogram.name]
        of_all = [bound for bound in bounds if not bound.matchers][:1]
        percent = of_all[0].slo.percent() if of_all else Decimal(99)
        summary = [f"{format_decimal(percent)} % of the observations of `{histogram.name}` are at most this."]
        summary += [f"Red above the bound of the SLO {bound.slo.name}." for bound in of_all]
        yield Stat(
            f"Latency P{format_decimal(percent)}",
            requests.quantile(histogram, float(percent / 100)),
            description=" ".join(summary),
            thresholds=lines(of_all),
            key="golden-signals/latency-p99",
            no_value=formats.NO_TRAFFIC,
        )


def _budget(service: Service, plans: Sequence[SloPlan]) -> Iterator[Stat]:
    if plans:
        left = f"min by ({naming.SLO}) ({_selector(service, naming.BUDGET_REMAINING)})"
        yield Stat(
            "Budget left",
            f"bottomk({_BUDGETS}, {left})",
            description=(
                f"The remaining ratio of error budgets, of the {_BUDGETS} SLOs with the least. "
                "Below zero, the objective is missed."
            ),
            legend=f"{{{{{naming.SLO}}}}}",
            data_links=[detail_link(service, plans)],
            **formats.budget_left(),
        )


def _alerts(service: Service) -> Stat:
    firing = _selector(service, "ALERTS", Matcher("alertstate", "=", "firing"))
    return Stat(
        "Alerts firing",
        f"count({firing}) or vector(0)",
        description="Firing alerts of this service. A click lists them.",
        unit="short",
        decimals=0,
        thresholds=[Threshold(1, "red")],
        data_links=[Link("Firing alerts", _alert_list(service))],
        no_value="0",
    )


def _alert_list(service: Service) -> str:
    """Grafana's list of the firing alerts of a service."""
    return f"/alerting/list?search={quote(f'state:firing label:{naming.SERVICE}={service.name}', safe=':=')}"


def _targets(service: Service) -> Iterator[Stat]:
    if scraped := targets(service):
        yield Stat(
            "Targets up",
            f"avg({scraped})",
            description="The ratio of the service's targets with a successful last scrape.",
            unit=formats.RATIO,
            decimals=0,
            thresholds=[Threshold(None, "red"), Threshold(0.5, "orange"), Threshold(1, "green")],
            no_value="No target",
        )


def _selector(service: Service, name: str, *more: Matcher) -> Selector:
    return Selector(name, (*more, Matcher(naming.SERVICE, "=", service.name)))


def detail_link(service: Service, plans: Sequence[SloPlan]) -> Link:
    """A link to the SLO's detail dashboard; to the overview if the SLOs have several."""
    titles = {plan.dashboard for plan in plans}
    chosen = f"var-{naming.SERVICE}={service.name}"
    if len(titles) > 1:
        overview = naming.dashboard_uid(naming.slo_overview_title(plans[0].project.name))
        return Link("All SLOs", f"/d/{overview}?{chosen}&${{__url_time_range}}")
    uid, slo = naming.dashboard_uid(titles.pop()), f"var-{naming.SLO}=${{__field.labels.{naming.SLO}}}"
    return Link("Detail", f"/d/{uid}?{chosen}&{slo}&${{__url_time_range}}")
