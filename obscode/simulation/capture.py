"""A captured text of /metrics as lines: comments, and series with their values, which a replay writes again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from obscode.model.sli.buckets import normalised_bound
from obscode.simulation.families import Kind, Labels, Member

_SERIES = re.compile(
    r'(?P<head>(?P<name>[^\s{"]*)(?:\s*\{(?P<labels>(?:[^"}]|"(?:\\.|[^"\\])*")*)\})?)\s+(?P<value>[^\s{]+)(?=\s|$)'
)
_LABEL = re.compile(r'(?:(?P<name>[^\s,="]+)|"(?P<quoted>(?:\\.|[^"\\])*)")(?:\s*=\s*"(?P<value>(?:\\.|[^"\\])*)")?')
_ESCAPES = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}
_TYPE = re.compile(r"#\s*TYPE\s+(\S+)\s+(\S+)\s*")
_BUCKET = re.compile(r'^([^\s{#"]+)_bucket\{(?:.*[,{\s])?le="', re.MULTILINE)
# Their values are no measurements, or have to agree with each other.
_CONSTANT = frozenset(["info", "stateset", "gaugehistogram"])
_KINDS: Mapping[str, Kind] = {"counter": "counter", "histogram": "histogram", "summary": "summary"}
_PARTS: Mapping[Kind, tuple[str, ...]] = {
    "counter": ("_total", "_created", ""),
    "histogram": ("_bucket", "_count", "_sum", "_created"),
    "summary": ("_count", "_sum", "_created", ""),
    "gauge": ("",),
}


@dataclass(frozen=True)
class CapturedSeries:
    """A line with a sample.

    Attributes:
        head: the name and the labels as the text has them.
        family: the name in the `# TYPE` comment, or its own.
        suffix: what follows the name of the family, such as `_bucket`.
        labels: without `le` of a bucket and `quantile` of a summary.
        number: the value of `le` or `quantile`; None without it.
        is_added: whether the capture does not have it: it is exposed from its first event on.
    """

    head: str
    name: str
    family: str
    kind: Kind
    suffix: str
    labels: Labels
    value: float
    number: float | None = None
    is_added: bool = False

    @property
    def key(self) -> tuple[str, Labels]:
        """What the parts of a histogram have in common."""
        return self.family, self.labels

    @property
    def is_count(self) -> bool:
        """Whether the series counts all events of a counter or a distribution."""
        is_total = self.number is None and self.suffix in ("_count", "_total", "")
        return self.kind != "gauge" and is_total and isfinite(self.value)

    @property
    def scraped_labels(self) -> Mapping[str, str]:
        """The labels that Prometheus 3 stores, with the name."""
        number = {} if self.number is None else {"le" if self.suffix else "quantile": normalised_bound(self.number)}
        return {"__name__": self.name, **dict(self.labels), **number}

    @property
    def member(self) -> Member:
        """The series, or the histogram that it is a part of."""
        return Member(self.labels)


@dataclass(frozen=True)
class Capture:
    """A text in the format of Prometheus or OpenMetrics; native histograms are not in such a text.

    Attributes:
        lines: comments and what does not change as they are, and series.
    """

    lines: tuple[str | CapturedSeries, ...]

    @cached_property
    def series(self) -> tuple[CapturedSeries, ...]:
        """The series in the order of the text."""
        return tuple(line for line in self.lines if not isinstance(line, str))

    @cached_property
    def constants(self) -> tuple[CapturedSeries, ...]:
        """Series whose values do not change, such as those of an info metric."""
        lines = (line for line in self.lines if isinstance(line, str) and not line.startswith("#"))
        return tuple(_series(match, {}) for line in lines if (match := _SERIES.match(line)))

    @property
    def is_open(self) -> bool:
        """Whether it is OpenMetrics."""
        return self.lines[-1:] == ("# EOF",)


def read_capture(text: str) -> Capture:
    """The lines of a valid text; timestamps and exemplars are left out."""
    declared = {name.strip('"'): kind for name, kind in _TYPE.findall(text)}
    histograms: Mapping[str, Kind] = dict.fromkeys(_BUCKET.findall(text), "histogram")
    types = {**histograms, **{name: _KINDS.get(kind, "gauge") for name, kind in declared.items()}}
    constant = {name for name, kind in declared.items() if kind in _CONSTANT}
    return Capture(tuple(_lines(text, types, constant)))


def _lines(text: str, types: Mapping[str, Kind], constant: Set[str]) -> Iterator[str | CapturedSeries]:
    for line in map(str.strip, text.split("\n")):
        if line.startswith("#"):
            yield line
        elif match := _SERIES.match(line):
            is_constant = re.sub(r"_(?:info|bucket|gcount|gsum)$", "", match["name"]) in constant
            yield line if is_constant or match["name"] in constant else _series(match, types)


def _series(match: re.Match[str], types: Mapping[str, Kind]) -> CapturedSeries:
    labels, name = {}, match["name"]
    for label in _LABEL.finditer(match["labels"] or ""):
        if label["value"] is None:
            name = _plain(label["quoted"] or "")
        else:
            labels[label["name"] or _plain(label["quoted"])] = _plain(label["value"])
    family, kind, suffix = _family_of(name, types)
    number = labels.pop({"histogram": "le", "summary": "quantile"}[kind], None) if kind in _NUMBERED else None
    key = tuple(sorted(labels.items()))
    numeric = None if number is None else float(number)
    return CapturedSeries(match["head"], name, family, kind, suffix, key, float(match["value"]), numeric)


_NUMBERED = ("histogram", "summary")


def _family_of(name: str, types: Mapping[str, Kind]) -> tuple[str, Kind, str]:
    """The family, its kind and the suffix of a series; without a type, the name decides."""
    if name in types:
        return name, types[name], ""
    for suffix in ("_bucket", "_count", "_sum", "_created", "_total"):
        base = name.removesuffix(suffix)
        if base != name and suffix in _PARTS.get(types.get(base, "gauge"), ()):
            return base, types[base], suffix
    return name, "counter" if name.endswith("_total") else "gauge", ""


def _plain(text: str) -> str:
    return re.sub(r'\\[n"\\]', lambda match: _ESCAPES[match[0]], text)
