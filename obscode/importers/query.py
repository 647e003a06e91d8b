"""PromQL of other tools' documents: what it counts within a window, and the SLI that reads the same.

Sloth and OpenSLO ask a query over a window of the tool's choice. obscode counts events once, over a short
base window, and adds these counts up for longer ones. So a query can mean the same here if its results add
up, as those of increase() do. Those of rate() add up but for a factor, which both sides of a ratio share;
alerts, however, are guarded by the number of events: rates are multiplied by the seconds of the base window.
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
from obscode.reader.yaml_source import YamlNode

_TEMPLATE = re.compile(r"\{\{ *\.window *\}\}")
EVENTS = ("increase", "rate", "changes", "resets")
# Whether the results of a function grow with the window, or stay as they are.
_GROWS = {
    "increase": True,
    "changes": True,
    "resets": True,
    "sum_over_time": True,
    "count_over_time": True,
    "rate": False,
    "avg_over_time": False,
}
# What can stand around them without harm.
_LINEAR = ("sum", "avg", "histogram_count", "histogram_sum", "label_join", "label_replace")


@dataclass(frozen=True)
class Query:
    """A query of a document, under the key ``name``; the mark of ``promql_text`` stands where the window goes."""

    name: str
    value: YamlNode
    text: str
    range: str = ""  # the window that the document has there, if it is not left open

    def over(self, window: str) -> str:
        """The PromQL for a window."""
        return self.text.replace(WINDOW_PLACEHOLDER, window)

    def part(self, text: str) -> Query:
        """A piece of the query."""
        return replace(self, text=text)

    @property
    def functions(self) -> list[str]:
        """The functions that are given the window."""
        return [r.function for r in find_ranges(self.text) if r.window == WINDOW_PLACEHOLDER]

    @property
    def grows(self) -> bool:
        """Whether the result grows with the window, as a count does, or not, as a rate."""
        return all(_GROWS[function] for function in self.functions)


def queried(name: str, value: YamlNode, report: ImportReport) -> Query | None:
    """The query in a value, if it is PromQL with no other template than the window's."""
    text = _TEMPLATE.sub(WINDOW_PLACEHOLDER, dedent(value.content).strip())
    if "{{" in text:
        hint = "the only template that a query may hold is {{.window}}; write out what the others stand for"
        report.add(TEMPLATE, f"{name} holds a template that obscode cannot fill in", hint, value.place)
        return None
    query = Query(name, value, text, "{{.window}}" if WINDOW_PLACEHOLDER in text else "")
    if wrong := _problem(query.over("5m")):
        report.add(promql_syntax, f"{name}: {wrong[0]}", wrong[1], value.place)
        return None
    if text.count(WINDOW_PLACEHOLDER) > sum(r.window == WINDOW_PLACEHOLDER for r in find_ranges(text)):
        message = f"{name} has {{{{.window}}}} outside of a range"
        report.add(TEMPLATE, message, "write it into square brackets: [{{.window}}]", value.place)
        return None
    return query


def _problem(text: str) -> tuple[str, str] | None:
    """Why nothing can be measured by an expression, and what to write."""
    try:
        selectors = parse(text).selectors
    except PromQLError as error:
        return str(error), "write PromQL as Prometheus takes it"
    if not selectors:
        return "it reads no series", "an SLI is measured: name a metric"
    try:
        parse(f"abs({parenthesised(text)})")
    except PromQLError:
        return "it yields a number, not a vector", "leave out scalar()"
    return None


def adds_up(query: Query, report: ImportReport) -> bool:
    """Whether the results of a query over short windows add up to those over long ones; tells why not."""
    wrong, hint = _apart(query)
    if wrong:
        message = f"{query.name} does not add up from short windows to long ones: {wrong}"
        report.add(QUERY, message, hint, query.value.place)
    return not wrong


def _apart(query: Query) -> tuple[str, str]:
    """What keeps the result over a long window from being the sum of those over its parts, and what to write."""
    ranges = [r for r in find_ranges(query.text) if r.window == WINDOW_PLACEHOLDER]
    for name in query.functions:
        if name not in _GROWS:
            return f"{name}() of a day is not that of its minutes", f"use {', '.join(f'{each}()' for each in _GROWS)}"
    for name in (name for r in ranges for name in r.enclosing_functions):
        if name.lower() not in _LINEAR:
            return f"{name}() of a sum is not the sum of its parts", "leave only sum() and avg() around the counts"
    for comparison in find_comparisons(query.text):
        return f"what holds for a sum ({comparison}) need not for its parts", "compare inside: (...)[{{.window}}:]"
    if len({_GROWS[function] for function in query.functions}) > 1:
        return f"of {functions(query)} one grows with the window", "use one of them throughout"
    return "", ""


def fits_base(query: Query, base: str, report: ImportReport) -> bool:
    """Whether the query has no windows but the one that is put in; tells which."""
    for other in (r.window for r in find_ranges(query.text) if r.window != WINDOW_PLACEHOLDER):
        if duration.validate_duration(other) or duration.milliseconds(other) != duration.milliseconds(base):
            message = f"{query.name} has a window of its own, {other}, beside the one that obscode puts in"
            hint = f"write [{{{{.window}}}}], or [{base}], which is the window that events are counted in"
            report.add(QUERY, message, hint, query.value.place)
            return False
    return True


def functions(query: Query) -> str:
    """The functions of a query, in a sentence."""
    return " and ".join(f"{name}()" for name in dict.fromkeys(query.functions))
