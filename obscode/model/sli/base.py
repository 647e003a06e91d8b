"""What every kind of SLI gives: bad events and total events, as PromQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, ClassVar

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name

if TYPE_CHECKING:  # the parser takes 10 ms to import; `obscode --help` does without
    from obscode.model.metrics import Metric
    from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class Events:
    """Bad and total events within a window, as PromQL with exactly the labels of ``SLI.by``.

    ``complete`` says that there is a number of bad events, if only 0, wherever there is one of all events.
    """

    bad: str
    total: str
    complete: bool = False


@dataclass(frozen=True)
class SLI(Definition):
    """Base of the SLI kinds. A kind returns its bad and total events; rules, alerts and dashboards follow from them.

    Attributes:
        by: the labels that the SLO is kept separate for, such as `["model"]`; by default none.
    """

    _: KW_ONLY
    by: Sequence[str] = ()

    #: What one event is, for texts: "requests", "samples", "5-minute slices".
    unit: ClassVar[str] = "events"
    #: What to write where something else stands.
    example: ClassVar[str] = "sli.Ratio(...) or sli.Latency(...)"
    #: Whether few events may mislead: a request is a matter of chance, a slice of time is not.
    is_sampled: ClassVar[bool] = True

    def events(self, window: str, where: Sequence[Matcher] = ()) -> Events:
        """The events of a window, read from the raw series narrowed by the service's matchers."""
        raise NotImplementedError

    def reads(self) -> Sequence[str]:
        """The names of the raw series that the SLI reads."""
        raise NotImplementedError

    def selectors(self) -> Mapping[str, Sequence[Selector]]:
        """What each argument selects, as it was written; of a histogram, by its base name."""
        return {}

    def flow(self, good: float, bad: float, where: Sequence[Matcher] = ()) -> Sequence[tuple[Selector, float]] | None:
        """Counters, with what they grow by a step, that hold such a flow of events; None where none can be made up."""
        return None

    def catalog_findings(self, catalog: Sequence[Metric]) -> Iterator[Finding]:
        """What does not fit the metrics that the service exposes."""
        yield from ()

    def window_problems(self, window: str) -> Iterator[Finding]:
        """What does not fit the window in which events are counted; only free PromQL has windows of its own."""
        yield from ()

    def problems(self) -> Iterator[Finding]:
        for i, label in enumerate(self.by):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="by", item=i)

    def _type_mismatch(self, metric: Metric, hint: str, *, at: str) -> Finding:
        """The finding that the metric named in an argument is of another type in the catalog."""
        return self.finding(codes.SLI_METRIC, f"{metric.name} is a {type(metric).__name__.lower()}", hint, at=at)

    def _selector(self, at: str) -> tuple[Selector | None, str]:
        """The selector in an argument, or None and why it is none."""
        from obscode.promql.errors import PromQLError
        from obscode.promql.parser import parse_selector

        text = getattr(self, at)
        if not isinstance(text, str):
            return None, f"{text!r} is not a selector"
        try:
            return parse_selector(text), ""
        except PromQLError as error:
            return None, str(error)

    def _selector_problems(self, at: str) -> Iterator[Finding]:
        selector, wrong = self._selector(at)
        if selector is None:
            text = getattr(self, at)
            hint = "write a metric with its matchers, such as 'http_requests_total{status=~\"5..\"}'"
            yield self.finding(codes.SELECTOR, f"{text!r} cannot be used here: {wrong}", hint, at=at)


def grouped(function: str, by: Sequence[str]) -> str:
    """`sum by (model)`, or plain `sum`."""
    return f"{function} by ({', '.join(by)})" if by else function


def aggregated(function: str, by: Sequence[str], expr: str) -> str:
    """`sum by (model) (expr)`, or `sum(expr)`."""
    return f"{grouped(function, by)} ({expr})" if by else f"{function}({expr})"
