"""The samples of series in a scenario: counters that only grow, coherent histograms, gauges that move plausibly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from obscode.promql.parser import parse_selector
from obscode.simulation.conditions import Condition
from obscode.simulation.course import ROLLING, Conditions, Course
from obscode.simulation.failures import USUAL_BUDGET, Failure, has_failure_value, is_failure_name
from obscode.simulation.families import Family, Labels, Member
from obscode.simulation.jobs import Jobs
from obscode.simulation.label_values import accepts
from obscode.simulation.levels import Level, level_of, rate_of
from obscode.simulation.noise import between, curve, fraction
from obscode.simulation.observations import distribution, observed_mean, observed_quantile, typical_observation
from obscode.simulation.shares import Shares, Whole, is_poor, usual_share

#: The values of a series at each time of a course; None for no sample.
Values = Sequence[float | None]
_DAY = 86_400
_VERSIONS = ("version", "app_version", "release")


@dataclass(frozen=True)
class Simulator:
    """Values of families in a course.

    Attributes:
        failures: how SLIs count metrics, by family.
        alarms: conditions of alerts, by family, which do not hold on a normal day.
        jobs: the services of scrape jobs.
        shares: metrics whose values are parts of others.
    """

    course: Course
    failures: Mapping[str, Sequence[Failure]] = field(default_factory=dict)
    alarms: Mapping[str, Sequence[Condition]] = field(default_factory=dict)
    jobs: Jobs = field(default_factory=Jobs)
    shares: Shares = field(default_factory=lambda: Shares({}, {}))

    def of_job(self, job: str) -> Simulator:
        """The values of a scrape job, in the course of its service."""
        if job not in self._by_job:
            course = self.course.of_service(lambda phase: self.jobs.affects(phase, job))
            self._by_job[job] = replace(self, course=course)
        return self._by_job[job]

    @cached_property
    def _by_job(self) -> dict[str, Simulator]:
        return {}

    @cached_property
    def _times(self) -> tuple[int, ...]:
        return self.course.times

    def series(
        self, family: Family, is_needed: Callable[[Member], bool] = lambda member: True
    ) -> Iterator[tuple[Member, Mapping[str, Values]]]:
        """Each member with its samples, by suffix and part: `_bucket|0.5`, `_sum`, `|0.99` for a quantile."""
        for each in family.members:
            own = self.of_job(each.value("job"))
            yield from own._of_member(family, each, is_needed)

    def _of_member(
        self, family: Family, each: Member, is_needed: Callable[[Member], bool]
    ) -> Iterator[tuple[Member, Mapping[str, Values]]]:
        for member, since, until in self._split(family, each):
            if not is_needed(member):
                continue
            parts = self._parts(family, member)
            hidden = self._hidden(family, member, since, until)
            yield member, {part: _hide(values, hidden) for part, values in parts.items()} if hidden else parts

    def _parts(self, family: Family, member: Member) -> Mapping[str, Values]:
        match family.kind:
            case "counter":
                return {"": self._counter(family, member)}
            case "histogram":
                return self._histogram(family, member)
            case "summary":
                return self._summary(family, member)
        return {"": self._gauge(family, member)}

    # --- counters ----------------------------------------------------------------------------------------------------

    def error_ratio(self, failure: Failure | None, now: Conditions) -> float:
        """The ratio of bad events at a time."""
        return now.error_ratio(failure.budget if failure else USUAL_BUDGET)

    def rates(self, family: Family, member: Member) -> Sequence[float]:
        """The increase per second of a counter, or of the observations of a histogram, at each sample."""
        course, key = self.course, (family.name, member.labels)
        if (fixed := self._fixed(family, member)) is not None:
            return [fixed(now, 1.0) for now in course.conditions]
        failure = self._failure(family, member)
        if whole := self.shares.whole(family, member):
            return self._part_rates(family, member, failure, whole)
        weight = self._weight(family, member, failure)
        share = self._share(family, member, failure)
        noise = curve(self._times, *key)
        return [
            max(0.0, weight * traffic * share(now) * (1 + 0.12 * wave))
            for traffic, now, wave in zip(course.traffic, course.conditions, noise, strict=True)
        ]

    def _part_rates(self, family: Family, member: Member, failure: Failure | None, whole: Whole) -> Sequence[float]:
        """The rates of one of some parts of a whole."""
        share = self._part(family, member, failure)
        totals = self._total(whole, self.rates)
        return [value / whole.parts * share(now) for value, now in zip(totals, self.course.conditions, strict=True)]

    def _total(self, whole: Whole, values: Callable[[Family, Member], Values]) -> Sequence[float]:
        """The sum of the series of a whole, which has several parts."""
        key = whole.family.name, tuple(member.labels for member in whole.members)
        if key not in self._totals:
            series = [values(whole.family, member) for member in whole.members]
            self._totals[key] = [sum(value or 0.0 for value in each) for each in zip(*series, strict=True)]
        return self._totals[key]

    @cached_property
    def _totals(self) -> dict[tuple[str, tuple[Labels, ...]], Sequence[float]]:
        return {}

    def _part(self, family: Family, member: Member, failure: Failure | None) -> Callable[[Conditions], float]:
        """The share of a whole that a counter counts."""
        if failure and (failure.bad or failure.good):
            return self._share(family, member, failure)
        if is_poor(family.name) or is_failure_name(family.name) or self._is_silent(family):
            return lambda now: now.error_ratio(USUAL_BUDGET, 0.0 if self._is_silent(family) else 0.5)
        return lambda now: usual_share(family.name)

    def _fixed(self, family: Family, member: Member) -> Callable[[Conditions, float], float] | None:
        """The value that phases set, if one sets it for the series; the second argument is the value elsewhere."""
        texts = {text for phase in self.course.scenario.phases for text in phase.values}
        matching = [text for text in sorted(texts) if is_of(text, family, member)]
        if not matching:
            return None

        def value(now: Conditions, usual: float) -> float:
            return next((now.values[text] for text in matching if text in now.values), usual)

        return value

    def _failure(self, family: Family, member: Member) -> Failure | None:
        """How an SLI counts a series: the one with bad series first, and the smallest budget."""
        counting = [f for f in self.failures.get(family.name, ()) if f.gauge is None and f.counts(member)]
        return min(counting, key=lambda f: (not (f.bad or f.good), f.budget), default=None)

    def _weight(self, family: Family, member: Member, failure: Failure | None) -> float:
        """The usual events per second of a series if all events were of its role."""
        least = max((bound for op, bound in family.conditions if op in (">", ">=")), default=0.0)
        rate = max(rate_of(family), 2 * least) * between(0.6, 1.4, family.name, member.labels)
        if failure and (failure.bad or failure.good):
            # Bad and good events are shares of the same events: each role adds up to the same rate.
            own = [m for m in family.members if failure.counts(m)]
            same_role = sum(failure.is_bad(m) == failure.is_bad(member) for m in own)
            return max(rate_of(family), 10.0) * len(own) / max(1, same_role) / 2
        if "cpu_seconds" in family.name:  # a processor is mostly idle
            rate *= {"idle": 3.0, "": 1.0}.get(member.value("mode"), 0.2)
        if self._is_silent(family):
            return rate
        limit = self._rate_limit(family)
        return min(rate, limit / max(1, len(family.members))) if limit is not None else rate

    def _share(self, family: Family, member: Member, failure: Failure | None) -> Callable[[Conditions], float]:
        """The share of events that a series counts, by its role."""
        if failure and (failure.bad or failure.good):
            if failure.is_bad(member):
                return lambda now: self.error_ratio(failure, now)
            return lambda now: 1 - self.error_ratio(failure, now)
        if is_failure_name(family.name) or self._is_silent(family):
            normal = 0.0 if self.alarms.get(family.name) or self._is_silent(family) else 0.5
            return lambda now: now.error_ratio(USUAL_BUDGET, normal)
        if has_failure_value(member):
            return lambda now: now.error_ratio(USUAL_BUDGET, 2.0)
        return lambda now: 1.0

    def _is_silent(self, family: Family) -> bool:
        """Whether an alert fires if a counter grows at all, or a panel shows that it does not."""
        if any(op in ("==", "<=", "<") and bound == 0 for op, bound in family.conditions):
            return True
        return any(op in (">", ">=", "!=") and bound <= 0 for op, bound in self.alarms.get(family.name, ()))

    def _rate_limit(self, family: Family) -> float | None:
        bounds = [bound for op, bound in self.alarms.get(family.name, ()) if op in (">", ">=") and bound > 0]
        return min(bounds) / 3 if bounds else None

    def _counter(self, family: Family, member: Member) -> Values:
        return self._accumulated(family, member, self.rates(family, member))

    def _accumulated(self, family: Family, member: Member, rates: Sequence[float]) -> list[float]:
        """The sums of rates since the process started, which is a day or more before."""
        is_whole = not {"seconds", "bytes", "time", "duration"} & set(family.name.split("_"))
        # What the process counted before the first sample, at the rate of that time.
        total = rates[0] * between(1, 6, family.name, member.labels) * _DAY if rates else 0.0
        restarts = iter([*self.course.restarts_of(member.entity), math.inf])
        restart = next(restarts)
        values = []
        for time, length, rate in zip(self._times, self.course.lengths, rates, strict=True):
            while time >= restart:
                total, restart = 0.0, next(restarts)
            total += rate * length
            values.append(float(math.floor(total)) if is_whole else round(total, 3))
        return values

    # --- distributions -----------------------------------------------------------------------------------------------

    def _histogram(self, family: Family, member: Member) -> Mapping[str, Values]:
        rates = self.rates(family, member)
        latencies = [f for f in self.failures.get(family.name, ()) if f.bound is not None and f.counts(member)]
        slow = min(latencies, key=lambda f: f.budget, default=None)
        typical = typical_observation(family, slow)
        spread = [
            distribution(family.bounds, typical, *self._quality(slow, now, traffic), slow.bound if slow else None)
            for now, traffic in zip(self.course.conditions, self.course.traffic, strict=True)
        ]
        start = between(1, 6, family.name, member.labels) * _DAY * (rates[0] if rates else 0)
        totals = [start * share for share in spread[0].below] if spread else []
        total, observed = start, start * (spread[0].mean if spread else 0)
        buckets: list[list[float]] = [[] for _ in family.bounds]
        counts, sums = [], []
        restarts = iter([*self.course.restarts_of(member.entity), math.inf])
        restart = next(restarts)
        for time, length, rate, now in zip(self._times, self.course.lengths, rates, spread, strict=True):
            while time >= restart:
                totals, total, observed, restart = [0.0] * len(totals), 0.0, 0.0, next(restarts)
            new = rate * length
            total += new
            observed += new * now.mean
            for i, share in enumerate(now.below):
                totals[i] += new * share
                buckets[i].append(float(math.floor(totals[i] + 1e-6)))
            counts.append(float(math.floor(total + 1e-6)))
            sums.append(round(observed, 4))
        parts: dict[str, Values] = {f"_bucket|{b!r}": values for b, values in zip(family.bounds, buckets, strict=True)}
        return {**parts, "_bucket|+Inf": counts, "_count": counts, "_sum": sums}

    def _quality(self, slow: Failure | None, now: Conditions, traffic: float) -> tuple[float, float]:
        """The factor of durations, and the ratio of slow events; both rounded, since there are few distributions."""
        factor = now.latency * (0.9 + 0.1 * round(traffic * 4) / 4)
        return factor, round(self.error_ratio(slow, now), 6) if slow else 0.0

    def _summary(self, family: Family, member: Member) -> Mapping[str, Values]:
        rates = self.rates(family, member)
        counts = [float(math.floor(v)) for v in self._accumulated(family, member, rates)]
        typical = typical_observation(family, None)
        factors = [now.latency for now in self.course.conditions]
        noise = curve(self._times, family.name, member.labels, "quantile")
        mean = observed_mean(typical)
        sums = [round(v * mean, 4) for v in self._accumulated(family, member, rates)]
        parts: dict[str, Values] = {}
        for quantile in family.quantiles:
            value = observed_quantile(typical, quantile)
            parts[f"|{quantile!r}"] = [round(value * f * (1 + 0.1 * w), 6) for f, w in zip(factors, noise, strict=True)]
        return {**parts, "_sum": sums, "_count": counts}

    # --- gauges ------------------------------------------------------------------------------------------------------

    def _gauge(self, family: Family, member: Member) -> Values:
        usual = self._usual_gauge(family, member)
        fixed = self._fixed(family, member)
        if fixed is None:
            return usual
        return [
            fixed(now, value) if value is not None else None
            for now, value in zip(self.course.conditions, usual, strict=True)
        ]

    def _usual_gauge(self, family: Family, member: Member) -> Values:
        if family.name == "up":
            entities = _entities(family, member)
            return [float(not self.course.is_down(member.entity, entities, now)) for now in self.course.conditions]
        for failure in self.failures.get(family.name, ()):
            if failure.gauge is not None and failure.counts(member):
                return self._of_sli(failure, member)
        if bound := member.value("le"):
            return self._recorded_bucket(family, member, bound)
        if whole := self.shares.whole(family, member):
            return self._part_gauge(family, member, whole)
        level = level_of(family, self.alarms.get(family.name, ()), member.entity)
        if level.sort in ("recent", "past", "future"):
            return self._timestamps(family, member, level)
        key = (family.name, member.labels)
        spread = min(0.15, level.swing)
        value = level.value * between(1 - spread, 1 + spread, *key)
        if not level.swing:
            return [value] * len(self._times)
        highest = 1.0 if level.sort == "ratio" else math.inf
        digits = 4 if abs(value) < 100 else 0
        return [
            round(min(highest, value * (1 + level.swing * wave) * (1 + level.traffic * 0.4 * (traffic - 1))), digits)
            for wave, traffic in zip(curve(self._times, *key), self.course.traffic, strict=True)
        ]

    def _part_gauge(self, family: Family, member: Member, whole: Whole) -> Values:
        """The values of one of some parts of a whole."""
        share, noise = usual_share(family.name) / whole.parts, curve(self._times, family.name, member.labels)
        totals = self._total(whole, self._gauge)
        return [round(total * share * (1 + 0.1 * wave), 4) for total, wave in zip(totals, noise, strict=True)]

    def _recorded_bucket(self, family: Family, member: Member, bound: str) -> Values:
        """The rate of a bucket that a rule records: those of one histogram ascend."""
        others = tuple((name, value) for name, value in member.labels if name != "le")
        rate, typical = between(2, 20, family.name, others), between(0.05, 0.3, family.name)
        shares = [
            distribution((_number(bound),), typical * now.latency, 1.0, 0.0, None).below[0]
            for now in self.course.conditions
        ]
        noise = curve(self._times, family.name, others)
        return [
            round(rate * traffic * share * (1 + 0.1 * wave), 6)
            for traffic, share, wave in zip(self.course.traffic, shares, noise, strict=True)
        ]

    def _of_sli(self, failure: Failure, member: Member) -> Values:
        """Good and bad samples, which alternate so that the ratio of bad ones is that of the scenario."""
        assert failure.gauge
        values, owed = [], fraction("gauge", member.labels)
        for time, now in zip(self._times, self.course.conditions, strict=True):
            ratio = self.error_ratio(failure, now)
            owed += ratio
            is_bad = owed >= 1
            owed -= is_bad
            values.append(failure.gauge.gauge_sample(time, ratio, is_bad=is_bad))
        return values

    def _timestamps(self, family: Family, member: Member, level: Level) -> Values:
        if level.sort == "future":
            return [float(self.course.start + 60 * _DAY)] * len(self._times)
        if level.sort == "past":
            start = float(self._times[0] - round(between(3, 20, family.name, member.labels)) * _DAY)
            restarts = self.course.restarts_of(member.entity)
            return [max([start, *(at for at in restarts if at <= time)]) for time in self._times]
        return [float(time - time % 60 - 30) for time in self._times]

    # --- targets -----------------------------------------------------------------------------------------------------

    def _split(self, family: Family, member: Member) -> Sequence[tuple[Member, float, float]]:
        """A member with the times from and until which it exists: a version ends where the next one starts."""
        label = next((name for name, _ in member.labels if name in _VERSIONS), "")
        versions = self.course.versions if label and family.kind == "gauge" else ()
        begins = [-math.inf, *(at + ROLLING * member.entity for at, _ in versions), math.inf]
        names = [member.value(label), *(version for _, version in versions)]
        return [
            (replace(member, labels=tuple((k, name if k == label else v) for k, v in member.labels)), since, until)
            for name, (since, until) in zip(names, pairwise(begins), strict=True)
        ]

    def _hidden(self, family: Family, member: Member, since: float, until: float) -> Sequence[bool]:
        """Whether each sample is missing: its target is down, or its version does not run."""
        has_outage = self.course.has_outage and not family.is_recorded and family.name != "up"
        if not has_outage and since == -math.inf and until == math.inf:
            return ()
        entities = _entities(family, member)
        return [
            not since <= time < until or (has_outage and self.course.is_down(member.entity, entities, now))
            for time, now in zip(self._times, self.course.conditions, strict=True)
        ]


def _entities(family: Family, member: Member) -> int:
    """The number of entities of the job of a member."""
    job = member.value("job")
    return max(m.entity for m in family.members if m.value("job") == job) + 1


def _hide(values: Values, hidden: Sequence[bool]) -> Values:
    return [None if hide else value for value, hide in zip(values, hidden, strict=True)]


def is_of(text: str, family: Family, member: Member) -> bool:
    """Whether a selector selects a series of a family."""
    selector = parse_selector(text)
    labels = dict(member.labels)
    is_named = selector.metric == family.name
    return is_named and all(accepts((m,), labels.get(m.label, "")) for m in selector.matchers)


def _number(bound: str) -> float:
    try:
        return float(bound)
    except ValueError:
        return math.inf
