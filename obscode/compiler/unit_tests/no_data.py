"""The unit tests of what an SLO's alerts say when there is nothing to judge, or nonsense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from obscode.artifacts.rules import AlertingRule
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.slo_rules import SloPlan
from obscode.compiler.unit_tests.scenarios import number
from obscode.model import naming
from obscode.promql import duration
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class _Silence:
    """Series by their values, one a step of the fast group, and whether the alert of a kind fires on them."""

    name: str
    kind: str
    values: Mapping[str, float | None]
    fires: bool


def silence_tests(plan: SloPlan, group: Mapping[str, str]) -> list[UnitTest]:
    """Each alert on what it is for, and on what is nearly that."""
    total, bad = (str(s.with_matchers(*_equal(group))) for s in (plan.total(plan.base), plan.bad(plan.base)))
    cases = [*_missing(plan, total, bad), *_idle(total, bad), *_invalid(plan, total, bad)]
    alerts = {kind: alert for kind in _KINDS if (alert := _alert(plan, kind))}
    return [_test(plan, alerts[case.kind], case, group) for case in cases if case.kind in alerts]


_KINDS = ("metric-missing", "no-traffic", "invalid-ratio")


def _missing(plan: SloPlan, total: str, bad: str) -> Iterator[_Silence]:
    jobs = plan.service.job_names()
    if not jobs:
        return
    up = str(Selector("up", (Matcher("job", "=", jobs[0]), Matcher("instance", "=", "a"))))
    other = str(Selector("up", (Matcher("job", "=", f"not-{jobs[0]}"), Matcher("instance", "=", "b"))))
    yield _Silence("targets are up and expose nothing", "metric-missing", {up: 1}, True)
    yield _Silence("targets are down and expose nothing", "metric-missing", {up: 0}, False)
    yield _Silence("another job's targets are up", "metric-missing", {other: 1}, False)
    yield _Silence("targets are up and expose the metric", "metric-missing", {up: 1, total: 100, bad: 0}, False)


def _idle(total: str, bad: str) -> Iterator[_Silence]:
    yield _Silence("nothing happens for as long as may be", "no-traffic", {total: 0, bad: 0}, True)
    yield _Silence("little happens, but something", "no-traffic", {total: 0.5, bad: 0}, False)


def _invalid(plan: SloPlan, total: str, bad: str) -> Iterator[_Silence]:
    def course(name: str, ratio: float, events: float, fires: bool) -> _Silence:
        return _Silence(name, "invalid-ratio", {total: events, bad: events * ratio}, fires)

    least = plan.slo.guard()[0]
    enough = max(1000, least)
    yield course("more bad events than events", 1.05, enough, True)
    yield course("all events are bad", 1.0, enough, False)
    yield course("fewer than no bad events", -0.0105, enough, True)
    yield course("as good as none", -0.0095, enough, False)
    if least:
        # A tile holds six base windows.
        yield course("more bad events than events, of very few", 1.05, least * 0.8 / 6, False)
        yield course("more bad events than events, of hardly enough", 1.05, least * 1.2 / 6, True)


def _alert(plan: SloPlan, kind: str) -> AlertingRule | None:
    name = naming.no_data_alert(plan.service.name, plan.slo.name, kind)
    return next((rule for rule in plan.rules if isinstance(rule, AlertingRule) and rule.name == name), None)


def _test(plan: SloPlan, alert: AlertingRule, case: _Silence, group: Mapping[str, str]) -> UnitTest:
    step, wait = duration.milliseconds(plan.interval), duration.milliseconds(alert.for_ or "0s")
    settled = duration.milliseconds(plan.tile) if case.kind == "invalid-ratio" else 0
    at = (wait + settled) // step * step + 3 * step
    count = at // step + 1
    series = [(name, f"{number(value)}x{count}") for name, value in case.values.items() if value is not None]
    firing = Selector("ALERTS", (Matcher("alertname", "=", alert.name), Matcher("alertstate", "=", "firing")))
    kept = group if case.kind == "invalid-ratio" else {}
    labels = {"alertname": alert.name, "alertstate": "firing", **alert.labels, **kept}
    fired = str(Selector("ALERTS", _equal(labels)))
    expectation = ExpectedSamples(str(firing), duration.format_duration(at), [(fired, 1)] if case.fires else [])
    return UnitTest(f"{plan.service.name}/{plan.slo.name}: {case.name}", plan.interval, series, [expectation])


def _equal(labels: Mapping[str, str]) -> tuple[Matcher, ...]:
    return tuple(Matcher(label, "=", labels[label]) for label in sorted(labels))
