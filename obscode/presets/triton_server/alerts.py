"""Why requests of Triton Inference Server wait or fail: alerts with unit tests."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.model.alert import Alert
from obscode.presets.fault_alerts import MINUTES, constant, growing
from obscode.presets.selection import scoped_tests
from obscode.presets.triton_server.catalog import FAILURE, LLM_CACHE, LLM_REQUESTS, PENDING, SUCCESS
from obscode.presets.triton_server.queries import Queries
from obscode.promql.selector import Matcher

_REJECTED = Matcher("reason", "=", "REJECTED")
_LABELS = 'model="m",instance="a"'


def alerts(queries: Queries, max_pending: int, *, tensorrt_llm: bool) -> Iterator[Alert]:
    """A queue with more than ``max_pending`` requests, rejected ones, a model that hangs, restarts, a full KV cache."""
    pending = f"{PENDING}{{{_LABELS}}}"
    yield Alert(
        "TritonQueueLong",
        f"{queries.gauge(PENDING)} > {max_pending}",
        for_="10m",
        severity="ticket",
        summary="{{ $value }} requests wait for the model {{ $labels.model }}",
        description="More requests arrive than its instances work off. Add an instance, larger batches or a server.",
        tests=scoped_tests(
            queries.matchers,
            "requests wait",
            fires={pending: constant(max_pending + 1)},
            quiet={pending: constant(max_pending)},
        ),
    )
    yield _rejected(queries)
    yield _stuck(queries)
    yield _restarting(queries)
    if tensorrt_llm:
        yield _cache_full(queries)


def _rejected(queries: Queries) -> Alert:
    """The scheduler rejects requests that wait longer than the queue policy of the model allows."""
    rejected = f'{FAILURE}{{{_LABELS},reason="REJECTED"}}'
    success = f"{SUCCESS}{{{_LABELS}}}"
    return Alert(
        "TritonRequestsRejected",
        f"{queries.failed_share(_REJECTED, window='5m')} > 0.01",
        for_="10m",
        severity="ticket",
        summary="The model {{ $labels.model }} rejects {{ $value | humanizePercentage }} of its requests",
        description="They wait longer than its queue policy allows. Add an instance or a server, or limit the clients.",
        tests=scoped_tests(
            queries.matchers,
            "two of a hundred requests are rejected",
            fires={success: growing(98), rejected: growing(2)},
            quiet={success: growing(99), rejected: growing(1)},
        ),
    )


def _stuck(queries: Queries) -> Alert:
    """Requests are counted when they end: an SLO does not see those that never do."""
    by = "model, instance"
    pending, success, failure = (f"{metric}{{{_LABELS}}}" for metric in (PENDING, SUCCESS, FAILURE))
    failed = failure.replace("}", ',reason="OTHER"}')
    return Alert(
        "TritonModelStuck",
        f"{queries.gauge(PENDING, by=by)} > 0\nunless\n{queries.ended('10m', by=by)} > 0",
        for_="5m",
        severity="page",
        summary="{{ $value }} requests wait for the model {{ $labels.model }}, and none ends",
        description="The model hangs on {{ $labels.instance }}: restart the server. Its log has the reason.",
        tests=scoped_tests(
            queries.matchers,
            "no request ends",
            fires={pending: constant(3), success: constant(1000), failed: constant(10)},
            quiet={pending: constant(3), success: constant(1000), failed: growing(1)},
        ),
    )


def _restarting(queries: Queries) -> Alert:
    """The server does not expose its start: counters begin at 0 again."""
    success = f"{SUCCESS}{{{_LABELS}}}"
    return Alert(
        "TritonRestarting",
        f"max by (instance) (resets({queries.select(SUCCESS)}[30m])) > 2",
        severity="ticket",
        summary="{{ $labels.instance }} restarts again and again",
        description="It crashes, or it is killed: out of memory of the GPU or the host, or a probe fails.",
        tests=scoped_tests(
            queries.matchers,
            "it restarts",
            fires={success: "0+10x8 0+10x8 0+10x8 0+10x40"},
            quiet={success: growing(100)},
        ),
    )


def _cache_full(queries: Queries) -> Alert:
    """The label `fraction` has the share in some versions only: the others are always there."""
    used, most = (Matcher("kv_cache_block_type", "=", each) for each in ("used", "max"))
    by = "model, instance"
    share = f"max by (model) ({queries.gauge(LLM_CACHE, used, by=by)} / {queries.gauge(LLM_CACHE, most, by=by)})"
    waiting = f'{LLM_REQUESTS}{{{_LABELS},request_type="waiting"}}'
    full = {
        f'{LLM_CACHE}{{{_LABELS},kv_cache_block_type="used"}}': f"95x{MINUTES}",
        f'{LLM_CACHE}{{{_LABELS},kv_cache_block_type="max"}}': f"100x{MINUTES}",
    }
    return Alert(
        "TritonCacheFull",
        f"{share} > 0.9\nand\n{queries.gauge(LLM_REQUESTS, Matcher('request_type', '=', 'waiting'))} > 0",
        for_="10m",
        severity="ticket",
        summary="The KV cache of {{ $labels.model }} is full, and requests wait",
        description="Add a server, allow fewer or shorter sequences, or give the cache more memory.",
        tests=scoped_tests(
            queries.matchers,
            "the cache is full and requests wait",
            fires={**full, waiting: constant(2)},
            quiet={**full, waiting: constant(0)},
        ),
    )
