"""Builtin functions whose result is another one in the next build, or that do more than return a result.

Python has no audit events for them. They are seen by `sys.setprofile`, which reports each call of a function that is
written in C, with its caller.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from types import FrameType
from typing import Any

from obscode.findings.finding import relative

_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep
_FROZEN = "<frozen "


def impurity(function: Any, frame: FrameType) -> str:
    """`definitions/shop.py:3 reads the clock`; empty for a call that has the same result in every build."""
    rule = RULES.get(function.__name__)
    if rule is None:
        return ""
    what = rule(getattr(function, "__self__", None), frame)
    if not what or is_progress(frame) or _is_of_a_library(frame):
        return ""
    for caller in _callers(frame):
        if not is_library(caller.f_code.co_filename) and not _module(caller).startswith("obscode."):
            return f"{relative(caller.f_code.co_filename)}:{caller.f_lineno} {what}"
    return f"{_module(frame)} {what}"


def is_library(file: str) -> bool:
    """True for the standard library and installed packages."""
    return file.startswith((_STANDARD_LIBRARY, _FROZEN)) or is_installed(file)


def is_standard_library(file: str) -> bool:
    """True for a module of the standard library."""
    return file.startswith((_STANDARD_LIBRARY, _FROZEN)) and not is_installed(file)


def is_installed(file: str) -> bool:
    """True for a file of an installed package."""
    return f"{os.sep}site-packages{os.sep}" in file or f"{os.sep}dist-packages{os.sep}" in file


def is_progress(frame: FrameType) -> bool:
    """True for what obscode's own display does: it has a clock and a thread, and changes no output."""
    return any(_module(caller) == "obscode.cli.terminal" for caller in _callers(frame))


def _is_of_a_library(frame: FrameType) -> bool:
    """Whether a module of the standard library makes the call when it is imported."""
    return any(
        caller.f_code.co_name == "<module>" and is_standard_library(caller.f_code.co_filename)
        for caller in _callers(frame)
    )


def _callers(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


Rule = Callable[[Any, FrameType], str]


def _of_module(name: str, what: str) -> Rule:
    return lambda owner, frame: what if getattr(owner, "__name__", "") == name else ""


def _of_date(owner: Any, frame: FrameType) -> str:
    kind = owner if isinstance(owner, type) else type(owner)
    return "reads the clock" if issubclass(kind, date | time) else ""


def _of_random(owner: Any, frame: FrameType) -> str:
    return "reads random numbers" if owner is random._inst or type(owner) is random.SystemRandom else ""


def _seed(owner: Any, frame: FrameType) -> str:
    """`random.Random()` seeds itself with None; `random.Random(7)` gives the same numbers each time."""
    is_seeded = frame.f_code is random.Random.seed.__code__ and frame.f_locals["a"] is not None
    return "" if is_seeded else "reads random numbers"


def _output(owner: Any, frame: FrameType) -> str:
    streams = [sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__]
    buffers = [getattr(stream, "buffer", None) for stream in streams]
    is_stream = owner is not None and any(owner is stream for stream in [*streams, *buffers])
    return "prints" if is_stream or getattr(owner, "__name__", "") in ("posix", "nt", "builtins") else ""


def _input(owner: Any, frame: FrameType) -> str:
    streams = [sys.stdin, sys.__stdin__, getattr(sys.stdin, "buffer", None)]
    is_stream = owner is not None and any(owner is stream for stream in streams)
    return "reads the standard input" if is_stream or getattr(owner, "__name__", "") == "builtins" else ""


def _status(owner: Any, frame: FrameType) -> str:
    """The wrappers of `os` record these; a caller that has the original function is not seen there."""
    is_recorded = _module(frame) == "obscode.project.recorded_os" or frame.f_code.co_filename.startswith(_FROZEN)
    is_entry = isinstance(owner, os.DirEntry)
    is_system = getattr(owner, "__name__", "") in ("posix", "nt")
    return "reads the status of a file" if is_entry or (is_system and not is_recorded) else ""


def _machine(owner: Any, frame: FrameType) -> str:
    return "reads the state of the system" if getattr(owner, "__name__", "") in ("posix", "nt") else ""


def _address(owner: Any, frame: FrameType) -> str:
    """`hash` of a text and `id` differ in each process. Libraries use them as keys."""
    file = frame.f_code.co_filename
    is_users = not is_library(file) and not file.startswith("<") and not _module(frame).startswith("obscode")
    return "reads a hash or an address in memory" if is_users and getattr(owner, "__name__", "") == "builtins" else ""


_CLOCKS = (
    "asctime clock_gettime clock_gettime_ns ctime gmtime localtime mktime monotonic monotonic_ns perf_counter "
    "perf_counter_ns process_time process_time_ns strftime thread_time thread_time_ns time time_ns"
)
_MACHINE = (
    "access cpu_count ctermid get_terminal_size getegid geteuid getgid getgroups getloadavg getlogin getpgid getpid "
    "getppid getpriority getuid statvfs sched_getaffinity sysconf times ttyname umask uname"
)
RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_CLOCKS.split(), _of_module("time", "reads the clock")),
    **dict.fromkeys(("now", "today", "utcnow", "astimezone", "fromtimestamp", "timestamp"), _of_date),
    **dict.fromkeys(("random", "getrandbits"), _of_random),
    "seed": _seed,
    **dict.fromkeys(("urandom", "getrandom"), lambda owner, frame: "reads random numbers"),
    **dict.fromkeys(("generate_time_safe", "UuidCreate"), lambda owner, frame: "makes a UUID"),
    **dict.fromkeys(_MACHINE.split(), _machine),
    **dict.fromkeys(("print", "write", "writelines"), _output),
    **dict.fromkeys(("input", "read", "readline", "readlines"), _input),
    **dict.fromkeys(("stat", "lstat", "readlink"), _status),
    **dict.fromkeys(("hash", "id"), _address),
    **dict.fromkeys(("start_new_thread", "start_joinable_thread"), _of_module("_thread", "starts a thread")),
    "register": _of_module("atexit", "registers a function that runs at the end"),
}
