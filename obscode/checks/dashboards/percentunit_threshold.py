"""Thresholds are in the unit of the panel: 0.8 for `percentunit`, 80 for `percent`.

Why: in `percentunit`, 1 is 100 %, so a threshold of 80 is 8000 % and the panel is always green. Most of these are
Grafana's default of 80. It is a note if the panel does not draw its thresholds, and up to 10, which may be meant, such
as 400 % of the requested CPU. Conversely, a ratio from 0 to 1 with the unit `percent` shows "1%" at most.

Bad:
    {"type": "gauge", "title": "Memory", "targets": [{"refId": "A", "expr": "used_bytes / limit_bytes"}],
     "fieldConfig": {"defaults": {"unit": "percentunit", "thresholds": {"mode": "absolute", "steps": [
       {"color": "green", "value": null}, {"color": "red", "value": 80}
     ]}}, "overrides": []}}

Good:
    {"type": "gauge", "title": "Memory", "targets": [{"refId": "A", "expr": "used_bytes / limit_bytes"}],
     "fieldConfig": {"defaults": {"unit": "percentunit", "thresholds": {"mode": "absolute", "steps": [
       {"color": "green", "value": null}, {"color": "red", "value": 0.8}
     ]}}, "overrides": []}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.drawn_thresholds import are_drawn
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.promql.tokens import blank_literals
from obscode.reader.dashboards.json_cursor import Node, is_number
from obscode.reader.dashboards.model import Dashboard, Panel, Thresholds

_PLAUSIBLE = 10  # such as 400 % of the requested CPU

# A ratio: a division, but not by a number, as in `x / 60`.
_RATIO = re.compile(r"/(?!\s*[\d.])")


@check(Dashboard)
def percentunit_threshold(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Thresholds that are a hundred times too high or too low."""
    for panel in dashboard.panels:
        for thresholds in panel.thresholds:
            if thresholds.percentages or panel.reference:
                continue
            steps = [step for step in thresholds.steps if is_number(step.plain("value"))]
            if thresholds.unit == "percentunit":
                yield from _too_high(panel, thresholds, steps)
            elif thresholds.unit == "percent" and not thresholds.override:
                yield from _too_low(panel, steps)


def _too_high(panel: Panel, thresholds: Thresholds, steps: list[Node]) -> Iterator[Finding]:
    most = panel.defaults.plain("max")
    limit = most if is_number(most) and most > 1 else 1
    above = [step for step in steps if step.plain("value") > limit]
    if above:
        value = above[0].get("value").value
        drawn = thresholds.override or are_drawn(panel)
        plausible = value <= _PLAUSIBLE
        message = f"{panel.name} has a threshold at {value:g}, which is {value * 100:g} % as percentunit"
        hint = f"write {value / 100:g}" + ("" if drawn else ", or remove the step, which is not drawn")
        yield finding(
            percentunit_threshold,
            message,
            hint,
            above[0].at("value"),
            panel,
            severity="error" if drawn and not plausible else "note",
        )


def _too_low(panel: Panel, steps: list[Node]) -> Iterator[Finding]:
    values = [step.plain("value") for step in steps if step.plain("value")]
    ratio = [target.expr for target in panel.targets if _is_ratio(blank_literals(target.expr))]
    most = panel.defaults.plain("max")
    small = bool(values) and all(0 < value <= 1 for value in values) and most in (None, 1)
    if small and len(ratio) == len(panel.targets) > 0:
        message = f"{panel.name} shows a ratio as percent, with a threshold at {max(values):g} %"
        yield finding(percentunit_threshold, message, 'write "unit": "percentunit"', panel.defaults.at("unit"), panel)


def _is_ratio(bare: str) -> bool:
    return bool(_RATIO.search(bare)) and "100" not in bare and "percent" not in bare.lower()
