"""The usual traffic of an SLO: the least events in a base window around this time of the day and the week.

There is no value unless the traffic is steady, so an idle night, a weekend, a batch job, a new service and a service
that is shut down have no usual traffic. References are minima over three hours, so that a daylight saving time change,
or a day that ends earlier, is not taken for a stop. Absent series count as no events.
"""

from __future__ import annotations

from obscode.artifacts.rules import RecordingRule
from obscode.compiler.slo_plan import SloPlan
from obscode.model import naming
from obscode.promql.selector import Selector

#: Fewer events in a base window are not steady: chance leaves windows without any.
MIN_USUAL_EVENTS = 10
#: The traffic has stopped when it is less than the usual traffic divided by this.
STOPPED_FACTOR = 20

# The step does not divide an hour, so that a job that runs every hour, or every ten minutes, is seen idle.
_AROUND = "[3h:16m]"
# The minimum from 90 minutes before to 90 minutes after the same time.
_DAY, _WEEK, _TWO_WEEKS = "offset 22h30m", "offset 6d22h30m", "offset 13d22h30m"
# A little before now, when the traffic had not stopped yet; the alert condition is true for less than this.
_BEFORE = "offset 30m"


def usual_traffic(plan: SloPlan) -> list[RecordingRule]:
    """The rules that record the least traffic of three hours and the usual traffic; none for SLIs without traffic."""
    if not plan.slo.sli.counts_traffic:
        return []
    expressions = {_least(plan): f"min_over_time(({_traffic(plan)}){_AROUND})", usual_series(plan): _usual(plan)}
    return [RecordingRule(series.metric, expr, dict(plan.identity), plan.slo) for series, expr in expressions.items()]


def traffic_stopped(plan: SloPlan) -> str:
    """The condition: less than a twentieth of the usual traffic, or none although there usually is."""
    usual = usual_series(plan)
    return f"({_total(plan)} or 0 * {usual})\n<\n{usual} / {STOPPED_FACTOR}"


def usual_series(plan: SloPlan) -> Selector:
    """The recorded usual traffic."""
    return plan.series(naming.EVENTS_USUAL + plan.base)


def _least(plan: SloPlan) -> Selector:
    return plan.series(naming.EVENTS_LEAST + plan.base)


def _usual(plan: SloPlan) -> str:
    """The first that is known: the value before a stop, two references, or the last day of a service without any.

    While the traffic is stopped, the value stays for up to a week, since yesterday soon is the outage itself. After a
    weekend, or an outage yesterday, two weeks are the references, as long as there is traffic.
    """
    least, steady = _least(plan), f">= {MIN_USUAL_EVENTS}"
    day, week, two_weeks = (f"{least} {offset}" for offset in (_DAY, _WEEK, _TWO_WEEKS))
    stopped = f"{usual_series(plan)} > {STOPPED_FACTOR} * ({_traffic(plan)})"
    whole_day = f"min_over_time({least}[1d:3h] {_BEFORE}) {steady} and {least} offset 1d"
    return "\nor\n".join(
        [
            f"({stopped} unless {week} < {MIN_USUAL_EVENTS})",
            f"({_smaller(day, week)} {steady})",
            f"({_smaller(week, two_weeks)} {steady} and {least} {_BEFORE} {steady})",
            f"({whole_day} unless {week})",
        ]
    )


def _smaller(one: str, other: str) -> str:
    """The smaller of two values; nothing if one is unknown."""
    return f"({one} <= {other} or {other} < {one})"


def _traffic(plan: SloPlan) -> str:
    """The events; 0 where the series are absent although Prometheus evaluates the rules."""
    return f"{_total(plan)} or 0 * {plan.series(naming.OBJECTIVE)}"


def _total(plan: SloPlan) -> str:
    """The events of all groups. Without sum(), a subquery would have one series with a name and one without."""
    return f"sum by ({naming.SERVICE}, {naming.SLO}) ({plan.total(plan.base)})"
