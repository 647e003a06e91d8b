"""The presets, each with a captured text of /metrics, and the alerts that fire in each scenario of it.

A new preset is a row here: its service, a text that its program wrote (`tests/captures`) or that `catalog_capture`
makes of its catalog, and what fires. A scenario without an entry fires nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog_capture import catalog_capture
from preset_cause_rows import CAUSE_ROWS
from preset_row import Row, captured

from obscode import Phase, Scenario, ScrapeJob, presets
from obscode.presets.http import DIALECTS
from obscode.presets.llm import ENGINES

# --- HTTP services ----------------------------------------------------------------------------------------------------

_HTTP_VALUES = {
    "process_start_time_seconds": 1.79e9,
    "http_server_duration_milliseconds": 20.0,
    "ray_serve_http_request_latency_ms": 20.0,
    "ray_serve_deployment_status": 6.0,
}
# Ray Serve replaces replicas that die; its deployments stay unhealthy instead.
_UNHEALTHY = Scenario("other faults", [Phase("2h", values={"ray_serve_deployment_status": 2})])


def _http(dialect: str, text: str = "", *, slow: Sequence[str] = ("LatencyBurnPage",)) -> Row:
    """``slow`` are the alerts of times that are ten times as long."""
    own = DIALECTS[dialect]
    service = presets.http_service(
        f"http-{dialect}",
        dialect=dialect,  # type: ignore[arg-type]
        scrape=ScrapeJob([f"{dialect}:8000"]),
        max_in_progress=40,
    )
    stopped = ["AvailabilityTrafficStopped", "LatencyTrafficStopped"]
    restarts = "other faults" if dialect == "ray-serve" else "crash loop"
    return Row(
        service,
        text or catalog_capture(own.catalog, _HTTP_VALUES),
        {
            "error burst": ["AvailabilityBurnPage"],
            "drain": stopped,
            "overload": [*slow, *(["HttpServiceSaturated"] if own.in_progress else [])],
            "stuck": [*stopped, *(["HttpServiceStuck"] if own.in_progress else [])],
            "down": [*stopped, "TargetDown"],
            restarts: ["HttpServiceRestarting"],
        },
        [_UNHEALTHY] if dialect == "ray-serve" else [],
        elsewhere={"HttpServiceSeveralWorkers": "a replay is one process"},
    )


# --- servers of language models ---------------------------------------------------------------------------------------

_LLM_VALUES = {
    "sglang:num_running_reqs": 6.0,
    "sglang:num_queue_reqs": 0.0,
    "sglang:token_usage": 0.4,
    "sglang:num_retracted_requests_total": 0.0,
    "sglang:prompt_tokens_total": 6e6,
    "sglang:generation_tokens_total": 2.4e6,
    "sglang:cached_tokens_total": 1e6,
    "sglang:time_to_first_token_seconds": 0.1,
    "sglang:request_time_per_output_token_seconds": 0.01,
    "sglang:e2e_request_latency_seconds": 4.0,
    "sglang:queue_time_seconds": 0.01,
    "sglang:inter_token_latency_seconds": 0.01,
    "sglang:realtime_tokens_total": 8e6,
    "tgi_queue_size": 0.0,
    "tgi_batch_current_size": 6.0,
    "tgi_request_failure": 0.0,
    "tgi_request_duration": 4.0,
    "tgi_request_queue_duration": 0.01,
    "tgi_request_generated_tokens": 200.0,
    "tgi_request_input_length": 500.0,
}


_ASLEEP = Scenario(
    "other faults",
    [Phase("2h", values={"vllm:engine_sleep_state": 0, "vllm:num_requests_waiting": 3})],
)


def _llm(engine: str, text: str = "", *, slow_with_full_cache: Sequence[str] = ()) -> Row:
    own = ENGINES[engine]
    service = presets.llm_serving(
        f"llm-{engine}",
        engine=engine,  # type: ignore[arg-type]
        scrape=ScrapeJob([f"{engine}:8000"]),
    )
    slow = [*(["FirstTokenBurnPage"] if own.first_token else []), "PerTokenBurnPage"]
    stopped = [alert.replace("BurnPage", "TrafficStopped") for alert in ("AvailabilityBurnPage", *slow)]
    fires = {
        "error burst": ["AvailabilityBurnPage"],
        "drain": stopped,
        "overload": ["LLMQueueLong", *slow],
        "stuck": ["LLMEngineStuck", "LLMQueueLong", *stopped],
        "down": [*stopped, "TargetDown"],
        "crash loop": ["LLMEngineRestarting"],
    }
    if own.cache_usage:
        fires["full cache"] = ["LLMCacheFull", "LLMPreemptions", "LLMQueueLong", *slow_with_full_cache]
    asleep = []
    if own.awake:
        asleep = [_ASLEEP]
        fires[_ASLEEP.name] = ["LLMEngineAsleep"]
    return Row(
        service,
        text or catalog_capture(own.catalog, _LLM_VALUES),
        fires,
        asleep,
        elsewhere={"LLMRequestsRejected": "the captured server rejected no request"} if own.rejected else {},
    )


# The HTTP server of vLLM has a middleware, beside the metrics of the engine.
_ANSWERS = catalog_capture(
    [metric for metric in ENGINES["vllm"].catalog if metric.name == "http_requests_total"],
    {"http_requests_total": 300},
    {"method": "POST", "status": "2xx", "handler": "/v1/chat/completions"},
)


# --- Triton -----------------------------------------------------------------------------------------------------------

_TRITON_VALUES = {
    "nv_inference_request_failure": 0.0,
    "nv_inference_pending_request_count": 0.0,
    "nv_inference_request_duration_us": 6e8,
    "nv_inference_queue_duration_us": 1e7,
    "nv_inference_first_response_histogram_ms": 50.0,
    "nv_gpu_utilization": 0.6,
    "nv_gpu_memory_used_bytes": 4e10,
    "nv_gpu_memory_total_bytes": 8e10,
    "nv_gpu_power_usage": 250.0,
    "nv_gpu_power_limit": 400.0,
}


def _triton() -> Row:
    service = presets.triton("models", scrape=ScrapeJob(["triton:8002"]), first_response="500ms", response_cache=True)
    return Row(
        service,
        catalog_capture(service.metrics, _TRITON_VALUES, {"reason": "REJECTED"}),
        {
            "error burst": ["AvailabilityBurnPage", "FirstResponseBurnPage", "TritonRequestsRejected"],
            "drain": ["AvailabilityTrafficStopped", "FirstResponseTrafficStopped"],
            "overload": ["FirstResponseBurnPage", "TritonQueueLong"],
            "stuck": [
                *("AvailabilityTrafficStopped", "FirstResponseTrafficStopped"),
                *("TritonModelStuck", "TritonQueueLong"),
            ],
            "down": ["AvailabilityTrafficStopped", "FirstResponseTrafficStopped", "TargetDown"],
            "crash loop": ["TritonRestarting"],
        },
    )


# --- gateways of language models --------------------------------------------------------------------------------------


def _gateway() -> Row:
    """The text without the deployments that fail, which fail in it all the time."""
    service = presets.llm_gateway("gateway", scrape=ScrapeJob(["gateway:4000"]))
    failing = ("mini-west", "turbo-east", "broken", '"other"', "zero_cost")
    lines = captured("litellm-1.106.2").splitlines(keepends=True)
    stopped = ["AvailabilityTrafficStopped", "FirstTokenTrafficStopped", "LatencyTrafficStopped"]
    no_failure = "no attempt fails in the text"
    return Row(
        service,
        "".join(line for line in lines if line.startswith("#") or not any(each in line for each in failing)),
        {
            "error burst": ["AvailabilityBurnTicket"],
            "drain": stopped,
            "overload": ["FirstTokenBurnPage"],
            "stuck": stopped,
            "down": [*stopped, "TargetDown"],
        },
        elsewhere={alert.name: "the other row has scenarios of it" for alert in service.alerts},
        empty={"Fallbacks": no_failure, "Failures by status": no_failure, "Cool-downs": no_failure},
    )


ROWS: Mapping[str, Row] = {
    "http: obscode": _http("obscode"),
    "http: fastapi-instrumentator": _http(
        "fastapi-instrumentator", captured("prometheus-fastapi-instrumentator-8.1.0")
    ),
    "http: starlette-exporter": _http("starlette-exporter", captured("starlette-exporter-0.24"), slow=()),
    "http: opentelemetry": _http("opentelemetry"),
    "http: opentelemetry-old": _http("opentelemetry-old"),
    "http: bentoml": _http("bentoml"),
    "http: ray-serve": _http("ray-serve"),
    "vllm": _llm("vllm", captured("vllm-0.33.0") + _ANSWERS),
    "sglang": _llm("sglang"),
    "tgi": _llm("tgi"),
    "triton": _triton(),
    "litellm: captured": _gateway(),
    **CAUSE_ROWS,
}
