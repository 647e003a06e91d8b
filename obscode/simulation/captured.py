"""The families of a captured text of /metrics, with the series that it shows: they advance in any scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from io import StringIO
from math import isinf
from typing import Any

from obscode.reader.exposition import import_parsers
from obscode.simulation.families import Family, Kind, Labels, Member

_KINDS: dict[str, Kind] = {"counter": "counter", "histogram": "histogram", "summary": "summary"}
_COUNTER = re.compile(r"^# TYPE (\S+) counter$", re.MULTILINE)
_NUMBERS = {"histogram": "le", "summary": "quantile"}


def captured_families(text: str, target: Labels = ()) -> tuple[Family, ...]:
    """The families of a text in the format of Prometheus or OpenMetrics, in its order; native histograms are left out.

    ``target`` are labels of all series, such as `job` and `instance`. Raises ValueError for an invalid text.
    """
    is_open = text.rstrip().endswith("# EOF")
    # The parser of Prometheus' format appends `_total` to the samples of a counter `x`.
    counters = set() if is_open else set(_COUNTER.findall(text))
    plain = text if is_open else _COUNTER.sub(r"# TYPE \1 gauge", text)
    families = [_family(parsed, dict(target), counters) for parsed in import_parsers()[is_open](StringIO(plain))]
    return tuple(family for family in families if family.members)


def _family(parsed: Any, target: Mapping[str, str], counters: Set[str]) -> Family:
    kind = "counter" if parsed.name in counters else _KINDS.get(parsed.type, "gauge")
    number = _NUMBERS.get(kind, "")
    members: dict[Labels, Member] = {}
    numbers: set[float] = set()
    name = parsed.name
    for sample in parsed.samples:
        if sample.name.endswith("_created") or sample.native_histogram is not None:
            continue
        if not number:
            name = sample.name
        labels = {**target, **sample.labels}
        if number in labels and not isinf(float(labels[number])):
            numbers.add(float(labels[number]))
        labels.pop(number, None)
        key = tuple(sorted((label, value) for label, value in labels.items() if value))
        members.setdefault(key, Member(key))
    bounds, quantiles = (tuple(sorted(numbers)) if kind == each else () for each in _NUMBERS)
    return Family(name, kind, tuple(members.values()), bounds, quantiles, unit=parsed.unit)
