"""Validate a build with promtool and amtool, in a temporary folder.

Their messages on a rule become findings at the definition that the rule comes from.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from obscode.artifacts.dashboards import DashboardSource
from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig
from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule, RuleFile, RuleGroup
from obscode.checks.lint import tool_findings
from obscode.checks.newer_promql import newer_promql
from obscode.checks.promql_expressions import expressions
from obscode.checks.promql_syntax import promql_syntax
from obscode.checks.secret_in_output import secret_in_output
from obscode.checks.utf8_name import utf8_name
from obscode.findings.code import Code
from obscode.findings.errors import DefinitionError, ToolError
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model import naming
from obscode.model.configs import Prometheus
from obscode.model.dashboard import Panel
from obscode.model.definition import Definition
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.project.pipeline import Inspection
from obscode.project.progress import Progress, no_progress
from obscode.promql.parser import substitute_variables
from obscode.renderers.environments import EnvironmentTree
from obscode.renderers.prometheus.rules import rule_file_text
from obscode.toolchain import Tool, find_supported
from obscode.verify.alert_templates import failing_templates
from obscode.verify.lacking_parts import check_without, lacking_parts
from obscode.verify.processes import run

PROMTOOL = Code(
    "promtool",
    "promtool accepts the rule files and the configuration of every build.",
    why="Prometheus does not start, or reload, with a file that promtool rejects. obscode runs every installed version,"
    " since an old Prometheus rejects newer functions. obscode's own checks report most such errors before promtool.",
    bad="""RecordingRule(":up:info", "info(up)")  # with Prometheus 2.42, which has no info()""",
    good="""RecordingRule(":up:sum", "sum(up)")""",
)
AMTOOL = Code(
    "amtool",
    "amtool accepts the Alertmanager configuration of every build.",
    why="Alertmanager does not start, or reload, with a file that amtool rejects. A setting may need a newer"
    " version than one of those that are installed.",
    bad="""Routing(default=Webhook("team", url_file="/etc/url"))  # with Alertmanager 0.25, which has no url_file""",
    good="""Routing(default=Webhook("team", url="http://localhost:5001/alerts"))""",
)


class _Program(NamedTuple):
    """What a tool checks for: its name, the setting with its oldest version, and what it reads."""

    code: Code
    name: str
    setting: str
    reads: str


_PROGRAMS = {
    "promtool": _Program(PROMTOOL, "Prometheus", "oldest_prometheus", "this rule or configuration file"),
    "amtool": _Program(AMTOOL, "Alertmanager", "oldest_alertmanager", "this configuration file"),
}


class _Rejection(NamedTuple):
    """What one version of a tool rejects; ``subject`` is the name of a rule, empty for a whole file.

    ``expr`` is the expression of a rule that a user wrote.
    """

    tool: Tool
    source: Source
    message: str
    subject: str = ""
    expr: str = ""

    @property
    def place(self) -> tuple[int, str]:
        """Equal for what several versions reject in one place."""
        return id(self.source), self.subject


class _Tree(NamedTuple):
    """A tree of files below a path: of the project, or what differs in an environment."""

    prefix: str
    artifacts: Artifacts
    panels: RuleFile

    @property
    def panels_file(self) -> str:
        return f"{self.prefix}{_PANELS}/{_PANELS}.yml"


_PANELS = "panels"
_FILES = 1000  # per process: a command line holds some 100 KB


def validate_with_tools(
    artifacts: Artifacts,
    files: Sequence[File],
    progress: Progress = no_progress,
    environments: Sequence[EnvironmentTree] = (),
) -> tuple[list[Tool], list[Finding]]:
    """The installed promtools and amtools, and their findings; raises ToolError if one of the two is missing.

    ``files`` are those of the project and of its other ``environments``.
    """
    promtools = find_supported("promtool", artifacts.project.oldest_prometheus)
    amtools = find_supported("amtool", artifacts.project.oldest_alertmanager)
    findings = check(artifacts, files, promtools, amtools, progress, environments)
    return [*promtools, *amtools], sorted(set(findings), key=lambda f: f.order)


def validate_inspection(inspection: Inspection, progress: Progress = no_progress) -> tuple[list[Tool], list[Finding]]:
    """The tools, and their findings in what an inspection compiled, except those that repeat others.

    Raises the inspection's error with the findings of the tools; where definitions have errors, the tools see the rules
    only. Raises ToolError if there are no errors and a tool is missing.
    """
    compilation = inspection.compilation
    if any(finding.code == secret_in_output for finding in compilation.findings):  # the tools read files
        raise inspection.error or DefinitionError(compilation.findings)
    if inspection.error is None:
        try:
            tools, findings = validate_with_tools(
                compilation.artifacts, compilation.files, progress, compilation.environments
            )
        except ToolError:  # a missing tool is reported when there is nothing else to correct
            if any(finding.severity == "error" for finding in compilation.findings):
                raise DefinitionError(compilation.findings) from None
            raise
        findings += _in_templates(inspection, [tool for tool in tools if tool.name == "promtool"], progress)
        return tools, _new(findings, compilation.findings)
    rules = {naming.rule_file(file.name) for file in compilation.artifacts.rule_files}
    files = [file for file in compilation.files if file.path in rules]
    try:
        promtools = _promtools(compilation.artifacts.project)
        findings = check(compilation.artifacts, files, promtools, [], progress)
        findings += _in_templates(inspection, promtools, progress)
    except ToolError:  # a missing tool is reported when there is nothing else to correct
        findings = []
    known = inspection.error.findings
    raise type(inspection.error)([*known, *_new(findings, known)])


def _in_templates(inspection: Inspection, promtools: Sequence[Tool], progress: Progress) -> list[Finding]:
    """Templates of alerts that fail, without the findings that definitions ignore."""
    compilation = inspection.compilation
    progress("validate", "templates of alerts")
    result = []
    of_environments = [(tree.artifacts, tree.different) for tree in compilation.environments]
    for artifacts, part in [(compilation.artifacts, compilation.artifacts), *of_environments]:
        recorded = {series for metric in artifacts.catalog for series in metric.series()}
        recorded |= {rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)}
        alerts = [rule for rule in part.rules() if isinstance(rule, AlertingRule)]
        findings = failing_templates(alerts, promtools, recorded)
        result += tool_findings(artifacts, findings, inspection.severities)
    return result


def _promtools(project: Project) -> list[Tool]:
    """The promtools of a project whose settings may have errors."""
    try:
        return find_supported("promtool", project.oldest_prometheus)
    except ToolError:
        return find_supported("promtool", "0.0")


# The checks that report what promtool does.
_OF_EXPRESSIONS = (newer_promql.name, promql_syntax.name, utf8_name.name)


def _new(findings: Iterable[Finding], known: Iterable[Finding]) -> list[Finding]:
    """The findings of tools in expressions for which no check has reported one."""
    reported = {
        id(finding.source.origin)
        for finding in known
        if finding.code.name in _OF_EXPRESSIONS and isinstance(finding.source, Definition)
    }
    return [finding for finding in findings if not _calls(finding.source) & reported]


def _calls(source: Source | None) -> set[int]:
    """The calls of a definition and of those below it; empty for a service, which holds many expressions."""
    if not isinstance(source, Definition) or isinstance(source, Service):
        return set()
    return {id(below.origin) for below in source.walk()}


def check(
    artifacts: Artifacts,
    files: Iterable[File],
    promtools: Sequence[Tool],
    amtools: Sequence[Tool],
    progress: Progress = no_progress,
    environments: Sequence[EnvironmentTree] = (),
) -> list[Finding]:
    """Findings of `promtool check rules`, `promtool check config` and `amtool check-config`."""
    rejections: list[_Rejection] = []
    trees = [_Tree("", artifacts, _panel_rules(artifacts))]
    for each in environments:
        prefix = naming.environment_folder(each.name) + "/"
        trees.append(_Tree(prefix, each.different, _panel_rules(each.different)))
    with tempfile.TemporaryDirectory(prefix="obscode-") as folder:
        root = Path(folder)
        for file in [*files, *(File(tree.panels_file, rule_file_text(tree.panels)) for tree in trees)]:
            path = root / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.text.encode())
        for tool in [*promtools, *amtools]:
            progress("validate", f"{tool.name} {tool.version}", total=len(promtools) + len(amtools))
            for tree in trees:
                rejections += _promtool(tool, root, tree) if tool in promtools else _amtool(tool, root, tree)
    return [_finding(each, [*promtools, *amtools]) for each in _of_all_versions(rejections)]


def _of_all_versions(rejections: Iterable[_Rejection]) -> Iterable[Sequence[_Rejection]]:
    """The rejections of one place together; several of one version, in their order, are several findings."""
    alike: dict[tuple[object, ...], list[_Rejection]] = {}
    earlier: Counter[tuple[object, ...]] = Counter()
    for rejection in rejections:
        earlier[rejection.tool, rejection.place] += 1
        number = earlier[rejection.tool, rejection.place]
        alike.setdefault((rejection.tool.name, rejection.place, number), []).append(rejection)
    return alike.values()


def _finding(rejections: Sequence[_Rejection], tools: Sequence[Tool]) -> Finding:
    """One finding for what several versions reject in one place, with the message of the newest.

    It names the versions where others accept it, and the hint the oldest newer version that does.
    """
    tool, source, message, subject, expr = rejections[-1]
    program = _PROGRAMS[tool.name]
    rejecting = {rejection.tool for rejection in rejections}
    others = [t for t in tools if t.name == tool.name and t not in rejecting]
    newer = [t for t in tools if t.name == tool.name and t.version_tuple > tool.version_tuple and t not in rejecting]
    hint = f"{program.name} does not load {program.reads}; change the definition"
    if newer:
        version = ".".join(map(str, newer[0].version_tuple[:2]))
        hint = f"{newer[0].name} {newer[0].version} accepts it; change the definition, or write "
        hint += f'{program.setting}="{version}" in the Project if no older {program.name} loads the output'
    text = f"{subject}: {message}" if subject else message
    versions = [each.version for each in tools if each in rejecting]
    names = f"{tool.name} {', '.join(versions)}" if others or len(versions) == 1 else tool.name
    finding = source.finding(program.code, f"{names}: {text}", hint)
    at = _character(message, expr)
    return finding if at is None else replace(finding, span=source.characters_span("expr", at, at + 1))


# promtool counts lines and bytes from 1, in the expression of the rule.
_POSITION = re.compile(r"could not parse expression: (?P<line>\d+):(?P<column>\d+): ")


def _character(message: str, expr: str) -> int | None:
    """The character of an expression that a message is about."""
    match = _POSITION.match(message)
    lines = expr.split("\n")
    if not match or not expr or int(match["line"]) > len(lines):
        return None
    number = int(match["line"]) - 1
    before = lines[number].encode()[: int(match["column"]) - 1].decode(errors="ignore")
    # At the end of the expression, the last character.
    return min(sum(len(line) + 1 for line in lines[:number]) + len(before), len(expr) - 1)


def _panel_rules(artifacts: Artifacts) -> RuleFile:
    """The queries of panels as recording rules, so that promtool parses them too."""
    rules: list[Rule] = []
    for expression in expressions(artifacts):
        # A variable of a dashboard in a file may stand for any part of the expression.
        if expression.panel and not isinstance(expression.source, DashboardSource):
            rules.append(
                RecordingRule(f"panel:{len(rules)}", substitute_variables(expression.text), {}, expression.source)
            )
    return RuleFile(_PANELS, [RuleGroup(_PANELS, rules)] if rules else [], artifacts.project)


def _promtool(tool: Tool, root: Path, tree: _Tree) -> Iterator[_Rejection]:
    artifacts = tree.artifacts
    rejections = list(_rules(tool, root, tree))
    yield from rejections
    # `check config` reads the rule files too, and would repeat their errors.
    # Files with secrets and with targets are on the machine that Prometheus runs on.
    is_elsewhere = any(map(_names_files, artifacts.prometheus_configs))
    arguments = ["--syntax-only"] if rejections or is_elsewhere else []
    configs = {tree.prefix + naming.prometheus_file(config.name): config for config in artifacts.prometheus_configs}
    for path in sorted(p.relative_to(root).as_posix() for p in (root / tree.prefix / "prometheus").glob("*.yml")):
        result = run(tool, "check", "config", *arguments, path, folder=root)
        if result.returncode and path in configs and (lacking := lacking_parts(result.stderr)):
            result = check_without(lacking, tool, arguments, configs[path], root / path)
        if result.returncode:
            place = configs[path].source if path in configs else artifacts.project
            yield _Rejection(tool, place, " ".join(_output_lines(result)))


def _names_files(config: PrometheusConfig) -> bool:
    """Whether a configuration names files beside those of rules; one that is emitted as written may always do."""
    if isinstance(config.source, Prometheus):
        return True
    waiting: list[Any] = [config.settings, *(job.settings for job in config.scrape_configs)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if any(str(key).endswith(("_file", "_files")) or key == "files" for key in value if key != "rule_files"):
                return True
            waiting += value.values()
        elif isinstance(value, Sequence) and not isinstance(value, str):
            waiting += value
    return False


def _rules(tool: Tool, root: Path, tree: _Tree) -> Iterator[_Rejection]:
    files = {tree.prefix + naming.rule_file(file.name): file for file in tree.artifacts.rule_files}
    files[tree.panels_file] = tree.panels
    for paths in _batches(list(files)):
        # duplicate-record and duplicate-alert report what promtool's lint does, and can be ignored.
        result = run(tool, "check", "rules", "--lint=none", *paths, folder=root)
        for path, text in _failed_files(tool, result, paths, root):
            yield from _rule_rejections(tool, text, files[path])


def _batches(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(paths), _FILES):
        yield paths[start : start + _FILES]


def _failed_files(
    tool: Tool, result: subprocess.CompletedProcess[str], paths: Sequence[str], root: Path
) -> Iterator[tuple[str, str]]:
    """The files that promtool rejects, each with its messages; one process reads all files."""
    if not result.returncode:
        return
    sections = [section.strip() for section in result.stderr.split("  FAILED:\n") if section.strip()]
    by_path = [(section.partition(": ")[0], section) for section in sections]
    if by_path and all(path in paths for path, _ in by_path):
        yield from by_path
        return
    for path in paths:  # another form of output
        single = run(tool, "check", "rules", "--lint=none", path, folder=root)
        if single.returncode:
            yield path, " ".join(_output_lines(single))


def _amtool(tool: Tool, root: Path, tree: _Tree) -> Iterator[_Rejection]:
    for config in sorted((root / tree.prefix / "alertmanager").glob("*.yml")):
        result = run(tool, "check-config", str(config.relative_to(root)), folder=root)
        if result.returncode:
            yield _Rejection(tool, tree.artifacts.alertmanager_configs[0].source, " ".join(_output_lines(result)))


# amtool prints the reason on stdout, and this line on stderr.
_COUNT = re.compile(r"amtool: error: failed to validate \d+ file\(s\)")


def _output_lines(result: subprocess.CompletedProcess[str]) -> list[str]:
    """The output of a tool without the line that counts the failed files."""
    lines = [line.strip() for line in f"{result.stdout}\n{result.stderr}".splitlines()]
    return [line for line in lines if line and not _COUNT.fullmatch(line)] or [f"exit code {result.returncode}"]


# promtool: `FILE: 5:11: group "a", rule 2, "Name": could not parse expression: ...`
_RULE = re.compile(r'group "(?P<group>[^"]*)", rule (?P<number>\d+), "[^"]*": (?P<message>.*)')


def _rule_rejections(tool: Tool, text: str, file: RuleFile) -> Iterator[_Rejection]:
    groups = {group.name: group.rules for group in file.groups}
    located = False
    for match in _RULE.finditer(text):
        rule = groups[match["group"]][int(match["number"]) - 1]
        expr = "" if isinstance(rule.source, SLO | Panel | Service) else rule.expr
        yield _Rejection(tool, rule.source, match["message"], _subject(rule), expr)
        located = True
    if not located:
        yield _Rejection(tool, file.source, " ".join(text.split()))


def _subject(rule: Rule) -> str:
    return "panel" if rule.name.startswith("panel:") else rule.name
