"""Plausible values of gauges and rates of counters, by name, unit and the comparisons of expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from obscode.simulation.conditions import Condition
from obscode.simulation.families import Family
from obscode.simulation.noise import between

#: What a gauge is, which decides how it moves: a state stays, an age is that of a time near now.
Sort = Literal["level", "state", "recent", "past", "future", "ratio"]

_SEPARATORS = re.compile(r"[^a-zA-Z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_CAPACITY = frozenset(
    [
        "total",
        "max",
        "limit",
        "limits",
        "capacity",
        "size",
        "allocatable",
        "hard",
        "quota",
        "maximum",
        "installed",
        "budget",
    ]
)
_STATES = frozenset(
    [
        "up",
        "success",
        "successful",
        "healthy",
        "ready",
        "alive",
        "running",
        "available",
        "connected",
        "enabled",
        "leader",
        "active",
        "online",
        "ok",
        "initialized",
        "registered",
        "synced",
        "joined",
        "primary",
        "master",
        "running",
        "health",
    ]
)
_BROKEN = frozenset(
    [
        "paused",
        "stopped",
        "deadlocked",
        "degraded",
        "unhealthy",
        "unschedulable",
        "readonly",
        "disabled",
        "offline",
        "firing",
        "alerting",
        "disconnected",
        "lagging",
        "stuck",
        "crashed",
        "cordoned",
        "drained",
    ]
)
_FAULTS = frozenset(
    [
        "error",
        "errors",
        "failed",
        "failure",
        "failures",
        "fault",
        "faults",
        "missing",
        "dead",
        "lost",
        "pending",
        "waiting",
        "stale",
    ]
)
_QUALITY = frozenset(
    ["accuracy", "recall", "precision", "f1", "auc", "success", "hit", "correct", "availability", "r2"]
)
_QUEUES = frozenset(["queue", "queued", "waiting", "pending", "backlog"])
_BYTES, _GIB = frozenset(("bytes", "byte", "memory", "rss")), 2.0**30


@dataclass(frozen=True)
class Level:
    """Where the values of a gauge are.

    Attributes:
        value: the value around which it moves.
        swing: how far it moves, as a ratio of the value.
        traffic: how much of the traffic's changes it follows, from 0 to 1.
    """

    value: float
    swing: float = 0.15
    traffic: float = 0
    sort: Sort = "level"


def name_parts(name: str) -> list[str]:
    """The words of a name, in lower case."""
    return [word.lower() for word in _SEPARATORS.split(name) if word]


def level_of(family: Family, alarms: Iterable[Condition] = (), entity: int = 0) -> Level:
    """The level of a gauge: no alarm's condition holds, and else those of panels do.

    Where several values are compared, as those of a state, each entity has one of them.
    """
    level = _by_name(family)
    if level.sort in ("past", "future", "recent"):
        return level
    value, swing = level.value, level.swing
    equal = [condition for condition in family.conditions if condition[0] == "=="]
    for condition in family.conditions:
        if condition in equal and condition != equal[entity % len(equal)]:
            continue
        if not _holds(condition, value, swing):
            value, swing = _satisfying(condition, value), 0.0
    for condition in _without_guards(list(alarms)):
        if _may_hold(condition, value, swing):
            value, swing = _avoiding(condition, value), min(swing, 0.05)
        if condition[0] in (">", ">=") and condition[1] > 0 and _QUEUES & set(name_parts(family.name)):
            value = min(value, condition[1] * 0.5 / max(1, len(family.members)))  # alerts compare the sum
    return Level(value, swing, level.traffic, level.sort)


def _by_name(family: Family) -> Level:
    parts, unit, hints = name_parts(family.name), family.unit, family.hints
    name = family.name.lower()
    if "info" in hints or parts[-1:] == ["info"] or parts[-2:] == ["build", "info"] or name.startswith("alerts"):
        return Level(1, 0, sort="state")
    if (sort := _time(parts, name, hints)) is not None:
        return Level(0, 0, sort=sort)
    is_share = unit == "percentunit" or bool({"ratio", "share"} & set(parts))
    if is_share and _QUALITY & set(parts):
        return Level(0.97, 0.005, sort="ratio")
    if unit == "percentunit" or {"ratio", "fraction"} & set(parts) or name.endswith(("utilization", "utilisation")):
        return Level(between(0.25, 0.6, name), 0.2, 0.5, "ratio")
    if unit in ("percent",) or {"percent", "percentage", "pct"} & set(parts):
        return Level(between(25, 60, name), 0.2, 0.5)
    if {"celsius", "temperature", "temp"} & set(parts):
        return Level(between(40, 55, name), 0.06, 0.3)
    if {"watts", "power"} & set(parts):
        return Level(between(80, 250, name), 0.1, 0.5)
    if {"volts", "voltage"} & set(parts):
        return Level(12, 0.01)
    if unit in ("bytes", "decbytes") or _BYTES & set(parts):
        return _amount(parts, 16 * _GIB)
    return _plain(parts, name, unit)


def _plain(parts: list[str], name: str, unit: str) -> Level:
    seconds = {"seconds", "duration", "latency", "lag", "delay"} & set(parts) or unit == "s"
    if seconds or {"milliseconds", "ms"} & set(parts) or unit == "ms":
        scale = 1000 if {"milliseconds", "ms"} & set(parts) or unit == "ms" else 1
        return Level(scale * between(0.02, 0.4, name), 0.25, 0.5)
    if parts[-1] in ("load1", "load5", "load15"):  # of a machine whose processors are mostly idle
        return Level(between(0.4, 0.9, name), 0.2, 0.5)
    if set(parts) & _BROKEN or parts[-1] in _FAULTS:
        return Level(0, 0, sort="state")
    if parts[-1] in _STATES or set(parts[-2:]) & {"successful", "success", "healthy", "ready", "condition", "phase"}:
        return Level(1, 0, sort="state")
    if {"phase", "status", "state"} & set(parts[-2:]):
        return Level(1, 0, sort="state")
    if {"replicas", "members", "nodes", "brokers", "workers", "targets"} & set(parts):
        return Level(3, 0)
    if {"cores", "cpus", "cpu"} & set(parts):
        return _amount(parts, 8)
    return _amount(parts, 1000 if _CAPACITY & set(parts) else between(20, 200, name))


def _amount(parts: list[str], capacity: float) -> Level:
    """A capacity, or what is used or free of one."""
    if _CAPACITY & set(parts) and not {"used", "usage", "free", "available", "avail"} & set(parts):
        return Level(capacity, 0)
    share = between(0.3, 0.55, *parts)
    return Level(capacity * share, 0.12, 0.4)


def _time(parts: list[str], name: str, hints: frozenset[str]) -> Sort | None:
    has_time = "timestamp" in hints or {"timestamp", "created", "boot"} & set(parts) or "start_time" in name
    is_expiry = {"expiry", "expiration", "expires", "expire"} & set(parts) or "not_after" in name
    if is_expiry and ("timestamp" in hints or has_time or parts[-1] in ("expiry", "seconds")):
        return "future"
    if not has_time and not ("last" in parts and "time" in parts):
        return None
    if "duration" in parts and "timestamp" not in parts:
        return None
    return "past" if {"start", "created", "boot", "startup", "started"} & set(parts) else "recent"


def _without_guards(alarms: Sequence[Condition]) -> Sequence[Condition]:
    """Without the comparisons that only exclude divisors of 0, where another one is the limit."""
    if not any(op in (">", ">=") and bound > 0 for op, bound in alarms):
        return alarms
    return [(op, bound) for op, bound in alarms if op not in (">", ">=", "!=") or bound > 0]


# --- comparisons -----------------------------------------------------------------------------------------------------


def _holds(condition: Condition, value: float, swing: float) -> bool:
    """Whether a condition holds for all values of a gauge."""
    operator, bound = condition
    low, high = value * (1 - 2 * swing), value * (1 + 2 * swing)
    match operator:
        case ">":
            return low > bound
        case ">=":
            return low >= bound
        case "<":
            return high < bound
        case "<=":
            return high <= bound
        case "==":
            return swing == 0 and value == bound
    return not low <= bound <= high


def _may_hold(condition: Condition, value: float, swing: float) -> bool:
    """Whether a condition holds for some value of a gauge."""
    operator, bound = condition
    opposite = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}[operator]
    return not _holds((opposite, bound), value, swing * 1.5)


def _satisfying(condition: Condition, value: float) -> float:
    operator, bound = condition
    if operator in ("==", ">=", "<="):
        return bound
    if operator == "<":
        return bound * 0.5 if bound > 0 else bound * 1.5 - 1
    if operator == ">":
        return bound * 1.5 + (1 if bound < 1 else 0) if bound >= 0 else bound * 0.5
    return bound + 1


def _avoiding(condition: Condition, value: float) -> float:
    operator, bound = condition
    if operator in (">", ">="):
        low = bound * 0.5 if bound > 0 else bound * 1.5 - (operator == ">=")
        return min(value, low)
    if operator in ("<", "<="):
        high = bound * 1.5 if bound > 0 else bound * 0.5 + (1 if bound == 0 or operator == "<=" else 0)
        return max(value, high)
    if operator == "==":
        return 1 - bound if bound in (0, 1) else bound + 1
    return bound


def rate_of(family: Family) -> float:
    """The increase per second of one series of a counter, or of the observations of a histogram, with usual traffic."""
    parts = name_parts(family.name) if family.kind == "counter" else []
    if "bytes" in parts or "octets" in parts:
        return between(2e5, 4e6, family.name)
    if "cpu" in parts and "seconds" in parts:
        return between(0.1, 0.35, family.name)
    if "seconds" in parts or "duration" in parts or "time" in parts:
        return between(0.02, 0.3, family.name)
    return between(2, 20, family.name)
