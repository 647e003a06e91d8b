"""Presets of causes, of programs around a service and of models: rows of the table in `preset_scenarios`.

The scenario `faults` sets what each of their alerts is about.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog_capture import catalog_capture
from preset_row import Row, captured

from obscode import Phase, Scenario, ScrapeJob, presets
from obscode.presets.triton_server import catalog as triton


def _faults(values: Mapping[str, float]) -> Scenario:
    return Scenario("faults", [Phase("30m", values=values)])


# --- servers ----------------------------------------------------------------------------------------------------------

_TRITON_VALUES = {"nv_inference_pending_request_count": 0.0, "nv_gpu_utilization": 0.8}
_TRITON = catalog_capture([*triton.MODELS, *triton.GPUS], _TRITON_VALUES, {"reason": ["OTHER", "REJECTED"]})
_TOKENS = catalog_capture([metric for metric in triton.TENSORRT_LLM if metric.name.startswith("nv_llm_")])
_TRITON_FIRES = {
    "error burst": ["AvailabilityBurnPage", "TritonRequestsRejected"],
    "drain": ["AvailabilityTrafficStopped"],
    "overload": ["TritonQueueLong"],
    "stuck": ["AvailabilityTrafficStopped", "TritonModelStuck", "TritonQueueLong"],
    "crash loop": ["TritonRestarting"],
    "down": ["AvailabilityTrafficStopped", "TargetDown"],
}
_LITELLM = presets.llm_gateway("litellm", scrape=ScrapeJob(["litellm:4000"]), budgets=["team", "api_key", "provider"])
_LITELLM_VALUES = {
    "litellm_deployment_cooled_down_total": 0.0,
    "litellm_deployment_successful_fallbacks_total": 0.0,
    "litellm_zero_cost_requests_total": 0.0,
    "litellm_deployment_state": 0.0,
    "litellm_remaining_team_budget_metric": 50.0,
    "litellm_team_max_budget_metric": 200.0,
    "litellm_remaining_api_key_budget_metric": 30.0,
    "litellm_api_key_max_budget_metric": 50.0,
    "litellm_provider_remaining_budget_metric": 60.0,
}

_LITELLM_STOPPED = [f"{slo}TrafficStopped" for slo in ("Availability", "FirstToken", "Latency")]
_LITELLM_FAULTS = {
    'litellm_proxy_total_requests_metric_total{status_code="500"}': 10.0,
    'litellm_deployment_failure_responses_total{exception_status="500"}': 2.0,
    'litellm_deployment_failure_responses_total{exception_status="429"}': 1.0,
    "litellm_deployment_cooled_down_total": 0.01,
    "litellm_deployment_successful_fallbacks_total": 2.0,
    "litellm_deployment_failed_fallbacks_total": 4.0,
    "litellm_zero_cost_requests_total": 0.1,
    "litellm_remaining_team_budget_metric": 10.0,
    "litellm_remaining_api_key_budget_metric": 0.0,
    "litellm_provider_remaining_budget_metric": -1.0,
}
_DEPLOYMENT_DOWN = {
    "litellm_deployment_success_responses_total": 0.0,
    'litellm_deployment_failure_responses_total{exception_status="500"}': 5.0,
    "litellm_deployment_state": 2.0,
    "litellm_remaining_team_budget_metric": -3.0,
    "litellm_remaining_api_key_budget_metric": 4.0,
}

# --- machines ---------------------------------------------------------------------------------------------------------

_NODES = presets.node("nodes", scrape=ScrapeJob(["node:9100"]))
_NODE_VALUES = {
    "node_boot_time_seconds": 1.79e9,
    "node_cpu_seconds_total": 300.0,
    "node_load1": 0.5,
    "node_memory_MemAvailable_bytes": 8e9,
    "node_memory_MemTotal_bytes": 1.6e10,
    "node_vmstat_oom_kill": 0.0,
    "node_filesystem_avail_bytes": 6e10,
    "node_filesystem_size_bytes": 1e11,
    "node_filesystem_files_free": 6e6,
    "node_filesystem_files": 1e7,
    "node_filesystem_readonly": 0.0,
    "node_disk_io_time_weighted_seconds_total": 60.0,
    "node_filefd_allocated": 2000.0,
    "node_filefd_maximum": 1e5,
    "node_timex_offset_seconds": 0.0001,
    "node_timex_maxerror_seconds": 0.1,
    "node_textfile_scrape_error": 0.0,
    **{f"node_pressure_{name}_seconds_total": 6.0 for name in ("cpu_waiting", "memory_waiting", "io_waiting")},
    **{f"node_pressure_{name}_seconds_total": 6.0 for name in ("memory_stalled", "io_stalled")},
    **{f"node_network_{way}_{what}_total": 0.0 for way in ("receive", "transmit") for what in ("errs", "drop")},
    "node_nf_conntrack_entries": 1000.0,
    "node_nf_conntrack_entries_limit": 65536.0,
}
_NODE_FAULTS = {
    "node_load1": 100.0,
    "node_memory_MemAvailable_bytes": 1e8,
    "node_vmstat_oom_kill": 3.0,
    "node_filesystem_avail_bytes": 1e9,
    "node_filesystem_files_free": 1e4,
    "node_disk_io_time_weighted_seconds_total": 20.0,
    "node_filefd_allocated": 9e4,
    "node_timex_offset_seconds": 0.2,
    "node_timex_sync_status": 0.0,
    "node_timex_maxerror_seconds": 16.0,
    "node_textfile_scrape_error": 1.0,
    "node_pressure_memory_stalled_seconds_total": 0.5,
    "node_pressure_io_stalled_seconds_total": 0.5,
    "node_network_receive_errs_total": 3.0,
    "node_network_transmit_errs_total": 3.0,
    "node_nf_conntrack_entries": 6e4,
}
_PROCESSES = presets.process("jobs", scrape=ScrapeJob(["job:8000"]))
_PROCESS_VALUES = {
    "process_open_fds": 20.0,
    "process_max_fds": 1024.0,
    "process_start_time_seconds": 1.79e9,
    "process_resident_memory_bytes": 1e8,
    "process_cpu_seconds_total": 60.0,
}
_BLANK = 9223372036854775794.0
_WITHOUT_GPUS = Scenario("other faults", [Phase("30m", values={"DCGM_FI_DEV_GPU_TEMP": _BLANK})])
_GPU_FAULTS = {
    'DCGM_FI_DEV_XID_ERRORS{gpu="0",hostname="node-a"}': 79.0,
    'DCGM_FI_DEV_XID_ERRORS{gpu="1",hostname="node-a"}': 13.0,
    'DCGM_FI_DEV_XID_ERRORS{hostname="node-b"}': 63.0,
    "DCGM_FI_DEV_ROW_REMAP_FAILURE": 1.0,
    "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS": 4.0,
    'DCGM_FI_DEV_GPU_TEMP{gpu="1",hostname="node-a"}': _BLANK,
    'DCGM_FI_DEV_GPU_TEMP{hostname="node-b"}': 95.0,
    "DCGM_FI_DEV_MEMORY_TEMP": 99.0,
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE": 0.0,
}

# --- a canary ---------------------------------------------------------------------------------------------------------

_WEB = presets.http_service(
    "web",
    dialect="starlette-exporter",
    scrape=[
        ScrapeJob(["web-a:8000"], job="web-stable", labels={"track": "stable"}),
        ScrapeJob(["web-b:8000"], job="web-candidate", labels={"track": "canary"}),
    ],
)
_CANARY_FAULTS = {'starlette_requests_total{status_code="500",track="canary"}': 2.0}

# --- quality and jobs -------------------------------------------------------------------------------------------------

_QUALITY = presets.model_quality("quality", scrape=ScrapeJob(["model:8000"]), accuracy=0.9, recall=0.8)
_QUALITY_VALUES = {
    "model_predictions_correct_total": 11_400.0,
    "model_label_delay_seconds": 3600.0,
    "model_prediction_score": 0.2,
    **{
        f'model_confusion_total{{model="a",version="a",actual="{actual}",predicted="{predicted}"}}': value
        for actual, predicted, value in (("a", "a", 5700.0), ("a", "b", 300.0), ("b", "a", 300.0), ("b", "b", 5700.0))
    },
}
_EVALUATION = presets.batch_job("evaluation", every="1d", max_duration="2h")
_PUSHED = catalog_capture(
    [metric.derive(labels=["job"]) for metric in _EVALUATION.metrics],
    {
        **{f"batch_job_last_{what}_timestamp_seconds": 1.79e9 for what in ("start", "end", "success")},
        "batch_job_last_run_failed": 0.0,
        "batch_job_duration_seconds": 600.0,
        "batch_job_sample_size": 20_000.0,
    },
    {"job": "evaluation"},
)
_PUSH_VALUES = {"push_time_seconds": 1.79e9, "push_failure_time_seconds": 0.0}
_BATCH_FAULTS = {
    "batch_job_last_success_timestamp_seconds": 1.0,
    "batch_job_last_run_failed": 1.0,
    "batch_job_duration_seconds": 8000.0,
    "push_failure_time_seconds": 4e9,
}

# --- features ---------------------------------------------------------------------------------------------------------

_STORE = presets.feature_store("store", scrape=ScrapeJob(["feast:6566"]))
_STORE_VALUES = {
    "feast_feature_freshness_seconds": 600.0,
    'feast_online_features_status_total{feature_view="users",status="not_found"}': 0.0,
    'feast_materialization_result_total{feature_view="users",status="failure"}': 0.0,
}
_STORE_LABELS = {
    "feature_view": "users",
    "status": ["success", "failure", "not_found"],
    "endpoint": "/get-online-features",
}
_STORE_FAULTS = {
    "feast_feature_freshness_seconds": 600.0,
    'feast_materialization_result_total{status="failure"}': 0.1,
}
_PIPELINE = presets.feature_pipeline(
    "pipeline", views={"users": "1d"}, max_null=0.05, scrape=ScrapeJob(["pipeline:8000"])
)
_PIPELINE_VALUES = {
    "model_feature_timestamp_seconds": 1.79e9,
    "model_feature_rows": 10_000.0,
    "model_skew_mismatch_total": 0.0,
    'model_feature_values_total{feature="age",state="null"}': 0.0,
}
_PIPELINE_LABELS = {"feature": "age", "feature_view": "users", "state": ["present", "null"]}
_PIPELINE_FAULTS = {
    "model_feature_timestamp_seconds": 1.0,
    'model_feature_values_total{state="null"}': 10.0,
    "model_skew_mismatch_total": 5.0,
}
_DRIFT = presets.feature_drift("drift", every="10m", scrape=ScrapeJob(["drift:8000"]))
_DRIFT_VALUES = {
    **{f"model_feature_{test}": 0.02 for test in ("psi", "ks")},
    **{f"model_feature_{test}_{size}_size": 5000.0 for test in ("psi", "ks") for size in ("sample", "reference")},
}

# --- monitoring -------------------------------------------------------------------------------------------------------

_PROMETHEUS = presets.prometheus()
_PROMETHEUS_FAULTS = {
    "prometheus_config_last_reload_successful": 0.0,
    "prometheus_notifications_alertmanagers_discovered": 0.0,
}
_ALERTMANAGERS = presets.alertmanager(["alertmanager-a:9093", "alertmanager-b:9093"])


CAUSE_ROWS: Mapping[str, Row] = {
    "triton: tensorrt-llm": Row(
        presets.triton("trt", backend="tensorrt-llm", scrape=ScrapeJob(["trt:8002"])),
        _TRITON + _TOKENS + captured("triton-tensorrt-llm"),
        {**_TRITON_FIRES, "faults": ["TritonCacheFull"]},
        [
            _faults(
                {
                    'nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="used"}': 6200.0,
                    'nv_trt_llm_request_metrics{request_type="waiting"}': 4.0,
                }
            )
        ],
    ),
    "litellm": Row(
        _LITELLM,
        catalog_capture(_LITELLM.metrics, _LITELLM_VALUES, {"exception_status": ["429", "500"]}),
        {
            "error burst": ["AvailabilityBurnTicket", "LLMGatewayFallbackFails"],
            "drain": _LITELLM_STOPPED,
            "stuck": _LITELLM_STOPPED,
            "down": ["TargetDown", *_LITELLM_STOPPED],
            "faults": [
                *("LLMGatewayApiKeyBudgetUsedUp", "LLMGatewayDeploymentCoolsDown", "LLMGatewayDeploymentFailing"),
                *("LLMGatewayFallbackFails", "LLMGatewayFallbacks", "LLMGatewayModelDown"),
                *("LLMGatewayProviderBudgetUsedUp", "LLMGatewayRateLimited", "LLMGatewayRequestsWithoutPrice"),
                *("LLMGatewayTeamBudgetLow", "AvailabilityBurnPage"),
            ],
            "other faults": [
                *("LLMGatewayApiKeyBudgetLow", "LLMGatewayDeploymentDown", "LLMGatewayDeploymentFailing"),
                "LLMGatewayTeamBudgetUsedUp",
            ],
        },
        [_faults(_LITELLM_FAULTS), Scenario("other faults", [Phase("30m", values=_DEPLOYMENT_DOWN)])],
        elsewhere={"LLMGatewaySpendSpike": "it compares weeks"},
    ),
    "GPUs": Row(
        presets.gpu_fleet("gpus", scrape=ScrapeJob(["gpu:9400"])),
        captured("dcgm-exporter-4.6"),
        {
            "faults": [
                *("GpuHot", "GpuIdle", "GpuLost", "GpuMemoryHot", "GpuRowRemapFailed", "GpuRowsRemapped"),
                *("GpuXidApplication", "GpuXidHardware", "GpuXidOther"),
            ],
            "down": ["GpuExporterAbsent", "GpuExporterDown"],
            "other faults": ["GpuExporterWithoutGpus"],
        },
        [_faults(_GPU_FAULTS), _WITHOUT_GPUS],
        empty={"New XIDs": "on a normal day there is none"},
    ),
    "machines": Row(
        _NODES,
        catalog_capture(_NODES.metrics, _NODE_VALUES, {"mode": ["idle", "user"], "device": "sda", "fstype": "ext4"}),
        {
            "faults": [
                *("NodeClockNotSynchronised", "NodeClockWrong", "NodeConnectionsRunOut", "NodeDiskSaturated"),
                *("NodeFilesRunOut", "NodeFilesystemFilesFillingUp", "NodeFilesystemFilesFull"),
                *("NodeFilesystemFillingUp", "NodeFilesystemFull", "NodeIoPressure", "NodeMemoryFull"),
                *("NodeMemoryPressure", "NodeNetworkReceiveErrors", "NodeNetworkTransmitErrors", "NodeOutOfMemory"),
                *("NodeOverloaded", "NodeTextfileError"),
            ],
            "crash loop": ["NodeRestarted"],
            "down": ["NodeDown"],
        },
        [_faults(_NODE_FAULTS)],
    ),
    "a service with a canary": Row(
        _WEB,
        catalog_capture(_WEB.metrics, {"process_start_time_seconds": 1.79e9}),
        {
            "error burst": ["AvailabilityBurnPage"],
            "drain": ["AvailabilityTrafficStopped", "LatencyTrafficStopped"],
            "overload": ["LatencyBurnPage"],
            "stuck": ["AvailabilityTrafficStopped", "HttpServiceStuck", "LatencyTrafficStopped"],
            "down": [
                *("AvailabilityTrafficStopped", "LatencyTrafficStopped"),
                *("WebStableTargetDown", "WebCandidateTargetDown"),
            ],
            "crash loop": ["HttpServiceRestarting"],
            "faults": ["AvailabilityBurnPage"],
        },
        [_faults(_CANARY_FAULTS)],
        elsewhere={"HttpServiceSeveralWorkers": "a replay is one process"},
    ),
    "a canary": Row(
        presets.canary(_WEB),
        "",
        {"faults": ["CanaryAvailabilityWorse"]},
        elsewhere={"CanaryLatencyWorse": "a phase makes all targets of a service slow"},
    ),
    "processes": Row(
        _PROCESSES,
        catalog_capture(_PROCESSES.metrics, _PROCESS_VALUES),
        {"faults": ["ProcessFilesRunOut"], "crash loop": ["ProcessRestarting"]},
        [_faults({"process_open_fds": 1000.0})],
        elsewhere={
            "ProcessMemoryGrows": "it compares days",
            "ProcessMetricsMissing": "a series of a capture cannot disappear",
        },
    ),
    "the quality of a model": Row(
        _QUALITY,
        catalog_capture(_QUALITY.metrics, _QUALITY_VALUES, {"actual": ["a", "b"], "predicted": ["a", "b"]}),
        {"overload": ["ModelLabelsLate"], "down": ["TargetDown"]},
        elsewhere=dict.fromkeys(["ModelAccuracyLow", "ModelRecallLow", "ModelLabelsMissing"], "it compares days"),
    ),
    "a feature store": Row(
        _STORE,
        catalog_capture(_STORE.metrics, _STORE_VALUES, _STORE_LABELS),
        {
            "error burst": ["FeatureMaterializationFailed", "LatencyBurnPage"],
            "drain": ["AvailabilityTrafficStopped", "LatencyTrafficStopped"],
            "overload": ["LatencyBurnPage"],
            "stuck": ["AvailabilityTrafficStopped", "LatencyTrafficStopped"],
            "down": ["AvailabilityTrafficStopped", "LatencyTrafficStopped", "TargetDown"],
            "faults": ["FeatureAgeStuck", "FeatureMaterializationFailed"],
        },
        [_faults(_STORE_FAULTS)],
        elsewhere=dict.fromkeys(["FeaturePushStopped", "FeatureValuesMissing"], "it compares days"),
    ),
    "a pipeline of features": Row(
        _PIPELINE,
        catalog_capture(_PIPELINE.metrics, _PIPELINE_VALUES, _PIPELINE_LABELS),
        {
            "down": ["FeaturesMissing", "TargetDown"],
            "faults": ["FeatureNulls", "FeatureSkew", "FeaturesStale", "FreshnessBurnPage"],
        },
        [_faults(_PIPELINE_FAULTS)],
        elsewhere={"FeatureRowsUnusual": "it compares weeks"},
    ),
    "drift of features": Row(
        _DRIFT,
        catalog_capture(_DRIFT.metrics, _DRIFT_VALUES, {"feature": ["age", "amount", "hour"]}),
        {"faults": ["ModelFeatureDrift", "ModelInputDrift"]},
        [_faults({"model_feature_psi": 0.4})],
    ),
    "pushgateway": Row(
        presets.pushgateway(["gateway:9091"]),
        catalog_capture(
            presets.pushgateway(["gateway:9091"]).metrics, _PUSH_VALUES, {"job": "evaluation", "code": "200"}
        )
        + _PUSHED,
        {"faults": ["PushRejected"], "down": ["PushgatewayDown"]},
        [_faults(_BATCH_FAULTS)],
    ),
    "a batch job": Row(_EVALUATION, "", {"faults": ["BatchJobFailed", "BatchJobStale", "BatchJobTooLong"]}),
    "prometheus": Row(
        _PROMETHEUS,
        catalog_capture(_PROMETHEUS.metrics),
        {
            "error burst": [
                *("PrometheusAlertsDropped", "PrometheusNotificationsFail", "PrometheusRuleFails"),
                *("PrometheusRuleGroupSlow", "PrometheusSamplesRejected", "PrometheusScrapeLimitExceeded"),
                *("PrometheusStorageFails", "PrometheusTargetSyncFails", "PrometheusTemplateFails"),
            ],
            "faults": ["PrometheusConfigReloadFails", "PrometheusNoAlertmanager"],
            "down": ["TargetDown"],
        },
        [_faults(_PROMETHEUS_FAULTS)],
        always=["Watchdog"],
        empty={"Rule failures": "it lists failures only"},
    ),
    "alertmanager": Row(
        _ALERTMANAGERS,
        catalog_capture(_ALERTMANAGERS.metrics, {"alertmanager_cluster_members": 2.0}),
        {
            "error burst": ["AlertmanagerAlertsInvalid", "AlertmanagerNotificationsFail"],
            "faults": ["AlertmanagerClusterSplit", "AlertmanagerConfigReloadFails", "AlertmanagerConfigsDiffer"],
        },
        [
            _faults(
                {
                    "alertmanager_config_last_reload_successful": 0.0,
                    'alertmanager_config_hash{instance="alertmanager-b:9093"}': 7.0,
                    "alertmanager_cluster_members": 1.0,
                }
            )
        ],
        empty={"Failed notifications": "it lists failures only"},
    ),
}
