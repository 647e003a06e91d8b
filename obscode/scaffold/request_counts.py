"""The metrics of a catalog that count requests and those that failed, in any middleware's names and labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.model.metrics import Counter, Gauge, Histogram, Metric, Summary
from obscode.scaffold.name_words import is_of_server, name_words, plain, series
from obscode.scaffold.outcomes import STATUS_LABELS, error_matcher
from obscode.scaffold.users import user_matchers

# A counter of requests has one of these words.
_EVENTS = frozenset(
    "request response http grpc rpc rest server api rq inference prediction predict query call".split()  # noqa: SIM905
)
_SIZES = frozenset({"size", "byte", "length"})
_FAILED = frozenset({"error", "errors", "failed", "failure", "failures", "fail", "fails", "exceptions"})
_SUCCEEDED = frozenset({"success", "successes", "successful", "succeeded", "ok"})
_ALL = frozenset({"total", "count", "all", "number", "num"})
_CLASS = re.compile("[1-5]xx")


@dataclass(frozen=True)
class Requests:
    """How the requests of a service are counted.

    Attributes:
        metric: the counter, or the histogram or summary whose `_count` is read.
        kind: the kind of SLI, `Ratio` or `FreeQuery`.
        arguments: its arguments.
    """

    metric: Metric
    kind: str
    arguments: Mapping[str, str]


def find_requests(catalog: Sequence[Metric]) -> Requests | None:
    """The metrics that count requests and failures; None if there are none.

    A metric whose label has the status comes before pairs of counters.
    """
    counting = [metric for metric in catalog if _counts_requests(metric)]
    labelled = [each for metric in counting for each in _labelled(metric)]
    if labelled:
        return max(labelled, key=lambda each: _rank(each.metric))
    counters = [metric for metric in counting if isinstance(metric, Counter)]
    failures = [each for each in catalog if isinstance(each, Counter) and is_of_server(each.name)]
    return _classes(counters) or _pair(counters, failures)


def _counts_requests(metric: Metric) -> bool:
    """Gauges count none; a metric of unknown type may, if its name says it."""
    if isinstance(metric, Gauge) or (isinstance(metric, Histogram) and metric.native):
        return False
    if type(metric) is Metric and not metric.name.endswith(("_total", "_count")):
        return False
    own = {word.removesuffix("s") for word in name_words(metric.name)}
    return is_of_server(metric.name) and bool(_EVENTS & own) and not own & _SIZES


# --- a label with the status ---------------------------------------------------------------------------------------


def _labelled(metric: Metric) -> Iterator[Requests]:
    is_sum = isinstance(metric, Histogram | Summary)
    name = f"{metric.name}_count" if is_sum else metric.name
    labels = {plain(label): label for label in metric.labels}
    for label in (labels[known] for known in STATUS_LABELS if known in labels):
        outcome = error_matcher(label, metric.observed.get(label, ()))
        users = user_matchers(metric)
        if outcome and users is not None:
            errors = series(name, outcome.failed, *users)
            yield Requests(metric, "Ratio", {"errors": errors, "total": series(name, *users, *outcome.counted)})
            return


def _rank(metric: Metric) -> tuple[int, ...]:
    name = metric.name
    parts = ("http_request", "http_server", "server_request", "downstream", "entrypoint", "frontend")
    return (
        *(int(part in name) for part in parts),
        -int("webhook" in name or "admin" in name),
        *(int(part in name) for part in ("request", "grpc_server", "http", "server")),
        int(isinstance(metric, Counter)),
        -len(name),
    )


# --- counters of their own ------------------------------------------------------------------------------------------


def _base(name: str, left_out: frozenset[str]) -> tuple[str, ...]:
    """The words of a name in the singular, sorted, without some."""
    return tuple(sorted(word.removesuffix("s") for word in name_words(name) if word not in left_out | _ALL))


def _classes(counters: Sequence[Counter]) -> Requests | None:
    """A counter for each class of status: `Requests2XX`, `Requests5XX`."""
    groups: dict[tuple[str, ...], dict[str, Counter]] = {}
    for counter in counters:
        own = [word for word in name_words(counter.name) if _CLASS.fullmatch(word)]
        if len(own) == 1:
            groups.setdefault(_base(counter.name, frozenset(own)), {})[own[0]] = counter
    for group in groups.values():
        if {"2xx", "5xx"} <= group.keys():
            good = [counter for kind, counter in group.items() if kind != "5xx"]
            return _sum(group["5xx"], [group["2xx"], *(each for each in good if each is not group["2xx"])])
    return None


def _pair(counters: Sequence[Counter], failures: Sequence[Counter]) -> Requests | None:
    """A counter of failures beside one of all requests, or of successful ones."""
    by_base = {_base(each.name, frozenset()): each for each in reversed(counters)}
    succeeded = {
        _base(each.name, _SUCCEEDED): each for each in reversed(counters) if _SUCCEEDED & set(name_words(each.name))
    }
    failed = {_base(each.name, _FAILED): each for each in reversed(failures) if _FAILED & set(name_words(each.name))}
    pairs: list[Requests] = []
    for base, failure in failed.items():
        if total := by_base.get(base) or by_base.get(tuple(sorted((*base, "request")))):
            pairs.append(Requests(total, "Ratio", {"errors": series(failure.name), "total": series(total.name)}))
        elif success := succeeded.get(base):
            pairs.append(_sum(failure, [success]))
    for base, success in succeeded.items():
        if base not in failed and (total := by_base.get(base)):
            pairs.append(Requests(total, "Ratio", {"good": series(success.name), "total": series(total.name)}))
    return max(pairs, key=lambda each: _rank(each.metric), default=None)


def _sum(failure: Counter, good: Sequence[Counter]) -> Requests:
    """Requests that no counter counts all of. A counter may have no series before its first event: then it is 0."""
    first, *others = (f"sum(increase({series(each.name)}[5m]))" for each in good)
    bad = f"sum(increase({series(failure.name)}[5m]))"
    parts = [first, *(f"({each} or 0 * {first})" for each in (*others, bad))]
    return Requests(good[0], "FreeQuery", {"bad": f"{bad} or 0 * {first}", "total": " + ".join(parts)})
