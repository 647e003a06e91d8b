"""Alerts for missing data: target down, metric missing, traffic stopped, no traffic."""

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
    """Alerts for missing data. Arguments except severities are durations; an empty string disables the alert.

    Attributes:
        target_down: how long all targets of the job are down before the alert fires.
        metric_missing: how long the series of the SLI, or those of one group, are missing before the alert fires.
        traffic_stopped: how long there are less than 5 % of the usual events before the alert fires.
        no_traffic: how long there are no events before the alert fires.
        invalid_ratio: how long the error ratio is below 0 or above 1 before the alert fires.
        severity: the severity of these alerts: `page`, `ticket` or another of the project.
        traffic_severity: the severity of the alert for stopped traffic; by default ``severity``.
    """

    _: KW_ONLY
    target_down: Duration = "15m"
    metric_missing: Duration = "30m"
    traffic_stopped: Duration = "10m"
    no_traffic: Duration = "1d"
    invalid_ratio: Duration = "15m"
    severity: str = "ticket"
    traffic_severity: str = ""

    def problems(self) -> Iterator[Finding]:
        for at in ("target_down", "metric_missing", "traffic_stopped", "no_traffic", "invalid_ratio"):
            if getattr(self, at) != "" and (wrong := duration.validate_duration(getattr(self, at), zero=True)):
                yield self.finding(codes.DURATION, *wrong, at=at)
        if not self.severity:
            hint = 'write severity="ticket"; an empty duration disables an alert'
            yield self.finding(
                codes.ALERT_SEVERITY, "the alerts for missing data have no severity", hint, at="severity"
            )
