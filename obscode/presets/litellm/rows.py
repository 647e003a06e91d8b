"""The dashboard of a gateway of language models: requests, times, spend, budgets, deployments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Override, Threshold
from obscode.model.panels import Query, Stat, Table, TimeSeries
from obscode.presets.litellm import catalog, records
from obscode.presets.litellm.alerts import FAILED
from obscode.presets.litellm.costs import left_share, remaining, spend
from obscode.presets.litellm.records import Queries, Record, buckets_of
from obscode.promql.selector import Matcher

_MODEL = "{{requested_model}}"


def rows(queries: Queries, first_token: float, latency: float, budgets: Sequence[str]) -> Iterator[Row]:
    """The rows; ``first_token`` and ``latency`` are the limits of the SLOs in seconds."""
    yield Row("Requests", *_request_panels(queries))
    yield Row("Times", *_time_panels(queries, first_token, latency))
    yield Row("Spend", *_spend_panels(queries))
    if budgets:
        yield Row("Budgets", *_budget_panels(queries, budgets))
    yield Row("Deployments", *_deployment_panels(queries))
    yield Row("Limits of providers", *_limit_panels(queries))


def _each_second(queries: Queries, record: Record, by: str, *more: Matcher) -> str:
    """Events each second, of the window of the record."""
    return f"{queries.total(record, by, *more)} / {_SECONDS[record.window]}"


_SECONDS = {"5m": 300, "15m": 900, "1h": 3600}


def _request_panels(queries: Queries) -> Iterator[TimeSeries]:
    yield TimeSeries(
        "Requests",
        _each_second(queries, records.REQUESTS, "requested_model"),
        legend=_MODEL,
        unit="reqps",
        description="Requests each second, by the model that they ask for.",
    )
    yield TimeSeries(
        "Requests by status",
        _each_second(queries, records.REQUESTS, "status_code"),
        legend="{{status_code}}",
        unit="reqps",
        description="429: limits of keys, teams and providers. None: an exception without a status.",
    )
    total = queries.total(records.REQUESTS, "requested_model")
    yield TimeSeries(
        "Failed requests",
        f"({queries.total(records.REQUESTS, 'requested_model', FAILED)} or 0 * {total})\n/\n({total} > 0)",
        legend=_MODEL,
        unit="percentunit",
        minimum=0,
        description="The share of requests that fail, after retries and fallbacks.",
    )
    fell = queries.total(records.FALLBACKS, "requested_model, fallback_model")
    failed = queries.total(records.FAILED_FALLBACKS, "requested_model, fallback_model")
    yield TimeSeries(
        "Fallbacks",
        [
            Query(f"{fell} / 300", legend="{{requested_model}} to {{fallback_model}}"),
            Query(f"{failed} / 300", legend="{{requested_model}} to {{fallback_model}}, failed"),
        ],
        unit="reqps",
        description="Requests each second that another model answers, or fails to.",
    )


def _time_panels(queries: Queries, first_token: float, latency: float) -> Iterator[TimeSeries]:
    for title, histogram, limit, text in (
        ("Time to first token", catalog.FIRST_TOKEN, first_token, "Of streamed requests. The line is the SLO's limit."),
        ("Request time", catalog.LATENCY, latency, "Until the last token. The line is the limit of the SLO."),
        ("Overhead", catalog.OVERHEAD, 0, "The time that the gateway itself adds to a request."),
    ):
        buckets = queries.recorded(buckets_of(histogram))
        yield TimeSeries(
            title,
            [
                Query(f"histogram_quantile({quantile:g}, sum by (le) ({buckets}))", legend=f"P{quantile * 100:g}")
                for quantile in (0.5, 0.95, 0.99)
            ],
            unit="s",
            thresholds=[Threshold(limit, "red")] if limit else [],
            description=text,
        )
    buckets = queries.recorded(buckets_of(catalog.FIRST_TOKEN))
    yield TimeSeries(
        "Time to first token by model",
        f"histogram_quantile(0.95, sum by (requested_model, le) ({buckets}))",
        legend=_MODEL,
        unit="s",
        description="P95 of streamed requests.",
    )


def _spend_panels(queries: Queries) -> Iterator[Stat | TimeSeries]:
    yield Stat(
        "Spend of a day",
        spend(queries, "1d"),
        unit="currencyUSD",
        description="The last 24 full hours: a trend, and no bill. The gateway's database has the exact sum.",
    )
    for title, by in (("Spend by team", "team_alias"), ("Spend by model", "model")):
        yield TimeSeries(
            title,
            queries.total(records.SPEND, by),
            legend=f"{{{{{by}}}}}",
            unit="currencyUSD",
            stack="normal",
            description="USD within an hour.",
        )
    read, written = (queries.total(each) for each in (records.INPUT_TOKENS, records.OUTPUT_TOKENS))
    yield TimeSeries(
        "Tokens per second",
        [Query(f"{read} / 300", legend="input"), Query(f"{written} / 300", legend="output")],
        unit="short",
        description="Tokens each second.",
    )


def _budget_panels(queries: Queries, budgets: Sequence[str]) -> Iterator[Table | TimeSeries]:
    for kind in budgets:
        if kind not in catalog.BUDGETS:
            yield TimeSeries(
                "Budgets of providers",
                remaining(queries, catalog.PROVIDER_BUDGET, ("api_provider",)),
                legend="{{api_provider}}",
                unit="currencyUSD",
                description="What is left, in USD.",
            )
            continue
        budget = catalog.BUDGETS[kind]
        labels = ", ".join(budget.labels)
        name = budget.labels[-1]
        yield Table(
            f"Budgets: {budget.whose}",
            [
                Query(left_share(queries, budget)),
                Query(remaining(queries, budget.remaining, budget.labels)),
                Query(f"max by ({labels}) ({queries.select(budget.most)})"),
                Query(f"min by ({labels}) ({queries.select(budget.hours)}) * 3600"),
            ],
            columns={
                name: budget.whose.capitalize(),
                "Value #A": "Left",
                "Value #B": "Remaining",
                "Value #C": "Budget",
                "Value #D": "Begins anew in",
            },
            sort_by="Left",
            overrides=[
                Override("Left", unit="percentunit"),
                Override("Remaining", unit="currencyUSD"),
                Override("Budget", unit="currencyUSD"),
                Override("Begins anew in", unit="s"),
            ],
            description="Those without a budget are not listed.",
        )


def _deployment_panels(queries: Queries) -> Iterator[TimeSeries]:
    attempts = queries.total(records.ATTEMPTS, "model_id")
    failed = queries.total(records.FAILURES, "model_id")
    yield TimeSeries(
        "Attempts",
        _each_second(queries, records.ATTEMPTS, "model_id"),
        legend="{{model_id}}",
        unit="reqps",
        description="Calls of each deployment each second, with retries.",
    )
    yield TimeSeries(
        "Failed attempts",
        f"({failed} or 0 * {attempts})\n/\n({attempts} > 0)",
        legend="{{model_id}}",
        unit="percentunit",
        minimum=0,
        description="The share of attempts with a deployment that fail.",
    )
    yield TimeSeries(
        "Failures by status",
        _each_second(queries, records.FAILURES, "model_id, exception_status"),
        legend="{{model_id}} {{exception_status}}",
        unit="reqps",
        description="Failed attempts each second. 429: the provider's limit. 401 and 403: the gateway's key.",
    )
    yield TimeSeries(
        "Cool-downs",
        queries.total(records.COOLDOWNS, "model_id"),
        legend="{{model_id}}",
        unit="short",
        minimum=0,
        description="How often the router stopped sending requests to a deployment, within an hour.",
    )


def _limit_panels(queries: Queries) -> Iterator[TimeSeries]:
    for title, metric in (
        ("Remaining requests", catalog.REMAINING_REQUESTS),
        ("Remaining tokens", catalog.REMAINING_TOKENS),
    ):
        yield TimeSeries(
            title,
            f"min by (model_group, model_id) ({queries.select(metric)})",
            legend="{{model_group}} {{model_id}}",
            unit="short",
            minimum=0,
            description="As the provider's last answer had it, or by the limits in the gateway's configuration.",
        )
