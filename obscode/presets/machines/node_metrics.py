"""What the node exporter exposes on Linux, from version 1.5 to 1.12: names that are the same in all of them.

Metrics of `COLLECTORS` exist only if the machine has the hardware, or if a flag enables the collector.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obscode.model.metrics import Counter, Gauge, Metric
from obscode.presets.exporter import Exporter

_FILESYSTEM = ("device", "fstype", "mountpoint")
_DEVICE = ("device",)

_ALWAYS: Sequence[Metric] = (
    Gauge("node_boot_time_seconds", help="When the machine started, in seconds since 1970."),
    Counter("node_cpu_seconds_total", labels=["cpu", "mode"], help="Time of the processors, by mode."),
    Gauge("node_load1", help="Processes that run or wait, over a minute."),
    Gauge("node_memory_MemAvailable_bytes", help="Memory that programs can have without swapping."),
    Gauge("node_memory_MemTotal_bytes", help="Memory of the machine."),
    Gauge("node_memory_SwapFree_bytes", help="Swap that is not used."),
    Gauge("node_memory_SwapTotal_bytes", help="Swap of the machine."),
    # Those of /proc/vmstat have no type; they are counters.
    Metric("node_vmstat_oom_kill", help="Processes that the kernel ended because memory was used up."),
    Metric("node_vmstat_pgmajfault", help="Pages of memory that were read from disk."),
    # From 1.6 on with device_error, which is empty.
    *(
        Gauge(f"node_filesystem_{name}", labels=_FILESYSTEM, help=text, more_labels=True)
        for name, text in {
            "avail_bytes": "Bytes that programs can write.",
            "size_bytes": "Bytes of the filesystem.",
            "files_free": "Inodes that are not used.",
            "files": "Inodes of the filesystem.",
            "readonly": "1 if it cannot be written.",
        }.items()
    ),
    Counter("node_disk_io_time_seconds_total", labels=_DEVICE, help="Time in which the disk works."),
    Counter("node_disk_io_time_weighted_seconds_total", labels=_DEVICE, help="Time of all requests to the disk."),
    Counter("node_disk_read_bytes_total", labels=_DEVICE),
    Counter("node_disk_written_bytes_total", labels=_DEVICE),
    *(
        Counter(f"node_network_{way}_{what}_total", labels=_DEVICE)
        for way in ("receive", "transmit")
        for what in ("bytes", "packets", "errs", "drop")
    ),
    Gauge("node_filefd_allocated", help="Files that are open on the machine."),
    Gauge("node_filefd_maximum", help="Files that can be open."),
    Gauge("node_timex_offset_seconds", help="How far the clock is from its source."),
    Gauge("node_timex_sync_status", help="1 if the clock is synchronised."),
    Gauge("node_timex_maxerror_seconds", help="The largest possible error of the clock."),
    Gauge("node_textfile_scrape_error", help="1 if a file of the textfile collector cannot be read."),
)
#: Of kernels with CONFIG_PSI, which some distributions start without.
_PRESSURE: Sequence[Metric] = (
    Counter("node_pressure_cpu_waiting_seconds_total", help="Time in which processes wait for a processor."),
    *(
        Counter(f"node_pressure_{what}_{how}_seconds_total", help=f"Time in which {who} wait for {what}.")
        for what in ("memory", "io")
        for how, who in (("waiting", "processes"), ("stalled", "all processes"))
    ),
)
#: Metrics that not every machine has, by collector.
COLLECTORS: Mapping[str, Sequence[Metric]] = {
    "pressure": _PRESSURE,
    "conntrack": (
        Gauge("node_nf_conntrack_entries", help="Connections that the firewall tracks."),
        Gauge("node_nf_conntrack_entries_limit", help="Connections that it can track."),
    ),
    "mdadm": (
        Gauge("node_md_disks", labels=["device", "state"], help="Disks of a RAID, by state."),
        Gauge("node_md_disks_required", labels=_DEVICE, help="Disks that the RAID needs."),
    ),
    "bonding": (
        Gauge("node_bonding_active", labels=["master"], help="Links of the bond that work."),
        Gauge("node_bonding_slaves", labels=["master"], help="Links of the bond."),
    ),
    "systemd": (
        Gauge("node_systemd_unit_state", labels=["name", "state", "type"], help="1 for the state of the unit."),
    ),
}
#: Those of most machines.
DEFAULT_COLLECTORS = ("pressure", "conntrack")


def catalog(collectors: Sequence[str]) -> Sequence[Metric]:
    """The metrics of every machine, and those of some collectors."""
    return (*_ALWAYS, *(metric for name in collectors for metric in COLLECTORS.get(name, ())))


def exporter() -> Exporter:
    """How the exporter is recognised."""
    return Exporter(
        "node exporter",
        "1.5 to 1.12",
        preset="node",
        catalog=catalog(DEFAULT_COLLECTORS),
        marks=("node_boot_time_seconds", "node_load1", "node_memory_MemTotal_bytes"),
        source="https://github.com/prometheus/node_exporter",
        detect=_detect,
    )


def _detect(exposed: Mapping[str, Metric]) -> Mapping[str, Any]:
    """The collectors of which a text has all metrics."""
    collectors = [name for name, metrics in COLLECTORS.items() if all(metric.name in exposed for metric in metrics)]
    return {} if collectors == [*DEFAULT_COLLECTORS] else {"collectors": collectors}
