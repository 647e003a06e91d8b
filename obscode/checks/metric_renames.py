"""Metrics that exporters renamed or removed, each with the release and its source; as of November 2026.

A row is a release: in ``names``, `old>new` is a rename, `old>` a removal, and `old+suffix` stands for `old>oldsuffix`.
An old name that ends in `*` is a prefix, whose replacement has the same rest. Histograms and summaries stand without
`_bucket`, `_count` and `_sum`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from obscode.findings.fix import Fix
from obscode.promql.spans import Span, scan

# Of cAdvisor's `container_...`: https://github.com/kubernetes/kubernetes/pull/80376
_LABELS = {"pod_name": "pod", "container_name": "container"}
_NAME = re.compile(r"[a-zA-Z_:][\w:]*")
# Suffixes that a name received while the values stayed, and a metric that was in milliseconds.
_UNITS = ("_total", "_bytes", "_seconds", "_seconds_total")
_OTHER_UNIT = ("node_disk_io_time_weighted",)
_PARTS = ("_bucket", "_count", "_sum")


@dataclass(frozen=True)
class Release:
    """A release of an exporter that renamed or removed metrics."""

    exporter: str
    version: str
    date: str
    url: str
    names: str


@dataclass(frozen=True)
class Rename:
    """What became of a metric; ``new`` is empty if nothing replaces it."""

    new: str
    release: Release


RELEASES = (
    Release(
        "node_exporter",
        "0.16.0",
        "2018-05-15",
        "https://github.com/prometheus/node_exporter/blob/master/docs/example-16-compatibility-rules-new-to-old.yml",
        """
        node_context_switches+_total node_forks+_total node_intr+_total node_disk_reads_completed+_total
        node_disk_reads_merged+_total node_disk_writes_completed+_total node_disk_writes_merged+_total
        node_infiniband_port_data_received_bytes+_total node_infiniband_port_data_transmitted_bytes+_total
        node_interrupts+_total node_network_receive_bytes+_total node_network_receive_compressed+_total
        node_network_receive_drop+_total node_network_receive_errs+_total node_network_receive_fifo+_total
        node_network_receive_frame+_total node_network_receive_multicast+_total node_network_receive_packets+_total
        node_network_transmit_bytes+_total node_network_transmit_compressed+_total node_network_transmit_drop+_total
        node_network_transmit_errs+_total node_network_transmit_fifo+_total node_network_transmit_frame+_total
        node_network_transmit_multicast+_total node_network_transmit_packets+_total
        node_nfs_rpc_authentication_refreshes+_total node_nfs_rpc_retransmissions+_total
        node_filesystem_free+_bytes node_filesystem_avail+_bytes node_filesystem_size+_bytes
        node_memory_Active+_bytes node_memory_Active_anon+_bytes node_memory_Active_file+_bytes
        node_memory_AnonHugePages+_bytes node_memory_AnonPages+_bytes node_memory_Bounce+_bytes
        node_memory_Buffers+_bytes node_memory_Cached+_bytes node_memory_CommitLimit+_bytes
        node_memory_Committed_AS+_bytes node_memory_DirectMap2M+_bytes node_memory_DirectMap4k+_bytes
        node_memory_Dirty+_bytes node_memory_HardwareCorrupted+_bytes node_memory_Hugepagesize+_bytes
        node_memory_Inactive+_bytes node_memory_Inactive_anon+_bytes node_memory_Inactive_file+_bytes
        node_memory_KernelStack+_bytes node_memory_Mapped+_bytes node_memory_MemAvailable+_bytes
        node_memory_MemFree+_bytes node_memory_MemTotal+_bytes node_memory_Mlocked+_bytes
        node_memory_NFS_Unstable+_bytes node_memory_PageTables+_bytes node_memory_Shmem+_bytes
        node_memory_ShmemHugePages+_bytes node_memory_ShmemPmdMapped+_bytes node_memory_Slab+_bytes
        node_memory_SReclaimable+_bytes node_memory_SUnreclaim+_bytes node_memory_SwapCached+_bytes
        node_memory_SwapFree+_bytes node_memory_SwapTotal+_bytes node_memory_Unevictable+_bytes
        node_memory_VmallocChunk+_bytes node_memory_VmallocTotal+_bytes node_memory_VmallocUsed+_bytes
        node_memory_Writeback+_bytes node_memory_WritebackTmp+_bytes
        node_boot_time+_seconds node_time+_seconds node_textfile_mtime+_seconds node_cpu+_seconds_total
        node_disk_io_time_weighted+_seconds_total
        node_buddyinfo_count>node_buddyinfo_blocks node_disk_bytes_read>node_disk_read_bytes_total
        node_disk_bytes_written>node_disk_written_bytes_total node_disk_io_time_ms>node_disk_io_time_seconds_total
        node_disk_read_time_ms>node_disk_read_time_seconds_total
        node_disk_write_time_ms>node_disk_write_time_seconds_total
        node_nfs_net_connections>node_nfs_connections_total node_nfs_net_reads>node_nfs_packets_total
        node_nfs_procedures>node_nfs_requests_total node_nfs_rpc_operations>node_nfs_rpcs_total
        """,
    ),
    Release(
        "kube-state-metrics",
        "2.0.0",
        "2021-04-13",
        "https://github.com/kubernetes/kube-state-metrics/blob/main/CHANGELOG.md#v200-alpha--2020-09-16",
        """
        kube_pod_container_resource_requests_cpu_cores>kube_pod_container_resource_requests{resource="cpu"}
        kube_pod_container_resource_limits_cpu_cores>kube_pod_container_resource_limits{resource="cpu"}
        kube_pod_container_resource_requests_memory_bytes>kube_pod_container_resource_requests{resource="memory"}
        kube_pod_container_resource_limits_memory_bytes>kube_pod_container_resource_limits{resource="memory"}
        kube_node_status_capacity_pods>kube_node_status_capacity{resource="pods"}
        kube_node_status_capacity_cpu_cores>kube_node_status_capacity{resource="cpu"}
        kube_node_status_capacity_memory_bytes>kube_node_status_capacity{resource="memory"}
        kube_node_status_allocatable_pods>kube_node_status_allocatable{resource="pods"}
        kube_node_status_allocatable_cpu_cores>kube_node_status_allocatable{resource="cpu"}
        kube_node_status_allocatable_memory_bytes>kube_node_status_allocatable{resource="memory"}
        kube_daemonset_updated_number_scheduled>kube_daemonset_status_updated_number_scheduled
        kube_pod_deleted>kube_pod_deletion_timestamp
        kube_hpa_*>kube_horizontalpodautoscaler_
        """,
    ),
    Release(
        "kube-state-metrics",
        "2.14.0",
        "2024-11-08",
        "https://github.com/kubernetes/kube-state-metrics/blob/main/CHANGELOG.md#v2140--2024-11-08",
        """
        kube_endpoint_address_available>kube_endpoint_address{ready="true"}
        kube_endpoint_address_not_ready>kube_endpoint_address{ready="false"}
        """,
    ),
    Release(
        "Kubernetes",
        "1.17",
        "2019-12-09",
        "https://github.com/kubernetes/kubernetes/pull/83837",
        """
        apiserver_request_count>apiserver_request_total
        apiserver_request_latencies>apiserver_request_duration_seconds
        apiserver_request_latencies_summary>apiserver_request_duration_seconds
        etcd_request_latencies_summary>etcd_request_duration_seconds
        rest_client_request_latency_seconds>rest_client_request_duration_seconds
        kubelet_pod_worker_latency_microseconds>kubelet_pod_worker_duration_seconds
        kubelet_pod_start_latency_microseconds>kubelet_pod_start_duration_seconds
        kubelet_cgroup_manager_latency_microseconds>kubelet_cgroup_manager_duration_seconds
        kubelet_pod_worker_start_latency_microseconds>kubelet_pod_worker_start_duration_seconds
        kubelet_pleg_relist_latency_microseconds>kubelet_pleg_relist_duration_seconds
        kubelet_pleg_relist_interval_microseconds>kubelet_pleg_relist_interval_seconds
        kubelet_runtime_operations>kubelet_runtime_operations_total
        kubelet_runtime_operations_latency_microseconds>kubelet_runtime_operations_duration_seconds
        kubelet_runtime_operations_errors>kubelet_runtime_operations_errors_total
        scheduler_e2e_scheduling_latency_microseconds>scheduler_scheduling_attempt_duration_seconds
        """,
    ),
    Release(
        "Kubernetes",
        "1.19",
        "2020-08-26",
        "https://github.com/kubernetes/kubernetes/pull/92407",
        """
        kubelet_running_pod_count>kubelet_running_pods
        kubelet_running_container_count>kubelet_running_containers
        """,
    ),
    Release(
        "Kubernetes",
        "1.25",
        "2022-08-23",
        "https://github.com/kubernetes/kubernetes/pull/110337",
        """
        apiserver_dropped_requests>apiserver_request_total
        apiserver_dropped_requests_total>apiserver_request_total
        etcd_object_counts>apiserver_storage_objects
        apiserver_registered_watchers>apiserver_longrunning_requests
        """,
    ),
    Release(
        "Kubernetes",
        "1.27",
        "2023-04-11",
        "https://github.com/kubernetes/kubernetes/pull/115209",
        """
        node_collector_evictions_number>node_collector_evictions_total
        scheduler_e2e_scheduling_duration_seconds>scheduler_scheduling_attempt_duration_seconds
        """,
    ),
    Release(
        "etcd",
        "3.5.0",
        "2021-06-15",
        "https://github.com/etcd-io/etcd/blob/main/CHANGELOG/CHANGELOG-3.5.md",
        """
        etcd_debugging_mvcc_db_total_size_in_bytes>etcd_mvcc_db_total_size_in_bytes
        etcd_debugging_mvcc_put_total>etcd_mvcc_put_total
        etcd_debugging_mvcc_delete_total>etcd_mvcc_delete_total
        etcd_debugging_mvcc_txn_total>etcd_mvcc_txn_total
        etcd_debugging_mvcc_range_total>etcd_mvcc_range_total
        """,
    ),
    Release(
        "CoreDNS",
        "1.7.0",
        "2020-06-15",
        "https://github.com/coredns/coredns/blob/master/notes/coredns-1.7.0.md",
        """
        coredns_request_block_count_total>coredns_dns_blocked_requests_total
        coredns_request_allow_count_total>coredns_dns_allowed_requests_total
        coredns_dns_acl_request_block_count_total>coredns_acl_blocked_requests_total
        coredns_dns_acl_request_allow_count_total>coredns_acl_allowed_requests_total
        coredns_autopath_success_count_total>coredns_autopath_success_total
        coredns_forward_request_count_total>coredns_forward_requests_total
        coredns_forward_response_rcode_count_total>coredns_forward_responses_total
        coredns_forward_healthcheck_failure_count_total>coredns_forward_healthcheck_failures_total
        coredns_forward_healthcheck_broken_count_total>coredns_forward_healthcheck_broken_total
        coredns_forward_max_concurrent_reject_count_total>coredns_forward_max_concurrent_rejects_total
        coredns_grpc_request_count_total>coredns_grpc_requests_total
        coredns_grpc_response_rcode_count_total>coredns_grpc_responses_total
        coredns_panic_count_total>coredns_panics_total
        coredns_dns_request_count_total>coredns_dns_requests_total
        coredns_dns_request_do_count_total>coredns_dns_do_requests_total
        coredns_dns_response_rcode_count_total>coredns_dns_responses_total
        coredns_reload_failed_count_total>coredns_reload_failed_total
        coredns_cache_size>coredns_cache_entries
        coredns_dns_request_type_count_total>coredns_dns_requests_total
        """,
    ),
    Release(
        "Prometheus",
        "2.0.0",
        "2017-11-08",
        "https://prometheus.io/blog/2017/11/08/announcing-prometheus-2-0/",
        "prometheus_local_storage_*>",
    ),
    Release(
        "Prometheus",
        "2.23.0",
        "2020-11-26",
        "https://github.com/prometheus/prometheus/blob/main/CHANGELOG.md#2230--2020-11-26",
        """
        prometheus_remote_storage_succeeded_samples_total>prometheus_remote_storage_samples_total
        prometheus_remote_storage_sent_bytes_total>prometheus_remote_storage_bytes_total
        prometheus_remote_storage_failed_samples_total>prometheus_remote_storage_samples_failed_total
        prometheus_remote_storage_retried_samples_total>prometheus_remote_storage_samples_retried_total
        prometheus_remote_storage_dropped_samples_total>prometheus_remote_storage_samples_dropped_total
        prometheus_remote_storage_pending_samples>prometheus_remote_storage_samples_pending
        """,
    ),
    Release(
        "windows_exporter",
        "0.13.0",
        "2020-06-15",
        "https://github.com/prometheus-community/windows_exporter/releases/tag/v0.13.0",
        "wmi_*>windows_",
    ),
    Release(
        "ingress-nginx",
        "1.12.0",
        "2024-12-30",
        "https://github.com/kubernetes/ingress-nginx/blob/main/changelog/controller-1.12.0.md",
        """
        nginx_ingress_controller_ingress_upstream_latency_seconds>nginx_ingress_controller_connect_duration_seconds
        """,
    ),
    Release(
        "Traefik",
        "3.0",
        "2024-04-29",
        "https://doc.traefik.io/traefik/migrate/v2-to-v3-details/",
        """
        traefik_entrypoint_open_connections>traefik_open_connections
        traefik_router_open_connections>traefik_open_connections
        traefik_service_open_connections>traefik_open_connections
        traefik_config_reloads_failure_total>
        traefik_config_last_reload_failure>
        """,
    ),
    Release(
        "Argo CD",
        "3.0",
        "2025-05-06",
        "https://argo-cd.readthedocs.io/en/stable/operator-manual/upgrading/2.14-3.0/",
        """
        argocd_app_sync_status>argocd_app_info argocd_app_health_status>argocd_app_info
        argocd_app_created_time>argocd_app_info
        """,
    ),
    Release(
        "the Java client",
        "0.12.0",
        "2021-08-29",
        "https://github.com/prometheus/client_java/releases/tag/parent-0.12.0",
        "jvm_classes_loaded>jvm_classes_currently_loaded",
    ),
    Release(
        "the Java client",
        "1.0.0",
        "2023-09-27",
        "https://github.com/prometheus/client_java/releases/tag/v1.0.0-alpha-4",
        """
        jvm_memory_bytes_init>jvm_memory_init_bytes jvm_memory_bytes_committed>jvm_memory_committed_bytes
        jvm_memory_bytes_max>jvm_memory_max_bytes jvm_memory_bytes_used>jvm_memory_used_bytes
        jvm_memory_pool_bytes_init>jvm_memory_pool_init_bytes
        jvm_memory_pool_bytes_committed>jvm_memory_pool_committed_bytes
        jvm_memory_pool_bytes_max>jvm_memory_pool_max_bytes jvm_memory_pool_bytes_used>jvm_memory_pool_used_bytes
        """,
    ),
    Release(
        "the Go client",
        "1.12.0",
        "2022-01-19",
        "https://github.com/prometheus/client_golang/issues/842#issuecomment-861812034",
        "go_memstats_gc_cpu_fraction>",
    ),
)


def rename_of(metric: str) -> Rename | None:
    """What became of a metric; None if it exists, or is unknown."""
    if renamed := _RENAMES.get(metric):
        return renamed
    for part in _PARTS:
        renamed = _RENAMES.get(metric.removesuffix(part)) if metric.endswith(part) else None
        if renamed:
            return Rename(renamed.new and renamed.new + part, renamed.release)
    for prefix, renamed in _PREFIXES.items():
        if metric.startswith(prefix):
            return Rename(renamed.new and renamed.new + metric.removeprefix(prefix), renamed.release)
    return None


@dataclass(frozen=True)
class OldName:
    """The name of a metric or a label in an expression that no current release has.

    Attributes:
        what: what replaced it, for messages: `'node_cpu', which node_exporter 0.16.0 replaced`.
        span: the selector.
        fix: the new name, where only the name changed.
    """

    name: str
    what: str
    hint: str
    span: Span
    fix: Fix | None = None


def old_names(expr: str) -> Iterator[OldName]:
    """The old names in an expression, except where it reads the new name or another metric instead (`new or old`)."""
    names = {*_NAME.findall(expr)}
    if not any(name.startswith("container_") or rename_of(name) for name in names):
        return  # most expressions, which need no scan
    selectors = scan(expr).selectors
    has_alternative = "or" in names and not all(rename_of(selector.metric) for selector in selectors)
    for selector in selectors:
        renamed = None if has_alternative else rename_of(selector.metric)
        if renamed and renamed.new.partition("{")[0] not in names:
            # Where one of several is replaced, the expression reads the new name too, and the others stay.
            fix = _fix(selector.metric, renamed.new) if _NAME.findall(expr).count(selector.metric) == 1 else None
            yield OldName(selector.metric, *_renamed(selector.metric, renamed), selector.span, fix)
        if selector.metric.startswith("container_"):
            for matcher in selector.matchers:
                new = _LABELS.get(matcher.label)
                if new and new not in names:
                    what = f"{selector.metric!r} by its label {matcher.label!r}, which Kubernetes 1.16 removed"
                    yield OldName(matcher.label, what, f"match {new}", selector.span)


def _fix(metric: str, new: str) -> Fix | None:
    """The new name of a metric with the same values: its unit became a part of the name."""
    is_same = new.removeprefix(metric) in _UNITS and metric not in _OTHER_UNIT
    return Fix(metric, new) if is_same else None


def _renamed(metric: str, renamed: Rename) -> tuple[str, str]:
    release = f"{renamed.release.exporter} {renamed.release.version}"
    if renamed.new:
        return f"{metric!r}, which {release} replaced", f"read {renamed.new}; see {renamed.release.url}"
    return f"{metric!r}, which {release} removed", f"see {renamed.release.url}"


def _read(release: Release) -> Iterator[tuple[str, Rename]]:
    for name in release.names.split():
        old, renamed, new = name.partition(">")
        stem, _, suffix = old.partition("+")
        yield stem, Rename(new if renamed else stem + suffix, release)


_ALL = dict(entry for release in RELEASES for entry in _read(release))
_RENAMES: Mapping[str, Rename] = {name: renamed for name, renamed in _ALL.items() if not name.endswith("*")}
_PREFIXES: Mapping[str, Rename] = {name[:-1]: renamed for name, renamed in _ALL.items() if name.endswith("*")}
