"""Why requests wait or fail in a server of language models: alerts with unit tests."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.model.alert import Alert
from obscode.presets.fault_alerts import MINUTES, constant, fault_tests, growing
from obscode.presets.llm.queries import Queries


def engine_alerts(queries: Queries, max_waiting: int) -> Iterator[Alert]:
    """A full KV cache, more than ``max_waiting`` requests in the queue, preemptions, and a server that hangs."""
    engine = queries.engine
    waiting, running = engine.waiting, engine.running
    if engine.cache_usage:
        yield _cache_alert(queries)
    yield Alert(
        "LLMQueueLong",
        f"{queries.total(waiting)} > {max_waiting}",
        for_="10m",
        severity="ticket",
        summary=f"{{{{ $value }}}} requests wait for {queries.whose}",
        description="More requests arrive than the servers work off. Add a replica, or limit the requests.",
        tests=fault_tests(
            "requests wait",
            fires={queries.series(waiting): constant(max_waiting + 1)},
            quiet={queries.series(waiting): constant(max_waiting)},
        ),
    )
    if engine.preempted:
        yield _preemption_alert(queries)
    yield _restart_alert(queries)
    by = queries.by("instance")  # one server of several may hang
    generated, active = queries.series(engine.generated_tokens), queries.series(running)
    yield Alert(
        "LLMEngineStuck",
        f"sum{by} ({queries.select(running)}) > 0\nand\n"
        f"sum{by} (rate({queries.select(engine.generated_tokens)}[5m])) == 0",
        for_="5m",
        severity="page",
        summary=f"{queries.whose} runs requests and writes no token",
        description="The server {{ $labels.instance }} hangs: restart it. Its log and the driver's have the reason.",
        tests=fault_tests(
            "no token is written",
            fires={active: constant(3), generated: constant(1000)},
            quiet={active: constant(3), generated: growing(100)},
        ),
    )


def _restart_alert(queries: Queries) -> Alert:
    """Counters begin at 0 again. The start of the process is not exposed by all servers."""
    generated = queries.engine.generated_tokens
    series = queries.series(generated)
    return Alert(
        "LLMEngineRestarting",
        f"max by (instance) (resets({queries.select(generated)}[30m])) > 2",
        severity="ticket",
        summary="{{ $labels.instance }} restarts again and again",
        description="It crashes, or it is killed: out of memory of the GPU or the host, or a probe fails.",
        tests=fault_tests(
            "it restarts",
            fires={series: "0+10x8 0+10x8 0+10x8 0+10x40"},
            quiet={series: growing(100)},
        ),
    )


def _cache_alert(queries: Queries) -> Alert:
    """A full cache alone is healthy: the engine reuses it. With a queue, requests wait for it."""
    usage, waiting = queries.engine.cache_usage, queries.engine.waiting
    full = {queries.series(usage): f"0.95x{MINUTES}"}
    return Alert(
        "LLMCacheFull",
        f"max{queries.by()} ({queries.select(usage)}) > 0.9\nand\n{queries.total(waiting)} > 0",
        for_="10m",
        severity="ticket",
        summary=f"The KV cache of {queries.whose} is full, and requests wait",
        description="Add a replica, allow fewer or shorter sequences, or give the cache more memory.",
        tests=fault_tests(
            "the cache is full and requests wait",
            fires={**full, queries.series(waiting): constant(2)},
            quiet={**full, queries.series(waiting): constant(0)},
        ),
    )


def _preemption_alert(queries: Queries) -> Alert:
    preempted = queries.engine.preempted
    return Alert(
        "LLMPreemptions",
        f"{queries.rate(preempted, '5m')} > 1",
        for_="10m",
        severity="ticket",
        summary=f"{queries.whose} preempts {{{{ $value | humanize }}}} requests each second",
        description="Requests lose their place in the KV cache and start again. Allow fewer sequences at a time.",
        tests=fault_tests(
            "two requests each second",
            fires={queries.series(preempted): growing(120)},
            quiet={queries.series(preempted): growing(60)},
        ),
    )
