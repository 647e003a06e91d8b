"""The list of the files that obscode wrote into an output folder; a build replaces and removes no others."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from obscode.artifacts.files import File
from obscode.findings.errors import OutputError
from obscode.findings.finding import relative
from obscode.model import naming

MANIFEST = naming.MANIFEST
_HEAD = "# Files that obscode build wrote; it replaces and removes these and no others."
_CONFLICT_MARKERS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")


@dataclass(frozen=True)
class Manifest:
    """The manifest of an output folder.

    Attributes:
        paths: the files that obscode wrote, below the folder.
        lines: every line that names a file, also those that name none below the folder.
        conflict: whether git left conflict markers in it; the files of both branches count.
        exists: False if the folder has no manifest.
    """

    paths: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    conflict: bool = False
    exists: bool = False

    def lists(self, paths: Iterable[str]) -> bool:
        """True if it lists exactly these files, in any order: a merge of two branches need not sort them."""
        return self.exists and not self.conflict and self.lines == frozenset(paths)


def read_manifest(out: Path) -> Manifest:
    """The manifest of a folder; empty without one. Raises OutputError, and OSError if it cannot be read."""
    path = out / MANIFEST
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return Manifest()
    except IsADirectoryError:
        message = f"{relative(str(path))} is a folder"
        raise OutputError(message, "remove it; obscode build writes a file of this name") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OutputError(f"{relative(str(path))} is a link to itself", "remove it") from None
        raise
    markers = [line for line in lines if line[:7] in _CONFLICT_MARKERS and line[7:8] in ("", " ")]
    names = frozenset(line for line in lines if line and not line.startswith("#")).difference(markers)
    return Manifest(frozenset(filter(_is_below, names)), names, bool(markers), exists=True)


def manifest_file(paths: Iterable[str]) -> File:
    """The manifest of these files."""
    return File(MANIFEST, "\n".join([_HEAD, *sorted(paths)]) + "\n")


def _is_below(line: str) -> bool:
    """False for a path that leaves the folder, as after an edit by hand: that file is not obscode's."""
    return not line.startswith("/") and not {"..", ".", ""} & set(line.split("/")) and line != MANIFEST
