"""The PromQL expressions of rules and dashboards, each with its source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import Rule as RuleArtifact
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model import argument_types, naming, variables
from obscode.model.alert import Rule
from obscode.model.dashboard import Annotation, Panel
from obscode.model.definition import Definition
from obscode.model.slo import SLO
from obscode.promql.errors import PromQLError
from obscode.promql.limits import MAX_CHARACTERS
from obscode.promql.parser import Query, parse, parse_panel
from obscode.reader.dashboards.document import model_of

# The attribute of a dashboard with its expressions, once they are known.
_EXPRESSIONS = "_known_expressions"
# What stands for the matchers of an SLO in `Expression.shared`.
_SOME_SLO = f'{{{naming.SERVICE}="0",{naming.SLO}="0"}}'


class Expression(NamedTuple):
    """PromQL of a rule, or of a dashboard (``panel``), which may contain Grafana variables.

    ``shared`` is the text of an SLO's rule without its service and name. Most rules of SLOs are equal then, so that
    these texts are parsed instead where the values of matchers do not matter; empty for other expressions.
    """

    text: str
    owner: str
    panel: bool
    source: Source
    at: str
    shared: str = ""

    def parse(self) -> Query:
        """Parse it; raises PromQLError."""
        return parse_panel(self.text) if self.panel else parse(self.text)

    def check_syntax(self) -> None:
        """Raise PromQLError if it does not parse."""
        if not self._is_valid_as_shared():
            self.parse()

    def metrics(self) -> Iterable[str]:
        """The names of the series that it reads, each once; none if it does not parse."""
        query = self.query()
        return dict.fromkeys(selector.metric for selector in query.selectors) if query else ()

    def query(self) -> Query | None:
        """The query, whose matchers may have other values, as ``shared`` has; None if it does not parse."""
        return parse(self.shared) if self._is_valid_as_shared() else self.parse_or_none()

    def _is_valid_as_shared(self) -> bool:
        return bool(self.shared) and len(self.text) <= MAX_CHARACTERS and _is_valid(self.shared)

    def parse_or_none(self) -> Query | None:
        """Parse it; None if it does not parse, which promql-syntax reports."""
        try:
            return self.parse()
        except PromQLError:
            return None

    def finding(self, code: Code, message: str, hint: str = "", characters: tuple[int, int] | None = None) -> Finding:
        """A finding that points at this expression, or at some of its characters."""
        finding = self.source.finding(code, message, hint, at=self.at)
        if characters is None:
            return finding
        return replace(finding, span=self.source.characters_span(self.at, *characters))


@lru_cache(maxsize=4096)  # the rules of SLOs are equal but for their names
def _is_valid(text: str) -> bool:
    try:
        parse(text)
    except PromQLError:
        return False
    return True


def expressions(artifacts: Artifacts) -> Iterator[Expression]:
    """The expressions of all rules, then of all dashboards from top to bottom."""
    values: list[RuleArtifact | Dashboard] = [*artifacts.rules(), *artifacts.dashboards]
    for value in values:
        yield from expressions_of(value)


def expressions_of(value: RuleArtifact | Dashboard) -> Sequence[Expression]:
    """The expression of a rule, or those of a dashboard."""
    known: Sequence[Expression] | None = vars(value).get(_EXPRESSIONS)
    if known is None:  # several checks read them
        parts = _of_parts(value) if isinstance(value, Dashboard) else [_of_rule(value)]
        vars(value)[_EXPRESSIONS] = known = tuple(parts)
    return known


def _of_rule(value: RuleArtifact) -> Expression:
    if isinstance(value.source, SLO):
        return Expression(value.expr, value.name, False, value.source, "sli", _shared(value))
    return Expression(value.expr, value.name, False, value.source, "expr")


def _of_parts(value: Dashboard) -> Iterator[Expression]:
    if value.existing:
        yield from of_file(value)
    elif value.definition:
        for part in (*value.definition.variables, *value.definition.annotations, *value.panels()):
            yield from _of_dashboard(part)


def of_file(dashboard: Dashboard) -> Iterator[Expression]:
    """The PromQL of a dashboard that a project keeps in a file, at its positions there."""
    model = model_of(dashboard)
    texts = [(target.expr, target.query.at("expr"), panel.title) for panel, target in model.targets("promql")]
    texts += [(each.expr, each.query.at("expr"), each.node.text("name")) for each in model.annotations if each.expr]
    for variable in model.variables:
        if variable.type == "query" and variable.datasource.type in ("prometheus", ""):
            texts.append((_promql_of(variable.query), variable.query_path, f"variable {variable.name}"))
    for text, path, owner in texts:
        if text:
            source, at = dashboard.source.locate(path)
            yield Expression(text, owner, True, source, at)


def _shared(rule: RuleArtifact) -> str:
    service, slo = rule.labels.get(naming.SERVICE), rule.labels.get(naming.SLO)
    return rule.expr.replace(f'{{{naming.SERVICE}="{service}",{naming.SLO}="{slo}"}}', _SOME_SLO)


def of_definitions(definitions: Iterable[Definition]) -> Iterator[Expression]:
    """The expressions of definitions that are not compiled because others have errors."""
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
    elif isinstance(part, variables.Query) and isinstance(part.query, str) and (promql := _promql_of(part.query)):
        yield Expression(promql, f"variable {part.name}", True, part, "query")


# How Grafana parses a variable's query:
# https://github.com/grafana/grafana/blob/main/packages/grafana-prometheus/src/metric_find_query.ts
_VARIABLE_QUERY = re.compile(
    r"\s*(?:label_values\((?P<series>.+),\s*[\w$]+\s*\)|label_names\((?P<named>.+)\)|query_result\((?P<result>.+)\))\s*",
    re.DOTALL,
)


def _promql_of(query: str) -> str:
    """The PromQL in a variable's query; empty if it contains none."""
    match = _VARIABLE_QUERY.fullmatch(query)
    return next((group for group in match.groups() if group), "") if match else ""


def parses(part: Definition) -> bool:
    """True if all PromQL of a panel, a variable or an annotation parses; promql-syntax reports the others."""
    return all(expression.parse_or_none() for expression in _of_dashboard(part))


def _of_panel(panel: Panel) -> Iterator[Expression]:
    for query in panel.all_queries():
        own = query.origin is not panel.origin
        source, at = (query, "expr") if own else (panel, "queries")
        yield Expression(query.expr, panel.title, True, source, at)
