"""Burn rates: the windows of an SLO's alerts, and the burn rates at which they fire.

The burn rate is the error ratio divided by the error budget: at 1, the budget lasts exactly the period. A tier fires
when a share of the period's budget is spent in its long window: at a burn rate of ``share x period / long window``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from functools import lru_cache
from math import isfinite

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name, validate_name
from obscode.model.naming import SERVICE, SEVERITY, SLO
from obscode.model.numbers import format_decimal, round_factor
from obscode.promql import duration
from obscode.promql.duration import Duration

_PERCENT = Decimal(100)
#: Labels of burn alerts that obscode sets itself.
RESERVED_LABELS = (SERVICE, SLO, SEVERITY, "alertname", "le")
_LABEL_HINTS = {
    SEVERITY: 'write severity="..." instead',
    "alertname": "write it as the first argument of BurnAlert",
}


@dataclass(frozen=True)
class Tier(Definition):
    """A condition of an SLO's burn-rate alerts: ``budget`` percent of the error budget is spent within ``long``.

    The tiers of one severity share an alert, which fires when the condition of any of them holds.

    Attributes:
        name: the name, as in `SLO(alerts={name: None})`.
        severity: `page`, `ticket` or another severity of the project.
        budget: the share of the period's error budget, in percent.
        long: the window in which the share is spent, a duration.
        short: the second window whose burn rate must be as high, a duration; it ends the alert soon after the incident.
    """

    name: str
    _: KW_ONLY
    severity: str
    budget: float | Decimal
    long: Duration
    short: Duration

    def factor(self, period: str) -> Decimal:
        """The burn rate above which the tier fires: 14.4 for 2 % within 1h of 30d."""
        share = Decimal(str(self.budget)) / _PERCENT
        return round_factor(share * duration_ms(period) / duration_ms(self.long))

    def problems(self) -> Iterator[Finding]:
        if wrong := validate_name(self.name):
            yield self.finding(codes.TIER_NAME, *wrong, at="name")
        for at in ("long", "short"):
            if wrong := duration.validate_duration(getattr(self, at)):
                yield self.finding(codes.DURATION, *wrong, at=at)
        if not isfinite(self.budget) or self.budget <= 0:
            yield self.finding(
                codes.TIER_BUDGET,
                f"budget {self.budget!r} is not a positive number",
                "write percent, such as 2",
                at="budget",
            )
        elif (
            not duration.validate_duration(self.long)
            and not duration.validate_duration(self.short)
            and duration_ms(self.short) >= duration_ms(self.long)
        ):
            message = f"the short window {self.short} is not shorter than the long window {self.long}"
            yield self.finding(codes.TIER_WINDOWS, message, "write a twelfth of the long window", at="short")


@dataclass(frozen=True)
class BurnAlert(Definition):
    """Changes to a burn-rate alert of an SLO; an empty argument keeps the default.

    Attributes:
        name: the alert's name.
        severity: `page`, `ticket` or another severity of the project.
        for_: how long the condition holds before the alert fires, a duration; by default it fires at once, since the
            windows and the minimum of events already ignore short errors.
        keep_firing_for: how long the alert fires after the condition ends, a duration; by default the longest short
            window of its tiers, at most 30m, so that repeated errors are one notification.
        labels: further labels.
        annotations: further annotations.
    """

    label_names = ("labels", "annotations")

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
                    hint = _LABEL_HINTS.get(label, "rename it")
                    yield self.finding(codes.LABEL_NAME, message, hint, at=at, item=i)


# The SRE workbook's table for 30d, chapter 5: 2 %, 5 % and 10 % of the budget.
WORKBOOK = (
    Tier("page-fast", severity="page", budget=2, long="1h", short="5m"),
    Tier("page-slow", severity="page", budget=5, long="6h", short="30m"),
    Tier("ticket-fast", severity="ticket", budget=10, long="1d", short="2h"),
    Tier("ticket-slow", severity="ticket", budget=10, long="3d", short="6h"),
)
_WORKBOOK_PERIOD = "30d"
_SHORTEST = "5m"
_MINUTE = 60_000
# The lowest factor of the workbook's table is 0.93 for 28d: at that burn rate, 7 % of the budget remains.
_LEAST_FACTOR = Decimal("0.9")


def workbook(period: str) -> tuple[Tier, ...]:
    """The workbook's windows and shares of the budget, for any period; the factors depend on the period."""
    del period
    return WORKBOOK


def scaled(period: str) -> tuple[Tier, ...]:
    """The workbook's windows scaled with the period, in whole minutes; the factors stay 14.4, 6, 3 and 1.

    Rounding, or the minimum window, changes the share of the budget; the factor stays.
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
    """The tiers of a policy, which is a name or the tiers.

    `auto` is the workbook's table, or scaled windows for periods so short that tickets of the table would fire although
    the budget lasts the period.
    """
    return _named_tiers(policy, period) if isinstance(policy, str) else tuple(map(_canonical, policy))


@lru_cache(maxsize=256)
def _named_tiers(policy: str, period: str) -> tuple[Tier, ...]:
    if policy != "auto":
        return POLICIES[policy](period)
    table = workbook(period)
    return table if all(tier.factor(period) >= _LEAST_FACTOR for tier in table) else scaled(period)


def _canonical(tier: Tier) -> Tier:
    """The tier with one notation of its windows, which are in the names of series: `90s` is `1m30s`."""
    changed = {
        at: text
        for at in ("long", "short")
        if not duration.validate_duration(getattr(tier, at))
        and (text := duration.format_duration(duration.milliseconds(getattr(tier, at)))) != getattr(tier, at)
    }
    return tier.derive(**changed) if changed else tier


def policy_label(policy: str | Sequence[Tier], period: str) -> str:
    """A name for a policy that is not the default of the period; empty for the default."""
    table, default = _describe_policy(policy, period), _describe_named("auto", period)
    if table == default:
        return ""
    return policy if isinstance(policy, str) else table


def _describe_policy(policy: str | Sequence[Tier], period: str) -> str:
    return (
        _describe_named(policy, period) if isinstance(policy, str) else _describe_tiers(tiers(policy, period), period)
    )


@lru_cache(maxsize=256)
def _describe_named(policy: str, period: str) -> str:
    return _describe_tiers(tiers(policy, period), period)


def alert_differences(table: Sequence[Tier], alerting: Sequence[Tier]) -> list[str]:
    """The differences between the alerts and the tiers of the policy: `without page-fast`, `page-slow as ticket`."""
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
    """The windows of the tiers without duplicates, shortest first."""
    return sorted({w for tier in table for w in (tier.short, tier.long)}, key=duration.milliseconds)


@lru_cache(maxsize=4096)
def duration_ms(text: str) -> Decimal:
    """A duration in milliseconds, exact."""
    return Decimal(duration.milliseconds(text))
