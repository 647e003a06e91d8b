"""How fast the budget burns in the windows of each alert, with the line from which the alert fires."""

from __future__ import annotations

from obscode.compiler.dashboards import formats
from obscode.compiler.dashboards.selected_slo import ON_SLO, SelectedSlo
from obscode.model import naming
from obscode.model.burn_rate import Tier
from obscode.model.dashboard import Query, Row, Threshold
from obscode.model.numbers import format_decimal, round_factor
from obscode.model.panels import TimeSeries

_COLORS = {"page": "red"}
# Above the line, so that it is in sight before anything comes near it.
_ROOM = 2


def burn_row(chosen: SelectedSlo) -> Row:
    """One panel a tier: its two windows, and its factor as a line; the numbers are those of the alerts."""
    return Row("Burn rate", *(_tier(chosen, tier) for tier in chosen.tiers), key="burn")


def _tier(chosen: SelectedSlo, tier: Tier) -> TimeSeries:
    factor = tier.factor(chosen.plan.slo.period)
    return TimeSeries(
        f"{tier.name}: {tier.long} and {tier.short}",
        [Query(_burn(chosen, w), legend=formats.per_group(w, chosen.labels)) for w in (tier.long, tier.short)],
        description=(
            f"A {tier.severity} when both are above {format_decimal(factor)}: {float(tier.budget):g} % of the budget "
            f"of {chosen.plan.slo.period} gone within {tier.long}, and still going."
        ),
        unit=formats.TIMES,
        decimals=1,
        minimum=0,
        soft_maximum=round_factor(factor * _ROOM),
        thresholds=[Threshold(factor, _COLORS.get(tier.severity, "orange"))],
        no_value=formats.NO_EVENTS,
        width=12,
        height=7,
        key=naming.burn_panel(tier.name),
    )


def _burn(chosen: SelectedSlo, window: str) -> str:
    return f"{chosen.ratio(window)} / {ON_SLO} {chosen.budget}"
