"""The events per second that captured targets have of an SLO on a normal load: its history is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from obscode.compiler.slo_plan import SloPlan, service_matchers
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse
from obscode.promql.selector import Selector
from obscode.simulation.captured_samples import CapturedTarget
from obscode.simulation.history import Group


def captured_groups(plan: SloPlan, targets: Iterable[CapturedTarget]) -> Sequence[Group]:
    """The groups of an SLO; none if the targets have no events of it."""
    groups: dict[tuple[str, ...], float] = {}
    by = tuple(plan.slo.sli.by)
    selectors = list(_of_all_events(plan)) if plan.slo.sli.counts_traffic else []
    for labels, rate in (each for target in targets for each in target.rates()):
        if any(_selects(selector, labels) for selector in selectors):
            values = tuple(labels.get(label, "") for label in by)
            groups[values] = groups.get(values, 0.0) + rate
    return [(dict(zip(by, values, strict=True)), rate) for values, rate in groups.items() if rate]


def _of_all_events(plan: SloPlan) -> Iterator[Selector]:
    """The selectors of all events, with the matchers of the service."""
    sli = plan.slo.sli
    arguments = sli.selectors()
    selected = [*arguments.get("total", ()), *arguments.get("histogram", ())]
    if not selected and "total" in (texts := sli.scoped_expressions()):
        try:
            selected = list(dict.fromkeys(parse(texts["total"]).selectors))
        except PromQLError:  # it is reported by a check
            return
    yield from (selector.with_matchers(*service_matchers(plan.service)) for selector in selected)


def _selects(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Whether a counter, or the count of a histogram, is selected."""
    if labels["__name__"] not in (selector.metric, f"{selector.metric}_count"):
        return False
    return all(m.matches(labels.get(m.label, "")) is not False for m in selector.matchers if m.label != "le")
