"""Metrics that count or measure a part of what another one does: hits of queries, used blocks of all blocks.

Panels in percent, and SLOs, divide one by the other. A part is never more than its whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from obscode.compiler.slo_plan import SloPlan
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Node, VectorSelector
from obscode.simulation.failures import Recorded
from obscode.simulation.families import Family, Labels, Member
from obscode.simulation.label_values import accepts, is_fixed
from obscode.simulation.levels import name_parts
from obscode.simulation.noise import between

_FINE = frozenset(["correct", "success", "successes", "successful", "ok", "good", "valid", "accurate", "healthy"])
_MOST = frozenset(["hits", "hit", "free", "available", "avail", "remaining"])
_POOR = frozenset(["mismatch", "mismatched", "null", "nulls", "wrong", "incorrect", "late", "bad"])


@dataclass(frozen=True)
class Share:
    """A part of a whole: selectors of metrics, which may be the same one with different labels."""

    part: Selector
    whole: Selector


@dataclass(frozen=True)
class Whole:
    """The series of which some are parts.

    Attributes:
        family: their metric.
        members: the series.
        parts: the number of series that are parts of them.
    """

    family: Family
    members: tuple[Member, ...]
    parts: int


def ratios(tree: Node) -> Iterator[tuple[Selector, Selector]]:
    """The dividends and divisors of an expression that read one metric each; no numbers of series."""
    if isinstance(tree, BinaryOperation) and tree.operator == "/":
        parts, wholes = _selectors(tree.left), _selectors(tree.right)
        if len(parts - wholes) == len(wholes) == 1:  # a part is 0 * whole where it has no series
            yield next(iter(parts - wholes)), next(iter(wholes))
    for child in tree.children:
        yield from ratios(child)


def _selectors(node: Node) -> frozenset[Selector]:
    """The selectors in an expression without their windows; none of an expression that counts series."""
    every = list(_walk(node))
    if any(isinstance(each, Aggregation) and each.operator in ("count", "group", "count_values") for each in every):
        return frozenset()
    selectors = [each.selector for each in every if isinstance(each, VectorSelector)]
    return frozenset(Selector(each.metric, each.matchers) for each in selectors)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def of_slos(plans: Iterable[SloPlan], recorded: Recorded) -> Iterator[tuple[Selector, Selector]]:
    """The good or bad events, and all events, of SLOs whose counters differ."""
    for plan in plans:
        selectors = plan.slo.sli.selectors()
        for at in ("good", "bad", "errors"):
            parts = [raw for each in selectors.get(at, ()) for raw in recorded(each)]
            wholes = [raw for each in selectors.get("total", ()) for raw in recorded(each)]
            if len({each.metric for each in wholes}) == 1:
                yield from ((part, wholes[0]) for part in parts)


@dataclass(frozen=True)
class Shares:
    """The shares of a project, by the name of the part, and its families."""

    by_part: Mapping[str, Sequence[Share]]
    families: Mapping[str, Family]

    @classmethod
    def of(cls, pairs: Iterable[tuple[Selector, Selector]], families: Sequence[Family]) -> Shares:
        """Those of two counters or two gauges; of a part of several wholes, the first."""
        by_name = {family.name: family for family in families}
        by_part: dict[str, list[Share]] = {}
        for part, whole in pairs:
            kinds = {by_name[each.metric].kind if each.metric in by_name else "" for each in (part, whole)}
            if kinds == {"gauge"} or (kinds == {"counter"} and part.metric != whole.metric):
                own = by_part.setdefault(part.metric, [])
                if not _reaches(by_part, whole.metric, part.metric) or part.metric == whole.metric:
                    own.append(Share(part, whole))
        return cls(by_part, by_name)

    def whole(self, family: Family, member: Member) -> Whole | None:
        """The whole of a series; None if it is no part."""
        if family.name not in self.by_part:
            return None
        key = family.name, member.labels
        if key not in self._known:
            self._known[key] = self._whole(family, member)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[str, Labels], Whole | None]:
        return {}

    def _whole(self, family: Family, member: Member) -> Whole | None:
        for share in self.by_part.get(family.name, ()):
            if not _accepts(share.part.matchers, member):
                continue
            whole = self.families[share.whole.metric]
            if whole.name == family.name and _accepts(share.whole.matchers, member):
                continue
            own = {m.label for m in (*share.part.matchers, *share.whole.matchers) if whole.name == family.name} - {
                "job"
            }
            members = [each for each in whole.members if _accepts(share.whole.matchers, each) or whole is not family]
            common = {name for name, _ in member.labels} & {k for each in members for k, _ in each.labels} - own
            wholes = [each for each in members if _agree(each, member, common)]
            if wholes:
                parts = [each for each in family.members if _accepts(share.part.matchers, each)]
                return Whole(whole, tuple(wholes), sum(_agree(each, member, common) for each in parts))
        return None


def _reaches(by_part: Mapping[str, Sequence[Share]], name: str, target: str) -> bool:
    """Whether a metric is a part of another one, or the same."""
    return name == target or any(_reaches(by_part, share.whole.metric, target) for share in by_part.get(name, ()))


def _accepts(matchers: Sequence[Matcher], member: Member) -> bool:
    return all(accepts([m], member.value(m.label)) for m in matchers if is_fixed(m))


def _agree(one: Member, other: Member, labels: Iterable[str]) -> bool:
    return all(one.value(label) == other.value(label) for label in labels)


def is_poor(name: str) -> bool:
    """Whether a part should be small, by its name."""
    return bool(_POOR & set(name_parts(name)))


def usual_share(name: str) -> float:
    """The share of the whole on a normal day, by the name of the part."""
    parts = set(name_parts(name))
    if _FINE & parts:
        return 0.97
    return (
        between(0.5, 0.75, name) if {"hits", "hit", "free", "available", "avail"} & parts else between(0.3, 0.5, name)
    )
