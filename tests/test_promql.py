"""The parser accepts what Prometheus accepts, and reports selectors and result labels."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obscode.promql import grafana_variables
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_panel, parse_selector, parse_tree, substitute_variables
from obscode.promql.rewrite import Range, find_ranges
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import (
    Aggregation,
    BinaryOperation,
    Call,
    Matching,
    Negation,
    Node,
    NumberLiteral,
    StringLiteral,
    Subquery,
    VectorSelector,
)
from obscode.promql.tokens import quote
from obscode.toolchain import Tool

VALID = [
    "up",
    "up{}",
    '{__name__="up"}',
    '{job="a"}',
    'up{job="a",}',
    "up{job='a'}",
    r"up{job=~`a\d`}",
    r'up{job=~"a\\d"}',
    "sum by (job) (up)",
    "sum(up) by (job,)",
    "sum by () (up)",
    "sum without (job) (up)",
    "topk(5, up)",
    'count_values("x", up)',
    "rate(up[5m])",
    "rate(up[1h30m] offset 1h)",
    "rate(up[5m] @ start())",
    "up offset -1h",
    "up offset 292y",
    "up @ -5",
    "up @ 1e15",
    "max_over_time(rate(up[5m])[1h:5m])",
    "max_over_time(up[1h:])",
    "histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))",
    "absent(up)",
    "scalar(up)",
    "vector(1)",
    "time()",
    "day_of_month()",
    "1 == bool 1",
    "up == bool 1",
    "0x1F",
    ".5",
    "-Inf",
    "--up",
    "2 ^ 3 ^ 2",
    "up and up or up unless up",
    "up * on (job) group_left (x) up",
    "up + ignoring (job) up",
    "up atan2 up",
    "a:b:c",
    ":a",
    'label_replace(up, "a", "$1", "b", "(.*)")',
    'label_join(up, "a", "-", "b", "c")',
    "up # a comment with ' and {",
    "((up))",
    "sum\n  by (job) (\n\trate(up[5m])\n)",
    'up{by="a",on="b",offset="c"}',
    "sum by (by, on) (up)",
    r'up{job="\n\x41\u00e9"}',
    "up{job=`a\nb`}",
    r'up{job=~"[+*]+"}',
    'up{job=~"[a&&b]"}',
    'up{job=~"(?i-s)a"}',
    'up{job=~"(?P<n>a)"}',
    r'up{job=~"\\p{Greek}"}',
    r'up{job=~"a\\*\\*"}',
    'up{job=~"a{1000}"}',
    'up{job=~"a{x}"}',
    r'up{job=~"\\Qa.b(\\E"}',
    r'up{job=~"\\Qa**\\E|b"}',
    'up{job=~"[[a]"}',
    'up{job!~"[^a[b]+", env=~"[[:alpha:][&&]"}',
    r"up{job=~`[a[b]\Q[\E`}",
    'up{job=~"[--a]"}',
    "up{job=~'[[\"]'}",
]

INVALID = [
    "",
    "# a comment",
    "()",
    "(up",
    "up)",
    "up up",
    "up;",
    "{}",
    '{job=~".*"}',
    "{job!='x'}",
    "up{job=a}",
    'up{job="a" instance="b"}',
    'up{job="a" or job="b"}',
    'up{job=~"(a", env=~"[[a]"}',
    "up{,}",
    r'up{job=~"a\d"}',
    'up{job="a\nb"}',
    "rate(up)",
    "rate(up[5m]) + up[5m]",
    "rate(up[0s])",
    "rate(up[-5m])",
    "rate(up[1.5h])",
    "rate(up[30m1h])",
    "up[5m][5m]",
    "rate(sum(up)[5m])",
    "rate(up[5m]) offset 1h",
    "sum by job (up)",
    "sum up",
    "sum()",
    "sum(up, up)",
    "topk(up)",
    "count_values(x, up)",
    "time(1)",
    "foo(up)",
    "round(up, 5, 5)",
    "abs(1)",
    "1 == 1",
    "up and 1",
    "up * group_left up",
    "up and on (job) group_left up",
    "up * on (job) group_left (job) up",
    "up =~ 5",
    "up = 5",
    "a-b{}.c",
    "5a",
    "ünd",
    'up{job=~"*"}',
    'up{job=~"a**"}',
    'up{job=~"a{2}{3}"}',
    'up{job=~"a{1001}"}',
    'up{job=~"a{2,1001}"}',
    'up{job=~"(?=a)"}',
    'up{job=~"(?x)a"}',
    'up{job=~"[a--b]"}',
    'up{job=~"(?:a{500}){3}"}',
    "up !~ up",
    "up[293y]",
    "up offset 293y",
    "up offset 9999999y",
    "up @ 1e300",
    "up offset 1e300",
    f"up[0x{'f' * 300}]",
    "up offset - Inf",
    "max_over_time(up[1h:1e300])",
    '{job=~"a*", env!="x"}',
    r"up{job=~`\C`}",
    r'up{job=~"\\u0041"}',
    r'up{job=~"\\1"}',
    "rate(up[$__rate_interval])",
    'up{job="a"}[[5m]]',
    "up offset 1h offset 2h",
]

# Prometheus accepts these as expressions, but not as the result of a rule or a panel.
NO_RESULTS = {
    "up[5m]": "a range vector is not a valid result; wrap it in a function such as rate()",
    "up[5m:1m]": "a range vector is not a valid result; wrap it in a function such as rate()",
    "(up[5m])": "a range vector is not a valid result; wrap it in a function such as rate()",
    "'text'": "a string is not a valid result",
}

# Expressions and the labels of their results; None where they depend on the series.
LABELS: dict[str, set[str] | None] = {
    "up": None,
    "up offset 5m": None,
    "rate(up[5m])": None,
    "-up": None,
    "1": set(),
    "time()": set(),
    "vector(1)": set(),
    "scalar(up)": set(),
    "scalar(sum by (a) (x))": set(),
    "minute()": set(),
    "sum(up)": set(),
    "sum by (a, b) (up)": {"a", "b"},
    "sum by (a) (sum by (a, b) (up))": {"a"},
    "sum by (a, c) (sum by (a, b) (up))": {"a"},
    "sum without (a) (up)": None,
    "sum without (a) (sum by (a, b) (up))": {"b"},
    "(sum by (a) (up))": {"a"},
    "-sum by (a) (up)": {"a"},
    "topk(5, up)": None,
    "topk by (a) (5, sum by (a, b) (up))": {"a", "b"},
    'count_values("v", up)': {"v"},
    'count_values by (a) (("v"), up)': {"a", "v"},
    "abs(sum by (a) (up))": {"a"},
    "clamp_max(sum by (a) (up), 5)": {"a"},
    "max_over_time(sum by (a) (up)[1h:5m])": {"a"},
    "quantile_over_time(scalar(up), sum by (a) (up)[1h:5m])": {"a"},
    "histogram_quantile(0.9, sum by (a, le) (rate(x_bucket[5m])))": {"a"},
    "histogram_fraction(-Inf, 1, sum by (a) (x))": {"a"},
    'label_replace(sum by (a) (up), "b", "$1", "a", "(.*)")': {"a", "b"},
    'label_replace(up, "b", "$1", "a", "(.*)")': None,
    'label_join(sum by (a) (up), ("b"), "-", "a")': {"a", "b"},
    "sort(sum by (a) (up))": {"a"},
    'absent(up{job="x",a=~"y",b="z",b!="q",c=""})': {"job"},
    "absent(sum by (a) (up))": set(),
    'absent_over_time(up{job="x"}[5m])': {"job"},
    "sum by (a) (up) > 5": {"a"},
    "5 < sum by (a) (up)": {"a"},
    "1 + 1": set(),
    "time() - sum by (a) (up)": {"a"},
    "sum by (a) (up) / time()": {"a"},
    "(1 + 2) * sum by (a) (up)": {"a"},
    "sum by (a) (up) / sum by (a) (down)": {"a"},
    "sum by (a) (up) / up": {"a"},
    "up / sum by (a) (up)": {"a"},
    "sum by (a, b) (up) / on (a) sum by (a) (up)": {"a"},
    "sum by (a, b) (up) / ignoring (b) sum by (a) (up)": {"a"},
    "sum by (a, b) (up) / on (a) group_left sum by (a) (up)": {"a", "b"},
    "sum by (a, b) (up) * on (a) group_left (c) info": {"a", "b", "c"},
    "info * on (a) group_right (c) sum by (a, b) (up)": {"a", "b", "c"},
    "sum by (a) (up) and on (b) down": {"a"},
    "sum by (a) (up) unless up": {"a"},
    "sum by (a) (up) or sum by (b) (up)": {"a", "b"},
    "sum by (a) (up) or up": None,
}

PANELS = [
    "rate(up[$__rate_interval])",
    "rate(up[${__rate_interval}])",
    "rate(up[$__interval])",
    "increase(up[$__range])",
    "up * $__interval_ms / $__range_s",
    "rate(up[$window])",
    "rate(up[[[window]]])",
    "max_over_time(up[$__range:$__interval])",
    "rate(up[${minutes}m])",
    'up{job="$job"}',
    'up{job=~"${job:regex}"}',
    'up{job=~"^(${job:pipe})$"}',
    'up{job=~"[[job]]"}',
    'up{job=~"[[job:regex]]"}',
    "up{job=~'$job', instance=~`$instance`}",
    "sum by ($by) (up)",
    "sum by (job, ${by}) (up)",
    "topk($limit, up)",
    "quantile(0.$quantile, up)",
    "up > $threshold",
    "$metric",
    "${metric}_total",
    'rate($metric{job="$job"}[$window])',
    "up offset $offset",
    "up # $comment ${x} [[y]]",
    "sum by ($a, $b, $c, $d, $e) (up)",
]

NO_PANELS = {
    "rate(up[$__rate_interval)": 'unexpected ")" in subquery or range, expected ":" or "]"',
    "up[$__range]": "a range vector is not a valid result; wrap it in a function such as rate()",
    "$": "'$' is a Grafana variable, which Prometheus does not know",
}

VARIABLES: dict[str, set[str]] = {
    "up": set(),
    'rate($metric{job="${job:regex}"}[$__rate_interval]) > [[limit]]': {"metric", "job", "__rate_interval", "limit"},
    "${range.from} ${time:date:YYYY-MM}": {"range", "time"},
    "'$1' cost$": set(),
}

SELECTORS = {
    "up": Selector("up"),
    "(up)": Selector("up"),
    'up{job="a",path!~"b.*"}': Selector("up", (Matcher("job", "=", "a"), Matcher("path", "!~", "b.*"))),
    r'up{job="\\\"a"}': Selector("up", (Matcher("job", "=", '\\"a'),)),
    '{__name__="up",job!="a"}': Selector("up", (Matcher("job", "!=", "a"),)),
}

NO_SELECTORS = {
    "up[5m]": "it has a window; write the selector alone, obscode adds the window",
    "rate(up[5m])": "it is not a selector; obscode adds rate() and the window",
    "1": "it is not a selector; obscode adds rate() and the window",
    "up offset 5m": "offset and @ are not allowed in a selector here",
    "up @ 1": "offset and @ are not allowed in a selector here",
    '{job="a"}': "it has no metric name",
    "up{": "unexpected end of input inside braces",
}

# promql-parser recurses on each of these; without limits they end the process or take minutes.
HUGE = [
    '"(" * 20000 + "up" + ")" * 20000',
    '"(" * 99 + "up" + ")" * 99',
    '"abs(" * 3000 + "up" + ")" * 3000',
    '"-" * 16000 + "up"',
    '"up" + " + up" * 3000',
    '"up" + " + up" * 249',
    '"up" + " atan2 up" * 1600',
    '"up" + " and up" * 2000',
    '"abs(" * 99 + "up" + " + up" * 240 + ")" * 99',
    '"up" + "[1m:1m]" * 2000',
    '"up{" + "a=\\"b\\"," * 2000 + "}"',
    '"up{a=~\\"" + "(" * 5000 + ")" * 5000 + "\\"}"',
    '"[" * 16000',
    '"{" * 16000',
    '"sum(" + "up," * 5000 + "up)"',
    '"x" * 10_000_000',
    '"\\"" * 10_000_001',
    '" + ".join(f"$v{n}" for n in range(240))',
]


@pytest.mark.parametrize("expr", VALID)
def test_valid_expressions_are_accepted(expr: str) -> None:
    parse(expr)


@pytest.mark.parametrize("expr", INVALID)
def test_invalid_expressions_are_rejected(expr: str) -> None:
    with pytest.raises(PromQLError, match=r"\w"):
        parse(expr)


def test_promtool_agrees(promtool: Tool, tmp_path: Path) -> None:
    expressions = [*VALID, *INVALID]
    rules = [{"record": f"r{number}", "expr": expr} for number, expr in enumerate(expressions)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "g", "rules": rules}]}))
    command = [str(promtool.path), "check", "rules", "rules.yml"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    rejected = {int(number) for number in re.findall(r'rule \d+, "r(\d+)"', result.stdout + result.stderr)}
    assert [expr for number, expr in enumerate(expressions) if number in rejected] == INVALID


@pytest.mark.parametrize(("expr", "why"), NO_RESULTS.items())
def test_range_vectors_and_strings_are_rejected_as_results(expr: str, why: str) -> None:
    with pytest.raises(PromQLError) as error:
        parse(expr)
    assert str(error.value) == why


@pytest.mark.parametrize(("expr", "labels"), LABELS.items())
def test_the_labels_of_a_result_are_inferred(expr: str, labels: set[str] | None) -> None:
    assert parse(expr).labels == labels


def test_all_selectors_are_reported_with_their_windows() -> None:
    expr = 'sum(rate(a{b="c"}[5m])) / on (x) max_over_time(d[1h:5m]) > bool quantile(0.9, e offset 1d)'
    assert parse(expr).selectors == (
        Selector("a", (Matcher("b", "=", "c"),), 300),
        Selector("d"),
        Selector("e"),
    )


# --- panels ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("expr", PANELS)
def test_panels_may_use_grafana_variables(expr: str) -> None:
    parse_panel(expr)
    parse(substitute_variables(expr))


@pytest.mark.parametrize(("expr", "why"), NO_PANELS.items())
def test_invalid_panel_expressions_are_rejected(expr: str, why: str) -> None:
    with pytest.raises(PromQLError) as error:
        parse_panel(expr)
    assert str(error.value) == why


@pytest.mark.parametrize(("expr", "names"), VARIABLES.items())
def test_the_variables_of_an_expression_are_found(expr: str, names: set[str]) -> None:
    assert grafana_variables.names(expr) == names


# --- selectors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "selector"), SELECTORS.items())
def test_a_selector_round_trips(text: str, selector: Selector) -> None:
    assert parse_selector(text) == selector
    assert parse_selector(str(selector)) == selector


@pytest.mark.parametrize(("text", "why"), NO_SELECTORS.items())
def test_other_expressions_are_rejected_as_selectors(text: str, why: str) -> None:
    with pytest.raises(PromQLError) as error:
        parse_selector(text)
    assert str(error.value) == why


def test_matchers_are_added_once() -> None:
    selector = parse_selector('up{job="a"}').with_matchers(Matcher("job", "=", "a"), Matcher("b", "=~", "c|d"))
    assert str(selector) == 'up{job="a",b=~"c|d"}'
    assert str(selector.renamed("down")) == 'down{job="a",b=~"c|d"}'


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_quoted_text_round_trips(text: str) -> None:
    assert parse_selector(f"up{{a={quote(text)}}}").matchers == (Matcher("a", "=", text),)


# --- kinds of errors ---------------------------------------------------------------------------------------------

KINDS = {
    "up up": "syntax",
    'up{a="1" or b="2"}': "syntax",
    "rate(up[$__rate_interval])": "grafana-variable",
    'up{a=~"("}': "regex",
    "up[5m]": "range-vector",
    "'text'": "string",
    "(" * 101 + "up" + ")" * 101: "too-deep",
    "up" + " + up" * 250: "too-long",
    "x" * 16_385: "too-long",
}


@pytest.mark.parametrize(("expr", "kind"), KINDS.items(), ids=KINDS.values())
def test_every_error_has_a_kind(expr: str, kind: str) -> None:
    with pytest.raises(PromQLError) as error:
        parse(expr)
    assert error.value.kind == kind
    assert error.value.is_limit == kind.startswith("too-")


@pytest.mark.parametrize("text", [text for text in NO_SELECTORS if text != "up{"])
def test_expressions_that_are_no_selector_have_a_kind(text: str) -> None:
    with pytest.raises(PromQLError) as error:
        parse_selector(text)
    assert error.value.kind == "selector"


# --- syntax trees ------------------------------------------------------------------------------------------------

A, B = VectorSelector(Selector("a")), VectorSelector(Selector("b"))
TREES: dict[str, Node] = {
    "1.5": NumberLiteral(1.5),
    "-a": Negation(A),
    "((a))": A,
    'a{y="2", x="1"}': VectorSelector(Selector("a", (Matcher("x", "=", "1"), Matcher("y", "=", "2")))),
    "a offset -5m @ 60": VectorSelector(Selector("a"), offset=-300, at=60),
    "a @ -5": VectorSelector(Selector("a"), at=0),  # promql-parser's; no series has samples before 1970
    "a @ end()": VectorSelector(Selector("a"), at="end"),
    "rate(a[5m] offset 1h)": Call("rate", (VectorSelector(Selector("a", window=300), offset=3600),)),
    "time()": Call("time", (), "scalar"),
    'label_join(a, "x", "-")': Call("label_join", (A, StringLiteral("x"), StringLiteral("-"))),
    "max_over_time(a[1h:5m] offset 1m)": Call("max_over_time", (Subquery(A, 3600, 300, offset=60),)),
    "max_over_time(a[1h:] @ start())": Call("max_over_time", (Subquery(A, 3600, at="start"),)),
    "sum(a)": Aggregation("sum", A),
    "sum by (y, x) (a)": Aggregation("sum", A, None, "by", ("y", "x")),
    "sum without () (a)": Aggregation("sum", A, None, "without"),
    "topk(5, a)": Aggregation("topk", A, NumberLiteral(5)),
    "a + b": BinaryOperation("+", A, B),
    "a and b": BinaryOperation("and", A, B),
    "a > bool 1": BinaryOperation(">", A, NumberLiteral(1), returns_bool=True),
    "a / on (y, x) b": BinaryOperation("/", A, B, matching=Matching("one-to-one", True, frozenset("xy"))),
    "a / ignoring (x) group_left (z) b": BinaryOperation(
        "/", A, B, matching=Matching("many-to-one", False, frozenset("x"), frozenset("z"))
    ),
    "a * on () group_right b": BinaryOperation("*", A, B, matching=Matching("one-to-many", True)),
    "a unless on (x) b": BinaryOperation("unless", A, B, matching=Matching("many-to-many", True, frozenset("x"))),
}


@pytest.mark.parametrize(("expr", "tree"), TREES.items())
def test_an_expression_becomes_a_syntax_tree(expr: str, tree: Node) -> None:
    assert parse_tree(expr) == tree
    assert tree.with_children(*tree.children) == tree


@pytest.mark.parametrize(("expr", "same"), [("a+b", " ( a ) # x\n+ b"), ('a{x="1",y="2"}', "a{y='2',x=`1`}")])
def test_expressions_of_the_same_meaning_have_equal_trees(expr: str, same: str) -> None:
    assert parse_tree(expr) == parse_tree(same)


# --- ranges in the text ------------------------------------------------------------------------------------------

RANGES = {
    "up[5m]": [Range("", (), "5m", 3, 0)],
    "((up[5m]))": [Range("", (), "5m", 5, 0)],
    "(up[ 5m ])": [Range("", (), "5m", 5, 0)],
    "sum(rate(up[5m]))": [Range("rate", ("sum",), "5m", 12, 8)],
    "sum by (job) (rate(up[5m]))": [Range("rate", ("sum",), "5m", 22, 18)],
    "max_over_time(rate(up[5m])[1h:1m])": [
        Range("rate", ("max_over_time",), "5m", 22, 18),
        Range("max_over_time", (), "1h", 27, 13),
    ],
    'count(up{a="[1m]"})': [],
}


@pytest.mark.parametrize(("expr", "ranges"), RANGES.items())
def test_ranges_are_found_with_their_functions_and_positions(expr: str, ranges: list[Range]) -> None:
    assert list(find_ranges(expr)) == ranges


# --- limits ------------------------------------------------------------------------------------------------------

LIMITS = {
    "(" * 100 + "up" + ")" * 100: "",
    "(" * 101 + "up" + ")" * 101: (
        "the expression is nested too deeply: 101 levels, at most 100; split it into recording rules"
    ),
    "(" * 99 + "up{}" + ")" * 99: "",
    "(" * 98 + "rate(up[5m])" + ")" * 98: "",
    **{
        f"{closed} + " + "(" * 101 + "up" + ")" * 101: (
            "the expression is nested too deeply: 101 levels, at most 100; split it into recording rules"
        )
        for closed in ("(up)", "up{}", "rate(up[5m])")
    },
    "up" + " + up" * 249: "",
    "up" + " + up" * 250: "the expression is too long: 251 terms, at most 250; split it into recording rules",
    "up" + " AND up" * 250: "the expression is too long: 251 terms, at most 250; split it into recording rules",
    "up == 1" + " + (up == 1)" * 124: "",
    "up" + " " * 16_382: "",
    "up" + " " * 16_383: ("the expression is too long: 16385 characters, at most 16384; split it into recording rules"),
}


@pytest.mark.parametrize(("expr", "message"), LIMITS.items(), ids=lambda text: f"{text:.20}")
def test_limits_are_exact(expr: str, message: str) -> None:
    rejected = pytest.raises(PromQLError, match=f"^{re.escape(message)}$") if message else nullcontext()
    with rejected:
        parse(expr)


def test_huge_expressions_neither_crash_nor_take_long() -> None:
    script = f"""
import time
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_panel, parse_selector
for source in {HUGE!r}:
    began = time.process_time()
    for function in (parse, parse_panel, parse_selector):
        try:
            function(eval(source))
        except PromQLError:
            pass
    if time.process_time() - began > 5:
        print(source)
print("done")
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "done\n", "")


@given(st.text("()[]{}@y9\"'`$#\\ae1m:,=~!+-*/ \n", max_size=40))
def test_any_text_is_parsed_or_rejected(text: str) -> None:
    for function in (parse, parse_panel, parse_selector):
        with suppress(PromQLError):
            function(text)


# --- positions of errors -----------------------------------------------------------------------------------------

# Expressions that do not parse, with the characters that the error is about in `<<` and `>>`.
POSITIONS = [
    "sum<<(>>rate(a[5m])",
    "sum(rate(a[5m]))<<)>>",
    "sum(rate(a[5m]) <<by>> (job",
    "max(a) + <<rat>>(a[5m])",
    'a<<{>>b="c"',
    'a{b="c"}<<}>>',
    "rate(a<<[>>5m",
    "a[5m] + b[<<5q>>]",
    "rate(a[<<5m1h>>])",
    "rate(<<a>>) + sum(rate)",
    "rate(a[5m]) + rate(<<a>>)",
    "1 + <<sum()>>",
    "a{b=<<c>>}",
    'a{b=<<">>c}',
    r'a{b="(", c="\\<<\q>>"}',
    'a{b="(", c=~<<"(">>}',
    "rate(a[<<$__rate_interval>>])",
    "a[<<99999999999>>]",
    "a <<b>>",
    'up{a="x" <<or>> b="y"}',
    "# (\nsum<<(>>a",
]


@pytest.mark.parametrize("marked", POSITIONS)
def test_an_error_has_the_position_of_what_it_names(marked: str) -> None:
    start, end = marked.find("<<"), marked.find(">>") - 2
    with pytest.raises(PromQLError) as caught:
        parse(marked.replace("<<", "").replace(">>", ""))
    assert caught.value.span == (start, end)


@pytest.mark.parametrize(
    "marked",
    [
        "sum<<(>>a",
        "sum<<(>>a[$__interval]",
        "rate(a[$range]) + <<no>>($b)",
        "$long_name + [[x]] + ${y:csv} + <<no>>(b)",
        """$a{b="$c"} + <<no>>(d)""",
        "a[$b] <<]>> $c",
    ],
)
def test_an_error_of_a_panel_has_its_position_among_variables(marked: str) -> None:
    start, end = marked.find("<<"), marked.find(">>") - 2
    with pytest.raises(PromQLError) as caught:
        parse_panel(marked.replace("<<", "").replace(">>", ""))
    assert caught.value.span == (start, end)


@pytest.mark.parametrize(
    ("expr", "text"),
    {
        "av_over_time(up[$x])": "av_over_time(up[5m])",
        "no(up offset $x)": "no(up offset 5m)",
        "topk($n, no(up))": "topk(1, no(up))",
        "no(up) * $factor": "no(up) * 1",
        "no(up) * ${metric}_total": "no(up) * x_total",
        "no(up) * $metric{a='b'}": "no(up) * x{a='b'}",
        "$a + $b + [[c]] + no($d[$e])": "x + 1 + 1 + no(x[5m])",
        r"no(up{a=~'\\$SYS|$x'})": r"no(up{a=~'\\$SYS|x'})",
    }.items(),
)
def test_the_error_is_that_of_likely_values_of_the_variables(expr: str, text: str) -> None:
    assert next(grafana_variables.substitutions(expr)).text == text


def test_a_position_in_a_value_is_that_of_its_variable() -> None:
    substitution = grafana_variables.Substitution("a[5m]", ((2, 12, 2),))  # of a[$__interval]
    assert [substitution.original(span) for span in ((0, 1), (2, 4), (3, 4), (4, 5))] == [
        (0, 1),
        (2, 12),
        (2, 12),
        (12, 13),
    ]
