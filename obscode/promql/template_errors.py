"""What Go's template engine reports when a template of an alert fails, in plain words.

https://pkg.go.dev/text/template, https://github.com/prometheus/prometheus/blob/main/template/template.go
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from obscode.findings.suggestions import did_you_mean
from obscode.promql.alert_template import FUNCTIONS

# `... template: __alert_T:2:3: executing "__alert_T" at <gt $value 1>: REASON`
_ERROR = re.compile(
    r'<error expanding template: .*?template: \w+:(?P<line>\d+):(?P<column>\d+): executing ".*?" '
    r"at <(?P<code>.*?)>: (?P<reason>.*)>$",
    re.DOTALL,
)
_ANY_ERROR = re.compile(r"<error expanding template: (?P<reason>.*)>$", re.DOTALL)


class TemplateError(NamedTuple):
    """A template that fails: where (the line and the byte of the line), the code that fails, and Go's reason."""

    line: int
    byte: int
    code: str
    reason: str


class Explanation(NamedTuple):
    """A reason in plain words, and what to write instead.

    ``by_type`` is true where the template fails for all data; ``no_data`` where it fails if a query returns nothing.
    """

    message: str
    hint: str
    by_type: bool = True
    no_data: bool = False


def template_error(text: str) -> TemplateError | None:
    """The error in the result of a template; None for a template that did not fail."""
    if "<error expanding template: " not in text:
        return None
    if match := _ERROR.search(text):
        return TemplateError(int(match["line"]), int(match["column"]), match["code"], match["reason"])
    other = _ANY_ERROR.search(text)
    return TemplateError(0, 0, "", other["reason"]) if other else None


def explain(error: TemplateError) -> Explanation:
    """The reason of an error in plain words."""
    for pattern, write in _REASONS:
        if match := pattern.fullmatch(error.reason):
            return write(match, error)
    return Explanation(re.sub(r"^error calling (\w+): ", r"\1: ", error.reason), "", not _OF_DATA.search(error.reason))


def field_of(error: TemplateError) -> str:
    """The field that does not exist, such as `.Foo`; empty for another error."""
    match = re.match(r"can't evaluate field (\w+) in type ", error.reason)
    return f".{match[1]}" if match else ""


# Other errors than these are the same for all values.
_OF_DATA = re.compile("error calling query|overflow|NaN or Inf")
_ALERT_FIELDS = ("Labels", "ExternalLabels", "ExternalURL", "Value")
_KINDS: Sequence[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern), text)
    for pattern, text in (
        (r"string", "a text"),
        (r"float64|interface ?\{ ?\}|interface", "a number"),
        (r"u?int\d*", "an integer"),
        (r"bool", "a condition"),
        (r"(?:template\.)?queryResult", "a list of samples"),
        (r"\*?(?:template\.)?sample", "a sample"),
        (r"(?:html_)?template\.HTML", "HTML"),
        (r"map\[string\]string", "labels"),
        (r"map\[string\]interface \{\}", "arguments"),
        (r"struct \{ Labels .*", "the alert"),
        (r"\*time\.Time|time\.Time", "a time"),
        (r"nil", "nothing"),
    )
]
_USAGE: Mapping[str, str] = {
    "value": 'write {{ $value }} for the value of the alert; value takes a sample: query "up" | first | value',
    "label": 'write {{ $labels.job }} for a label of the alert; label takes a name and a sample: label "job" .',
    "strvalue": "strvalue takes a sample",
    "reReplaceAll": 'write reReplaceAll "PATTERN" "REPLACEMENT" $labels.job',
    "match": 'write match "PATTERN" $labels.job',
    "query": 'write query "up"',
    "graphLink": 'write graphLink "up"',
    "tableLink": 'write tableLink "up"',
}
_OF_ONE_VALUE: Mapping[str, str] = {
    **dict.fromkeys(
        ("humanize", "humanize1024", "humanizeDuration", "humanizePercentage", "humanizeTimestamp", "toTime"), "$value"
    ),
    **dict.fromkeys(("toUpper", "toLower", "title", "stripPort", "stripDomain", "safeHtml"), "$labels.job"),
}


def _kind(go_type: str) -> str:
    return next((text for pattern, text in _KINDS if pattern.fullmatch(go_type)), go_type)


def _arguments(match: re.Match[str], error: TemplateError) -> Explanation:
    function, least, expected, actual = match["function"], match["least"] or "", match["want"], match["got"]
    takes = f"{least}{expected} argument{'' if expected == '1' else 's'}"
    hint = _USAGE.get(function, "")
    if not hint and function in _OF_ONE_VALUE:
        hint = f"write {{{{ {_OF_ONE_VALUE[function]} | {function} }}}}"
    return Explanation(f"{function} takes {takes}, not {actual}", hint)


def _wrong_type(match: re.Match[str], error: TemplateError) -> Explanation:
    expected, actual = _kind(match["expected"]), _kind(match["got"])
    subject = error.code if error.code in FUNCTIONS else "a function"
    message = f"{subject} takes {expected} and gets {actual}"
    if error.code.startswith(("$", ".")):
        message = f"`{error.code}` is {actual}, and the function takes {expected}"
    return Explanation(message, _conversion(expected, actual))


def _conversion(expected: str, actual: str) -> str:
    if expected == "a text" and actual in ("a number", "an integer"):
        return 'format the number first: printf "%g" $value'
    if expected == "a sample" and actual == "a list of samples":
        return "take one of the samples: | first"
    if expected == "a sample":
        return 'take a sample from a query: query "up" | first'
    if expected == "a list of samples":
        return 'take the result of a query: query "up"'
    return f"write {expected}"


def _field(match: re.Match[str], error: TemplateError) -> Explanation:
    name, owner = match["field"], match["owner"]
    if owner.startswith("struct {"):
        hint = did_you_mean(name, _ALERT_FIELDS) or "write .Labels, .Value, .ExternalLabels or .ExternalURL"
        if re.fullmatch("[a-z_]+", name):
            hint = f"write {{{{ $labels.{name} }}}} for a label"
        return Explanation(f"an alert has no field .{name}", hint)
    kind = _kind(owner)
    hint = {
        "a text": "a label's value is a text without fields; remove the field",
        "a number": "the value is a number without fields; remove the field",
        "a list of samples": "read the fields of one sample: {{ range query ... }}{{ .Value }}{{ end }}",
        "a sample": "a sample has .Labels and .Value",
    }.get(kind, "remove the field")
    return Explanation(f"{kind} has no field .{name}", hint)


def _comparison(match: re.Match[str], error: TemplateError) -> Explanation:
    function = match["function"]
    if match["one"] is None:
        return Explanation(
            f"{function} compares values of different types", "compare $value with a decimal, such as 1.0"
        )
    kinds = (_kind(match["one"]), _kind(match["other"]))
    if set(kinds) == {"a number", "an integer"}:
        message = f"{function} compares a number with an integer, which Go's templates do not convert"
        return Explanation(message, "write the integer with a decimal point: 1.0")
    hint = "write the other value in quotes: labels are texts" if "a text" in kinds else "compare values of one type"
    return Explanation(f"{function} compares {kinds[0]} with {kinds[1]}", hint)


def _query(match: re.Match[str], error: TemplateError) -> Explanation:
    message = f"its query does not parse: {match['message']}"
    return Explanation(message, "correct the PromQL in the template", by_type=False)


def _empty(match: re.Match[str], error: TemplateError) -> Explanation:
    hint = 'write {{ with query "..." }}{{ . | first | value }}{{ end }}'
    return Explanation("it reads the first sample of a query that may return none", hint, False, True)


def _out_of_range(match: re.Match[str], error: TemplateError) -> Explanation:
    hint = 'write {{ with query "..." }}{{ (index . 0).Value }}{{ end }}'
    return Explanation("it reads an item of a query that may return fewer", hint, False, True)


def _fixed(message: str, hint: str, *, by_type: bool = True) -> Callable[[re.Match[str], TemplateError], Explanation]:
    def write(match: re.Match[str], error: TemplateError) -> Explanation:
        values = {**match.groupdict(), "code": _code(error)}
        if "kind" in values:
            values["kind"] = _kind(values["kind"])
        return Explanation(message.format(**values), hint.format(**values), by_type)

    return write


def _code(error: TemplateError) -> str:
    return f"`{error.code}`" if error.code else "a function"


_REASONS: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], TemplateError], Explanation]]] = [
    (re.compile(pattern, re.DOTALL), write)
    for pattern, write in (
        (
            r"wrong number of args for (?P<function>\w+): want (?P<least>at least )?(?P<want>\d+) got (?P<got>\d+)",
            _arguments,
        ),
        (r"wrong type for value; expected (?P<expected>\S+); got (?P<got>.*)", _wrong_type),
        (
            r"expected (?P<expected>\w+); found (?P<found>.*)",
            _fixed("the function takes a {expected}, and {found} is none", "write a {expected}"),
        ),
        (r"can't evaluate field (?P<field>\w+) in type (?P<owner>.*)", _field),
        (
            r"error calling (?P<function>\w+): incompatible types for comparison"
            r"(?:: (?P<one>.+) and (?P<other>.+))?",
            _comparison,
        ),
        (r"error calling query: (?:\d+:\d+: |unknown position: )?parse error: (?P<message>.*)", _query),
        (
            r"error calling query: rule result is not a vector or scalar",
            _fixed("its query returns a range vector or a text", "write a query that returns samples", by_type=False),
        ),
        (r"error calling first: first\(\) called on vector with no elements", _empty),
        (r"error calling index: reflect: slice index out of range", _out_of_range),
        (
            r"error calling (?P<function>index|slice): index out of range: (?P<index>\d+)",
            _fixed("{function} reads item {index} of a text that is shorter", "check its length", by_type=False),
        ),
        (
            r"error calling index: value has type (?P<kind>\S+); should be string",
            _fixed("index takes the name of a label, not {kind}", 'write index $labels "NAME"'),
        ),
        (
            r"error calling index: (?:can't|cannot) index item of type (?P<kind>\S+)",
            _fixed("index takes labels or a list of samples, not {kind}", "remove index"),
        ),
        (
            r"error calling len: len of type (?P<kind>\S+)",
            _fixed("len takes a text, labels or a list of samples, not {kind}", "remove len"),
        ),
        (
            r"error calling (?P<function>\w+): (?:regexp: Compile\(.*\): )?error parsing regexp: (?P<message>.*)",
            _fixed("the regular expression of {function} is invalid: {message}", "correct the regular expression"),
        ),
        (
            r"error calling (?P<function>\w+): (?:invalid type for comparison|non-comparable types? .*)",
            _fixed("{function} cannot compare {code}", "compare numbers, or texts"),
        ),
        (
            r"error calling (?P<function>\w+): missing argument for comparison",
            _fixed("{function} takes at least 2 arguments, not 1", "write the value to compare with"),
        ),
        (
            r"error calling (?P<function>\w+): can't convert (?P<kind>.+) to float",
            _fixed("{function} takes a number and gets {kind}", "write $value"),
        ),
        (
            r"error calling slice: can't slice item of type (?P<kind>.*)",
            _fixed("slice takes a text, not {kind}", "remove slice"),
        ),
        (
            r"error calling index: cannot index slice/array with type (?P<kind>.+)",
            _fixed("index takes the number of an item, not {kind}", "write index VALUE 0"),
        ),
        (
            r"can't handle (?P<text>.*) for arg of type (?P<kind>.*)",
            _fixed("the function takes {kind}, and {text} is none", "write {kind}"),
        ),
        (r"range can't iterate over .*", _fixed("range takes labels or the result of a query", "remove range")),
        (
            r'template "(?P<name>.*)" not defined',
            _fixed(
                'there is no template "{name}"', 'define it in this text: {{{{ define "{name}" }}}}...{{{{ end }}}}'
            ),
        ),
        (
            r'error calling (?P<function>\w+): strconv\.ParseFloat: parsing (?P<text>".*"): invalid syntax',
            _fixed("{function} takes a number, and {text} is none", "write $value", by_type=False),
        ),
        (
            r"error calling (?P<function>\w+): "
            r'(?:not a valid duration string: |unknown unit ".*" in duration )(?P<text>".*")',
            _fixed("{function} takes a duration, and {text} is none", "write a duration such as 5m", by_type=False),
        ),
        (
            r"error calling call: non-function .*",
            _fixed("call takes a function, which alerts do not have", "remove call"),
        ),
        (r"nil is not a command", _fixed("nil is not a value to print", "remove it")),
        (r"cannot assign nil to \S+", _fixed("nil is no argument of a function", "remove it")),
        (r"can't give argument to non-function .*", _fixed("{code} is not a function", "remove the argument")),
    )
]
