"""Burn rates: which windows an alert looks at, and from which multiple of the budget it fires.

Burn rate is the error ratio divided by the error budget. A tier fires when a share of the period's
budget went in its long window: factor = share x period / long window. Shares and windows are those of
the SRE workbook, chapter 5, "Alerting on SLOs".
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from obscode import duration


@dataclass(frozen=True)
class Tier:
    """One urgency: the share of the budget, in percent, that must go in the long window.

    The short window, in which the burning must still go on, ends the alert soon after the trouble.
    """

    name: str
    severity: str
    share: Decimal
    long: str
    short: str
    for_: str
    keep_firing_for: str

    def factor(self, period: str) -> Decimal:
        """The burn rate from which the tier fires: 14.4 for 2 % in 1h of 30d."""
        windows = Decimal(duration.milliseconds(period)) / Decimal(duration.milliseconds(self.long))
        return (self.share / 100 * windows).normalize()


WORKBOOK = (
    Tier("page-fast", "page", Decimal(2), "1h", "5m", "2m", "5m"),
    Tier("page-slow", "page", Decimal(5), "6h", "30m", "5m", "15m"),
    Tier("ticket-fast", "ticket", Decimal(10), "1d", "2h", "15m", "30m"),
    Tier("ticket-slow", "ticket", Decimal(10), "3d", "6h", "30m", "1h"),
)
