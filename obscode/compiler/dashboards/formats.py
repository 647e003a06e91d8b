"""Shared units, thresholds and texts of generated panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from obscode.model.dashboard import Threshold
from obscode.model.slo import SLO

RATIO = "percentunit"
TIMES = "suffix:x"

#: Texts for no samples; no traffic is not an outage.
NO_EVENTS = "No events"
NOT_BURNING = "Not burning"
NO_TRAFFIC = "No traffic"


def budget_left() -> dict[str, Any]:
    """A ratio of the error budget: red below zero, orange below a quarter."""
    colors = [Threshold(None, "red"), Threshold(0, "orange"), Threshold(0.25, "green")]
    return {"unit": RATIO, "decimals": 1, "thresholds": colors, "no_value": NO_EVENTS}


def burning() -> dict[str, Any]:
    """A burn rate: at 1 and above, the budget does not last the period."""
    colors = [Threshold(None, "green"), Threshold(1, "orange")]
    return {"unit": TIMES, "decimals": 2, "thresholds": colors, "no_value": NO_EVENTS}


def objective_decimals(slos: Sequence[SLO]) -> int:
    """The decimals of the strictest objective in percent: 2 for 99.95 %."""
    exponents = [slo.percent().normalize().as_tuple().exponent for slo in slos]
    return max((-e for e in exponents if isinstance(e, int)), default=0) if exponents else 0


def ratio_decimals(slos: Sequence[SLO]) -> int:
    """Decimals in percent that distinguish an error ratio from the budget of the strictest objective."""
    return max(2, objective_decimals(slos) + 1)


def per_group(text: str, labels: Sequence[str]) -> str:
    """A legend with the group labels of an SLO; the text alone for an SLO without groups."""
    return " ".join([text, *(f"{{{{{label}}}}}" for label in labels)]).strip()
