"""Spend and budgets of a gateway of language models: alerts with unit tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.model.alert import Alert, AlertTest
from obscode.model.naming import camel
from obscode.model.sli.sample_series import labels_for
from obscode.presets.fault_alerts import constant
from obscode.presets.litellm import catalog, records
from obscode.presets.litellm.catalog import Budget
from obscode.presets.litellm.records import Queries, series_of
from obscode.presets.selection import scoped_tests
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher, Selector

#: The hours whose spend is compared with that of the same hours a week ago.
SPIKE_WINDOW = "6h"
_STEP = 20  # minutes
_WEEK, _DAY = 7 * 24 * 60 // _STEP, 24 * 60 // _STEP


def spend(queries: Queries, window: str, by: str = "", offset: str = "") -> str:
    """The spend of the last hours in USD, each full hour once."""
    inside = f"sum_over_time({queries.recorded(records.SPEND)}[{window}:1h]{f' offset {offset}' if offset else ''})"
    return f"sum{f' by ({by})' if by else ''} ({inside})"


def spend_alerts(queries: Queries, ratio: float, floor: float, max_daily: float) -> Iterator[Alert]:
    """Spend that is much higher than a week ago, and spend of a day above a limit."""
    if ratio:
        yield _spike(queries, ratio, floor)
    if max_daily:
        yield _daily(queries, max_daily)


def _spike(queries: Queries, ratio: float, floor: float) -> Alert:
    """A team that spent nothing a week ago is compared with 0 if any other one spent something."""
    by = "team, team_alias"
    now, then = spend(queries, SPIKE_WINDOW, by), spend(queries, SPIKE_WINDOW, by, offset="1w")
    usual = f"({then}\nor\n0 * {now} and on () {spend(queries, SPIKE_WINDOW, offset='1w')})"
    return Alert(
        "LLMGatewaySpendSpike",
        f"{now} > {floor:g}\nand\n{now} > {ratio:g} * {usual}",
        for_="5m",
        severity="ticket",
        summary=f"{{{{ $labels.team_alias }}}} spent {{{{ $value | humanize }}}} USD within {SPIKE_WINDOW}",
        description=f"That is more than {ratio:g} times as much as in the same hours a week ago.",
        tests=_spike_tests(queries, ratio, floor),
    )


def _spike_tests(queries: Queries, ratio: float, floor: float) -> Sequence[AlertTest]:
    """The spend of each step for a week, and then for a day."""
    usual = (floor + 1) / 18
    steep = 2 * ratio * usual

    def test(name: str, before: float, after: float, *, fires: bool) -> AlertTest:
        at = ["180h"]  # half a day after the change
        own, job = {"team": "a", "team_alias": "a"}, _labels(queries)
        series = _labelled(series_of(records.SPEND, own), job)
        other = _labelled(series_of(records.SPEND, {"team": "b", "team_alias": "b"}), job)
        grown = before * _WEEK
        values = {series: f"0+{before:g}x{_WEEK} {grown:g}+{after:g}x{_DAY}", other: f"0+1x{_WEEK + _DAY}"}
        return AlertTest(name, values, fires=at if fires else [], quiet=[] if fires else at, interval=f"{_STEP}m")

    return [
        test("much more than a week ago", usual, steep, fires=True),
        test("as much as a week ago", steep, steep, fires=False),
        test("much more, but little", usual / 1000, floor / 20, fires=False),
    ]


def _labels(queries: Queries) -> str:
    return ",".join(f'{label}="{value}"' for label, value in (labels_for(queries.matchers) or {}).items())


def _labelled(series: str, labels: str) -> str:
    return str(parse_selector(series).with_matchers(*parse_selector(f"up{{{labels}}}").matchers))


def _daily(queries: Queries, limit: float) -> Alert:
    series = _labelled(series_of(records.SPEND, {}), _labels(queries))
    steps = 2 * _DAY
    return Alert(
        "LLMGatewaySpendHigh",
        f"{spend(queries, '1d')} > {limit:g}",
        for_="5m",
        severity="ticket",
        summary=f"The spend of a day is {{{{ $value | humanize }}}} USD, more than {limit:g}",
        description="The panels of the spend have the teams and models. It is a trend, and no bill.",
        tests=[
            AlertTest(name, {series: f"0+{limit * share / _DAY:g}x{steps}"}, interval=f"{_STEP}m", **{at: ["46h"]})  # type: ignore[arg-type]
            for name, share, at in (("more than the limit", 1.2, "fires"), ("less than the limit", 0.9, "quiet"))
        ],
    )


def budget_alerts(queries: Queries, budgets: Sequence[str]) -> Iterator[Alert]:
    """Budgets of which less than a tenth is left, and those that are used up."""
    for kind in budgets:
        if kind in catalog.BUDGETS:
            yield _low(queries, catalog.BUDGETS[kind])
            yield _used_up(queries, kind, catalog.BUDGETS[kind].remaining, catalog.BUDGETS[kind].labels)
        else:
            yield _used_up(queries, "provider", catalog.PROVIDER_BUDGET, ("api_provider",))


def remaining(queries: Queries, metric: str, labels: Sequence[str]) -> str:
    """What is left of budgets; each instance has the value of its last request, and those without a budget `+Inf`."""
    return f"min by ({', '.join(labels)}) ({queries.select(metric)} < Inf)"


def left_share(queries: Queries, budget: Budget) -> str:
    """The share of budgets that is left."""
    most = f"max by ({', '.join(budget.labels)}) ({queries.select(budget.most)} > 0)"
    return f"{remaining(queries, budget.remaining, budget.labels)}\n/\n{most}"


def _low(queries: Queries, budget: Budget) -> Alert:
    left, most = (_gauge(metric, budget.labels) for metric in (budget.remaining, budget.most))
    share = left_share(queries, budget)
    return Alert(
        f"LLMGateway{camel(budget.name.replace('_', '-'))}BudgetLow",
        f"{share}\n< 0.1\n> 0",
        for_="5m",
        severity="ticket",
        summary=f"The {budget.whose} {{{{ $labels.{budget.labels[-1]} }}}} has"
        " {{ $value | humanizePercentage }} of its budget left",
        description="When nothing is left, the gateway rejects its requests.",
        tests=scoped_tests(
            queries.matchers,
            "a twentieth is left",
            fires={left: constant(5), most: constant(100)},
            quiet={left: constant(10), most: constant(100)},
        ),
    )


def _gauge(metric: str, labels: Sequence[str]) -> str:
    """A series of a gauge in a unit test."""
    return str(Selector(metric, tuple(Matcher(label, "=", "x") for label in labels)))


def _used_up(queries: Queries, kind: str, metric: str, labels: Sequence[str]) -> Alert:
    left = _gauge(metric, labels)
    whose = catalog.BUDGETS[kind].whose if kind in catalog.BUDGETS else kind
    return Alert(
        f"LLMGateway{camel(kind.replace('_', '-'))}BudgetUsedUp",
        f"{remaining(queries, metric, labels)} <= 0",
        for_="5m",
        severity="ticket",
        summary=f"The {whose} {{{{ $labels.{labels[-1]} }}}} has used up its budget",
        description="The gateway rejects its requests, or sends none to the provider.",
        tests=scoped_tests(queries.matchers, "nothing is left", fires={left: constant(0)}, quiet={left: constant(1)}),
    )
