"""The arguments of label_replace, label_join and count_values are valid.

Why: Prometheus parses these arguments when it evaluates the expression: a rule file with an invalid one loads, and each
evaluation fails.

Bad:
    RecordingRule("job:up:sum", 'sum by (team) (label_replace(up, "team", "$1", "job", "(.*"))')

Good:
    RecordingRule("team:up:sum", 'sum by (team) (label_replace(up, "team", "$1", "job", "(.*)"))')
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql import go_regex
from obscode.promql.selector import Matcher
from obscode.promql.syntax_tree import Aggregation, Call, Node, StringLiteral


@check(TypedExpression)
def label_function(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Invalid regular expressions and empty label names, and sources that no series has."""
    for node, _ in expression.nodes():
        match node:
            case Call(function="label_replace"):
                yield from _of_names(expression, node.arguments[1:2], "label_replace")
                yield from _of_regex(expression, node)
            case Call(function="label_join"):
                yield from _of_names(expression, [node.arguments[1], *node.arguments[3:]], "label_join")
            case Aggregation(operator="count_values") if node.parameter:
                yield from _of_names(expression, [node.parameter], "count_values")


def _sets_constant(replacement: Node, regex: StringLiteral) -> bool:
    """True for a constant label, as in `label_replace(x, "team", "web", "a", ".*")`, which needs no label `a`."""
    is_constant = isinstance(replacement, StringLiteral) and "$" not in replacement.value
    return is_constant and Matcher("source", "=~", regex.value).matches("") is True


def _of_names(expression: TypedExpression, arguments: Sequence[Node], function: str) -> Iterator[Finding]:
    for argument in arguments:
        if isinstance(argument, StringLiteral) and not argument.value:
            message = f"{function} in {expression.owner} has an empty label name"
            yield expression.finding(label_function, message, "write the name of a label", argument)


def _of_regex(expression: TypedExpression, node: Call) -> Iterator[Finding]:
    vector, _, replacement, source, regex = node.arguments
    if not isinstance(source, StringLiteral) or not isinstance(regex, StringLiteral):
        return
    if error := go_regex.syntax_error(regex.value):
        message = f"label_replace in {expression.owner} has an invalid regular expression {regex.value!r}: {error}"
        yield expression.finding(label_function, message, "correct it; Prometheus fails at each evaluation", regex)
    elif source.value and not expression.type(vector).labels.can_have(source.value):
        if _sets_constant(replacement, regex):
            return
        what = f"`{expression.part(vector)}`"
        message = f"label_replace in {expression.owner} reads the label {source.value!r}, which {what} does not have"
        yield expression.finding(label_function, message, f"keep {source.value} in the inner expression", source)
