"""Check files that obscode did not write: rule files, Prometheus and Alertmanager configurations, dashboards.

from obscode.project.check_files import check_files

for finding in check_files(["monitoring/"]).findings:
    print(finding)
"""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from obscode import checks
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, RecordingRule, RuleFile
from obscode.checks import Context, Profile, lint_values, registry
from obscode.checks.known_series import KnownSeries
from obscode.checks.lint import style_as_notes
from obscode.checks.severities import Severities
from obscode.compiler.inference.series_types import ProjectSeries
from obscode.findings.code import Code
from obscode.findings.errors import LoadError, ToolError
from obscode.findings.finding import Finding, SourceSpan
from obscode.model.metrics import Counter, Metric
from obscode.project.lint_files import lint_documents
from obscode.project.progress import Progress, no_progress
from obscode.project.settings import read_settings
from obscode.reader.file_contents import FileContents, read_text
from obscode.reader.ignore_comments import without_ignored
from obscode.toolchain import find_all
from obscode.verify.alert_templates import failing_templates, needs_promtool

MISSING_FILE = Code(
    "missing-file",
    "A file or folder that a command names exists.",
    why="a typo in a path of a CI job would check nothing.",
    bad="obscode check rule",
    good="obscode check rules",
)
UNKNOWN_FILE = Code(
    "unknown-file",
    "A file that `obscode check` names is of a kind that it can check.",
    why="in folders, other files are skipped. A file that is named on the command line is expected to be checked.",
)

# Files in folders: other suffixes are not read.
_SUFFIXES = (".yml", ".yaml", ".json", ".rules")
_EXCLUDED = {"node_modules", "__pycache__", "venv", "vendor"}
_MAX_BYTES = 20_000_000


@dataclass(frozen=True)
class CheckReport:
    """What was checked, and what is wrong with it.

    Attributes:
        contents: of the files that are of a known kind.
        skipped: the other files, with the reason.
        not_run: the steps that did not run, with the reason.
    """

    findings: Sequence[Finding]
    contents: Sequence[FileContents]
    skipped: Sequence[tuple[str, str]]
    not_run: Sequence[str] = ()

    def summary(self) -> str:
        """`3 rule files, 1 Alertmanager configuration, 12 dashboards; 2 files skipped`."""
        counts = {
            "rule file": sum(len(each.rule_files) for each in self.contents),
            "Alertmanager configuration": sum(len(each.alertmanager_configs) for each in self.contents),
            "Prometheus configuration": sum(len(each.prometheus_configs) for each in self.contents),
            "monitor": sum(len(each.monitors) for each in self.contents),
            "dashboard": sum(len(each.dashboards) for each in self.contents),
            "unit test file": sum(each.unit_tests > 0 for each in self.contents),
        }
        listed = ", ".join(_counted(count, noun) for noun, count in counts.items() if count) or "nothing to check"
        skipped = f"; {_counted(len(self.skipped), 'file')} skipped" if self.skipped else ""
        return listed + skipped + ("; templates not expanded" if self.not_run else "")

    def skipped_lines(self) -> list[str]:
        """A line for each file that is skipped."""
        return [f"skipped {path}: {reason}" for path, reason in self.skipped]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def check_files(
    paths: Iterable[str | Path],
    *,
    profile: Profile = "default",
    known_series: Set[str] | None = None,
    metrics: Sequence[Metric] = (),
    notes: bool = False,
    progress: Progress = no_progress,
    project: Artifacts | None = None,
) -> CheckReport:
    """Read files and folders, and run the checks that apply to each file.

    Args:
        profile: for dashboards, see ``Context``.
        known_series: the series that exist, for dashboards.
        metrics: a complete catalog: other series are errors, except standard ones and those of other exporters.
        notes: report notes, too, such as findings of style.
        progress: receives each file that is read, and each that contains dashboards when they are checked.
        project: what definitions beside the files compile to: its alerts, series and metrics are known.

    `[tool.obscode]` in the current folder's pyproject.toml configures severities. Raises LoadError for paths that do
    not exist, with the findings of the others.
    """
    named = _unique(paths)
    missing = [path for path in named if not path.exists() and not path.is_symlink()]
    contents = read_files((path for path in named if path not in missing), progress)
    explicit = {str(path) for path in named if path.is_file()}
    context = Context(profile, known_series)
    if metrics:
        context = _with_catalog(context, metrics, contents)
    elif project:
        context = _with_project(context, project, contents)
    findings = [finding for each in contents for finding in _findings(each, explicit)]
    progress("check")
    values = [value for each in contents for value in each.values]
    findings += lint_values(values, None, Severities(notes=True), context)
    documents = {Path(each.file): each.documents for each in contents if each.documents}
    findings += style_as_notes(lint_documents(documents, context, progress), context)
    in_templates, not_run = _in_templates(contents, progress)
    findings += in_templates
    findings = _apply_comments(findings, contents)
    severities = read_settings(Path()).severities()
    reported = set(replace(severities, notes=notes or severities.notes).apply(findings))
    if missing:
        absent = (Finding(MISSING_FILE, f"{path} does not exist") for path in missing)
        raise LoadError([*absent, *reported])
    known = [each for each in contents if not each.skipped]
    skipped = [(each.file, each.skipped) for each in contents if each.skipped]
    return CheckReport(sorted(reported, key=lambda finding: finding.order), known, skipped, not_run)


def _with_catalog(context: Context, metrics: Sequence[Metric], contents: Sequence[FileContents]) -> Context:
    """The context of files that are checked with a complete catalog."""
    files = [file for each in contents for file in each.rule_files]
    known = KnownSeries.of_files(metrics, _recorded(files))
    dashboards = [dashboard for each in contents for dashboard in each.dashboards]
    counters = {metric.name for metric in metrics if isinstance(metric, Counter)}
    series = ProjectSeries.of_files(files, metrics)
    return replace(context, known_series=known.of_read(dashboards), counters=counters, catalog=known, series=series)


def _with_project(context: Context, project: Artifacts, contents: Sequence[FileContents]) -> Context:
    """The context of files beside definitions, which know some of the series: a likely typo of one is reported."""
    known = KnownSeries(project, absent=_recorded(file for each in contents for file in each.rule_files))
    dashboards = [dashboard for each in contents for dashboard in each.dashboards]
    counters = {metric.name for metric in project.catalog if isinstance(metric, Counter)}
    # A rule file that the project keeps as it is may be checked as a file, too.
    own = {Path(each.file).resolve() for each in contents}
    others = [
        file for file in project.rule_files if not {Path(rule.source.file).resolve() for rule in file.rules()} & own
    ]
    beside = replace(project, rule_files=others)
    return replace(context, known_series=known.of_read(dashboards), counters=counters, catalog=known, beside=beside)


def _recorded(files: Iterable[RuleFile]) -> set[str]:
    return {rule.name for file in files for rule in file.rules() if isinstance(rule, RecordingRule)}


def _in_templates(contents: Sequence[FileContents], progress: Progress) -> tuple[list[Finding], Sequence[str]]:
    """Templates of alerts that fail with the newest promtool, or why they are not expanded."""
    rules = [rule for each in contents for file in each.rule_files for rule in file.rules()]
    alerts = [rule for rule in rules if isinstance(rule, AlertingRule)]
    if not (count := needs_promtool(alerts)):
        return [], ()
    progress("check", "templates of alerts")
    step = f"the templates of {_counted(count, 'alert')} are not expanded"
    try:
        recorded = {rule.name for rule in rules if isinstance(rule, RecordingRule)}
        if tools := find_all("promtool"):
            return failing_templates(alerts, tools[-1:], recorded), ()
    except ToolError as error:
        return [], [f"{step}: {error.findings[0].message}"]
    return [], [f"{step}: promtool is not installed; run: obscode tools install"]


def read(paths: Iterable[str | Path]) -> Artifacts:
    """The rule files, configurations and dashboards in files and folders: values as definitions compile to.

    for file in read(["monitoring/"]).rule_files:
        print(file.name, [rule.name for rule in file.rules()])

    Files of other kinds, and files with a syntax error, are left out; ``lint`` reports what is wrong with them. Raises
    LoadError for paths that do not exist.
    """
    named = _unique(paths)
    if missing := [path for path in named if not path.exists()]:
        raise LoadError([Finding(MISSING_FILE, f"{path} does not exist") for path in missing])
    contents = read_files(named)
    return Artifacts(
        rule_files=[file for each in contents for file in each.rule_files],
        prometheus_configs=[config for each in contents for config in each.prometheus_configs],
        alertmanager_configs=[config for each in contents for config in each.alertmanager_configs],
        dashboards=[dashboard for each in contents for dashboard in each.dashboards],
        objects=[read for each in contents for read in each.objects],
    )


def read_files(paths: Iterable[str | Path], progress: Progress = no_progress) -> list[FileContents]:
    """The contents of each file, also of those in folders, and what is wrong with it."""
    files = dict.fromkeys(file for path in _unique(paths) for file in files_of(path))
    contents = []
    for file in files:
        progress("read", file.name, total=len(files))
        contents.append(_read(file))
    return contents


def lint(source: Artifacts | Iterable[str | Path]) -> list[Finding]:
    """The findings of the checks: in compiled artifacts, or in files and folders. See ``check_files``."""
    return checks.lint(source) if isinstance(source, Artifacts) else list(check_files(source).findings)


def _unique(paths: Iterable[str | Path]) -> list[Path]:
    return list(dict.fromkeys(Path(path) for path in paths))


def is_definitions(path: Path) -> bool:
    """True for a folder of definitions: named so, with Python files that import obscode, or without files to check."""
    if path.is_file() or path.suffix in _SUFFIXES:
        return False
    if path.name == "definitions" or not path.is_dir():
        return True
    return any(_imports_obscode(file) for file in path.glob("*.py")) or next(files_of(path), None) is None


def _imports_obscode(file: Path) -> bool:
    try:
        return re.search(rb"^\s*(?:from|import) obscode\b", file.read_bytes(), re.MULTILINE) is not None
    except OSError:
        return False


# --- files -------------------------------------------------------------------------------------------------------


def files_of(path: Path) -> Iterator[Path]:
    """The file, or the files of a folder and the folders below it, without hidden ones and symbolic links."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if _is_visible(name))
        for name in sorted(names):
            file = Path(folder, name)
            if name.endswith(_SUFFIXES) and not name.startswith(".") and file.is_file():
                yield file


def is_read(path: str) -> bool:
    """True for the path of a file that is read where it stands in a folder."""
    *folders, name = path.split("/")
    return name.endswith(_SUFFIXES) and not name.startswith(".") and all(map(_is_visible, folders))


def _is_visible(folder: str) -> bool:
    return not folder.startswith(".") and folder not in _EXCLUDED


def _read(path: Path) -> FileContents:
    return read_source(path)[1]


def read_source(path: Path) -> tuple[str, FileContents]:
    """The text of a file, with a line feed as the end of lines, and its contents."""
    file = str(path)
    linecache.checkcache(file)
    try:
        if not path.is_file():
            return "", FileContents(file, skipped="not a regular file")
        if (size := path.stat().st_size) > _MAX_BYTES:
            return "", FileContents(file, skipped=f"too large ({size // 1_000_000} MB)")
        data = path.read_bytes()
    except OSError as error:
        return "", FileContents(file, skipped=error.strerror or str(error))
    return read_bytes(data, file)


def read_bytes(data: bytes, file: str) -> tuple[str, FileContents]:
    """The text of a file, with a line feed as the end of lines, and its contents."""
    if len(data) > _MAX_BYTES:
        return "", FileContents(file, skipped=f"too large ({len(data) // 1_000_000} MB)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "", FileContents(file, skipped="not UTF-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, read_text(text, file)


# --- findings ----------------------------------------------------------------------------------------------------


def _findings(contents: FileContents, explicit: Set[str]) -> Iterator[Finding]:
    """What reading reports: everything in files of a known kind; why a file that was named is not checked."""
    yield from contents.findings
    if contents.skipped and contents.file in explicit and not contents.findings:
        message = f"{contents.file} is not checked: {contents.skipped}"
        hint = "name rule files, Prometheus or Alertmanager configurations, dashboards, or folders of them"
        yield Finding(UNKNOWN_FILE, message, hint, SourceSpan(contents.file, 1, 1, 1, 2))


def _apply_comments(findings: Iterable[Finding], contents: Sequence[FileContents]) -> list[Finding]:
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.span.file if finding.span else "", []).append(finding)
    known = registry.codes().keys()
    for each in contents:
        if each.comments:
            by_file[each.file] = list(without_ignored(by_file.get(each.file, ()), each.comments, known))
    return [finding for of_file in by_file.values() for finding in of_file]
