"""The configurations of servers that share the targets of a project: each scrapes those with its hash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.model import naming
from obscode.model.server.prometheus import PrometheusServer

# Prometheus never sets labels with this prefix: they are for steps of relabeling.
_HASH = "__tmp_shard"
_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\]):[0-9]+")
_ADDRESS, _PARAMETER = "__address__", "__param_target"


def sharded(config: PrometheusConfig, server: PrometheusServer | None) -> Iterator[PrometheusConfig]:
    """The configuration of each shard; the configuration itself where one server has all targets."""
    if server is None or server.shards < 2:
        yield config
        return
    for number in range(server.shards):
        jobs = [_with_shard(job, number, server.shards) for job in config.scrape_configs]
        yield replace(
            config,
            name=naming.shard(config.name, number),
            scrape_configs=jobs,
            settings=_with_label(config.settings, server.shard_label, str(number)),
        )


def _with_shard(job: ScrapeConfig, number: int, shards: int) -> ScrapeConfig:
    """The job with the targets of one shard, after its own relabeling has set their addresses.

    A target on the server's own machine is another one for each server.
    """
    settings = dict(job.settings)
    if _is_local(settings):
        return job
    steps = list(settings.get("relabel_configs", ()))
    # The targets of an exporter that probes others have one address, and a parameter each.
    source = _PARAMETER if any(step.get("target_label") == _PARAMETER for step in steps) else _ADDRESS
    settings["relabel_configs"] = [
        *steps,
        {"source_labels": [source], "modulus": shards, "target_label": _HASH, "action": "hashmod"},
        {"source_labels": [_HASH], "regex": str(number), "action": "keep"},
    ]
    return replace(job, settings=settings)


def without_shard(job: ScrapeConfig) -> ScrapeConfig:
    """The job with all targets, for outputs whose servers share them by their own settings."""
    steps = [each for each in job.settings.get("relabel_configs", ()) if not _is_of_shard(each)]
    settings = {**job.settings, "relabel_configs": steps}
    return replace(job, settings=settings if steps else {k: v for k, v in settings.items() if k != "relabel_configs"})


def is_sharded(job: ScrapeConfig) -> bool:
    """Whether the job has a part of its targets only."""
    return any(_is_of_shard(step) for step in job.settings.get("relabel_configs", ()))


def _is_of_shard(step: Mapping[str, Any]) -> bool:
    return step.get("target_label") == _HASH or step.get("source_labels") == [_HASH]


def _is_local(settings: Mapping[str, Any]) -> bool:
    """Whether all targets of a job are on the machine of the server."""
    static = settings.get("static_configs", ())
    targets = [target for each in static for target in each["targets"]]
    discovers = any(key.endswith("_sd_configs") for key in settings)
    return bool(targets) and not discovers and all(_LOCAL.fullmatch(target) for target in targets)


def _with_label(settings: Mapping[str, Any], label: str, value: str) -> dict[str, Any]:
    if not label:
        return dict(settings)
    of_all = settings["global"]
    labels = {**of_all.get("external_labels", {}), label: value}
    return {**settings, "global": {**of_all, "external_labels": labels}}
