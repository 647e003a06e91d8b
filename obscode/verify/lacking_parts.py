"""Parts of Prometheus that builds of distributions lack: Debian's 3.5 has no Consul and no Azure, for example.

Their promtool rejects a configuration that every other build of the version loads, so it checks the rest.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

from obscode.artifacts.prometheus import PrometheusConfig
from obscode.model.discovery.raw import KINDS
from obscode.renderers.prometheus.config import prometheus_config_text
from obscode.toolchain import Tool
from obscode.verify.processes import run

_UNKNOWN = re.compile(r"field (\w+) not found in type config\.")
_PARTS = frozenset({*(f"{kind}_sd_configs" for kind in KINDS.split()), "azuread", "google_iam"})


def lacking_parts(output: str) -> frozenset[str]:
    """The keys of a configuration that a build of promtool lacks, in its messages."""
    return _PARTS.intersection(_UNKNOWN.findall(output))


def check_without(
    lacking: Set[str], tool: Tool, arguments: Sequence[str], config: PrometheusConfig, path: Path
) -> subprocess.CompletedProcess[str]:
    """Check a configuration without the parts that the build of promtool lacks."""
    jobs = [replace(job, settings=_without(job.settings, lacking)) for job in config.scrape_configs]
    settings = {key: _items_without(value, lacking) for key, value in config.settings.items()}
    reduced = path.with_suffix(".reduced")
    text = prometheus_config_text(replace(config, scrape_configs=jobs, settings=settings))
    reduced.write_text(text, encoding="utf-8")
    try:
        return run(tool, "check", "config", *arguments, reduced.name, folder=reduced.parent)
    finally:
        reduced.unlink()


def _without(settings: Mapping[str, Any], lacking: Set[str]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key not in lacking}


def _items_without(value: Any, lacking: Set[str]) -> Any:
    """The items of `remote_write`, and of `alertmanagers` below `alerting`, without some keys."""
    if isinstance(value, Mapping) and "alertmanagers" in value:
        return {**value, "alertmanagers": _items_without(value["alertmanagers"], lacking)}
    if isinstance(value, list | tuple):
        return [_without(item, lacking) if isinstance(item, Mapping) else item for item in value]
    return value
