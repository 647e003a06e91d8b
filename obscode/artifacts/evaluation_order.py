"""The order in which rules read each other, for engines whose rules do not see results of the same evaluation.

Prometheus evaluates the rules of a group one after the other, and each sees the results of those before it. Where that
is not so, rules are put into stages: the first one reads only scraped series and earlier values, and each further one
what the stages before it record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.artifacts.rules import AlertingRule, Rule, RuleFile, RuleGroup
from obscode.promql import duration
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import Node, Subquery, VectorSelector

_MINUTE = 60_000


@dataclass(frozen=True)
class Stage:
    """The recording rules, or the alerts, of a group that can be evaluated at the same time.

    Attributes:
        group: the group in the definitions.
        rules: its rules in this stage, in their order.
        number: how many evaluations of other rules they wait for.
        part: the number of this stage among those of the group with recording rules; 0 for alerts.
        is_linked: whether a rule of another stage reads these, or the reverse.
    """

    group: RuleGroup
    rules: Sequence[Rule]
    number: int
    part: int
    is_linked: bool

    @property
    def has_alerts(self) -> bool:
        """True for a stage of alerts."""
        return isinstance(self.rules[0], AlertingRule)


def stages(file: RuleFile, interval: str) -> list[Stage]:
    """The stages of a file, first ones first; ``interval`` is that of groups without one."""
    places = [(group, rule) for group in file.groups for rule in group.rules]
    read = _read_rules(places, interval)
    numbers = _numbers(read)
    linked = {place for place, others in enumerate(read) if others} | {other for others in read for other in others}
    ordered: list[Stage] = []
    for group in file.groups:
        mine = [place for place, (other, _) in enumerate(places) if other is group]
        ordered += _stages_of(group, [(numbers[place], places[place][1], place in linked) for place in mine])
    return sorted(ordered, key=lambda stage: (stage.number, stage.has_alerts))


def _stages_of(group: RuleGroup, rules: Sequence[tuple[int, Rule, bool]]) -> Iterator[Stage]:
    """A stage for each number of recording rules, and one for all alerts, which nothing waits for."""
    records = [each for each in rules if not isinstance(each[1], AlertingRule)]
    alerts = [each for each in rules if isinstance(each[1], AlertingRule)]
    parts = [[each for each in records if each[0] == number] for number in sorted({number for number, _, _ in records})]
    for part, these in enumerate([*parts, *([alerts] if alerts else [])], 1):
        number = max(number for number, _, _ in these)
        linked = any(is_linked for _, _, is_linked in these)
        yield Stage(group, [rule for _, rule, _ in these], number, 0 if these is alerts else part, linked)


def _read_rules(places: Sequence[tuple[RuleGroup, Rule]], interval: str) -> list[set[int]]:
    """For each rule, the recording rules whose present values it reads.

    In a group, a rule reads what is before it; the result of a later rule is that of the evaluation before. A group
    with a short interval does not wait for one with a longer interval, but takes its last results.
    """
    writers: dict[str, list[int]] = {}
    for place, (_, rule) in enumerate(places):
        if not isinstance(rule, AlertingRule):
            writers.setdefault(rule.name, []).append(place)
    lengths = [duration.milliseconds(group.interval or interval) for group, _ in places]
    read: list[set[int]] = []
    for place, (group, rule) in enumerate(places):
        known = ((other, selector) for selector in _present(rule) for other in writers.get(selector.metric, ()))
        read.append(
            {
                other
                for other, selector in known
                if (other < place if places[other][0] is group else min(lengths[other], _MINUTE) <= lengths[place])
                and may_match(selector, places[other][1].labels)
            }
        )
    return read


def rules_read_before(group: RuleGroup) -> list[set[int]]:
    """For each rule of a group, the places of the rules before it whose results it reads."""
    return _read_rules([(group, rule) for rule in group.rules], "1m")


def may_match(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Whether no matcher contradicts the labels that a rule sets."""
    known = ((matcher, labels.get(matcher.label)) for matcher in selector.matchers)
    return all(matcher.matches(value) is not False for matcher, value in known if value is not None)


def _numbers(read: Sequence[set[int]]) -> list[int]:
    """The stage of each rule: one more than the last of those that it reads; a circle is cut at its first rule."""
    numbers: dict[int, int] = {}
    for start in range(len(read)):
        path = [start]
        while path:
            place = path[-1]
            waiting = [other for other in sorted(read[place]) if other not in numbers and other not in path]
            if waiting and place not in numbers:
                path.append(waiting[0])
                continue
            numbers.setdefault(place, max((numbers[other] + 1 for other in read[place] if other in numbers), default=0))
            path.pop()
    return [numbers[place] for place in range(len(read))]


def _present(rule: Rule) -> list[Selector]:
    """The selectors of an expression whose present values count, also those with a window."""
    try:
        return list(dict.fromkeys(_selectors(parse_tree(rule.expr))))
    except PromQLError:
        return []


def _selectors(node: Node) -> Iterator[Selector]:
    if isinstance(node, VectorSelector | Subquery) and (node.offset > 0 or node.at is not None):
        return
    if isinstance(node, VectorSelector):
        yield node.selector
    for child in node.children:
        yield from _selectors(child)


def seconds_between(ordered: Sequence[Stage], interval: str, longest: int) -> int:
    """The seconds from one stage to the next, so that the last stage of each group is within its interval."""
    limits = [
        duration.milliseconds(stage.group.interval or interval) // 1000 // (stage.number + 1) for stage in ordered
    ]
    return max(1, min([longest, *limits]))
