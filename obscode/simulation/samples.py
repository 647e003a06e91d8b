"""Series as values: labels, times and samples, from which the text is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from obscode.simulation.families import Family, Member
from obscode.simulation.values import Simulator

#: Whether a series with some labels, `__name__` among them, is needed.
Matching = Callable[[Mapping[str, str]], bool]


class Samples(NamedTuple):
    """A series.

    Attributes:
        labels: its labels, and its name as `__name__`.
        times: in milliseconds since 1970, ascending; one object for all series that have samples at all of them.
        values: as many.
    """

    labels: Mapping[str, str]
    times: Sequence[int]
    values: Sequence[float]


def every(labels: Mapping[str, str]) -> bool:
    """Accept all series."""
    return True


def family_samples(
    family: Family, simulator: Simulator, times: Sequence[int], matching: Matching = every
) -> Iterator[Samples]:
    """The series of a family; the values are only computed for members of which a series matches."""
    parts = _parts(family)

    def is_needed(member: Member) -> bool:
        return any(matching(part_labels(family.name, part, member)) for part in parts)

    for member, values_of in simulator.series(family, is_needed):
        for part, values in values_of.items():
            labels = part_labels(family.name, part, member)
            if not matching(labels):
                continue
            present = [value for value in values if value is not None]
            if len(present) == len(times):
                yield Samples(labels, times, present)
            elif present:
                has = [time for time, value in zip(times, values, strict=True) if value is not None]
                yield Samples(labels, has, present)


def part_labels(name: str, part: str, member: Member) -> dict[str, str]:
    """The labels of a part of a family: `_bucket|0.5`, `_sum`, `|0.99` for a quantile, empty for the whole."""
    suffix, _, number = part.partition("|")
    labels = {"__name__": name + suffix, **dict(member.labels)}
    if number:
        labels["le" if suffix else "quantile"] = number
    return labels


def _parts(family: Family) -> Sequence[str]:
    if family.kind == "histogram":
        return [*(f"_bucket|{bound!r}" for bound in family.bounds), "_bucket|+Inf", "_count", "_sum"]
    if family.kind == "summary":
        return [*(f"|{quantile!r}" for quantile in family.quantiles), "_count", "_sum"]
    return [""]
