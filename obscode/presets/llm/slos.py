"""What users of a server of language models wait for, as SLOs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from obscode.model import sli
from obscode.model.sli.base import SLI
from obscode.model.slo import SLO
from obscode.presets.bucket_limits import seconds_text, snapping_text
from obscode.presets.llm.engine import name_of
from obscode.presets.llm.queries import Limit, Queries
from obscode.promql import duration
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Selector

_WINDOW = "5m"  # the base window of SLOs


def latency_slos(queries: Queries, limits: Mapping[str, Limit], objective: float) -> Iterator[SLO]:
    """An SLO for each limit, by name. A limit that is no bound is snapped to the nearest one."""
    missing = {name_of(limit.histogram): limit.seconds for limit in limits.values() if limit.bound != limit.seconds}
    flag = queries.engine.flag(missing)
    for name, limit in limits.items():
        text = f"At most {seconds_text(limit.bound)} until {_WHAT[name]}."
        if limit.bound != limit.seconds:
            text += snapping_text(name_of(limit.histogram), limit=limit.seconds, bound=limit.bound)
            text += f" The server adds the bound with {flag}; then write added_bounds=True." if flag else ""
        yield SLO(name, objective, _latency(queries, limit), description=text)


_WHAT = {"first-token": "the first token", "per-token": "each further token"}


def _latency(queries: Queries, limit: Limit) -> SLI:
    """The share of slow requests. A bound with many digits is no duration: its bucket is named as it is exposed."""
    text = f"{Decimal(repr(limit.bound)):f}s"
    if not duration.validate_limit(text):
        return sli.Latency(queries.select(limit.histogram), under=text)
    total = _increase(queries, limit.count())
    return sli.FreeQuery(bad=f"{total}\n-\n{_increase(queries, limit.fast())}", total=total)


def goodput_slo(queries: Queries, limits: Sequence[Limit], objective: float) -> SLO:
    """Two histograms do not say which requests meet both limits: those that miss one are at most the sum of both."""
    # SGLang: the first token of the streamed requests is compared with the further ones of the same.
    some = parse_selector(limits[0].histogram).matchers
    counted = [limit.among(some) if n else limit for n, limit in enumerate(limits)]
    slow = [f"({_increase(queries, limit.count())} - {_increase(queries, limit.fast())})" for limit in counted]
    total = _increase(queries, counted[0].count())
    slowest = "\n+\n".join(slow)
    return SLO(
        "goodput",
        objective,
        sli.FreeQuery(bad=f"({slowest}) < {total}\nor\n{total}", total=total),
        description=(
            f"At least this share of requests has the first token within {seconds_text(limits[0].bound)}"
            f" and each further one within {seconds_text(limits[1].bound)}: those that miss both limits count twice."
        ),
    )


# --- availability --------------------------------------------------------------------------------------------------


def availability_slo(queries: Queries, objective: float) -> SLO:
    """Failures in the engine, and those of requests that the engine has not counted."""
    engine = queries.engine
    lost = _lost(queries)
    text = "Requests that do not fail; those that clients abandon are no failures."
    if not lost and name_of(engine.failed) == name_of(engine.requests):
        errors, total = queries.select(engine.failed), queries.select(engine.requests)
        return SLO("availability", objective, sli.Ratio(errors=errors, total=total), description=text)
    failed, all_requests = (_increase(queries, each) for each in (engine.failed, engine.requests))
    parts = [f"({each} or 0 * {all_requests})" for each in (failed, lost) if each]
    total = "\n+\n".join([all_requests, *parts[1:]])
    return SLO("availability", objective, sli.FreeQuery(bad="\n+\n".join(parts), total=total), description=text)


def _lost(queries: Queries) -> str:
    """Failed requests that are not among `requests` of the engine; empty if there is no metric of them."""
    engine = queries.engine
    if engine.http_requests:
        return f"sum(clamp_min(\n  {_unanswered(queries)}\n-\n  {_unanswered(queries, f' offset {_WINDOW}')}, 0))"
    if engine.http_failed:
        # A request that fails in the engine has the status 500 as well, unless its answer has begun.
        both = (_increase(queries, each) for each in (engine.http_failed, engine.failed))
        return f"clamp_min({' - '.join(both)}, 0)"
    return ""


def _unanswered(queries: Queries, offset: str = "") -> str:
    """Requests since the start of the server that ended without a response.

    The values themselves are compared: `increase()` misses the first responses of each status.
    """
    engine = queries.engine
    counts = (engine.http_requests, engine.requests, engine.http_active)
    return "(" + " - ".join(f"sum by (instance) ({queries.select(each)}{offset})" for each in counts) + ")"


def _increase(queries: Queries, selector: str | Selector) -> str:
    return f"sum(increase({queries.select(str(selector))}[{_WINDOW}]))"
