"""Results of earlier runs, as text files by the digest of what they were computed from.

The folder is `.obscode-cache` beside the definitions, or the one that `OBSCODE_CACHE_DIR` names. It can be deleted at
any time: whatever is missing, damaged or cannot be written is computed again. Only `json`, `hashlib` and `os` are
imported: a build that changes nothing starts here.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

FOLDER = ".obscode-cache"
VARIABLE = "OBSCODE_CACHE_DIR"
MAX_BYTES = 200_000_000
MAX_ENTRIES = 50_000
_USED_SECONDS = 3600.0  # an entry that is read gets a new time at most this often
_ABANDONED_SECONDS = 3600.0  # a temporary file that is older is from a process that was killed
_HEAD = b"obscode cache 1 sha256 "
_TEMPORARY = ".new-"
_numbers = count()

# As pip, mypy and ruff do: backup programs skip a folder with this file (https://bford.info/cachedir/).
_FILES = {
    ".gitignore": "*\n",
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Results of obscode; can be deleted at any time.\n",
}


def key(*parts: str | bytes) -> str:
    """The digest of a list of values: other values, or the same text divided in another way, have another key."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(b"%d:" % len(content))
        digest.update(content)
    return digest.hexdigest()


@cache
def code_key(package: str = "obscode") -> str:
    """The digest of the sources of a package: results of other code have other keys. Empty if it has no files.

    Reads 250 files in 10 ms; the time of a file would differ on every machine of a CI.
    """
    parts: list[str | bytes] = []
    for folder in map(Path, getattr(import_module(package), "__path__", [])):
        for file in sorted(folder.rglob("*.py*")):
            if file.suffix in (".py", ".pyc") and file.parent.name != "__pycache__":
                parts += (file.relative_to(folder).as_posix(), file.read_bytes())
    return key(*parts) if parts else ""


class Cache:
    """Texts by kind and key. Entries of one kind are one folder.

    Never raises for a folder that cannot be read or written: `get` returns None and `put` does nothing. Entries are
    replaced in one step, so that several processes can use the folder at a time. As a context manager it deletes the
    entries that were not used for the longest time when there are too many, if the block added some.
    """

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES, max_entries: int = MAX_ENTRIES) -> None:
        self.folder = folder
        self._max_bytes, self._max_entries = max_bytes, max_entries
        self._added = False

    @classmethod
    def beside(cls, definitions: Path) -> Cache:
        """The cache of a folder of definitions."""
        named = os.environ.get(VARIABLE)
        return cls(Path(named) if named else definitions.absolute().parent / FOLDER)

    def get(self, kind: str, key: str) -> str | None:
        """The text that was put under the key; None if there is none, or if the file was changed since."""
        path = self.folder / kind / key
        try:
            with path.open("rb") as file:
                is_old = os.fstat(file.fileno()).st_mtime < time.time() - _USED_SECONDS
                head, content = file.readline(len(_HEAD) + 65), file.read()
            if head != _head(content):
                return None
            text = content.decode()
        except (OSError, ValueError):
            return None
        if is_old:
            with suppress(OSError):
                os.utime(path)
        return text

    def put(self, kind: str, key: str, text: str) -> None:
        """Keep a text; the text that was there is replaced."""
        content = text.encode()
        folder = self.folder / kind
        new = folder / f"{_TEMPORARY}{os.getpid()}-{next(_numbers)}"
        try:
            if not folder.is_dir():
                self._create(folder)
            with new.open("xb") as file:
                file.write(_head(content) + content)
            new.replace(folder / key)
        except OSError:  # a read-only or full disk: the next run computes it again
            with suppress(OSError):
                new.unlink()
        self._added = True

    def _create(self, folder: Path) -> None:
        # For the user alone: keys and records have digests of environment variables, which may be short secrets.
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True)
        for name, text in _FILES.items():
            if not (self.folder / name).exists():
                (self.folder / name).write_text(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._added:
            self.prune()

    def prune(self) -> None:
        """Delete what killed processes left, and the entries that were not used for the longest time."""
        entries, now = [], time.time()
        with suppress(OSError):
            for path, status in self._files():
                if not path.name.startswith(_TEMPORARY):
                    entries.append((status.st_mtime, status.st_size, path))
                elif status.st_mtime < now - _ABANDONED_SECONDS:
                    path.unlink(missing_ok=True)
            size, number = sum(entry[1] for entry in entries), len(entries)
            for _, length, path in sorted(entries):
                if size <= self._max_bytes and number <= self._max_entries:
                    break
                path.unlink(missing_ok=True)
                size, number = size - length, number - 1

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        with os.scandir(self.folder) as kinds:
            folders = [kind.path for kind in kinds if kind.is_dir(follow_symlinks=False)]
        for folder in folders:
            with os.scandir(folder) as files:
                for file in files:
                    with suppress(FileNotFoundError):  # another process deletes entries, too
                        if file.is_file(follow_symlinks=False):
                            yield Path(file.path), file.stat(follow_symlinks=False)


def _head(content: bytes) -> bytes:
    return _HEAD + hashlib.sha256(content).hexdigest().encode() + b"\n"
