"""The templates of alerts, expanded by promtool: it only parses those of a rule file.

One unit test fires an alert for each text, with the labels that its expression can have and several values, and prints
the result. The alerts are not those of the rules: their expressions read one series of the test, so that they fire.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from obscode.artifacts.rules import AlertingRule
from obscode.checks.template_error import template_error as template_error_check
from obscode.checks.template_label import texts_of
from obscode.checks.template_query import template_query
from obscode.findings.errors import ToolError
from obscode.findings.finding import Finding
from obscode.model.alert import Alert
from obscode.promql.alert_template import Action, actions, invalid_templates
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse
from obscode.promql.spans import scan
from obscode.promql.template_errors import Explanation, TemplateError, explain, field_of, template_error
from obscode.promql.template_variants import (
    Rewritten,
    Variant,
    action_at,
    can_fail,
    has_query,
    is_constant,
    queries,
    rewrite,
    strings,
)
from obscode.promql.tokens import is_plain_label, quote, unquote
from obscode.toolchain import Tool
from obscode.verify.processes import run

_ALERT = "T"
_SERIES = "obscode_template"
_TEXT, _WORLD, _VARIANT = "obscode_text", "obscode_world", "obscode_variant"
# Values of the alert, and of its labels: a number, a duration and another text. These labels are none of the first two.
_TEXT_LABELS = ("job", "instance")
_VALUES = ("0", "1", "-1", "0.5", "1e9", "NaN")
_LABEL_VALUES = ("x", "1", "5m")
_MOST_CONSTANTS = 6
_CONSTANT = re.compile(r"[\w.:/-]{1,100}")  # others would change the syntax of queries with labels in them
_SECONDS = 300.0

# Series that Prometheus itself writes.
_STANDARD = frozenset(
    ("up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_series_added", "ALERTS", "ALERTS_FOR_STATE")
)

_LABELS_READ = re.compile(r"(?:\$labels|\.Labels)\.(\w+)|index\s+(?:\$labels|\$?\.Labels)\s+\"(\w+)\"")
_RESULT = re.compile(
    r'^\s*Labels:\{(?P<labels>.*)\}\s*\n\s*Annotations:\{text=(?P<text>"(?:\\.|[^"\\])*")\}', re.MULTILINE
)
_LOCATION = re.compile(rf'{_TEXT}="(?P<text>\d+)", {_VARIANT}="(?P<variant>[^"]*)", {_WORLD}="(?P<world>\d+)"')
_REJECTED = re.compile(r'group "[^"]*", rule (?P<number>\d+), ')


class _Place(NamedTuple):
    """A text of an alert, with the name of its label or annotation."""

    alert: AlertingRule
    name: str
    text: str


@dataclass(frozen=True)
class _Text:
    """The templates of a text, without what stands between them, and the labels that they read and its alert has."""

    text: str
    labels: frozenset[str]

    def worlds(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Values of the alert with values of its labels."""
        yield "1", {}
        for value in _VALUES:
            yield value, dict.fromkeys(self.labels, _LABEL_VALUES[0])
        if self.labels:
            text, *others = _LABEL_VALUES
            for value in others:
                yield "1", {label: text if label in _TEXT_LABELS else value for label in self.labels}
            constants = [text for text in dict.fromkeys(strings(self.text)) if _CONSTANT.fullmatch(text)]
            for value in constants[:_MOST_CONSTANTS]:
                yield "1", dict.fromkeys(self.labels, value)

    def variants(self) -> Sequence[Variant]:
        """The variants in which it is expanded."""
        return ("no-series", "one-series") if has_query(self.text) else ("no-series",)


@dataclass(frozen=True)
class _Failure:
    """Why and where a text fails; ``is_certain`` unless it depends on the result of a query."""

    explanation: Explanation
    span: tuple[int, int]
    is_certain: bool
    tool: Tool


def failing_templates(
    alerts: Iterable[AlertingRule], tools: Sequence[Tool], recorded: Set[str] = frozenset()
) -> list[Finding]:
    """A finding for each text of an alert whose templates fail.

    The newest of the tools, which are sorted by version, expands all texts, and the others those that did not fail.
    ``recorded`` are series that exist, besides those that the alert reads.
    """
    places = _places(alerts)
    failures: dict[_Text, _Failure] = {}
    for tool in reversed(tools):
        if remaining := [text for text in places if text not in failures]:
            failures |= _failures(remaining, tool)
    return [
        finding
        for text, failure in failures.items()
        for place in places[text]
        if failure.is_certain or not _reads_known_series(text.text, failure, place.alert, recorded)
        for finding in [_finding(place, _in_text(failure.span, text.text, place.text), failure, tools[-1])]
    ]


def needs_promtool(alerts: Iterable[AlertingRule]) -> int:
    """How many alerts have templates that may fail."""
    return sum(any(can_fail(text) for _, text in texts_of(alert)) for alert in alerts)


def _places(alerts: Iterable[AlertingRule]) -> Mapping[_Text, Sequence[_Place]]:
    """Where each text occurs that may fail; a text that occurs often is expanded once."""
    places: dict[_Text, list[_Place]] = {}
    for alert in alerts:
        for name, text in texts_of(alert):
            if can_fail(text) and not invalid_templates(text):
                templates = " ".join(action.text for action in actions(text))
                places.setdefault(_Text(templates, _labels(alert, text)), []).append(_Place(alert, name, text))
    return places


def _labels(alert: AlertingRule, text: str) -> frozenset[str]:
    read = {one or other for one, other in _LABELS_READ.findall(text)}
    try:
        possible = parse(alert.expr).labels
    except PromQLError:  # reported by promql-syntax
        possible = None
    return frozenset(label for label in read if is_plain_label(label) and (possible is None or label in possible))


# --- promtool ----------------------------------------------------------------------------------------------------


def _failures(texts: Sequence[_Text], tool: Tool) -> dict[_Text, _Failure]:
    """The texts that fail with one version."""
    written = {(n, variant): rewrite(text.text, variant) for n, text in enumerate(texts) for variant in text.variants()}
    errors = _run(texts, written, tool)
    failures = {}
    for n, text in enumerate(texts):
        of_text = {variant: errors.get((n, variant), {}) for variant in text.variants()}
        if worst := _worst(text, of_text):
            variant, error = worst
            span = _span(text.text, written[n, variant], error)
            # A query in the quoted code may have been replaced.
            explanation = explain(error._replace(code=text.text[slice(*span)]) if error.code else error)
            is_certain = explanation.by_type or not explanation.no_data or _is_constant(text.text, span)
            failures[text] = _Failure(explanation, span, is_certain, tool)
    return failures


_Errors = Mapping[int, TemplateError]  # by world


def _worst(text: _Text, errors: Mapping[Variant, _Errors]) -> tuple[Variant, TemplateError] | None:
    """The error to report: one that no data avoids, else one that depends on the result of a query."""
    for variant, of_variant in errors.items():
        for error in of_variant.values():
            of_guard = variant == "one-series" and error.reason.startswith("error calling query")
            if explain(error).by_type and not of_guard:
                return variant, error
    without_series = list(errors["no-series"].values())
    by_data = [error for error in without_series if not explain(error).no_data]
    places = Counter((error.line, error.byte) for error in by_data)
    for error in sorted(by_data, key=lambda error: '""' in error.reason):  # rather with a value than without
        always = places[error.line, error.byte] == len(list(text.worlds()))
        at = _span(text.text, rewrite(text.text, "no-series"), error)
        if (always or _is_constant(text.text, at)) and not _is_newer(text.text, error):
            return "no-series", error
    return next((("no-series", error) for error in without_series if error not in by_data), None)


def _is_newer(text: str, error: TemplateError) -> bool:
    """Whether a query does not parse because promtool is older than its functions."""
    return "unknown function" in error.reason and all(_parses(query) for query in queries(text))


def _parses(query: str) -> bool:
    try:
        parse(query)
    except PromQLError:
        return False
    return True


def _run(
    texts: Sequence[_Text], written: Mapping[tuple[int, Variant], Rewritten], tool: Tool
) -> Mapping[tuple[int, Variant], _Errors]:
    """The errors of one unit test; a text that promtool does not load is left out, since `check rules` reports it."""
    rules = list(written)
    for _ in range(3):
        output = _output(texts, {key: written[key].text for key in rules}, tool)
        rejected = {int(match["number"]) - 1 for match in _REJECTED.finditer(output)}
        if not rejected:
            return _errors(output, len(rules), tool)
        rules = [key for i, key in enumerate(rules) if i not in rejected]
    raise ToolError(f"promtool {tool.version} does not load the templates of alerts: {_shortened(output)}")


def _output(texts: Sequence[_Text], rules: Mapping[tuple[int, Variant], str], tool: Tool) -> str:
    with tempfile.TemporaryDirectory(prefix="obscode-") as folder:
        Path(folder, "rules.yml").write_text(json.dumps(_rule_file(rules)))  # JSON is YAML
        Path(folder, "test.yml").write_text(json.dumps(_test_file(texts)))
        result = run(tool, "test", "rules", "test.yml", folder=Path(folder), timeout=_SECONDS)
    return f"{result.stdout}\n{result.stderr}"


def _rule_file(rules: Mapping[tuple[int, Variant], str]) -> object:
    # Without the first line break, columns would count what Prometheus writes before each template.
    listed = [
        {
            "alert": _ALERT,
            "expr": f'{_SERIES}{{{_TEXT}="{n}"}}',
            "labels": {_VARIANT: variant},
            "annotations": {"text": f"\n{text}"},
        }
        for (n, variant), text in rules.items()
    ]
    return {"groups": [{"name": "templates", "rules": listed}]}


def _test_file(texts: Sequence[_Text]) -> object:
    series = [
        {"series": _series({_TEXT: str(n), _WORLD: str(w), **labels}), "values": value}
        for n, text in enumerate(texts)
        for w, (value, labels) in enumerate(text.worlds())
    ]
    test = {
        "interval": "1m",
        "input_series": series,
        "alert_rule_test": [{"eval_time": "0m", "alertname": _ALERT, "exp_alerts": []}],
    }
    return {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}


def _series(labels: Mapping[str, str]) -> str:
    return f"{_SERIES}{{{','.join(f'{name}={quote(value)}' for name, value in labels.items())}}}"


def _errors(output: str, rules: int, tool: Tool) -> Mapping[tuple[int, Variant], _Errors]:
    errors: dict[tuple[int, Variant], dict[int, TemplateError]] = {}
    expanded = set()
    for match in _RESULT.finditer(output):
        place = _LOCATION.search(match["labels"])
        if not place:
            continue
        variant: Variant = "one-series" if place["variant"] == "one-series" else "no-series"
        expanded.add((place["text"], variant))
        if error := template_error(unquote(match["text"])):
            errors.setdefault((int(place["text"]), variant), {})[int(place["world"])] = error
    if len(expanded) < rules:
        raise ToolError(f"promtool {tool.version} does not expand the templates of alerts: {_shortened(output)}")
    return errors


def _shortened(output: str) -> str:
    line = " ".join(output.split())
    return line if len(line) <= 300 else line[:297] + "..."


# --- findings ----------------------------------------------------------------------------------------------------


def _span(text: str, written: Rewritten, error: TemplateError) -> tuple[int, int]:
    """The characters of the text that an error is about; promtool counts lines from 1, after the first line break."""
    lines = f"\n{written.text}".split("\n")
    line, byte = error.line - 1, error.byte
    if not 0 <= line < len(lines):
        return 0, len(text)
    in_line = len(lines[line].encode()[:byte].decode(errors="ignore"))
    start = written.original(sum(len(each) + 1 for each in lines[:line]) + in_line - 1)
    action = action_at(text, start)
    if action is None:
        return start, start + 1
    return _of_code(action, start, error)


def _of_code(action: Action, start: int, error: TemplateError) -> tuple[int, int]:
    """The code that the error quotes, which contains the position; Go quotes 20 characters at most."""
    code = error.code
    if (name := field_of(error)) and name not in code:  # of `(toTime $value).Foo`, Go quotes `$value`
        code = name
        start = action.text.find(name, start - action.start) + action.start
    for match in re.finditer(re.escape(code), action.text) if not code.startswith("{{") else ():
        first, last = (action.start + position for position in match.span())
        if first <= start < last:
            return first, last
    inside = re.split(r"\s*-?\}\}$", action.text[start - action.start :])[0]
    return start, start + max(len(inside), 1)


def _is_constant(text: str, span: tuple[int, int]) -> bool:
    action = action_at(text, span[0])
    return action is not None and is_constant(action)


def _reads_known_series(text: str, failure: _Failure, alert: AlertingRule, recorded: Set[str]) -> bool:
    """Whether the queries of a template, or of the whole text, read only series that exist when the alert fires."""
    action = action_at(text, failure.span[0])
    if action and has_query(action.text):
        text = action.text
    known = {*_STANDARD, *recorded, *(selector.metric for selector in scan(alert.expr).selectors)}
    return all(selector.metric in known for query in queries(text) for selector in scan(query).selectors)


def _in_text(span: tuple[int, int], templates: str, text: str) -> tuple[int, int]:
    """The characters of a text for those of its templates."""
    for each, original in zip(actions(templates), actions(text), strict=True):
        if each.start <= span[0] < each.start + len(each.text):
            return span[0] - each.start + original.start, span[1] - each.start + original.start
    return 0, len(text)


def _finding(place: _Place, span: tuple[int, int], failure: _Failure, newest: Tool) -> Finding:
    alert, name, text = place
    check = template_error_check if failure.is_certain else template_query
    verb = "fails" if failure.is_certain else "fails if its query returns nothing"
    message = f"the {name} of alert {alert.name} {verb}: {failure.explanation.message}"
    if failure.tool != newest:
        message += f" (with Prometheus {failure.tool.version})"
    finding = alert.source.finding(check, message, failure.explanation.hint, at=name)
    if isinstance(alert.source, Alert) and text not in _own_texts(alert.source, name):
        return finding  # obscode escaped braces in it, so that positions differ
    return replace(finding, span=alert.source.characters_span(name, *span))


def _own_texts(alert: Alert, name: str) -> Sequence[object]:
    return getattr(alert, name, None), alert.annotations.get(name), alert.labels.get(name)
