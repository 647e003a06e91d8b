"""Replace a folder in one step: whoever looks, or kills the build, sees the old tree or the new one."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # macOS, sys/stdio.h


def replace_folder(new: Path, old: Path) -> None:
    """Put the folder ``new`` in the place of ``old``; what was there is afterwards at ``new``'s path.

    Raises OSError. On Linux and macOS the two change places in one system call.
    """
    if not old.exists():
        new.rename(old)
        return
    if _exchange(new, old):
        return
    # Elsewhere (and on file systems without the call) there is a moment between two renames. A build that
    # is killed in it leaves the old tree under this name, and `recover` puts it back.
    aside = _aside(old)
    old.rename(aside)
    new.rename(old)
    aside.rename(new)


def recover(folder: Path) -> None:
    """Put back a tree that a killed `replace_folder` had set aside."""
    aside = _aside(folder)
    if aside.exists() and not folder.exists():
        aside.rename(folder)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.obscode-old")


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two paths atomically; False where the system or the file system cannot."""
    if sys.platform == "win32":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        done = libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE)
    elif sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        done = libc.renamex_np(paths[0], paths[1], _RENAME_SWAP)
    else:
        return False
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))
