"""Checks: artifacts in, findings out; one a file. A new check is a new file and one line here.

The file `rule_name.py` holds the check `rule-name`: a function ``check`` and a docstring whose first
paragraph says what is demanded, followed by the sections Why, Bad and Good. A test runs Bad and Good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from types import MappingProxyType, ModuleType

from obscode.artifacts.project import Artifacts
from obscode.checks import (
    alert_comparison,
    alert_summary,
    alert_template,
    configmap_size,
    not_in_catalog,
    panel_description,
    panel_unit,
    promql_syntax,
    rule_name,
    slo_scope,
    unknown_recording_rule,
    unknown_test_series,
    unused_override,
)
from obscode.checks.promql_expressions import written
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.findings.suggestions import did_you_mean
from obscode.model.definition import Definition

CHECKS: tuple[ModuleType, ...] = (
    promql_syntax,
    rule_name,
    alert_comparison,
    alert_summary,
    alert_template,
    slo_scope,
    unknown_recording_rule,
    not_in_catalog,
    unknown_test_series,
    panel_unit,
    panel_description,
    unused_override,
    configmap_size,
)


@dataclass(frozen=True)
class Explanation:
    """A check's prose, read from its module."""

    name: str
    summary: str
    why: str
    bad: str
    good: str


#: A finding, and the definition that may ignore it.
Told = tuple[Source, Finding]


def run(artifacts: Artifacts, others: Mapping[str, Sequence[Told]] = MappingProxyType({})) -> list[Finding]:
    """Every finding of every check, but for those that a definition ignores with a reason.

    ``others`` is what checks from elsewhere found, by their names: it is ignored in the same way.
    """
    told: dict[str, Iterable[Told]] = {check_name(module): module.check(artifacts) for module in CHECKS}
    told |= others
    findings = list(_invalid_ignores(artifacts, list(told)))
    used: set[tuple[int, str]] = set()
    for name, found in told.items():
        for definition, finding in found:
            if name in definition.ignore:
                used.add((id(definition), name))
            else:
                findings.append(finding)
    findings += _unused_ignores(artifacts, told.keys(), used)
    return sorted(set(findings), key=lambda f: f.order)


def syntax_findings(definitions: Iterable[Definition]) -> Iterator[Finding]:
    """PromQL that does not parse, in definitions that cannot be compiled since others are wrong."""
    for definition, finding in promql_syntax.findings(written(definitions)):
        if finding.code not in definition.ignore:
            yield finding


def _invalid_ignores(artifacts: Artifacts, known: Sequence[str]) -> Iterator[Finding]:
    for definition in artifacts.definitions():
        for i, (name, reason) in enumerate(definition.ignore.items()):
            if name not in known:
                hint = did_you_mean(name, known) or "obscode explain lists them"
                yield definition.finding("ignore", f"there is no check {name!r} to ignore", hint, at="ignore", item=i)
            elif not reason.strip():
                message = f"{name} is ignored without a reason"
                yield definition.finding("ignore", message, "say why, for who reads it next", at="ignore", item=i)


def _unused_ignores(artifacts: Artifacts, known: Set[str], used: set[tuple[int, str]]) -> Iterator[Finding]:
    for definition in artifacts.definitions():
        for i, name in enumerate(definition.ignore):
            if name in known and (id(definition), name) not in used:
                message = f"{name} finds nothing here that could be ignored"
                finding = definition.finding("ignore", message, "take it out of ignore=", at="ignore", item=i)
                yield replace(finding, severity="warning")


def check_name(module: ModuleType) -> str:
    """The check's name, from its file's."""
    return module.__name__.rpartition(".")[2].replace("_", "-")


def explanations() -> dict[str, Explanation]:
    """The prose of every check, by name."""
    return {check_name(module): explain(module) for module in CHECKS}


def explain(module: ModuleType) -> Explanation:
    """Read a check's docstring."""
    from inspect import cleandoc
    from textwrap import dedent

    text = cleandoc(module.__doc__ or "")
    summary, why = text.split("\n\nWhy: ", 1)
    why, bad = why.split("\n\nBad:\n", 1)
    bad, good = bad.split("\n\nGood:\n", 1)
    return Explanation(
        check_name(module), summary.strip(), why.strip(), dedent(bad).strip("\n"), dedent(good).strip("\n")
    )
