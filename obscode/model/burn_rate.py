"""Burn rates: which windows an alert looks at, and from which multiple of the budget it fires.

The burn rate is the error ratio divided by the error budget: at 1 the budget lasts exactly the period.
A tier fires when a share of the period's budget went in its long window, which is the case from the burn
rate ``share x period / long window`` on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from functools import lru_cache
from math import inf

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name, validate_name
from obscode.model.naming import LONG, SERVICE, SEVERITY, SHORT, SLO, TIER
from obscode.model.numbers import format_decimal, round_factor
from obscode.promql import duration
from obscode.promql.duration import Duration

_PERCENT = Decimal(100)
#: Labels of burn alerts that obscode sets itself.
RESERVED_LABELS = (SERVICE, SLO, SEVERITY, TIER, LONG, SHORT, "alertname", "le")


@dataclass(frozen=True)
class Tier(Definition):
    """One urgency of an SLO's alerts: it fires if ``budget`` percent of the error budget are spent within ``long``.

    Attributes:
        name: the name in `SLO(alerts={name: ...})`.
        severity: the `severity` label: `page`, `ticket` or a name of yours.
        budget: the share of the period's error budget, in percent.
        long: the window in which the share is spent, a duration.
        short: the window in which the budget must still burn, a duration; it ends the alert soon after the incident.
        for_: how long both conditions hold before the alert fires, a duration.
        keep_firing_for: how long the alert fires after they end, a duration.
    """

    name: str
    _: KW_ONLY
    severity: str
    budget: float | Decimal
    long: Duration
    short: Duration
    for_: Duration = "0s"
    keep_firing_for: Duration = "0s"

    def factor(self, period: str) -> Decimal:
        """The burn rate from which the tier fires: 14.4 for 2 % within 1h of 30d."""
        share = Decimal(str(self.budget)) / _PERCENT
        return round_factor(share * duration_ms(period) / duration_ms(self.long))

    def problems(self) -> Iterator[Finding]:
        if wrong := validate_name(self.name):
            yield self.finding(codes.TIER_NAME, *wrong, at="name")
        for at in ("long", "short"):
            if wrong := duration.validate_duration(getattr(self, at)):
                yield self.finding(codes.DURATION, *wrong, at=at)
        for at in ("for_", "keep_firing_for"):
            if wrong := duration.validate_duration(getattr(self, at), zero=True):
                yield self.finding(codes.DURATION, *wrong, at=at)
        if (
            isinstance(self.budget, bool)
            or not isinstance(self.budget, int | float | Decimal)
            or not 0 < self.budget < inf
        ):
            yield self.finding(
                codes.TIER_BUDGET, f"budget {self.budget!r} is no share", "write percent, such as 2", at="budget"
            )
        elif (
            not duration.validate_duration(self.long)
            and not duration.validate_duration(self.short)
            and duration_ms(self.short) >= duration_ms(self.long)
        ):
            message = f"the short window {self.short} is not shorter than the long window {self.long}"
            yield self.finding(codes.TIER_WINDOWS, message, "a twelfth of the long window is usual", at="short")


@dataclass(frozen=True)
class BurnAlert(Definition):
    """Changes to the alert of one tier; an empty argument changes nothing.

    Attributes:
        name: the alert's name.
        severity: the `severity` label.
        for_: how long the condition holds before the alert fires, a duration.
        keep_firing_for: how long the alert fires after the condition ends, a duration.
        labels: further labels.
        annotations: further annotations.
    """

    name: str = ""
    _: KW_ONLY
    severity: str = ""
    for_: Duration = ""
    keep_firing_for: Duration = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    def problems(self) -> Iterator[Finding]:
        for at in ("for_", "keep_firing_for"):
            if getattr(self, at) and (wrong := duration.validate_duration(getattr(self, at), zero=True)):
                yield self.finding(codes.DURATION, *wrong, at=at)
        for at in ("labels", "annotations"):
            for i, label in enumerate(getattr(self, at)):
                if wrong := validate_label_name(label):
                    yield self.finding(codes.LABEL_NAME, *wrong, at=at, item=i)
                elif at == "labels" and label in RESERVED_LABELS:
                    message = f"label {label!r} is set by obscode"
                    yield self.finding(
                        codes.LABEL_NAME, message, "severity= and the tier's name set those", at=at, item=i
                    )


# The SRE workbook's table for 30d, chapter 5: 2 %, 5 % and 10 % of the budget. The times of `for` drop what
# a single late scrape or a deploy would cause; those of `keep_firing_for` join alerts that come and go.
WORKBOOK = (
    Tier("page-fast", severity="page", budget=2, long="1h", short="5m", for_="1m", keep_firing_for="5m"),
    Tier("page-slow", severity="page", budget=5, long="6h", short="30m", for_="5m", keep_firing_for="15m"),
    Tier("ticket-fast", severity="ticket", budget=10, long="1d", short="2h", for_="15m", keep_firing_for="30m"),
    Tier("ticket-slow", severity="ticket", budget=10, long="3d", short="6h", for_="30m", keep_firing_for="1h"),
)
_WORKBOOK_PERIOD = "30d"
_SHORTEST = "5m"
_MINUTE = 60_000
# 28d have 0.93 in the workbook's table, as everywhere: such a burn would leave less than a tenth of the budget.
_LEAST_FACTOR = Decimal("0.9")


def workbook(period: str) -> tuple[Tier, ...]:
    """The workbook's windows and shares, whatever the period: the factors follow."""
    del period
    return WORKBOOK


def scaled(period: str) -> tuple[Tier, ...]:
    """The workbook's windows scaled with the period, in whole minutes; the factors stay 14.4, 6, 3 and 1.

    A window that is rounded, or kept from being too short to hold samples, spends another share by its factor.
    """
    return tuple(_scaled(tier, period) for tier in WORKBOOK)


def _scaled(tier: Tier, period: str) -> Tier:
    def window(text: str, least: str) -> str:
        minutes = int(
            (duration_ms(text) * duration_ms(period) / duration_ms(_WORKBOOK_PERIOD) / _MINUTE).to_integral_value()
        )
        return duration.format_duration(max(minutes * _MINUTE, duration.milliseconds(least)))

    long = window(tier.long, "10m")
    share = tier.factor(_WORKBOOK_PERIOD) * duration_ms(long) / duration_ms(period)
    return tier.derive(budget=share * _PERCENT, long=long, short=window(tier.short, _SHORTEST))


POLICIES = {"budget-share": workbook, "scaled-windows": scaled}


def tiers(policy: str | Sequence[Tier], period: str) -> tuple[Tier, ...]:
    """The tiers of a policy by name, or those given.

    `auto` is the workbook's table where it makes sense for the period, and scaled windows for periods
    so short that its tickets would fire well inside the budget.
    """
    if not isinstance(policy, str):
        return tuple(policy)
    if policy != "auto":
        return POLICIES[policy](period)
    table = workbook(period)
    return table if all(tier.factor(period) >= _LEAST_FACTOR for tier in table) else scaled(period)


def policy_label(policy: str | Sequence[Tier], period: str) -> str:
    """A name for a policy that is not the default of the period; empty for the default."""
    table, default = _describe_tiers(tiers(policy, period), period), _describe_tiers(tiers("auto", period), period)
    if table == default:
        return ""
    return policy if isinstance(policy, str) else table


def alert_differences(table: Sequence[Tier], alerting: Sequence[Tier]) -> list[str]:
    """How the tiers with an alert differ from those of the policy: `without page-fast`, `page-slow as ticket`."""
    alerts = {tier.name: tier for tier in alerting}
    if table and not alerts:
        return ["without alerts"]
    return [
        f"{tier.name} as {alerts[tier.name].severity}" if tier.name in alerts else f"without {tier.name}"
        for tier in table
        if alerts.get(tier.name) != tier
    ]


def _describe_tiers(table: Sequence[Tier], period: str) -> str:
    return ", ".join(f"{t.name} {t.severity} {t.long} {t.short} {format_decimal(t.factor(period))}" for t in table)


def windows(table: Sequence[Tier]) -> list[str]:
    """Every window of the tiers once, shortest first."""
    return sorted({w for tier in table for w in (tier.short, tier.long)}, key=duration.milliseconds)


@lru_cache(maxsize=4096)
def duration_ms(text: str) -> Decimal:
    """A duration in milliseconds, exact."""
    return Decimal(duration.milliseconds(text))
