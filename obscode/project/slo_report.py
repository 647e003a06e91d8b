"""A table of an SLO's burn-rate alerts: windows, factors, budget spent when they fire, detection times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from obscode.model.burn_rate import Tier, duration_ms
from obscode.model.numbers import format_decimal, round_factor
from obscode.model.slo import SLO
from obscode.promql import duration

_RATIOS = (Decimal(1), Decimal("0.1"), Decimal("0.02"))


def tier_table(slo: SLO, severity_label: Callable[[str], str] = str) -> list[Sequence[str]]:
    """A header, then one row per tier that has an alert, with the value of its `severity` label.

    Detection times assume a step from no errors to an error ratio e, and steady traffic: the long window L crosses
    the threshold f x b after f x b x L / e (factor f, budget b). The alert's `for` is added to that. The condition
    ends when the short window S is below the threshold again, S x (1 - f x b / e) after the outage ends; the
    column is for e = 1.
    """
    head = ["TIER", "SEVERITY", "LONG", "SHORT", "FACTOR", "ERROR RATIO ABOVE", "BUDGET SPENT"]
    head += [f"AT {format_decimal(ratio * 100)} %" for ratio in _RATIOS] + ["ENDS AFTER"]
    return [head, *(_row(slo, tier, severity_label(tier.severity)) for tier in slo.alerting())]


def _row(slo: SLO, tier: Tier, severity: str) -> list[str]:
    factor = tier.factor(slo.period)
    threshold = factor * slo.budget()
    # The tier's declared budget: its factor is rounded, so the product with the factor would differ.
    spent = round_factor(Decimal(str(tier.budget)))
    return [
        tier.name,
        severity,
        tier.long,
        tier.short,
        format_decimal(factor),
        f"{format_decimal(round_factor(threshold * 100))} %",
        f"{format_decimal(spent)} %",
        *(_detected(tier, threshold, ratio) for ratio in _RATIOS),
        _seconds(duration_ms(tier.short) * max(1 - threshold, Decimal(0))),
    ]


def _detected(tier: Tier, threshold: Decimal, ratio: Decimal) -> str:
    return _seconds(threshold * duration_ms(tier.long) / ratio) if threshold < ratio else "never"


def _seconds(milliseconds: Decimal) -> str:
    return duration.format_duration(round(milliseconds / 1000) * 1000)
