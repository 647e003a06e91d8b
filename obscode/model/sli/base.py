"""The base of all kinds of SLI: bad events and total events, as PromQL."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Self

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name
from obscode.promql import duration
from obscode.promql.tokens import label_text

if TYPE_CHECKING:  # importing the parser takes 10 ms, which `obscode --help` saves
    from obscode.model.metrics import Metric
    from obscode.promql.selector import Matcher, Selector

_MINUTE = 60_000


@dataclass(frozen=True)
class Events:
    """Bad and total events within a window, as PromQL with exactly the labels of ``SLI.by``.

    ``complete``: every group that has total events has bad events, too, possibly 0.
    """

    bad: str
    total: str
    complete: bool = False


@dataclass(frozen=True)
class LongerWindow:
    """A longer window, whose increase of a counter is taken instead while a condition holds.

    Attributes:
        window: its length, a duration.
        condition: the end of a PromQL expression, such as `unless on () last_over_time(x[45m])`.
    """

    window: str
    condition: str


@dataclass(frozen=True)
class SLI(Definition):
    """Base of the SLI kinds. A kind returns its bad and total events; rules, alerts and dashboards follow from them.

    Attributes:
        by: the labels by which events are grouped, such as `["model"]`; each group has its own budget. By default none.
    """

    _: KW_ONLY
    by: Sequence[str] = ()

    label_names = ("by",)
    #: The events in texts: "requests", "samples", "5-minute slices".
    unit: ClassVar[str] = "events"
    #: The example in the hint for an argument of another type.
    example: ClassVar[str] = "sli.Ratio(...) or sli.Latency(...)"
    #: True if events are independent samples, so that an alert needs a minimum number of them. Slices of time are not:
    #: their `events` are the slice of this moment, 1 and 0 or 1, whatever the window.
    is_sampled: ClassVar[bool] = True
    #: True if the number of events is the traffic. Samples of a gauge and slices of time are there without users.
    counts_traffic: ClassVar[bool] = True
    #: True if `events` reads counters, for any window: they count on while Prometheus is down.
    reads_counters: ClassVar[bool] = False

    @abstractmethod
    def events(self, window: str, where: Sequence[Matcher] = (), longer: Sequence[LongerWindow] = ()) -> Events:
        """The events of a window, from the raw series with the service's matchers.

        ``longer`` are windows to count instead, the longest first; only counters can be counted so.
        """

    @abstractmethod
    def reads(self) -> Sequence[str]:
        """The names of the raw series that the SLI reads."""

    def selectors(self) -> Mapping[str, Sequence[Selector]]:
        """The selectors of each argument, as in the definition; a histogram has its base name."""
        return {}

    def latency_bounds(self) -> Sequence[tuple[Selector, Decimal]]:
        """The histograms whose greater values are bad, and the greatest good value of each, in its unit."""
        return ()

    def scoped_expressions(self) -> Mapping[str, str]:
        """The arguments with PromQL to which obscode adds the service's matchers."""
        return {}

    def flow(self, good: float, bad: float, where: Sequence[Matcher] = ()) -> Sequence[tuple[Selector, float]] | None:
        """Test input: counters and their increase per step for the events; None if no series can be built."""
        return None

    def gauge_sample(self, time: float, ratio: float, *, is_bad: bool) -> float | None:
        """A value of the gauge that the SLI reads, bad or good, at a time in seconds since 1970.

        ``ratio`` is that of bad events. None for an SLI that reads no single gauge.
        """
        return None

    def latency_bound(self) -> float | None:
        """The longest duration of a good event in the unit of the histogram; None for an SLI of no histogram."""
        return None

    def in_unit_of(self, catalog: Sequence[Metric]) -> Self:
        """The SLI, with the unit of its histogram if the metrics of the service declare one."""
        return self

    def catalog_findings(self, catalog: Sequence[Metric]) -> Iterator[Finding]:
        """Findings about metrics whose type, labels or buckets in the catalog do not match the SLI."""
        yield from ()

    def window_problems(self, window: str) -> Iterator[Finding]:
        """Findings about windows that differ from the base window; only a FreeQuery contains windows."""
        yield from ()

    def problems(self) -> Iterator[Finding]:
        for i, label in enumerate(self.by):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="by", item=i)

    def _type_mismatch(self, metric: Metric, hint: str, *, at: str) -> Finding:
        """The finding for a metric that has another type in the catalog."""
        return self.finding(codes.SLI_METRIC, f"{metric.name} is a {type(metric).__name__.lower()}", hint, at=at)

    def _selector(self, at: str) -> tuple[Selector | None, str]:
        """The selector in an argument, or None and the error message."""
        from obscode.promql.errors import PromQLError
        from obscode.promql.parser import parse_selector

        try:
            return parse_selector(getattr(self, at)), ""
        except PromQLError as error:
            return None, str(error)

    def _selector_problems(self, at: str) -> Iterator[Finding]:
        selector, wrong = self._selector(at)
        if selector is None:
            text = getattr(self, at)
            hint = "write a metric with its matchers, such as 'http_requests_total{status=~\"5..\"}'"
            yield self.finding(codes.SELECTOR, f"{text!r} cannot be used here: {wrong}", hint, at=at)


def counted(selector: Selector, window: str, longer: Sequence[LongerWindow] = ()) -> str:
    """The increase of counters within a window: exact where a counter neither starts nor is reset, else `increase()`.

    The windows of `increase()` share no sample, so it estimates the events between two adjacent windows. These
    differences add up: adjacent windows count every event once, also across a time without samples.

    The difference of a counter that was reset can be positive, too. The range of `resets()` starts a minute earlier,
    since a reset can be between the sample before the window and the first one in it.
    """
    differences = [f"({selector} - {selector} offset {other.window} >= 0 {other.condition})" for other in longer]
    difference = "\nor\n".join([*differences, f"{selector} - {selector} offset {window} >= 0"])
    since = duration.format_duration(duration.milliseconds(window) + _MINUTE)
    is_reset = f"resets({selector}[{since}]) > 0"
    return f"{f'({difference})' if longer else difference} unless {is_reset} or increase({selector}[{window}])"


def grouped(function: str, by: Sequence[str]) -> str:
    """`sum by (model)`, or plain `sum`."""
    return f"{function} by ({', '.join(map(label_text, by))})" if by else function


def aggregated(function: str, by: Sequence[str], expr: str) -> str:
    """`sum by (model) (expr)`, or `sum(expr)`."""
    return f"{grouped(function, by)} ({expr})" if by else f"{function}({expr})"
