"""Why requests wait or fail in a server of language models: alerts with unit tests."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.model.alert import Alert
from obscode.presets.fault_alerts import MINUTES, constant, growing
from obscode.presets.llm.queries import Queries
from obscode.presets.selection import scoped_tests


def engine_alerts(queries: Queries, max_waiting: int) -> Iterator[Alert]:
    """Those whose metrics the engine has; ``max_waiting`` requests in the queue are not yet a long one."""
    engine = queries.engine
    if engine.cache_usage:
        yield _cache_full(queries)
    yield _queue_long(queries, max_waiting)
    if engine.rejected:
        yield _rejected(queries)
    if engine.preempted:
        yield _preemptions(queries)
    if engine.awake:
        yield _asleep(queries)
    yield _restarting(queries)
    yield _stuck(queries)


def _cache_full(queries: Queries) -> Alert:
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
        tests=scoped_tests(
            queries.matchers,
            "the cache is full and requests wait",
            fires={**full, queries.series(waiting): constant(2)},
            quiet={**full, queries.series(waiting): constant(0)},
        ),
    )


def _queue_long(queries: Queries, max_waiting: int) -> Alert:
    waiting = queries.engine.waiting
    return Alert(
        "LLMQueueLong",
        f"{queries.total(waiting)} > {max_waiting}",
        for_="10m",
        severity="ticket",
        summary=f"{{{{ $value }}}} requests wait for {queries.whose}",
        description="More requests arrive than the servers work off. Add a replica, or limit the requests.",
        tests=scoped_tests(
            queries.matchers,
            "requests wait",
            fires={queries.series(waiting): constant(max_waiting + 1)},
            quiet={queries.series(waiting): constant(max_waiting)},
        ),
    )


def _rejected(queries: Queries) -> Alert:
    rejected = queries.series(queries.engine.rejected)
    return Alert(
        "LLMRequestsRejected",
        f"{queries.rate(queries.engine.rejected, '5m')} > 0",
        for_="10m",
        severity="ticket",
        summary=f"{queries.whose} rejects {{{{ $value | humanize }}}} requests each second",
        description="Its queue is at the limit that the server is started with. Add a replica, or raise the limit.",
        tests=scoped_tests(
            queries.matchers,
            "the queue takes no further requests",
            fires={rejected: growing(6)},
            quiet={rejected: constant(6)},
        ),
    )


def _preemptions(queries: Queries) -> Alert:
    preempted = queries.engine.preempted
    return Alert(
        "LLMPreemptions",
        f"{queries.rate(preempted, '5m')} > 1",
        for_="10m",
        severity="ticket",
        summary=f"{queries.whose} preempts {{{{ $value | humanize }}}} requests each second",
        description="Requests lose their place in the KV cache and start again. Allow fewer sequences at a time.",
        tests=scoped_tests(
            queries.matchers,
            "two requests each second",
            fires={queries.series(preempted): growing(120)},
            quiet={queries.series(preempted): growing(60)},
        ),
    )


def _asleep(queries: Queries) -> Alert:
    """An engine sleeps while nobody needs it; nobody wakes it for a request."""
    awake, waiting = queries.engine.awake, queries.engine.waiting
    by = "instance"
    asleep = {queries.series(awake): constant(0)}
    return Alert(
        "LLMEngineAsleep",
        f"max{queries.by(by)} ({queries.select(awake)}) == 0\nand\n{queries.total(waiting, by)} > 0",
        for_="5m",
        severity="ticket",
        summary=f"{queries.whose} sleeps, and requests wait for it",
        description="Wake the server {{ $labels.instance }}: POST /wake_up. Route no requests to it while it sleeps.",
        tests=scoped_tests(
            queries.matchers,
            "requests wait for an engine that sleeps",
            fires={**asleep, queries.series(waiting): constant(2)},
            quiet={**asleep, queries.series(waiting): constant(0)},
        ),
    )


def _restarting(queries: Queries) -> Alert:
    """Counters begin at 0 again. The start of the process is not exposed by all servers."""
    generated = queries.engine.generated_tokens
    series = queries.series(generated)
    return Alert(
        "LLMEngineRestarting",
        f"max by (instance) (resets({queries.select(generated)}[30m])) > 2",
        severity="ticket",
        summary="{{ $labels.instance }} restarts again and again",
        description="It crashes, or it is killed: out of memory of the GPU or the host, or a probe fails.",
        tests=scoped_tests(
            queries.matchers,
            "it restarts",
            fires={series: "0+10x8 0+10x8 0+10x8 0+10x40"},
            quiet={series: growing(100)},
        ),
    )


def _stuck(queries: Queries) -> Alert:
    """Requests are counted when they end: an SLO does not see those that never do. One server of several may hang."""
    engine = queries.engine
    counters = [each for each in (engine.generated_tokens, engine.progress) if each]
    works = "".join(f"\nunless\n{_works(queries, counter)} > 0" for counter in counters)
    active = {queries.series(engine.running): constant(3)}
    written = [queries.series(counter) for counter in counters]
    return Alert(
        "LLMEngineStuck",
        f"{queries.total(engine.running, 'instance')} > 0{works}",
        for_="5m",
        severity="page",
        summary=f"{queries.whose} runs requests and writes no token",
        description="The server {{ $labels.instance }} hangs: restart it. Its log and the driver's have the reason.",
        tests=scoped_tests(
            queries.matchers,
            "no token is written",
            fires={**active, **dict.fromkeys(written, constant(1000))},
            quiet={**active, **dict.fromkeys(written, constant(1000)), written[-1]: growing(100)},
        ),
    )


def _works(queries: Queries, counter: str) -> str:
    return f"sum{queries.by('instance')} (rate({queries.select(counter)}[5m]))"
