"""The metrics of the proxy of LiteLLM 1.106 that the preset reads.

https://github.com/BerriAI/litellm/blob/main/litellm/types/integrations/prometheus.py has the labels. Most can
be removed with `prometheus_metrics_config`, and further ones added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from obscode.model.metrics import Counter, Gauge, Histogram, Metric

VERSION = "1.106"
SOURCE = "https://docs.litellm.ai/docs/proxy/prometheus"

REQUESTS = "litellm_proxy_total_requests_metric_total"
FIRST_TOKEN = "litellm_llm_api_time_to_first_token_metric"
LATENCY = "litellm_request_total_latency_metric"
OVERHEAD = "litellm_overhead_latency_metric"
SPEND = "litellm_spend_metric_total"
INPUT_TOKENS, OUTPUT_TOKENS = "litellm_input_tokens_metric_total", "litellm_output_tokens_metric_total"
WITHOUT_PRICE = "litellm_zero_cost_requests_total"
STATE = "litellm_deployment_state"
ATTEMPTS = "litellm_deployment_total_requests_total"
SUCCESSES = "litellm_deployment_success_responses_total"
FAILURES = "litellm_deployment_failure_responses_total"
COOLDOWNS = "litellm_deployment_cooled_down_total"
FALLBACKS = "litellm_deployment_successful_fallbacks_total"
FAILED_FALLBACKS = "litellm_deployment_failed_fallbacks_total"
REMAINING_REQUESTS, REMAINING_TOKENS = "litellm_remaining_requests_metric", "litellm_remaining_tokens_metric"
PROVIDER_BUDGET = "litellm_provider_remaining_budget_metric"

#: The bounds of the histograms in seconds, if `prometheus_latency_buckets` sets no others.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 420, 600)

_KEY = ("hashed_api_key", "api_key_alias")
_TEAM = ("team", "team_alias")
_ORG = ("org_id", "org_alias")
_USER = ("end_user", "user")
_CLIENT = ("client_ip", "user_agent")
_MODEL = ("requested_model", "model_id", "api_provider")
_DEPLOYMENT = ("litellm_model_name", "model_id", "api_base", "api_provider")
_ATTEMPT = ("model_group", "requested_model", *_DEPLOYMENT, *_KEY, *_TEAM, *_CLIENT)
_FALLBACK = ("requested_model", "fallback_model", "exception_status", "exception_class", "model_id", *_KEY, *_TEAM)
_TIME = ("model_group", "model", "service_tier", *_MODEL, *_USER, *_KEY, *_TEAM, *_ORG)
_TOKENS = ("model", *_MODEL, *_USER, "user_email", *_KEY, *_TEAM, *_ORG)
_LIMIT = ("model_group", *_DEPLOYMENT, *_KEY)


@dataclass(frozen=True)
class Budget:
    """A kind of budget: of what it is, and its series.

    Attributes:
        whose: in texts.
        labels: those of its series; the last one is the name that people know.
    """

    name: str
    whose: str
    labels: Sequence[str]

    @property
    def remaining(self) -> str:
        """What may still be spent, in USD; `+Inf` without a budget."""
        return f"litellm_remaining_{self.name}_budget_metric"

    @property
    def most(self) -> str:
        """The budget, in USD; it has no series without one."""
        return f"litellm_{self.name}_max_budget_metric"

    @property
    def hours(self) -> str:
        """The hours until the budget begins anew."""
        return f"litellm_{self.name}_budget_remaining_hours_metric"

    def catalog(self) -> Sequence[Metric]:
        """Its metrics."""
        return [Gauge(each, labels=self.labels, more_labels=True) for each in (self.remaining, self.most, self.hours)]


#: The kinds of budgets, by name.
BUDGETS: Mapping[str, Budget] = {
    each.name: each
    for each in (
        Budget("team", "team", _TEAM),
        Budget("api_key", "key", _KEY),
        Budget("org", "organisation", _ORG),
        Budget("user", "user", ("user",)),
        Budget("customer", "customer", ("end_user",)),
    )
}


def catalog(buckets: Sequence[float] = (), budgets: Sequence[str] = tuple(BUDGETS)) -> Sequence[Metric]:
    """The metrics of a gateway with these bounds and kinds of budgets."""
    bounds = tuple(buckets) or BUCKETS
    counters = {
        REQUESTS: (*_MODEL, *_USER, "user_email", "status_code", "route", *_KEY, *_TEAM, *_ORG, *_CLIENT),
        SPEND: (*_TOKENS, *_CLIENT, "service_tier"),
        INPUT_TOKENS: _TOKENS,
        OUTPUT_TOKENS: _TOKENS,
        WITHOUT_PRICE: ("model", *_MODEL, "reason"),
        ATTEMPTS: _ATTEMPT,
        SUCCESSES: _ATTEMPT,
        FAILURES: (*_ATTEMPT, "exception_status", "exception_class"),
        COOLDOWNS: (*_DEPLOYMENT, "exception_status"),
        FALLBACKS: _FALLBACK,
        FAILED_FALLBACKS: _FALLBACK,
    }
    histograms = {
        FIRST_TOKEN: _TIME,
        LATENCY: _TIME,
        OVERHEAD: ("model_group", *_DEPLOYMENT, *_KEY),
    }
    gauges = {STATE: _DEPLOYMENT, REMAINING_REQUESTS: _LIMIT, REMAINING_TOKENS: _LIMIT}
    if "provider" in budgets:
        gauges[PROVIDER_BUDGET] = ("api_provider",)
    return [
        *(Counter(name, labels=labels, more_labels=True) for name, labels in counters.items()),
        *(Histogram(name, labels=labels, buckets=bounds, more_labels=True) for name, labels in histograms.items()),
        *(Gauge(name, labels=labels, more_labels=True) for name, labels in gauges.items()),
        *(metric for kind in budgets if kind in BUDGETS for metric in BUDGETS[kind].catalog()),
    ]
