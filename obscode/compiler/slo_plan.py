"""The plan of an SLO: windows, intervals and recorded series, computed once and shared by all that compile it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from obscode.model import burn_rate, naming
from obscode.model.burn_rate import BurnAlert, Tier, duration_ms
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.promql import duration
from obscode.promql.selector import Matcher, Selector

#: Up to this length in base windows, a window sums all counts; each event is counted several times.
MAX_OVERLAPPING_BASE_WINDOWS = 12
#: Up to this length in base windows, a window sums adjacent counts, one per base window.
MAX_TILED_BASE_WINDOWS = 72
#: Longer windows sum counts of tiles of this many base windows, so that three days cost 144 samples.
TILE_BASE_WINDOWS = 6
#: The longest evaluation interval: Prometheus returns a sample for five minutes.
SLOWEST_INTERVAL = "4m"
# Rules of long windows are evaluated at every fourth interval of the short ones.
_SLOW_FACTOR = 4
_DEFAULT_ALERT = BurnAlert()


@dataclass(frozen=True)
class SloPlan:
    """An SLO with everything that its rules, dashboards and tests derive from it; durations in Prometheus' notation."""

    slo: SLO
    service: Service
    project: Project

    @cached_property
    def tiers(self) -> tuple[Tier, ...]:
        """The tiers that have an alert; severities are values of the `severity` label."""
        return self._with_label_values(self.slo.alerting())

    def _with_label_values(self, tiers: Sequence[Tier]) -> tuple[Tier, ...]:
        return tuple(tier.derive(severity=self.project.severity_label(tier.severity)) for tier in tiers)

    def burn_alert(self, tier: Tier) -> BurnAlert:
        """The settings of a tier's alert."""
        return self.slo.alerts.get(tier.name) or _DEFAULT_ALERT

    @cached_property
    def base(self) -> str:
        """The window in which raw events are counted: the shortest window of the policy."""
        return burn_rate.windows(self.slo.tiers())[0]

    @cached_property
    def interval(self) -> str:
        """The evaluation interval of short windows, at most the base window, so that every event is counted."""
        return min(self.project.slo_interval, self.base, key=duration.milliseconds)

    @cached_property
    def slow_interval(self) -> str:
        """The evaluation interval of long windows."""
        slower = min(duration.milliseconds(self.interval) * _SLOW_FACTOR, duration.milliseconds(SLOWEST_INTERVAL))
        return duration.format_duration(max(slower, duration.milliseconds(self.interval)))

    @cached_property
    def tile(self) -> str:
        """Six base windows, the step in which the longest windows are summed."""
        return duration.format_duration(duration.milliseconds(self.base) * TILE_BASE_WINDOWS)

    @cached_property
    def windows(self) -> list[str]:
        """The windows that have an error ratio, shortest first, including the tile."""
        return sorted({*burn_rate.windows(self.slo.tiers()), self.tile}, key=duration.milliseconds)

    @cached_property
    def long_windows(self) -> set[str]:
        """The windows whose events are recorded: the alerts' long windows, for `min_events`, and the period."""
        return {tier.long for tier in self.slo.tiers()} | {self.slo.period}

    @cached_property
    def dashboard(self) -> str:
        """The title of the detail dashboard; SLOs with the same period, policy and alerts share it."""
        policy = burn_rate.policy_label(self.slo.policy, self.slo.period)
        differences = burn_rate.alert_differences(self._with_label_values(self.slo.tiers()), self.tiers)
        return naming.slo_detail_title(self.project.name, self.slo.period, policy, differences)

    @cached_property
    def identity(self) -> dict[str, str]:
        """The labels that identify the SLO; recorded series have no others, except those of the SLI's `by`."""
        return {naming.SERVICE: self.service.name, naming.SLO: self.slo.name}

    @cached_property
    def name(self) -> str:
        """`service/slo`."""
        return f"{self.service.name}/{self.slo.name}"

    def series(self, name: str) -> Selector:
        """A recorded series of this SLO."""
        return Selector(name, tuple(Matcher(label, "=", value) for label, value in self.identity.items()))

    def total(self, window: str) -> Selector:
        """The recorded count of events in a window."""
        return self.series(naming.EVENTS_TOTAL + window)

    def bad(self, window: str) -> Selector:
        """The recorded count of bad events in a window."""
        return self.series(naming.EVENTS_BAD + window)

    def ratio(self, window: str) -> Selector:
        """The recorded error ratio of a window; the period's series has a name without a window."""
        return self.series(naming.ERROR_RATIO_PERIOD if window == self.slo.period else naming.ERROR_RATIO + window)

    def is_long(self, window: str) -> bool:
        """Whether a window is evaluated in the slow group."""
        return duration_ms(window) > MAX_TILED_BASE_WINDOWS * duration_ms(self.base)


def slo_plans(services: Iterable[Service], project: Project) -> Mapping[str, Sequence[SloPlan]]:
    """The plans of all SLOs by service name, each made once."""
    plans: dict[str, list[SloPlan]] = {}
    for service in services:
        plans.setdefault(service.name, []).extend(SloPlan(slo, service, project) for slo in service.slos)
    return plans


def service_matchers(service: Service) -> tuple[Matcher, ...]:
    """Label matchers that select the service's series: its `selector`, or its scrape jobs."""
    if service.selector:
        return tuple(Matcher(label, "=", value) for label, value in service.selector.items())
    return job_matchers(service)


def job_matchers(service: Service) -> tuple[Matcher, ...]:
    """The label matcher that selects the series of the service's scrape jobs; none without scrape jobs."""
    jobs = service.job_names()
    if len(jobs) > 1:
        return (Matcher("job", "=~", "|".join(job.replace(".", "\\.") for job in jobs)),)
    return tuple(Matcher("job", "=", job) for job in jobs)
