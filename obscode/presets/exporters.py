"""The programs whose metrics presets read: `obscode presets` lists them, `obscode init` recognises them.

A new preset adds its own here, the most specific one first: vLLM also has the metrics of a middleware.
"""

from collections.abc import Sequence

from obscode.presets.exporter import Exporter
from obscode.presets.features.feast import EXPORTER as FEAST
from obscode.presets.gpu import dcgm
from obscode.presets.http import DIALECTS
from obscode.presets.llm import ENGINES
from obscode.presets.llm_gateway import EXPORTER as LITELLM
from obscode.presets.machines import node_metrics
from obscode.presets.model_quality import exporter as model_metrics
from obscode.presets.triton import EXPORTERS as TRITON

#: The programs, in the order in which a text of metrics is compared with them.
EXPORTERS: Sequence[Exporter] = (
    *(engine.exporter() for engine in ENGINES.values()),
    *TRITON,
    dcgm.exporter(),
    LITELLM,
    node_metrics.exporter(),
    FEAST,
    *(dialect.exporter() for dialect in DIALECTS.values()),
    model_metrics(),  # the last one: the service has requests, too
)
