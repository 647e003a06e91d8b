"""Which alerts the routes of a configuration tell apart, each class with an example of its labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from obscode.artifacts.alertmanager import Route
from obscode.diff.alertmanager.notifications import Difference
from obscode.diff.sentences import listed
from obscode.promql.label_matchers import accepts
from obscode.promql.selector import Matcher
from obscode.routing.alert_labels import AlertLabels
from obscode.routing.implication import alternatives, imply
from obscode.routing.tree import continues, matchers_of

# Texts for the parts of a regular expression, to find a value that it accepts.
_SAMPLES = (("\\.", "."), (".+", "x"), (".*", ""), ("\\d+", "1"), ("\\w+", "x"), ("[0-9]+", "1"), ("[a-z]+", "x"))
_MOST = 2000
_COMPARED = 30  # routes beside each other of which all pairs are compared
_VALUES = 20  # of a regular expression, which are classes of their own
_EXAMPLES = 50  # of a class
_OVERLAP = 1000  # the depth of a class of several routes


@dataclass(frozen=True, eq=False)
class AlertClass:
    """The alerts that match some matchers; without any, those that match no route.

    Attributes:
        matchers: in alphabetical order.
        examples: labels of such alerts, one for each value that the matchers name.
        is_route: whether it is the class of one route; else several routes together receive its alerts.
        is_general: whether that route is directly below the root, or it is the root.
    """

    matchers: tuple[Matcher, ...]
    examples: tuple[AlertLabels, ...]
    is_route: bool = True
    is_general: bool = True

    @property
    def text(self) -> str:
        """`severity="page" and team="db"`."""
        return listed(map(str, self.matchers))

    def includes(self, other: AlertClass) -> bool:
        """Whether the alerts of another class are some of these; without matchers, only the class itself is."""
        return other is self or (bool(self.matchers) and imply(other.matchers, self.matchers))


def alert_classes(*roots: Route) -> list[AlertClass]:
    """The classes of all trees; the one of the remaining alerts is the last."""
    depths: dict[tuple[Matcher, ...], int] = {}
    for root in roots:
        for matchers, depth in _matchers(root, (), 0):
            for part in (matchers, *_parts(matchers)):
                key = tuple(sorted(dict.fromkeys(part), key=str))
                depths[key] = min(depths.get(key, _OVERLAP), depth if part is matchers else max(depth, 1))
    ordered = [matchers for matchers in depths if matchers][:_MOST]
    known = ((each, _examples(each), depths[each]) for each in ordered)
    classes = [AlertClass(each, examples, d < _OVERLAP, d == 0) for each, examples, d in known if examples]
    return [*classes, AlertClass((), (AlertLabels.exactly({}),))]


def _parts(matchers: tuple[Matcher, ...]) -> Iterator[tuple[Matcher, ...]]:
    """The matchers with one value in place of a regular expression that names several."""
    for index, matcher in enumerate(matchers):
        values = alternatives(matcher) if matcher.op == "=~" else None
        if values and 1 < len(values) <= _VALUES:
            for value in values:
                yield (*matchers[:index], Matcher(matcher.label, "=", value), *matchers[index + 1 :])


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


def _examples(matchers: Sequence[Matcher]) -> tuple[AlertLabels, ...]:
    """Labels that match all matchers, one for each value that a regular expression names; none if none are known."""
    by_label: dict[str, list[Matcher]] = {}
    for matcher in matchers:
        by_label.setdefault(matcher.label, []).append(matcher)
    values: dict[str, list[str]] = {}
    for label, same in by_label.items():
        candidates = dict.fromkeys(text for matcher in same for text in _values(matcher))
        accepted = [value for value in candidates if all(accepts(matcher, value) for matcher in same)]
        if not accepted:
            return ()
        names_them = any(m.op in ("=", "=~") and alternatives(m) is not None for m in same)
        values[label] = accepted[:_VALUES] if names_them else accepted[:1]
    combined = islice(product(*values.values()), _EXAMPLES)
    return tuple(
        AlertLabels.exactly({label: value for label, value in zip(values, each, strict=True) if value})
        for each in combined
    )


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
