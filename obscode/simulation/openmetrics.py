"""Series as OpenMetrics text with timestamps, which promtool makes blocks of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from obscode.promql.tokens import is_plain_label, is_plain_metric
from obscode.simulation.families import Family, Kind
from obscode.simulation.samples import Samples

END = "# EOF\n"


_PARTS = ("", "_bucket", "_count", "_sum")
_SUFFIXES: Mapping[Kind, Sequence[str]] = {
    "counter": ("", "_total", "_created"),
    "gauge": ("",),
    "histogram": _PARTS,
    "summary": _PARTS,
}


def text_of(families: Sequence[Family], samples_of: Callable[[Family], Iterable[Samples]]) -> Iterator[str]:
    """The text in chunks, one for each name of series, and the end.

    Counters and gauges have their type. Histograms and summaries have none: the parts of a typed one would have to be
    together for each time, which the parser of prometheus_client does not read.
    """
    reserved = Counter(name for family in families for name in _reserved(family))
    for family in families:
        is_typed = family.kind in ("counter", "gauge") and all(reserved[name] == 1 for name in _reserved(family))
        is_typed = is_typed and is_plain_metric(family.name)
        if is_typed and (family.kind == "gauge" or family.name.endswith("_total")):
            yield f"# TYPE {_without_total(family)} {family.kind}\n"
        yield from plain_text(samples_of(family))
    yield END


def plain_text(series: Iterable[Samples]) -> Iterator[str]:
    """The lines of series, those of one name together, in a chunk for each name."""
    by_name: dict[str, list[str]] = {}
    ends: tuple[Sequence[int], list[str]] = ((), [])
    for labels, times, values in series:
        if times is not ends[0]:
            ends = times, [f" {number_text(time / 1000)}\n" for time in times]
        head = f"{_series_text(labels)} "
        lines = [head + number_text(value) + end for value, end in zip(values, ends[1], strict=True)]
        by_name.setdefault(labels["__name__"], []).append("".join(lines))
    yield from ("".join(texts) for texts in by_name.values())


def _reserved(family: Family) -> list[str]:
    """The names that a family uses, or would use with its type."""
    return [_without_total(family) + suffix for suffix in _SUFFIXES[family.kind]]


def _without_total(family: Family) -> str:
    """The name in the comment with the type, which OpenMetrics writes without `_total`."""
    return family.name.removesuffix("_total") if family.kind == "counter" else family.name


def number_text(value: float) -> str:
    """A value in the text format."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _series_text(labels: Mapping[str, str]) -> str:
    return series_text(labels["__name__"], [(name, value) for name, value in labels.items() if name != "__name__"])


def series_text(name: str, labels: Iterable[tuple[str, str]]) -> str:
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
