"""Every PromQL text of a project, with the definition and the argument that it was written in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from obscode.artifacts.project import Artifacts
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model import argument_types
from obscode.model.alert import Rule
from obscode.model.dashboard import Annotation, Panel, QueryVariable
from obscode.model.definition import Definition
from obscode.promql.errors import PromQLError
from obscode.promql.parser import Query, parse, parse_panel


@dataclass(frozen=True)
class Expression:
    """PromQL of a rule, or of a dashboard (``panel``), in which Grafana variables may stand."""

    text: str
    owner: str
    panel: bool
    source: Source
    at: str

    def parse(self) -> Query:
        """Parse it; raises PromQLError."""
        return parse_panel(self.text) if self.panel else parse(self.text)

    def parse_or_none(self) -> Query | None:
        """Parse it; None when it does not parse, which is told by the check promql-syntax alone."""
        try:
            return self.parse()
        except PromQLError:
            return None

    def finding(self, check: str, message: str, hint: str = "") -> tuple[Source, Finding]:
        """A finding about this expression, and the definition that may ignore it."""
        return self.source, self.source.finding(check, message, hint, at=self.at)


def expressions(artifacts: Artifacts) -> Iterator[Expression]:
    """Rules first, then dashboards from top to bottom, in the order of the output."""
    for rule in artifacts.rules():
        yield Expression(rule.expr, rule.name, False, rule.source, "expr" if hasattr(rule.source, "expr") else "sli")
    for dashboard in artifacts.dashboards:
        for part in (*dashboard.variables, *dashboard.annotations, *dashboard.panels()):
            yield from _of_dashboard(part)


def written(definitions: Iterable[Definition]) -> Iterator[Expression]:
    """Those of definitions that cannot be compiled, since others are wrong."""
    for definition in (below for root in definitions for below in root.walk()):
        if any(argument_types.problems(definition)):
            continue
        if isinstance(definition, Rule):
            yield Expression(definition.expr, definition.name, False, definition, "expr")
        else:
            yield from _of_dashboard(definition)


def _of_dashboard(part: Definition) -> Iterator[Expression]:
    if isinstance(part, Panel):
        yield from _of_panel(part)
    elif isinstance(part, Annotation):
        yield Expression(part.expr, part.name, True, part, "expr")
    elif isinstance(part, QueryVariable) and (asked := _asked(part.query)):
        yield Expression(asked, f"variable {part.name}", True, part, "query")


# What Grafana makes of a variable's query:
# https://github.com/grafana/grafana/blob/main/packages/grafana-prometheus/src/metric_find_query.ts
_ASKED = re.compile(
    r"\s*(?:label_values\((?P<series>.+),\s*[\w$]+\s*\)|label_names\((?P<named>.+)\)|query_result\((?P<result>.+)\))\s*",
    re.DOTALL,
)


def _asked(query: str) -> str:
    """The PromQL in a variable's query; empty where it holds none."""
    match = _ASKED.fullmatch(query)
    return next((group for group in match.groups() if group), "") if match else ""


def parses(panel: Panel) -> bool:
    """Whether all queries of a panel parse; where one does not, that is told alone."""
    return all(expression.parse_or_none() for expression in _of_panel(panel))


def _of_panel(panel: Panel) -> Iterator[Expression]:
    for query in panel.all_queries():
        own = query.origin is not panel.origin
        source, at = (query, "expr") if own else (panel, "queries")
        yield Expression(query.expr, panel.title, True, source, at)
