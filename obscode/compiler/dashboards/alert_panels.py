"""The burn alerts of the chosen SLO, over time."""

from __future__ import annotations

from obscode.compiler.dashboards.selected_slo import SelectedSlo
from obscode.model import naming
from obscode.model.burn_rate import Tier
from obscode.model.dashboard import Query, Row, ValueMap
from obscode.model.panels import StateTimeline
from obscode.promql.selector import Matcher

_OK, _PENDING, _FIRING = 0, 1, 2


def alert_row(chosen: SelectedSlo) -> Row:
    """A line a tier: quiet, pending, or firing."""
    return Row(
        "Alerts",
        StateTimeline(
            "Burn alerts",
            [Query(_state(chosen, tier), legend=tier.name) for tier in chosen.tiers],
            description="Pending while the windows burn, but not for long enough; of several groups, the worst.",
            mappings=[
                ValueMap(_OK, "Quiet", "green"),
                ValueMap(_PENDING, "Pending", "yellow"),
                ValueMap(_FIRING, "Firing", "red"),
            ],
            unit="short",
            decimals=0,
            no_value="No SLO",
            legend_at="hidden",
        ),
        key="alerts",
    )


def _state(chosen: SelectedSlo, tier: Tier) -> str:
    """A quiet alert has no series, so quiet is that nothing else is the case for an SLO that there is."""
    named = Matcher(naming.TIER, "=", tier.name)
    firing, pending = (
        chosen.of_groups("ALERTS", Matcher("alertstate", "=", state), named) for state in ("firing", "pending")
    )
    return f"{_FIRING} * max({firing})\nor\nmax({pending})\nor\n{_OK} * max({chosen.of_slo(naming.OBJECTIVE)})"
