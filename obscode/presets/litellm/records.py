"""What is recorded of LiteLLM's metrics: events of a window, of which only a few labels are left.

Its counters have up to 16 labels, such as the key, the address and the program of the client. So most of their series
are short, and many have a single event: `increase()` does not see the first one of a series. A series that appears
while its target was there before counts from 0 here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.model.alert import RecordingRule
from obscode.model.naming import SERVICE
from obscode.presets.born_counters import counted
from obscode.presets.litellm import catalog
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class Record:
    """A counter whose events within a window are recorded by some labels.

    Attributes:
        metric: the counter.
        by: the labels that are left; those in the name of the recorded series come first.
        window: a duration.
        level: how many of the labels are in the name.
    """

    metric: str
    by: Sequence[str]
    window: str
    level: int

    @property
    def name(self) -> str:
        """`requested_model_team:litellm_proxy_total_requests_metric:increase5m`."""
        return f"{'_'.join(self.by[: self.level])}:{self.metric.removesuffix('_total')}:increase{self.window}"


_DEPLOYMENT = ("model_id", "litellm_model_name", "api_provider")

REQUESTS = Record(catalog.REQUESTS, ("requested_model", "status_code", "team", "team_alias"), "5m", 3)
SPEND = Record(catalog.SPEND, ("model", "team", "team_alias"), "1h", 2)
INPUT_TOKENS = Record(catalog.INPUT_TOKENS, ("model", "team", "team_alias"), "5m", 2)
OUTPUT_TOKENS = Record(catalog.OUTPUT_TOKENS, ("model", "team", "team_alias"), "5m", 2)
WITHOUT_PRICE = Record(catalog.WITHOUT_PRICE, ("model", "reason"), "1h", 2)
ATTEMPTS = Record(catalog.ATTEMPTS, _DEPLOYMENT, "15m", 1)
SUCCESSES = Record(catalog.SUCCESSES, _DEPLOYMENT, "15m", 1)
FAILURES = Record(catalog.FAILURES, ("model_id", "exception_status", *_DEPLOYMENT[1:]), "15m", 2)
COOLDOWNS = Record(catalog.COOLDOWNS, ("model_id", "exception_status"), "1h", 2)
FALLBACKS = Record(catalog.FALLBACKS, ("requested_model", "fallback_model"), "5m", 2)
FAILED_FALLBACKS = Record(catalog.FAILED_FALLBACKS, ("requested_model", "fallback_model"), "5m", 2)

_RECORDS = (
    REQUESTS,
    SPEND,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    WITHOUT_PRICE,
    ATTEMPTS,
    SUCCESSES,
    FAILURES,
    COOLDOWNS,
    FALLBACKS,
    FAILED_FALLBACKS,
)
_HISTOGRAMS = (catalog.FIRST_TOKEN, catalog.LATENCY, catalog.OVERHEAD)


@dataclass(frozen=True)
class Queries:
    """Selectors of the gateway's series, and of those that are recorded of them.

    Attributes:
        service: the name of the service, a label of recorded series.
        job: the matcher of its jobs.
        further: further matchers of its series.
    """

    service: str
    job: Matcher
    further: Sequence[Matcher]

    @property
    def matchers(self) -> Sequence[Matcher]:
        """Those of the series that the gateway exposes."""
        return (self.job, *self.further)

    def select(self, metric: str) -> str:
        """The series of a metric."""
        return str(Selector(metric, tuple(self.matchers)))

    def recorded(self, record: Record | str, *more: Matcher) -> str:
        """The series of a record."""
        name = record if isinstance(record, str) else record.name
        return str(Selector(name, (Matcher(SERVICE, "=", self.service), *more)))

    def total(self, record: Record, by: str = "", *more: Matcher) -> str:
        """The events of a record by fewer labels."""
        return f"sum{f' by ({by})' if by else ''} ({self.recorded(record, *more)})"

    def rules(self) -> Iterator[RecordingRule]:
        """The recording rules."""
        labels = {SERVICE: self.service}
        for record in _RECORDS:
            yield RecordingRule(record.name, self._events(record), labels=labels)
        for histogram in _HISTOGRAMS:
            buckets = f"sum by ({_model(histogram)}, le) (rate({self.select(f'{histogram}_bucket')}[5m]))"
            yield RecordingRule(buckets_of(histogram), buckets, labels=labels)

    def _events(self, record: Record) -> str:
        series = Selector(record.metric, tuple(self.matchers))
        return f"sum by ({', '.join(record.by)}) (\n{counted(series, record.window, Selector('up', (self.job,)))}\n)"


def _model(histogram: str) -> str:
    """The label with the model that a client asks for."""
    return "model_group" if histogram == catalog.OVERHEAD else "requested_model"


def buckets_of(histogram: str) -> str:
    """The recorded buckets of a histogram: `requested_model:litellm_request_total_latency_metric_bucket:rate5m`."""
    return f"{_model(histogram)}:{histogram}_bucket:rate5m"


def series_of(record: Record, values: Mapping[str, str]) -> str:
    """A series of a counter in a unit test, with values of some labels."""
    labels = {**dict.fromkeys(record.by, "x"), "instance": "a", **values}
    return str(Selector(record.metric, tuple(Matcher(label, "=", value) for label, value in labels.items())))
