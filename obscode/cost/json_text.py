"""The costs of rules as JSON."""

from __future__ import annotations

import json

from obscode.cost.rules import ProjectCost


def render(cost: ProjectCost) -> str:
    """An object with a list of rules; numbers of series and samples are rounded, the processor's share is not."""
    rules = [
        {
            "service": each.service,
            "team": each.team,
            "group": each.group,
            "rule": each.rule.name,
            "series": round(each.series),
            "samples": round(each.samples),
            "interval_seconds": each.interval,
            "cpu_share": each.cpu,
        }
        for each in cost.rules
    ]
    return json.dumps({"rules": rules, "assumed_labels": cost.assumed, "unknown_metrics": cost.unknown}, indent=2)
