"""Errors of checks in imported rules, which `ignore=` ignores: the import compiles to the same rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from obscode.checks import lint, registry
from obscode.checks.promql_syntax import promql_syntax
from obscode.compiler import compile_sound
from obscode.findings.finding import Finding, SourceSpan
from obscode.importers.existing.python_source import Item, argument
from obscode.model.alert import Alert, RecordingRule
from obscode.project.load import read_folder

#: The reason in `ignore=`.
REASON = "as it was imported"


def ignore_errors(modules: Mapping[str, str]) -> tuple[Mapping[str, str], int]:
    """The texts of modules with `ignore=` in rules that have errors, and the number of errors.

    The keys are the paths of the modules. Errors of syntax stay: Prometheus rejects such rules.
    """
    with_rules = {path: text for path, text in modules.items() if "RuleGroup(" in text}
    if not with_rules:
        return modules, 0
    with TemporaryDirectory() as folder:
        root = Path(folder, "definitions")
        for path, text in with_rules.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8", newline="\n")
        codes_by_rule = _codes_by_rule(_errors(root), root)
    texts = {path: _ignoring(text, codes_by_rule.get(path, {})) for path, text in modules.items()}
    return texts, sum(len(codes) for rules in codes_by_rule.values() for codes in rules.values())


def _errors(root: Path) -> Iterator[Finding]:
    """The errors of checks in rules."""
    loaded = read_folder(root)
    compiled = compile_sound(loaded.definitions, has_project=False)
    ignorable = registry.configurable() - {promql_syntax.name}
    for finding in lint(compiled.artifacts):
        is_rule = isinstance(finding.source, Alert | RecordingRule)
        if finding.severity == "error" and is_rule and finding.code.name in ignorable:
            yield finding


def _codes_by_rule(findings: Iterator[Finding], root: Path) -> dict[str, dict[SourceSpan, dict[str, str]]]:
    """By module and rule, the codes of errors with the reason to ignore them."""
    result: dict[str, dict[SourceSpan, dict[str, str]]] = {}
    for finding in findings:
        assert isinstance(finding.source, Alert | RecordingRule)
        span = finding.source.origin.span()
        if span is not None and not finding.source.ignore:
            path = Path(span.file).relative_to(root).as_posix()
            result.setdefault(path, {}).setdefault(span, {})[finding.code.name] = REASON
    return result


def _ignoring(text: str, rules: Mapping[SourceSpan, Mapping[str, str]]) -> str:
    """The text of a module with an argument in some calls; the last ones first, so that lines keep their numbers."""
    lines = text.split("\n")
    for span in sorted(rules, key=lambda span: span.line, reverse=True):
        indent = len(lines[span.line - 1]) - len(lines[span.line - 1].lstrip())
        if span.end_line == span.line:
            lines[span.line - 1 : span.line] = _in_lines(lines[span.line - 1], indent)
        closing = next(i for i in range(span.line, len(lines)) if lines[i] == f"{' ' * indent}),")
        lines.insert(closing, argument(Item(dict(rules[span]), "ignore="), indent))
    return "\n".join(lines)


def _in_lines(line: str, indent: int) -> Sequence[str]:
    """A call in one line, with a line for each argument."""
    source = line.strip().rstrip(",")
    call = ast.parse(source, mode="eval").body
    assert isinstance(call, ast.Call)
    values = [ast.get_source_segment(source, value) for value in call.args]
    values += [f"{each.arg}={ast.get_source_segment(source, each.value)}" for each in call.keywords]
    margin = " " * indent
    return [f"{margin}{ast.unparse(call.func)}(", *(f"{margin}    {value}," for value in values), f"{margin}),"]
