"""PromQL of other tools' documents: whether its results over short windows add up to those over long windows.

Sloth and OpenSLO evaluate a query over each window. obscode counts events in a short base window and adds these
counts up for longer windows. So a query has the same meaning here if its results add up, as those of increase() do.
Those of rate() add up except for a factor, which both sides of a ratio share. Alerts need a minimum number of events,
therefore rates are multiplied by the seconds of the base window.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from textwrap import dedent

from obscode.checks.promql_syntax import promql_syntax
from obscode.importers.codes import QUERY, TEMPLATE
from obscode.importers.document import ImportReport
from obscode.model.sli.promql_argument import parenthesised
from obscode.promql import duration
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse
from obscode.promql.rewrite import WINDOW_PLACEHOLDER, find_comparisons, find_ranges
from obscode.reader.yaml_nodes import YamlNode

_TEMPLATE = re.compile(r"\{\{ *\.window *\}\}")
EVENTS = ("increase", "rate", "changes", "resets")
# True if the result of a function grows with the window.
_GROWS = {
    "increase": True,
    "changes": True,
    "resets": True,
    "sum_over_time": True,
    "count_over_time": True,
    "rate": False,
    "avg_over_time": False,
}
# Functions of which the sum of results is the result for the sum.
_LINEAR = ("sum", "avg", "histogram_count", "histogram_sum", "label_join", "label_replace")


@dataclass(frozen=True)
class Query:
    """A query of a document, under the key ``name``, with a placeholder for the window."""

    name: str
    value: YamlNode
    text: str
    range: str = ""  # the window in the document; empty if it has a template

    def over(self, window: str) -> str:
        """The PromQL for a window."""
        return self.text.replace(WINDOW_PLACEHOLDER, window)

    def part(self, text: str) -> Query:
        """A part of the query."""
        return replace(self, text=text)

    @property
    def functions(self) -> list[str]:
        """The functions whose range is the window."""
        return [r.function for r in find_ranges(self.text) if r.window == WINDOW_PLACEHOLDER]

    @property
    def grows(self) -> bool:
        """True if the result grows with the window, as a count does; a rate does not."""
        return all(_GROWS[function] for function in self.functions)


def parse_query(name: str, value: YamlNode, report: ImportReport) -> Query | None:
    """The query in a value, if it is PromQL without templates except {{.window}}."""
    text = _TEMPLATE.sub(WINDOW_PLACEHOLDER, dedent(value.content).strip())
    if "{{" in text:
        hint = "replace the template with its value; only {{.window}} is supported"
        report.add(TEMPLATE, f"{name} contains a template that obscode does not support", hint, value.place)
        return None
    query = Query(name, value, text, "{{.window}}" if WINDOW_PLACEHOLDER in text else "")
    if wrong := _problem(query.over("5m")):
        report.add(promql_syntax, f"{name}: {wrong[0]}", wrong[1], value.place)
        return None
    if text.count(WINDOW_PLACEHOLDER) > sum(r.window == WINDOW_PLACEHOLDER for r in find_ranges(text)):
        message = f"{name} has {{{{.window}}}} outside of a range"
        report.add(TEMPLATE, message, "write it in square brackets: [{{.window}}]", value.place)
        return None
    return query


def _problem(text: str) -> tuple[str, str] | None:
    """Why an expression is not an SLI, and what to write."""
    try:
        selectors = parse(text).selectors
    except PromQLError as error:
        return str(error), "write PromQL that Prometheus accepts"
    if not selectors:
        return "it reads no series", "name a metric"
    try:
        parse(f"abs({parenthesised(text)})")
    except PromQLError:
        return "it yields a number, not a vector", "remove scalar()"
    return None


def adds_up(query: Query, report: ImportReport) -> bool:
    """True if results over short windows add up to those over long windows; else the reason is reported."""
    wrong, hint = _why_not_additive(query)
    if wrong:
        message = f"{query.name} does not add up: {wrong}"
        report.add(QUERY, message, hint, query.value.place)
    return not wrong


def _why_not_additive(query: Query) -> tuple[str, str]:
    """Why the result over a long window is not the sum of those over its parts, and what to write."""
    ranges = [r for r in find_ranges(query.text) if r.window == WINDOW_PLACEHOLDER]
    for name in query.functions:
        if name not in _GROWS:
            return (
                f"{name}() over a day is not the sum of {name}() over its minutes",
                f"use {', '.join(f'{each}()' for each in _GROWS)}",
            )
    for name in (name for r in ranges for name in r.enclosing_functions):
        if name.lower() not in _LINEAR:
            return (
                f"{name}() of a sum is not the sum of {name}() of its parts",
                "use only sum() and avg() around the counts",
            )
    for comparison in find_comparisons(query.text):
        return (
            f"the comparison {comparison} can differ between a sum and its parts",
            "compare inside: (...)[{{.window}}:]",
        )
    if len({_GROWS[function] for function in query.functions}) > 1:
        return f"one of {functions(query)} grows with the window, the other does not", "use one of them throughout"
    return "", ""


def fits_base(query: Query, base: str, report: ImportReport) -> bool:
    """True if the query has no window except the placeholder; others are reported."""
    for other in (r.window for r in find_ranges(query.text) if r.window != WINDOW_PLACEHOLDER):
        if duration.validate_duration(other) or duration.milliseconds(other) != duration.milliseconds(base):
            message = f"{query.name} has the fixed window {other}, besides the one that obscode sets"
            hint = f"write [{{{{.window}}}}], or [{base}], the window in which obscode counts events"
            report.add(QUERY, message, hint, query.value.place)
            return False
    return True


def functions(query: Query) -> str:
    """The functions of a query, as a message lists them."""
    return " and ".join(f"{name}()" for name in dict.fromkeys(query.functions))
