"""The unit tests of no-data alerts: each alert on its own condition, and on conditions close to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.artifacts.rules import AlertingRule, Rule
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.no_data_alerts import (
    INVALID_RATIO,
    METRIC_MISSING,
    METRIC_NEVER_SEEN,
    NO_TRAFFIC,
    TRAFFIC_STOPPED,
)
from obscode.compiler.slo_plan import TILE_BASE_WINDOWS, SloPlan
from obscode.compiler.usual_traffic import STOPPED_FACTOR, usual_series
from obscode.model import naming
from obscode.model.numbers import format_sample
from obscode.promql.duration import format_duration, milliseconds
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class _Case:
    """Constant series by name, and whether the alert of a kind fires on them."""

    name: str
    kind: str
    values: Mapping[str, float]
    fires: bool


def no_data_tests(plan: SloPlan, rules: Sequence[Rule], group: Mapping[str, str]) -> list[UnitTest]:
    """Tests of the no-data alerts among the rules; ``group`` are values for the SLI's `by` labels."""
    total, bad = (str(s.with_matchers(*_equal(group))) for s in (plan.total(plan.base), plan.bad(plan.base)))
    alerts = {rule.name: rule for rule in rules if isinstance(rule, AlertingRule)}
    never_seen = naming.no_data_alert(plan.service.name, plan.slo.name, METRIC_NEVER_SEEN) in alerts
    missing = _missing_once_seen(plan, total, bad) if never_seen else _missing(plan, total, bad)
    cases = [*missing, *_stopped(plan, total, bad), *_idle(total, bad), *_invalid(plan, total, bad)]
    named = [(naming.no_data_alert(plan.service.name, plan.slo.name, case.kind), case) for case in cases]
    return [_test(plan, alerts[name], case, group) for name, case in named if name in alerts]


def _missing(plan: SloPlan, total: str, bad: str) -> Iterator[_Case]:
    jobs = plan.service.job_names()
    up, other = (_up(job, instance) for job, instance in ((jobs[0] if jobs else "", "a"), ("another-job", "b")))
    if jobs and plan.service.no_data.target_down:
        yield _Case("targets are up and expose nothing", METRIC_MISSING, {up: 1}, fires=True)
        yield _Case("targets are down and expose nothing", METRIC_MISSING, {up: 0}, fires=False)
        yield _Case("another job's targets are up", METRIC_MISSING, {other: 1}, fires=False)
    else:
        yield _Case("there are no series of the SLI", METRIC_MISSING, {other: 1}, fires=True)
    present = {total: 100.0, bad: 0.0} | ({up: 1.0} if jobs else {})
    yield _Case("there are series of the SLI", METRIC_MISSING, present, fires=False)


def _missing_once_seen(plan: SloPlan, total: str, bad: str) -> Iterator[_Case]:
    """With two alerts: one for series that were there, one for series that never were."""
    up = {_up(job, "a"): 1.0 for job in plan.service.job_names()[:1]} or {_up("another-job", "b"): 1.0}
    seen = {str(plan.ratio(plan.slo.period)): 0.0}
    for kind, fires in ((METRIC_MISSING, False), (METRIC_NEVER_SEEN, True)):
        yield _Case("the series of the SLI never existed", kind, up, fires=fires)
        yield _Case("the series of the SLI are missing", kind, up | seen, fires=not fires)
        yield _Case("there are series of the SLI", kind, up | {total: 100.0, bad: 0.0}, fires=False)


def _up(job: str, instance: str) -> str:
    return str(Selector("up", (Matcher("job", "=", job), Matcher("instance", "=", instance))))


def _stopped(plan: SloPlan, total: str, bad: str) -> Iterator[_Case]:
    usual, least = str(usual_series(plan)), 1000 / STOPPED_FACTOR
    yield _Case("no events although there usually are", TRAFFIC_STOPPED, {usual: 1000, total: 0, bad: 0}, fires=True)
    yield _Case("no series although there usually are events", TRAFFIC_STOPPED, {usual: 1000}, fires=True)
    few = {usual: 1000, total: least * 0.9, bad: 0}
    yield _Case("less than 5 % of the usual events", TRAFFIC_STOPPED, few, fires=True)
    enough = {usual: 1000, total: least * 1.1, bad: 0}
    yield _Case("more than 5 % of the usual events", TRAFFIC_STOPPED, enough, fires=False)
    yield _Case("no events, as usual", TRAFFIC_STOPPED, {usual: 0, total: 0, bad: 0}, fires=False)


def _idle(total: str, bad: str) -> Iterator[_Case]:
    yield _Case("no traffic for the time of the alert", NO_TRAFFIC, {total: 0, bad: 0}, fires=True)
    yield _Case("little traffic", NO_TRAFFIC, {total: 0.5, bad: 0}, fires=False)


def _invalid(plan: SloPlan, total: str, bad: str) -> Iterator[_Case]:
    def case(name: str, ratio: float, events: float, *, fires: bool) -> _Case:
        return _Case(name, INVALID_RATIO, {total: events, bad: events * ratio}, fires)

    min_events = plan.slo.guard()[0]
    events = max(1000, min_events)
    yield case("more bad events than events", 1.05, events, fires=True)
    yield case("all events are bad", 1.0, events, fires=False)
    yield case("a negative count of bad events", -0.0105, events, fires=True)
    yield case("a negative count within the tolerance", -0.0095, events, fires=False)
    if min_events:
        per_base_window = min_events / TILE_BASE_WINDOWS
        yield case("more bad events than events, below min_events", 1.05, 0.8 * per_base_window, fires=False)
        yield case("more bad events than events, above min_events", 1.05, 1.2 * per_base_window, fires=True)


def _test(plan: SloPlan, alert: AlertingRule, case: _Case, group: Mapping[str, str]) -> UnitTest:
    # The values are constant, so the interval of the long windows is exact.
    step, for_ = milliseconds(plan.slow_interval), milliseconds(alert.for_ or "0s")
    fill = milliseconds(plan.tile) if case.kind == INVALID_RATIO else 0
    at = (for_ + fill) // step * step + 3 * step
    count = at // step + 1
    series = [(name, f"{format_sample(value)}x{count}") for name, value in case.values.items()]
    firing = Selector("ALERTS", (Matcher("alertname", "=", alert.name), Matcher("alertstate", "=", "firing")))
    labels = {"alertname": alert.name, "alertstate": "firing", **alert.labels}
    if case.kind == INVALID_RATIO:  # the only one that keeps the groups
        labels |= group
    samples: list[tuple[str, float]] = [(str(Selector("ALERTS", _equal(labels))), 1)] if case.fires else []
    expectation = ExpectedSamples(str(firing), format_duration(at), samples)
    return UnitTest(f"{plan.name}: {case.name}", plan.slow_interval, series, [expectation])


def _equal(labels: Mapping[str, str]) -> tuple[Matcher, ...]:
    return tuple(Matcher(label, "=", labels[label]) for label in sorted(labels))
