"""Kubernetes objects of prometheus-operator, and those that they select, as values that were read from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from obscode.findings.source import Source

#: The kinds that make a Prometheus server scrape targets.
MONITORS = ("ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig")


@dataclass(frozen=True)
class KubernetesObject:
    """An object, as far as checks and comparisons need it.

    Attributes:
        kind: its kind, such as `ServiceMonitor`.
        name: its name.
        namespace: its namespace; empty if the file does not say it.
        labels: its labels.
        spec: its spec, as plain data.
        source: the object in its file.
        version: its apiVersion, such as `monitoring.coreos.com/v1`.
        annotations: its annotations.
        rest: its other keys, as plain data, without files that are read by themselves, such as dashboards.
        has_content: whether files in it are read by themselves.
    """

    kind: str
    name: str
    namespace: str
    labels: Mapping[str, str]
    spec: Mapping[str, Any] = field(repr=False)
    source: Source = field(repr=False)
    version: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict, repr=False)
    rest: Mapping[str, Any] = field(default_factory=dict, repr=False)
    has_content: bool = False

    @property
    def title(self) -> str:
        """The name in findings: `the ServiceMonitor shop`."""
        return f"the {self.kind} {self.name}".rstrip()
