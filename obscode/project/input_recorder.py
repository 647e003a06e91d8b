"""Record what a build reads, while it reads it.

Definitions are programs. What they read is seen in five ways:

- audit events of Python: opened files, listed folders, and everything else that reaches outside the process;
- functions of `os` without such events, and `os.environ`, are wrapped (`recorded_os`);
- a finder that finds nothing sees each name that is imported, also those that do not exist;
- the modules that were imported before the build, such as obscode's own;
- a profile function sees the clock, random numbers and output (`impure_calls`) while the user's code runs.

The clock, a process or a connection cannot be recorded: each is a reason not to reuse the build.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import stat
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

from obscode.project.build_inputs import FileState, Inputs, importable, kind_at, kind_key, listing, variable
from obscode.project.impure_calls import RULES, impurity, is_progress, is_standard_library
from obscode.project.recorded_os import recorded_os

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_IMPORTLIB = "<frozen importlib._bootstrap_external>"
# Events that say nothing about the world outside of the process, or that others repeat.
_HARMLESS = frozenset(
    """
    array.__new__ builtins.id code.__new__ compile exec function.__new__ gc.get_objects gc.get_referents
    gc.get_referrers glob.glob glob.glob/2 marshal.dumps marshal.load marshal.loads object.__delattr__
    object.__getattr__ object.__setattr__ os.fwalk os.walk pathlib.Path.glob pathlib.Path.rglob pathlib.Path.walk
    pickle.find_class sys._getframe sys._getframemodulename sys.setprofile sys.unraisablehook
    """.split()  # noqa: SIM905
)
# Extension modules of obscode itself. Another one may read files in C, which nothing here sees.
_KNOWN_EXTENSIONS = ("promql_parser", "yaml", "_yaml", "re2", "_re2")


class InputRecorder:
    """The inputs of the build that runs in ``recording()``, and the reasons not to reuse it.

    ``ignored`` is a folder that is no input: the cache itself.
    """

    def __init__(self, ignored: str) -> None:
        self.reasons: list[str] = []
        self._ignored = ignored
        self._thread = threading.get_ident()
        self._files: dict[str, FileState] = {}
        self._folders: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._names: set[str] = set()
        self._searched: set[str] = set()
        self._variables: dict[str, str] = {}
        self._modules: set[str] = set()
        self._is_busy = False  # while it reads itself

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record what this thread reads until the end of the block."""
        self._record_modules(sys.modules)
        _install_audit_hook()
        sys.meta_path.insert(0, self)
        _active.append(self)
        try:
            with recorded_os(self):
                yield
        finally:
            _active.remove(self)
            sys.meta_path.remove(self)

    @contextmanager
    def user_code(self) -> Iterator[None]:
        """Watch the calls of builtin functions until the end of the block, in which the user's code runs."""
        if sys.getprofile() is not None:
            self.impure("a profiler is active")
            yield
            return
        sys.setprofile(self._profile)
        try:
            yield
        finally:
            sys.setprofile(None)
            self._record_modules(itertools.takewhile(lambda name: name not in self._modules, reversed(sys.modules)))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Record nothing until the end of the block."""
        with self._own_reads():
            yield

    def inputs(self) -> Inputs:
        """Everything that was recorded; a file that changed since it was read is a reason, too."""
        now = time.time_ns()
        for path, state in self._files.items():
            if state.checked(path, now) is None:
                self.impure(f"{path} changed during the build")
        searched = {os.path.abspath(path) for path in self._searched}
        folders = sorted(path for path in searched if not is_standard_library(path + os.sep))
        listed = {path: importable(path, self._names) for path in folders}
        return Inputs(self._files, self._folders, self._kinds, self._names, listed, self._variables)

    def impure(self, reason: str) -> None:
        """Note why the build cannot be reused."""
        if reason not in self.reasons:
            self.reasons.append(reason)

    # --- what is read --------------------------------------------------------------------------------------------

    def file(self, path: str) -> None:
        """Record a file before its reader sees it: a change in between is a change of the input."""
        path = _source(os.path.abspath(path))
        if path in self._files or self._is_no_input(path):
            return
        if not _is_file_or_absent(path):
            self.impure(f"reads {path}, which is not a file")
            return
        self._files[path] = FileState.read(path, time.time_ns())

    def folder(self, path: str) -> None:
        """Record the names in a folder."""
        path = os.path.abspath(path)
        if not self._is_no_input(path + os.sep):
            self._folders.setdefault(path, listing(path))

    def kind(self, path: str, follow: bool, detailed: bool) -> None:
        """Record what is at a path."""
        with self._own_reads() as is_recorded:
            path = os.path.abspath(path)
            if is_recorded and not self._is_no_input(path):
                key = kind_key(path, follow, detailed)
                self._kinds.setdefault(key, kind_at(key))

    def variable(self, name: str) -> None:
        """Record an environment variable, or `*` for all."""
        with self._own_reads() as is_recorded:
            if is_recorded and not is_progress(sys._getframe(1)):
                self._variables.setdefault(name, variable(name))

    def arguments(self) -> None:
        """Note that the arguments of the command line were read: they differ between `build` and `build --check`."""
        with self._own_reads() as is_recorded:
            if is_recorded:
                self.impure("reads sys.argv")

    def find_spec(self, name: str, path: Iterable[str] | None, target: object = None) -> None:
        """Record a name that is imported and where; as a finder of `sys.meta_path` it finds nothing."""
        self._names.add(name.rpartition(".")[2])
        self._searched.update(os.fspath(folder) or "." for folder in (sys.path if path is None else path))

    def _is_no_input(self, path: str) -> bool:
        return is_standard_library(path) or f"{path}{os.sep}".startswith(self._ignored + os.sep)

    @contextmanager
    def _own_reads(self) -> Iterator[bool]:
        """False for what the recorder itself reads, and the thread that displays progress. Others are a reason."""
        if self._is_busy or threading.get_ident() != self._thread:
            yield False
            return
        self._is_busy = True
        try:
            yield True
        finally:
            self._is_busy = False

    def _record_modules(self, names: Iterable[str]) -> None:
        for name in list(names):
            self._modules.add(name)
            module = sys.modules[name]
            self._names.update(name.split("."))
            self._searched.update(str(folder) for folder in getattr(module, "__path__", None) or ())
            if isinstance(file := getattr(module, "__file__", None), str):
                self.file(file)

    # --- events --------------------------------------------------------------------------------------------------

    def audit(self, event: str, args: tuple[Any, ...], caller: FrameType) -> None:
        """Record what an audit event says."""
        with self._own_reads() as is_recorded:
            if is_recorded:
                self._event(event, args, caller)

    def _event(self, event: str, args: tuple[Any, ...], caller: FrameType) -> None:
        if event == "open":
            self._opened(*args)
        elif event in ("os.listdir", "os.scandir"):
            if caller.f_code.co_filename != _IMPORTLIB:  # which looks up names: `find_spec`
                self._listed(args[0])
        elif event == "import":
            self._imported(*args[:2])
        elif not is_progress(caller):
            self.impure(f"raises the audit event {event}")

    def _opened(self, path: Any, mode: Any, flags: int) -> None:
        if isinstance(path, int):  # a descriptor, of something that was opened
            return
        if flags & _WRITES:
            self.impure(f"writes {os.fsdecode(path)}")
        else:
            self.file(os.fsdecode(path))

    def _listed(self, path: Any) -> None:
        if isinstance(path, int):
            self.impure("lists a folder by its descriptor")
        else:
            self.folder(os.fsdecode(path or "."))

    def _imported(self, name: str, file: str | None) -> None:
        if file and not is_standard_library(file) and name.partition(".")[0] not in _KNOWN_EXTENSIONS:
            self.impure(f"imports {name}, which is not written in Python")

    def _profile(self, frame: FrameType, event: str, function: Any) -> None:
        if event == "c_call" and function.__name__ in RULES and (reason := impurity(function, frame)):
            self.impure(reason)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Record nothing of what the block does, such as the import of a library that reads the state of the process.

    The files of imported modules are inputs of the build nevertheless.
    """
    profile = sys.getprofile()
    sys.setprofile(None)
    try:
        with ExitStack() as stack:
            for recorder in _active:
                stack.enter_context(recorder.paused())
            yield
    finally:
        sys.setprofile(profile)


_active: list[InputRecorder] = []  # at most one; a hook cannot be removed
_installed: list[bool] = []


def _install_audit_hook() -> None:
    if not _installed:
        sys.addaudithook(_audit)
        _installed.append(True)


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if event not in _HARMLESS:
        for recorder in _active:
            recorder.audit(event, args, sys._getframe(1))


def _source(path: str) -> str:
    """The source of a file of bytecode, whose time and size are those of the source."""
    if path.endswith(".pyc"):
        try:
            source = importlib.util.source_from_cache(path)
        except ValueError:
            return path
        return source if os.path.exists(source) else path
    return path


def _is_file_or_absent(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True
