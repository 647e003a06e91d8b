"""Shared units, thresholds and texts of generated panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from obscode.model.dashboard import Threshold, ValueMap
from obscode.model.slo import SLO

RATIO = "percentunit"
TIMES = "suffix:x"

#: Texts for no samples; no traffic is not an outage.
NO_EVENTS = "No events"
NOT_BURNING = "Not burning"
NO_TRAFFIC = "No traffic"

_DECIMALS = 2
# Numbers that stand for a text where a time is expected.
_NEVER, _UNKNOWN = -1, -2
# A table shows at most as many lines; a further SLO changes its height only from one of them to the next.
_LINES = (5, 10, 20)
_HEIGHT, _LINE, _TITLE_AND_HEADER = 38, 36, 92  # in pixels: a row of the grid, and the parts of a table


def budget_left() -> dict[str, Any]:
    """A ratio of the error budget: red below zero, orange below a quarter."""
    colors = [Threshold(None, "red"), Threshold(0, "orange"), Threshold(0.25, "green")]
    return {"unit": RATIO, "decimals": 1, "thresholds": colors, "no_value": NO_EVENTS}


def burning() -> dict[str, Any]:
    """A burn rate: at 1 and above, the budget does not last the period."""
    colors = [Threshold(None, "green"), Threshold(1, "orange")]
    return {"unit": TIMES, "decimals": 2, "thresholds": colors, "no_value": NO_EVENTS}


def time_left(exhaustion: str, burn_rate: str) -> str:
    """How long the budget lasts; without a time, a number that `budget_lasts` maps to a text."""
    return f"{exhaustion}\nor\n({burn_rate} == 0) - {-_NEVER}\nor\n0 * {burn_rate} - {-_UNKNOWN}"


def budget_lasts() -> dict[str, Any]:
    """A time that `time_left` returns."""
    texts = [ValueMap(_NEVER, NOT_BURNING), ValueMap(_UNKNOWN, "Unknown")]
    return {"unit": "s", "decimals": 1, "mappings": texts}


def table_height(lines: int) -> int:
    """The height of a table with this many lines, or somewhat more."""
    visible = next((most for most in _LINES if lines <= most), _LINES[-1])
    return -(-(visible * _LINE + _TITLE_AND_HEADER) // _HEIGHT)


def objective_decimals(slos: Sequence[SLO]) -> int:
    """The decimals of the strictest objective in percent, but 2 for all up to 99.99 %.

    So an additional SLO rarely changes the dashboards that all share.
    """
    exponents = [slo.percent().normalize().as_tuple().exponent for slo in slos]
    return max([_DECIMALS, *(-e for e in exponents if isinstance(e, int))])


def ratio_decimals(slos: Sequence[SLO]) -> int:
    """Decimals in percent that distinguish an error ratio from the budget of the strictest objective."""
    return objective_decimals(slos) + 1


def per_group(text: str, labels: Sequence[str]) -> str:
    """A legend with the group labels of an SLO; the text alone for an SLO without groups."""
    return " ".join([text, *(f"{{{{{label}}}}}" for label in labels)]).strip()
