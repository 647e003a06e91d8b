"""vLLM 0.33: https://docs.vllm.ai/en/latest/usage/metrics.html. Its API server shows the metrics at /metrics.

The names that SLOs read are those since 0.11. Before, the KV cache was `vllm:gpu_cache_usage_perc`, and the time per
output token `vllm:time_per_output_token_seconds`. 0.33 has `--custom-histogram-buckets`; 0.26 does not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from obscode.model.metrics import Counter, Gauge, Histogram
from obscode.presets.llm.engine import Engine

_LABELS = ["model_name", "engine"]
_FIRST_TOKEN = [
    *(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560)
]
_PER_TOKEN = [*(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80)]
_REQUEST = [*(0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680)]

_STEP = [*(1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)]


def _flag(bounds: Mapping[str, Sequence[float]]) -> str:
    return f"--custom-histogram-buckets '{json.dumps(bounds)}'" if bounds else ""


VLLM = Engine(
    "vllm",
    "vLLM",
    "0.33",
    source="https://docs.vllm.ai/en/latest/usage/metrics.html",
    prefix="vllm:",
    catalog=(
        Gauge("vllm:num_requests_running", labels=_LABELS),
        Gauge("vllm:num_requests_waiting", labels=_LABELS),
        Gauge("vllm:kv_cache_usage_perc", labels=_LABELS, help="Used share of the KV cache, 0 to 1."),
        Counter("vllm:num_preemptions_total", labels=_LABELS),
        Counter("vllm:prompt_tokens_total", labels=_LABELS),
        Counter("vllm:generation_tokens_total", labels=_LABELS),
        Counter("vllm:prefix_cache_queries_total", labels=_LABELS),
        Counter("vllm:prefix_cache_hits_total", labels=_LABELS),
        Counter("vllm:request_success_total", labels=[*_LABELS, "finished_reason"]),
        Counter("vllm:admission_rejections_total", labels=["model_name", "reason"]),
        Gauge("vllm:num_requests_waiting_by_reason", labels=[*_LABELS, "reason"]),
        Gauge("vllm:engine_sleep_state", labels=[*_LABELS, "sleep_state"]),
        Counter("http_requests_total", labels=["handler", "method", "status"]),
        Histogram("vllm:time_to_first_token_seconds", labels=_LABELS, buckets=_FIRST_TOKEN),
        Histogram("vllm:request_time_per_output_token_seconds", labels=_LABELS, buckets=_PER_TOKEN),
        Histogram("vllm:inter_token_latency_seconds", labels=_LABELS, buckets=_PER_TOKEN),
        Histogram("vllm:iteration_tokens_total", labels=_LABELS, buckets=_STEP),
        Histogram("vllm:e2e_request_latency_seconds", labels=_LABELS, buckets=_REQUEST),
        Histogram("vllm:request_queue_time_seconds", labels=_LABELS, buckets=_REQUEST),
    ),
    opt_in=(
        Counter("vllm:spec_decode_num_draft_tokens_total", labels=_LABELS),
        Counter("vllm:spec_decode_num_accepted_tokens_total", labels=_LABELS),
    ),
    model="model_name",
    first_token="vllm:time_to_first_token_seconds",
    per_token="vllm:request_time_per_output_token_seconds",
    duration="vllm:e2e_request_latency_seconds",
    queue_time="vllm:request_queue_time_seconds",
    inter_token="vllm:inter_token_latency_seconds",
    # The counter counts all requests that ended, not the successful ones; those with "abort" the client abandoned.
    failed='vllm:request_success_total{finished_reason="error",finished_reason!="abort"}',
    requests='vllm:request_success_total{finished_reason!="abort"}',
    # Without an engine, requests get the status 500 and end nowhere. The route is "none" with some versions of FastAPI;
    # probes are requests with GET.
    http_failed='http_requests_total{method="POST",status="5xx"}',
    http_responses='http_requests_total{method="POST"}',
    finished="vllm:request_success_total",
    finish_reason="finished_reason",
    rejected="vllm:admission_rejections_total",
    # The router of the production stack exports these two again, with the label `server` instead of the model.
    running='vllm:num_requests_running{model_name!=""}',
    waiting='vllm:num_requests_waiting{model_name!=""}',
    waiting_by_reason="vllm:num_requests_waiting_by_reason",
    awake='vllm:engine_sleep_state{sleep_state="awake"}',
    cache_usage="vllm:kv_cache_usage_perc",
    preempted="vllm:num_preemptions_total",
    prompt_tokens="vllm:prompt_tokens_total",
    generated_tokens="vllm:generation_tokens_total",
    step_tokens="vllm:iteration_tokens_total",
    drafted="vllm:spec_decode_num_draft_tokens_total",
    accepted="vllm:spec_decode_num_accepted_tokens_total",
    prefix_hits="vllm:prefix_cache_hits_total",
    prefix_queries="vllm:prefix_cache_queries_total",
    bucket_flag=_flag,
    # One key has the bounds of both.
    bucket_keys={
        "vllm:time_to_first_token_seconds": "time_to_first_token",
        "vllm:request_time_per_output_token_seconds": "inter_token_latency",
        "vllm:inter_token_latency_seconds": "inter_token_latency",
    },
)
