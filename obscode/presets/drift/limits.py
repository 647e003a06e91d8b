"""When PSI and KS are evidence of drift: limits that chance does not pass, for samples of any size."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from obscode.model.sli.base import aggregated
from obscode.promql.selector import Matcher, Selector

#: The bins of PSI; without drift, it is (bins - 1) / size on average.
_BINS = 10
#: The fewest values, of the sample and of the reference.
FEWEST = 500
#: A drift of half the limit counts for the share of drifted features.
_MILD = 0.5
#: The fewest features of which there is a share.
LEAST_FEATURES = 3
#: The probability of a false alarm by KS, for all features of a model together and one run.
_CHANCE = 1e-4


@dataclass(frozen=True)
class Drift:
    """PromQL of one statistic and its sizes, and of the limits that chance does not pass."""

    matchers: tuple[Matcher, ...]
    psi: str
    ks: str
    model: str
    feature: str
    psi_limit: float
    ks_limit: float

    def select(self, name: str) -> str:
        return str(Selector(name, self.matchers))

    def enough(self, name: str) -> str:
        """Both samples are large enough; a reference of unknown size is."""
        size, reference = (self.select(f"{name}_{part}_size") for part in ("sample", "reference"))
        return f"{size} >= {FEWEST}\nunless\n{reference} < {FEWEST}"

    def variance(self, name: str) -> str:
        """1 / n + 1 / m, which is 1 / n if the size of the reference is not known."""
        size, reference = (self.select(f"{name}_{part}_size") for part in ("sample", "reference"))
        return f"(1 / {size} + (1 / {reference} or 0 * {size}))"

    def drifted(self, share_of_limit: float = 1) -> str:
        """The features that are drifted: their PSI or KS is above its limit, and not by chance."""
        parts = []
        if self.psi:
            limit = f"{self.psi_limit * share_of_limit:g} + {_BINS - 1} * {self.variance(self.psi)}"
            parts.append(f"{self.select(self.psi)} > {limit}\nand\n({self.enough(self.psi)})")
        if self.ks:
            parts.append(self._ks(self.ks_limit * share_of_limit))
        return parts[0] if len(parts) == 1 else "\nor\n".join(f"({part})" for part in parts)

    def _ks(self, limit: float) -> str:
        """Massart's bound of the probability of a distance, for all features of a model together (Bonferroni)."""
        statistic = self.select(self.ks)
        features = aggregated("count", self.by, statistic)
        chance = (
            f"sqrt({self.variance(self.ks)} / 2 * on ({', '.join(self.by)}) group_left ()"
            f" (ln({features}) + {log(2 / _CHANCE):.6g}))"
        )
        return f"{statistic} > {limit:g}\nand\n{statistic} > {chance}\nand\n({self.enough(self.ks)})"

    @property
    def by(self) -> tuple[str, ...]:
        return tuple(filter(None, [self.model]))

    @property
    def any(self) -> str:
        """The statistic that all features have."""
        return self.psi or self.ks

    def share(self) -> str:
        """The share of the features with enough values that drifted by half the limit."""
        compared = aggregated("count", self.by, f"{self.select(self.any)} and ({self.enough(self.any)})")
        drifted = aggregated("count", self.by, self.drifted(_MILD))
        return f"({drifted} or 0 * {compared})\n/\n({compared} >= {LEAST_FEATURES})"
