"""The histograms of a catalog that measure the time of requests, in any middleware's names and units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from obscode.model.metrics import DEFAULT_BUCKETS, Histogram, Metric
from obscode.model.sli.buckets import SECOND, le_matcher, unit_of
from obscode.promql.duration import format_duration, validate_limit
from obscode.scaffold.name_words import is_of_server, name_words, series
from obscode.scaffold.request_counts import Requests
from obscode.scaffold.users import user_matchers

_REQUESTS = frozenset("request response http grpc rpc rest api handler rq predict inference server".split())  # noqa: SIM905
_TIMES = frozenset("duration latency latencie time handling elapsed second millisecond microsecond m u".split())  # noqa: SIM905
# The time of a step is not that of the request.
_PART_OF_REQUEST = re.compile(
    "queue|token|wait|prefill|decode|connect|tls|handshake|header|gc_|startup|batch|fetch|preprocess|postprocess"
    "|pre_process|post_process|explain|tokeniz|load|compil|first_byte|ttfb|start_time|timestamp|lag|delay|idle|length"
)
# What users of language models wait for: name, description, limit in seconds.
_TOKENS = (
    (
        re.compile("time_to_first_token|first_token_(latency|time|duration)|ttft"),
        "first-token",
        "their first token",
        2.0,
    ),
    (
        re.compile("time_per_output_token|inter_token_latency|per_token_duration|tpot|itl_"),
        "per-token",
        "each further token",
        0.2,
    ),
)
# Users do not notice a difference below it.
_SHORTEST_BOUND = 0.1
_FEWEST = 100
_SUFFIXES = {
    **dict.fromkeys(("seconds", "second", "secs", "sec", "s"), 1.0),
    **dict.fromkeys(("milliseconds", "millisecond", "millis", "msec", "ms"), 0.001),
    **dict.fromkeys(("microseconds", "microsecond", "micros", "usec", "us"), 1e-6),
    **dict.fromkeys(("nanoseconds", "nanosecond", "nanos", "ns"), 1e-9),
}
_HELP = re.compile(r"\b(?:in|\()\s*(seconds|milliseconds|microseconds|nanoseconds|ms|us|\u00b5s|ns|s)\b", re.IGNORECASE)
# Buckets in seconds begin below and end below these; those in milliseconds do not.
_LOWEST, _HIGHEST = 0.1, 1000


@dataclass(frozen=True)
class Latency:
    """A histogram of the time of requests.

    Attributes:
        metric: the histogram.
        matchers: those that leave out requests that are not those of users.
        scale: the seconds in one of its units.
        name: of the SLO.
        what: what is measured: "a response".
        usual: the limit in seconds if there are few observations.
    """

    metric: Histogram
    matchers: Sequence[str]
    scale: float
    name: str = "latency"
    what: str = ""
    usual: float = 0.5


def find_latencies(catalog: Sequence[Metric], requests: Requests | None) -> Sequence[Latency]:
    """The histograms of what users wait for: that of requests with the most buckets, or those of tokens."""
    histograms = [metric for metric in catalog if isinstance(metric, Histogram)]
    if tokens := list(_tokens(histograms)):
        return tokens
    latency = find_latency(catalog, requests)
    return [latency] if latency else []


def _tokens(histograms: Sequence[Histogram]) -> Iterator[Latency]:
    for pattern, name, what, usual in _TOKENS:
        for metric in histograms:
            users = user_matchers(metric)
            scale = seconds_of(metric)
            if pattern.search(metric.name) and scale and users is not None and metric.bounds() and not metric.native:
                yield Latency(metric, users, scale, name, what, usual)
                break


def find_latency(catalog: Sequence[Metric], requests: Requests | None) -> Latency | None:
    """The histogram of the time of requests with the most buckets; None if there is none."""
    prefix = re.split(r"_(?:requests?|responses?|server|handled)", requests.metric.name)[0] if requests else ""
    histograms = [latency for metric in catalog if isinstance(metric, Histogram) and (latency := _latency(metric))]
    return max(
        histograms,
        key=lambda each: (
            each.metric.name.startswith(prefix),
            requests is not None and each.metric.name == requests.metric.name,
            "webhook" not in each.metric.name,
            "request" in each.metric.name,
            "http" in each.metric.name,
            len(each.metric.bounds()),
            -len(each.metric.name),
        ),
        default=None,
    )


def _latency(metric: Histogram) -> Latency | None:
    own = {word.removesuffix("s") for word in name_words(metric.name)}
    is_whole = own & _REQUESTS and own & _TIMES and not _PART_OF_REQUEST.search(metric.name.lower())
    if not is_whole or metric.native or not metric.bounds() or not is_of_server(metric.name):
        return None
    scale, users = seconds_of(metric), user_matchers(metric)
    return Latency(metric, users, scale) if scale and users is not None else None


def seconds_of(metric: Histogram) -> float:
    """The seconds in a unit of the histogram: by its unit, its name, its help text, its buckets; 0 if none says it."""
    *_, last = name_words(metric.name) or ("",)
    if known := _SUFFIXES.get(metric.unit) or _SUFFIXES.get(last):
        return known
    if metric.name.startswith("envoy_"):  # without a unit in milliseconds
        return 0.001
    if match := _HELP.search(metric.help):
        return _SUFFIXES.get(match[1].lower().replace("\u00b5", "u"), 0.0)
    bounds = [bound for bound in metric.bounds() if bound > 0]
    if metric.native or not _TIMES & {word.removesuffix("s") for word in name_words(metric.name)}:
        return 0.0
    is_seconds = metric.bounds() == DEFAULT_BUCKETS or (bounds[:1] and bounds[0] < _LOWEST and bounds[-1] < _HIGHEST)
    return 1.0 if is_seconds else 0.0


def latency_bound(latency: Latency, counts: Mapping[float, float]) -> float:
    """The bound of an SLO for 99 % of requests, one of the histogram, in its unit.

    It is the smallest of 100 ms or more under which 99 % of the observed requests are. ``counts`` are the observations
    up to each bound. Fewer than 100 observations say little; then it is the bound next to the usual limit.
    """
    bounds = latency.metric.bounds()
    most = max(counts.values(), default=0)
    shortest = min(_SHORTEST_BOUND, latency.usual)
    if enough(counts):
        for bound in bounds:
            if bound * latency.scale >= shortest and counts.get(bound, 0) >= 0.99 * most:
                return bound
    return min(bounds, key=lambda bound: abs(bound * latency.scale - latency.usual))


def enough(counts: Mapping[float, float]) -> bool:
    """True if a histogram has enough observations to say something about its usual values."""
    return max(counts.values(), default=0) >= _FEWEST


def latency_sli(latency: Latency, bound: float) -> tuple[str, Mapping[str, str], str]:
    """The kind of SLI, its arguments and the limit; a limit that is no duration is read from the bucket itself."""
    exact = Decimal(repr(bound))
    under = limit_text(latency, bound)
    name, matchers = latency.metric.name, latency.matchers
    if not validate_limit(under):
        is_named = float(unit_of(name) / SECOND) == latency.scale
        unit = (
            {}
            if is_named
            else {"histogram_unit": next(key for key, size in _SUFFIXES.items() if size == latency.scale)}
        )
        return "Latency", {"": series(name, *matchers), "under": under, **unit}, under
    total = f"sum(increase({series(f'{name}_count', *matchers)}[5m]))"
    fast = f"sum(increase({series(f'{name}_bucket', *matchers, str(le_matcher(exact)))}[5m]))"
    return "FreeQuery", {"bad": f"{total} - {fast}", "total": total}, under


def limit_text(latency: Latency, bound: float) -> str:
    """A bound as a duration: `250ms`, `2.5s`, `0.05ms`."""
    milliseconds = Decimal(repr(bound)) * Decimal(repr(latency.scale)) * 1000
    if milliseconds == int(milliseconds) and (milliseconds < 1000 or milliseconds % 1000 == 0) and milliseconds >= 1:
        return format_duration(int(milliseconds))
    return f"{(milliseconds / 1000).normalize():f}s"
