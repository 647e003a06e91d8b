"""What a gauge of a server measures, by the words of its name: what load, a full cache or a standstill changes."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from obscode.simulation.levels import name_parts

Role = Literal["in flight", "queue", "throughput", "cache"]
IN_FLIGHT: Role = "in flight"
THROUGHPUT: Role = "throughput"

_PROCESS = ("process_", "python_", "go_", "jvm_", "nodejs_", "promhttp_")
_QUEUES = frozenset(["waiting", "queue", "queued", "pending", "backlog", "queues"])
_RUNNING = frozenset(["running", "inflight", "inprogress", "ongoing", "processing"])
_CALLS = frozenset(["requests", "request", "reqs", "req", "connections", "calls", "slots", "tasks", "streams"])
_EVENTS = frozenset(["messages", "events", "predictions", "jobs", "inferences", "queries"])
_FLOWS = frozenset(["throughput", "util", "utilization", "utilisation"])
_FILLED = frozenset(["usage", "used", "utilization", "utilisation", "fill", "occupancy"])
_CACHES = frozenset(["cache", "kv", "token", "tokens", "blocks"])
_LIMITS = frozenset(["max", "limit", "limits", "capacity", "info", "created", "maximum", "config"])
_DURATIONS = frozenset(["seconds", "duration", "latency", "milliseconds", "ms", "time", "microseconds", "us", "delay"])


@lru_cache(4096)
def is_of_process(family: str) -> bool:
    """Whether the client library exposes a metric, whatever the load."""
    return family.startswith(_PROCESS)


@lru_cache(4096)
def is_duration(family: str) -> bool:
    """Whether observations are durations, by the name."""
    return bool(_DURATIONS & set(name_parts(family)))


@lru_cache(4096)
def is_steady(name: str) -> bool:
    """Whether a gauge is a limit or describes something."""
    return bool(_LIMITS & set(name_parts(name)))


def is_queue(name: str) -> bool:
    """Whether a gauge counts what waits."""
    return bool(_QUEUES & set(name_parts(name))) and not is_steady(name) and not is_duration(name)


def is_running(name: str) -> bool:
    """Whether a gauge counts requests that are served."""
    parts = set(name_parts(name))
    if {"batch", "current", "size"} <= parts:  # the requests that a server of models works on together
        return True
    in_progress = {"in", "progress"} <= parts or {"in", "flight"} <= parts or "active" in parts
    return bool(_CALLS & parts) and (bool(_RUNNING & parts) or in_progress) and not is_steady(name)


def counts_calls(name: str) -> bool:
    """Whether a counter counts requests or the like."""
    parts = set(name_parts(name))
    return bool(parts & (_CALLS | _EVENTS)) and not parts & (_DURATIONS | {"bytes"})


def is_cache_ratio(name: str, value: float) -> bool:
    """Whether a gauge says how full a cache is, as a ratio or in percent."""
    parts = set(name_parts(name))
    is_share = 0 <= value <= 1 or ({"perc", "percent"} & parts and value <= 100)
    return bool(_CACHES & parts and _FILLED & parts) and bool(is_share) and "num" not in parts


@lru_cache(4096)
def role_of(name: str) -> Role | None:
    """What a gauge measures; None for memory, temperatures and others that the load hardly changes."""
    if is_queue(name) or is_running(name):
        return IN_FLIGHT
    parts = set(name_parts(name))
    if (_FLOWS & parts or (_CACHES & parts and _FILLED & parts)) and not {"bytes", "memory"} & parts:
        return THROUGHPUT
    return None
