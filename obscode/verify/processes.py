"""Run tools in process groups of their own, so that an interrupted command leaves none behind.

A tool that runs for a minute must not go on when obscode ends. `stop_all` kills every group that this process started;
`stopping_on_signals` turns SIGTERM (CI cancel, `timeout`) and SIGHUP (closed terminal) into an exception, as Ctrl-C is.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from obscode.findings.errors import ToolError
from obscode.toolchain import Tool

_TIMEOUT = 120  # seconds
_SIGNALS = ("SIGTERM", "SIGHUP")  # Windows has no SIGHUP
# promtool allocates for every evaluation; a larger heap costs memory and saves a fifth of the CPU. Above the limit it
# collects more often instead. A user's values win.
_ENVIRONMENT = {"GOGC": "400", "GOMEMLIMIT": "1GiB"}
# A tool must not take the memory of the machine: the kernel would end any process. A hundred series of a million values
# need 10 GB, the tests of an SLO 250 MB.
_MEMORY = 4 * 2**30  # bytes
_OUT_OF_MEMORY = re.compile("^fatal error: .*out of memory", re.MULTILINE)  # Go's, when the kernel refuses

_lock = threading.Lock()
_running: set[subprocess.Popen[str]] = set()


class Interrupted(KeyboardInterrupt):
    """A signal that ends the command; ``number`` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Stopper:
    """Tells the threads of one run that no further process may start."""

    def __init__(self) -> None:
        self.stopped = False

    def stop(self) -> None:
        """Kill what runs, and start nothing more."""
        with _lock:
            self.stopped = True
        stop_all()


def run(
    tool: Tool, *arguments: str, folder: Path, timeout: float = _TIMEOUT, stopper: Stopper | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tool; raises ToolError if it cannot be started or exceeds the timeout (seconds)."""
    with _started(tool, arguments, folder, subprocess.PIPE, stopper) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise ToolError(f"{tool.name} {arguments[0]} did not end within {timeout:g} s") from None
    _check_memory(tool, err)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def lines(
    tool: Tool, arguments: Sequence[str], folder: Path, timeout: float, stopper: Stopper | None = None
) -> Iterator[str]:
    """The lines that a tool writes, on both streams, while it runs; raises ToolError as `run` does."""
    with _started(tool, arguments, folder, subprocess.STDOUT, stopper) as process:
        late = threading.Event()

        def end() -> None:
            late.set()
            _kill(process)

        timer = threading.Timer(timeout, end)
        timer.daemon = True
        timer.start()
        try:
            assert process.stdout
            for line in process.stdout:
                _check_memory(tool, line)
                yield line.rstrip("\n")
            process.wait()
        finally:
            timer.cancel()
    if late.is_set():
        raise ToolError(f"{tool.name} {arguments[0]} did not end within {timeout:g} s")


@contextmanager
def _started(
    tool: Tool, arguments: Sequence[str], folder: Path, errors: int, stopper: Stopper | None
) -> Iterator[subprocess.Popen[str]]:
    """A process in a group of its own, which is killed if the block does not end normally."""
    with _lock:  # a process is registered before anyone can stop the run
        if stopper and stopper.stopped:
            raise ToolError("interrupted")
        process = _start(tool, arguments, folder, errors, {**_ENVIRONMENT, **os.environ})
        _running.add(process)
    try:
        yield process
    finally:
        if process.returncode is None:
            _kill(process)
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
        with _lock:
            _running.discard(process)


def _start(
    tool: Tool, arguments: Sequence[str], folder: Path, errors: int, environment: Mapping[str, str]
) -> subprocess.Popen[str]:
    try:
        process = subprocess.Popen(
            [str(tool.path.absolute()), *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise ToolError(f"{tool.path} cannot be run: {error.strerror}", "run: obscode tools install") from None
    _bound_memory(process)
    return process


def _bound_memory(process: subprocess.Popen[str]) -> None:
    """Limit the memory of a process; on Linux only, where another process can be limited."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError, ValueError):  # it ended already, or has a lower limit
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (_MEMORY, _MEMORY))


def _check_memory(tool: Tool, output: str) -> None:
    """Raise ToolError if the output says that the memory was not enough."""
    if _OUT_OF_MEMORY.search(output):
        message = f"{tool.name} {tool.version} needs more than {_MEMORY / 2**30:g} GiB of memory"
        raise ToolError(message, "shorten the series of the tests, or their number")


def stop_all() -> None:
    """Kill every process group that runs."""
    with _lock:
        processes = list(_running)
    for process in processes:
        _kill(process)


def _kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # the group has the number of its first process


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Raise Interrupted on SIGTERM and SIGHUP in the main thread; the handlers are restored afterwards."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted(number)

    main = threading.current_thread() is threading.main_thread()
    numbers = [getattr(signal, name) for name in _SIGNALS if main and hasattr(signal, name)]
    ignored = [number for number in numbers if signal.getsignal(number) is signal.SIG_IGN]  # nohup
    before = {number: signal.signal(number, interrupt) for number in numbers if number not in ignored}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
