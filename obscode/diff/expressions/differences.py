"""Where two expressions differ: the smallest parts that change, and what that means for an alert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from obscode.diff.change import Risk
from obscode.diff.expressions.node_text import (
    aggregation_text,
    duration_text,
    grouping_text,
    matching_text,
    node_text,
    number_text,
    operator_text,
)
from obscode.diff.expressions.normal_form import COMPARISONS, Clause, Conditions, Operands, is_comparison, size
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import (
    Aggregation,
    At,
    BinaryOperation,
    Call,
    Negation,
    Node,
    NumberLiteral,
    StringLiteral,
    Subquery,
    VectorSelector,
)


class Difference(NamedTuple):
    """A part that differs; None where it is absent.

    Attributes:
        what: the kind of the part: `threshold`, `window`, `matcher`.
        before: its text before.
        after: its text after.
        of: the metric that it belongs to, or empty.
        risk: what it means for an alert.
        weight: how much of the expression it is, in parts of a tree.
    """

    what: str
    before: str | None
    after: str | None
    of: str = ""
    risk: Risk = "changed"
    weight: float = 1


@dataclass(frozen=True)
class Place:
    """Where a part stands in the condition of an alert.

    Attributes:
        what: the name of a number here: `threshold`, `factor`.
        series: 1 if the alert fires for more when there are more series here, -1 for less, 0 if that is unknown.
        value: the same for a larger value.
        is_summed: more series here are a larger value, and not more series of the alert.
        of: the metric that a number is compared with.
    """

    what: str = "number"
    series: int = 0
    value: int = 0
    is_summed: bool = False
    of: str = ""

    def risk(self, direction: int, of_value: bool = False) -> Risk:
        """What more (1) or less (-1) here means."""
        sign = direction * (self.value if of_value else self.series)
        return "stricter" if sign > 0 else "weaker" if sign < 0 else "changed"


#: The condition of an alert, and the expression of a record or a panel.
CONDITION, VALUES = Place(series=1), Place()

_HORIZON = "horizon"  # a number of seconds
# What a numeric argument is called, by function and place.
_ARGUMENTS: Mapping[tuple[str, int], str] = {
    ("histogram_quantile", 0): "quantile",
    ("quantile_over_time", 0): "quantile",
    ("predict_linear", 1): _HORIZON,
    ("clamp_min", 1): "minimum",
    ("clamp_max", 1): "maximum",
    ("clamp", 1): "minimum",
    ("clamp", 2): "maximum",
    ("round", 1): "resolution",
    ("vector", 0): "value",
}
_MONOTONE = frozenset(("argument", "quantile", "minimum", "maximum", "value"))
_PARAMETERS = {"quantile": "quantile", "topk": "k", "bottomk": "k", "limitk": "k", "limit_ratio": "ratio"}
# More of their input is more of their result, for what is not negative.
_GROWING = frozenset(
    (
        *("rate", "irate", "increase", "delta", "deriv", "histogram_quantile", "predict_linear"),
        *("sum_over_time", "avg_over_time", "max_over_time", "min_over_time", "last_over_time", "quantile_over_time"),
        *("ceil", "floor", "round", "abs", "clamp_min", "clamp_max", "sqrt", "ln", "log2", "log10", "exp"),
        *("label_replace", "label_join", "sort", "sort_desc", "vector", "scalar"),
    )
)
_GROWING_AGGREGATIONS = frozenset(("sum", "avg", "max", "min", "quantile"))


def differences(before: Node, after: Node, place: Place) -> Sequence[Difference]:
    """The smallest differences of two normal forms; the whole expression if they have little in common."""
    if before == after:
        return ()
    parts = _differences(before, after, place)
    if len(parts) > 1 and sum(each.weight for each in parts) > max(size(before), size(after)) * 0.75:
        return _replaced(before, after)
    return parts


@lru_cache(maxsize=2**12)
def _differences(before: Node, after: Node, place: Place) -> tuple[Difference, ...]:
    if before == after:
        return ()
    candidates = [_same_kind(before, after, place), *_wrapped(before, after, place), *_unwrapped(before, after, place)]
    known = [each for each in candidates if each is not None]
    return min(known, key=_weight) if known else _replaced(before, after)


def _weight(parts: Sequence[Difference]) -> float:
    return sum(each.weight for each in parts)


def _replaced(before: Node, after: Node) -> tuple[Difference, ...]:
    return (Difference("expression", node_text(before), node_text(after), weight=(size(before) + size(after)) / 2),)


# --- parts of one kind -------------------------------------------------------------------------------------------


def _same_kind(before: Node, after: Node, place: Place) -> tuple[Difference, ...] | None:
    """The differences of two nodes of one kind; None for others, and where little is the same."""
    match before, after:
        case NumberLiteral(), NumberLiteral():
            return _numbers(before, after, place)
        case StringLiteral(), StringLiteral():
            return (Difference("string", node_text(before), node_text(after)),)
        case VectorSelector(), VectorSelector():
            return tuple(_selectors(before, after, place))
        case Subquery(), Subquery():
            return tuple(_subqueries(before, after, place))
        case Call(), Call():
            return _calls(before, after, place)
        case Aggregation(), Aggregation():
            return _aggregations(before, after, place)
        case Negation(), Negation():
            return _differences(before.expr, after.expr, replace(place, value=-place.value))
        case BinaryOperation(), BinaryOperation():
            return _operations(before, after, place)
    return _lists(before, after, place)


def _lists(before: Node, after: Node, place: Place) -> tuple[Difference, ...] | None:
    operators = {each.operator for each in (before, after) if isinstance(each, Operands)}
    if isinstance(before, Clause) and isinstance(after, Clause):
        return _clauses(before, after, place)
    if isinstance(before, Conditions) or isinstance(after, Conditions):
        return _conditions(before, after, place)
    if len(operators) == 1:
        return _operands(operators.pop(), before, after, place)
    return None


def _numbers(before: NumberLiteral, after: NumberLiteral, place: Place) -> tuple[Difference, ...]:
    risk = place.risk(1 if after.value > before.value else -1, of_value=True)
    text = duration_text if place.what == _HORIZON else number_text
    return (Difference(place.what, text(before.value), text(after.value), place.of, risk),)


def _selectors(before: VectorSelector, after: VectorSelector, place: Place) -> Iterator[Difference]:
    old, new = before.selector, after.selector
    if old.metric != new.metric:
        yield Difference("metric", old.metric or "(any)", new.metric or "(any)", weight=2)
    yield from _matchers(old, new, place)
    yield from _optional("window", old.window, new.window, old.metric)
    yield from _offsets(before.offset, after.offset, before.at, after.at, old.metric)


def _matchers(old: Selector, new: Selector, place: Place) -> Iterator[Difference]:
    removed = [each for each in old.matchers if each not in new.matchers]
    added = [each for each in new.matchers if each not in old.matchers]
    fewer = place.risk(-1, of_value=place.is_summed)
    more = place.risk(1, of_value=place.is_summed)
    for matcher in removed:
        if other := next((each for each in added if each.label == matcher.label), None):
            added.remove(other)
            is_wider = _is_wider(matcher, other)
            risk: Risk = "changed" if is_wider is None else more if is_wider else fewer
            yield Difference("matcher", str(matcher), str(other), old.metric, risk)
        else:
            yield Difference("matcher", str(matcher), None, old.metric, more)
    for matcher in added:
        yield Difference("matcher", None, str(matcher), new.metric, fewer)


def _is_wider(before: Matcher, after: Matcher) -> bool | None:
    """Whether the second accepts all that the first does; False if it is the reverse, None if that is unknown."""
    if before.op == "=" and after.op == "=~" and after.matches(before.value):
        return True
    if before.op == "=~" and after.op == "=" and before.matches(after.value):
        return False
    if before.op == after.op and before.op in ("=~", "!~"):
        old, new = set(before.value.split("|")), set(after.value.split("|"))
        if old < new or new < old:
            return (old < new) == (before.op == "=~")
    return None


def _optional(what: str, before: float, after: float, of: str) -> Iterator[Difference]:
    if before != after:
        old, new = (duration_text(each) if each else None for each in (before, after))
        yield Difference(what, old, new, of)


def _offsets(before: float, after: float, at: At, other: At, of: str) -> Iterator[Difference]:
    yield from _optional("offset", before, after, of)
    if at != other:
        old, new = (None if each is None else f"@ {each}" for each in (at, other))
        yield Difference("time", old, new, of)


def _subqueries(before: Subquery, after: Subquery, place: Place) -> Iterator[Difference]:
    yield from _differences(before.expr, after.expr, replace(place, series=0, value=0))
    yield from _optional("window", before.range, after.range, _metric(before))
    if before.step != after.step:
        old, new = ("default" if each is None else duration_text(each) for each in (before.step, after.step))
        yield Difference("step", old, new, _metric(before))
    yield from _offsets(before.offset, after.offset, before.at, after.at, _metric(before))


def _calls(before: Call, after: Call, place: Place) -> tuple[Difference, ...] | None:
    result: list[Difference] = []
    if before.function != after.function:
        if len(before.arguments) != len(after.arguments):
            return None
        result.append(Difference("function", f"{before.function}()", f"{after.function}()", _metric(before)))
    old, new = before.arguments, after.arguments
    for index, (left, right) in enumerate(zip(old, new, strict=False)):
        result += _differences(left, right, _argument(before.function, index, place))
    for text, gone in ((old[len(new) :], True), (new[len(old) :], False)):
        result += [
            Difference("argument", node_text(each) if gone else None, None if gone else node_text(each))
            for each in text
        ]
    return tuple(result)


def _argument(function: str, index: int, place: Place) -> Place:
    """The place of an argument of a function."""
    what = _ARGUMENTS.get((function, index), "argument")
    if function in ("absent", "absent_over_time"):
        return Place(what, series=-place.series)
    value = place.value if function in _GROWING and what in _MONOTONE else 0
    return replace(place, what=what, value=value, of="")


def _aggregations(before: Aggregation, after: Aggregation, place: Place) -> tuple[Difference, ...]:
    result: list[Difference] = []
    metric = _metric(before)
    if before.operator != after.operator:
        result.append(Difference("aggregation", before.operator, after.operator, metric))
    if grouping_text(before) != grouping_text(after):
        old, new = (grouping_text(each) or None for each in (before, after))
        result.append(Difference("grouping", old, new, metric))
    inner = _aggregated(before, place)
    if before.parameter and after.parameter:
        what = _PARAMETERS.get(before.operator, "parameter")
        result += _differences(before.parameter, after.parameter, Place(what, value=inner.value, of=metric))
    elif before.parameter or after.parameter:
        old_text, new_text = (node_text(each.parameter) if each.parameter else None for each in (before, after))
        result.append(Difference("parameter", old_text, new_text))
    return (*result, *_differences(before.expr, after.expr, inner))


def _aggregated(node: Aggregation, place: Place) -> Place:
    if node.operator in ("sum", "count"):
        return replace(place, is_summed=True, series=0, value=place.value)
    return replace(place, series=0, value=place.value if node.operator in _GROWING_AGGREGATIONS else 0)


def _operations(before: BinaryOperation, after: BinaryOperation, place: Place) -> tuple[Difference, ...] | None:
    if is_comparison(before) != is_comparison(after):
        return None
    result: list[Difference] = []
    if before.operator != after.operator:
        result.append(_operator(before, after, place))
    if before.matching != after.matching:
        old, new = (matching_text(each.matching) or None for each in (before, after))
        result.append(Difference("matching", old, new))
    if before.returns_bool != after.returns_bool:
        old, new = ("bool" if each.returns_bool else None for each in (before, after))
        result.append(Difference("modifier", old, new))
    left, right = _sides(before, place)
    result += _differences(before.left, after.left, left)
    result += _differences(before.right, after.right, right)
    return tuple(result)


def _operator(before: BinaryOperation, after: BinaryOperation, place: Place) -> Difference:
    what = "comparison" if is_comparison(before) else "operator"
    wider = {(">", ">="): 1, (">=", ">"): -1, ("<", "<="): 1, ("<=", "<"): -1}.get((before.operator, after.operator), 0)
    risk = place.risk(wider) if wider else "changed"
    return Difference(what, before.operator, after.operator, _metric(before.left), risk, weight=1)


def _sides(node: BinaryOperation, place: Place) -> tuple[Place, Place]:
    """The places of both operands."""
    metric = _metric(node.left)
    if node.operator in COMPARISONS:
        up = {">": 1, ">=": 1, "<": -1, "<=": -1}.get(node.operator, 0) * place.series
        left = replace(place, what="number", value=up, is_summed=False, of="")
        return left, Place("threshold", value=-up, of=metric)
    growing = {"+": (1, 1), "*": (1, 1), "-": (1, -1), "/": (1, -1)}.get(node.operator, (0, 0))
    what = {"*": "factor", "/": "divisor", "^": "exponent", "%": "divisor", "-": "number"}.get(node.operator, "number")
    # A number keeps the name that it has as a whole: in `> 2 * x`, 2 is a factor.
    left, right = (Place(what, 0, place.value * sign, place.is_summed, metric) for sign in growing)
    if isinstance(node.right, NumberLiteral):
        left = replace(left, series=place.series)
    return left, right


# --- lists of parts ----------------------------------------------------------------------------------------------


def _operands(operator: str, before: Node, after: Node, place: Place) -> tuple[Difference, ...]:
    old, new = (
        each.operands if isinstance(each, Operands) and each.operator == operator else (each,)
        for each in (before, after)
    )
    inner = _operand_place(operator, old, place)
    what = {"or": "alternative", "+": "term", "*": "factor"}[operator]
    if operator == "or" and sorted(map(repr, old)) == sorted(map(repr, new)):
        return (Difference("order of or", node_text(before), node_text(after)),)
    more = place.risk(1) if operator == "or" else place.risk(1, of_value=True) if operator == "+" else "changed"
    less: Risk = {"stricter": "weaker", "weaker": "stricter"}.get(more, "changed")  # type: ignore[assignment]
    pairs, removed, added = _aligned(old, new, inner)
    result = [part for left, right in pairs for part in _differences(left, right, inner)]
    word = "or " if operator == "or" else ""
    result += [Difference(what, word + node_text(each), None, "", less, size(each)) for each in removed]
    result += [Difference(what, None, word + node_text(each), "", more, size(each)) for each in added]
    return tuple(result)


def _operand_place(operator: str, operands: Sequence[Node], place: Place) -> Place:
    if operator == "or":
        return place
    metric = next((text for each in operands if (text := _metric(each))), "")
    has_vectors = sum(not isinstance(each, NumberLiteral) for each in operands) > 1
    series = 0 if has_vectors else place.series
    return Place("factor" if operator == "*" else "number", series, place.value, place.is_summed, metric)


def _conditions(before: Node, after: Node, place: Place) -> tuple[Difference, ...]:
    (old, old_clauses), (new, new_clauses) = _parts(before), _parts(after)
    pairs, removed, added = _aligned(old_clauses, new_clauses, place)
    result = [*_differences(old, new, place)]
    result += [part for left, right in pairs for part in _differences(left, right, place)]
    result += [Difference("condition", node_text(each), None, "", place.risk(1), size(each)) for each in removed]
    result += [Difference("condition", None, node_text(each), "", place.risk(-1), size(each)) for each in added]
    return tuple(result)


def _parts(node: Node) -> tuple[Node, Sequence[Node]]:
    return (node.filtered, node.clauses) if isinstance(node, Conditions) else (node, ())


def _clauses(before: Clause, after: Clause, place: Place) -> tuple[Difference, ...]:
    result: list[Difference] = []
    if before.operator != after.operator:
        return (Difference("condition", node_text(before), node_text(after), weight=size(before)),)
    if before.matching != after.matching:
        old, new = (matching_text(each.matching) or None for each in (before, after))
        result.append(Difference("matching", old, new))
    inner = place if before.operator == "and" else replace(place, series=-place.series)
    return (*result, *_differences(before.condition, after.condition, inner))


def _aligned(
    old: Sequence[Node], new: Sequence[Node], place: Place
) -> tuple[list[tuple[Node, Node]], list[Node], list[Node]]:
    """The operands that are the same or similar, those that only the first list has, and those of the second."""
    removed, added = list(old), list(new)
    for node in old:
        if node in added:
            added.remove(node)
            removed.remove(node)
    scores = [
        (weight, old_index, new_index)
        for old_index, left in enumerate(removed)
        for new_index, right in enumerate(added)
        if (weight := _weight(_differences(left, right, place))) < max(size(left), size(right)) * 0.6
        or (isinstance(left, NumberLiteral) and isinstance(right, NumberLiteral))
    ]
    pairs: dict[int, int] = {}
    for _, left_index, right_index in sorted(scores):
        if left_index not in pairs and right_index not in pairs.values():
            pairs[left_index] = right_index
    matched = [(removed[left], added[right]) for left, right in sorted(pairs.items())]
    return (
        matched,
        [node for index, node in enumerate(removed) if index not in pairs],
        [node for index, node in enumerate(added) if index not in pairs.values()],
    )


# --- what stands around a part -----------------------------------------------------------------------------------


def _wrapped(before: Node, after: Node, place: Place) -> Iterator[tuple[Difference, ...]]:
    """The differences if ``after`` has something around ``before``."""
    if size(after) <= size(before) or isinstance(after, Operands | Conditions | Clause):
        return
    for index, (child, inner) in enumerate(_children(after, place)):
        parts = _inside(before, _instant(child, before), inner)
        if parts is not None:
            yield (_wrapper(after, index, place, is_added=True), *parts)


def _unwrapped(before: Node, after: Node, place: Place) -> Iterator[tuple[Difference, ...]]:
    """The differences if ``before`` has something around ``after``."""
    if size(before) <= size(after) or isinstance(before, Operands | Conditions | Clause):
        return
    for index, (child, inner) in enumerate(_children(before, place)):
        parts = _inside(_instant(child, after), after, inner)
        if parts is not None:
            yield (_wrapper(before, index, place, is_added=False), *parts)


def _instant(node: Node, other: Node) -> Node:
    """A part without its window, which belongs to the function around it, if the other part has none."""
    match node, other:
        case VectorSelector(), VectorSelector() if not other.selector.window:
            return replace(node, selector=replace(node.selector, window=0))
        case Subquery(), _ if not isinstance(other, Subquery):
            return node.expr
    return node


def _inside(before: Node, after: Node, place: Place) -> tuple[Difference, ...] | None:
    """The differences of what remains; None if it is mostly another expression."""
    parts = _differences(before, after, place)
    return parts if _weight(parts) <= max(size(before), size(after)) * 0.5 else None


def _children(node: Node, place: Place) -> Iterator[tuple[Node, Place]]:
    if isinstance(node, BinaryOperation):
        yield from zip(node.children, _sides(node, place), strict=True)
    else:
        yield from ((child, Place()) for child in node.children)


def _wrapper(node: Node, index: int, place: Place, *, is_added: bool) -> Difference:
    """What stands around a child, as an addition or a removal."""
    what, text, weight = "operation", "", 1.0
    risk: Risk = "changed"
    match node:
        case Call():
            what, text = "function", f"{node.function}(){_window(node.arguments[index])}"
        case Aggregation():
            what, text = "aggregation", aggregation_text(node)
        case Negation():
            what, text = "sign", "-"
        case Subquery():
            what, text = "subquery", f"[{duration_text(node.range)}:]"
        case BinaryOperation():
            other = node.children[1 - index]
            weight += size(other)
            operand = node_text(other)
            text = f"{operator_text(node)} {operand}" if index == 0 else f"{operand} {operator_text(node)}"
            if is_comparison(node) and index == 0:
                what, risk = "threshold", place.risk(-1 if is_added else 1)
    before, after = (None, text) if is_added else (text, None)
    return Difference(what, before, after, "", risk, weight)


def _window(node: Node) -> str:
    """` over 5m` for a range vector."""
    match node:
        case VectorSelector() if node.selector.window:
            return f" over {duration_text(node.selector.window)}"
        case Subquery():
            return f" over {duration_text(node.range)}"
    return ""


def _metric(node: Node) -> str:
    """The first metric of a part."""
    return next((each.selector.metric for each in node.descendants() if isinstance(each, VectorSelector)), "")
