"""An expression that is filled into a shape is parsed as if it had none."""

from __future__ import annotations

from unittest.mock import patch

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obscode.promql.errors import PromQLError
from obscode.promql.parser import Query, parse, parse_tree
from obscode.promql.selector import Matcher, Selector
from obscode.promql.shape import Shape, shape_of
from obscode.promql.syntax_tree import Node

SHAPES = {
    "up": Shape("up"),
    'up{job="a",path!~"/b.*"} == 1': Shape('up{job="0",path!~"1"} == 1', [], ["a", "/b.*"]),
    'a_total{x = "y"} / a_b:c{}': Shape('obscode:metric:0{x = "0"} / obscode:metric:1{}', ["a_total", "a_b:c"], ["y"]),
    'sum by (a_b) (rate(a_total{x="y"}[5m]))': Shape(
        'sum by (a_b) (rate(obscode:metric:0{x="0"}[5m]))', ["a_total"], ["y"]
    ),
    'label_replace(up, "a", "$1", "b", "(.*)")': Shape('label_replace(up, "a", "$1", "b", "(.*)")'),
    'up{"a.b"="c"} > bool 1': Shape('up{"a.b"="0"} > bool 1', [], ["c"]),
    "a * on (b) group_left{}": Shape("a * on (b) group_left{}"),
    "${metric}_total{}": Shape("${metric}_total{}"),
    # No shape: an empty value, other strings, a metric in quotes, a comment, a line break in a string.
    'up{job="a",path=""}': Shape('up{job="a",path=""}'),
    "up{job='a',path=\"b\"}": Shape("up{job='a',path=\"b\"}"),
    r'up{job="a\"b"}': Shape(r'up{job="a\"b"}'),
    'up{job=`a`,path="b"}': Shape('up{job=`a`,path="b"}'),
    '{__name__="a_b",job="c"}': Shape('{__name__="a_b",job="c"}'),
    'up{job="a"} # "b"': Shape('up{job="a"} # "b"'),
    'up{job="a\nb"}': Shape('up{job="a\nb"}'),
    'up{job="a': Shape('up{job="a'),
    'up{job="a"} / obscode:metric:0{}': Shape('up{job="a"} / obscode:metric:0{}'),
}


@pytest.mark.parametrize("expr", SHAPES)
def test_a_shape_has_numbers_in_place_of_metrics_and_values(expr: str) -> None:
    assert shape_of(expr) == SHAPES[expr]


_NAMES = st.sampled_from(["up", "a_total", "a:b_c", "_a", "bool_x", "group_left", "count_values", "sum_x", "sum", ""])
_VALUES = st.one_of(
    st.sampled_from(["", "5..", "(", ".*", "0", "1", "a b", "=", "{", "[5m]", "$x", "é", "\n"]), st.text("a{}=~ ,1")
)
_LABELS = st.sampled_from(["a", "job", "a_b", "by"])
_MATCHERS = st.tuples(_LABELS, st.sampled_from(["=", "!=", "=~", "!~", " = "]), _VALUES).map(
    lambda parts: f'{parts[0]}{parts[1]}"{parts[2]}"'
)
_SELECTORS = st.tuples(_NAMES, st.lists(_MATCHERS, max_size=3)).map(lambda parts: f"{parts[0]}{{{','.join(parts[1])}}}")
_FORMS = st.sampled_from(
    [
        "@",
        "@[5m]",
        "sum by (a_b) (rate(@[5m]))",
        "absent(@)",
        "@ / on (a) group_left (b_c) @ > 0.5",
        'label_replace(@, "a", "$1", "b", "(.*)") or @',
        "max_over_time(@[1h:5m] offset 1d)",
        "- topk(3, @) unless @ @ 1.5",
        "@ @",
    ]
)


@given(_FORMS, st.lists(_SELECTORS, min_size=2, max_size=2))
def test_an_expression_is_parsed_as_with_a_comment_which_has_no_shape(form: str, selectors: list[str]) -> None:
    expr = form
    for selector in selectors:
        expr = expr.replace("@", selector, 1)
    for function in (parse, parse_tree):
        assert _outcome(function, expr) == _outcome(function, f"{expr}\n#")


def _outcome(function: object, expr: str) -> Query | Node | tuple[str, tuple[int, int] | None]:
    try:
        return function(expr)  # type: ignore[operator, no-any-return]
    except PromQLError as error:
        return str(error), error.span


def test_expressions_of_one_shape_are_parsed_once() -> None:
    with patch.object(promql_parser, "parse", wraps=promql_parser.parse) as parsed:
        for n in range(100):
            query = parse(f'sum(rate(shape_{n}_total{{path="/{n}"}}[7m])) > 0.125')
            assert query == Query((Selector(f"shape_{n}_total", (Matcher("path", "=", f"/{n}"),), 420),), frozenset())
    assert parsed.call_count == 1
