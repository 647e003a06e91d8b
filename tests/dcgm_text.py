"""What the DCGM exporter shows at /metrics, made from the catalog in the form of its template `gpuMetricsFormat`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from obscode.model.metrics import Counter
from obscode.presets.gpu.dcgm import catalog

VALUES = {
    "DCGM_FI_DEV_SM_CLOCK": "1755",
    "DCGM_FI_DEV_MEM_CLOCK": "2619",
    "DCGM_FI_DEV_MEMORY_TEMP": "58",
    "DCGM_FI_DEV_GPU_TEMP": "51",
    "DCGM_FI_DEV_POWER_USAGE": "512.250000",
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": "7200000000",
    "DCGM_FI_DEV_GPU_UTIL": "87",
    "DCGM_FI_DEV_FB_FREE": "8192",
    "DCGM_FI_DEV_FB_USED": "72704",
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE": "0.870000",
    "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": "0.310000",
    "DCGM_FI_PROF_DRAM_ACTIVE": "0.420000",
    "DCGM_FI_PROF_PCIE_TX_BYTES": "120000000",
    "DCGM_FI_PROF_PCIE_RX_BYTES": "480000000",
}


@dataclass(frozen=True)
class Gpu:
    """A GPU, or an instance of one (MIG).

    Attributes:
        number: its number on the machine.
        host: the machine.
        labels: further labels, such as the pod.
        values: values other than those of `VALUES`.
    """

    number: int
    host: str = "node-a"
    labels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    def series(self, metric: str) -> str:
        """The line of a metric."""
        at = f"{self.number:02}:00.0"
        labels = {
            "gpu": str(self.number),
            "UUID": f"GPU-{self.host}-{self.number}",
            "pci_bus_id": f"00000000:{at}",
            "device": f"nvidia{self.number}",
            "modelName": "NVIDIA H100 80GB HBM3",
            "hostname": self.host,
            **({"err_code": "0", "err_msg": "No Error"} if metric == "DCGM_FI_DEV_XID_ERRORS" else {}),
            **self.labels,
        }
        text = ",".join(f'{label}="{value}"' for label, value in labels.items())
        return f"{metric}{{{text}}} {self.values.get(metric, VALUES.get(metric, '0'))}"


def text(gpus: Sequence[Gpu]) -> str:
    """The text of several GPUs."""
    return "".join(f"{line}\n" for line in _lines(gpus))


def _lines(gpus: Sequence[Gpu]) -> Iterator[str]:
    for metric in catalog("hostname", ()):
        yield f"# HELP {metric.name} {metric.help}"
        yield f"# TYPE {metric.name} {'counter' if isinstance(metric, Counter) else 'gauge'}"
        yield from (gpu.series(metric.name) for gpu in gpus)


def pod(name: str) -> Mapping[str, str]:
    """The labels of the pod that has a GPU."""
    return {"container": "server", "namespace": "serving", "pod": name}


CAPTURE = (
    Gpu(0, labels=pod("llama-0")),
    Gpu(1, labels=pod("llama-1"), values={"DCGM_FI_DEV_GPU_TEMP": "55"}),
    Gpu(0, "node-b", labels=pod("embeddings-0"), values={"DCGM_FI_PROF_GR_ENGINE_ACTIVE": "0.240000"}),
)
