"""Which rules read which, and the order in which whole ranges of them can be evaluated.

A rule is evaluated over a range when all that it reads has been: also what it reads at an earlier time. Rules that read
their own results, directly or through others, are evaluated together, one time after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from obscode.artifacts.evaluation_order import may_match
from obscode.artifacts.rules import AlertingRule, Rule, RuleFile, RuleGroup
from obscode.promql import duration
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import Subquery, VectorSelector

#: The series that Prometheus writes of alerts.
ALERT_SERIES = ("ALERTS", "ALERTS_FOR_STATE")


@dataclass(frozen=True, eq=False)
class PlacedRule:
    """A rule in its group; ``interval`` is in ms."""

    rule: Rule
    group: RuleGroup
    interval: int

    @property
    def is_alert(self) -> bool:
        """Whether it is an alerting rule."""
        return isinstance(self.rule, AlertingRule)

    def may_write(self, selector: Selector) -> bool:
        """Whether a selector may match a series that the rule writes."""
        if not self.is_alert:
            return names_match(selector, self.rule.name) and may_match(selector, self.rule.labels)
        if not any(names_match(selector, name) for name in ALERT_SERIES):
            return False
        labels = {name: text for name, text in self.rule.labels.items() if "{{" not in text}
        return may_match(selector, {**labels, "alertname": self.rule.name})


@dataclass(frozen=True)
class Step:
    """Rules to evaluate together; ``is_circular`` if they read their own results."""

    rules: Sequence[PlacedRule]
    is_circular: bool


def placed_rules(files: Iterable[RuleFile], interval: str) -> list[PlacedRule]:
    """The rules of files in their order; ``interval`` is that of groups without one."""
    return [
        PlacedRule(rule, group, duration.milliseconds(group.interval or interval))
        for file in files
        for group in file.groups
        for rule in group.rules
    ]


def names_match(selector: Selector, name: str) -> bool:
    """Whether a selector may match series of a name."""
    if selector.metric:
        return selector.metric == name
    named = [matcher for matcher in selector.matchers if matcher.label == "__name__"]
    return all(matcher.matches(name) is not False for matcher in named)


@lru_cache(maxsize=16384)
def selectors(expr: str) -> tuple[Selector, ...]:
    """All selectors of an expression, each once; none of one that does not parse."""
    try:
        tree = parse_tree(expr)
    except PromQLError:
        return ()
    return tuple(dict.fromkeys(node.selector for node in tree.descendants() if isinstance(node, VectorSelector)))


@lru_cache(maxsize=16384)
def depends_on_range(expr: str) -> bool:
    """Whether the result depends on the start or the end of the evaluated range, by `@ start()` or `@ end()`."""
    try:
        nodes = parse_tree(expr).descendants()
    except PromQLError:
        return False
    return any(node.at in ("start", "end") for node in nodes if isinstance(node, VectorSelector | Subquery))


class RuleIndex:
    """The rules by the names of what they write."""

    def __init__(self, rules: Sequence[PlacedRule]) -> None:
        self.rules = rules
        self._by_name: dict[str, list[PlacedRule]] = {}
        for rule in rules:
            for name in ALERT_SERIES if rule.is_alert else (rule.rule.name,):
                self._by_name.setdefault(name, []).append(rule)

    def writers(self, selector: Selector) -> Iterator[PlacedRule]:
        """The rules that may write what a selector matches."""
        candidates = self._by_name.get(selector.metric, ()) if selector.metric else self.rules
        return (rule for rule in candidates if rule.may_write(selector))

    def read_by(self, rule: PlacedRule) -> list[PlacedRule]:
        """The rules whose results a rule reads."""
        return list(dict.fromkeys(other for each in selectors(rule.rule.expr) for other in self.writers(each)))

    def needed(self, queried: Iterable[Selector]) -> list[PlacedRule]:
        """The rules that selectors read, directly or through others, in their order."""
        waiting = [rule for selector in queried for rule in self.writers(selector)]
        known: set[PlacedRule] = set()
        while waiting:
            rule = waiting.pop()
            if rule not in known:
                known.add(rule)
                waiting += self.read_by(rule)
        return [rule for rule in self.rules if rule in known]


def steps(rules: Sequence[PlacedRule]) -> list[list[Step]]:
    """The steps of rules, in stages: a stage reads what those before it write, and no step of its own stage."""
    index = RuleIndex(rules)
    read = {rule: index.read_by(rule) for rule in rules}
    place = {rule: number for number, rule in enumerate(rules)}
    stages: dict[PlacedRule, int] = {}
    ordered: dict[int, list[Step]] = {}
    for component in _components(rules, read):
        inside = set(component)
        stage = max((stages[other] + 1 for rule in component for other in read[rule] if other not in inside), default=0)
        is_circular = len(component) > 1 or component[0] in read[component[0]]
        is_circular = is_circular or any(depends_on_range(rule.rule.expr) for rule in component)
        stages.update(dict.fromkeys(component, stage))
        ordered.setdefault(stage, []).append(Step(sorted(component, key=place.__getitem__), is_circular))
    return [ordered[stage] for stage in sorted(ordered)]


def _components(
    rules: Sequence[PlacedRule], read: Mapping[PlacedRule, Sequence[PlacedRule]]
) -> Iterator[list[PlacedRule]]:
    """The strongly connected components by Tarjan's algorithm: what is read comes before what reads it."""
    numbers: dict[PlacedRule, int] = {}
    lowest: dict[PlacedRule, int] = {}
    open_rules: dict[PlacedRule, None] = {}
    for start in rules:
        path = [] if start in numbers else [(start, iter(read[start]))]
        while path:
            rule, others = path[-1]
            if rule not in numbers:
                numbers[rule] = lowest[rule] = len(numbers)
                open_rules[rule] = None
            for other in others:
                if other not in numbers:
                    path.append((other, iter(read[other])))
                    break
                if other in open_rules:
                    lowest[rule] = min(lowest[rule], lowest[other])
            else:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[rule])
                if lowest[rule] == numbers[rule]:
                    yield list(_closed(open_rules, rule))


def _closed(open_rules: dict[PlacedRule, None], last: PlacedRule) -> Iterator[PlacedRule]:
    while True:
        rule, _ = open_rules.popitem()
        yield rule
        if rule is last:
            return
