"""SGLang 0.5.23, started with --enable-metrics: https://docs.sglang.ai/references/production_metrics.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from obscode.model.metrics import Counter, Gauge, Histogram
from obscode.presets.llm.engine import Engine

_LABELS = ["model_name", "engine_type"]
_STREAMING = [*_LABELS, "is_streaming"]
_FIRST_TOKEN = [*(0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 20, 40, 60, 80, 100, 200, 400)]
_PER_TOKEN = [
    *(0.002, 0.004, 0.006, 0.008, 0.01, 0.015, 0.02, 0.025, 0.03, 0.035, 0.04, 0.06, 0.08),
    *(0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8),
]
_REQUEST = [*(0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 20, 40, 60, 80, 100, 200, 400, 600, 1200, 1800, 2400)]
_QUEUE = [
    *(0, 0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100, 200, 300),
    *(400, 500, 600, 700, 800, 900, 1000, 1200, 1400, 1600, 1800, 2000, 2500, 3000),
]


def _flag(bounds: Mapping[str, Sequence[float]]) -> str:
    return " ".join(f"--bucket-{key} {' '.join(f'{bound:g}' for bound in each)}" for key, each in bounds.items())


SGLANG = Engine(
    "sglang",
    "SGLang",
    "0.5.23",
    source="https://docs.sglang.ai/references/production_metrics.html",
    prefix="sglang:",
    catalog=(
        # The labels of the scheduler depend on its parallelism.
        Gauge("sglang:num_running_reqs", labels=_LABELS, more_labels=True),
        Gauge("sglang:num_queue_reqs", labels=_LABELS, more_labels=True),
        Gauge("sglang:token_usage", labels=_LABELS, more_labels=True, help="Used share of the KV cache, 0 to 1."),
        Counter("sglang:num_retracted_requests_total", more_labels=True),
        Counter("sglang:prompt_tokens_total", labels=_STREAMING, more_labels=True),
        Counter("sglang:generation_tokens_total", labels=_STREAMING, more_labels=True),
        Counter("sglang:cached_tokens_total", labels=_LABELS, more_labels=True),
        Counter("sglang:num_requests_total", labels=_STREAMING, more_labels=True),
        Counter("sglang:http_requests_total", labels=["endpoint", "method"]),
        Counter("sglang:http_responses_total", labels=["endpoint", "method", "status_code"]),
        Gauge("sglang:http_requests_active", labels=["endpoint", "method"]),
        Counter("sglang:realtime_tokens_total", labels=[*_LABELS, "mode"], more_labels=True),
        Histogram("sglang:queue_time_seconds", labels=_LABELS, buckets=_QUEUE, more_labels=True),
        Histogram("sglang:inter_token_latency_seconds", labels=_LABELS, buckets=_PER_TOKEN, more_labels=True),
        Histogram("sglang:time_to_first_token_seconds", labels=_STREAMING, buckets=_FIRST_TOKEN, more_labels=True),
        Histogram(
            "sglang:request_time_per_output_token_seconds", labels=_STREAMING, buckets=_PER_TOKEN, more_labels=True
        ),
        Histogram("sglang:e2e_request_latency_seconds", labels=_STREAMING, buckets=_REQUEST, more_labels=True),
    ),
    model="model_name",
    # The first token of a request that is not streamed is its last one.
    first_token='sglang:time_to_first_token_seconds{is_streaming="true"}',
    per_token="sglang:request_time_per_output_token_seconds",
    duration="sglang:e2e_request_latency_seconds",
    inter_token="sglang:inter_token_latency_seconds",
    queue_time="sglang:queue_time_seconds",
    failed='sglang:http_responses_total{endpoint=~"/v1/.*|/generate",status_code=~"5.."}',
    requests='sglang:http_responses_total{endpoint=~"/v1/.*|/generate"}',
    # A request whose handler raises is counted when it arrives, and has no response.
    http_requests='sglang:http_requests_total{endpoint=~"/v1/.*|/generate"}',
    http_active='sglang:http_requests_active{endpoint=~"/v1/.*|/generate"}',
    running="sglang:num_running_reqs",
    waiting="sglang:num_queue_reqs",
    cache_usage="sglang:token_usage",
    preempted="sglang:num_retracted_requests_total",
    prompt_tokens="sglang:prompt_tokens_total",
    generated_tokens="sglang:generation_tokens_total",
    progress="sglang:realtime_tokens_total",
    prefix_hits="sglang:cached_tokens_total",
    prefix_queries="sglang:prompt_tokens_total",
    bucket_flag=_flag,
    bucket_keys={
        "sglang:time_to_first_token_seconds": "time-to-first-token",
        "sglang:request_time_per_output_token_seconds": "inter-token-latency",
        "sglang:inter_token_latency_seconds": "inter-token-latency",
    },
)
