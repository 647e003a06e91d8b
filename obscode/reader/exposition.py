"""The metrics in an exposition: the text that a service shows at /metrics, in the format of Prometheus or OpenMetrics.

prometheus_client parses the lines. What it leaves to its callers is done here: the position of an error, families whose
samples are apart, and the names of counters, which its parser of Prometheus' format changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isinf, isnan, nan
from typing import Any, NamedTuple

from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan
from obscode.model.metrics import Counter, Gauge, Histogram, Metric, Summary
from obscode.model.source import Origin

EXPOSITION = Code(
    "exposition",
    "The text of an exposition is valid, and each of its metrics has one type.",
    why="Prometheus drops a scrape with an invalid line; a catalog that is read from one would lack metrics.",
    bad='http_requests_total{code="200" 5',
    good='http_requests_total{code="200"} 5',
)
# Errors of one text that are reported.
_MOST_ERRORS = 20
# A label with more values, such as a path, is not one to choose values from.
_MOST_VALUES = 30
_COMMENT = re.compile(r'#[ \t]+(TYPE|HELP|UNIT)[ \t]+("(?:[^"\\]|\\.)*"|\S+)(?:[ \t]+(.*))?')
_EXEMPLAR = re.compile(r"^(.*\S)\s+# \{.*$")
_TEXT_TYPES = ("counter", "gauge", "histogram", "summary", "untyped", "unknown")
_HINT = 'a sample is written as name{label="value"} 1'
_PARTS = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count"), "counter": ("_total",)}
_OPEN_PARTS = {"info": ("_info",), "gaugehistogram": ("_bucket", "_gcount", "_gsum")}


class ExpositionText(NamedTuple):
    """The metrics of an exposition in their order, and what is wrong with its lines."""

    metrics: Sequence[Metric]
    findings: Sequence[Finding]


def read_exposition(text: str, file: str, *, is_open: bool = False) -> ExpositionText:
    """Read the text of a file, in the format of OpenMetrics if ``is_open`` or its last line is `# EOF`.

    In Prometheus' format that is a comment. And Prometheus scrapes OpenMetrics that the parser rejects, such as names
    that clash: both are read line by line then.
    """
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    has_end = bool(lines) and lines[-1].strip() == "# EOF"
    parser = _parsed(lines, file, is_open or has_end)
    if parser.findings and has_end:
        others = [_parsed(lines, file, False, has_open_names=True)] if all(map(str.strip, lines)) else []
        others += [] if is_open else [_parsed(lines, file, False)]
        parser = next((other for other in others if not other.findings), parser)
    families = sorted(parser.families.values(), key=lambda family: family.line)
    exposed = (family for family in families if not _is_creation_time(family, parser.families))
    metrics = [metric for family in exposed for metric in parser.metrics_of(family)]
    if not metrics and not parser.findings:
        parser.report(1, "the exposition contains no metric", "copy the text that /metrics shows")
    return ExpositionText(metrics, sorted(parser.findings, key=lambda finding: finding.order))


def _parsed(lines: Sequence[str], file: str, is_open: bool, *, has_open_names: bool = False) -> _Parser:
    parser = _Parser(lines, file, is_open, has_open_names)
    parser.parse()
    return parser


@dataclass
class _Family:
    """A metric: its type, and what its samples show."""

    name: str
    line: int
    kind: str = ""
    kind_line: int = 0
    help: str = ""
    unit: str = ""
    labels: dict[str, dict[str, None]] = field(default_factory=dict)
    bounds: set[str] = field(default_factory=set)
    quantiles: set[str] = field(default_factory=set)
    samples: int = 0
    is_native: bool = False
    has_observations: bool = False  # of a histogram
    has_total: bool = False  # a counter whose samples end with `_total`, and its TYPE does not


class _Parser:
    def __init__(self, lines: Sequence[str], file: str, is_open: bool, has_open_names: bool = False) -> None:
        self.lines = lines
        self.file = file
        self.is_open = is_open  # OpenMetrics
        self.has_open_names = has_open_names  # OpenMetrics that is read line by line
        self.families: dict[str, _Family] = {}
        self.findings: list[Finding] = []
        self.number = 0  # of the line that is read, from 1
        self.first_lines: dict[str, int] = {}

    def report(self, line: int, message: str, hint: str = "") -> None:
        """Note what is wrong with a line."""
        length = len(self.lines[line - 1].rstrip("\r")) if line <= len(self.lines) else 0
        span = SourceSpan(self.file, line, 1, line, length + 1)
        self.findings.append(Finding(EXPOSITION, message, hint, span))

    # --- lines ---------------------------------------------------------------------------------------------------

    def parse(self) -> None:
        """Read all lines; of Prometheus' format, the lines after an invalid one, too."""
        parse = import_parsers()[self.is_open]
        while self.number < len(self.lines):
            try:
                for family in parse(self._remaining()):
                    self._add(family)
            except Exception as error:  # its parsers raise ValueError, and KeyError and others for odd lines
                if not self._report_syntax(error):
                    return

    def _remaining(self) -> Iterator[str]:
        while self.number < len(self.lines):
            line = self.lines[self.number].rstrip("\r")
            self.number += 1
            if match := _COMMENT.fullmatch(line.strip()):
                line = self._comment(line, *match.groups())
            elif line and not line.startswith("#"):
                line = _EXEMPLAR.sub(r"\1", line) if self.has_open_names else line
                self.first_lines.setdefault(re.split(r"[{\s]", line.strip(), maxsplit=1)[0], self.number)
            yield f"{line}\n"

    def _comment(self, line: str, key: str, quoted: str, value: str | None) -> str:
        """Note a comment about a metric; returns the line for the parser."""
        name = quoted[1:-1].replace('\\"', '"') if quoted.startswith('"') else quoted
        family = self.families.setdefault(name, _Family(name, self.number))
        if key != "TYPE":
            return line
        kind = (value or "").strip()
        if family.kind and family.kind != kind:
            message = f"metric {name} is a {kind} here and a {family.kind} in line {family.kind_line}"
            self.report(self.number, message, "a metric has one type")
        elif not (self.is_open or self.has_open_names) and kind not in _TEXT_TYPES:
            hint = f"write one of {', '.join(_TEXT_TYPES[:-1])}; the last line of OpenMetrics is # EOF"
            self.report(self.number, f"{kind!r} is no type of a metric", hint)
        else:
            family.kind, family.kind_line = kind, self.number
        # The parser of Prometheus' format appends `_total` to the samples of a counter `x`.
        return line if self.is_open or kind in ("gauge", "histogram", "summary") else f"# TYPE {quoted} gauge"

    def _report_syntax(self, error: Exception) -> bool:
        """Report the line that the parser rejects; False if the lines after it cannot be read."""
        if self.lines[0].lstrip().startswith("<"):
            self.report(1, "this is HTML, not an exposition", "name the path of the metrics, such as /metrics")
            return False
        line = self.lines[self.number - 1].strip()
        reason = str(error) if type(error) is ValueError else ""
        name = reason.rpartition(": ")[2]
        if self.is_open and name in self.families and self.families[name].line < self.number and name not in line:
            self.report(self.families[name].line, f"the metric {name} is invalid: {reason.rpartition(': ')[0]}")
            return False
        what = f"the line {_shortened(line)} is invalid"
        reason = reason.removesuffix(line).strip(" :").replace("could not convert string to float:", "not a number:")
        self.report(self.number, f"{what}: {reason}" if reason else what, "" if line.startswith("#") else _HINT)
        return not self.is_open and len(self.findings) < _MOST_ERRORS

    # --- families ------------------------------------------------------------------------------------------------

    def _add(self, parsed: Any) -> None:
        """Add a family of prometheus_client: its samples belong to the families of their names."""
        for sample in parsed.samples:
            family = self._family_of(parsed.name if self.is_open else sample.name)
            family.samples += 1
            suffix = sample.name.removeprefix(family.name)
            for label, value in (sample.labels or {}).items():
                if label == "le" and suffix == "_bucket":
                    family.bounds.add(value)
                    family.has_observations |= sample.value > 0
                elif label == "quantile" and family.kind == "summary" and not suffix:
                    family.quantiles.add(value)
                else:
                    family.labels.setdefault(label, {})[value] = None
            family.is_native |= sample.native_histogram is not None
        described = self.families.get(parsed.name)
        if described and (parsed.documentation or parsed.unit):
            described.help, described.unit = parsed.documentation.strip(), parsed.unit

    def _family_of(self, name: str) -> _Family:
        family = self.families.get(name)
        if family is not None and family.kind:
            return family
        for kind, suffixes in (_PARTS | _OPEN_PARTS if self.has_open_names else _PARTS).items():
            for suffix in suffixes:
                base = self.families.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
                if base is not None and base.kind == kind:
                    base.has_total |= suffix == "_total"
                    return base
        return self.families.setdefault(name, _Family(name, self.first_lines.get(name, self.number)))

    # --- metrics -------------------------------------------------------------------------------------------------

    def metrics_of(self, family: _Family) -> Iterator[Metric]:
        """The metrics of a family."""
        is_open = self.is_open or family.has_total
        kind = _open_counter if is_open and family.kind == "counter" else _KINDS.get(family.kind, _untyped)
        for metric in kind(family, self._numbers(family)):
            yield metric.with_origin(Origin(self.file, family.line))

    def _numbers(self, family: _Family) -> list[float]:
        """The bounds of a histogram or the quantiles of a summary, ascending."""
        numbers = []
        for text in family.bounds or family.quantiles:
            try:
                number = float(text)
            except ValueError:
                number = nan
            if isnan(number):
                label = "le" if family.bounds else "quantile"
                self.report(family.line, f"{label}={text!r} of {family.name} is no number")
            else:
                numbers.append(number)
        return sorted(set(numbers))


def import_parsers() -> tuple[Callable[[Any], Iterable[Any]], Callable[[Any], Iterable[Any]]]:
    """The parsers of Prometheus' format and of OpenMetrics; the import takes 70 ms, which few builds need."""
    from prometheus_client.openmetrics.parser import text_fd_to_metric_families as parse_open_metrics
    from prometheus_client.parser import text_fd_to_metric_families as parse_text

    return parse_text, parse_open_metrics


def _shortened(line: str) -> str:
    return repr(line if len(line) <= 60 else f"{line[:57]}...")


def _is_creation_time(family: _Family, families: dict[str, _Family]) -> bool:
    """True for `x_created` of a counter, a histogram or a summary: its base has it."""
    base = family.name.removesuffix("_created")
    owners = (families.get(base), families.get(f"{base}_total")) if base != family.name else ()
    return any(owner is not None and owner.kind in ("counter", "histogram", "summary") for owner in owners)


# --- types -------------------------------------------------------------------------------------------------------


def _arguments(family: _Family) -> dict[str, Any]:
    """What every type of metric has; without samples, labels are not known."""
    observed = {label: tuple(sorted(values)) for label, values in family.labels.items() if len(values) <= _MOST_VALUES}
    more = {} if family.samples else {"more_labels": True}
    return {"labels": tuple(family.labels), "help": family.help, "unit": family.unit, "observed": observed, **more}


def _counter(family: _Family, numbers: Sequence[float]) -> Iterator[Metric]:
    yield Counter(family.name, **_arguments(family))


def _open_counter(family: _Family, numbers: Sequence[float]) -> Iterator[Metric]:
    yield Counter(f"{family.name}_total", **_arguments(family))


def _gauge(family: _Family, numbers: Sequence[float]) -> Iterator[Metric]:
    yield Gauge(family.name, **_arguments(family))


def _untyped(family: _Family, numbers: Sequence[float]) -> Iterator[Metric]:
    if family.samples or family.kind:
        yield Metric(family.name, **_arguments(family))


def _summary(family: _Family, numbers: Sequence[float]) -> Iterator[Metric]:
    yield Summary(family.name, quantiles=tuple(numbers), **_arguments(family))


def _histogram(family: _Family, numbers: Sequence[float]) -> Iterator[Metric]:
    """A histogram; a client shows a native one without a finite bucket, since text has no other form for it.

    Without observations it may be a classic one with unknown buckets: CockroachDB shows only those with observations.
    """
    finite = tuple(bound for bound in numbers if not isinf(bound))
    is_native = family.is_native or (family.has_observations and not finite)
    form: dict[str, Any] = {"native": True} if is_native else {"buckets": finite}
    is_open = {} if is_native or finite else {"more_labels": True}
    yield Histogram(family.name, **{**_arguments(family), **form, **is_open})


def _gauge_histogram(family: _Family, numbers: Sequence[float]) -> Iterator[Metric]:
    """Its series are gauges."""
    shared = _arguments(family)
    yield Gauge(f"{family.name}_bucket", **{**shared, "labels": (*family.labels, "le")})
    yield from (Gauge(f"{family.name}{suffix}", **shared) for suffix in ("_gcount", "_gsum"))


def _info(family: _Family, numbers: Sequence[float]) -> Iterator[Metric]:
    yield Gauge(f"{family.name}_info", **_arguments(family))


def _state_set(family: _Family, numbers: Sequence[float]) -> Iterator[Metric]:
    """A gauge per state; the states are all values of the label with its name."""
    labels = {label: tuple(values) if label == family.name else () for label, values in family.labels.items()}
    yield Gauge(family.name, **{**_arguments(family), "labels": labels})


_KINDS: dict[str, Callable[[_Family, Sequence[float]], Iterator[Metric]]] = {
    "counter": _counter,
    "gauge": _gauge,
    "histogram": _histogram,
    "summary": _summary,
    "gaugehistogram": _gauge_histogram,
    "info": _info,
    "stateset": _state_set,
}
