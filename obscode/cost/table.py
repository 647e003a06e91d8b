"""The costs of rules, services or teams as rows of a table, the dearest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from obscode.cost.rules import RuleCost

#: What a row is about.
By = Literal["rule", "service", "team"]

HEADER = ("SERIES", "SAMPLES/S", "CPU", "RULES")
_KEYS: Mapping[By, Callable[[RuleCost], tuple[str, ...]]] = {
    "rule": lambda cost: (cost.group, cost.rule.name),
    "service": lambda cost: (cost.service,),
    "team": lambda cost: (cost.team or "(none)",),
}
_TITLES: Mapping[By, tuple[str, ...]] = {"rule": ("GROUP", "RULE"), "service": ("SERVICE",), "team": ("TEAM",)}


def rows(costs: Sequence[RuleCost], by: By, most: int = 0) -> list[tuple[str, ...]]:
    """A header, a row for each rule, service or team (at most a number of them if it is not 0), and the sum of all."""
    groups: dict[tuple[str, ...], list[RuleCost]] = {}
    for cost in costs:
        groups.setdefault(_KEYS[by](cost), []).append(cost)
    ordered = sorted(groups.items(), key=lambda item: (-sum(cost.cpu for cost in item[1]), item[0]))
    dearest = ordered[:most] if most else ordered
    total = ("total", *[""] * (len(_TITLES[by]) - 1))
    return [(*_TITLES[by], *HEADER), *((*key, *_numbers(own)) for key, own in dearest), (*total, *_numbers(costs))]


def _numbers(costs: Sequence[RuleCost]) -> tuple[str, ...]:
    series = sum(cost.series for cost in costs)
    samples = sum(cost.samples_per_second for cost in costs)
    return f"{series:,.0f}", f"{samples:,.1f}", f"{sum(cost.cpu for cost in costs):.3%}", str(len(costs))
