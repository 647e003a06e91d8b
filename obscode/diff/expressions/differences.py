"""Where two expressions differ: the smallest parts that change, and what that means for an alert."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from obscode.diff.change import Risk
from obscode.diff.expressions.difference import Difference
from obscode.diff.expressions.node_text import (
    duration_text,
    grouping_text,
    matching_text,
    node_text,
    number_text,
)
from obscode.diff.expressions.normal_form import Clause, Conditions, Operands, is_comparison, size
from obscode.diff.expressions.places import (
    HORIZON,
    PARAMETERS,
    Place,
    aggregated_place,
    argument_place,
    first_selector,
    list_place,
    operand_places,
)
from obscode.diff.expressions.selectors import duration_differences, offset_differences, selector_differences
from obscode.diff.expressions.wrappers import instant, wrapper
from obscode.promql.syntax_tree import (
    Aggregation,
    BinaryOperation,
    Call,
    Negation,
    Node,
    NumberLiteral,
    StringLiteral,
    Subquery,
    VectorSelector,
)


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
            return tuple(selector_differences(before, after, place))
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
    if operators := _other_operator(before, after):
        return (Difference("operator", *operators),)
    names = {each.operator for each in (before, after) if isinstance(each, Operands)}
    if isinstance(before, Clause) and isinstance(after, Clause):
        return _clauses(before, after, place)
    if isinstance(before, Conditions) or isinstance(after, Conditions):
        return _conditions(before, after, place)
    if len(names) == 1:
        return _operands(names.pop(), before, after, place)
    return None


def _other_operator(before: Node, after: Node) -> tuple[str, str] | None:
    """Both operators if two operations have the same operands: `a / b` and `a * b`."""
    both = [each for each in (before, after) if isinstance(each, BinaryOperation | Operands)]
    if len(both) < 2 or both[0].operator == both[1].operator:
        return None
    if sorted(map(repr, before.children)) != sorted(map(repr, after.children)):
        return None
    return both[0].operator, both[1].operator


def _numbers(before: NumberLiteral, after: NumberLiteral, place: Place) -> tuple[Difference, ...]:
    risk = place.risk(1 if after.value > before.value else -1, of_value=True)
    text = duration_text if place.what == HORIZON else number_text
    return (Difference(place.what, text(before.value), text(after.value), place.of, risk),)


def _subqueries(before: Subquery, after: Subquery, place: Place) -> Iterator[Difference]:
    yield from _differences(before.expr, after.expr, replace(place, series=0, value=0))
    yield from duration_differences("window", before.range, after.range, first_selector(before))
    if before.step != after.step:
        old, new = ("default" if each is None else duration_text(each) for each in (before.step, after.step))
        yield Difference("step", old, new, first_selector(before))
    yield from offset_differences(before.offset, after.offset, before.at, after.at, first_selector(before))


def _calls(before: Call, after: Call, place: Place) -> tuple[Difference, ...] | None:
    result: list[Difference] = []
    if before.function != after.function:
        if len(before.arguments) != len(after.arguments):
            return None
        result.append(Difference("function", f"{before.function}()", f"{after.function}()", first_selector(before)))
    old, new = before.arguments, after.arguments
    for index, (left, right) in enumerate(zip(old, new, strict=False)):
        result += _differences(left, right, argument_place(before.function, index, place))
    for text, gone in ((old[len(new) :], True), (new[len(old) :], False)):
        result += [
            Difference("argument", node_text(each) if gone else None, None if gone else node_text(each))
            for each in text
        ]
    return tuple(result)


def _aggregations(before: Aggregation, after: Aggregation, place: Place) -> tuple[Difference, ...]:
    result: list[Difference] = []
    metric = first_selector(before)
    if before.operator != after.operator:
        result.append(Difference("aggregation", before.operator, after.operator, metric))
    if grouping_text(before) != grouping_text(after):
        result += _groupings(before, after, metric)
    inner = aggregated_place(before, place)
    if before.parameter and after.parameter:
        what = PARAMETERS.get(before.operator, "parameter")
        result += _differences(before.parameter, after.parameter, Place(what, value=inner.value, of=metric))
    elif before.parameter or after.parameter:
        old_text, new_text = (node_text(each.parameter) if each.parameter else None for each in (before, after))
        result.append(Difference("parameter", old_text, new_text))
    return (*result, *_differences(before.expr, after.expr, inner))


def _groupings(before: Aggregation, after: Aggregation, metric: str) -> Iterator[Difference]:
    """Labels of `by` or `without` that are added or removed; both lists if labels are replaced."""
    removed, added = (
        [each for each in a.labels if each not in b.labels] for a, b in ((before, after), (after, before))
    )
    if before.grouping != after.grouping or not before.grouping or bool(removed) == bool(added):
        old, new = (grouping_text(each) or None for each in (before, after))
        yield Difference("grouping", old, new, metric)
        return
    what = "grouping label" if before.grouping == "by" else "label of without"
    yield from (Difference(what, each, None, metric) for each in removed)
    yield from (Difference(what, None, each, metric) for each in added)


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
    left, right = operand_places(before, place)
    result += _differences(before.left, after.left, left)
    result += _differences(before.right, after.right, right)
    return tuple(result)


def _operator(before: BinaryOperation, after: BinaryOperation, place: Place) -> Difference:
    what = "comparison" if is_comparison(before) else "operator"
    wider = {(">", ">="): 1, (">=", ">"): -1, ("<", "<="): 1, ("<=", "<"): -1}.get((before.operator, after.operator), 0)
    risk = place.risk(wider) if wider else "changed"
    return Difference(what, before.operator, after.operator, first_selector(before.left), risk, weight=1)


# --- lists of parts ----------------------------------------------------------------------------------------------


def _operands(operator: str, before: Node, after: Node, place: Place) -> tuple[Difference, ...]:
    old, new = (
        each.operands if isinstance(each, Operands) and each.operator == operator else (each,)
        for each in (before, after)
    )
    inner = list_place(operator, old, place)
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
        parts = _inside(before, instant(child, before), inner)
        if parts is not None:
            yield (wrapper(after, index, place, is_added=True), *parts)


def _unwrapped(before: Node, after: Node, place: Place) -> Iterator[tuple[Difference, ...]]:
    """The differences if ``before`` has something around ``after``."""
    if size(before) <= size(after) or isinstance(before, Operands | Conditions | Clause):
        return
    for index, (child, inner) in enumerate(_children(before, place)):
        parts = _inside(instant(child, after), after, inner)
        if parts is not None:
            yield (wrapper(before, index, place, is_added=False), *parts)


def _inside(before: Node, after: Node, place: Place) -> tuple[Difference, ...] | None:
    """The differences of what remains; None if it is mostly another expression."""
    parts = _differences(before, after, place)
    return parts if _weight(parts) <= max(size(before), size(after)) * 0.5 else None


def _children(node: Node, place: Place) -> Iterator[tuple[Node, Place]]:
    if isinstance(node, BinaryOperation):
        yield from zip(node.children, operand_places(node, place), strict=True)
    else:
        yield from ((child, Place()) for child in node.children)
