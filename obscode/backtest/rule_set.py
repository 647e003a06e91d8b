"""The rules of one version: which rules an alert reads, in which order they are computed, and what makes them equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from obscode.artifacts.evaluation_order import may_match
from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule, RuleFile, RuleGroup
from obscode.promql import duration
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_tree
from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import Node, Subquery, VectorSelector
from obscode.promql.tokens import code_tokens

_OF_ALERTS = ("ALERTS", "ALERTS_FOR_STATE")


@dataclass(frozen=True)
class Place:
    """A rule and where it stands."""

    rule: Rule
    group: RuleGroup
    file: RuleFile
    index: int

    @property
    def key(self) -> int:
        """Equal for the same rule of the same version only."""
        return id(self.rule)

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels that the rule sets, with those of its group."""
        return {**dict(self.group.settings.get("labels") or {}), **self.rule.labels}


@dataclass(frozen=True)
class Read:
    """A selector of a rule; ``reach`` is how far back in milliseconds it reads from the time of the evaluation.

    ``reach`` is None where it cannot be bounded, as with `@`.
    """

    selector: Selector
    reach: int | None


class RuleSet:
    """The rules of one version of a project, or of some files.

    ``interval`` is that of groups without one, ``lookback`` how old a sample of an instant selector may be, both in
    milliseconds.
    """

    def __init__(self, files: Sequence[RuleFile], interval: int, lookback: int) -> None:
        self.interval, self.lookback = interval, lookback
        self.places = [
            Place(rule, group, file, index)
            for file in files
            for group in file.groups
            for index, rule in enumerate(group.rules)
        ]

    @cached_property
    def _writers(self) -> Mapping[str, Sequence[Place]]:
        writers: dict[str, list[Place]] = {}
        for place in self.places:
            names = _OF_ALERTS if isinstance(place.rule, AlertingRule) else (place.rule.name,)
            for name in names:
                writers.setdefault(name, []).append(place)
        return writers

    def alerts(self) -> Iterator[Place]:
        """The alerts, in the order of the files."""
        return (place for place in self.places if isinstance(place.rule, AlertingRule))

    def interval_of(self, place: Place) -> int:
        """The interval of a rule's group in milliseconds."""
        return duration.milliseconds(place.group.interval) if place.group.interval else self.interval

    def writers(self, selector: Selector) -> Sequence[Place]:
        """The rules whose results a selector may select."""
        return [
            place for place in self._writers.get(selector.metric, ()) if may_match(selector, _static(_written(place)))
        ]

    def inputs(self, place: Place) -> Sequence[tuple[Place, Read]]:
        """The rules that a rule reads."""
        return [(writer, read) for read in self.reads(place) for writer in self.writers(read.selector)]

    def reads(self, place: Place) -> Sequence[Read]:
        """The selectors of a rule."""
        return reads(place.rule.expr, self.lookback)

    def in_order(self, targets: Sequence[Place]) -> tuple[Sequence[Place], Sequence[Sequence[Place]]]:
        """The rules that some rules read, with them, readers last; and the circles among them."""
        ordered: dict[int, Place] = {}
        circles: list[Sequence[Place]] = []
        for target in targets:
            self._visit(target, [], ordered, circles)
        return list(ordered.values()), circles

    def _visit(
        self, place: Place, path: list[Place], ordered: dict[int, Place], circles: list[Sequence[Place]]
    ) -> None:
        keys = [other.key for other in path]
        if place.key in keys:
            circles.append(path[keys.index(place.key) :])
            return
        if place.key in ordered:
            return
        for writer, _ in self.inputs(place):
            self._visit(writer, [*path, place], ordered, circles)
        ordered[place.key] = place

    def digest(self, place: Place) -> int:
        """Equal for two rules whose results are equal: of the same text, over rules with equal results."""
        ordered = [place] if place.key in self._digests else self.in_order([place])[0]
        for each in ordered:
            if each.key not in self._digests:
                below = {self._digests[writer.key] for writer, _ in self.inputs(each) if writer.key in self._digests}
                own = _own_digest(each, self.interval_of(each))
                self._digests[each.key] = hash((own, tuple(sorted(below))))
        return self._digests[place.key]

    @cached_property
    def _digests(self) -> dict[int, int]:
        return {}


def _own_digest(place: Place, interval: int) -> tuple[object, ...]:
    rule = place.rule
    lengths = (rule.for_ or "0s", rule.keep_firing_for or "0s") if isinstance(rule, AlertingRule) else ()
    return (
        type(rule).__name__,
        rule.name,
        expression_key(rule.expr),
        tuple(sorted(place.labels.items())),
        tuple(duration.milliseconds(text) for text in lengths),
        interval,
        str(place.group.settings.get("query_offset", "")),
        str(place.group.settings.get("limit", "")),
    )


def expression_key(expr: str) -> object:
    """Equal for expressions that mean the same."""
    try:
        return parse_tree(expr)
    except PromQLError:
        return tuple(token.text for token in code_tokens(expr))


def _written(place: Place) -> Mapping[str, str]:
    if isinstance(place.rule, RecordingRule):
        return place.labels
    return {**place.labels, "alertname": place.rule.name}


def _static(labels: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in labels.items() if "{{" not in value}


def reads(expr: str, lookback: int) -> Sequence[Read]:
    """The selectors of an expression; those of syntax without a tree have no bound."""
    try:
        return list(dict.fromkeys(_reads(parse_tree(expr), 0, lookback)))
    except PromQLError:
        pass
    try:
        return [Read(selector, None) for selector in parse(expr).selectors]
    except PromQLError:
        return []


def _reads(node: Node, before: int | None, lookback: int) -> Iterator[Read]:
    if isinstance(node, VectorSelector):
        window = round(node.selector.window * 1000) or lookback
        yield Read(node.selector, _further(before, node.offset, node.at, window))
    elif isinstance(node, Subquery):
        step = round((node.step or 0) * 1000)
        before = _further(before, node.offset, node.at, round(node.range * 1000) + step)
    for child in node.children:
        yield from _reads(child, before, lookback)


def _further(before: int | None, offset: float, at: object, window: int) -> int | None:
    return None if before is None or at is not None else before + max(0, round(offset * 1000)) + window
