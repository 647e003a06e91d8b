"""What goes wrong behind a gateway of language models, and what it costs: alerts with unit tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.model.alert import Alert, AlertTest
from obscode.presets.fault_alerts import constant, growing
from obscode.presets.litellm import catalog, records
from obscode.presets.litellm.records import Queries, Record, series_of
from obscode.presets.selection import scoped_tests
from obscode.promql.selector import Matcher

#: Failures of the gateway and of providers; `None` is an exception without a status, as without a deployment.
FAILED = Matcher("status_code", "=~", "5..|None")
# Failures of an attempt that another deployment would have, too: the request is wrong.
_WRONG_REQUEST = "400|404|413|422"
_DEPLOYMENT = "model_id, litellm_model_name, api_provider"
_LIMITED = "429"


def alerts(queries: Queries) -> Iterator[Alert]:
    """Models and deployments that fail, providers that limit, fallbacks, and requests that cost nothing."""
    yield _model_down(queries)
    yield _deployment_down(queries)
    yield _deployment_failing(queries)
    yield _rate_limited(queries)
    yield _cools_down(queries)
    yield _fallbacks(queries)
    yield _fallback_fails(queries)
    yield _without_price(queries)


def _tests(queries: Queries, name: str, fires: Mapping[str, str], quiet: Mapping[str, str]) -> Sequence[AlertTest]:
    return scoped_tests(queries.matchers, name, fires=fires, quiet=quiet)


def _model_down(queries: Queries) -> Alert:
    total = queries.total(records.REQUESTS, "requested_model")
    failed = queries.total(records.REQUESTS, "requested_model", FAILED)
    good, bad = (series_of(records.REQUESTS, {"status_code": status}) for status in ("200", "500"))
    return Alert(
        "LLMGatewayModelDown",
        f"{failed}\n/\n({total} >= 10)\n> 0.5",
        for_="5m",
        severity="page",
        summary="{{ $value | humanizePercentage }} of the requests for {{ $labels.requested_model }} fail",
        description="Its deployments and fallbacks fail, or all of them cool down.",
        tests=_tests(
            queries,
            "more than half of the requests fail",
            fires={good: growing(4), bad: growing(5)},
            quiet={good: growing(5), bad: growing(5)},
        ),
    )


def _deployment_down(queries: Queries) -> Alert:
    """The gauge alone says little: a cool-down sets 2 in a series that no success sets to 0 again.

    That series has the name of the model group instead of the model's, so only `model_id` joins it with others:
    https://github.com/BerriAI/litellm/blob/main/litellm/router_utils/cooldown_callbacks.py
    """
    state = f"max by (model_id) (max_over_time({queries.select(catalog.STATE)}[15m])) == 2"
    failed = series_of(records.FAILURES, {"exception_status": "500"})
    cooled = f'{catalog.STATE}{{model_id="x",litellm_model_name="group"}}'
    broken = {failed: growing(1), cooled: constant(2)}
    return Alert(
        "LLMGatewayDeploymentDown",
        f"{queries.total(records.FAILURES, _DEPLOYMENT)} > 0\n"
        f"unless on (model_id)\n{queries.total(records.SUCCESSES, 'model_id')} > 0\n"
        f"and on (model_id)\n{state}",
        for_="10m",
        severity="ticket",
        summary="The deployment {{ $labels.model_id }} of {{ $labels.litellm_model_name }} is down",
        description="Each attempt of the last 15 minutes failed, and the router cools it down.",
        tests=_tests(
            queries,
            "each attempt fails",
            fires=broken,
            quiet={**broken, series_of(records.SUCCESSES, {}): growing(1)},
        ),
    )


@dataclass(frozen=True)
class _Share:
    """The share of the attempts of a deployment that fail with some status."""

    queries: Queries
    status: Matcher

    @property
    def expr(self) -> str:
        failed = self.queries.total(records.FAILURES, _DEPLOYMENT, self.status)
        return f"{failed}\n/\n({self.queries.total(records.ATTEMPTS, _DEPLOYMENT)} >= 20)"

    def tests(self, name: str, status: str, *, fires: int, quiet: int) -> Sequence[AlertTest]:
        attempts, failed = (
            series_of(record, values)
            for record, values in ((records.ATTEMPTS, {}), (records.FAILURES, {"exception_status": status}))
        )
        return _tests(
            self.queries,
            name,
            fires={attempts: growing(100), failed: growing(fires)},
            quiet={attempts: growing(100), failed: growing(quiet)},
        )


def _deployment_failing(queries: Queries) -> Alert:
    share = _Share(queries, Matcher("exception_status", "!~", f"{_WRONG_REQUEST}|{_LIMITED}"))
    return Alert(
        "LLMGatewayDeploymentFailing",
        f"{share.expr}\n> 0.1",
        for_="10m",
        severity="ticket",
        summary="{{ $value | humanizePercentage }} of the attempts with the deployment {{ $labels.model_id }} fail",
        description="Retries and fallbacks hide it from users as long as others work. Its provider has an outage.",
        tests=share.tests("12 of 100 attempts fail", "503", fires=12, quiet=9),
    )


def _rate_limited(queries: Queries) -> Alert:
    share = _Share(queries, Matcher("exception_status", "=", _LIMITED))
    return Alert(
        "LLMGatewayRateLimited",
        f"{share.expr}\n> 0.05",
        for_="10m",
        severity="ticket",
        summary="{{ $labels.api_provider }} rejects {{ $value | humanizePercentage }} of the attempts with"
        " {{ $labels.model_id }}",
        description="Its limit of requests or tokens is too low. Raise it, add a deployment, or limit keys and teams.",
        tests=share.tests("6 of 100 attempts are rejected", _LIMITED, fires=6, quiet=4),
    )


def _cools_down(queries: Queries) -> Alert:
    cooled = series_of(records.COOLDOWNS, {"exception_status": "500"})
    return Alert(
        "LLMGatewayDeploymentCoolsDown",
        f"{queries.total(records.COOLDOWNS, 'model_id')} > 10",
        for_="5m",
        severity="ticket",
        summary="The deployment {{ $labels.model_id }} cools down again and again",
        description="It fails more often than `allowed_fails`. The panels of the deployments have the status.",
        tests=_tests(queries, "once a minute", fires={cooled: growing(1)}, quiet={cooled: constant(20)}),
    )


def _fallback_tests(queries: Queries, name: str, first: Record, second: Record) -> Sequence[AlertTest]:
    """Twice as many events of the first record as of the second one, and the other way round."""
    values = {"requested_model": "x"}
    if second is records.REQUESTS:
        values = {"requested_model": "x", "status_code": "200"}
    many, few = series_of(first, {}), series_of(second, values)
    return _tests(
        queries, name, fires={many: growing(20), few: growing(10)}, quiet={many: growing(1), few: growing(20)}
    )


def _fallbacks(queries: Queries) -> Alert:
    """Requests that fall back count as requests for the other model."""
    by = "requested_model"
    fell = queries.total(records.FALLBACKS, by)
    share = f"{fell}\n/\n({fell} + ({queries.total(records.REQUESTS, by)} or 0 * {fell}))"
    return Alert(
        "LLMGatewayFallbacks",
        f"{share}\n> 0.1\nand\n{fell} >= 5",
        for_="10m",
        severity="ticket",
        summary="{{ $value | humanizePercentage }} of the requests for {{ $labels.requested_model }} fall back",
        description="Users get answers of another model, with other costs and quality. Its own deployments fail.",
        tests=_fallback_tests(queries, "most requests fall back", records.FALLBACKS, records.REQUESTS),
    )


def _fallback_fails(queries: Queries) -> Alert:
    by = "requested_model"
    failed, fell = (queries.total(each, by) for each in (records.FAILED_FALLBACKS, records.FALLBACKS))
    return Alert(
        "LLMGatewayFallbackFails",
        f"{failed}\n/\n({failed} + ({fell} or 0 * {failed}))\n> 0.5\nand\n{failed} >= 5",
        for_="10m",
        severity="ticket",
        summary="{{ $value | humanizePercentage }} of the fallbacks of {{ $labels.requested_model }} fail",
        description="Its fallbacks do not exist, or have the same outage.",
        tests=_fallback_tests(queries, "most fallbacks fail", records.FAILED_FALLBACKS, records.FALLBACKS),
    )


def _without_price(queries: Queries) -> Alert:
    counter = series_of(records.WITHOUT_PRICE, {"reason": "missing_pricing_key"})
    return Alert(
        "LLMGatewayRequestsWithoutPrice",
        f"{queries.total(records.WITHOUT_PRICE, 'model, reason')} > 0",
        for_="5m",
        severity="ticket",
        summary="Requests for {{ $labels.model }} are logged with a cost of 0: {{ $labels.reason }}",
        description="They are missing in spend and budgets. Give the model a price in its `model_info`.",
        tests=_tests(queries, "one a minute", fires={counter: growing(1)}, quiet={counter: constant(7)}),
    )
