"""Events of one side of a rollout: those of an SLI, also of counters that did not exist when the window began.

A candidate is new, and so are its series: `increase()` does not count what a series has at its first sample.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from textwrap import dedent

from obscode.model.sli.base import SLI, aggregated
from obscode.model.sli.buckets import le_matcher
from obscode.promql import duration
from obscode.promql.scope import with_matchers
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class SideEvents:
    """Bad events and all events within a window, as PromQL."""

    bad: str
    total: str


def side_events(sli: SLI, window: str, where: Sequence[Matcher]) -> SideEvents | None:
    """The events of an SLI with further matchers; None if it does not count the events of counters.

    Without a series that exists now there are no events: an alert ends with the candidate.
    """
    chosen = {at: [each.with_matchers(*where) for each in selectors] for at, selectors in sli.selectors().items()}
    counting = _Counting(window, sli.by)
    bounds = sli.latency_bounds()
    if bounds:
        return counting.slow(chosen, bounds[0][1]) if sli.reads_counters and _is_classic(sli) else None
    if {"errors", "total"} <= {*chosen}:
        return counting.failed(chosen["errors"][0], chosen["total"][0])
    if {"good", "total"} <= {*chosen}:
        return counting.not_good(chosen["good"][0], chosen["total"][0])
    return _free(sli, window, where) if {*chosen} == {"bad", "total"} else None


def _is_classic(sli: SLI) -> bool:
    """A native histogram has one series, without bounds."""
    return any(name.endswith("_bucket") for name in sli.reads())


@dataclass(frozen=True)
class _Counting:
    window: str
    by: Sequence[str]

    def _count(self, selector: Selector) -> str:
        series = f"{selector}[{self.window}]"
        is_older = f"last_over_time({series} offset {self.window})"
        return aggregated("sum", self.by, f"max_over_time({series}) unless {is_older} or increase({series})")

    def _exists(self, selector: Selector) -> str:
        return aggregated("sum", self.by, str(selector))

    def failed(self, errors: Selector, total: Selector) -> SideEvents:
        exists = self._exists(total)
        bad = f"{self._count(errors)}\nand {exists}\nor\n0 * {exists}"
        return SideEvents(bad, f"{self._count(total)}\nand\n{exists}")

    def not_good(self, good: Selector, total: Selector) -> SideEvents:
        exists = self._exists(total)
        bad = f"{self._count(total)}\n-\n({self._count(good)} or 0 * {exists})"
        return SideEvents(bad, f"{self._count(total)}\nand\n{exists}")

    def slow(self, chosen: dict[str, list[Selector]], bound: Decimal) -> SideEvents:
        histogram = chosen["histogram"][0]
        count = histogram.renamed(f"{histogram.metric}_count")
        bucket = histogram.renamed(f"{histogram.metric}_bucket").with_matchers(le_matcher(bound))
        total, exists = self._count(count), self._exists(bucket)
        bad = f"{total}\n-\n{self._count(bucket)}"
        if "errors" in chosen:
            failed = self._count(bucket.with_matchers(*chosen["errors"][0].matchers))
            bad += f"\n+\n({failed} or 0 * {exists})"
        return SideEvents(bad, f"{total}\nand\n{exists}")


def _free(sli: SLI, window: str, where: Sequence[Matcher]) -> SideEvents | None:
    """The windows of custom PromQL are the base window of the SLO, which the one of the comparison replaces."""
    texts = {at: with_matchers(dedent(expr).strip(), where) for at, expr in sli.scoped_expressions().items()}
    for base in {each.window for selectors in sli.selectors().values() for each in selectors if each.window}:
        text = duration.format_duration(round(base * 1000))
        texts = {at: expr.replace(f"[{text}]", f"[{window}]") for at, expr in texts.items()}
    return SideEvents(texts["bad"], texts["total"]) if texts else None


def counted_metric(sli: SLI) -> str:
    """The metric of all events in the name of a recorded series: without a suffix, and without colons."""
    chosen = sli.selectors()
    metric = (chosen.get("histogram") or chosen["total"])[0].metric
    return re.sub(r"_(?:total|count)$", "", metric).replace(":", "_")
