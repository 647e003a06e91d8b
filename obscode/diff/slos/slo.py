"""An SLO as its rules tell it: objective, period, alerts with their tiers, and what it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from obscode.artifacts.rules import AlertingRule
from obscode.diff.rules.located import LocatedRule
from obscode.promql.duration import format_duration


@dataclass(frozen=True)
class Tier:
    """A condition of an alert: the error ratio is above a threshold in a long and a short window (milliseconds)."""

    long: int
    short: int
    threshold: Decimal

    @property
    def windows(self) -> str:
        """`1h and 5m`."""
        return f"{format_duration(self.long)} and {format_duration(self.short)}"

    def detects_after(self, ratio: Decimal, for_: int) -> int | None:
        """Milliseconds from a step to an error ratio, at steady traffic, until the alert fires; None for never."""
        if ratio <= self.threshold:
            return None
        return round(self.threshold * self.long / ratio) + for_


@dataclass(frozen=True, eq=False)
class SloAlert:
    """A burn-rate alert of an SLO; ``tiers`` is empty for other alerts, such as those of missing data."""

    rule: LocatedRule
    tiers: Sequence[Tier]

    @property
    def alert(self) -> AlertingRule:
        """The alerting rule."""
        assert isinstance(self.rule.rule, AlertingRule)
        return self.rule.rule


@dataclass(frozen=True, eq=False)
class RecordedSlo:
    """An SLO, found in rules that obscode, Sloth or Pyrra generated.

    Attributes:
        system: `obscode`, `Sloth` or `Pyrra`.
        service: the service; empty for Pyrra, whose SLOs have none.
        name: the name of the SLO.
        objective: in percent; None if it is not recorded.
        period: in milliseconds; 0 if it is not recorded.
        alerts: its alerts, in the order of the file.
        events: what is counted, from raw series: expressions by a name such as `total`.
        labels: the labels of the series with its properties, such as the owner.
        rules: all of its rules.
    """

    system: str
    service: str
    name: str
    objective: Decimal | None
    period: int
    alerts: Sequence[SloAlert]
    events: Mapping[str, str]
    labels: Mapping[str, str]
    rules: Sequence[LocatedRule]

    @property
    def title(self) -> str:
        """`shop/availability`."""
        return f"{self.service}/{self.name}" if self.service else self.name

    @property
    def budget(self) -> int:
        """The milliseconds of a full outage that the objective allows in the period; 0 if that is unknown."""
        if self.objective is None:
            return 0
        return round(self.period * (100 - self.objective) / 100)

    def source_rules(self) -> Iterator[LocatedRule]:
        """The rules of which the SLO stands in its file, the most telling first."""
        yield from sorted(self.rules, key=lambda each: each.is_alert)
