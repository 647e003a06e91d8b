"""Prometheus' configuration as a value, compiled or read from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from obscode.findings.source import Source


@dataclass(frozen=True)
class ScrapeConfig:
    """A scrape job: ``settings`` are the keys of a `scrape_configs` entry beside `job_name`, in output order."""

    job: str
    settings: Mapping[str, Any]
    source: Source


@dataclass(frozen=True)
class PrometheusConfig:
    """One `prometheus.yml`.

    Attributes:
        name: the environment, or the path of a file that was read; empty for the project's own.
        settings: the other top-level keys (`global`, `rule_files`, `alerting`), in output order.
    """

    name: str
    scrape_configs: Sequence[ScrapeConfig]
    source: Source
    settings: Mapping[str, Any] = field(default_factory=dict)
