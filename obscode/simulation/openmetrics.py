"""Series as OpenMetrics text with timestamps, which promtool makes blocks of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from obscode.promql.tokens import is_plain_label, is_plain_metric
from obscode.simulation.families import Family, Kind, Labels, Member
from obscode.simulation.values import Simulator

END = "# EOF\n"


_PARTS = ("", "_bucket", "_count", "_sum")
_SUFFIXES: Mapping[Kind, Sequence[str]] = {
    "counter": ("", "_total", "_created"),
    "gauge": ("",),
    "histogram": _PARTS,
    "summary": _PARTS,
}


def text_of(families: Sequence[Family], simulator_of: Callable[[Family], Simulator]) -> Iterator[str]:
    """The text in chunks, one for each name of series, and the end.

    Counters and gauges have their type. Histograms and summaries have none: the parts of a typed one would have to be
    together for each time, which the parser of prometheus_client does not read.
    """
    reserved = Counter(name for family in families for name in _reserved(family))
    for family in families:
        simulator = simulator_of(family)
        is_typed = family.kind in ("counter", "gauge") and all(reserved[name] == 1 for name in _reserved(family))
        is_typed = is_typed and is_plain_metric(family.name)
        if is_typed and (family.kind == "gauge" or family.name.endswith("_total")):
            yield f"# TYPE {_without_total(family)} {family.kind}\n"
        yield from _texts(family, simulator)
    yield END


def _texts(family: Family, simulator: Simulator) -> Iterator[str]:
    """The samples, those of one name together."""
    ends = [f" {time}\n" for time in simulator.course.times]
    by_suffix: dict[str, list[str]] = {}
    for member, parts in simulator.series(family):
        for part, values in parts.items():
            head = _head(family.name, part, member)
            lines = [head + _number(v) + end for v, end in zip(values, ends, strict=True) if v is not None]
            by_suffix.setdefault(part.partition("|")[0], []).append("".join(lines))
    yield from ("".join(texts) for texts in by_suffix.values())


def _reserved(family: Family) -> list[str]:
    """The names that a family uses, or would use with its type."""
    return [_without_total(family) + suffix for suffix in _SUFFIXES[family.kind]]


def _without_total(family: Family) -> str:
    """The name in the comment with the type, which OpenMetrics writes without `_total`."""
    return family.name.removesuffix("_total") if family.kind == "counter" else family.name


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _head(name: str, part: str, member: Member) -> str:
    """The name and the labels of a series, up to its value."""
    suffix, _, number = part.partition("|")
    extra = (("le" if suffix else "quantile", number),) if number else ()
    return f"{series_text(name + suffix, (*member.labels, *extra))} "


def series_text(name: str, labels: Labels) -> str:
    """A series in the text format."""
    inside = [f'{label_name(label)}="{escaped(value)}"' for label, value in labels]
    if not is_plain_metric(name):
        quoted = f'"{escaped(name)}"'
        return f"{{{','.join([quoted, *inside])}}}"
    return f"{name}{{{','.join(inside)}}}" if inside else name


def label_name(label: str) -> str:
    """The name of a label, in quotes if it has other characters than letters, digits and underscores."""
    return label if is_plain_label(label) else f'"{escaped(label)}"'


def escaped(value: str) -> str:
    """The value of a label within its quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def constant_text(name: str, labels: Labels, samples: Iterable[tuple[float, float]]) -> Iterator[str]:
    """A series of times and values; times in seconds may have a fraction."""
    head = series_text(name, labels)
    return (f"{head} {_number(value)} {_number(time)}\n" for time, value in samples)
