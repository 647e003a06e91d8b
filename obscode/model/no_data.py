"""When there is nothing to judge: target down, metric missing, no traffic. Tickets, never pages by default."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.promql import duration
from obscode.promql.duration import Duration


@dataclass(frozen=True)
class NoData(Definition):
    """Alerts for missing data. Each argument but ``severity`` is a duration; an empty string is for no alert.

    Attributes:
        target_down: how long no target of the job answers.
        metric_missing: how long targets answer without the series that the SLI reads.
        no_traffic: how long no event happens.
        invalid_ratio: how long the value of a RawRatio is not between 0 and 1.
        severity: the `severity` label of these alerts.
    """

    _: KW_ONLY
    target_down: Duration = "15m"
    metric_missing: Duration = "30m"
    no_traffic: Duration = "1d"
    invalid_ratio: Duration = "15m"
    severity: str = "ticket"

    def problems(self) -> Iterator[Finding]:
        for at in ("target_down", "metric_missing", "no_traffic", "invalid_ratio"):
            if getattr(self, at) != "" and (wrong := duration.validate_duration(getattr(self, at), zero=True)):
                yield self.finding(codes.DURATION, *wrong, at=at)
        if not self.severity:
            hint = 'write severity="ticket"; an empty duration disables an alert'
            yield self.finding(
                codes.ALERT_SEVERITY, "the alerts for missing data have no severity", hint, at="severity"
            )
