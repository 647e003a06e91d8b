"""A rule with its group and file, and what identifies it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, Rule, RuleGroup
from obscode.diff.expressions.normal_form import normal_form
from obscode.diff.expressions.token_form import token_form
from obscode.diff.rules.durations import length
from obscode.promql.errors import PromQLError
from obscode.promql.syntax_tree import Node, VectorSelector


@dataclass(frozen=True, eq=False)
class LocatedRule:
    """A rule where it stands.

    Attributes:
        rule: the rule.
        group: its group.
        file: the name of its file, without folders.
    """

    rule: Rule
    group: RuleGroup
    file: str

    @property
    def is_alert(self) -> bool:
        """Whether it is an alerting rule."""
        return isinstance(self.rule, AlertingRule)

    @property
    def kind(self) -> str:
        """`alert` or `record`."""
        return "alert" if self.is_alert else "record"

    @cached_property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """Its labels, sorted."""
        return tuple(sorted(self.rule.labels.items()))

    @property
    def identity(self) -> tuple[object, ...]:
        """Kind, name and labels."""
        return self.is_alert, self.rule.name, self.labels

    @property
    def details(self) -> tuple[object, ...]:
        """What distinguishes alerts of one name and condition."""
        rule = self.rule
        return (length(rule.for_), tuple(sorted(rule.annotations.items()))) if isinstance(rule, AlertingRule) else ()

    @cached_property
    def tree(self) -> Node | None:
        """The normal form of its expression; None if there is none."""
        try:
            return normal_form(self.rule.expr)
        except PromQLError:
            return None

    @cached_property
    def meaning(self) -> object:
        """Equal for expressions that mean the same."""
        return self.tree or token_form(self.rule.expr)

    @cached_property
    def metrics(self) -> Sequence[str]:
        """The names of the series that it reads."""
        nodes = self.tree.descendants() if self.tree else ()
        return list(dict.fromkeys(node.selector.metric for node in nodes if isinstance(node, VectorSelector)))


def located_rules(artifacts: Artifacts, without: Set[int] = frozenset()) -> list[LocatedRule]:
    """Every rule of every file, except files with these ids."""
    return [
        LocatedRule(rule, group, file.name.rpartition("/")[2])
        for file in artifacts.rule_files
        if id(file) not in without
        for group in file.groups
        for rule in group.rules
    ]


class Titles:
    """What a sentence calls a rule: its name, with the labels by which it differs from others of its side."""

    def __init__(self, rules: Iterable[LocatedRule]) -> None:
        self._labels: dict[tuple[str, str], list[Mapping[str, str]]] = {}
        for each in rules:
            self._labels.setdefault((each.kind, each.rule.name), []).append(dict(each.labels))

    def name(self, rule: LocatedRule) -> str:
        """`HighErrors`, or `HighErrors{severity="page"}` if there are others."""
        labels = ",".join(f'{label}="{rule.rule.labels[label]}"' for label in self._distinctive(rule))
        return f"{rule.rule.name}{{{labels}}}" if labels else rule.rule.name

    def title(self, rule: LocatedRule) -> str:
        """`Alert HighErrors`."""
        return f"{rule.kind.capitalize()} {self.name(rule)}"

    def _distinctive(self, rule: LocatedRule) -> Iterator[str]:
        """The labels by which a rule differs from the others of its name; fewest first."""
        others = [labels for labels in self._labels.get((rule.kind, rule.rule.name), ()) if labels != dict(rule.labels)]
        own = dict(rule.labels)
        while others:
            counts = Counter(
                label
                for label, value in own.items()
                if "{{" not in value
                for each in others
                if each.get(label) != value
            )
            if not counts:
                return
            label = min(counts, key=lambda each: (-counts[each], each != "severity", each))
            yield label
            others = [each for each in others if each.get(label) == own.pop(label, None)] if label in own else []
