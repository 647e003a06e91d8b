"""The metrics of a catalog that count requests and measure their time, in any middleware's names and labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.model.metrics import Counter, Histogram, Metric

# Labels with the status of a request. The most common come first.
_STATUS = (
    "status",
    "status_code",
    "code",
    "http_status_code",
    "http_response_status_code",
    "response_code",
    "http_status",
    "grpc_code",
)
# Paths that probes and Prometheus request, not users.
_INTERNAL = re.compile(r"/?(metrics|health|healthz|healthcheck|livez?|liveness|ready|readyz|readiness|ping|startup)/?")
_PATHS = ("path", "handler", "route", "http_route", "http_target", "path_template", "endpoint", "uri", "url")
# The codes of gRPC with which a server fails, as they are written by its middlewares for Prometheus.
_GRPC_ERRORS = "Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss"
_REQUEST_TIME = re.compile("(request|response|http|grpc|rpc|handler).*(duration|latency|time|handling|elapsed)")
# The time of a step is not that of the request.
_PART_OF_REQUEST = re.compile("queue|token|wait|prefill|decode|inference|connect|dns|tls|header|gc_|startup")
# Users do not notice a difference below it.
_SHORTEST_BOUND = 0.1
_FEWEST = 100
_SECONDS = {"seconds": 1.0, "milliseconds": 0.001}


@dataclass(frozen=True)
class Requests:
    """How the requests of a service are counted.

    Attributes:
        metric: the counter, or the histogram whose `_count` is read.
        errors: the selector of failed requests.
        total: the selector of all requests.
    """

    metric: Metric
    errors: str
    total: str


@dataclass(frozen=True)
class Latency:
    """A histogram of the time of requests.

    Attributes:
        metric: the histogram.
        selector: the histogram's name, with a matcher that leaves out internal paths.
        scale: the seconds in one of its units.
    """

    metric: Histogram
    selector: str
    scale: float


def find_requests(catalog: Sequence[Metric]) -> Requests | None:
    """The metric that counts requests with their status; None if there is none."""
    candidates = [each for metric in catalog for each in _requests(metric)]
    return max(candidates, key=lambda each: _rank(each.metric), default=None)


def _requests(metric: Metric) -> Iterator[Requests]:
    if not isinstance(metric, Counter | Histogram) or _is_of_client(metric.name) or "size" in metric.name:
        return
    if isinstance(metric, Histogram) and metric.native:
        return
    name = metric.name if isinstance(metric, Counter) else f"{metric.name}_count"
    for label in _STATUS:
        if failed := _error_matcher(label, metric.observed.get(label, ())):
            users = _user_paths(metric)
            total = f"{name}{{{users}}}" if users else name
            yield Requests(metric, f"{name}{{{', '.join(filter(None, [failed, users]))}}}", total)
            return


def _error_matcher(label: str, values: Sequence[str]) -> str:
    """The matcher of server errors; empty if the values are no codes."""
    if not values:
        return ""
    if label == "grpc_code":
        return f'{label}=~"{_GRPC_ERRORS}"'
    if all(re.fullmatch("[1-5][0-9]{2}", value) for value in values):
        return f'{label}=~"5.."'
    if all(re.fullmatch("[1-5](xx|XX)", value) for value in values):
        return f'{label}="5{values[0][1:]}"'
    return ""


def _user_paths(metric: Metric) -> str:
    """The matcher that leaves out internal paths; empty if the metric shows none."""
    for label in _PATHS:
        internal = sorted(value for value in metric.observed.get(label, ()) if _INTERNAL.fullmatch(value))
        if len(internal) == 1:
            return f'{label}!="{internal[0]}"'
        if internal:
            return f'{label}!~"{"|".join(internal)}"'
    return ""


def _is_of_client(name: str) -> bool:
    """True for requests that the service sends, and those of Prometheus."""
    return bool(re.search(r"client|promhttp|scrape", name))


def _rank(metric: Metric) -> tuple[int, ...]:
    name = metric.name
    parts = ("http_request", "http_server", "request", "grpc_server", "http")
    return (
        *(int(part in name) for part in parts),
        int(isinstance(metric, Counter)),
        -len(name),
    )


def find_latency(catalog: Sequence[Metric], requests: Requests | None) -> Latency | None:
    """The histogram of the time of requests with the most buckets; None if there is none."""
    prefix = re.split(r"_(?:requests?|server|handled)", requests.metric.name)[0] if requests else ""
    histograms = [latency for metric in catalog if isinstance(metric, Histogram) and (latency := _latency(metric))]
    return max(
        histograms,
        key=lambda each: (
            each.metric.name.startswith(prefix),
            "request" in each.metric.name,
            len(each.metric.bounds()),
            -len(each.metric.name),
        ),
        default=None,
    )


def _latency(metric: Histogram) -> Latency | None:
    unit = next((unit for unit in _SECONDS if unit in (metric.unit, metric.name.rpartition("_")[2])), "")
    is_whole = _REQUEST_TIME.search(metric.name) and not _PART_OF_REQUEST.search(metric.name)
    if not unit or not is_whole or metric.native or not metric.bounds() or _is_of_client(metric.name):
        return None
    users = _user_paths(metric)
    return Latency(metric, f"{metric.name}{{{users}}}" if users else metric.name, _SECONDS[unit])


def latency_bound(latency: Latency, counts: Mapping[float, float]) -> float:
    """The bound of an SLO for 99 % of requests, one of the histogram, in its unit.

    It is the smallest of 100 ms or more under which 99 % of the observed requests are. ``counts`` are the observations
    up to each bound. Fewer than 100 observations say little; then it is the bound next to half a second.
    """
    bounds = latency.metric.bounds()
    most = max(counts.values(), default=0)
    if enough(counts):
        for bound in bounds:
            if bound * latency.scale >= _SHORTEST_BOUND and counts.get(bound, 0) >= 0.99 * most:
                return bound
    return min(bounds, key=lambda bound: abs(bound * latency.scale - 0.5))


def enough(counts: Mapping[float, float]) -> bool:
    """True if a histogram has enough observations to say something about its usual values."""
    return max(counts.values(), default=0) >= _FEWEST
