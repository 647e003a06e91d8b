"""Objectives and error budgets: exact decimal arithmetic, no PromQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Annotated, ClassVar, Literal

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.burn_rate import RESERVED_LABELS, BurnAlert, Tier, tiers
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name, validate_name
from obscode.model.no_data import NoData
from obscode.model.sli.base import SLI
from obscode.model.urls import validate_runbook_url
from obscode.promql import duration
from obscode.promql.duration import Duration

# The minimum of events and of bad events in an alert's long window. A service that just meets its
# objective has budget x n bad ones among n. Where one bad event is enough to pass 14.4 times the budget,
# chance alone does it in 7 of 100 such windows; where it takes five, in 3 of 100,000 (Poisson), which is
# one false page in three and a half years of hours. docs/slo.md has the derivation.
GUARD = (10, 5)
# Slices of time are not independent samples; one bad slice is enough.
SLICES = (1, 1)
# The settings of an alert without changes.
_USUAL = BurnAlert()


@dataclass(frozen=True)
class SLO(Definition):
    """A service level objective: ``objective`` percent of the SLI's events are good over ``period``.

    Attributes:
        name: the name, unique in the service.
        objective: percent, such as 99.9, above 0 and below 100.
        sli: the events, and which of them are bad.
        period: the time over which the objective holds, a duration.
        description: what users get, for dashboards and alerts.
        runbook: the URL of the runbook; by default the service's.
        policy: the windows of the alerts: `budget-share` (the SRE workbook's table, for any period), `scaled-windows`
            (scaled with the period), `auto`, or tiers.
        alerts: changes to an alert, by its severity, such as `page`; None removes it. The name of a tier as the key
            gives the tier an alert of its own, or none.
        min_events: the minimum number of events in the long window for an alert; by default 10, for slices of time 1.
        min_bad: the minimum number of bad events in the long window for an alert; by default 5, for slices of time 1.
        no_data: alerts for missing data; by default the service's.
        labels: labels of the alerts and of `slo:info`.
    """

    output_keys: ClassVar[Mapping[str, str]] = {
        "expr": "sli",
        "record": "name",
        "alert": "name",
        "for": "alerts",
        "keep_firing_for": "alerts",
        "annotations": "alerts",
    }
    label_names = ("labels",)

    name: str
    objective: Annotated[float | Decimal, "a percentage such as 99.9"]
    sli: SLI
    _: KW_ONLY
    period: Duration = "30d"
    description: str = ""
    runbook: str = ""
    policy: Literal["auto", "budget-share", "scaled-windows"] | Sequence[Tier] = "auto"
    alerts: Mapping[str, BurnAlert | None] = field(default_factory=dict)
    min_events: int | None = None
    min_bad: int | None = None
    no_data: NoData | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    def percent(self) -> Decimal:
        """The objective as text: 99.9."""
        return Decimal(str(self.objective))

    def target(self) -> Decimal:
        """The objective as a ratio: 0.999."""
        return self.percent() / 100

    def budget(self) -> Decimal:
        """The error budget, the ratio of events that may be bad: 0.001."""
        return 1 - self.target()

    def problems(self) -> Iterator[Finding]:
        if wrong := validate_name(self.name):
            yield self.finding(codes.SLO_NAME, *wrong, at="name")
        if wrong := validate_objective(self.objective):
            finding = self.finding(codes.OBJECTIVE, *wrong, at="objective")
            is_ratio = 0.9 <= self.objective < 1
            yield finding.with_fix(str(self.objective), _percent(self.objective)) if is_ratio else finding
        if wrong := duration.validate_duration(self.period):
            yield self.finding(codes.DURATION, *wrong, at="period")
        else:
            yield from self._policy_problems()
        if wrong := validate_runbook_url(self.runbook, template=True):
            yield self.finding(codes.URL, *wrong, at="runbook")
        for at in ("min_events", "min_bad"):
            value = getattr(self, at)
            if value is not None and value < 0:
                yield self.finding(codes.MIN_EVENTS, f"{at}={value!r} is not a count", "write an integer", at=at)
        yield from self._label_problems()

    def _label_problems(self) -> Iterator[Finding]:
        for i, label in enumerate(getattr(self.sli, "by", ())):
            if label in RESERVED_LABELS:
                message = f"label {label!r} cannot be in by: obscode sets it on the rules"
                yield self.sli.finding(codes.LABEL_NAME, message, "aggregate by another label", at="by", item=i)
        for i, label in enumerate(self.labels):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="labels", item=i)
            elif label in RESERVED_LABELS or label in getattr(self.sli, "by", ()):
                yield self.finding(
                    codes.LABEL_NAME, f"label {label!r} is set by obscode", "rename it", at="labels", item=i
                )

    def tiers(self) -> tuple[Tier, ...]:
        """The tiers of the policy."""
        return tiers(self.policy, self.period)

    def alert_key(self, tier: Tier) -> str:
        """The key of the tier's alert in ``alerts``: its name if it has an alert of its own, else its severity."""
        return tier.name if tier.name in self.alerts else tier.severity

    def alert_settings(self, tier: Tier) -> BurnAlert | None:
        """The settings of the tier's alert; None if it has none."""
        return self.alerts.get(self.alert_key(tier), _USUAL)

    def alerting(self) -> tuple[Tier, ...]:
        """The tiers that have an alert, with their severity in this SLO."""
        return tuple(
            tier.derive(severity=settings.severity) if settings.severity else tier
            for tier in self.tiers()
            if (settings := self.alert_settings(tier)) is not None
        )

    def guard(self) -> tuple[int, int]:
        """The minimum number of events, and of bad events, in the long window for an alert."""
        events, bad = GUARD if self.sli.is_sampled else SLICES
        return (
            events if self.min_events is None else self.min_events,
            bad if self.min_bad is None else self.min_bad,
        )

    def _policy_problems(self) -> Iterator[Finding]:
        table = self.tiers()
        if not table:
            yield self.finding(
                codes.SLO_POLICY,
                "the policy has no tiers",
                "add a Tier, or remove policy= for the default tiers",
                at="policy",
            )
        names = [tier.name for tier in table]
        if len(set(names)) < len(names):
            yield self.finding(codes.SLO_POLICY, "two tiers have the same name", "rename one", at="policy")


def _percent(ratio: float | Decimal) -> str:
    """A ratio in percent: 0.999 is 99.9."""
    return f"{(Decimal(str(ratio)) * 100).normalize():f}"


def validate_objective(value: float | Decimal) -> tuple[str, str] | None:
    """The message and the hint for an objective that is not a percentage above 0 and below 100; None if it is."""
    if not isfinite(value):
        return f"objective {value!r} is not a number", "write percent, such as 99.9"
    percent = Decimal(str(value))
    if percent <= 0:
        return f"objective {value} is not above 0 percent", "write percent, such as 99.9"
    if percent < 1:
        return f"objective {value} is less than one percent", f"did you mean {_percent(value)}?"
    if percent == 100:
        return f"objective {value} leaves no error budget", "write a lower objective, such as 99.9"
    if percent > 100:
        return f"objective {value} is above 100 percent", "write percent, such as 99.9"
    return None
