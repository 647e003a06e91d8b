"""The output folder: compare it with the files of a build, and bring it up to date."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from obscode.artifacts.files import File
from obscode.findings.errors import OUTPUT, OutputError
from obscode.findings.finding import Finding, relative
from obscode.model import naming
from obscode.project.file_lock import LockTimeoutError, exclusive_lock
from obscode.project.manifest import MANIFEST, Manifest, manifest_file, read_manifest
from obscode.project.publish import (
    JOURNAL,
    is_below_link,
    publish,
    readers_last,
    remove_empty_folders,
    remove_temporaries,
    was_stopped,
)

_WAIT_SECONDS = 120.0  # for another build; one takes seconds

Log = Callable[[str], None]


@dataclass(frozen=True)
class Difference:
    """How an output folder differs from the files of a build.

    Attributes:
        stale: files with other content.
        missing: files that a build would add.
        extra: files of an earlier build that a build would remove.
        stopped: the journal of a build that was stopped before its end: files may be of two builds.
        adopted: files that the manifest does not list, with the content that a build would write: they become
            obscode's.
    """

    stale: Sequence[str] = ()
    missing: Sequence[str] = ()
    extra: Sequence[str] = ()
    stopped: Sequence[str] = ()
    adopted: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.stale or self.missing or self.extra or self.stopped or self.adopted)

    def lines(self) -> Iterator[str]:
        """`stale    prometheus/rules/shop.yml`, one line per file."""
        for kind in ("stopped", "stale", "missing", "extra", "adopted"):
            yield from (f"{kind:<8} {path}" for path in getattr(self, kind))


def compare(
    files: Sequence[File], out: Path, log: Log = lambda line: None, unchanged: Collection[str] = ()
) -> Difference:
    """What a build would change; writes nothing. Raises OutputError.

    ``log`` receives a line if another build has to end first. ``unchanged`` are paths of further files of the build,
    which are in the folder with the content that they should have.
    """
    with os_errors_as_output_errors(out, "read"):
        if was_stopped(out):  # or another build is writing: wait for it
            with _only_build(out, log):
                return _difference(files, out, read_manifest(out), unchanged)
        return _difference(files, out, read_manifest(out), unchanged)


def write(
    files: Sequence[File], out: Path, log: Log = lambda line: None, unchanged: Collection[str] = ()
) -> Difference:
    """Bring the folder up to date and return what changed; raises OutputError.

    Each file is complete at any time, the folder keeps its inode, and only files that differ are touched. Files that
    obscode did not write stay as they are; such a file in the place of one to write is an error, unless it has the same
    content. ``log`` receives a line if another build has to end first, and if one was stopped. ``unchanged`` are paths
    as for ``compare``.
    """
    out = Path(os.path.realpath(out))
    with os_errors_as_output_errors(out, "write"):
        _reject_file(out)
        out.mkdir(parents=True, exist_ok=True)
        with _only_build(out, log):
            manifest = read_manifest(out)
            if was_stopped(out):
                log(f"an earlier build of {relative(str(out))} was stopped before its end; this one repairs the folder")
                remove_temporaries(out)
                remove_empty_folders(out, manifest.paths)
            difference = _difference(files, out, manifest, unchanged)
            paths = [*(file.path for file in files), *unchanged]
            _reject_foreign_files(paths, out, manifest, difference)
            if not manifest.exists and not difference.adopted and _has_files(out):
                log(f"{relative(str(out))} has files that obscode did not write; they stay as they are")
            if difference:
                _publish(files, paths, out, manifest, difference)
            return difference


def _difference(files: Sequence[File], out: Path, manifest: Manifest, unchanged: Collection[str]) -> Difference:
    _reject_file(out)
    stale, missing, adopted = [], [], []
    for file in files:
        path = out / file.path
        if not path.is_file():
            missing.append(file.path)
        elif path.read_bytes() != file.text.encode():
            stale.append(file.path)
        elif file.path not in manifest.paths and _can_be_adopted(out, file.path):
            adopted.append(file.path)
    adopted += (path for path in unchanged if path not in manifest.paths and _can_be_adopted(out, path))
    expected = {*unchanged, *(file.path for file in files)}
    if not manifest.exists:
        missing.append(MANIFEST)
    elif not manifest.lists(expected):
        stale.append(MANIFEST)
    lower_case = {path.lower(): path for path in expected}
    extra = (path for path in manifest.paths - expected if _is_removable(out, path, lower_case))
    stopped = [JOURNAL] if was_stopped(out) else []
    return Difference(*map(_sorted, (stale, missing, extra, stopped, adopted)))


def _sorted(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(paths))


def _can_be_adopted(out: Path, path: str) -> bool:
    return not (out / path).is_symlink() and not is_below_link(out, path)


def _is_removable(out: Path, path: str, lower_case: Mapping[str, str]) -> bool:
    """True for a file of an earlier build, unless a file of this one has its name in another case (macOS)."""
    if not (out / path).is_file() or is_below_link(out, path):
        return False
    same = out / lower_case.get(path.lower(), "")
    return not (same.is_file() and same.samefile(out / path))


def _publish(
    files: Sequence[File], paths: Collection[str], out: Path, manifest: Manifest, difference: Difference
) -> None:
    """Write new files, then those that changed, then remove; the manifest lists old and new files meanwhile.

    ``paths`` are those of all files of the build.
    """
    by_path = {file.path: file for file in files}
    order = [*readers_last({*difference.missing} & by_path.keys()), *readers_last({*difference.stale} & by_path.keys())]
    before: list[File] = []
    after: list[File] = []
    if not manifest.lists(paths):
        # Before the first new file: after a kill, the next build must know that the file is obscode's.
        before = [manifest_file(manifest.paths.union(paths))]
        after = [manifest_file(paths)]
    publish(out, [*before, *(by_path[path] for path in order)], difference.extra, after)


@contextmanager
def _only_build(out: Path, log: Log) -> Iterator[None]:
    """Hold the lock of the output folder, which a build never replaces; its parent may be read-only."""
    try:
        with exclusive_lock(out, lambda: log("waiting for another build to end"), _WAIT_SECONDS):
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
        if verb == "write" and was_stopped(out):
            hint = "some files are new and some are old; fix the cause, and run obscode build again"
        raise OutputError(f"cannot {verb} {relative(str(out))}: {reason}", hint) from error


def reject_overlap(definitions: Path, out: Path) -> None:
    """Raise OutputError if one of the two folders contains the other: a build would write between the sources."""
    source, target = (Path(os.path.realpath(path)) for path in (definitions, out))
    if source == target or source.is_relative_to(target) or target.is_relative_to(source):
        names = relative(str(definitions)), relative(str(out))
        relation = "is" if source == target else "contains" if source.is_relative_to(target) else "is inside"
        message = f"the output folder {names[1]} {relation} the definitions folder {names[0]}"
        raise OutputError(message, "name a folder beside it with --out, such as build")


def foreign_rule_files(paths: Collection[str], out: Path) -> list[str]:
    """Rule files beside those of the build: Prometheus loads them too, since its configuration names `rules/*.yml`."""
    ours = {*paths, *read_manifest(out).paths}
    folder = PurePosixPath(naming.rule_file("service")).parent
    names = sorted(path.name for path in (out / folder).glob("*.yml"))  # pathlib's and Go's * match a leading dot
    return [path for path in (str(folder / name) for name in names) if path not in ours]


def _has_files(out: Path) -> bool:
    with os.scandir(out) as entries:
        return any(not entry.name.startswith(JOURNAL) for entry in entries)


def _reject_file(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise OutputError(f"{relative(str(out))} is a file", "name a folder with --out")


def _reject_foreign_files(paths: Iterable[str], out: Path, manifest: Manifest, difference: Difference) -> None:
    ours = {*manifest.paths, *difference.adopted}
    unchanged = ours.difference(difference.missing, difference.stale)
    findings = []
    for name in paths:
        if name in unchanged:
            continue
        path = out / name
        parents = [p for p in reversed(path.parents) if p != out and p.is_relative_to(out) and _is_not_folder(p)]
        if parents or path.is_dir() or (os.path.lexists(path) and name not in ours):
            message = f"{relative(str(parents[0] if parents else path))} exists, and obscode did not write it"
            findings.append(Finding(OUTPUT, message, "move it away, or name another folder with --out"))
    if findings:
        raise OutputError(findings)


def _is_not_folder(path: Path) -> bool:
    return os.path.lexists(path) and (path.is_symlink() or not path.is_dir())
