"""The rules of an SLO: events once from the raw series, every window from those, one alert a tier.

Two groups: the short windows every minute, the long ones every fourth (under the five minutes for which
Prometheus takes a sample for current). Bad and total events are counted from the raw series once, in the
base window; a longer window adds up these counts, so that its ratio weighs every event alike:

- up to twelve base windows, all counts are added, each event having been counted in several of them;
- up to 72, counts that touch and do not overlap, one a base window;
- beyond, counts of six base windows, so that three days cost 144 samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule, RuleGroup
from obscode.compiler.alert_annotations import alert_texts
from obscode.model import burn_rate, naming
from obscode.model.burn_rate import BurnAlert, Tier, length, plain
from obscode.model.no_data import NoData
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.promql import duration
from obscode.promql.selector import Matcher, Selector

MAX_OVERLAPPING_BASE_WINDOWS = 12
MAX_TILED_BASE_WINDOWS = 72
TILE_BASE_WINDOWS = 6
_SLOWER = 4
SLOWEST = "4m"
_RULES_A_GROUP = 20


@dataclass(frozen=True)
class SloPlan:
    """An SLO with all that its rules need to know."""

    slo: SLO
    service: Service
    project: Project

    @cached_property
    def tiers(self) -> tuple[Tier, ...]:
        """The tiers that have an alert."""
        return self.slo.alerting()

    @cached_property
    def base(self) -> str:
        """The window in which raw events are counted: the shortest that any tier looks at."""
        return burn_rate.windows(self.slo.tiers())[0]

    @cached_property
    def interval(self) -> str:
        """How often the short windows are evaluated; never so seldom that events fall between two counts."""
        return min(self.project.slo_interval, self.base, key=duration.milliseconds)

    @cached_property
    def slow_interval(self) -> str:
        """How often the long windows are evaluated; a sample is current for five minutes, no longer."""
        slower = min(duration.milliseconds(self.interval) * _SLOWER, duration.milliseconds(SLOWEST))
        return duration.format_duration(max(slower, duration.milliseconds(self.interval)))

    @cached_property
    def tile(self) -> str:
        """Six base windows, in which the longest windows are added up."""
        return duration.format_duration(duration.milliseconds(self.base) * TILE_BASE_WINDOWS)

    @cached_property
    def windows(self) -> list[str]:
        """The windows that have a ratio, shortest first; the tile among them."""
        return sorted({*burn_rate.windows(self.slo.tiers()), self.tile}, key=duration.milliseconds)

    @cached_property
    def long_windows(self) -> set[str]:
        """The windows whose events are counted for the guard and the budget."""
        return {tier.long for tier in self.slo.tiers()} | {self.slo.period}

    @cached_property
    def dashboard(self) -> str:
        """The title of the dashboard that shows the SLO in detail, with all others that burn and alert as it does."""
        variant = burn_rate.variant(self.slo.policy, self.slo.period)
        changes = burn_rate.changes(self.slo.tiers(), self.tiers)
        return naming.slo_detail_title(self.project.name, self.slo.period, variant, changes)

    @cached_property
    def identity(self) -> dict[str, str]:
        """The labels that tell one SLO from all others; nothing else stands on its records."""
        return {naming.SERVICE: self.service.name, naming.SLO: self.slo.name}

    @cached_property
    def groups(self) -> list[RuleGroup]:
        """The rule groups: records first, then the alerts that read them."""
        fast: list[Rule] = [*_events(self), *_ratios(self, long=False), *_burn_rate(self)]
        slow: list[Rule] = [*_ratios(self, long=True), *_budget(self)]
        fast += _alerts(self, long=False)
        slow += _alerts(self, long=True)
        fast += _no_data(self)
        name = naming.slo_group(self.service.name, self.slo.name)
        return [*_split_groups(name, fast, self.interval), *_split_groups(f"{name}-long", slow, self.slow_interval)]

    @cached_property
    def rules(self) -> list[Rule]:
        """All rules, in the order of evaluation."""
        return [rule for group in self.groups for rule in group.rules]

    def series(self, name: str) -> Selector:
        """A recorded series of this SLO and no other."""
        return Selector(name, tuple(Matcher(label, "=", value) for label, value in self.identity.items()))

    def total(self, window: str) -> Selector:
        """The recorded count of events in a window."""
        return self.series(naming.EVENTS_TOTAL + window)

    def bad(self, window: str) -> Selector:
        """The recorded count of bad events in a window."""
        return self.series(naming.EVENTS_BAD + window)

    def ratio(self, window: str) -> Selector:
        """The recorded error ratio of a window; the period's has a name of its own."""
        return self.series(naming.ERROR_RATIO_PERIOD if window == self.slo.period else naming.ERROR_RATIO + window)

    def is_long(self, window: str) -> bool:
        """Whether a window belongs to the slower group."""
        return length(window) > MAX_TILED_BASE_WINDOWS * length(self.base)

    def record(self, series: Selector, expr: str, labels: Mapping[str, str] | None = None) -> RecordingRule:
        """A recording rule of this SLO."""
        return RecordingRule(series.metric, expr, self.identity | dict(labels or {}), self.slo)


def _split_groups(name: str, rules: list[Rule], interval: str) -> Iterator[RuleGroup]:
    """Groups of twenty rules at the most, which is what Mimir takes by default."""
    for start in range(0, len(rules), _RULES_A_GROUP):
        suffix = f"-{start // _RULES_A_GROUP + 1}" if start else ""
        yield RuleGroup(name + suffix, rules[start : start + _RULES_A_GROUP], interval)


def service_matchers(service: Service) -> tuple[Matcher, ...]:
    """The matchers that keep an SLO to the service's own series."""
    if service.selector:
        return tuple(Matcher(label, "=", value) for label, value in service.selector.items())
    jobs = service.job_names()
    if len(jobs) > 1:
        return (Matcher("job", "=~", "|".join(job.replace(".", "\\.") for job in jobs)),)
    return tuple(Matcher("job", "=", job) for job in jobs)


def _events(plan: SloPlan) -> Iterator[RecordingRule]:
    events = plan.slo.sli.events(plan.base, service_matchers(plan.service))
    yield plan.record(plan.total(plan.base), events.total)
    # A group without bad events reads 0 because its total is there: a typo still gives no sample at all.
    yield plan.record(
        plan.bad(plan.base), events.bad if events.complete else f"({events.bad})\nor\n0 * ({events.total})"
    )


def _ratios(plan: SloPlan, *, long: bool) -> Iterator[RecordingRule]:
    wanted = [w for w in plan.windows if plan.is_long(w) == long]
    if long and plan.slo.period not in wanted:
        wanted.append(plan.slo.period)
    for window in wanted:
        yield from _window(plan, window)


def _window(plan: SloPlan, window: str) -> Iterator[RecordingRule]:
    """The ratio of a window; its events, too, where an alert or the budget counts them."""
    if window == plan.base:
        yield plan.record(plan.ratio(window), f"{plan.bad(window)}\n/\n({plan.total(window)} > 0)")
        return
    bad, total = _sum(plan, plan.bad, window), _sum(plan, plan.total, window)
    if window == plan.tile:
        yield plan.record(plan.bad(window), bad)
        bad = str(plan.bad(window))
    if window in plan.long_windows or window == plan.tile:
        yield plan.record(plan.total(window), total)
        total = str(plan.total(window))
    yield plan.record(plan.ratio(window), f"{bad}\n/\n({total} > 0)")


def _sum(plan: SloPlan, series: Callable[[str], Selector], window: str) -> str:
    times = length(window) / length(plan.base)
    if times <= MAX_OVERLAPPING_BASE_WINDOWS:
        # Each event is counted in as many evaluations as there are in a base window.
        repeats = length(plan.base) / length(plan.interval)
        divided = f" / {plain(repeats)}" if repeats != 1 else ""
        return f"sum_over_time({series(plan.base)}[{window}]){divided}"
    step = plan.base if times <= MAX_TILED_BASE_WINDOWS else plan.tile
    return f"sum_over_time({series(step)}[{window}:{step}])"


def _burn_rate(plan: SloPlan) -> Iterator[RecordingRule]:
    now = plan.tiers[0].long if plan.tiers else plan.tile
    if plan.is_long(now):
        now = plan.tile
    yield plan.record(plan.series(naming.BURN_RATE), f"{plan.ratio(now)}\n/\n{plain(plan.slo.budget())}")


def _budget(plan: SloPlan) -> Iterator[RecordingRule]:
    """What the SLO promises and what is left of it; free labels stand on the info series alone."""
    slo, budget = plan.slo, plain(plan.slo.budget())
    seconds = plain(length(slo.period) / 1000)
    remaining, rate = plan.series(naming.BUDGET_REMAINING), plan.series(naming.BURN_RATE)
    yield plan.record(remaining, f"1 - {plan.ratio(slo.period)} / {budget}")
    yield plan.record(plan.series(naming.EXHAUSTION), f"clamp_min({remaining}, 0) * {seconds}\n/\n({rate} > 0)")
    yield plan.record(plan.series(naming.OBJECTIVE), f"vector({plain(slo.target())})")
    yield plan.record(plan.series(naming.ERROR_BUDGET), f"vector({budget})")
    yield plan.record(plan.series(naming.PERIOD), f"vector({seconds})")
    free = {"objective": plain(slo.percent()), "period": slo.period, **_owner(plan), **slo.labels, **_detail(plan)}
    yield plan.record(plan.series(naming.INFO), "vector(1)", free)


def _detail(plan: SloPlan) -> dict[str, str]:
    shown = plan.project.generated_dashboards
    return {naming.DASHBOARD: naming.dashboard_uid(plan.dashboard)} if shown else {}


def _owner(plan: SloPlan) -> dict[str, str]:
    return {"owner": plan.service.owner} if plan.service.owner else {}


# --- alerts ------------------------------------------------------------------------------------------------------


def _alerts(plan: SloPlan, *, long: bool) -> Iterator[AlertingRule]:
    for tier in plan.tiers:
        if plan.is_long(tier.long) == long:
            yield _alert(plan, tier, plan.slo.alerts.get(tier.name) or BurnAlert())


def _alert(plan: SloPlan, tier: Tier, custom: BurnAlert) -> AlertingRule:
    factor, budget = plain(tier.factor(plan.slo.period)), plain(plan.slo.budget())
    burning = [f"{plan.ratio(window)} / {budget} > {factor}" for window in (tier.long, tier.short)]
    labels = {
        naming.SEVERITY: tier.severity,
        naming.TIER: tier.name,
        naming.LONG: tier.long,
        naming.SHORT: tier.short,
        **plan.identity,
        **_owner(plan),
        **plan.slo.labels,
        **custom.labels,
    }
    return AlertingRule(
        custom.name or naming.burn_alert(plan.service.name, plan.slo.name, tier.name),
        "\nand\n".join([*burning, *_guard(plan, tier)]),
        labels,
        plan.slo,
        for_=none_if_zero(custom.for_ or tier.for_),
        keep_firing_for=none_if_zero(custom.keep_firing_for or tier.keep_firing_for),
        annotations=alert_texts(plan.slo, plan.service, tier) | dict(custom.annotations),
    )


def _guard(plan: SloPlan, tier: Tier) -> Iterator[str]:
    """Enough events, and enough bad ones, in the long window to mean anything."""
    events, bad = plan.slo.guard()
    if events:
        yield f"{plan.total(tier.long)} >= {events}"
    if bad:
        yield f"{plan.ratio(tier.long)} * {plan.total(tier.long)} >= {bad}"


def none_if_zero(text: str) -> str:
    return text if duration.milliseconds(text) else ""


def _no_data(plan: SloPlan) -> Iterator[AlertingRule]:
    settings = plan.slo.no_data or plan.service.no_data
    labels = {naming.SEVERITY: settings.severity, **plan.identity, **_owner(plan), **plan.slo.labels}
    for kind, for_, expr, summary in _no_data_conditions(plan, settings):
        if for_:
            yield AlertingRule(
                naming.no_data_alert(plan.service.name, plan.slo.name, kind),
                expr,
                labels,
                plan.slo,
                for_=none_if_zero(for_),
                annotations={"summary": f"{plan.service.name} {plan.slo.name}: {summary}", **_runbook(plan)},
            )


def _no_data_conditions(plan: SloPlan, settings: NoData) -> Iterator[tuple[str, str, str, str]]:
    total, jobs = plan.total(plan.base), service_matchers(plan.service)
    if plan.service.job_names():
        up = Selector("up", tuple(m for m in jobs if m.label == "job") or jobs)
        yield (
            "metric-missing",
            settings.metric_missing,
            f"absent({total})\nand on ()\n(count({up} == 1) > 0)",
            "targets are up but expose nothing that the SLI counts",
        )
    yield (
        "no-traffic",
        settings.no_traffic,
        f"sum by ({naming.SERVICE}, {naming.SLO}) ({total}) == 0",
        f"no {plan.slo.sli.unit} at all",
    )
    ratio, events = plan.ratio(plan.tile), plan.total(plan.tile)
    yield (
        "invalid-ratio",
        settings.invalid_ratio,
        f"({ratio} > 1.01 or {ratio} < -0.01)\nand\n{events} >= {plan.slo.guard()[0]}",
        "the error ratio is outside 0 to 1, so the SLI counts something wrong",
    )


def _runbook(plan: SloPlan) -> Mapping[str, str]:
    url = plan.slo.runbook or plan.service.runbook
    return {"runbook_url": url} if url else {}


def target_down(service: Service) -> RuleGroup | None:
    """One alert a scrape job, for when no target of it answers: the SLOs are blind then."""
    for_ = service.no_data.target_down
    rules: list[Rule] = []
    for job, definition in zip(service.job_names(), service.scrape_jobs(), strict=True):
        owner = {"owner": service.owner} if service.owner else {}
        rules.append(
            AlertingRule(
                naming.target_down_alert(job),
                f"absent({Selector('up', (Matcher('job', '=', job),))} == 1)",
                {naming.SEVERITY: service.no_data.severity, naming.SERVICE: service.name, **owner},
                definition,
                for_=none_if_zero(for_) if for_ else "",
                annotations={"summary": f"no target of job {job} answers"}
                | ({"runbook_url": service.runbook} if service.runbook else {}),
            )
        )
    if not (rules and for_ and service.slos):
        return None
    return RuleGroup(naming.rule_group(service.name, "targets"), rules)
