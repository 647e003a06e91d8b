"""Scenarios: traffic, errors and restarts over time, for which obscode generates series that dashboards show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.definition import Definition
from obscode.promql import duration
from obscode.promql.duration import Duration

SCENARIO = Code(
    "scenario",
    "A scenario has a name and a range; its phases have times, factors of at least 0 and ratios from 0 to 1.",
    why="Series for a scenario are generated from these numbers.",
    bad='Scenario("bad release", [Phase("4h", "30m", errors=20)])',
    good='Scenario("bad release", [Phase("4h", "30m", errors=0.2)])',
)
#: The time that dashboards show, unless a scenario says it.
DEFAULT_RANGE = "6h"

Start = Annotated[str, 'a time such as "4h", or "-1d" for one before the range']


@dataclass(frozen=True)
class Phase(Definition):
    """A part of a scenario in which something differs from a normal day.

    Attributes:
        start: when it starts, from the start of the range; `-1d` is a day before it.
        length: how long it lasts; by default to the end of the range.
        traffic: a factor of the traffic; 0 is no traffic.
        errors: the ratio of events that are bad for each SLI, from 0 to 1.
        burn: the same as a multiple of the error budget of each SLO: 1 uses it up in the SLO's period.
        latency: a factor of the observed durations.
        down: the ratio of targets that are down, from 0 to 1.
        restart: whether processes restart at its start, one after the other: their counters begin at 0 again.
        version: the value of labels such as `version` from its start; empty for no change.
        values: the values of series, such as `{'queue_size{queue="mail"}': 5000}`; of counters, the increase per
            second.
        services: the names of the services that it is about; by default those with SLOs, or all if there are none.
            `values` are of any service.
    """

    start: Start
    length: Annotated[str, 'a duration such as "30m"'] = ""
    _: KW_ONLY
    traffic: float = 1
    errors: float | None = None
    burn: float | None = None
    latency: float = 1
    down: float = 0
    restart: bool = False
    version: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    services: Sequence[str] = ()

    def start_seconds(self) -> float:
        """The start in seconds from the start of the range, negative before it."""
        text = self.start.removeprefix("-")
        return -duration.seconds(text) if text != self.start else duration.seconds(text)

    def problems(self) -> Iterator[Finding]:
        if wrong := duration.validate_duration(self.start.removeprefix("-"), zero=True):
            yield self.finding(SCENARIO, *wrong, at="start")
        if self.length and (wrong := duration.validate_duration(self.length)):
            yield self.finding(SCENARIO, *wrong, at="length")
        for name in ("traffic", "burn", "latency"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                yield self.finding(SCENARIO, f"{name}={value!r} is below 0", "write a factor such as 2", at=name)
        for name in ("errors", "down"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                hint = f"write {value / 100:g} for {value:g} %" if 1 < value <= 100 else "write a ratio such as 0.2"
                yield self.finding(SCENARIO, f"{name}={value!r} is not within 0 to 1", hint, at=name)
        if self.errors is not None and self.burn is not None:
            yield self.finding(SCENARIO, "a phase has both errors= and burn=", "write one of them", at="burn")
        yield from self._value_problems()

    def _value_problems(self) -> Iterator[Finding]:
        from obscode.promql.errors import PromQLError
        from obscode.promql.parser import parse_selector

        for i, text in enumerate(self.values):
            try:
                parse_selector(text)
            except PromQLError as error:
                hint = "write a series such as 'queue_size{queue=\"mail\"}'"
                yield self.finding(SCENARIO, f"{text!r} cannot be used here: {error}", hint, at="values", item=i)


@dataclass(frozen=True)
class Scenario(Definition):
    """What happens while dashboards are previewed: a normal day, and phases that differ from it.

    A scenario of a project replaces the standard one of the same name: `normal day`, `error burst`, `slow burn`,
    `traffic stop` and `deploy`.

    Attributes:
        name: the name, such as `bad release`.
        phases: what differs from a normal day, and when.
        range: the time that dashboards show, a duration.
    """

    name: str
    phases: Sequence[Phase] = ()
    _: KW_ONLY
    range: Duration = DEFAULT_RANGE

    def problems(self) -> Iterator[Finding]:
        if not self.name.strip():
            yield self.finding(SCENARIO, "the scenario has no name", 'write a name such as "bad release"', at="name")
        if wrong := duration.validate_duration(self.range):
            yield self.finding(SCENARIO, *wrong, at="range")
