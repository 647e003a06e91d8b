"""The output folder: compare it with the files of a build, and replace it by them in one step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from obscode.artifacts.files import File
from obscode.findings.errors import OUTPUT, OutputError
from obscode.findings.finding import Finding, relative
from obscode.project.atomic_replace import recover, replace_folder
from obscode.project.file_lock import LockTimeoutError, exclusive_lock

MANIFEST = ".obscode-manifest"
_WAIT_SECONDS = 120.0  # for another build; one takes seconds
_MANIFEST_HEAD = "# Files that obscode build wrote; it replaces and removes these and no others."


@dataclass(frozen=True)
class Difference:
    """How an output folder differs from the files of a build.

    Attributes:
        stale: files with other content.
        missing: files that a build would add.
        extra: files of an earlier build that a build would remove.
    """

    stale: Sequence[str] = ()
    missing: Sequence[str] = ()
    extra: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.stale or self.missing or self.extra)

    def lines(self) -> Iterator[str]:
        """`stale    prometheus/rules/shop.yml`, one line per file."""
        for kind in ("stale", "missing", "extra"):
            yield from (f"{kind:<8} {path}" for path in getattr(self, kind))


def compare(files: Sequence[File], out: Path) -> Difference:
    """What a build would change; writes nothing. Raises OutputError."""
    with os_errors_as_output_errors(out, "read"):
        return _difference(files, out)


def _difference(files: Sequence[File], out: Path) -> Difference:
    if out.exists() and not out.is_dir():
        raise OutputError(f"{relative(str(out))} is a file", "name a folder with --out")
    expected = {file.path: file for file in [*files, _manifest(files)]}
    existing = {path for path in expected if (out / path).is_file()}
    return Difference(
        stale=_sorted(path for path in existing if (out / path).read_bytes() != expected[path].text.encode()),
        missing=_sorted(set(expected) - existing),
        extra=_sorted(path for path in _written_before(out) if path not in expected and (out / path).is_file()),
    )


def _sorted(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(paths))


def write(files: Sequence[File], out: Path, log: Callable[[str], None] = lambda line: None) -> Difference:
    """Bring the folder up to date in one step and return what changed; raises OutputError.

    Files that obscode did not write stay as they are; such a file in the place of one to write is an error. ``log``
    receives a line if another build has to end first.
    """
    out = Path(os.path.realpath(out))
    with os_errors_as_output_errors(out, "write"), _only_build(out, log):
        if Path.cwd().is_relative_to(out):  # the user's shell would be left in a deleted folder
            raise OutputError(f"{relative(str(out))} contains the current folder", "name another folder with --out")
        recover(out, MANIFEST)
        shutil.rmtree(_new_folder(out), ignore_errors=True)  # left by a killed build: no other runs, we hold the lock
        difference = _difference(files, out)
        _reject_foreign_files(files, out)
        if difference:
            _replace(files, out)
        return difference


@contextmanager
def _only_build(out: Path, log: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of the folder above the output folder, which is itself replaced."""
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with exclusive_lock(out.parent, lambda: log("waiting for another build to end"), _WAIT_SECONDS):
            yield
    except LockTimeoutError:
        message = f"another build of {relative(str(out))} did not end within {_WAIT_SECONDS:g} s"
        raise OutputError(message, "stop it, or name another folder with --out") from None


@contextmanager
def os_errors_as_output_errors(out: Path, verb: str) -> Iterator[None]:
    """Turn OSError into OutputError; ``verb`` is what failed: `read` or `write`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "the folder is unchanged; fix the cause, or name another folder with --out"
        raise OutputError(f"cannot {verb} {relative(str(out))}: {reason}", hint) from error


def _replace(files: Sequence[File], out: Path) -> None:
    new = _new_folder(out)
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
    """Move files of others to the new folder as hard links: a process that has such a file open keeps writing to it."""
    for path in _leaves(out):
        name = path.relative_to(out).as_posix()
        if name in ours or os.path.lexists(new / name):
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
    """Files, symbolic links and empty folders; a build makes no empty folder, so these belong to others."""
    for root, folders, names in os.walk(folder, onerror=_raise):
        here = Path(root)
        if not folders and not names and here != folder:
            yield here
        yield from (here / name for name in [*names, *(f for f in folders if (here / f).is_symlink())])


def _raise(error: OSError) -> None:
    raise error  # os.walk would skip a folder that cannot be read, and lose its files


def _reject_foreign_files(files: Iterable[File], out: Path) -> None:
    ours = set(_written_before(out))
    findings = []
    for file in files:
        path = out / file.path
        parents = [p for p in reversed(path.parents) if p != out and p.is_relative_to(out) and _is_not_folder(p)]
        if parents or path.is_dir() or (os.path.lexists(path) and file.path not in ours):
            message = f"{relative(str(parents[0] if parents else path))} exists, and obscode did not write it"
            findings.append(Finding(OUTPUT, message, "move it away, or name another folder with --out"))
    if findings:
        raise OutputError(findings)


def _is_not_folder(path: Path) -> bool:
    return os.path.lexists(path) and (path.is_symlink() or not path.is_dir())


def _written_before(out: Path) -> list[str]:
    try:
        lines = (out / MANIFEST).read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    # A path outside the folder is not ours: somebody edited the manifest.
    return [line for line in lines if line and not line.startswith(("#", "/")) and ".." not in line.split("/")]


def _manifest(files: Iterable[File]) -> File:
    return File(MANIFEST, "\n".join([_MANIFEST_HEAD, *sorted(file.path for file in files)]) + "\n")


def _new_folder(out: Path) -> Path:
    return out.with_name(f".{out.name}.obscode-new")
