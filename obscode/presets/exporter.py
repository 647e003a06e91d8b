"""A program whose metrics a preset reads: its catalog, the version of it, and how it is recognised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from obscode.model.metrics import Metric


@dataclass(frozen=True)
class Exporter:
    """What a program exposes at /metrics, and the call of the preset that reads it.

    Attributes:
        program: the name of the program, as its own documentation writes it.
        version: the version whose metrics these are.
        preset: the name of the function in `obscode.presets`.
        arguments: arguments of the call that choose the program, such as `engine="vllm"`.
        catalog: the metrics that the preset reads.
        marks: names of metrics in the catalog that no other program exposes: a text with all of them is recognised.
        prefix: of the names in the catalog, if it can be replaced; the call then has `prefix=`.
        histogram: the one whose bounds `buckets=` of the call has; empty if that has the bounds of several by name.
        when_missing: further arguments of the call if a text does not have a metric, by its name.
        when_exposed: further arguments of the call if a text has a metric, by its name.
        source: the URL of the documentation or source with the metrics.
        detect: arguments of the call that follow from the metrics of a text, by name, such as `host_label="Hostname"`.
    """

    program: str
    version: str
    _: KW_ONLY
    preset: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    catalog: Sequence[Metric]
    marks: Sequence[str]
    prefix: str = ""
    histogram: str = ""
    when_missing: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    when_exposed: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    source: str = ""
    detect: Callable[[Mapping[str, Metric]], Mapping[str, Any]] = lambda exposed: {}
