"""Rate, errors and duration of a service's requests, from its catalog and its SLOs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.compiler.dashboards import formats
from obscode.compiler.dashboards.golden_signals import detail_link
from obscode.compiler.dashboards.request_metrics import RequestMetrics, outcome
from obscode.compiler.inference.series import humanise_metric_name
from obscode.compiler.slo_bounds import latency_bounds, lines
from obscode.compiler.slo_plan import SloPlan
from obscode.model import naming
from obscode.model.dashboard import Override, Panel, Query, Row
from obscode.model.metrics import Counter, Histogram
from obscode.model.panels import Heatmap, TimeSeries
from obscode.model.service import Service
from obscode.promql.selector import Matcher, Selector

_QUANTILES = (0.5, 0.9, 0.99)
# Codes of HTTP such as 503 and 5xx; others have the colors of the palette.
_OUTCOMES = [
    Override(regex=f"^{code}..$", color=color)
    for code, color in {"2": "green", "3": "blue", "4": "orange", "5": "red"}.items()
]
_MOST_LINES = 10  # of SLOs and their groups, of which there may be many


def red_rows(requests: RequestMetrics, plans: Sequence[SloPlan]) -> Iterator[Row]:
    """A row with the metrics that SLIs read, or the first of each type, and a folded row with the others."""
    counters, durations = requests.counters, requests.durations
    first_counters = [c for c in counters if requests.read(c)] or counters[:1]
    first_durations = [d for d in durations if requests.read(d)] or durations[:1]
    yield Row(
        "Rate, errors, duration",
        *_rates(requests, first_counters),
        *_errors(requests.service, plans),
        *_durations(requests, first_durations),
        key="red",
    )
    yield Row(
        "More requests",
        *_rates(requests, [c for c in counters if c not in first_counters]),
        *_durations(requests, [d for d in durations if d not in first_durations]),
        collapsed=True,
        key="red-more",
    )


def slo_rows(service: Service, plans: Sequence[SloPlan]) -> Iterator[Row]:
    """A row with the bad events, for dashboards whose own rows draw requests and their times."""
    yield Row("SLOs", *_errors(service, plans), key="red")


def _rates(requests: RequestMetrics, counters: Sequence[Counter]) -> Iterator[Panel]:
    for counter in counters:
        label = outcome(counter)
        yield TimeSeries(
            f"{humanise_metric_name(counter.name)} by {label}",
            requests.rate(counter, label),
            key=f"rate/{counter.name}",
            legend=f"{{{{{label}}}}}",
            minimum=0,
            stack="normal",
            fill=20,
            overrides=_OUTCOMES,
            no_value=formats.NO_TRAFFIC,
        )


def _errors(service: Service, plans: Sequence[SloPlan]) -> Iterator[Panel]:
    """A line for each SLO and group; SLOs with the same window share a query."""
    if not plans:
        return
    mine = Matcher(naming.SERVICE, "=", service.name)
    windows = dict.fromkeys(plan.ratio(plan.base).metric for plan in plans)
    labels = sorted({label for plan in plans for label in plan.slo.sli.by})
    legend = formats.per_group(f"{{{{{naming.SLO}}}}}", labels)
    is_long = bool(labels) or len(plans) > _MOST_LINES
    whose = f"each SLO, or of the {_MOST_LINES} lines with the most" if is_long else "each SLO"
    yield TimeSeries(
        "Bad events by SLO",
        [Query(_most(str(Selector(ratio, (mine,))), is_long=is_long), legend=legend) for ratio in windows],
        description=f"The ratio of bad events of {whose}. A click opens its detail dashboard.",
        unit=formats.RATIO,
        decimals=formats.ratio_decimals([plan.slo for plan in plans]),
        minimum=0,
        no_value=formats.NO_EVENTS,
        data_links=[detail_link(service, plans)],
    )


def _most(ratio: str, *, is_long: bool) -> str:
    """The series with the most bad events in the time range; without `@`, each step would have its own."""
    if not is_long:
        return ratio
    return f"{ratio}\nand\ntopk({_MOST_LINES}, max_over_time({ratio}[$__range] @ end()))"


def _durations(requests: RequestMetrics, histograms: Sequence[Histogram]) -> Iterator[Panel]:
    for histogram in histograms:
        yield from _duration(requests, histogram)


def _duration(requests: RequestMetrics, histogram: Histogram) -> Iterator[Panel]:
    help_text = f" {histogram.help.strip()}" if histogram.help.strip() else ""
    bounds = [each for each in latency_bounds(requests.service) if each.histogram == histogram.name]
    at = sorted({*_QUANTILES, *(float(bound.slo.percent() / 100) for bound in bounds)})
    names = [f"{of:.10g}" for of in (each * 100 for each in at)]
    slos = ", ".join(dict.fromkeys(bound.slo.name for bound in bounds))
    yield TimeSeries(
        f"{humanise_metric_name(histogram.name)}: quantiles",
        [Query(requests.quantile(histogram, of), legend=f"P{name}") for of, name in zip(at, names, strict=True)],
        description=f"{_percentiles(names)} of `{histogram.name}`.{help_text}{_bounds(slos)}",
        key=f"quantiles/{histogram.name}",
        thresholds=lines(bounds),
        minimum=0,
        no_value=formats.NO_TRAFFIC,
    )
    yield Heatmap(
        f"{humanise_metric_name(histogram.name)}: distribution",
        requests.buckets(histogram),
        description=f"Observations of `{histogram.name}` per second, by bucket.{help_text}",
        key=f"distribution/{histogram.name}",
        no_value=formats.NO_TRAFFIC,
    )


def _percentiles(names: Sequence[str]) -> str:
    ordinals = [f"{name}th" for name in names]
    return f"The {', '.join(ordinals[:-1])} and {ordinals[-1]} percentiles"


def _bounds(slos: str) -> str:
    return f" The red line is the bound of: {slos}." if slos else ""
