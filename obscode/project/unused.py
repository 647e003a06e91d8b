"""Definitions of a file that are in no output: nothing holds them, or no name keeps them."""

from __future__ import annotations

import ast
import copy
import dataclasses
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan
from obscode.model.alert import Alert, AlertTest, RecordingRule
from obscode.model.configs import Alertmanager, Prometheus
from obscode.model.dashboard import Dashboard, Panel, Row
from obscode.model.definition import Definition
from obscode.model.inhibition import Inhibit
from obscode.model.mute_time import MuteTime
from obscode.model.project import Project
from obscode.model.routing import Route, Routing
from obscode.model.rule_group import RuleFile, RuleGroup
from obscode.model.scenario import Phase, Scenario
from obscode.model.scrape import Job
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.model.type_descriptions import type_name

UNUSED_DEFINITION = Code(
    "unused-definition",
    "Each definition is in the output: a name at module level keeps it, or another definition holds it.",
    why="The output contains services with their SLOs, alerts and rules, and dashboards with their rows and panels. "
    "Others would be missing.",
    bad='availability = SLO("availability", 99.9, ratio)\nshop = Service("shop")',
    good='availability = SLO("availability", 99.9, ratio)\nshop = Service("shop", slos=[availability])',
)

# What only another definition compiles: the word for that one, and where it is written there.
_HOLDERS: Mapping[type[Definition], tuple[str, str]] = {
    Alert: ("service", "Service(..., alerts=[...])"),
    AlertTest: ("alert", "Alert(..., tests=[...])"),
    RecordingRule: ("service", "Service(..., recording_rules=[...])"),
    Inhibit: ("routing", "Routing(..., inhibit=[...])"),
    MuteTime: ("route", "Route(..., mute=[...])"),
    Route: ("routing", "Routing(..., routes=[...])"),
    Job: ("service", "Service(..., scrape=[...])"),
    SLO: ("service", "Service(..., slos=[...])"),
    Row: ("dashboard", "Dashboard(..., rows=[...])"),
    Panel: ("row", 'Row("...", ...)'),
    Phase: ("scenario", 'Scenario("...", [...])'),
}
_OUTPUT = (Project, Service, RuleGroup, RuleFile, Dashboard, Routing, Prometheus, Alertmanager, Scenario)
# A call or a block at the beginning of a line; most files have none, and are not parsed again.
_CALL_OR_BLOCK = re.compile(r"^(?:[^\W\d][\w.]*\(|(?:if|for|while|with|try)\b)", re.MULTILINE)
# A definition that another is made of is used.
_DERIVES = re.compile(r"\b(?:derive|replace|copy|deepcopy)\b")
_COPYING = (dataclasses.replace, copy.copy, copy.deepcopy)
_BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try)


def unreferenced(result: Sequence[Definition], bases: Container[int] = ()) -> Iterator[Finding]:
    """Findings for definitions that only others compile, and no other holds; ``bases`` are the ids of those used."""
    candidates = [definition for definition in result if isinstance(definition, tuple(_HOLDERS))]
    if not candidates:
        return
    held = {id(below) for definition in result for below in definition.walk() if below is not definition}
    for definition in candidates:
        if id(definition) not in held and id(definition) not in bases:
            holder, place = _holder(type(definition))
            message = f"no {holder} holds this {type_name(type(definition))}"
            hint = f"write {place}; a base for others has a name with _"
            yield definition.finding(UNUSED_DEFINITION, message, hint)


def bases(text: str, names: Mapping[str, Any]) -> set[int]:
    """The ids of definitions that a file makes others of: `base.derive(...)`, `dataclasses.replace(base, ...)`."""
    has_definitions = any(isinstance(value, Definition | ModuleType) for value in names.values())
    if not has_definitions or not _DERIVES.search(text):
        return set()
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return {id(base) for call in calls for base in _bases(call, names) if isinstance(base, Definition)}


def _bases(call: ast.Call, names: Mapping[str, Any]) -> Iterator[Any]:
    """The values that a call makes another of."""
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr == "derive":
        yield called(function.value, names)
    elif called(function, names) in _COPYING and call.args:
        yield called(call.args[0], names)


def unbound(file: Path, text: str, names: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings for the definitions of a file that no name keeps; ``names`` are those of its module.

    These are calls whose result is not used, and names that each turn of a loop binds again.
    """
    if not _CALL_OR_BLOCK.search(text):
        return
    for statement, loop in _statements(ast.parse(text).body, None):
        kind = _definition(statement.value, names) if isinstance(statement, ast.Expr | ast.Assign) else None
        if kind and isinstance(statement, ast.Expr):
            yield _unbound(file, statement.value, f"no name keeps this {type_name(kind)}", _advice(kind))
        elif kind and loop and isinstance(statement, ast.Assign) and _is_replaced(statement.targets, loop):
            message = f"the next turn of the loop replaces this {type_name(kind)}"
            yield _unbound(file, statement.value, message, "append each one to a list")


def _unbound(file: Path, call: ast.expr, message: str, hint: str) -> Finding:
    function = call.func if isinstance(call, ast.Call) else call
    end = (function.end_lineno or function.lineno, (function.end_col_offset or function.col_offset) + 1)
    return Finding(
        UNUSED_DEFINITION, message, hint, SourceSpan(str(file), function.lineno, function.col_offset + 1, *end)
    )


def _statements(body: Sequence[ast.stmt], loop: ast.stmt | None) -> Iterator[tuple[ast.stmt, ast.stmt | None]]:
    """The statements of a module outside of functions and classes, each with the innermost loop around it."""
    for statement in body:
        yield statement, loop
        if isinstance(statement, _BLOCKS):
            inner = statement if isinstance(statement, ast.For | ast.While) else loop
            for part in (statement.body, getattr(statement, "orelse", []), getattr(statement, "finalbody", [])):
                yield from _statements(part, inner)


def _is_replaced(targets: Sequence[ast.expr], loop: ast.stmt) -> bool:
    """Whether a loop binds names that it does not read; targets such as `all["shop"]` keep each value."""
    names = {target.id for target in targets if isinstance(target, ast.Name) and not target.id.startswith("_")}
    nodes = list(ast.walk(loop))
    read = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    ends = any(isinstance(node, ast.Break) for node in nodes)  # a search, which binds its name once
    return len(names) == len(targets) and names.isdisjoint(read) and not ends


def _definition(call: ast.expr, names: Mapping[str, Any]) -> type[Definition] | None:
    """The class of definitions that an expression calls, if it is one that the output contains."""
    kind = called(call.func, names) if isinstance(call, ast.Call) else None
    is_output = isinstance(kind, type) and issubclass(kind, (*_OUTPUT, *_HOLDERS))
    return kind if is_output else None


def called(function: ast.expr, names: Mapping[str, Any]) -> Any:
    """The value of a name or of attributes of a name; None for another expression."""
    if isinstance(function, ast.Attribute):
        return getattr(called(function.value, names), function.attr, None)
    return names.get(function.id) if isinstance(function, ast.Name) else None


def _advice(kind: type[Definition]) -> str:
    if issubclass(kind, _OUTPUT):
        return f"write {kind.__name__.lower()} = {type_name(kind)}(...)"
    return f"write {_holder(kind)[1]}"


def _holder(kind: type[Definition]) -> tuple[str, str]:
    return next(holder for base, holder in _HOLDERS.items() if issubclass(kind, base))
