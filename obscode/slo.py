"""Objectives and error budgets: exact decimal arithmetic, no PromQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from obscode import duration
from obscode.definition import Definition
from obscode.errors import Finding
from obscode.names import name_problem
from obscode.sli.base import SLI


@dataclass(frozen=True)
class SLO(Definition):
    """A service level objective: ``objective`` percent of the SLI's events are good over ``period``."""

    name: str
    objective: float | Decimal
    sli: SLI
    _: KW_ONLY
    period: str = "30d"
    description: str = ""
    runbook: str = ""

    def percent(self) -> Decimal:
        """The objective as it is spoken: 99.9."""
        return Decimal(str(self.objective))

    def target(self) -> Decimal:
        """The objective as a ratio: 0.999."""
        return self.percent() / 100

    def budget(self) -> Decimal:
        """The error budget, the ratio of events that may be bad: 0.001."""
        return 1 - self.target()

    def problems(self) -> Iterator[Finding]:
        if wrong := name_problem(self.name):
            yield self.finding("slo-name", *wrong, at="name")
        if wrong := objective_problem(self.objective):
            yield self.finding("objective", *wrong, at="objective")
        if not isinstance(self.sli, SLI):
            yield self.finding("sli", f"{self.sli!r} is not an SLI", "write Ratio(...) or Latency(...) here", at="sli")
        if wrong := duration.problem(self.period):
            yield self.finding("duration", *wrong, at="period")


def objective_problem(value: object) -> tuple[str, str] | None:
    """What is wrong with an objective, which is a number of percent between 0 and 100, both excluded."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        hint = f"write {value} without quotes" if isinstance(value, str) else "write a number such as 99.9"
        return f"objective {value!r} is not a number", hint
    percent = Decimal(str(value))
    if not percent.is_finite() or percent <= 0:
        return f"objective {value} leaves nothing to meet", "write percent, such as 99.9"
    if percent < 1:
        return f"objective {value} would be less than one percent", f"did you mean {(percent * 100).normalize():f}?"
    if percent == 100:
        return "objective 100 leaves no error budget", "write 99.9 or 99.99; nothing is perfect for a month"
    if percent > 100:
        return f"objective {value} is above 100 percent", "write percent, such as 99.9"
    return None
