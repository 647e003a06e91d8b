"""The output folder: compared with what a build would write, and replaced by it in one step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from obscode.artifacts.files import File
from obscode.findings.errors import OutputError
from obscode.findings.finding import Finding, relative
from obscode.project.atomic_replace import recover, replace_folder

MANIFEST = ".obscode-manifest"
_MANIFEST_HEAD = "# Files that obscode build wrote; it replaces and removes these and no others."


@dataclass(frozen=True)
class Difference:
    """How an output folder differs from what a build would write; paths below the folder, sorted."""

    stale: Sequence[str] = ()
    missing: Sequence[str] = ()
    extra: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.stale or self.missing or self.extra)

    def lines(self) -> Iterator[str]:
        """One line a file."""
        for kind in ("stale", "missing", "extra"):
            yield from (f"{kind:<8} {path}" for path in getattr(self, kind))


def compare(files: Sequence[File], out: Path) -> Difference:
    """What a build would change; reads only. Raises OutputError."""
    with _told(out, "read"):
        return _difference(files, out)


def _difference(files: Sequence[File], out: Path) -> Difference:
    if out.exists() and not out.is_dir():
        raise OutputError(f"{relative(str(out))} is a file", "name a folder with --out")
    wanted = {file.path: file for file in [*files, _manifest(files)]}
    there = {path for path in wanted if (out / path).is_file()}
    return Difference(
        stale=_sorted(path for path in there if (out / path).read_bytes() != wanted[path].text.encode()),
        missing=_sorted(set(wanted) - there),
        extra=_sorted(path for path in _written_before(out) if path not in wanted and (out / path).is_file()),
    )


def _sorted(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(paths))


def write(files: Sequence[File], out: Path) -> Difference:
    """Bring the folder up to date, in one step, and tell what changed; raises OutputError.

    Files that obscode did not write stay as they are; one that stands where a file must go is an error.
    """
    out = Path(os.path.realpath(out))
    with _told(out, "write"), _alone(out):
        if Path.cwd().is_relative_to(out):  # it would be gone under the feet of the user's shell
            raise OutputError(f"{relative(str(out))} holds the current folder", "name a folder of its own with --out")
        recover(out)
        shutil.rmtree(_sibling(out), ignore_errors=True)  # of a build that was killed: we hold the lock, so it is dead
        difference = _difference(files, out)
        _refuse_foreign(files, out)
        if difference:
            _replace(files, out)
        return difference


@contextmanager
def _told(out: Path, verb: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        hint = "the folder is as it was before; --out names another"
        raise OutputError(f"cannot {verb} {relative(str(out))}: {what}", hint) from error


def _replace(files: Sequence[File], out: Path) -> None:
    new = _sibling(out)
    try:
        new.mkdir()
        for file in [*files, _manifest(files)]:
            path = new / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.text.encode())
        if out.exists():
            _carry_over(out, new, set(_written_before(out)))
        if out.exists():
            shutil.copymode(out, new)
        replace_folder(new, out)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _carry_over(out: Path, new: Path, ours: set[str]) -> None:
    """Take along what is not ours: as hard links, so that who writes to such a file right now writes on."""
    for path in _leaves(out):
        name = path.relative_to(out).as_posix()
        if name in ours or name == MANIFEST or os.path.lexists(new / name):
            continue
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            (new / name).mkdir()
            continue
        try:
            os.link(path, new / name, follow_symlinks=False)
        except OSError:  # a file system without hard links
            shutil.copy2(path, new / name, follow_symlinks=False)


def _leaves(folder: Path) -> Iterator[Path]:
    """Files, links, and the folders that hold nothing: a build makes no such folder."""
    for root, folders, names in os.walk(folder, onerror=_raise):
        here = Path(root)
        if not folders and not names and here != folder:
            yield here
        yield from (here / name for name in [*names, *(f for f in folders if (here / f).is_symlink())])


def _raise(error: OSError) -> None:
    raise error  # a folder that cannot be read cannot be taken along


def _refuse_foreign(files: Iterable[File], out: Path) -> None:
    ours = set(_written_before(out))
    problems = []
    for file in files:
        path = out / file.path
        parents = [p for p in reversed(path.parents) if p != out and p.is_relative_to(out) and _is_no_folder(p)]
        if parents or path.is_dir() or (os.path.lexists(path) and file.path not in ours):
            shown = relative(str(parents[0] if parents else path))
            problems.append(
                Finding(
                    "output",
                    f"{shown} is in the way, and obscode did not write it",
                    "move it away, or name another folder with --out",
                )
            )
    if problems:
        raise OutputError(problems)


def _is_no_folder(path: Path) -> bool:
    return os.path.lexists(path) and (path.is_symlink() or not path.is_dir())


def _written_before(out: Path) -> list[str]:
    try:
        lines = (out / MANIFEST).read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    # A path that leads out of the folder is none of ours, whoever wrote it there.
    return [line for line in lines if line and not line.startswith(("#", "/")) and ".." not in line.split("/")]


def _manifest(files: Iterable[File]) -> File:
    return File(MANIFEST, "\n".join([_MANIFEST_HEAD, *sorted(file.path for file in files)]) + "\n")


def _sibling(out: Path) -> Path:
    return out.with_name(f".{out.name}.obscode-new")


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold a lock on the folder that holds the output, so that two builds do not meet."""
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(out.parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # NFS locks only files that were opened for writing
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
