"""`os.stat`, `os.lstat`, `os.readlink`, `os.environ` and `sys.argv` that report what is read: no audit event does."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Listener(Protocol):
    """Receives what is read."""

    def kind(self, path: str, follow: bool, detailed: bool) -> None:
        """What is at a path; with size and time if ``detailed``."""

    def variable(self, name: str) -> None:
        """An environment variable, or `*` for all."""

    def arguments(self) -> None:
        """The arguments of the command line."""


@contextmanager
def recorded_os(listener: Listener) -> Iterator[None]:
    """Report to the listener until the end of the block."""
    originals = {name: getattr(os, name) for name in ("stat", "lstat", "readlink")}
    environments: list[Any] = [os.environ, *([os.environb] if os.supports_bytes_environ else [])]
    kind, before = _recorded_environment(listener.variable), type(os.environ)
    for name, original in originals.items():
        setattr(os, name, _wrapped(original, name == "stat", listener))
    for environment in environments:
        environment.__class__ = kind
    platform._uname_cache = None  # type: ignore[attr-defined]  # `platform.node()` calls `os.uname` again
    arguments = sys.argv
    sys.argv = _recorded_arguments(arguments, listener)
    try:
        yield
    finally:
        sys.argv = arguments
        for environment in environments:
            environment.__class__ = before
        for name, original in originals.items():
            setattr(os, name, original)


def _wrapped(original: Callable[..., Any], follow: bool, listener: Listener) -> Callable[..., Any]:
    def recorded(path: Any, *args: Any, dir_fd: int | None = None, **options: Any) -> Any:
        if not isinstance(path, int) and dir_fd is None:
            listener.kind(os.fsdecode(path), follow and options.get("follow_symlinks", True), _reads_details())
        return original(path, *args, dir_fd=dir_fd, **options)

    return recorded


# Functions of os.path and pathlib that read what is at a path, not its size or time.
_KINDS = frozenset(
    """
    exists lexists isfile isdir islink is_file is_dir is_symlink realpath _joinrealpath resolve readlink
    checkcache updatecache
    """.split()  # noqa: SIM905  # the last two are of linecache, which reads the file, too
)
_MODULES = ("genericpath", "posixpath", "ntpath", "linecache")


def _reads_details() -> bool:
    """Whether the caller of a function of `os` reads more than what is at a path."""
    frame = sys._getframe(2)
    for _ in range(3):  # `Path.is_file` calls `Path.stat`
        module = frame.f_globals.get("__name__", "")
        if not module.startswith("pathlib") and module not in _MODULES:
            return True
        if frame.f_code.co_name in _KINDS:
            return False
        if frame.f_back is None:
            return True
        frame = frame.f_back
    return True


@contextmanager
def variables_read() -> Iterator[set[str]]:
    """The names of the environment variables that the block reads; `*` if it lists them. Inside `recorded_os`, too."""
    names: set[str] = set()
    environments: list[Any] = [os.environ, *([os.environb] if os.supports_bytes_environ else [])]
    kind, before = _recorded_environment(names.add), type(os.environ)
    for environment in environments:
        environment.__class__ = kind
    try:
        yield names
    finally:
        for environment in environments:
            environment.__class__ = before


def _recorded_environment(variable: Callable[[str], object]) -> type[os._Environ[Any]]:
    """A class for `os.environ`: every reference to it, also one that was imported, reports the name that it reads."""
    before: Any = type(os.environ)  # which may report to another one

    class Environment(before):  # type: ignore[misc]
        def __getitem__(self, name: Any) -> Any:
            variable(os.fsdecode(name) if isinstance(name, str | bytes) else "*")
            return super().__getitem__(name)

        def __iter__(self) -> Iterator[Any]:
            variable("*")
            names: Iterator[Any] = super().__iter__()
            return names

        def __len__(self) -> int:
            variable("*")
            return int(super().__len__())

    return Environment


def _recorded_arguments(arguments: list[str], listener: Listener) -> list[str]:
    class Arguments(list[str]):
        def __getitem__(self, index: Any) -> Any:
            listener.arguments()
            return super().__getitem__(index)

        def __iter__(self) -> Iterator[str]:
            listener.arguments()
            return super().__iter__()

        def __len__(self) -> int:
            listener.arguments()
            return super().__len__()

    return Arguments(arguments)
