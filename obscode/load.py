"""Definitions from a folder of Python files: every definition bound at module level."""

from __future__ import annotations

import importlib.util
import linecache
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from obscode.compile import Definitions
from obscode.dashboard import Dashboard
from obscode.definition import Definition
from obscode.errors import Finding, LoadError, Place, relative
from obscode.project import Project
from obscode.routing import Routing
from obscode.service import Service


def load(folder: Path, progress: Callable[[str], None] = lambda name: None) -> Definitions:
    """Read all `*.py` files of a folder, each a module; raises LoadError with a finding a broken file.

    Files may import each other (`from .shared import latency_slo`) and what lies beside the folder. Names
    that begin with `_` are not taken.
    """
    folder = folder.absolute()
    files = _files(folder)
    found: list[Definition] = []
    problems: list[Finding] = []
    with _importable(folder) as package:
        for file in files:
            progress(file.name)
            module = _module(package, file, problems)
            if module is not None:
                found += _bound(vars(module).items())
    if problems:
        raise LoadError(problems)
    return _sorted_out(list({id(d): d for d in found}.values()), folder)


def _files(folder: Path) -> list[Path]:
    shown = relative(str(folder))
    if not folder.exists():
        raise LoadError(f"{shown} does not exist", "name the folder that holds your definitions")
    if not folder.is_dir():
        raise LoadError(f"{shown} is a file", "name the folder that it is in")
    files = sorted(f for f in folder.glob("*.py") if f.name != "__init__.py")
    if not files:
        raise LoadError(f"{shown} holds no definitions", "write a project.py and a file a service; README.md has one")
    return files


@contextmanager
def _importable(folder: Path) -> Iterator[str]:
    """Make the folder a package for a while; leaves sys.path, sys.modules and the folder as they were."""
    package = folder.name if folder.name.isidentifier() else "definitions"
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


def _is_users(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None) or ""
    return Path(file).is_relative_to(folder.parent) and "site-packages" not in file


def _module(package: str, file: Path, problems: list[Finding]) -> ModuleType | None:
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
        problems.append(_syntax_error(error, file))
    except (Exception, SystemExit) as error:  # a definitions file is the user's program: anything may come
        problems.append(_exception(error, file))
    else:
        return module
    sys.modules.pop(name, None)
    return None


def _syntax_error(error: SyntaxError, file: Path) -> Finding:
    place = Place(
        error.filename or str(file), error.lineno or 1, error.offset or 1, error.end_lineno or 0, error.end_offset or 0
    )
    return Finding("syntax", f"Python cannot read this file: {error.msg}", "mend the syntax; nothing was built", place)


def _exception(error: BaseException, file: Path) -> Finding:
    """Told at the user's last own line, which is where the mistake is most often."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if Path(f.filename).is_relative_to(file.parent)] or [
        f for f in frames if f.filename == str(file)
    ]
    place = Place(str(file), 1)
    if own:
        last = own[-1]
        column = (last.colno or 0) + 1
        place = Place(last.filename, last.lineno or 1, column, last.end_lineno or 0, (last.end_colno or 0) + 1)
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Finding("load", f"{relative(str(file))} stopped with {text}", _hint(error), place)


def _hint(error: BaseException) -> str:
    if isinstance(error, ImportError):
        return "names come from obscode, obscode.presets, or a file beside this one (`from .file import name`)"
    if isinstance(error, TypeError) and "argument" in str(error):
        return "help(name) in a Python shell shows the arguments of a definition"
    return "the other files were read, too; nothing was built"


def _bound(names: Iterable[tuple[str, Any]]) -> Iterator[Definition]:
    for name, value in names:
        if not name.startswith("_"):
            yield from _definitions_in(value)


def _definitions_in(value: Any) -> Iterator[Definition]:
    if isinstance(value, Definition):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _definitions_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _definitions_in(item)


def _sorted_out(found: list[Definition], folder: Path) -> Definitions:
    projects = [d for d in found if isinstance(d, Project)]
    routings = [d for d in found if isinstance(d, Routing)]
    problems = [d.finding("one-project", "a second Project", "a folder has one") for d in projects[1:]]
    problems += [d.finding("one-routing", "a second Routing", "a folder has one") for d in routings[1:]]
    if not projects:
        hint = 'write project = Project("my-team") in project.py'
        problems.append(Finding("one-project", f"{relative(str(folder))} has no Project", hint))
    if problems:
        raise LoadError(problems)
    services = [d for d in found if isinstance(d, Service)]
    own = {id(s.dashboard) for s in services}
    return Definitions(
        project=projects[0],
        services=services,
        dashboards=[d for d in found if isinstance(d, Dashboard) and id(d) not in own],
        routing=routings[0] if routings else None,
        root=str(folder.parent),
    )
