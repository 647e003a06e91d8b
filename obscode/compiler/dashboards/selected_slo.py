"""The series of the SLO that a reader chose, as the queries of a dashboard select them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from obscode.compiler.slo_plan import SloPlan
from obscode.model import naming
from obscode.model.burn_rate import Tier
from obscode.model.dashboard.variable import RESERVED
from obscode.promql.selector import Matcher, Selector

SERVICE, SLO = naming.SERVICE, naming.SLO
#: Budgets and objectives have no groups; ratios and counts do.
ON_SLO = f"on ({SERVICE}, {SLO}) group_left ()"


@dataclass(frozen=True)
class SelectedSlo:
    """SLOs that have one period, one table of burn rates and the same alerts; a reader chooses one, and its groups."""

    plans: Sequence[SloPlan]

    @property
    def plan(self) -> SloPlan:
        """Any of them: windows, tiers and period are those of all."""
        return self.plans[0]

    @property
    def tiers(self) -> Sequence[Tier]:
        """The tiers that each of the SLOs has an alert for."""
        return self.plan.tiers

    @cached_property
    def labels(self) -> list[str]:
        """The labels by which any of the SLOs keeps groups apart."""
        return sorted({label for plan in self.plans for label in plan.slo.sli.by})

    @cached_property
    def groups(self) -> tuple[Matcher, ...]:
        """What selects the chosen groups; all of them also where an SLO has no such label."""
        return tuple(Matcher(label, "=~", f"${variable(label)}") for label in self.labels)

    @cached_property
    def identity(self) -> tuple[Matcher, ...]:
        """What selects the chosen SLO."""
        return Matcher(SERVICE, "=", f"${SERVICE}"), Matcher(SLO, "=", f"${SLO}")

    def of_slo(self, name: str, *more: Matcher) -> Selector:
        """A series that an SLO has one of."""
        return Selector(name, (*more, *self.identity))

    def of_groups(self, name: str, *more: Matcher) -> Selector:
        """A series that each group of an SLO has one of."""
        return Selector(name, (*more, *self.identity, *self.groups))

    def ratio(self, window: str) -> Selector:
        """The error ratio of a window."""
        return self.of_groups(self.plan.ratio(window).metric)

    def total(self, window: str) -> Selector:
        """The events of a window."""
        return self.of_groups(self.plan.total(window).metric)

    def bad(self, window: str) -> Selector:
        """The bad events of a window."""
        return self.of_groups(self.plan.bad(window).metric)

    @property
    def budget(self) -> Selector:
        """The error budget."""
        return self.of_slo(naming.ERROR_BUDGET)


def variable(label: str) -> str:
    """The variable by which a reader chooses groups: named as the label, unless that name is taken."""
    return f"{label}_label" if label in (*RESERVED, SERVICE, SLO) else label
