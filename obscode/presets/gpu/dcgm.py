"""What the DCGM exporter exposes: the fields of its default file, and those that a user's own file adds.

Source: `etc/default-counters.csv` of version 4.6.0-4.8.3, https://github.com/NVIDIA/dcgm-exporter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obscode.model.metrics import Counter, Gauge, Metric
from obscode.presets.exporter import Exporter

#: Its label for a count of XIDs and for a GPU that is part of another one.
XID, GPU_INSTANCE = "xid", "GPU_I_ID"
XID_COUNT = "DCGM_EXP_XID_ERRORS_COUNT"

_GAUGES: Mapping[str, str] = {
    "DCGM_FI_DEV_SM_CLOCK": "Clock of the SMs, in MHz.",
    "DCGM_FI_DEV_MEM_CLOCK": "Clock of the memory, in MHz.",
    "DCGM_FI_DEV_MEMORY_TEMP": "Temperature of the memory, in degrees Celsius.",
    "DCGM_FI_DEV_GPU_TEMP": "Temperature of the GPU, in degrees Celsius.",
    "DCGM_FI_DEV_POWER_USAGE": "Power, in watts.",
    "DCGM_FI_DEV_GPU_UTIL": "Time with a kernel running, 0 to 100 %.",
    "DCGM_FI_DEV_MEM_COPY_UTIL": "Time in which memory is read or written, 0 to 100 %.",
    "DCGM_FI_DEV_ENC_UTIL": "Utilisation of the encoder, 0 to 100 %.",
    "DCGM_FI_DEV_DEC_UTIL": "Utilisation of the decoder, 0 to 100 %.",
    "DCGM_FI_DEV_FB_FREE": "Free memory, in MiB.",
    "DCGM_FI_DEV_FB_USED": "Used memory, in MiB.",
    "DCGM_FI_DEV_FB_RESERVED": "Memory that the driver reserves, in MiB.",
    "DCGM_FI_DEV_ROW_REMAP_FAILURE": "1 if remapping of a row failed.",
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE": "Share of time in which the compute engine is active, 0 to 1.",
    "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": "Share of cycles in which the tensor cores are active, 0 to 1.",
    "DCGM_FI_PROF_DRAM_ACTIVE": "Share of cycles in which the memory is active, 0 to 1.",
    "DCGM_FI_PROF_PCIE_TX_BYTES": "Bytes sent over PCIe each second.",
    "DCGM_FI_PROF_PCIE_RX_BYTES": "Bytes received over PCIe each second.",
}
#: Units by a part of the name; Grafana's "mbytes" are MiB, its "binBps" bytes each second.
_UNITS: Mapping[str, str] = {
    "_PCIE_": "binBps",
    "_PROF_": "ratio",
    "_TEMP": "celsius",
    "_POWER_USAGE": "watts",
    "_UTIL": "percent",
    "_FB_": "mbytes",
}
_COUNTERS: Mapping[str, str] = {
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": "Energy since the driver started, in millijoules.",
    "DCGM_FI_DEV_PCIE_REPLAY_COUNTER": "Packets that were sent again over PCIe.",
    "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS": "Rows of memory replaced after uncorrectable errors.",
    "DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS": "Rows of memory replaced after correctable errors.",
}
#: Fields that the default file leaves out, and that panels and alerts read if the exporter has them.
OPTIONAL: Mapping[str, str] = {
    "DCGM_FI_PROF_SM_ACTIVE": "Share of cycles in which an SM has work, 0 to 1.",
    "DCGM_FI_PROF_SM_OCCUPANCY": "Share of the warps that an SM can hold, 0 to 1.",
    "DCGM_FI_DEV_POWER_VIOLATION": "Time with lower clocks because of power, in nanoseconds.",
    "DCGM_FI_DEV_THERMAL_VIOLATION": "Time with lower clocks because of heat, in nanoseconds.",
    "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL": "Corrected errors of memory since the driver started.",
    "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL": "Uncorrectable errors of memory since the driver started.",
    XID_COUNT: "XIDs within the exporter's window, 5 minutes by default.",
}


def catalog(host_label: str, fields: Sequence[str]) -> Sequence[Metric]:
    """The metrics; ``fields`` are those beyond the default file. Kubernetes, MIG and the file add more labels."""
    labels = ["gpu", "pci_bus_id", "device", "modelName"]
    labels += [host_label] if host_label != "instance" else []
    return (
        *(_gauge(name, labels, text) for name, text in _GAUGES.items()),
        *(Counter(name, labels=labels, help=text, more_labels=True) for name, text in _COUNTERS.items()),
        Gauge(
            "DCGM_FI_DEV_XID_ERRORS",
            labels=labels,  # from version 3.3.6 on with err_code and err_msg
            help="The last XID, until the exporter or the machine restarts.",
            more_labels=True,
        ),
        *(_optional(name, labels) for name in fields),
    )


def _gauge(name: str, labels: Sequence[str], text: str) -> Gauge:
    unit = next((unit for part, unit in _UNITS.items() if part in name), "")
    return Gauge(name, labels=labels, help=text, unit=unit, more_labels=True)


def _optional(name: str, labels: Sequence[str]) -> Metric:
    """A field of the user's file. That says whether XIDs are a counter; the value is that of a gauge."""
    text = OPTIONAL.get(name, "")
    if name == XID_COUNT:
        return Metric(name, labels=[*labels, "window_size_in_ms"], help=text, more_labels=True)
    if name.startswith("DCGM_FI_PROF_"):
        return _gauge(name, labels, text)
    if name in OPTIONAL:
        return Counter(name, labels=labels, help=text, more_labels=True)
    return Metric(name, labels=labels, more_labels=True)


def exporter() -> Exporter:
    """How the exporter is recognised."""
    return Exporter(
        "DCGM exporter",
        "4.6",
        preset="gpu_fleet",
        catalog=catalog("hostname", ()),
        marks=("DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_FB_USED"),
        source="https://github.com/NVIDIA/dcgm-exporter",
        detect=_detect,
    )


def _detect(exposed: Mapping[str, Metric]) -> Mapping[str, Any]:
    """The label with the machine, which another version calls otherwise, and the fields of the exporter's own file."""
    arguments: dict[str, Any] = {}
    temperature = exposed.get("DCGM_FI_DEV_GPU_TEMP")
    if temperature and temperature.labels and "hostname" not in temperature.labels:
        arguments["host_label"] = "Hostname" if "Hostname" in temperature.labels else "instance"
    if fields := [name for name in OPTIONAL if name in exposed]:
        arguments["fields"] = fields
    return arguments
