"""Which alerts the routes of a configuration tell apart, each class with an example of its labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from obscode.artifacts.alertmanager import Route
from obscode.diff.alertmanager.notifications import Difference
from obscode.diff.sentences import listed
from obscode.promql.label_matchers import accepts
from obscode.promql.selector import Matcher
from obscode.routing.alert_labels import AlertLabels
from obscode.routing.implication import alternatives
from obscode.routing.tree import continues, matchers_of

# Texts for the parts of a regular expression, to find a value that it accepts.
_SAMPLES = (("\\.", "."), (".+", "x"), (".*", ""), ("\\d+", "1"), ("\\w+", "x"), ("[0-9]+", "1"), ("[a-z]+", "x"))
_MOST = 2000
_COMPARED = 30  # routes beside each other of which all pairs are compared
_OVERLAP = 1000  # the depth of a class of several routes


@dataclass(frozen=True, eq=False)
class AlertClass:
    """The alerts that match some matchers; without any, those that match no route.

    Attributes:
        matchers: in alphabetical order.
        labels: those of an example.
        is_route: whether it is the class of one route; else several routes together receive its alerts.
        is_general: whether that route is directly below the root, or it is the root.
    """

    matchers: tuple[Matcher, ...]
    labels: AlertLabels
    is_route: bool = True
    is_general: bool = True

    @property
    def text(self) -> str:
        """`severity="page" and team="db"`."""
        return listed(map(str, self.matchers))

    def includes(self, other: AlertClass) -> bool:
        """Whether the alerts of another class are some of these; without matchers, only the class itself is."""
        return other is self or (bool(self.matchers) and {*self.matchers} <= {*other.matchers})


def alert_classes(*roots: Route) -> list[AlertClass]:
    """The classes of all trees; the one of the remaining alerts is the last."""
    depths: dict[tuple[Matcher, ...], int] = {}
    for root in roots:
        for matchers, depth in _matchers(root, (), 0):
            key = tuple(sorted(dict.fromkeys(matchers), key=str))
            depths[key] = min(depths.get(key, _OVERLAP), depth)
    ordered = [matchers for matchers in depths if matchers][:_MOST]
    examples = ((each, _example(each), depths[each]) for each in ordered)
    classes = [AlertClass(each, labels, d < _OVERLAP, d == 0) for each, labels, d in examples if labels is not None]
    return [*classes, AlertClass((), AlertLabels.exactly({}))]


def without_special_cases(changed: Mapping[AlertClass, Difference]) -> list[AlertClass]:
    """The classes that change, without those that change as a larger one does, or because two of them overlap."""

    def is_special(each: AlertClass) -> bool:
        larger = (other for other in changed if other is not each and other.includes(each))
        return any(not each.is_route or changed[other].general == changed[each].general for other in larger)

    return [each for each in changed if not is_special(each)]


def _matchers(route: Route, above: tuple[Matcher, ...], depth: int) -> Iterator[tuple[tuple[Matcher, ...], int]]:
    """The matchers of each route with those above it and its depth, and of two that an alert may match."""
    before: list[tuple[Matcher, ...]] = []
    for child in route.routes:
        own = (*above, *matchers_of(child))
        yield own, depth
        yield from _matchers(child, own, depth + 1)
        yield from (((*own, *other), _OVERLAP) for other in before)
        if continues(child) or len(route.routes) <= _COMPARED:
            before.append(own)


def _example(matchers: Sequence[Matcher]) -> AlertLabels | None:
    """Labels that match all matchers; None where none are known."""
    by_label: dict[str, list[Matcher]] = {}
    for matcher in matchers:
        by_label.setdefault(matcher.label, []).append(matcher)
    values: dict[str, str] = {}
    for label, same in by_label.items():
        candidates = [text for matcher in same for text in _values(matcher)]
        value = next((v for v in candidates if all(accepts(matcher, v) for matcher in same)), None)
        if value is None:
            return None
        if value:
            values[label] = value
    return AlertLabels.exactly(values)


def _values(matcher: Matcher) -> Iterator[str]:
    """Values that a matcher may accept."""
    if matcher.op in ("!=", "!~"):
        yield from ("", "other", "x")
        return
    if (listed_values := alternatives(matcher)) is not None:
        yield from listed_values
        return
    texts = [matcher.value.strip("^$")]
    for part, sample in _SAMPLES:
        texts = [each.replace(part, sample) for each in texts]
    for text in texts:
        inner = text.replace("(?:", "(").replace("(?i)", "")
        yield from (prefix.strip("()?") for prefix, _ in product(inner.split("|"), range(1)))
        yield inner.replace("(", "").replace(")", "").partition("|")[0].replace("?", "")
    yield from ("x", "1", "a", "test", "")
