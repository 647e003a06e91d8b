"""The positions of the parts of an expression in its text."""

from __future__ import annotations

import pytest

from obscode.promql.parser import parse_tree
from obscode.promql.positions import locate
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Call, Node, Subquery, VectorSelector

RATIO = '(sum by (job) (rate(a{code=~"5.."}[5m] offset 1h)) / on (job) group_left (team) (b + c)) > bool -1'
EXPRESSIONS = [
    "up",
    "((up))",
    RATIO,
    "a + b * c - (d)",
    "((a)) * ((b + (c)))",
    "-(a + b) ^ 2",
    "sum(a) by (x, y) + sum without (x) (b)",
    "topk(3, a) or quantile(0.9, b) by (x)",
    'count_values("version", build_info)',
    "max_over_time((a + b)[1h:5m] offset -5m)",
    "sum_over_time(rate(a[5m])[1h:] @ end())",
    "rate(a[5m] @ 1609746000)",
    '{"http.server", code="5"}',
    "label_replace(a, 'b', '$1', 'c', '(.*)')",
    "a and on () b unless ignoring (x, y) c",
    "sum(a) # by (b)\n / sum(b)",
    "clamp_max((a), 1)",
    "time() - (timestamp(a)) > 5m",
    "start",
    "absent(up) or vector(1)",
]


def parts(expr: str) -> list[tuple[Node, str, str]]:
    """Every located part of an expression, with its text and its keyword."""
    tree = parse_tree(expr)
    positions = locate(expr, tree)
    located = [(node, positions.of(node)) for node in tree.descendants()]
    assert all(position for _, position in located)
    return [(node, expr[slice(*p.span)], expr[slice(*p.keyword)]) for node, p in located if p]


@pytest.mark.parametrize("expr", EXPRESSIONS)
def test_the_text_of_each_part_parses_to_the_same_part(expr: str) -> None:
    for node, text, _ in parts(expr):
        if isinstance(node, Aggregation | BinaryOperation | Call | VectorSelector) and "[" not in text[-20:]:
            assert parse_tree(text) == node


@pytest.mark.parametrize("expr", EXPRESSIONS)
def test_the_keyword_is_the_function_the_operator_or_the_metric(expr: str) -> None:
    for node, _, keyword in parts(expr):
        match node:
            case Aggregation() | BinaryOperation():
                assert keyword == node.operator
            case Call():
                assert keyword == node.function
            case VectorSelector():
                assert keyword in (node.selector.metric, "{")
            case Subquery():
                assert keyword == "["


@pytest.mark.parametrize(
    ("label", "clauses", "text"),
    [
        ("job", ("by",), "job"),
        ("job", ("on", "ignoring"), None),
        ("code", ("matcher",), None),
        ("job", ("without",), None),
    ],
)
def test_the_labels_of_a_grouping_have_positions(label: str, clauses: tuple[str, ...], text: str | None) -> None:
    expr = RATIO.split(" / ")[0][1:]
    tree = parse_tree(expr)
    span = locate(expr, tree).label(tree, label, *clauses)
    assert (expr[slice(*span)] if span else None) == text


def test_the_labels_of_a_matching_and_of_matchers_have_positions() -> None:
    tree = parse_tree(RATIO)
    positions = locate(RATIO, tree)
    division = next(node for node in tree.descendants() if isinstance(node, BinaryOperation) and node.operator == "/")
    selector = next(node for node in tree.descendants() if isinstance(node, VectorSelector))
    spans = [
        positions.label(division, "job", "on"),
        positions.label(division, "team", "group_left", "group_right"),
        positions.label(selector, "code", "matcher"),
    ]
    assert [RATIO[slice(*span)] for span in spans if span] == ["job", "team", 'code=~"5.."']


def test_a_text_that_is_not_the_trees_has_no_positions() -> None:
    tree = parse_tree("sum(a)")
    assert locate("rate(b[5m])", tree).of(tree) is None
    assert locate("", tree).of(tree) is None
    assert locate("sum(", tree).label(tree, "job", "by") is None
