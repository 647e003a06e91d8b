"""Recording rules of an SLO, and the PromQL of its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from obscode.artifacts.rules import RecordingRule
from obscode.compiler.slo_plan import SloPlan, service_matchers
from obscode.model.sli.base import LongerWindow
from obscode.promql.selector import Selector


def record(plan: SloPlan, series: Selector, expr: str, labels: Mapping[str, str] | None = None) -> RecordingRule:
    """A recording rule of an SLO, with the labels of its identity and more."""
    return RecordingRule(series.metric, expr, plan.identity | dict(labels or {}), plan.slo)


def events(plan: SloPlan, window: str, longer: Sequence[LongerWindow] = ()) -> tuple[str, str]:
    """Total and bad events in a window, from the raw series.

    A group without bad events is 0 where its total exists; a misspelt metric still gives no sample.
    """
    result = plan.slo.sli.events(window, service_matchers(plan.service), longer)
    return result.total, result.bad if result.complete else f"({result.bad})\nor\n0 * ({result.total})"
