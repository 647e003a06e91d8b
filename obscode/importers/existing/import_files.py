"""`obscode import`: existing files as Python definitions, one module for each file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path

from obscode.checks import lint_values
from obscode.checks.promql_syntax import promql_syntax
from obscode.findings.code import Code
from obscode.findings.errors import DefinitionError, LoadError, ObscodeError, OutputError
from obscode.findings.finding import Finding, SourceSpan, relative
from obscode.importers.existing.alertmanager import alertmanager_part
from obscode.importers.existing.dashboards.part import dashboards_part
from obscode.importers.existing.known_errors import ignore_errors
from obscode.importers.existing.module import Names, Part, SourceFile, identifier, module_text
from obscode.importers.existing.prometheus import prometheus_part
from obscode.importers.existing.python_source import Call, Item, statement
from obscode.importers.existing.rules import rules_part
from obscode.model import naming
from obscode.model.compatibility import newest
from obscode.model.identifiers import suggestion
from obscode.project.check_files import MISSING_FILE, files_of, read_source

NOTHING_TO_IMPORT = Code(
    "import-nothing",
    "A file that `obscode import` names contains rules, a configuration or a dashboard.",
    why="in folders, other files are skipped. A file that is named on the command line is expected to be imported.",
)

#: What makes definitions of a file, each of its kind of artifact. A new kind is a module with such a function.
KINDS: Sequence[Callable[[SourceFile, Names], Part | None]] = (
    rules_part,
    prometheus_part,
    alertmanager_part,
    dashboards_part,
)


@dataclass(frozen=True)
class ImportedFile:
    """A module to write: its path below the output folder, its text, and the file that it is made of."""

    path: str
    text: str
    source: str


@dataclass(frozen=True)
class Import:
    """What an import writes, and the number of errors that `ignore=` ignores in the rules."""

    files: Sequence[ImportedFile]
    ignored: int


def imported_files(paths: Iterable[str], out: Path) -> Import:
    """The modules for files, folders and patterns, and a project where the output folder has none.

    Raises LoadError for paths that do not exist, and DefinitionError for files that Prometheus, Alertmanager or Grafana
    would reject, with all findings.
    """
    sources = list(_sources(paths))
    project: dict[str, str] = {}
    modules, findings = _modules(sources, out, project)
    if findings:
        raise DefinitionError(findings)
    if not modules:
        raise ObscodeError("nothing to import", "name rule files, configurations or dashboards, or folders of them")
    texts, ignored = ignore_errors({module.path: module.text for module in modules})
    modules = [replace(module, text=texts[module.path]) for module in modules]
    return Import([*_project(out, project), *modules], ignored)


def _modules(
    sources: Sequence[tuple[SourceFile, Path]], out: Path, project: dict[str, str]
) -> tuple[list[ImportedFile], list[Finding]]:
    """The modules of the files, and what is wrong with the files; adds the arguments of the project."""
    modules: list[ImportedFile] = []
    findings: list[Finding] = []
    taken: set[str] = set()
    prometheus_names: set[str] = set()
    main = _main_config(sources)
    alertmanagers: list[str] = []
    for source, folder in sources:
        reported = [*source.contents.findings, *lint_values(source.contents.values, [promql_syntax])]
        findings += [each for each in reported if each.severity == "error"]
        path = _module_path(source.path, folder, taken)
        names = Names(naming.rule_file_of_module(f"definitions/{path}", "."), main, prometheus_names, alertmanagers)
        try:
            located = replace(source, reference=_reference(source.path, out / path))
            parts = [part for kind in KINDS if (part := kind(located, names)) is not None]
        except DefinitionError as error:
            findings += error.findings
            continue
        if parts:
            taken.add(path)
            for key, value in ((key, value) for part in parts for key, value in part.project.items()):
                project[key] = newest([value, project.get(key, "")]) if key.startswith("oldest") else value
            modules.append(ImportedFile(path, module_text(source.name, parts), source.path))
    return modules, findings


def _main_config(sources: Iterable[tuple[SourceFile, Path]]) -> str:
    """The file of the project's own Prometheus configuration: `prometheus.yml`, or the first one."""
    paths = [source.path for source, _ in sources if source.contents.prometheus_configs]
    named = [path for path in paths if Path(path).name in ("prometheus.yml", "prometheus.yaml")]
    return (named or paths or [""])[0]


def _reference(source: str, module: Path) -> str:
    """The path of a file from the folder of a module; absolute on another drive."""
    try:
        return Path(os.path.relpath(source, module.parent)).as_posix()
    except ValueError:
        return Path(source).absolute().as_posix()


def write(files: Sequence[ImportedFile], out: Path) -> None:
    """Write the modules, all or none; raises OutputError if one exists."""
    if existing := [file for file in files if (out / file.path).exists()]:
        listed = ", ".join(relative(str(out / file.path)) for file in existing[:5])
        more = f" and {len(existing) - 5} others" if len(existing) > 5 else ""
        message = f"{listed}{more} exist{'s' if len(existing) == 1 else ''}"
        raise OutputError(message, "move what exists, or choose another --out")
    written: list[Path] = []
    try:
        for file in files:
            path = out / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            written.append(path)
            with path.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(file.text)
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OutputError(f"{relative(str(written[-1]))} cannot be written: {error.strerror}") from error
        raise


def _sources(paths: Iterable[str]) -> Iterator[tuple[SourceFile, Path]]:
    """The files with definitions to import, each with the folder that its module's path starts at."""
    missing = []
    seen: set[str] = set()
    for pattern in paths:
        matches = sorted(glob(pattern, recursive=True))  # noqa: PTH207  patterns may be absolute
        if not matches and not os.path.lexists(pattern):
            problem = f"no file matches {pattern}" if has_magic(pattern) else f"{pattern} does not exist"
            missing.append(Finding(MISSING_FILE, problem))
        for match in map(Path, matches or [pattern] if os.path.lexists(pattern) else matches):
            folder = match if match.is_dir() else match.parent
            for file in files_of(match):
                if str(file) not in seen:
                    seen.add(str(file))
                    yield _source(file, folder, is_named=str(match) == str(file)), folder
    if missing:
        raise LoadError(missing)


def _source(file: Path, folder: Path, *, is_named: bool) -> SourceFile:
    text, contents = read_source(file)
    if contents.skipped and is_named and not contents.findings:
        message = f"{file} is not imported: {contents.skipped}"
        hint = "name rule files, Prometheus or Alertmanager configurations, dashboards, or folders of them"
        raise LoadError([Finding(NOTHING_TO_IMPORT, message, hint, SourceSpan(str(file), 1, 1, 1, 2))])
    name = Path(relative(str(file)))
    if name.is_absolute() or ".." in name.parts:  # it would differ from machine to machine
        name = folder.absolute().name / file.relative_to(folder)
    return SourceFile(str(file), text, contents, name.as_posix())


def _module_path(source: str, folder: Path, taken: set[str]) -> str:
    """The path of a module, with the folders of its file."""
    inside = Path(os.path.relpath(source, folder))
    folders = [identifier(part, "folder") for part in inside.parent.parts]
    name = identifier(inside.stem, "file")
    path, number = "/".join([*folders, f"{name}.py"]), 2
    while path in taken or path == "project.py":
        path, number = "/".join([*folders, f"{name}_{number}.py"]), number + 1
    return path


def _project(out: Path, arguments: Mapping[str, str]) -> Iterator[ImportedFile]:
    """A project, if no file in the output folder seems to have one."""
    if any("Project(" in file.read_text(encoding="utf-8", errors="replace") for file in out.rglob("*.py")):
        return
    items = [Item(suggestion(out.absolute().parent.name)), *(Item(v, f"{key}=") for key, v in arguments.items())]
    text = statement("project", Call("Project", items))
    head = '"""The settings of all definitions."""\n\nfrom obscode import Project\n'
    yield ImportedFile("project.py", f"{head}\n{text}\n", "")
