"""What changes in an expression, by its meaning: thresholds, windows, matchers, labels, functions, conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.diff.change import Edit
from obscode.diff.expressions.difference import Difference
from obscode.diff.expressions.differences import differences
from obscode.diff.expressions.holders import holder_text
from obscode.diff.expressions.normal_form import normal_form
from obscode.diff.expressions.panel_queries import with_variables
from obscode.diff.expressions.places import CONDITION, VALUES, Place
from obscode.diff.expressions.token_form import token_form
from obscode.diff.sentences import quoted_pair
from obscode.promql.errors import PromQLError
from obscode.promql.syntax_tree import Node

__all__ = ["condition_edits", "expression_edits", "query_edits"]


def expression_edits(before: str, after: str) -> list[Edit]:
    """What changes in an expression of a record; none if both mean the same."""
    return _edits(before, after, VALUES)


def condition_edits(before: str, after: str) -> list[Edit]:
    """What changes in the condition of an alert, with the direction where it is certain."""
    return _edits(before, after, CONDITION)


def query_edits(before: str, after: str) -> list[Edit]:
    """What changes in a query of a panel, in which Grafana variables may stand."""
    return with_variables(before, after, expression_edits)


def _edits(before: str, after: str, place: Place) -> list[Edit]:
    if before == after:
        return []
    try:
        old, new = normal_form(before), normal_form(after)
    except PromQLError:
        return _token_edits(before, after)
    parts = _certain(differences(old, new, place))
    return list(_named(parts, old))


def _token_edits(before: str, after: str) -> list[Edit]:
    """Of expressions that have no tree: other spaces and comments are no change."""
    if token_form(before) == token_form(after):
        return []
    return [Edit("expression", *quoted_pair(before, after))]


def _named(parts: Sequence[Difference], old: Node) -> Iterator[Edit]:
    """An edit for each different difference, with its metric where several parts have the same value."""
    groups: dict[tuple[str, str | None, str | None], list[Difference]] = {}
    for part in parts:
        groups.setdefault((part.what, part.before, part.after), []).append(part)
    for (what, before, after), same in groups.items():
        yield _edit(what, before, after, same, holder_text(same, old))


# Parts that are PromQL, and parts that change the values that a threshold is compared with.
_CODE = frozenset(("condition", "alternative", "order of or", "term", "operation"))
_SCALE = frozenset(
    (
        *("function", "aggregation", "factor", "divisor", "number", "exponent"),
        *("metric", "operator", "operation", "window", "expression", "term"),
    )
)


def _edit(what: str, before: str | None, after: str | None, same: Sequence[Difference], of: str) -> Edit:
    if what == "expression" and before is not None and after is not None:
        before, after = quoted_pair(before, after)
    elif what in _CODE:
        before, after = (text and f"`{text}`" for text in (before, after))
    risks = {part.risk for part in same}
    return Edit(what, before, after, risks.pop() if len(risks) == 1 else "changed", of)


def _certain(parts: Sequence[Difference]) -> Sequence[Difference]:
    """Without the direction of a threshold if the values that are compared with it change, too."""
    if len({part.what for part in parts} & (_SCALE | {"threshold"})) < 2:
        return parts
    return [part._replace(risk="changed") if part.what in _SCALE | {"threshold"} else part for part in parts]
