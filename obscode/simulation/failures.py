"""Which series count bad events: what the SLIs of a project select, and else names that say it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from obscode.compiler.slo_plan import SloPlan, service_matchers
from obscode.model.sli.base import SLI
from obscode.promql.selector import Matcher, Selector
from obscode.simulation.families import Member
from obscode.simulation.label_values import accepts

#: The error budget of events that no SLO counts.
USUAL_BUDGET = 0.001
_NAMES = re.compile(
    r"(?:^|_)(?:errors?|fail(?:ed|ures?|s)?|rejected|dropped|drops?|timeouts?|exceptions?|invalid|denied|lost|"
    r"panics?|oom|missed|exceeded|aborted|corrupted|conflicts?|deadlocks?|evicted|throttled|retries|duplicate|"
    r"out_of_order|too_(?:old|far)\w*|uncollectable|unavailable|crashes)(?:_|$)"
)
# The labels whose values are codes such as 500.
_STATUS_LABELS = frozenset(
    ["code", "status", "status_code", "response_code", "http_code", "http_status", "http_status_code", "grpc_code"]
)
_RESULTS = frozenset(
    [
        "status",
        "result",
        "outcome",
        "state",
        "success",
        "grpc_code",
        "code",
        "error",
        "finished_reason",
        "finish_reason",
    ]
)
_BAD_CODE = re.compile(r"5(?:\d\d|xx|XX)")
_BAD_RESULTS = re.compile(
    r"(?i)(?:error|errors|fail|failed|failure|false|rejected|internal|unavailable|deadline_?exceeded|data_?loss)"
)


@dataclass(frozen=True)
class Failure:
    """How an SLI counts a metric.

    Attributes:
        where: matchers of all events; of the service, too.
        bad: matchers of bad events among them; empty if ``good`` has those of the good ones.
        bound: of a histogram, the longest duration of a good event, in its unit.
        budget: the error budget, from 0 to 1.
        gauge: the SLI if it reads a gauge.
    """

    where: tuple[Matcher, ...]
    bad: tuple[Matcher, ...] = ()
    good: tuple[Matcher, ...] = ()
    bound: float | None = None
    budget: float = USUAL_BUDGET
    gauge: SLI | None = None

    def counts(self, member: Member) -> bool:
        """Whether the SLI counts a series."""
        return _selects(self.where, member)

    def is_bad(self, member: Member) -> bool:
        """Whether a series that the SLI counts has bad events."""
        if self.bad:
            return _selects(self.bad, member)
        return bool(self.good) and not _selects(self.good, member)


#: The selectors of metrics behind one of a recorded series; of another one, itself.
Recorded = Callable[[Selector], Sequence[Selector]]


def _as_written(selector: Selector) -> Sequence[Selector]:
    return [selector]


def _selects(matchers: Iterable[Matcher], member: Member) -> bool:
    labels = dict(member.labels)
    return all(accepts((m,), labels.get(m.label, "")) for m in matchers if m.label != "le")


def failures(plans: Iterable[SloPlan], recorded: Recorded = _as_written) -> Mapping[str, Sequence[Failure]]:
    """How SLOs count metrics, by the name of the metric; of a histogram without its suffixes."""
    by_name: dict[str, list[Failure]] = {}
    for plan in plans:
        scope = service_matchers(plan.service)
        for name, failure in _of_slo(plan, scope, recorded):
            by_name.setdefault(name, []).append(failure)
    return by_name


def events(plans: Iterable[SloPlan], recorded: Recorded = _as_written) -> frozenset[str]:
    """The metrics that count all events of SLOs; of histograms without their suffixes."""
    return frozenset(
        name
        for plan in plans
        for at in ("total", "histogram")
        for selector in plan.slo.sli.selectors().get(at, ())
        for raw in recorded(selector)
        for name in (raw.metric, _base(raw.metric))
    )


def _counted(plan: SloPlan, recorded: Recorded) -> Mapping[str, Sequence[Selector]]:
    """The selectors of an SLI; what its bad events read only to be 0 without a series are not bad events."""
    selectors = {
        at: [raw for each in listed for raw in recorded(each)] for at, listed in plan.slo.sli.selectors().items()
    }
    all_events = {(each.metric, each.matchers) for each in selectors.get("total", ())}
    if len({metric for metric, _ in all_events}) > 1:
        return selectors
    for at in ("bad", "errors"):
        if own := [each for each in selectors.get(at, ()) if (each.metric, each.matchers) not in all_events]:
            selectors[at] = own
    return selectors


def _slow(bad: Sequence[Selector]) -> Iterable[tuple[Selector, float]]:
    """The buckets that bad events are not in, with their bounds: `x_count - x_bucket{le="0.5"}`."""
    for each in bad:
        bounds = [m.value for m in each.matchers if m.label == "le" and m.op == "="]
        if each.metric.endswith("_bucket") and bounds:
            with suppress(ValueError):
                yield each, float(bounds[0])


def _of_slo(plan: SloPlan, scope: Sequence[Matcher], recorded: Recorded) -> Iterable[tuple[str, Failure]]:
    sli, budget = plan.slo.sli, float(plan.slo.budget())
    selectors = _counted(plan, recorded)
    if slow := [*_slow(selectors.get("bad", ()))]:
        for selector, longest in slow:
            where = tuple(m for m in _scoped(selector, scope).matchers if m.label != "le")
            yield _base(selector.metric), Failure(where, bound=longest, budget=budget)
        return
    total = [_scoped(selector, scope) for selector in selectors.get("total", ())]
    for at in ("errors", "good", "bad"):
        for selector in selectors.get(at, ()):
            matchers = _scoped(selector, scope).matchers
            where = next((t.matchers for t in total if t.metric == selector.metric), ())
            if at == "good":
                yield selector.metric, Failure(where, good=matchers, budget=budget)
            elif "histogram" not in selectors:
                yield _base(selector.metric), Failure(where, matchers, budget=budget)
    for selector in selectors.get("histogram", ()):
        failed = tuple(m for each in selectors.get("errors", ()) for m in each.matchers)
        where, bound = _scoped(selector, scope).matchers, sli.latency_bound()
        yield selector.metric, Failure(where, failed, bound=bound, budget=budget)
    for selector in selectors.get("gauge", ()):
        if sli.gauge_sample(0, 0, is_bad=False) is not None:
            yield selector.metric, Failure(_scoped(selector, scope).matchers, budget=budget, gauge=sli)


def _scoped(selector: Selector, scope: Sequence[Matcher]) -> Selector:
    return selector.with_matchers(*scope)


def _base(name: str) -> str:
    return re.sub(r"_(?:bucket|count|sum)$", "", name) if name.endswith(("_bucket", "_count", "_sum")) else name


def is_failure_name(name: str) -> bool:
    """Whether the name of a metric says that it counts failures."""
    return bool(_NAMES.search(name.removesuffix("_total"))) and "retention" not in name


def is_status_label(label: str) -> bool:
    """Whether the values of a label are codes such as 500: `http_response_status_code` is one."""
    return label in _STATUS_LABELS or label.endswith(("_status_code", "_response_code", "_http_code", "_http_status"))


def has_failure_value(member: Member) -> bool:
    """Whether a label says that a series counts failures, such as `code="500"`."""
    for label, value in member.labels:
        if is_status_label(label) and _BAD_CODE.fullmatch(value):
            return True
        if label in _RESULTS and _BAD_RESULTS.fullmatch(value) and not (label == "error" and value == "false"):
            return not (label == "success" and value != "false")
    return False
