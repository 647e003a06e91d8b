"""The plan of an SLO: windows, intervals, alerts and recorded series, computed once for all that compile it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from obscode.compiler.slo_windows import Part, window_sums
from obscode.model import burn_rate, naming, severities
from obscode.model.burn_rate import BurnAlert, Tier, duration_ms
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.promql import duration
from obscode.promql.selector import Matcher, Selector

#: Up to this length in base windows, a window is evaluated at the short interval, so that pages are on time.
MAX_FAST_BASE_WINDOWS = 72
#: The period sums counts of tiles of this many base windows, so that 30 days cost 1,440 samples.
TILE_BASE_WINDOWS = 6
#: The longest evaluation interval: Prometheus returns a sample for five minutes.
SLOWEST_INTERVAL = "4m"
#: An alert fires on for the longest of its short windows after its condition ends, and no longer than this.
LONGEST_KEEP_FIRING_FOR = "30m"
# Rules of long windows are evaluated at every fourth interval of the short ones.
_SLOW_FACTOR = 4


@dataclass(frozen=True)
class PlannedAlert:
    """A burn-rate alert: it fires while the condition of one of its tiers holds.

    Attributes:
        key: its key in `SLO(alerts=...)`, the severity or the name of a tier.
        severity: the value of the `severity` label.
        tiers: the tiers, the shortest long window first; severities are label values.
        settings: the settings in `SLO(alerts=...)`.
    """

    key: str
    severity: str
    tiers: tuple[Tier, ...]
    settings: BurnAlert

    @property
    def for_(self) -> str:
        """How long the condition holds before the alert fires."""
        return self.settings.for_ or "0s"

    @property
    def keep_firing_for(self) -> str:
        """How long the alert fires after its condition ends."""
        longest = max((tier.short for tier in self.tiers), key=duration.milliseconds)
        return self.settings.keep_firing_for or min(longest, LONGEST_KEEP_FIRING_FOR, key=duration.milliseconds)


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

    @cached_property
    def alerts(self) -> tuple[PlannedAlert, ...]:
        """The burn-rate alerts, the most urgent first."""
        keys = {tier.name: self.slo.alert_key(tier) for tier in self.slo.tiers()}
        settings = {tier.name: self.slo.alert_settings(tier) for tier in self.slo.tiers()}
        tiers: dict[str, list[Tier]] = {}
        for tier in sorted(self.tiers, key=lambda tier: duration_ms(tier.long)):
            tiers.setdefault(keys[tier.name], []).append(tier)
        alerts = [
            PlannedAlert(key, group[0].severity, tuple(group), settings[group[0].name] or BurnAlert())
            for key, group in tiers.items()
        ]
        return tuple(sorted(alerts, key=lambda alert: self._urgency(alert.severity)))

    def _urgency(self, severity: str) -> int:
        order = self.project.severity_order()
        return order.index(severity) if severity in order else len(order)

    def more_urgent(self, alert: PlannedAlert) -> tuple[PlannedAlert, ...]:
        """The alerts of a more urgent severity."""
        return tuple(other for other in self.alerts if self._urgency(other.severity) < self._urgency(alert.severity))

    def is_page(self, severity: str) -> bool:
        """Whether a value of the `severity` label is that of a page."""
        return severity == self.project.severity_label(severities.PAGE)

    # --- windows -----------------------------------------------------------------------------------------------------

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
        """Six base windows: the period is the sum of the events in windows of this length."""
        return duration.format_duration(duration.milliseconds(self.base) * TILE_BASE_WINDOWS)

    @cached_property
    def sums(self) -> Mapping[str, Sequence[Part]]:
        """Every counted window, shortest first, with the shorter windows that it is the sum of."""
        sums = _sums((*self.windows, self.tile))
        return sums if all(target.rules_in_order for target in self.project.targets) else _from_base(sums)

    @cached_property
    def windows(self) -> list[str]:
        """The windows that have an error ratio, shortest first: those of the tiers, and the tile."""
        return sorted({*burn_rate.windows(self.slo.tiers()), self.tile}, key=duration.milliseconds)

    def is_long(self, window: str) -> bool:
        """Whether a window is evaluated in the slow group."""
        return duration_ms(window) > MAX_FAST_BASE_WINDOWS * duration_ms(self.base)

    # --- names -------------------------------------------------------------------------------------------------------

    @cached_property
    def dashboard(self) -> str:
        """The title of the detail dashboard; SLOs with the same period, policy and alerts share it."""
        policy = burn_rate.policy_label(self.slo.policy, self.slo.period)
        differences = burn_rate.alert_differences(self._with_label_values(self.slo.tiers()), self.tiers)
        keys = {tier.name for tier in self.slo.tiers() if tier.name != tier.severity}
        differences += [f"{alert.key} apart" for alert in self.alerts if alert.key in keys]
        return naming.slo_detail_title(self.project.name, self.slo.period, policy, differences)

    @cached_property
    def identity(self) -> dict[str, str]:
        """The labels that identify the SLO; recorded series have no others, except those of the SLI's `by`."""
        return {naming.SERVICE: self.service.name, naming.SLO: self.slo.name}

    @cached_property
    def name(self) -> str:
        """`service/slo`."""
        return f"{self.service.name}/{self.slo.name}"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels of every recorded series: those of the identity and of `by`."""
        return (*self.identity, *self.slo.sli.by)

    @cached_property
    def _matchers(self) -> tuple[Matcher, ...]:
        return tuple(Matcher(label, "=", value) for label, value in self.identity.items())

    @cached_property
    def _series(self) -> dict[str, Selector]:
        return {}

    def series(self, name: str) -> Selector:
        """A recorded series of this SLO, one object for all that read it."""
        return self._series.get(name) or self._series.setdefault(name, Selector(name, self._matchers))

    def total(self, window: str) -> Selector:
        """The recorded count of events in a window."""
        return self.series(naming.EVENTS_TOTAL + window)

    def bad(self, window: str) -> Selector:
        """The recorded count of bad events in a window."""
        return self.series(naming.EVENTS_BAD + window)

    def ratio(self, window: str) -> Selector:
        """The recorded error ratio of a window; the period's series has a name without a window."""
        return self.series(naming.ERROR_RATIO_PERIOD if window == self.slo.period else naming.ERROR_RATIO + window)

    def burning(self, alert: PlannedAlert) -> Selector:
        """The burn rate that fires an alert, recorded only while it does."""
        return self.series(naming.burn_rate_of_alert(alert.key))

    def alert_expr(self, alert: PlannedAlert) -> str:
        """The expression of an alert."""
        return f"{self.burning(alert)} > 0"

    def alert_name(self, alert: PlannedAlert) -> str:
        """The name of an alert."""
        return alert.settings.name or naming.burn_alert(self.service.name, self.slo.name, alert.key)


@lru_cache(maxsize=1024)  # most SLOs of a project have the same windows
def _sums(windows: tuple[str, ...]) -> Mapping[str, Sequence[Part]]:
    sums = window_sums(duration.milliseconds(window) for window in windows)
    return {duration.format_duration(window): parts for window, parts in sums.items()}


def _from_base(sums: Mapping[str, Sequence[Part]]) -> Mapping[str, Sequence[Part]]:
    """The same windows as sums of the base window of now and of earlier windows.

    They read no other window of the same evaluation, which not every engine shows.
    """
    flat: dict[str, Sequence[Part]] = {}
    for window, parts in sums.items():
        newest = flat[duration.format_duration(parts[0].window)] if parts else ()
        flat[window] = (*newest, *parts[1:]) if newest else parts
    return flat


def slo_plans(services: Iterable[Service], project: Project) -> Mapping[str, Sequence[SloPlan]]:
    """The plans of all SLOs by service name, each made once."""
    plans: dict[str, list[SloPlan]] = {}
    for service in services:
        plans.setdefault(service.name, []).extend(SloPlan(slo, service, project) for slo in service.slos)
    return plans


def service_matchers(service: Service) -> tuple[Matcher, ...]:
    """Label matchers that select the service's series: its `selector` or its scrape jobs, and `where`."""
    own = tuple(Matcher(label, "=", value) for label, value in service.selector.items()) or job_matchers(service)
    return (*own, *(matcher for matcher in service.further_matchers() if matcher not in own))


def job_matchers(service: Service) -> tuple[Matcher, ...]:
    """The label matcher that selects the series of the service's scrape jobs; none without scrape jobs."""
    jobs = service.job_names()
    if len(jobs) > 1:
        return (Matcher("job", "=~", "|".join(job.replace(".", "\\.") for job in jobs)),)
    return tuple(Matcher("job", "=", job) for job in jobs)
