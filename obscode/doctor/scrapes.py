"""What a target exposes in one scrape, as values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from obscode.reader.exposition import import_parsers

_TYPE = re.compile(r"# TYPE (?P<name>\S+) (?P<kind>\w+)")
# Sums are left out: they go back with negative observations.
_COUNTED = {"counter": ("", "_total"), "histogram": ("_bucket", "_count"), "summary": ("_count",)}


class Series(NamedTuple):
    """The name of a series, and its labels in order."""

    name: str
    labels: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Scrape:
    """The families of a text with their types, and its samples."""

    kinds: Mapping[str, str]
    samples: Mapping[Series, float]

    def counters(self) -> Iterator[tuple[Series, float]]:
        """The series that only grow while the process runs."""
        names = {family + suffix for family, kind in self.kinds.items() for suffix in _COUNTED.get(kind, ())}
        return ((series, value) for series, value in self.samples.items() if series.name in names)

    def names(self) -> frozenset[str]:
        """The names of all samples."""
        return frozenset(series.name for series in self.samples)


def scrape(text: str) -> Scrape:
    """Read a valid text of Prometheus' format, or of OpenMetrics."""
    lines = text.rstrip().splitlines()
    is_open = bool(lines) and lines[-1].strip() == "# EOF"
    kinds = {match["name"]: match["kind"] for line in lines if (match := _TYPE.match(line))}
    if not is_open:  # whose parser appends `_total` to the samples of a counter `x`
        lines = [re.sub(r"^(# TYPE \S+) counter", r"\1 gauge", line) for line in lines]
    families = import_parsers()[is_open](f"{line}\n" for line in lines)
    samples = {
        Series(sample.name, tuple(sorted(sample.labels.items()))): float(sample.value)
        for family in families
        for sample in family.samples
    }
    return Scrape(kinds, samples)
