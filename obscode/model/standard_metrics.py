"""Metrics that Prometheus and the client libraries expose, with type and labels: catalogs need not list them.

Sources:

- Prometheus: https://prometheus.io/docs/concepts/jobs_instances and `report` in scrape/scrape.go;
- all clients: https://prometheus.io/docs/instrumenting/writing_clientlibs (process metrics);
- Go: client_golang `collectors` and `promhttp`; Python: client_python `gc_collector.py`, `platform_collector.py`;
- Java: client_java `prometheus-metrics-instrumentation-jvm`, its version 0 (simpleclient_hotspot) and Micrometer's
  `core/instrument/binder/jvm`; Node.js: prom-client `lib/metrics`; .NET: prometheus-net `DotNetStats.cs`;
- probes: blackbox_exporter `prober/`; pushed series: pushgateway `storage/diskmetricstore.go` and `main.go`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from obscode.model.metrics import Counter, Gauge, Histogram, Metric, Summary
from obscode.model.source import Origin

_TYPES: Mapping[str, type[Metric]] = {
    "counter": Counter,
    "gauge": Gauge,
    "histogram": Histogram,
    "summary": Summary,
}
_NUMBERS = {"histogram": "buckets", "summary": "quantiles"}
# Prometheus adds them to each target, with the labels of the target and no others.
_OF_TARGETS = """
gauge up scrape_duration_seconds scrape_samples_scraped scrape_samples_post_metric_relabeling scrape_series_added
gauge scrape_timeout_seconds scrape_sample_limit scrape_body_size_bytes
"""
# Their labels may have more: those of the alert, and the constant labels of a registry.
_OF_OTHERS = """
gauge ALERTS{alertname,alertstate} ALERTS_FOR_STATE{alertname}

counter process_cpu_seconds_total process_cpu_user_seconds_total process_cpu_system_seconds_total
counter process_network_receive_bytes_total process_network_transmit_bytes_total
gauge process_open_fds process_max_fds process_virtual_memory_bytes process_virtual_memory_max_bytes
gauge process_resident_memory_bytes process_heap_bytes process_start_time_seconds process_threads
gauge process_num_threads process_private_memory_bytes process_working_set_bytes process_open_handles

counter python_gc_objects_collected_total{generation} python_gc_objects_uncollectable_total{generation}
counter python_gc_collections_total{generation}
gauge python_info{implementation,major,minor,patchlevel,version}

gauge go_goroutines go_threads go_info{version} go_build_info{checksum,path,version}
gauge go_gc_gogc_percent go_gc_gomemlimit_bytes go_sched_gomaxprocs_threads
gauge go_memstats_alloc_bytes go_memstats_sys_bytes go_memstats_heap_alloc_bytes go_memstats_heap_sys_bytes
gauge go_memstats_heap_idle_bytes go_memstats_heap_inuse_bytes go_memstats_heap_released_bytes go_memstats_heap_objects
gauge go_memstats_stack_inuse_bytes go_memstats_stack_sys_bytes go_memstats_mspan_inuse_bytes
gauge go_memstats_mspan_sys_bytes go_memstats_mcache_inuse_bytes go_memstats_mcache_sys_bytes
gauge go_memstats_buck_hash_sys_bytes go_memstats_gc_sys_bytes go_memstats_other_sys_bytes go_memstats_next_gc_bytes
gauge go_memstats_last_gc_time_seconds go_memstats_gc_cpu_fraction
counter go_memstats_alloc_bytes_total go_memstats_mallocs_total go_memstats_frees_total go_memstats_lookups_total
summary go_gc_duration_seconds=0,0.25,0.5,0.75,1

counter promhttp_metric_handler_requests_total{code} promhttp_metric_handler_errors_total{cause}
gauge promhttp_metric_handler_requests_in_flight

gauge nodejs_eventloop_lag_seconds nodejs_eventloop_lag_min_seconds nodejs_eventloop_lag_max_seconds
gauge nodejs_eventloop_lag_mean_seconds nodejs_eventloop_lag_stddev_seconds nodejs_eventloop_lag_p50_seconds
gauge nodejs_eventloop_lag_p90_seconds nodejs_eventloop_lag_p99_seconds nodejs_active_handles{type}
gauge nodejs_active_handles_total nodejs_active_requests{type} nodejs_active_requests_total
gauge nodejs_active_resources{type} nodejs_active_resources_total nodejs_heap_size_total_bytes
gauge nodejs_heap_size_used_bytes nodejs_external_memory_bytes nodejs_heap_space_size_total_bytes{space}
gauge nodejs_heap_space_size_used_bytes{space} nodejs_heap_space_size_available_bytes{space}
gauge nodejs_version_info{major,minor,patch,version}
histogram nodejs_gc_duration_seconds{kind}=0.001,0.01,0.1,1,2,5

gauge jvm_runtime_info{runtime,vendor,version} jvm_info{runtime,vendor,version}
gauge jvm_threads_current jvm_threads_daemon jvm_threads_peak jvm_threads_deadlocked jvm_threads_deadlocked_monitor
gauge jvm_threads_state{state} jvm_threads_live_threads jvm_threads_daemon_threads jvm_threads_peak_threads
gauge jvm_threads_states_threads{state}
counter jvm_threads_started_total jvm_threads_started_threads_total
gauge jvm_memory_used_bytes{area,id} jvm_memory_committed_bytes{area,id} jvm_memory_max_bytes{area,id}
gauge jvm_memory_init_bytes{area} jvm_memory_objects_pending_finalization jvm_memory_bytes_used{area}
gauge jvm_memory_bytes_committed{area} jvm_memory_bytes_max{area} jvm_memory_bytes_init{area}
gauge jvm_memory_pool_used_bytes{pool} jvm_memory_pool_committed_bytes{pool} jvm_memory_pool_max_bytes{pool}
gauge jvm_memory_pool_init_bytes{pool} jvm_memory_pool_bytes_used{pool} jvm_memory_pool_bytes_committed{pool}
gauge jvm_memory_pool_bytes_max{pool} jvm_memory_pool_bytes_init{pool} jvm_memory_pool_collection_used_bytes{pool}
gauge jvm_memory_pool_collection_committed_bytes{pool} jvm_memory_pool_collection_max_bytes{pool}
gauge jvm_memory_pool_collection_init_bytes{pool} jvm_memory_usage_after_gc{area,pool}
counter jvm_memory_pool_allocated_bytes_total{pool}
gauge jvm_buffer_pool_used_bytes{pool} jvm_buffer_pool_capacity_bytes{pool} jvm_buffer_pool_used_buffers{pool}
gauge jvm_buffer_memory_used_bytes{id} jvm_buffer_total_capacity_bytes{id} jvm_buffer_count_buffers{id}
gauge jvm_classes_loaded jvm_classes_currently_loaded jvm_classes_loaded_classes
counter jvm_classes_loaded_total jvm_classes_unloaded_total jvm_classes_unloaded_classes_total
summary jvm_gc_collection_seconds{gc} jvm_gc_pause_seconds{action,cause,gc}
gauge jvm_gc_pause_seconds_max{action,cause,gc} jvm_gc_live_data_size_bytes jvm_gc_max_data_size_bytes
gauge jvm_gc_overhead_percent jvm_gc_overhead
counter jvm_gc_memory_allocated_bytes_total jvm_gc_memory_promoted_bytes_total
counter jvm_compilation_time_seconds_total jvm_compilation_time_ms_total

counter dotnet_collection_count_total{generation}
gauge dotnet_total_memory_bytes

gauge probe_success probe_duration_seconds probe_ip_protocol probe_ip_addr_hash probe_dns_lookup_time_seconds
gauge probe_failed_due_to_regex probe_failed_due_to_cel probe_expect_info
gauge probe_http_duration_seconds{phase} probe_http_status_code probe_http_ssl probe_http_version probe_http_redirects
gauge probe_http_content_length probe_http_uncompressed_body_length probe_http_last_modified_timestamp_seconds
gauge probe_ssl_earliest_cert_expiry probe_ssl_last_chain_expiry_timestamp_seconds
gauge probe_ssl_last_chain_info{fingerprint_sha256,issuer,serialnumber,subject,subjectalternative}
gauge probe_tls_version_info{version} probe_tls_cipher_info{cipher}
gauge probe_icmp_duration_seconds{phase} probe_icmp_reply_hop_limit
gauge probe_dns_duration_seconds{phase} probe_dns_query_succeeded probe_dns_serial probe_dns_answer_rrs
gauge probe_dns_authority_rrs probe_dns_additional_rrs
gauge probe_grpc_duration_seconds{phase} probe_grpc_healthcheck_response{serving_status} probe_grpc_status_code
gauge probe_grpc_ssl

gauge push_time_seconds push_failure_time_seconds
counter pushgateway_http_requests_total{code,handler,method}
summary pushgateway_http_push_duration_seconds{method} pushgateway_http_push_size_bytes{method}
gauge pushgateway_build_info{branch,goarch,goos,goversion,revision,tags,version}
"""
_SERIES = re.compile(r"(?P<name>\w+)(?:\{(?P<labels>[\w,]+)\})?(?:=(?P<numbers>[\d.,]+))?")

#: Prefixes of the names of exporters and runtimes that are no part of a service: its catalog says nothing of them.
FOREIGN_PREFIXES = tuple(
    """
    DCGM_ aggregator_ alertmanager_ apiserver_ argocd_ authentication_ aws_ azure_ cadvisor_ calico_ cassandra_
    ceph_ certmanager_ cilium_ container_ coredns_ csi_ dotnet_ elasticsearch_ envoy_ etcd_ felix_ fluentbit_
    fluentd_ go_ gotk_ grafana_ haproxy_ istio_ jvm_ kafka_ karpenter_ keda_ kube_ kubelet_ kubeproxy_
    kubernetes_ logstash_ loki_ machine_ memcached_ minio_ mongodb_ mysql_ nats_ nginx_ node_ nodejs_ openshift_
    otelcol_ pg_ pgbouncer_ podman_ probe_ process_ prometheus_ promhttp_ promtail_ pushgateway_ python_
    rabbitmq_ redis_ rest_client_ scrape_ smartctl_ snmp_ storage_operation_ systemd_ telegraf_ tempo_ thanos_
    traefik_ volume_manager_ windows_ workqueue_ zookeeper_
    """.split()  # noqa: SIM905
)


@cache
def standard_metrics() -> Mapping[str, Metric]:
    """The metrics by name."""
    metrics = [*_read(_OF_TARGETS, more_labels=False), *_read(_OF_OTHERS, more_labels=True)]
    return {metric.name: metric for metric in metrics}


@cache
def standard_series() -> frozenset[str]:
    """The names of their series, such as `up` and `go_gc_duration_seconds_count`."""
    return frozenset(name for metric in standard_metrics().values() for name in metric.series())


def prefix(name: str) -> str:
    """The first word of a name, which names the exporter: `node` of `node_cpu_seconds_total`."""
    return re.split("[_:]", name, maxsplit=1)[0]


def _read(table: str, *, more_labels: bool) -> Iterator[Metric]:
    for line in table.split("\n"):
        kind, *entries = line.split() or [""]
        for entry in entries:
            match = _SERIES.fullmatch(entry)
            assert match, entry
            labels = tuple((match["labels"] or "").split(",")) if match["labels"] else ()
            numbers = [float(number) for number in (match["numbers"] or "").split(",") if number]
            metric = _TYPES[kind](match["name"], labels=labels, more_labels=more_labels).with_origin(Origin("", 0))
            yield metric.derive(**{_NUMBERS[kind]: numbers}) if numbers else metric
