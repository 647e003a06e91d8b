"""One lock for everything that obscode writes: a folder is locked, so that no lock file is left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_POLL_SECONDS = 0.1


class LockTimeoutError(Exception):
    """Another process held the lock for the whole waiting time."""


@contextmanager
def exclusive_lock(folder: Path, on_wait: Callable[[], None], wait_seconds: float) -> Iterator[None]:
    """Hold the lock of a folder; the system releases it when the process ends, also when it is killed.

    Calls ``on_wait`` once if another process holds the lock; raises LockTimeoutError after ``wait_seconds``. Without
    file locks (Windows; NFS locks only files that are open for writing) the block runs unlocked: two processes at a
    time are rarer than such systems. Raises OSError if the folder cannot be opened.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            _wait_for(lambda: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB), on_wait, wait_seconds)
        yield
    finally:
        os.close(handle)


def _wait_for(lock: Callable[[], None], on_wait: Callable[[], None], wait_seconds: float) -> None:
    give_up = time.monotonic() + wait_seconds
    waiting = False
    while True:
        try:
            return lock()
        except BlockingIOError:
            if time.monotonic() >= give_up:
                raise LockTimeoutError from None
        if not waiting:
            on_wait()
        waiting = True
        time.sleep(_POLL_SECONDS)
