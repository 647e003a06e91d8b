"""Definitions from a folder of Python files: every definition bound at module level."""

from __future__ import annotations

import importlib.util
import linecache
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from obscode import checks
from obscode.compiler import Definitions
from obscode.findings.errors import LOAD, DefinitionError, LoadError, ObscodeError
from obscode.findings.finding import Finding, SourceSpan, relative
from obscode.findings.suggestions import did_you_mean
from obscode.model import argument_types
from obscode.model.alert import Alert, RecordingRule
from obscode.model.dashboard import Dashboard
from obscode.model.definition import Definition
from obscode.model.project import Project
from obscode.model.routing import Routing
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.model.source import PythonCall
from obscode.model.type_descriptions import public_names

_UNKNOWN_ARGUMENT = re.compile(r"^(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")


def load(folder: Path, progress: Callable[[str], None] = lambda name: None) -> Definitions:
    """Read all `*.py` files of a folder, each a module.

    Raises LoadError with a finding for each broken file and for each problem of the definitions in the others.
    Files may import each other (`from .shared import latency_slo`) and what lies beside the folder. Names
    that begin with `_` are not taken.
    """
    folder = folder.absolute()
    files = _files(folder)
    found: list[Definition] = []
    broken: list[Finding] = []
    with _importable(folder) as package:
        for file in files:
            progress(file.name)
            module = _module(package, file, broken)
            if module is not None:
                found += _bound(vars(module).items())
    taken = list({id(d): d for d in found}.values())
    if broken:
        raise LoadError([*broken, *_problems(taken)])
    return _group_by_type(taken, folder)


def _problems(found: Sequence[Definition]) -> Iterator[Finding]:
    for definition in found:
        yield from argument_types.problems(definition)
    yield from checks.syntax_findings(found)


def _files(folder: Path) -> list[Path]:
    shown = relative(str(folder))
    if not folder.exists():
        raise LoadError(f"{shown} does not exist", "name the folder that holds your definitions")
    if not folder.is_dir():
        raise LoadError(f"{shown} is a file", "name the folder that it is in")
    files = sorted(f for f in folder.glob("[!.]*.py") if f.name != "__init__.py" and f.is_file())
    if not files:
        raise LoadError(f"{shown} holds no definitions", "write a project.py and a file a service; README.md has one")
    return files


@contextmanager
def _importable(folder: Path) -> Iterator[str]:
    """Make the folder a package for a while; leaves sys.path, sys.modules and the folder as they were."""
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
        for name in [n for n in sys.modules if n not in before and _is_users(sys.modules[n], folder)]:
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


def _module(package: str, file: Path, broken: list[Finding]) -> ModuleType | None:
    name = f"{package}.{file.stem}"
    if name in sys.modules:  # another file has imported it
        return sys.modules[name]
    linecache.checkcache(str(file))
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        broken.append(_syntax_error(error, file))
    except KeyboardInterrupt:
        raise
    except ObscodeError as error:  # an importer's, told at the lines of its document
        broken.extend(error.findings)
    except BaseException as error:  # a definitions file is the user's program: anything may come
        broken.append(_exception(error, file))
    else:
        return module
    sys.modules.pop(name, None)
    return None


def _syntax_error(error: SyntaxError, file: Path) -> Finding:
    place = SourceSpan(
        error.filename or str(file), error.lineno or 1, error.offset or 1, error.end_lineno or 0, error.end_offset or 0
    )
    return Finding("syntax", f"Python cannot read this file: {error.msg}", "mend the syntax; nothing was built", place)


def _exception(error: BaseException, file: Path) -> Finding:
    """Told at the user's last own line, which is where the mistake is most often."""
    place = SourceSpan(str(file), 1)
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if Path(code.co_filename).is_relative_to(file.parent):
            place = PythonCall(code.co_filename, step.tb_lineno, code, step.tb_lasti).span() or place
        step = step.tb_next
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Finding(LOAD.name, f"{relative(place.file)} stopped with {text}", _hint(error), place)


def _hint(error: BaseException) -> str:
    if isinstance(error, ImportError):
        return "names come from obscode, or a file beside this one (`from .file import name`)"
    kinds = {kind.__name__: kind for kind in public_names()}
    if isinstance(error, TypeError) and (match := _UNKNOWN_ARGUMENT.match(str(error))) and match[1] in kinds:
        known = [spec.name for spec in fields(kinds[match[1]]) if spec.name not in ("_", "origin")]
        return did_you_mean(match[2], known) or f"{match[1]} takes {', '.join(known)}"
    if isinstance(error, TypeError) and "argument" in str(error):
        return "help(name) in a Python shell shows the arguments of a definition"
    return "the other files were read, too; nothing was built"


def _bound(names: Iterable[tuple[str, Any]]) -> Iterator[Definition]:
    return _definitions_in([value for name, value in names if not name.startswith("_")], set())


def _definitions_in(value: Any, seen: set[int]) -> Iterator[Definition]:
    if isinstance(value, Definition):
        yield value
    elif isinstance(value, list | tuple | set | frozenset | dict) and id(value) not in seen:
        seen.add(id(value))  # a list may hold itself
        for item in list(value.values() if isinstance(value, dict) else value):
            yield from _definitions_in(item, seen)


def _group_by_type(found: list[Definition], folder: Path) -> Definitions:
    projects = [d for d in found if isinstance(d, Project)]
    routings = [d for d in found if isinstance(d, Routing)]
    problems = [*_second(projects, "one-project"), *_second(routings, "one-routing"), *_unreferenced(found)]
    if not projects:
        hint = 'write project = Project("my-team") in project.py'
        problems.append(Finding("one-project", f"{relative(str(folder))} has no Project", hint))
    if problems:
        raise DefinitionError([*problems, *_problems(found)])
    services = [d for d in found if isinstance(d, Service)]
    own = {id(s.dashboard) for s in services}
    return Definitions(
        project=projects[0],
        services=services,
        dashboards=[d for d in found if isinstance(d, Dashboard) and id(d) not in own],
        routing=routings[0] if routings else None,
        root=str(folder.parent),
    )


def _unreferenced(found: Sequence[Definition]) -> Iterator[Finding]:
    """What only a service makes something of, and none holds: it would be left out in silence."""
    held = {id(below) for definition in found for below in definition.walk() if below is not definition}
    for definition in found:
        if isinstance(definition, tuple(_OWNED_BY)) and id(definition) not in held:
            kind = type(definition)
            message = f"no service holds this {kind.__name__}"
            hint = f"write Service(..., {_OWNED_BY[kind]}=[...]); the name of one that others are made of begins with _"
            yield definition.finding("unused-definition", message, hint)


_OWNED_BY: Mapping[type[Definition], str] = {Alert: "alerts", RecordingRule: "recording_rules", SLO: "slos"}


def _second(found: Sequence[Definition], check: str) -> Iterator[Finding]:
    for definition in found[1:]:
        word = type(definition).__name__
        yield definition.finding(check, f"a second {word}; the first is at {found[0].span()}", "a folder has one")
