"""The population stability index (PSI) of a histogram in PromQL, against a reference that is compiled into the rules.

PSI adds up `(p - q) * ln(p / q)` of all buckets: p is a bucket's share of the events of a window, q that of the
reference. An empty bucket has the share `EPSILON` instead of 0, on both sides, as in `obscode.model_metrics`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import inf

from obscode.model.alert import RecordingRule
from obscode.model.group_settings import GroupSettings
from obscode.model.sli.base import aggregated
from obscode.model.sli.buckets import le_matcher
from obscode.presets.quality.names import events
from obscode.promql.duration import Duration
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher, Selector

#: The least share of a bucket: without it, the logarithm of an empty one is infinite.
EPSILON = 1e-4
_BOUND = "bound"
_SHARES = 1 + 1e-6  # the sum of shares; counts have a greater one


@dataclass(frozen=True)
class HistogramPsi:
    """The rules that record the PSI of a histogram.

    Attributes:
        histogram: the histogram, without `_bucket`.
        reference: the events of the reference in each bucket, by its upper bound; those above the last one are `inf`.
        by: the labels by which events are grouped.
        window: the time in which events are counted, a duration.
        group: the group of the rules.
        recorded: matchers of labels that the group adds.
    """

    histogram: Selector
    reference: Mapping[float, float]
    by: Sequence[str]
    window: Duration
    group: GroupSettings | None = None
    recorded: Sequence[Matcher] = ()

    def problem(self) -> str:
        """What is wrong with the reference; empty if nothing is."""
        counts = [*self.reference.values()]
        if len([bound for bound in self.reference if bound != inf]) < 2:
            return f"a reference of {len(counts)} buckets: write at least two, such as {{0.5: 120, 1.0: 80}}"
        if any(left >= right for left, right in pairwise(self.reference)):
            return "a reference whose bounds do not ascend"
        if min(counts) < 0 or not sum(counts) > 0:
            return "a reference without events, or with fewer than none"
        return ""

    @property
    def shares(self) -> dict[float, float]:
        """The share of each bucket; the last one is `inf`."""
        counts = {**self.reference, inf: self.reference.get(inf, 0)}
        total = sum(counts.values())
        return {bound: max(count / total, EPSILON) for bound, count in counts.items()}

    @property
    def chance(self) -> str:
        """PromQL of the PSI that is due to chance: (buckets - 1) / events, of the window and of the reference."""
        freedom = len([count for count in self.reference.values() if count]) - 1
        total = sum(self.reference.values())
        return f"{freedom} / {self.size}" + (f" + {freedom / total:.6g}" if total > _SHARES else "")

    def rules(self) -> Iterator[RecordingRule]:
        """The events of each bucket, their shares, and the PSI."""
        metric = self.histogram.metric
        bucket = self.histogram.renamed(f"{metric}_bucket")
        yield self._rule(self._name("_bucket:increase", "le"), self._sum(events(bucket, self.window), "le"))
        yield self._rule(self._name(":share", _BOUND), "\nor\n".join(self._share_of_each()))
        yield self._rule(self._name(":psi"), self._psi())

    @property
    def psi(self) -> str:
        """The recorded PSI."""
        return self._select(self._name(":psi"))

    @property
    def size(self) -> str:
        """The events of the window."""
        return self._total()

    def _psi(self) -> str:
        """Without all its buckets, as after a change of the bounds, a histogram has no PSI."""
        shares = self._select(self._name(":share", _BOUND))
        reference = "\n  or ".join(
            f'label_replace(vector({share!r}), "{_BOUND}", "{bound:g}", "", "")' for bound, share in self.shares.items()
        )
        on = f"on ({', '.join(self.by)})"
        terms = (
            f"({shares} - on ({_BOUND}) group_left () (\n  {reference}\n))\n"
            f"* ln({shares} / on ({_BOUND}) group_left () (\n  {reference}\n))"
        )
        complete = f"{aggregated('count', self.by, shares)} == {len(self.shares)}"
        return f"{self._sum(terms)}\nand {on}\n{complete}"

    def _share_of_each(self) -> Iterator[str]:
        below = ""
        for bound in self.shares:
            up_to = self._total() if bound == inf else self._up_to(bound)
            inside = f"{up_to} - {below}" if below else up_to
            share = f"clamp_min(({inside}) / ({self._total()} > 0), {EPSILON})"
            yield f'label_replace({share}, "{_BOUND}", "{bound:g}", "", "")'
            below = up_to

    def _up_to(self, bound: float) -> str:
        return self._sum(self._select(self._name("_bucket:increase", "le"), le_matcher(Decimal(repr(float(bound))))))

    def _total(self) -> str:
        return self._sum(self._select(self._name("_bucket:increase", "le"), Matcher("le", "=", "+Inf")))

    def _rule(self, name: str, expr: str) -> RecordingRule:
        return RecordingRule(name, expr, group=self.group)

    def _name(self, operation: str, *more: str) -> str:
        level = "_".join((*self.by, *more)) or "service"
        return f"{level}:{self.histogram.metric}{operation}{self.window}"

    def _select(self, name: str, *more: Matcher) -> str:
        return str(Selector(name, (*self.recorded, *more)))

    def _sum(self, expr: str, *more: str) -> str:
        return aggregated("sum", (*self.by, *more), expr)


def histogram_psi(
    histogram: str,
    reference: Mapping[float, float],
    *,
    window: Duration = "1d",
    by: Sequence[str] = ("model", "version"),
    group: GroupSettings | None = None,
) -> Sequence[RecordingRule]:
    """Recording rules of the population stability index of a histogram; the last one is the index.

    Args:
        histogram: the histogram, a selector, such as `model_prediction_score{job="payments"}`.
        reference: the events of the reference in each bucket, by its upper bound: `{0.5: 120, 1.0: 80}`.
        window: the time in which events are counted, a duration.
        by: the labels by which events are grouped.
        group: the group of the rules.
    """
    psi = HistogramPsi(parse_selector(histogram), reference, by, window, group)
    if problem := psi.problem():
        raise ValueError(f"reference= is {problem}")
    return [*psi.rules()]
