"""How generated panels show budgets, ratios and burn rates: the same words and colours on every dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from obscode.model.dashboard import Threshold
from obscode.model.slo import SLO

SHARE = "percentunit"
TIMES = "suffix:x"

#: What stands where there are no samples; no traffic is not an outage.
NO_EVENTS = "No events"
NOT_BURNING = "Not burning"
NO_TRAFFIC = "No traffic"


def budget_left() -> dict[str, Any]:
    """A share of the error budget: red when it is overspent, orange when less than a quarter is left."""
    colors = [Threshold(None, "red"), Threshold(0, "orange"), Threshold(0.25, "green")]
    return {"unit": SHARE, "decimals": 1, "thresholds": colors, "no_value": NO_EVENTS}


def burning() -> dict[str, Any]:
    """A burn rate: from 1 on, the budget does not last the period."""
    colors = [Threshold(None, "green"), Threshold(1, "orange")]
    return {"unit": TIMES, "decimals": 2, "thresholds": colors, "no_value": NO_EVENTS}


def objective_decimals(slos: Sequence[SLO]) -> int:
    """As many digits of percent as the strictest objective has: 2 for 99.95 %."""
    exponents = [slo.percent().normalize().as_tuple().exponent for slo in slos]
    return max((-e for e in exponents if isinstance(e, int)), default=0) if exponents else 0


def ratio_decimals(slos: Sequence[SLO]) -> int:
    """Digits of percent in which an error ratio can be told from the budget of the strictest objective."""
    return max(2, objective_decimals(slos) + 1)


def per_group(text: str, labels: Sequence[str]) -> str:
    """A legend with the labels by which an SLO keeps groups apart; of an SLO without groups, the text alone."""
    return " ".join([text, *(f"{{{{{label}}}}}" for label in labels)]).strip()
