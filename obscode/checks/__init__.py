"""Checks: artifacts in, findings out; one a file. A new check is a new file and one line here.

The file `rule_name.py` holds the check `rule-name`: a function ``check`` and a docstring whose first
paragraph says what is demanded, followed by the sections Why, Bad and Good. A test runs Bad and Good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from obscode.artifacts import Artifacts
from obscode.checks import alert_summary, promql_syntax, rule_name, unknown_recording_rule
from obscode.errors import Finding

CHECKS: tuple[ModuleType, ...] = (
    promql_syntax,
    rule_name,
    alert_summary,
    unknown_recording_rule,
)


@dataclass(frozen=True)
class Explanation:
    """A check's prose, read from its module."""

    name: str
    demand: str
    why: str
    bad: str
    good: str


def run(artifacts: Artifacts) -> list[Finding]:
    """Every finding of every check, but for those that a definition ignores with a reason."""
    return sorted((f for module in CHECKS for f in _findings(module, artifacts)), key=lambda f: f.order)


def _findings(module: ModuleType, artifacts: Artifacts) -> Iterator[Finding]:
    name = name_of(module)
    for definition, finding in module.check(artifacts):
        if name not in definition.ignore:
            yield finding


def name_of(module: ModuleType) -> str:
    """The check's name, from its file's."""
    return module.__name__.rpartition(".")[2].replace("_", "-")


def explanations() -> dict[str, Explanation]:
    """The prose of every check, by name."""
    return {name_of(module): explain(module) for module in CHECKS}


def explain(module: ModuleType) -> Explanation:
    """Read a check's docstring."""
    from inspect import cleandoc
    from textwrap import dedent

    text = cleandoc(module.__doc__ or "")
    demand, why = text.split("\n\nWhy: ", 1)
    why, bad = why.split("\n\nBad:\n", 1)
    bad, good = bad.split("\n\nGood:\n", 1)
    return Explanation(name_of(module), demand.strip(), why.strip(), dedent(bad).strip("\n"), dedent(good).strip("\n"))
