"""Definitions from a folder of Python files: every definition bound at module level."""

from __future__ import annotations

import importlib.util
import linecache
import os
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from obscode import checks
from obscode.compiler import Definitions
from obscode.findings.code import Code
from obscode.findings.errors import DefinitionError, LoadError, ObscodeError
from obscode.findings.finding import Finding, relative
from obscode.model import argument_types
from obscode.model.configs import Alertmanager, Prometheus
from obscode.model.dashboard import Dashboard
from obscode.model.definition import Definition
from obscode.model.env import EnvironmentReads, loading
from obscode.model.environment import Environment
from obscode.model.project import Project
from obscode.model.routing import Routing
from obscode.model.rule_group import RuleFile, RuleGroup
from obscode.model.scenario import Scenario
from obscode.model.service import Service
from obscode.model.source import Origin
from obscode.project.environment_secrets import secrets
from obscode.project.environments import declared_name, named, usable_environments
from obscode.project.import_errors import exception_findings, syntax_finding
from obscode.project.recorded_os import variables_read
from obscode.project.self_monitoring import with_self_monitoring, without_self_monitoring
from obscode.project.unused import bases, unbound, unreferenced

_NO_FOLDER = (
    "create it, or name the folder of your definitions; "
    "for existing files run obscode check FOLDER or obscode import FOLDER"
)

ONE_PROJECT = Code(
    "one-project",
    "A folder of definitions has one Project.",
    why="The project has the settings of the whole output, such as intervals; a second one would contradict it.",
    bad='project = Project("my-team")\nother = Project("other-team")',
    good='project = Project("my-team")',
)
ONE_ROUTING = Code(
    "one-routing",
    "A folder of definitions has at most one Routing.",
    why="The output has one Alertmanager configuration.",
    bad="pages = Routing(default=pager)\ntickets = Routing(default=webhook)",
    good='routing = Routing(default=webhook, routes=[Route(pager, match={"severity": "page"})])',
)


UserCode = Callable[[], AbstractContextManager[None]]


def load(
    folder: Path, progress: Callable[[str], None] = lambda name: None, *, environment: str | None = None
) -> Definitions:
    """Import all `*.py` files of a folder and its subfolders, and collect the definitions bound at module level.

    Raises LoadError with a finding for each file that cannot be imported, else DefinitionError with the findings about
    the folder as a whole, and in both cases those about invalid definitions. Files may import each other
    (`from .shared import latency_slo`, `from ..shared import latency_slo`) and modules beside the folder. Files,
    folders and names that begin with `_` or `.` are not collected. The definitions are those of the project's own
    environment, or of the ``environment`` of that name.
    """
    loaded = read_folder(folder, progress, environment=environment)
    if not loaded.findings:
        return loaded.definitions
    findings = [*loaded.findings, *_problems(loaded.definitions.roots())]
    raise loaded.error(findings)


@dataclass(frozen=True)
class LoadedFolder:
    """The definitions of a folder, and the findings about files and about what the folder lacks or has twice.

    ``is_incomplete``: a file could not be imported, so its definitions are missing. ``error`` is DefinitionError if
    only findings in documents, which importers read, were the reason. Without a project (``has_project``), the
    definitions have one with default settings. ``secrets`` are the environment variables with names of secrets that the
    files read, with their values. ``name`` is that of the environment; ``environments`` are the others of the project,
    in which the definitions may differ if a file reads which one it is (``reads_environment``).
    """

    definitions: Definitions
    findings: Sequence[Finding]
    is_incomplete: bool
    has_project: bool
    error: type[LoadError | DefinitionError]
    secrets: Mapping[str, str] = field(default_factory=dict)
    environments: Sequence[Environment] = ()
    name: str = ""
    reads_environment: bool = False

    def in_environment(self, environment: Environment) -> LoadedFolder:
        """The same definitions with the settings of an environment."""
        project = environment.applied_to(self.definitions.project)
        own = without_self_monitoring(self.definitions)
        definitions = with_self_monitoring(replace(own, project=project))
        return replace(self, name=environment.name, definitions=definitions)


def read_folder(
    folder: Path,
    progress: Callable[[str], None] = lambda name: None,
    user_code: UserCode = nullcontext,
    environment: str | None = None,
) -> LoadedFolder:
    """Import a folder as ``load`` does, each file in a context of ``user_code``.

    Raises LoadError only where there is no file to import, and ObscodeError for an unknown ``environment``.
    """
    folder = folder.absolute()
    files = _files(folder)
    with loading(lambda: declared_name(files) if environment is None else environment) as reads:
        loaded = _read(files, folder, progress, user_code, reads)
    project = loaded.definitions.project
    if environment is None and reads.modules and project.environment != reads.name:
        return read_folder(folder, progress, user_code, str(project.environment))
    others = usable_environments(project)
    names = [str(project.environment), *(each.name for each in others)]
    if loaded.has_project:
        loaded = replace(loaded, findings=[*loaded.findings, *reads.findings(names, f"{folder}{os.sep}")])
    loaded = replace(loaded, name=names[0], environments=others, reads_environment=bool(reads.modules))
    if environment is None or environment == project.environment or not loaded.has_project:
        return loaded
    return loaded.in_environment(named(environment, project.environment, others))


def _read(
    files: Sequence[Path],
    folder: Path,
    progress: Callable[[str], None],
    user_code: UserCode,
    reads: EnvironmentReads,
) -> LoadedFolder:
    result: list[Definition] = []
    broken = _Broken()
    discarded: list[Finding] = []
    used: set[int] = set()
    with variables_read() as variables, _importable(folder, reads) as package:
        for file in files:
            path = file.relative_to(folder).as_posix()
            progress(path)
            name = f"{package}.{path.removesuffix('.py').replace('/', '.')}"
            loaded = _module(name, file, folder, broken, user_code)
            if loaded is not None:
                module, text = loaded
                result += _bound(vars(module).items())
                discarded += unbound(file, text, vars(module))
                used |= bases(text, vars(module))
    taken = list({id(d): d for d in result}.values())
    definitions, has_project = _group_by_type(taken, folder)
    definitions = with_self_monitoring(definitions)
    problems = [*_duplicates(taken), *discarded, *(broken.findings or _missing(taken, folder, used))]
    is_incomplete = bool(broken.findings)
    return LoadedFolder(definitions, problems, is_incomplete, has_project, broken.error, secrets(variables))


@dataclass
class _Broken:
    """Why files could not be imported."""

    findings: list[Finding] = field(default_factory=list)
    error: type[LoadError | DefinitionError] = DefinitionError

    def add(self, *findings: Finding, error: type[ObscodeError] = LoadError) -> None:
        self.findings += findings
        self.error = self.error if issubclass(error, DefinitionError) else LoadError


def _problems(result: Sequence[Definition]) -> Iterator[Finding]:
    for definition in result:
        yield from argument_types.problems(definition)
    yield from checks.syntax_findings(result)


def _files(folder: Path) -> list[Path]:
    displayed = relative(str(folder))
    if not folder.exists():
        raise LoadError(f"{displayed} does not exist", _NO_FOLDER)
    if not folder.is_dir():
        raise LoadError(f"{displayed} is a file", "name the folder that it is in")
    files = sorted(file for file in folder.rglob("*.py") if _is_collected(file.relative_to(folder)) and file.is_file())
    if not files:
        raise LoadError(
            f"{displayed} contains no definitions",
            "write a project.py and a file for each service; README.md has an example",
        )
    return files


def _is_collected(path: Path) -> bool:
    """False for `_shared.py`, `.#shop.py` and what is in such folders, or in folders that no package can be."""
    return not any(part.startswith(("_", ".")) for part in path.parts) and not any("." in p for p in path.parts[:-1])


@contextmanager
def _importable(folder: Path, reads: EnvironmentReads) -> Iterator[str]:
    """Make the folder a package for a while; leaves sys.path, sys.modules and the folder as they were.

    An installed package that reads the environment is imported again for the next one.
    """
    package = folder.name if _is_free(folder) else "definitions"
    before, path, bytecode = dict(sys.modules), list(sys.path), sys.dont_write_bytecode
    root = ModuleType(package)
    root.__path__ = [str(folder)]
    root.__spec__ = ModuleSpec(package, None, is_package=True)
    for name in [n for n in sys.modules if n == package or n.startswith(package + ".")]:
        del sys.modules[name]
    sys.modules[package] = root
    sys.path[:0] = [str(folder.parent), str(Path.cwd())]
    sys.dont_write_bytecode = True
    try:
        yield package
    finally:
        sys.dont_write_bytecode = bytecode
        sys.path[:] = path
        readers = {name.partition(".")[0] for name in reads.modules}
        for name in [name for name in sys.modules if name not in before]:
            is_reader = name.partition(".")[0] in readers
            if name.startswith(package + ".") or is_reader or _is_users(sys.modules[name], folder):
                del sys.modules[name]
        sys.modules.pop(package, None)
        sys.modules.update({n: m for n, m in before.items() if n == package or n.startswith(package + ".")})


def _is_free(folder: Path) -> bool:
    """Whether the folder's name can be a package's: a folder `yaml` must not hide the library."""
    name = folder.name
    if not name.isidentifier() or name in sys.stdlib_module_names:
        return False
    spec = sys.modules[name].__spec__ if name in sys.modules else importlib.util.find_spec(name)
    return spec is None or str(folder) in (spec.submodule_search_locations or ())


def _is_users(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None) or ""
    ours = module.__name__.partition(".")[0] == "obscode"  # which may be developed in the same folder
    return Path(file).is_relative_to(folder.parent) and "site-packages" not in file and not ours


def _module(name: str, file: Path, folder: Path, broken: _Broken, user_code: UserCode) -> tuple[ModuleType, str] | None:
    """A file as a module, and its text; None if it cannot be imported."""
    if name in sys.modules:  # another file has imported it
        return sys.modules[name], _text(file.read_bytes())
    linecache.checkcache(str(file))
    loader = SourceFileLoader(name, str(file))
    spec = importlib.util.spec_from_file_location(name, file, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        # As `exec_module` does, but without a search for bytecode; only the user's code runs in the context.
        source = loader.get_data(str(file))
        code = loader.source_to_code(source, str(file))
        with user_code():
            exec(code, vars(module))
    except SyntaxError as error:
        broken.add(syntax_finding(error, file))
    except KeyboardInterrupt:
        raise
    except ObscodeError as error:  # an importer's findings, at the lines of its document
        broken.add(*error.findings, error=type(error))
    except BaseException as error:  # a definitions file is the user's program, which may raise anything
        broken.add(*exception_findings(error, file, folder))
    else:
        return module, _text(source)
    sys.modules.pop(name, None)
    return None


def _text(source: bytes) -> str:
    text = source.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _bound(names: Iterable[tuple[str, Any]]) -> Iterator[Definition]:
    return _definitions_in([value for name, value in names if not name.startswith("_")], set())


def _definitions_in(value: Any, seen: set[int]) -> Iterator[Definition]:
    if isinstance(value, Definition):
        yield value
    elif isinstance(value, list | tuple | set | frozenset | dict) and id(value) not in seen:
        seen.add(id(value))  # a list may hold itself
        for item in list(value.values() if isinstance(value, dict) else value):
            yield from _definitions_in(item, seen)


def _duplicates(result: Sequence[Definition]) -> Iterator[Finding]:
    yield from _second([d for d in result if isinstance(d, Project)], ONE_PROJECT)
    yield from _second([d for d in result if isinstance(d, Routing | Alertmanager)], ONE_ROUTING)


def _missing(result: Sequence[Definition], folder: Path, used: Container[int]) -> Iterator[Finding]:
    """Findings about definitions that another file could contain."""
    if not any(isinstance(definition, Project) for definition in result):
        hint = 'write project = Project("my-team") in project.py'
        yield Finding(ONE_PROJECT, f"{relative(str(folder))} has no Project", hint)
    yield from unreferenced(result, used)


def _group_by_type(result: Sequence[Definition], folder: Path) -> tuple[Definitions, bool]:
    """The definitions, and whether one of them is a project."""
    projects = [d for d in result if isinstance(d, Project)]
    routings = [d for d in result if isinstance(d, Routing)]
    services = [d for d in result if isinstance(d, Service)]
    held = [child for service in services for child in service.children()]
    own = {id(below) for child in held for below in (child, *child.children())}
    definitions = Definitions(
        project=projects[0] if projects else Project("project").with_origin(Origin("", 0)),
        services=services,
        dashboards=[d for d in result if isinstance(d, Dashboard) and id(d) not in own],
        configs=[d for d in result if isinstance(d, Prometheus | Alertmanager)],
        rules=[d for d in result if isinstance(d, RuleGroup | RuleFile) and id(d) not in own],
        routing=routings[0] if routings else None,
        scenarios=[d for d in result if isinstance(d, Scenario)],
        root=str(folder.parent),
    )
    return definitions, bool(projects)


def _second(result: Sequence[Definition], code: Code) -> Iterator[Finding]:
    for definition in result[1:]:
        word = type(definition).__name__
        yield definition.finding(code, f"a second {word}; the first is at {result[0].span()}", "a folder has one")
