"""Syntax errors of PromQL name the token and the column, as Prometheus does; newer syntax is kept as text."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obscode.checks.promql_version import promql_version
from obscode.project.check_files import check_files
from obscode.promql.errors import PromQLError
from obscode.promql.grammar import GrammarError, analyse, unknown_features
from obscode.promql.parser import parse, parse_panel, parse_tree
from obscode.promql.scope import with_matchers
from obscode.promql.selector import Matcher
from obscode.toolchain import Tool

# Between the arrows is what the error is about. promtool's column is that of the first arrow.
BROKEN = {
    "up»]«": "unexpected right bracket ']'",
    'up{job="a",»,«}': 'unexpected "," in label matching, expected identifier or "}"',
    "up{»,«}": 'unexpected "," in label matching, expected identifier or "}"',
    'up{job="a"}»}«': "unexpected character: '}'",
    'up{»{«job="a"}}': "unexpected left brace '{'",
    "up{job=»=«“a”}": 'unexpected "=" in label matching, expected string',
    "up{job=»a«}": 'unexpected identifier "a" in label matching, expected string',
    "up{job=»5«}": "unexpected character inside braces: '5'",
    'up{job »"a"«}': 'unexpected string "a" in label matching, expected label matching operator',
    'up{job=~"a" »"b"«}': 'unexpected string "b" in label matching, expected "," or "}"',
    'up{job="a" »b«="c"}': 'unexpected identifier "b" in label matching, expected "," or "}"',
    'up{"a.b"=»}«': 'unexpected "}" in label matching, expected string',
    'up{»5«="a"}': "unexpected character inside braces: '5'",
    'up{job»!«"a"}': "unexpected character inside braces: '!'",
    "up{job»!«": "unexpected character inside braces: '!'",
    "»{}«": "vector selector must contain at least one non-empty matcher",
    '»{job=""}«': "vector selector must contain at least one non-empty matcher",
    '»{job=~".*"}«': "vector selector must contain at least one non-empty matcher",
    '»up{__name__="x"}«': "metric name must not be set twice",
    "up »up«": 'unexpected identifier "up", expected an operator',
    "up »5«": 'unexpected number "5", expected an operator',
    'up »"a"«': 'unexpected string "a", expected an operator',
    "5 »5«": 'unexpected number "5", expected an operator',
    "up +»«": "unexpected end of input, expected an expression",
    "+»«": "unexpected end of input, expected an expression",
    "up + »*« up": 'unexpected "*", expected an expression',
    "up == »==« up": 'unexpected "==", expected an expression',
    "up »=« 5": 'unexpected "=", expected an operator',
    'up »=~« "a"': "unexpected character after '=': '~'",
    "up »! «up": "unexpected character after '!': ' '",
    "up »&« up": "unexpected character: '&'",
    "up »&«& up": "unexpected character: '&'",
    "up »|«| up": "unexpected character: '|'",
    "up »|« up": "unexpected character: '|'",
    "up»;« up": "unexpected character: ';'",
    "up »?« 1": "unexpected character: '?'",
    "sum »up«": 'unexpected identifier "up", expected an operator',
    "sum »5«": 'unexpected number "5", expected an operator',
    "sum by»«": 'unexpected end of input in grouping opts, expected "("',
    "sum by »job« (up)": 'unexpected identifier "job" in grouping opts, expected "("',
    "sum by (job) »up«": 'unexpected identifier "up" in aggregation, expected "("',
    "sum by (job,) (up) »by« (a)": 'unexpected "by", expected an operator',
    "sum by (»,«) (up)": 'unexpected "," in grouping opts, expected label',
    "sum by (job »instance«) (up)": 'unexpected identifier "instance" in grouping opts, expected "," or ")"',
    "sum by (»5«) (up)": 'unexpected number "5" in grouping opts, expected label',
    'sum by (job»=«"a") (up)': 'unexpected "=" in grouping opts, expected "," or ")"',
    "sum (up) by»«": 'unexpected end of input in grouping opts, expected "("',
    "»sum()«": "no arguments for aggregate expression provided",
    "»sum(up, up)«": "wrong number of arguments for aggregate expression provided, expected 1, got 2",
    "»topk(up)«": "wrong number of arguments for aggregate expression provided, expected 2, got 1",
    "»topk(5, up, up)«": "wrong number of arguments for aggregate expression provided, expected 2, got 3",
    'topk(»"a"«, up)': "expected type scalar in aggregation parameter, got string",
    "count_values(»5«, up)": "expected type string in aggregation parameter, got scalar",
    "»quantile(up)«": "wrong number of arguments for aggregate expression provided, expected 2, got 1",
    "sum(»5«)": "expected type instant vector in aggregation expression, got scalar",
    'sum(»"a"«)': "expected type instant vector in aggregation expression, got string",
    "sum(»up[5m]«)": "expected type instant vector in aggregation expression, got range vector",
    "rate(»up«)": 'expected type range vector in call to function "rate", got instant vector',
    "rate(»5«)": 'expected type range vector in call to function "rate", got scalar',
    "»rate()«": 'expected 1 argument in call to "rate", got 0',
    "»rate(up[5m], 5)«": 'expected 1 argument in call to "rate", got 2',
    "rate(sum(up)»[5m]«)": "ranges only allowed for vector selectors",
    "rate((up)»[5m]«)": "ranges only allowed for vector selectors",
    "rate(up[5])»m«": 'unexpected identifier "m", expected an operator',
    "rate(up[»m«])": "unexpected 'm' inside brackets",
    "rate(up[»5x«])": 'bad number or duration syntax: "5x"',
    "rate(up[»5m5h«])": 'not a valid duration string: "5m5h"',
    "rate(up[»]«)": 'unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
    "rate(up[»0«])": "duration must be greater than 0",
    "rate(up[»-5m«])": "duration must be greater than 0",
    "rate(up[5m:5m»:«5m])": 'unexpected ":" in subquery selector, expected "]"',
    "rate(up[5m »5m«])": 'unexpected duration "5m" in subquery or range, expected ":" or "]"',
    "rate(up[»a«])": "unexpected 'a' inside brackets",
    'rate(up[»"«5m"])': "unexpected '\"' inside brackets",
    "up[5m]»[5m]«": "ranges only allowed for vector selectors",
    "up offset»«": "unexpected end of input in offset, expected number, duration, step(), or range()",
    "up offset »up«": 'unexpected identifier "up" in offset, expected number, duration, step(), or range()',
    'up offset »"5m"«': 'unexpected string "5m" in offset, expected number, duration, step(), or range()',
    "»up offset 5m« offset 5m": "offset may not be set multiple times",
    "»sum(up)« offset 5m": "offset modifier must be preceded by a selector, a range vector or a subquery",
    "»5« offset 5m": "offset modifier must be preceded by a selector, a range vector or a subquery",
    "up offset 5m»[5m]«": "no offset modifiers allowed before range",
    "up @»«": "unexpected end of input in @, expected timestamp",
    "up @ »up«": 'unexpected identifier "up" in @, expected timestamp',
    "up @ »now«()": 'unexpected identifier "now" in @, expected timestamp',
    "»up @ 5« @ 6": "@ <timestamp> may not be set multiple times",
    "»sum(up)« @ 5": "@ modifier must be preceded by a selector, a range vector or a subquery",
    "up @ start»«": 'unexpected end of input, expected "("',
    "up »bool« up": 'unexpected "bool", expected an operator',
    "up »+« bool up": "bool modifier can only be used on comparison operators",
    "1 »>« 2": "comparisons between scalars must use the bool modifier",
    "up and on »up«": 'unexpected identifier "up" in grouping opts, expected "("',
    "up * on (job »group_left« up": 'unexpected "group_left" in grouping opts, expected "," or ")"',
    "up »*« on (job) group_left (job) down": "label 'job' must not occur in on and group_left or group_right at once",
    "up * »group_left« (job) down": 'unexpected "group_left", expected an expression',
    "up * ignoring »down«": 'unexpected identifier "down" in grouping opts, expected "("',
    "up * on »job« down": 'unexpected identifier "job" in grouping opts, expected "("',
    "up == bool»«": "unexpected end of input, expected an expression",
    "»foo«(up)": 'unknown function with name "foo"',
    "»Rate«(up[5m])": 'unknown function with name "Rate"',
    "a:b»(«up)": 'unexpected "(", expected an operator',
    "»histogram_quantile(0.9)«": 'expected 2 arguments in call to "histogram_quantile", got 1',
    "histogram_quantile(»up«, up)": 'expected type scalar in call to function "histogram_quantile", got instant vector',
    "»histogram_quantile(0.9, up, up)«": 'expected 2 arguments in call to "histogram_quantile", got 3',
    '»label_replace(up, "a", "b", "c")«': 'expected 5 arguments in call to "label_replace", got 4',
    'label_join(up, »a«, "b", "c", "d")': 'expected type string in call to function "label_join", got instant vector',
    '»label_join(up, "a")«': 'expected at least 3 arguments in call to "label_join", got 2',
    "»absent(up, up)«": 'expected 1 argument in call to "absent", got 2',
    "»time(5)«": 'expected 0 arguments in call to "time", got 1',
    "vector(»up«)": 'expected type scalar in call to function "vector", got instant vector',
    "scalar(»5«)": 'expected type instant vector in call to function "scalar", got scalar',
    "»clamp_max(up)«": 'expected 2 arguments in call to "clamp_max", got 1',
    "rate(up[5m]»,«)": "trailing commas not allowed in function call args",
    "rate(»,«up[5m])": 'unexpected ",", expected an expression',
    '»-"a"«': "unary expression only allowed on expressions of type scalar or instant vector, got string",
    "»-up[5m]«": "unary expression only allowed on expressions of type scalar or instant vector, got range vector",
    "»up[5m]« + 1": "binary expression must contain only scalar and instant vector types, got range vector",
    '»"a"« + 1': "binary expression must contain only scalar and instant vector types, got string",
    'up + »"a"«': "binary expression must contain only scalar and instant vector types, got string",
    "»up[5m]« and up": "binary expression must contain only scalar and instant vector types, got range vector",
    'up{job=»"«a': "unterminated quoted string",
    "up{job=»'«a": "unterminated quoted string",
    "up{job=»`«a": "unterminated raw string",
    "»1e«": 'bad number or duration syntax: "1e"',
    "»1.2.3«": 'bad number or duration syntax: "1.2.3"',
    "»0x«": 'bad number or duration syntax: "0x"',
    "»5mm«": 'bad number or duration syntax: "5mm"',
    "»1e999«": 'number out of range: "1e999"',
    "by »(«up)": 'unexpected "(", expected an operator',
    "»on«": 'unexpected "on", expected an expression',
    "»group_left«": 'unexpected "group_left", expected an expression',
    "or »up«": 'unexpected identifier "up", expected an operator',
    "up or»«": "unexpected end of input, expected an expression",
    "up unless»«": "unexpected end of input, expected an expression",
    "»bool«": 'unexpected "bool", expected an expression',
    "offset »5m«": 'unexpected duration "5m", expected an operator',
    "up[5m + »]«": 'unexpected "]", expected number, duration, step(), or range()',
    "up[(5m»]«": 'unexpected "]", expected ")"',
    "rate(up[5m]) > 0.5 and»«": "unexpected end of input, expected an expression",
    "sum(rate(up[5m])) by (job) / sum(rate(down[5m]) »by« (job)": 'unexpected "by", expected "," or ")"',
}

# Here it is not: promtool reports an open bracket at the end of the text, a closing one that no other opens behind it,
# a whole operation for its operator, a whole string for an escape, and does not know the newest syntax.
BROKEN_ELSEWHERE = {
    "sum»(«up": "unclosed left parenthesis",
    "sum(up)»)«": "unexpected right parenthesis ')'",
    "»(«up": "unclosed left parenthesis",
    "up»)«": "unexpected right parenthesis ')'",
    "up»[«5m": "unexpected end of input inside brackets",
    "up»[«": "unexpected end of input inside brackets",
    "up»{«": "unexpected end of input inside braces",
    "up»{«job": "unexpected end of input inside braces",
    "up»{«job=": "unexpected end of input inside braces",
    'up»{«job="a"': "unexpected end of input inside braces",
    'up»{«job="a",': "unexpected end of input inside braces",
    "sum by »(«job": "unclosed left parenthesis",
    "sum by (job) »(«up": "unclosed left parenthesis",
    "rate»(«up[5m]": "unclosed left parenthesis",
    "rate(up[»:«5m])": 'unexpected ":" in subquery or range selector, expected number, duration, step(), or range()',
    "1 »and« 2": "set operator 'and' not allowed in binary scalar expression",
    "up »and« 1": "set operator 'and' not allowed in binary scalar expression",
    "up »and« on (job) group_left down": "no grouping allowed for 'and' operation",
    "5 »+« on (job) up": "vector matching only allowed between instant vectors",
    'up{job="»\\q«"}': "unknown escape sequence '\\q'",
    '"»\\x«"': "unknown escape sequence '\\x'",
    "fill»(«0)": 'unexpected "(", expected an operator',
    "a »and« fill(0) b": "filling in missing series not allowed for set operators",
    "up + fill(»)« up": 'unexpected ")", expected a number',
    "up + fill(»a«) up": 'unexpected identifier "a", expected a number',
    "info(up, »down«)": 'expected label selectors only, such as {job="a"}, in info()',
    "info(up, »5«)": 'expected label selectors only, such as {job="a"}, in info()',
    "»up[1h:]« anchored": "anchored modifier is not supported for subqueries",
    "up[step»]«": 'unexpected "]", expected "("',
    "up[max_of(5m»)«]": 'unexpected ")", expected ","',
    "up offset »(«5m": "unclosed left parenthesis",
    "up offset step»«": 'unexpected end of input, expected "("',
}


def marked(expr: str) -> tuple[str, tuple[int, int]]:
    before, _, rest = expr.partition("»")
    inside, _, after = rest.partition("«")
    start = len(before)
    return f"{before}{inside}{after}", (start, start + max(len(inside), 1))


@pytest.mark.parametrize(("expr", "message"), [*BROKEN.items(), *BROKEN_ELSEWHERE.items()])
def test_an_error_names_the_token(expr: str, message: str) -> None:
    text, span = marked(expr)
    with pytest.raises(PromQLError) as error:
        parse(text)
    assert (str(error.value), error.value.span) == (message, span)
    # The grammar itself reports it, not only promql-parser.
    with pytest.raises(GrammarError, match=f"^{re.escape(message)}$"):
        analyse(text)


def columns(tool: Tool, expressions: list[str], folder: Path) -> list[int]:
    """The column of promtool's error in each expression; 0 for an expression that it accepts."""
    rules = [{"record": "a:b", "expr": expr} for expr in expressions]
    (folder / "a.yml").write_text(json.dumps({"groups": [{"name": "a", "rules": rules}]}))
    command = [str(tool.path), "check", "rules", "--lint=none", str(folder / "a.yml")]
    output = subprocess.run(command, capture_output=True, text=True, timeout=60).stderr
    pattern = r'rule (\d+), "a:b": could not parse expression: (?:1:(\d+)|unknown position|(?=unexpected error))'
    errors = {int(match[1]): int(match[2] or 1) for match in re.finditer(pattern, output)}
    return [errors.get(number, 0) for number in range(1, len(rules) + 1)]


def test_promtool_reports_the_same_columns(newest_promtool: Tool, tmp_path: Path) -> None:
    texts = [marked(expr) for expr in BROKEN]
    expected = [len(text[:start].encode()) + 1 for text, (start, _) in texts]
    assert columns(newest_promtool, [text for text, _ in texts], tmp_path) == expected


def test_every_promtool_rejects_them(promtool: Tool, tmp_path: Path) -> None:
    texts = [marked(expr)[0] for expr in [*BROKEN, *BROKEN_ELSEWHERE]]
    accepted = [text for text, column in zip(texts, columns(promtool, texts, tmp_path), strict=True) if not column]
    assert accepted == []


# --- newer syntax ------------------------------------------------------------------------------------------------

# What is kept as text, its features, and the metrics that are read.
OPAQUE = {
    "rate(up[5m + 1m]) > 0": (["a duration expression"], ["up"]),
    'sum(rate(a{job="x"}[1m * 2])) / b': (["a duration expression"], ["a", "b"]),
    "up offset (1h + 5m) + down": (["a duration expression"], ["up", "down"]),
    "up offset -step()": (["a duration expression"], ["up"]),
    "rate(up[+5m])": (["a duration expression"], ["up"]),
    "rate(up[step()])": (["a duration expression"], ["up"]),
    "rate(up[max_of(step(), 5m)])": (["a duration expression"], ["up"]),
    "max_over_time(up[1h:5m * 2])": (["a duration expression"], ["up"]),
    "rate(up[5m] anchored) + rate(down[5m] smoothed)": (
        ["the modifier anchored", "the modifier smoothed"],
        ["up", "down"],
    ),
    'up{a="b"} smoothed > 1': (["the modifier smoothed"], ["up"]),
    "anchored": (["the name anchored"], ["anchored"]),
    'smoothed{a="b"} / on (anchored) up': (["the name smoothed", "the name anchored"], ["smoothed", "up"]),
    "sum by (smoothed) (up)": (["the name smoothed"], ["up"]),
    "a </ 5": (["the operator </"], ["a"]),
    "a >/ 0.5 > 3": (["the operator >/"], ["a"]),
    "sum by (a:b) (up)": (["grouping by a:b"], ["up"]),
    "holt_winters(up[5m], 0.5, 0.5)": (["holt_winters()"], ["up"]),
    "info(up, {})": (["info() without matchers"], ["up", ""]),
    "up > 0x_1": (["a number with `_`"], ["up"]),
}

EXPERIMENTAL = "--enable-feature=promql-experimental-functions"

# What has a tree, and the version that it needs.
NEWER = {
    "up > 1_000": ["a number with `_` needs Prometheus 2.54"],
    "up @ 1h": ["a duration as a timestamp needs Prometheus 3.0"],
    "up > 10m": ["a duration as a number needs Prometheus 3.0"],
    "a + on (job) fill_left(0) fill_right(1) b": [
        "the modifier fill_left() needs Prometheus 3.10 with --enable-feature=promql-binop-fill-modifiers",
        "the modifier fill_right() needs Prometheus 3.10 with --enable-feature=promql-binop-fill-modifiers",
    ],
    "mad_over_time(up[5m])": [
        "the function mad_over_time() needs Prometheus 2.49 with --enable-feature=promql-experimental-functions"
    ],
    "limitk(5, up)": [
        "the function limitk() needs Prometheus 2.54 with --enable-feature=promql-experimental-functions"
    ],
    '{"http.server.count", job="a"}': ["a name in quotes needs Prometheus 3.0"],
    'sum by ("http.route") (up)': ["a name in quotes needs Prometheus 3.0"],
    "histogram_avg(a)": ["the function histogram_avg() needs Prometheus 2.51"],
}

EVERYWHERE = [
    r'up{job=~"a{{b"}',
    r"up{job=~`\d+`}",
    r'up{job=~"\\Qa.b\\E"}',
    "fill + fill_left / fill_right",
    "step + range * min_of",
    "sum + by / without - offset",
    'up{anchored="x", smoothed!="y"}',
    "up offset -5m @ end()",
    "-up ^ -2",
    'up or {job!=""} > 0',
    'sum by (a) ({a!~"|x", b=""})',
    '{__name__!="", a="x"} or {a="y"}',
    "sum(up) by (job,)",
    "max_over_time(up[1h30m:5m]) == bool 1",
]


@pytest.mark.parametrize("expr", OPAQUE)
def test_syntax_without_a_tree_is_kept_as_text(expr: str) -> None:
    features, metrics = OPAQUE[expr]
    query = parse(expr)
    assert query.is_opaque
    assert query.labels is None
    assert [selector.metric for selector in query.selectors] == metrics
    features_of_text = unknown_features(analyse(expr).features)
    assert [feature.name for feature in features_of_text] == features
    with pytest.raises(PromQLError) as error:
        parse_tree(expr)
    assert (error.value.kind, str(error.value)) == ("opaque", f"obscode has no syntax tree of {features[0]}")


def test_the_matchers_of_kept_text_are_read_and_added() -> None:
    (selector,) = parse('rate(up{job="shop", code=~"5.."}[5m + 1m])').selectors
    assert [str(matcher) for matcher in selector.matchers] == ['job="shop"', 'code=~"5.."']
    scoped = with_matchers('rate(up{code="5"}[step()]) / down', [Matcher("job", "=", "shop")])
    assert scoped == 'rate(up{code="5",job="shop"}[step()]) / down{job="shop"}'


def test_a_regular_expression_in_kept_text_is_checked() -> None:
    with pytest.raises(PromQLError, match="invalid regular expression 'a\\*\\*'"):
        parse('rate(up{job=~"a**"}[5m + 1m])')


@pytest.mark.parametrize("expr", ["up[5m + 1m]", "up[1h:step()]", "up[5m] smoothed"])
def test_kept_text_that_is_a_range_vector_is_no_result(expr: str) -> None:
    with pytest.raises(PromQLError) as error:
        parse(expr)
    assert error.value.kind == "range-vector"


def notes(expr: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[str]:
    monkeypatch.chdir(folder)
    rule = {"record": "a:b:c", "expr": expr}
    Path("a.yml").write_text(json.dumps({"groups": [{"name": "a", "rules": [rule]}]}))
    findings = check_files(["a.yml"], notes=True).findings
    assert {finding.severity for finding in findings if finding.code == promql_version} <= {"note"}
    return [f.message.removeprefix("a:b:c: ") for f in findings if f.code in (promql_version,)]


@pytest.mark.parametrize("expr", NEWER)
def test_newer_syntax_is_a_note(expr: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert notes(expr, monkeypatch, tmp_path) == NEWER[expr]
    assert not parse(expr).is_opaque


@pytest.mark.parametrize("expr", OPAQUE)
def test_kept_text_is_a_note(expr: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    messages = notes(expr, monkeypatch, tmp_path)
    assert all(any(name in message for message in messages) for name in OPAQUE[expr][0])


@pytest.mark.parametrize("expr", EVERYWHERE)
def test_syntax_of_every_prometheus_is_no_note(expr: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert notes(expr, monkeypatch, tmp_path) == []
    assert not parse(expr).is_opaque


def test_every_promtool_accepts_them(promtool: Tool, tmp_path: Path) -> None:
    assert columns(promtool, EVERYWHERE, tmp_path) == [0] * len(EVERYWHERE)


# --- random expressions ------------------------------------------------------------------------------------------

SEEDS = [
    'sum by (job, code) (rate(http_requests_total{job="a",code=~"5.."}[5m])) > 0.5',
    "histogram_quantile(0.9, sum by (le) (rate(h_bucket[5m])))",
    "avg_over_time(up[1h:5m] offset 1d) and on (job) up == bool 1",
    'a / ignoring (x) group_left (y) b unless c{d!="e"} or vector(0)',
    'label_replace(up @ end(), "a", "$1", "b", "(.*)")',
    "topk(5, -up ^ 2) without (instance)",
    "absent(up{job='x'}) * time() % 60 atan2 2",
    "(a - b) / (a + 1e3) >= 0x1F",
]
PARTS = """
( ) [ ] { } , = == != =~ + - * / % ^ < > <= : @ ' " ` # ! & up sum by without on ignoring group_left bool offset 5m 5 0
1e 1.5 a:b inf start() end() and or unless topk rate time() vector absent 5x [5m] [5m:1m] [0] {a="b"} "a" atan2 1e999
"""


@st.composite
def mutations(draw: st.DrawFn) -> str:
    tokens = re.findall(r"\w+|\s+|[^\w\s]", draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(tokens) - 1))
        match draw(st.integers(0, 3)):
            case 0:
                tokens[at] = ""
            case 1:
                tokens[at] += draw(st.sampled_from(PARTS.split()))
            case 2:
                tokens[at] = draw(st.sampled_from(PARTS.split()))
            case _:
                other = draw(st.integers(0, len(tokens) - 1))
                tokens[at], tokens[other] = tokens[other], tokens[at]
    return "".join(tokens)


@pytest.mark.slow
def test_promtool_accepts_what_is_accepted_without_a_note(promtool: Tool, tmp_path: Path) -> None:
    expressions: list[str] = []

    @settings(max_examples=1500, derandomize=True, database=None, deadline=None)
    @given(mutations())
    def collect(expr: str) -> None:
        expressions.append(expr)

    collect()
    accepted = [expr for expr in dict.fromkeys(expressions) if is_accepted(expr)]
    rejected = [expr for expr in dict.fromkeys(expressions) if is_rejected(expr)]
    assert min(len(accepted), len(rejected)) > 100
    wrong = [expr for expr, column in zip(accepted, columns(promtool, accepted, tmp_path), strict=True) if column]
    assert wrong == []
    wrong = [expr for expr, column in zip(rejected, columns(promtool, rejected, tmp_path), strict=True) if not column]
    assert wrong == []


def is_accepted(expr: str) -> bool:
    """Whether it is accepted without a note on its syntax."""
    try:
        return not analyse(expr).features and not parse(expr).is_opaque
    except (PromQLError, GrammarError):
        return False


def is_rejected(expr: str) -> bool:
    """Whether it is PromQL of no version."""
    try:
        parse(expr)
    except PromQLError as error:
        return error.kind == "syntax"
    return False


# --- limits ------------------------------------------------------------------------------------------------------


@given(st.text(st.sampled_from("ab:1.5m[](){}=~!\"'`,+-*/^<>@# \n\\xeé_"), max_size=60))
def test_any_text_is_analysed_or_rejected(text: str) -> None:
    try:
        analyse(text)
    except GrammarError as error:
        start, end = error.span
        assert 0 <= start < end <= len(text) + 2


@pytest.mark.parametrize(
    "expr",
    [
        f"{'(' * 99}{'1 ^ ' * 200}up smoothed{')' * 99}",
        f"{'(' * 99}{'-' * 200}up smoothed{')' * 99}",
        f"up[{'(' * 98}{'1 ^ ' * 200}5m{')' * 98}]",
        "up smoothed + " * 200 + "up",
    ],
)
def test_deep_newer_syntax_never_crashes(expr: str) -> None:
    assert outcome(expr) in ("opaque", "too-deep", "range-vector")


def outcome(expr: str) -> str:
    try:
        return "opaque" if parse(expr).is_opaque else "parsed"
    except PromQLError as error:
        return error.kind


def test_the_error_of_a_panel_is_that_of_the_substitution_that_gets_furthest() -> None:
    text, span = marked("topk($n, rate(a[$interval])) and sum by (job »x«) (b)")
    with pytest.raises(PromQLError) as error:
        parse_panel(text)
    assert str(error.value) == 'unexpected identifier "x" in grouping opts, expected "," or ")"'
    assert error.value.span == span
