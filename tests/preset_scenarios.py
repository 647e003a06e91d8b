"""The presets, each with a captured text of /metrics, and the alerts that fire in each scenario of it.

A new preset is a row here: its service, a text that its program wrote (`tests/captures`) or that `catalog_capture`
makes of its catalog, and what fires. A scenario without an entry fires nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalog_capture import catalog_capture

from obscode import Phase, Scenario, ScrapeJob, Service, presets
from obscode.model.metrics import Counter
from obscode.presets.http import DIALECTS
from obscode.presets.llm import ENGINES
from obscode.presets.machines import node_metrics

_CAPTURES = Path(__file__).parent / "captures"


@dataclass(frozen=True)
class Row:
    """A preset under `obscode fake`.

    Attributes:
        service: what the preset returns.
        text: a text of /metrics.
        fires: the alerts that fire, by scenario; those of SLOs without the name of the service.
        scenarios: scenarios of alerts that no scenario of the text shows.
        elsewhere: alerts that no scenario can show, with the reason.
        empty: queries of panels without data on a normal load, by the title of the panel, with the reason.
    """

    service: Service
    text: str
    fires: Mapping[str, Sequence[str]]
    scenarios: Sequence[Scenario] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    empty: Mapping[str, str] = field(default_factory=dict)


def captured(name: str) -> str:
    """A text that a program wrote."""
    return (_CAPTURES / f"{name}.metrics.txt").read_text()


# --- HTTP services ----------------------------------------------------------------------------------------------------

_HTTP_VALUES = {
    "process_start_time_seconds": 1.79e9,
    "http_server_duration_milliseconds": 20.0,
    "ray_serve_http_request_latency_ms": 20.0,
    "ray_serve_deployment_status": 6.0,
}
# Ray Serve replaces replicas that die; its deployments stay unhealthy instead.
_UNHEALTHY = Scenario("unhealthy deployment", [Phase("2h", values={"ray_serve_deployment_status": 2})])


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
    restarts = "unhealthy deployment" if dialect == "ray-serve" else "crash loop"
    return Row(
        service,
        text or catalog_capture(own.catalog, _HTTP_VALUES),
        {
            "error burst": ["AvailabilityBurnPage"],
            "drain": stopped,
            "overload": [*slow, *(["HttpServiceSaturated"] if own.in_progress else [])],
            "stuck": [*stopped, *(["HttpServiceStuck"] if own.in_progress else [])],
            restarts: ["HttpServiceRestarting"],
        },
        [_UNHEALTHY] if dialect == "ray-serve" else [],
        {"HttpServiceSeveralWorkers": "a replay is one process"},
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
    "asleep",
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
        {"LLMRequestsRejected": "the captured server rejected no request"} if own.rejected else {},
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
        },
    )


# --- GPUs and machines ------------------------------------------------------------------------------------------------

_ABSENT = "a replay shows all series of its text"


def _values(name: str, **values: float) -> Scenario:
    """A scenario in which gauges have other values from the second hour on."""
    return Scenario(name, [Phase("1h", values=values)])


_GPUS = Row(
    presets.gpu_fleet("gpus", scrape=ScrapeJob(["gpus:9400"])),
    captured("dcgm-exporter-4.6"),
    {
        "broken GPU": ["GpuRowRemapFailed", "GpuXidHardware"],
        "broken job": ["GpuXidApplication"],
        "hot GPU": ["GpuHot", "GpuMemoryHot", "GpuXidOther"],
        "idle GPU": ["GpuIdle"],
        "driver without answers": ["GpuExporterWithoutGpus"],
    },
    [
        _values("broken GPU", DCGM_FI_DEV_XID_ERRORS=79, DCGM_FI_DEV_ROW_REMAP_FAILURE=1),
        _values("broken job", DCGM_FI_DEV_XID_ERRORS=31),
        _values("hot GPU", DCGM_FI_DEV_XID_ERRORS=63, DCGM_FI_DEV_GPU_TEMP=91, DCGM_FI_DEV_MEMORY_TEMP=96),
        _values("idle GPU", DCGM_FI_PROF_GR_ENGINE_ACTIVE=0.01, DCGM_FI_DEV_GPU_UTIL=1),
        _values(
            "driver without answers",
            DCGM_FI_DEV_GPU_TEMP=9223372036854775794,
            DCGM_FI_DEV_MEMORY_TEMP=9223372036854775794,
            DCGM_FI_DEV_POWER_USAGE=140737488355328,
        ),
    ],
    {
        "GpuLost": _ABSENT,
        "GpuExporterDown": _ABSENT,
        "GpuExporterAbsent": _ABSENT,
        "GpuRowsRemapped": "counters of a replay grow with its load",
    },
    {"New XIDs": "there are none"},
)

_IDLE_COUNTERS = {
    metric.name: 0.0
    for metric in node_metrics.catalog(node_metrics.DEFAULT_COLLECTORS)
    if isinstance(metric, Counter) and "cpu_seconds" not in metric.name and "bytes" not in metric.name
}
_NODES = Row(
    presets.node("nodes", scrape=ScrapeJob(["nodes:9100"])),
    catalog_capture(
        node_metrics.catalog(node_metrics.DEFAULT_COLLECTORS),
        {
            **_IDLE_COUNTERS,
            "node_boot_time_seconds": 1.79e9,
            "node_memory_MemTotal_bytes": 64e9,
            "node_memory_MemAvailable_bytes": 32e9,
            "node_filesystem_size_bytes": 1e12,
            "node_filesystem_avail_bytes": 6e11,
            "node_filesystem_files": 1e8,
            "node_filesystem_files_free": 9e7,
            "node_filesystem_readonly": 0.0,
            "node_filefd_maximum": 1e6,
            "node_filefd_allocated": 1e4,
            "node_nf_conntrack_entries_limit": 262144.0,
            "node_nf_conntrack_entries": 300.0,
            "node_timex_offset_seconds": 0.001,
            "node_timex_maxerror_seconds": 0.1,
            "node_textfile_scrape_error": 0.0,
        },
        {"mode": "idle", "cpu": "0", "device": "sda", "fstype": "ext4", "mountpoint": "/"},
    ),
    {
        "crash loop": ["NodeRestarted"],
        "full disk": [
            "NodeFilesystemFilesFillingUp",
            "NodeFilesystemFilesFull",
            "NodeFilesystemFillingUp",
            "NodeFilesystemFull",
        ],
        "no memory": ["NodeMemoryFull"],
        "overload of a machine": ["NodeConnectionsRunOut", "NodeFilesRunOut", "NodeOverloaded"],
        "wrong clock": ["NodeClockNotSynchronised", "NodeClockWrong"],
        "broken file": ["NodeTextfileError"],
        "restart": ["NodeRestarted"],
    },
    [
        _values("full disk", node_filesystem_avail_bytes=4e10, node_filesystem_files_free=4e6),
        _values("no memory", node_memory_MemAvailable_bytes=6e9),
        _values("overload of a machine", node_load1=3, node_filefd_allocated=7.1e5, node_nf_conntrack_entries=2e5),
        _values("wrong clock", node_timex_offset_seconds=0.1, node_timex_sync_status=0, node_timex_maxerror_seconds=16),
        _values("broken file", node_textfile_scrape_error=1),
        _values("restart", node_boot_time_seconds=1.7900036e9),
    ],
    {
        "NodeDown": _ABSENT,
        **dict.fromkeys(
            [
                "NodeOutOfMemory",
                "NodeDiskSaturated",
                "NodeNetworkReceiveErrors",
                "NodeNetworkTransmitErrors",
                "NodeMemoryPressure",
                "NodeIoPressure",
            ],
            "values of a replay do not change at a pace that it can set",
        ),
    },
    {"Pages from disk": "its metric has no type", "Ended processes": "its metric has no type"},
)

# --- gateways of language models --------------------------------------------------------------------------------------


def _gateway() -> Row:
    """The text without the deployments that fail, which fail in it all the time."""
    service = presets.llm_gateway("litellm", scrape=ScrapeJob(["litellm:4000"]))
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
        },
        elsewhere={alert.name: "its unit tests show it: no scenario is about deployments" for alert in service.alerts},
        empty={"Fallbacks": no_failure, "Failures by status": no_failure, "Cool-downs": no_failure},
    )


ROWS: Mapping[str, Row] = {
    "GPUs": _GPUS,
    "machines": _NODES,
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
    "litellm": _gateway(),
}
