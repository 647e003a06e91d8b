"""What `install` wrote: a hash of each file, so that a program that was replaced since is reported and not run.

`installed.json` lies beside the programs, and who can replace a program can replace it, too: it detects mistakes, such
as the cache of another machine or a half-copied folder, not an attack.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

RECORD = "installed.json"
_FOLDERS = ("bin", "lib", "share")
_STAT = ("st_size", "st_mtime_ns", "st_ctime_ns", "st_ino")
_BLOCK = 1 << 20

_Record = dict[str, dict[str, Any]]


def record(home: Path) -> None:
    """Write the hash of each file of an installed suite."""
    files = sorted(path for folder in _FOLDERS for path in (home / folder).rglob("*") if path.is_file())
    _write(home, {path.relative_to(home).as_posix(): _entry(path) for path in files})


def is_recorded(home: Path) -> bool:
    """True if the suite has a record."""
    return (home / RECORD).is_file()


def altered(home: Path, name: str, *, full: bool = False) -> Path | None:
    """The first file of a tool that is not as `install` wrote it; None if all are, or without a record.

    A file whose size, times and inode are the recorded ones is not read, unless ``full``.
    """
    entries = _read(home)
    refreshed = False
    for file, entry in entries.items():
        if Path(file).name != name and not file.startswith(f"share/{name}/"):
            continue
        path = home / file
        if not path.is_file():
            return path
        stat = _stat(path)
        if full or any(stat[key] != entry.get(key) for key in _STAT):
            if _sha256(path) != entry.get("sha256"):
                return path
            refreshed = refreshed or any(stat[key] != entry.get(key) for key in _STAT)
            entry.update(stat)
    if refreshed:
        with suppress(OSError):  # a read-only folder: the file is read again next time
            _write(home, entries)
    return None


def _entry(path: Path) -> dict[str, Any]:
    return {"sha256": _sha256(path), **_stat(path)}


def _stat(path: Path) -> dict[str, int]:
    stat = path.stat()
    return {key: getattr(stat, key) for key in _STAT}


def _sha256(path: Path) -> str:
    import hashlib  # takes 10 ms; most commands hash nothing

    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _read(home: Path) -> _Record:
    """The record; empty without one, or if it is damaged."""
    try:
        entries = json.loads((home / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        file: dict(entry)
        for file, entry in (entries.items() if isinstance(entries, dict) else ())
        if isinstance(entry, Mapping)
    }


def _write(home: Path, entries: _Record) -> None:
    new = home / f".{RECORD}-{os.getpid()}"
    new.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    new.replace(home / RECORD)
