"""PromQL of GPUs: one value for each, whatever labels of pods and GPU instances its series have.

DCGM has a special number for a value that it does not have, such as 9223372036854775794; versions before 4 export it.
Each query drops values beyond what the field can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from obscode.presets.gpu.dcgm import GPU_INSTANCE, XID, XID_COUNT
from obscode.presets.scope import Scope
from obscode.promql.selector import Matcher

ENGINE, UTILISATION = "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "DCGM_FI_DEV_GPU_UTIL"
TEMPERATURE, XIDS = "DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_XID_ERRORS"
MEBIBYTE = 1048576

#: The label of the fleet in the recorded series.
FLEET = "fleet"


@dataclass(frozen=True)
class Queries:
    """Selectors of the fleet's series, and one value for each GPU.

    Attributes:
        name: the name of the fleet.
        scope: its series.
        host: the label with the machine.
        pod: the label with the pod that has the GPU.
        namespace: the label with its namespace.
        fields: the fields that the exporter has beyond its default file.
    """

    name: str
    scope: Scope
    host: str
    pod: str
    namespace: str
    fields: frozenset[str]

    @property
    def gpu(self) -> str:
        """The labels of a GPU."""
        return f"{self.host}, gpu, modelName"

    @property
    def whose(self) -> str:
        """A GPU in a summary."""
        return f"GPU {{{{ $labels.gpu }}}} of {{{{ $labels.{self.host} }}}}"

    @property
    def legend(self) -> str:
        """A GPU in a legend."""
        return f"{{{{{self.host}}}}} GPU {{{{gpu}}}}"

    def select(self, metric: str, limit: float = 1e9, *more: Matcher) -> str:
        """The values of a gauge that are below a limit: others stand for an unknown value."""
        return f"{self.scope.select(metric, *more)} < {limit:g}"

    def each(self, metric: str, limit: float = 1e9) -> str:
        """The value of each GPU; its instances have that of the GPU, such as a temperature."""
        return f"max by ({self.gpu}) ({self.select(metric, limit)})"

    def of_instances(self, metric: str, how: Literal["sum", "avg"], limit: float = 1e9) -> str:
        """The value of each GPU, of which instances (MIG) have a part each: that of the GPU, if it is exported."""
        whole = self.select(metric, limit, Matcher(GPU_INSTANCE, "=", ""))
        parts = f"max by ({self.gpu}, {GPU_INSTANCE}) ({self.select(metric, limit)})"
        return f"(max by ({self.gpu}) ({whole}) or {how} by ({self.gpu}) ({parts}))"

    def active(self) -> str:
        """The share of time in which each GPU works; older ones have no profiling, and show percent."""
        engine, percent = self.of_instances(ENGINE, "avg", 2), self.of_instances(UTILISATION, "avg", 200)
        return f"({engine}\nor\n{percent} / 100)"

    def grown(self, metric: str, window: str, limit: float = 1e9) -> str:
        """How much a counter of each GPU grew. Its series end if the pod does, so `increase` would miss a step."""
        now, before = self.scope.select(metric), f"min_over_time({self.scope.select(metric)}[{window}])"
        return f"(max by ({self.gpu}) ({now}) - min by ({self.gpu}) ({before})) < {limit:g}"

    @property
    def new_xids_name(self) -> str:
        """The recorded series of `new_xids`."""
        return f"gpu:{XID_COUNT}:sum" if XID_COUNT in self.fields else f"gpu:{XIDS}:new15m"

    def new_xids(self) -> str:
        """The XIDs that GPUs did not have 15 minutes before, with the pod that has the GPU.

        Without the exporter's count, it is the last XID of each GPU, which stays until a restart. A new one is another
        value, and from version 3.3.6 on, another series.
        """
        whose = f"{self.gpu}, {self.namespace}, {self.pod}"
        if XID_COUNT in self.fields:
            return f"sum by ({whose}, {XID}) ({self.scope.select(XID_COUNT, Matcher(XID, '!=', ''))}) > 0"
        now = f"{self.scope.select(XIDS)} > 0 < 1000"
        before = f"last_over_time({self.scope.select(XIDS)}[1h] offset 15m)"
        return (
            f'count_values by ({whose}) ("{XID}", {now})\n'
            f"unless on ({self.host}, gpu, {XID})\n"
            f'count_values by ({self.host}, gpu) ("{XID}", {before})'
        )

    def xids(self, *more: Matcher) -> str:
        """The recorded series of new XIDs."""
        return str(Scope((Matcher(FLEET, "=", self.name),)).select(self.new_xids_name, *more))

    def series(self, metric: str, labels: Mapping[str, str] | None = None) -> str:
        """A series of GPU 0 in a unit test."""
        return self.scope.series(metric, {self.host: "a", "gpu": "0", "modelName": "H100", **(labels or {})})
