"""A diff as a value: what is compared, the changes, and what is not compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from obscode.diff.change import RISKS, Change, Risk
from obscode.diff.sentences import counted


@dataclass(frozen=True)
class Report:
    """The changes between two sides.

    Attributes:
        base: what the left side is, for people.
        head: what the right side is.
        changes: the riskiest first.
        cost: sentences about what the rules cost, before and after.
        not_compared: the files that cannot be read on one of the sides, with the reason.
    """

    base: str
    head: str
    changes: Sequence[Change]
    cost: Sequence[str] = ()
    not_compared: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """True if nothing changes and all was compared."""
        return not self.changes and not self.not_compared

    def by_risk(self) -> Mapping[Risk, Sequence[Change]]:
        """The changes of each class that has some, the riskiest class first."""
        classes = {risk: [change for change in self.changes if change.risk == risk] for risk in RISKS}
        return {risk: changes for risk, changes in classes.items() if changes}

    def summary(self) -> str:
        """`3 changes from main to the working tree: 1 lost, 2 text`."""
        counts = Counter(change.risk for change in self.changes)
        classes = ", ".join(f"{counts[risk]} {risk}" for risk in RISKS if counts[risk])
        return f"{counted(len(self.changes), 'change')} from {self.base} to {self.head}" + (
            f": {classes}" if classes else ""
        )

    def fails(self, fail_on: Risk) -> bool:
        """True if there is a change of this class or a riskier one, or a file that is not compared."""
        worst = list(RISKS).index(fail_on)
        return bool(self.not_compared) or any(change.rank <= worst for change in self.changes)
