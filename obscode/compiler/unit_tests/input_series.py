"""The input series of a scenario, in promtool's notation."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.unit_tests.alert_simulator import TrafficPhase
from obscode.compiler.unit_tests.scenarios import Scenario
from obscode.compiler.unit_tests.timings import input_window
from obscode.model import naming
from obscode.model.numbers import format_sample
from obscode.promql.selector import Matcher, Selector


def input_series(plan: SloPlan, scenario: Scenario) -> list[tuple[str, str]]:
    """Recorded counts of events instead of raw series.

    Without raw series, the rules that record these counts return nothing and do not interfere.
    """
    window = input_window(plan, is_long=scenario.is_long)
    counts = _phase_values(plan.total(window), plan.bad(window), scenario)
    if not scenario.is_long and plan.slo.sli.reads_counters:
        total, bad = (plan.series(name + plan.tile) for name in (naming.TILE_TOTAL, naming.TILE_BAD))
        counts += _phase_values(total, bad, scenario)
    return counts


def _phase_values(total: Selector, bad: Selector, scenario: Scenario) -> list[tuple[str, str]]:
    labels = [Matcher(label, "=", value) for label, value in scenario.group.items()]
    totals = " ".join(_values(phase, scenario.step, phase.total, phase.total_growth) for phase in scenario.phases)
    bads = " ".join(_values(phase, scenario.step, _bad(phase), phase.growth) for phase in scenario.phases)
    return [(str(total.with_matchers(*labels)), totals), (str(bad.with_matchers(*labels)), bads)]


def _bad(phase: TrafficPhase) -> float | None:
    return None if phase.total is None else phase.bad


def _values(phase: TrafficPhase, step: int, value: float | None, growth: float = 0) -> str:
    """promtool's notation: `5x9` is ten times 5, `5+2x9` grows by two, `_x10` is ten missing samples."""
    count = phase.length // step
    if value is None:
        return f"_x{count}"
    return f"{format_sample(value)}{f'+{format_sample(growth)}' if growth else ''}x{count - 1}"


def series_text(name: str, labels: Mapping[str, str]) -> str:
    """A series in promtool's notation, labels sorted."""
    return str(Selector(name, tuple(Matcher(label, "=", labels[label]) for label in sorted(labels))))


def free_label(name: str, taken: Collection[str]) -> str:
    """The name of a label that tells the series of a test apart, and is none of those that are taken."""
    while name in taken:
        name += "_"
    return name
