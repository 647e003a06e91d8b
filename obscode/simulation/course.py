"""A scenario at the times of samples: traffic, errors and latency, and when targets are down or restart."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from obscode.model.scenario import Phase, Scenario
from obscode.promql import duration

_DAY = 86_400
#: The share of the error budget that a normal day burns.
NORMAL_BURN = 0.15
#: The time between the restarts of two processes.
ROLLING = 60


@dataclass(frozen=True)
class Conditions:
    """What differs from a normal day at a time; errors and burn are None where no phase sets them."""

    traffic: float = 1
    errors: float | None = None
    burn: float | None = None
    latency: float = 1
    down: float = 0
    version: str = ""
    values: Mapping[str, float] = field(default_factory=dict)

    def with_phase(self, phase: Phase) -> Conditions:
        """Together with those of a phase."""
        return Conditions(
            self.traffic * phase.traffic,
            _largest(self.errors, phase.errors),
            _largest(self.burn, phase.burn),
            self.latency * phase.latency,
            max(self.down, phase.down),
            phase.version or self.version,
            {**self.values, **phase.values},
        )

    def error_ratio(self, budget: float, normal: float = NORMAL_BURN) -> float:
        """The ratio of bad events, for an error budget from 0 to 1; ``normal`` is the share burnt on a normal day."""
        if self.errors is not None:
            return self.errors
        return min(1.0, budget * (normal if self.burn is None else self.burn))


def _largest(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)


@dataclass(frozen=True)
class Course:
    """A scenario whose range starts at a time, at the times of some samples."""

    scenario: Scenario
    start: int
    times: tuple[int, ...]

    def of_service(self, affected: Callable[[Phase], bool]) -> Course:
        """The course of a service: phases that do not affect it only set values."""
        phases = [phase if affected(phase) else only_values(phase) for phase in self.scenario.phases]
        return replace(self, scenario=self.scenario.derive(phases=phases))

    @cached_property
    def _spans(self) -> Sequence[tuple[float, float, Phase]]:
        spans = []
        for phase in self.scenario.phases:
            begin = self.start + phase.start_seconds()
            length = duration.seconds(phase.length) if phase.length else math.inf
            spans.append((begin, begin + length, phase))
        return spans

    @cached_property
    def changes(self) -> tuple[Sequence[float], Sequence[Conditions]]:
        """The times at which conditions change, and the conditions from each one on."""
        times = sorted({-math.inf, *(time for begin, end, _ in self._spans for time in (begin, end))})
        conditions = []
        for time in times:
            current = Conditions()
            for begin, end, phase in self._spans:
                if begin <= time < end:
                    current = current.with_phase(phase)
            conditions.append(current)
        return times, conditions

    def at(self, time: float) -> Conditions:
        """The conditions at a time."""
        times, conditions = self.changes
        return conditions[bisect_right(times, time) - 1]

    @cached_property
    def conditions(self) -> Sequence[Conditions]:
        """The conditions at each sample."""
        return [self.at(time) for time in self.times]

    @cached_property
    def traffic(self) -> Sequence[float]:
        """The factor of the traffic at each sample, around 1."""
        return [daily(time) * now.traffic for time, now in zip(self.times, self.conditions, strict=True)]

    @cached_property
    def lengths(self) -> Sequence[int]:
        """The seconds before each sample; of the first one, those to the next."""
        gaps = [later - earlier for earlier, later in zip(self.times, self.times[1:], strict=False)]
        return [gaps[0] if gaps else 0, *gaps]

    @cached_property
    def restarts(self) -> Sequence[float]:
        """The times of restarts of the first process; the others follow."""
        return sorted(begin for begin, _, phase in self._spans if phase.restart)

    def restarts_of(self, entity: int) -> Sequence[float]:
        """The times at which the process of an entity restarts."""
        return [time + ROLLING * entity for time in self.restarts]

    @cached_property
    def versions(self) -> Sequence[tuple[float, str]]:
        """The times from which there are other versions."""
        changes: list[tuple[float, str]] = []
        for at, now in zip(*self.changes, strict=True):
            if now.version and (not changes or now.version != changes[-1][1]):
                changes.append((at, now.version))
        return changes

    def is_down(self, entity: int, entities: int, now: Conditions) -> bool:
        """Whether an entity is among those that are down."""
        return entity < math.ceil(now.down * entities - 1e-9)

    @property
    def has_outage(self) -> bool:
        """Whether targets are down at some time."""
        return any(phase.down for _, _, phase in self._spans)


def only_values(phase: Phase) -> Phase:
    """A phase for services that it does not affect."""
    return Phase(phase.start, phase.length, values=phase.values).with_origin(phase.origin)


def daily(time: float) -> float:
    """The traffic of a normal day: least at night, and somewhat less on weekends."""
    day = math.sin(2 * math.pi * (time % _DAY / _DAY - 0.375))
    weekday = (time // _DAY + 4) % 7  # 1970 began on a Thursday; 0 is Sunday
    return (1 + 0.3 * day) * (0.85 if weekday in (0, 6) else 1)
