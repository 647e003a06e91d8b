"""Selectors for the series of the SLO that the dashboard's variables select."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from obscode.compiler.slo_plan import SloPlan
from obscode.model import naming
from obscode.model.burn_rate import Tier
from obscode.model.dashboard.variable import RESERVED
from obscode.promql.selector import Matcher, Selector

SERVICE, SLO = naming.SERVICE, naming.SLO
#: Joins ratios and counts, which have groups, with budgets and objectives, which have none.
ON_SLO = f"on ({SERVICE}, {SLO}) group_left ()"


@dataclass(frozen=True)
class SelectedSlo:
    """SLOs with equal periods, tiers and alerts, of which a reader selects one and its groups."""

    plans: Sequence[SloPlan]

    @property
    def plan(self) -> SloPlan:
        """A representative plan; all share windows, tiers and period."""
        return self.plans[0]

    @property
    def tiers(self) -> Sequence[Tier]:
        """The tiers with an alert."""
        return self.plan.tiers

    @cached_property
    def labels(self) -> list[str]:
        """The group labels of all SLOs."""
        return sorted({label for plan in self.plans for label in plan.slo.sli.by})

    @cached_property
    def groups(self) -> tuple[Matcher, ...]:
        """Matchers for the selected groups; they match series without such a label, too."""
        return tuple(Matcher(label, "=~", f"${variable(label)}") for label in self.labels)

    @cached_property
    def identity(self) -> tuple[Matcher, ...]:
        """Matchers for the selected SLO."""
        return Matcher(SERVICE, "=", f"${SERVICE}"), Matcher(SLO, "=", f"${SLO}")

    def of_slo(self, name: str, *more: Matcher) -> Selector:
        """A series without groups."""
        return Selector(name, (*more, *self.identity))

    def of_groups(self, name: str, *more: Matcher) -> Selector:
        """A series with groups."""
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
    """The variable for a group label: the label's name as far as a variable may have it, unless it is in use."""
    name = re.sub("[^a-zA-Z0-9_]", "_", label)
    return f"{name}_label" if name in (*RESERVED, SERVICE, SLO) or name[0].isdigit() else name
