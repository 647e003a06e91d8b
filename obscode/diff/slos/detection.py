"""Detection times of an SLO before and after, and lengths of time as text."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from obscode.diff.rules.durations import length
from obscode.diff.sentences import counted, listed
from obscode.diff.slos.slo import RecordedSlo, SloAlert, Tier
from obscode.model.numbers import format_decimal
from obscode.promql.duration import format_duration

#: Error ratios for which detection times are compared.
RATIOS = (Decimal(1), Decimal("0.1"), Decimal("0.02"))


def detection_times(old: RecordedSlo, new: RecordedSlo) -> Iterator[str]:
    """For each alert and tier whose detection times differ, these times before and after."""
    after = {(each.alert.name, tier.windows): (each, tier) for each in new.alerts for tier in each.tiers}
    for alert in old.alerts:
        for tier in alert.tiers:
            match = after.get((alert.alert.name, tier.windows))
            if not match:
                continue
            times = [(ratio, _time(tier, ratio, alert), _time(match[1], ratio, match[0])) for ratio in RATIOS]
            texts = [
                f"{format_decimal(ratio * 100)} % errors after {_before_and_after(first, second)}"
                for ratio, first, second in times
                if first != second
            ]
            if texts:
                yield f"{alert.alert.name} ({tier.windows}) detects {listed(texts)}."


def _time(tier: Tier, ratio: Decimal, alert: SloAlert) -> str:
    after = tier.detects_after(ratio, max(0, length(alert.alert.for_)))
    return "never" if after is None else format_duration(round(after / 1000) * 1000)


def _before_and_after(before: str, after: str) -> str:
    return f"{before} -> {after}"


def span_text(milliseconds: int) -> str:
    """A length of time with two digits, as people say it: `43 min`, `3.6 h`, `1.5 days`."""
    for unit, size, most in (("s", 1000, 120), ("min", 60_000, 120), ("h", 3_600_000, 48)):
        if milliseconds < size * most:
            return f"{_two_digits(milliseconds / size)} {unit}"
    return f"{_two_digits(milliseconds / 86_400_000)} days"


def _two_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")


def period_text(milliseconds: int) -> str:
    """`30 days`, `1 day`, or a duration such as `12h`."""
    days, rest = divmod(milliseconds, 86_400_000)
    return format_duration(milliseconds) if rest or not days else counted(days, "day")
