"""The metrics of Triton Inference Server 2.72.

https://github.com/triton-inference-server/core/blob/main/src/metrics.cc has the names, and metric_model_reporter.cc the
labels: a model has `namespace`, `gpu_uuid` and its tags if the server or the model is configured so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from obscode.model.metrics import Counter, Gauge, Histogram, Metric

VERSION = "2.72"
SOURCE = "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html"

SUCCESS = "nv_inference_request_success"
FAILURE = "nv_inference_request_failure"
INFERENCES = "nv_inference_count"
EXECUTIONS = "nv_inference_exec_count"
PENDING = "nv_inference_pending_request_count"
REQUEST_TIME = "nv_inference_request_duration_us"
QUEUE_TIME = "nv_inference_queue_duration_us"
INPUT_TIME = "nv_inference_compute_input_duration_us"
INFER_TIME = "nv_inference_compute_infer_duration_us"
OUTPUT_TIME = "nv_inference_compute_output_duration_us"
FIRST_RESPONSE = "nv_inference_first_response_histogram_ms"
CACHE_HITS = "nv_cache_num_hits_per_model"
CACHE_MISSES = "nv_cache_num_misses_per_model"
CACHE_HIT_TIME = "nv_cache_hit_duration_per_model"
GPU_USED = "nv_gpu_utilization"
GPU_MEMORY_USED, GPU_MEMORY = "nv_gpu_memory_used_bytes", "nv_gpu_memory_total_bytes"
GPU_POWER, GPU_POWER_LIMIT = "nv_gpu_power_usage", "nv_gpu_power_limit"
LLM_REQUESTS = "nv_trt_llm_request_metrics"
LLM_CACHE = "nv_trt_llm_kv_cache_block_metrics"
LLM_OUTPUT_TOKENS, LLM_INPUT_TOKENS = "nv_llm_output_token_len", "nv_llm_input_token_len"

#: The bounds of the histogram, in milliseconds, if the model's configuration has no others.
DEFAULT_BOUNDS = (100, 500, 2000, 5000)
#: The failures that clients cause: they cancel the request.
CANCELED = "CANCELED"

_MODEL = ("model", "version")
_REASONS: Mapping[str, Sequence[str]] = {
    "model": (),
    "version": (),
    "reason": ("REJECTED", CANCELED, "BACKEND", "OTHER"),
}
_TOKENS = (10, 50, 100, 500, 1000)

MODELS: Sequence[Metric] = (
    Counter(SUCCESS, labels=_MODEL, more_labels=True),
    Counter(FAILURE, labels=_REASONS, more_labels=True),
    Counter(INFERENCES, labels=_MODEL, more_labels=True),
    Counter(EXECUTIONS, labels=_MODEL, more_labels=True),
    Gauge(PENDING, labels=_MODEL, more_labels=True),
    Counter(REQUEST_TIME, labels=_MODEL, more_labels=True),
    Counter(QUEUE_TIME, labels=_MODEL, more_labels=True),
    Counter(INPUT_TIME, labels=_MODEL, more_labels=True),
    Counter(INFER_TIME, labels=_MODEL, more_labels=True),
    Counter(OUTPUT_TIME, labels=_MODEL, more_labels=True),
)
#: Of models with `response_cache { enable: true }`; the time is in microseconds.
RESPONSE_CACHE: Sequence[Metric] = (
    Counter(CACHE_HITS, labels=_MODEL, more_labels=True),
    Counter(CACHE_MISSES, labels=_MODEL, more_labels=True),
    Counter(CACHE_HIT_TIME, labels=_MODEL, unit="microseconds", more_labels=True),
)
GPUS: Sequence[Metric] = (
    Gauge(GPU_USED, labels=["gpu_uuid"], unit="percentunit"),
    Gauge(GPU_MEMORY_USED, labels=["gpu_uuid"]),
    Gauge(GPU_MEMORY, labels=["gpu_uuid"]),
    Gauge(GPU_POWER, labels=["gpu_uuid"], unit="watts"),
    Gauge(GPU_POWER_LIMIT, labels=["gpu_uuid"], unit="watts"),
)
#: Of the backend TensorRT-LLM: triton_backend/inflight_batcher_llm/src/custom_metrics_reporter in its repository. A
#: label says what each value means, so they are never summed. `fraction` of the cache is not read: the backend writes
#: values by their position, so that one which it does not have moves the last ones to another label.
TENSORRT_LLM: Sequence[Metric] = (
    Gauge(LLM_REQUESTS, labels=[*_MODEL, "request_type"]),
    Gauge(LLM_CACHE, labels=[*_MODEL, "kv_cache_block_type"]),
    Histogram(LLM_OUTPUT_TOKENS, labels=[*_MODEL, "response_metric_type"], buckets=_TOKENS, unit="tokens"),
    Histogram(LLM_INPUT_TOKENS, labels=[*_MODEL, "response_metric_type"], buckets=_TOKENS, unit="tokens"),
)


def first_response(bounds: Sequence[float]) -> Histogram:
    """The histogram of the time to the first response, which the server has if it is started so."""
    return Histogram(FIRST_RESPONSE, labels=_MODEL, buckets=tuple(bounds) or DEFAULT_BOUNDS, more_labels=True)
