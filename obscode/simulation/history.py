"""Series that the rules of SLOs record, for the time before rules are evaluated: budgets and long windows read them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from obscode.compiler.slo_plan import SloPlan, service_matchers
from obscode.compiler.usual_traffic import usual_series
from obscode.model import naming
from obscode.promql.duration import seconds
from obscode.promql.selector import Selector
from obscode.simulation.course import Course
from obscode.simulation.families import Family, Labels, Member
from obscode.simulation.label_values import accepts
from obscode.simulation.samples import Samples
from obscode.simulation.timeline import Timeline
from obscode.simulation.values import Simulator

#: The labels of a group of an SLO, and its events per second.
Group = tuple[Mapping[str, str], float]
#: The groups of an SLO whose events are known; none if they are not.
KnownGroups = Callable[[SloPlan], Sequence[Group]]
_DAY = 86_400
# Rules read a window of half an hour or more with last_over_time(), and shorter ones within five minutes.
_STEP, _LONG_STEP = 240, 900
_SCRAPES = 15


def no_groups(plan: SloPlan) -> Sequence[Group]:
    """None are known."""
    return ()


def history(
    plans: Sequence[SloPlan],
    families: Sequence[Family],
    simulator: Simulator,
    timeline: Timeline,
    known: KnownGroups = no_groups,
) -> Iterator[Samples]:
    """The series; the events of ``known`` groups are not generated."""
    by_name = {family.name: family for family in families}
    for plan in plans:
        tile = round(seconds(plan.tile))
        since = timeline.rules_start - round(seconds(plan.slo.period)) - _DAY
        times = tuple(range(since // tile * tile, timeline.rules_start + 1, tile))
        own = replace(simulator, course=replace(simulator.course, times=times))
        job = next(iter(plan.service.job_names()), plan.service.selector.get("job", ""))
        for group, events in _histories(plan, by_name, own.of_job(job), known(plan)):
            for name, samples in events.series(timeline):
                labels = {"__name__": name, **dict(group)}
                if not samples:  # a ratio without events
                    continue
                yield Samples(labels, [round(time * 1000) for time, _ in samples], [value for _, value in samples])


@dataclass(frozen=True)
class _History:
    """The events of a group of an SLO: total and bad ones until each time of a course."""

    plan: SloPlan
    course: Course
    total: Sequence[float]
    bad: Sequence[float]

    def events(self, window: float, at: float) -> tuple[float, float]:
        """Total and bad events of a window that ends at a time."""
        (first_total, first_bad), (total, bad) = self._until(at - window), self._until(at)
        return total - first_total, bad - first_bad

    def _until(self, at: float) -> tuple[float, float]:
        times = self.course.times
        position = (at - times[0]) / (times[1] - times[0])
        index = min(max(0, math.floor(position)), len(times) - 2)
        share = position - index
        return tuple(v[index] + share * (v[index + 1] - v[index]) for v in (self.total, self.bad))  # type: ignore[return-value]

    def series(self, timeline: Timeline) -> Iterator[tuple[str, list[tuple[float, float]]]]:
        """The recorded series with their samples."""
        plan, until = self.plan, timeline.rules_start
        longest = max(seconds(window) for window in plan.sums)
        for window in plan.sums:
            length = seconds(window)
            step, reach = (_STEP, 2 * 3600.0) if length < 1800 else (_LONG_STEP, longest + 7200)
            times = range(until - step * math.ceil(reach / step), until, step)
            counts = [(float(time), *self.events(length, time)) for time in times]
            yield plan.total(window).metric, [(time, total) for time, total, _ in counts]
            yield plan.bad(window).metric, [(time, bad) for time, _, bad in counts]
            ratio = [(time, bad / total) for time, total, bad in counts if total > 0]
            yield plan.ratio(window).metric, ratio
        yield from self._tiles()
        if plan.slo.sli.counts_traffic:
            yield from self._usual(timeline)

    def _tiles(self) -> Iterator[tuple[str, list[tuple[float, float]]]]:
        plan, times = self.plan, self.course.times[1:]
        tile = seconds(plan.tile)
        yield naming.TILE_TIME, [(float(time), float(time)) for time in times]
        counts = [(float(time), *self.events(tile, time)) for time in times]
        yield plan.series(naming.TILE_TOTAL + plan.tile).metric, [(time, total) for time, total, _ in counts]
        yield plan.series(naming.TILE_BAD + plan.tile).metric, [(time, bad) for time, _, bad in counts]

    def _usual(self, timeline: Timeline) -> Iterator[tuple[str, list[tuple[float, float]]]]:
        """The least traffic of three hours, which yesterday's and last week's usual traffic are."""
        plan, base = self.plan, seconds(self.plan.base)
        shortest = timeline.rules_start - 31 * 3600
        times = [*range(shortest, timeline.rules_start, _STEP)]
        least = [(t, min(self.events(base, t - h * 1800)[0] for h in range(7))) for t in times]
        yield naming.EVENTS_LEAST + plan.base, [(float(t), value) for t, value in least]
        yield usual_series(plan).metric, [(float(t), value) for t, value in least if t > timeline.rules_start - 3600]


def _histories(
    plan: SloPlan, families: Mapping[str, Family], simulator: Simulator, known: Sequence[Group]
) -> Iterator[tuple[Labels, _History]]:
    """The history of each group of an SLO."""
    identity = dict(plan.identity)
    course, budget = simulator.course, float(plan.slo.budget())
    constant = ((labels, [rate * now.traffic for now in course.conditions]) for labels, rate in known)
    for labels, rates in constant if known else _groups(plan, families, simulator):
        bad = [rate * now.error_ratio(budget) for rate, now in zip(rates, course.conditions, strict=True)]
        key = tuple(sorted({**identity, **labels}.items()))
        yield key, _History(plan, course, _sums(rates, course), _sums(bad, course))


def _sums(rates: Sequence[float], course: Course) -> list[float]:
    total, result = 0.0, []
    for rate, length in zip(rates, course.lengths, strict=True):
        total += rate * length
        result.append(total)
    return result


def _groups(
    plan: SloPlan, families: Mapping[str, Family], simulator: Simulator
) -> Iterator[tuple[dict[str, str], Sequence[float]]]:
    """The labels of each group of an SLO with its events per second."""
    by = tuple(plan.slo.sli.by)
    selector = _events_of(plan, families)
    if selector is None:
        if not by:
            yield {}, [1 / _SCRAPES] * len(simulator.course.times)
        return
    family = families[_family_name(selector.metric, families)]
    groups: dict[tuple[str, ...], list[Member]] = {}
    for member in family.members:
        if all(accepts((m,), member.value(m.label)) for m in selector.matchers if m.label != "le"):
            groups.setdefault(tuple(member.value(label) for label in by), []).append(member)
    for values, members in groups.items():
        if plan.slo.sli.counts_traffic and family.kind != "gauge":
            columns = [simulator.rates(family, member) for member in members]
            yield dict(zip(by, values, strict=True)), [sum(rates) for rates in zip(*columns, strict=True)]
        else:
            yield dict(zip(by, values, strict=True)), [len(members) / _SCRAPES] * len(simulator.course.times)


def _events_of(plan: SloPlan, families: Mapping[str, Family]) -> Selector | None:
    """The selector of all events of an SLO, if its series are generated."""
    selectors = plan.slo.sli.selectors()
    for at in ("total", "histogram", "gauge"):
        for selector in selectors.get(at, ()):
            if _family_name(selector.metric, families) in families:
                return selector.with_matchers(*service_matchers(plan.service))
    return None


def _family_name(metric: str, families: Mapping[str, Family]) -> str:
    if metric in families:
        return metric
    return next((metric.removesuffix(s) for s in ("_bucket", "_count", "_sum") if metric.endswith(s)), metric)
