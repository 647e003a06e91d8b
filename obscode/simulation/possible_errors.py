"""Series of server errors for a capture of a server that had none: it exposes `code="500"` from its first error on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from obscode.simulation.capture import Capture, CapturedSeries
from obscode.simulation.failures import has_failure_value, is_status_label

_FINE = re.compile(r"[1-4](?P<rest>\d\d|xx|XX)")


def with_possible_errors(capture: Capture) -> Capture:
    """The capture with a series of server errors for each counter and distribution whose labels tell no error yet."""
    last = {series.family: series for series in capture.series}
    copies = {family: tuple(_copies([s for s in capture.series if s.family == family])) for family in last}
    lines: list[str | CapturedSeries] = []
    for line in capture.lines:
        lines.append(line)
        if not isinstance(line, str) and line is last[line.family]:
            lines += copies[line.family]
    return Capture(tuple(lines))


def _copies(family: Sequence[CapturedSeries]) -> Iterator[CapturedSeries]:
    counts = [s for s in family if s.is_count]
    if not counts or any(has_failure_value(s.member) for s in counts):
        return
    busiest = max(counts, key=lambda s: s.value)
    for label, value in busiest.labels:
        if is_status_label(label) and _FINE.fullmatch(value):
            code = "500" if value.isdigit() else f"5{value[1:]}"
            yield from (_copy(s, label, value, code) for s in family if s.labels == busiest.labels)
            return


def _copy(series: CapturedSeries, label: str, value: str, code: str) -> CapturedSeries:
    labels = tuple((name, code if name == label else text) for name, text in series.labels)
    head = re.sub(rf'(?<![\w.:]){label}="{value}"', f'{label}="{code}"', series.head)
    return replace(series, head=head, labels=labels, is_added=True)
