"""vLLM 0.33: https://docs.vllm.ai/en/latest/usage/metrics.html. Its API server shows the metrics at /metrics."""

from __future__ import annotations

from obscode.model.metrics import Counter, Gauge, Histogram
from obscode.presets.llm.engine import Engine

_LABELS = ["model_name", "engine"]
_FIRST_TOKEN = [
    *(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560)
]
_PER_TOKEN = [*(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80)]
_REQUEST = [*(0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680)]

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
        Histogram("vllm:time_to_first_token_seconds", labels=_LABELS, buckets=_FIRST_TOKEN),
        Histogram("vllm:request_time_per_output_token_seconds", labels=_LABELS, buckets=_PER_TOKEN),
        Histogram("vllm:e2e_request_latency_seconds", labels=_LABELS, buckets=_REQUEST),
        Histogram("vllm:request_queue_time_seconds", labels=_LABELS, buckets=_REQUEST),
    ),
    model="model_name",
    first_token="vllm:time_to_first_token_seconds",
    per_token="vllm:request_time_per_output_token_seconds",
    duration="vllm:e2e_request_latency_seconds",
    queue_time="vllm:request_queue_time_seconds",
    # The counter counts all requests that ended, not the successful ones; those with "abort" the client abandoned.
    failed='vllm:request_success_total{finished_reason=~"error|repetition",finished_reason!="abort"}',
    requests='vllm:request_success_total{finished_reason!="abort"}',
    running="vllm:num_requests_running",
    waiting="vllm:num_requests_waiting",
    cache_usage="vllm:kv_cache_usage_perc",
    preempted="vllm:num_preemptions_total",
    prompt_tokens="vllm:prompt_tokens_total",
    generated_tokens="vllm:generation_tokens_total",
    prefix_hits="vllm:prefix_cache_hits_total",
    prefix_queries="vllm:prefix_cache_queries_total",
    bucket_flags={
        "vllm:time_to_first_token_seconds": "--custom-histogram-buckets '{{\"time_to_first_token\": [..., {bound}]}}'",
        "vllm:request_time_per_output_token_seconds": (
            "--custom-histogram-buckets '{{\"inter_token_latency\": [..., {bound}]}}'"
        ),
    },
)
