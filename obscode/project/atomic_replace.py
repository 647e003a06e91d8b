"""Replace a folder in one step: at any time, also after a kill, it contains the old tree or the new one."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # macOS, sys/stdio.h


def replace_folder(new: Path, old: Path) -> None:
    """Exchange the folders ``new`` and ``old``, or rename ``new`` to ``old`` if that does not exist; raises OSError.

    On Linux and macOS the exchange is one system call.
    """
    if not old.exists():
        new.rename(old)
        return
    if _exchange(new, old):
        return
    # Without the call: a build that is killed after the first rename leaves the old tree under this name, and `recover`
    # restores it; after the second rename, `recover` deletes it.
    aside = _aside(old)
    old.rename(aside)
    new.rename(old)
    aside.rename(new)


def recover(folder: Path, marker: str) -> None:
    """Finish a `replace_folder` that was killed: restore the old tree, or delete it if the new one is in place.

    ``marker`` is a file that every complete tree contains. Raises OSError if a folder without it stands where the old
    tree belongs: neither can be deleted.
    """
    aside = _aside(folder)
    if not aside.exists():
        return
    if not folder.exists():
        aside.rename(folder)
    elif (folder / marker).is_file():
        shutil.rmtree(aside)
    else:
        raise FileExistsError(errno.EEXIST, f"{aside.name} beside it is from a killed build; move one of them away")


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.obscode-old")


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two paths atomically; False if the system or the file system does not support it."""
    if sys.platform == "win32":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        result = libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE)
    elif sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        result = libc.renamex_np(paths[0], paths[1], _RENAME_SWAP)
    else:
        return False
    if result == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))
