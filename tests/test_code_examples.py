"""The examples of codes are correct: the bad one is reported with its code, the good one is not."""

from __future__ import annotations

import ast

import pytest

import obscode
from obscode import SLO, Alert, Project, RecordingRule, Routing, ScrapeJob, Service
from obscode.checks import registry
from obscode.compiler import Definitions, compile
from obscode.findings.code import Code
from obscode.findings.errors import DefinitionError
from obscode.model import argument_types
from obscode.model.definition import Definition
from obscode.model.metrics import Metric
from obscode.model.receivers import Receiver
from obscode.verify.promtool import AMTOOL, PROMTOOL

_PLACES: dict[type[Definition], str] = {
    Alert: "alerts",
    RecordingRule: "recording_rules",
    SLO: "slos",
    ScrapeJob: "scrape",
    Metric: "metrics",
}
_NAMES = {name: getattr(obscode, name) for name in obscode.__all__}
# Findings of these codes need a tool, checks of compiled definitions, or an SLO beside the example.
_OTHERS = {AMTOOL.name, PROMTOOL.name, *(check.name for check in registry.checks()), "ignore-argument", "slo-window"}
# Python rejects the calls of these codes; tests/test_load.py has their findings.
_CALLS = {"missing-argument", "unknown-argument"}


def is_call(text: str) -> bool:
    """True for a single call of a definition with literal arguments or other definitions."""
    try:
        statements = ast.parse(text).body
    except SyntaxError:
        return False
    if len(statements) != 1 or not isinstance(statements[0], ast.Expr) or not isinstance(statements[0].value, ast.Call):
        return False
    return {node.id for node in ast.walk(statements[0]) if isinstance(node, ast.Name)} <= {*_NAMES}


EXAMPLES = {
    code.name: code
    for code in registry.codes().values()
    if code.name not in _OTHERS | _CALLS and is_call(code.bad) and is_call(code.good)
}


def reported(text: str) -> set[str]:
    """The codes of the errors of a definition: of its arguments, else of a project that contains it."""
    try:
        definition = eval(text, dict(_NAMES))
    except DefinitionError as error:  # of a preset
        return {finding.code.name for finding in error.findings}
    findings = list(argument_types.problems(definition))
    if not findings and (definitions := project_of(definition)):
        try:
            compile(definitions)
        except DefinitionError as error:
            findings += error.findings
    return {finding.code.name for finding in findings}


def project_of(definition: Definition) -> Definitions | None:
    """A project with one definition; None for parts of definitions, such as tiers."""
    if isinstance(definition, Project):
        return Definitions(definition, [])
    if isinstance(definition, Service):
        return Definitions(Project("examples"), [definition])
    if isinstance(definition, Receiver):
        return Definitions(Project("examples"), routing=Routing(definition))
    if isinstance(definition, Routing):
        return Definitions(Project("examples"), routing=definition)
    place = next((place for kind, place in _PLACES.items() if isinstance(definition, kind)), None)
    if place is None:
        return None
    return Definitions(Project("examples"), [Service("example").derive(**{place: [definition]})])


@pytest.mark.parametrize("code", EXAMPLES.values(), ids=EXAMPLES)
def test_the_bad_example_is_reported(code: Code) -> None:
    assert reported(code.bad) == {code.name}


@pytest.mark.parametrize("code", EXAMPLES.values(), ids=EXAMPLES)
def test_the_good_example_is_not_reported(code: Code) -> None:
    assert reported(code.good) == set()


def test_most_argument_codes_have_an_example() -> None:
    assert len(EXAMPLES) > 50
