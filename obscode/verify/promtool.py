"""What the real promtool and amtool say of the output; the only module that runs them.

They see a copy in a temporary folder. What they say of a line of a rule file is told at the definition
that the rule came from.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule, Rule, RuleFile, RuleGroup
from obscode.checks.promql_expressions import expressions
from obscode.findings.errors import ToolError
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model import naming
from obscode.promql.parser import substitute_variables
from obscode.renderers.prometheus.rules import rule_file_text
from obscode.toolchain import Tool, find_all, require

_TIMEOUT = 120
_PANELS = "panels"


def validate_with_tools(artifacts: Artifacts, files: Sequence[File]) -> tuple[list[Tool], list[Finding]]:
    """What every promtool and amtool at hand says of the output; raises ToolError when there is none."""
    promtools = find_all("promtool") or [require("promtool")]
    amtools = find_all("amtool") or [require("amtool")]
    findings = check(artifacts, files, promtools, amtools)
    return [*promtools, *amtools], sorted(set(findings), key=lambda f: f.order)


def check(
    artifacts: Artifacts, files: Iterable[File], promtools: Sequence[Tool], amtools: Sequence[Tool]
) -> list[Finding]:
    """Findings of `promtool check config`, `check rules --lint-fatal` and `amtool check-config`, of every version."""
    panels = _panel_rules(artifacts)
    with tempfile.TemporaryDirectory(prefix="obscode-") as folder:
        root = Path(folder)
        for file in [*files, File(f"{_PANELS}/{_PANELS}.yml", rule_file_text(panels))]:
            path = root / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.text.encode())
        found = [f for tool in promtools for f in _promtool(tool, root, artifacts, panels)]
        found += [f for tool in amtools for f in _amtool(tool, root, artifacts)]
    return found


def run(tool: Tool, *arguments: str, folder: Path, timeout: float = _TIMEOUT) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end; raises ToolError when it cannot be started or takes too long."""
    command = [str(tool.path.absolute()), *arguments]
    try:
        return subprocess.run(
            command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{tool.name} {arguments[0]} did not end within {timeout:g} s") from None
    except OSError as error:
        raise ToolError(
            f"{tool.path} cannot be run: {error.strerror}", "obscode tools install fetches another"
        ) from None


def _panel_rules(artifacts: Artifacts) -> RuleFile:
    """The panels' queries as recording rules, so that promtool reads them too."""
    rules: list[Rule] = []
    for expression in expressions(artifacts):
        if expression.panel:
            rules.append(
                RecordingRule(f"panel:{len(rules)}", substitute_variables(expression.text), {}, expression.source)
            )
    return RuleFile(_PANELS, [RuleGroup(_PANELS, rules)] if rules else [], artifacts.project)


def _promtool(tool: Tool, root: Path, artifacts: Artifacts, panels: RuleFile) -> Iterator[Finding]:
    wrong = list(_rules(tool, root, artifacts, panels))
    yield from wrong
    # `check config` reads the rule files again: with one that is wrong it would only repeat it.
    arguments = ["--syntax-only"] if wrong else []
    for config in sorted(str(p.relative_to(root)) for p in (root / "prometheus").glob("*.yml")):
        result = run(tool, "check", "config", *arguments, config, folder=root)
        if result.returncode:
            yield _finding(tool, result, artifacts.project)


def _rules(tool: Tool, root: Path, artifacts: Artifacts, panels: RuleFile) -> Iterator[Finding]:
    for file in [*artifacts.rule_files, panels]:
        path = naming.rule_file(file.name) if file is not panels else f"{_PANELS}/{_PANELS}.yml"
        result = run(tool, "check", "rules", "--lint-fatal", path, folder=root)
        if result.returncode:
            yield from _rule_findings(tool, result, file)


def _amtool(tool: Tool, root: Path, artifacts: Artifacts) -> Iterator[Finding]:
    for config in sorted((root / "alertmanager").glob("*.yml")):
        result = run(tool, "check-config", str(config.relative_to(root)), folder=root)
        if result.returncode:
            yield _finding(tool, result, artifacts.alertmanager_configs[0].source)


def _finding(tool: Tool, result: subprocess.CompletedProcess[str], source: Source, said: str = "") -> Finding:
    text = said or " ".join(_reasons(result))
    return source.finding(tool.name, f"{tool.name} {tool.version}: {text}", "nothing would load this")


# amtool says why on its standard output, and this on the other.
_COUNT = re.compile(r"amtool: error: failed to validate \d+ file\(s\)")


def _reasons(result: subprocess.CompletedProcess[str]) -> list[str]:
    """All that a tool said, but for the line that only counts files."""
    lines = [line.strip() for line in f"{result.stdout}\n{result.stderr}".splitlines()]
    return [line for line in lines if line and not _COUNT.fullmatch(line)] or [f"ended with {result.returncode}"]


# promtool: `FILE: 5:11: group "a", rule 2, "Name": could not parse expression: ...`
_RULE = re.compile(r'group "(?P<group>[^"]*)", rule (?P<number>\d+), "[^"]*": (?P<said>.*)')
# promtool's lint: a line that counts them, then `Metric: name` and its labels, for each.
_DUPLICATE = re.compile(r"^Metric: (?P<name>\S+)", re.MULTILINE)


def _rule_findings(tool: Tool, result: subprocess.CompletedProcess[str], file: RuleFile) -> Iterator[Finding]:
    groups = {group.name: group.rules for group in file.groups}
    told = False
    for match in _RULE.finditer(result.stdout + result.stderr):
        rule = groups[match["group"]][int(match["number"]) - 1]
        yield _finding(tool, result, rule.source, f"{_shown(rule)}: {match['said']}")
        told = True
    for match in _DUPLICATE.finditer(result.stdout + result.stderr):
        twins = [rule for rule in file.rules() if rule.name == match["name"]]
        source = twins[-1].source if twins else file.source
        yield _finding(tool, result, source, f"{match['name']} is defined twice with the same labels")
        told = True
    if not told:
        yield _finding(tool, result, file.source)


def _shown(rule: Rule) -> str:
    return "panel" if rule.name.startswith("panel:") else rule.name
