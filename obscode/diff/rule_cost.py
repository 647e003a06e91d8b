"""What the rules that change cost, before and after: recorded series, and samples that they read each second.

Files say nothing of the number of series: a metric has a fixed number of values for each label that these rules name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.cost.expression import estimate
from obscode.cost.series_set import LabelValues, SeriesSet
from obscode.diff.rules.durations import length
from obscode.diff.rules.located import LocatedRule, located_rules
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Node, VectorSelector

#: Values of a label, seconds between scrapes, and seconds between evaluations of a group without an interval.
_VALUES, _SCRAPE, _EVALUATION = 10, 30.0, 60.0
# A rule may read what a later one records.
_PASSES = 2
#: A smaller change of samples, as a share and per second, is within the error of the estimate or costs nothing.
_LEAST_SHARE, _LEAST_SAMPLES = 0.02, 1


@dataclass(frozen=True)
class _Cost:
    series: int
    samples: float


def cost_sentences(before: Artifacts, after: Artifacts) -> list[str]:
    """A sentence if the rules that differ record another number of series, or read another number of samples."""
    old, new = _different(located_rules(before), located_rules(after))
    labels = _labels([*old, *new])
    first, second = _cost(old, labels), _cost(new, labels)
    parts = []
    if first.series != second.series:
        parts.append(f"recorded series {first.series:,} -> {second.series:,}")
    change = abs(first.samples - second.samples)
    if change >= max(_LEAST_SAMPLES, _LEAST_SHARE * max(first.samples, second.samples)):
        parts.append(f"samples read per second {first.samples:,.1f} -> {second.samples:,.1f}")
    if not parts:
        return []
    note = f"an estimate with {_VALUES} values for each label that they name"
    return [f"Cost of the rules that change: {' and '.join(parts)} ({note})."]


def _different(
    before: Sequence[LocatedRule], after: Sequence[LocatedRule]
) -> tuple[Sequence[LocatedRule], Sequence[LocatedRule]]:
    """The rules of each side that the other side does not have; copies of a rule count once."""
    old, new = (
        {(*each.identity, each.rule.expr, each.group.interval): each for each in side} for side in (before, after)
    )
    left = [each for key, each in old.items() if key not in new]
    right = [each for key, each in new.items() if key not in old]
    return left, right


def _labels(rules: Iterable[LocatedRule]) -> Mapping[str, set[str]]:
    """The labels that each metric has: those of its matchers, and those by which an expression groups or matches."""
    labels: dict[str, set[str]] = {}
    for each in rules:
        if tree := _tree(each):
            grouped = {label for node in tree.descendants() for label in _grouping(node)}
            for node in tree.descendants():
                if isinstance(node, VectorSelector):
                    own = {matcher.label for matcher in node.selector.matchers}
                    labels.setdefault(node.selector.metric, set()).update(own | grouped)
    return labels


def _grouping(node: Node) -> Iterator[str]:
    if isinstance(node, Aggregation):
        yield from node.labels
    elif isinstance(node, BinaryOperation) and node.matching and node.matching.on:
        yield from node.matching.labels


def _tree(rule: LocatedRule) -> Node | None:
    try:
        return parse_tree(rule.rule.expr)
    except PromQLError:
        return None


def _cost(rules: Sequence[LocatedRule], labels: Mapping[str, set[str]]) -> _Cost:
    recorded: dict[str, dict[int, SeriesSet]] = {}

    def series_of(selector: Selector) -> SeriesSet:
        if known := recorded.get(selector.metric):
            sets = [each.select(selector.matchers) for each in known.values()]
            return max(sets, key=lambda each: each.count)
        values = {label: LabelValues(_VALUES) for label in sorted(labels.get(selector.metric, ()))}
        return SeriesSet.product(values, _SCRAPE).select(selector.matchers)

    counts: Counter[str] = Counter()
    samples = 0.0
    for _ in range(_PASSES):
        counts.clear()
        samples = 0.0
        for number, each in enumerate(rules):
            tree = _tree(each)
            if tree is None:
                continue
            interval = length(each.group.interval) / 1000 if length(each.group.interval) > 0 else _EVALUATION
            read, result = estimate(tree, series_of, interval)
            samples += read / interval
            if not isinstance(each.rule, AlertingRule):
                counts[each.rule.name] += round(result.count)
                series = SeriesSet(result.count, result.labels, interval).with_labels(each.rule.labels)
                recorded.setdefault(each.rule.name, {})[number] = series
    return _Cost(sum(counts.values()), samples)
