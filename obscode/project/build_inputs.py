"""What a build read: files, folders, environment variables; and whether all of it is still the same.

The state of each input is a text, so that a record of them is plain JSON. Paths are strings, not `Path`: thousands of
files are compared in milliseconds.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

ALL_VARIABLES = "*"
_ABSENT = "absent"
_NEVER_TRUSTED = ""


@dataclass(frozen=True)
class FileState:
    """The content of a file, and the data of its inode by which an unchanged file is recognised without reading it.

    Attributes:
        digest: of the content; `absent` for no file.
        signature: size, times and number of the inode; empty if the file may change without changing them.
    """

    digest: str
    signature: str = _NEVER_TRUSTED

    @classmethod
    def read(cls, path: str, now: int) -> FileState:
        """The state of a file; ``now`` is the time in nanoseconds.

        A file that was written within the resolution of its times (20 ms; 2 s where they have whole seconds) can be
        written again without a new time, as git notes in `racy-git`: its signature is not trusted.
        """
        try:
            before = signature(path)
            with open(path, "rb") as file:
                digest, length = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
        except OSError:
            return cls(_ABSENT, _NEVER_TRUSTED)
        size, *times, _ = map(int, before.split())
        resolution = 20_000_000 if max(times) % 1_000_000_000 else 2_000_000_000
        is_settled = max(times) < now - resolution and size == length  # files of /proc and /sys have other sizes
        return cls(digest, before if is_settled else _NEVER_TRUSTED)

    def checked(self, path: str, now: int) -> FileState | None:
        """The state with a signature to trust if the file has the same content, else None."""
        with suppress(OSError):
            if self.signature and signature(path) == self.signature:
                return self
        state = FileState.read(path, now)
        return state if state.digest == self.digest else None


def checked(files: Mapping[str, FileState], now: int) -> dict[str, FileState] | None:
    """The states of files that all have the same content; None if one has another."""
    result = {}
    for path, state in files.items():
        current = state.checked(path, now)
        if current is None:
            return None
        result[path] = current
    return result


def states_json(files: Mapping[str, FileState]) -> dict[str, list[str]]:
    """The states of files as values of JSON."""
    return {path: [state.digest, state.signature] for path, state in files.items()}


def states_from_json(values: Mapping[str, Any]) -> dict[str, FileState]:
    """The states of ``states_json``; raises TypeError and similar for other values."""
    return {path: FileState(*state) for path, state in values.items()}


def signature(path: str) -> str:
    """Size, time of the content, time of the inode, and its number; raises OSError."""
    status = os.stat(path)
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


def listing(folder: str) -> str:
    """The digest of the names in a folder and of what they are; without Python's bytecode, which any import adds."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(f"{_kind_of(entry)} {entry.name}" for entry in entries if entry.name != "__pycache__")
    except OSError:
        return _ABSENT
    return _digest("\0".join(names))


def _kind_of(entry: os.DirEntry[str]) -> str:
    link = "l" if entry.is_symlink() else ""
    return link + ("d" if entry.is_dir() else "f" if entry.is_file() else "o")


def importable(folder: str, names: Collection[str]) -> str:
    """The digest of what the names can be imported from in a folder."""
    try:
        matches = sorted(name for name in os.listdir(folder) if name.partition(".")[0] in names)
    except OSError:
        return _ABSENT
    return _digest("\0".join(matches))


def kind(path: str, follow: bool, detailed: bool) -> str:
    """What is at a path: the target of a link, file, folder or other; if ``detailed``, with size and time of a file."""
    try:
        status = os.stat(path, follow_symlinks=follow)
    except (OSError, ValueError):
        return _ABSENT
    if stat.S_ISLNK(status.st_mode):
        return f"link to {os.readlink(path)}"
    if stat.S_ISREG(status.st_mode):
        return f"file {status.st_size} {status.st_mtime_ns}" if detailed else "file"
    return "folder" if stat.S_ISDIR(status.st_mode) else "other"


def variable(name: str) -> str:
    """The digest of an environment variable, which may be a secret; of all of them for `*`."""
    if name == ALL_VARIABLES:
        return _digest("\0".join(f"{key}={value}" for key, value in sorted(os.environ.items())))
    value = os.environ.get(name)
    return _ABSENT if value is None else _digest(value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True)
class Inputs:
    """Everything that a build read, and what it was.

    Attributes:
        files: by absolute path.
        folders: those that were listed, with the digest of their names.
        kinds: what each requested path was, if anything; the key is `follow detailed path`, with `1` or `0`.
        names: the names that were imported.
        searched: the folders in which they were looked up, with the digest of what they contain of these names.
        variables: environment variables by name.
    """

    files: Mapping[str, FileState] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    names: Collection[str] = ()
    searched: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    def checked(self, now: int) -> Inputs | None:
        """The inputs with signatures to trust if a build would read the same, else None."""
        names = frozenset(self.names)
        same = (
            all(variable(name) == value for name, value in self.variables.items())
            and all(listing(folder) == digest for folder, digest in self.folders.items())
            and all(kind_at(key) == value for key, value in self.kinds.items())
            and all(importable(folder, names) == digest for folder, digest in self.searched.items())
        )
        files = checked(self.files, now) if same else None
        return None if files is None else replace(self, files=files)

    def as_json(self) -> dict[str, Any]:
        """The inputs as values of JSON."""
        return {
            **vars(self),
            "names": sorted(self.names),
            "files": states_json(self.files),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Inputs:
        """The inputs of ``as_json``; raises TypeError and similar for other values."""
        return cls(**{**values, "files": states_from_json(values["files"])})


def kind_key(path: str, follow: bool, detailed: bool) -> str:
    """The key of `Inputs.kinds`."""
    return f"{follow:d} {detailed:d} {path}"


def kind_at(key: str) -> str:
    """What is at the path of such a key."""
    follow, detailed, path = key.split(" ", 2)
    return kind(path, follow == "1", detailed == "1")
