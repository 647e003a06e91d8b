"""Files of a git revision and of the working tree, read without a checkout."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from obscode.findings.errors import ToolError

_SECONDS = 120.0
_REGULAR = ("100644", "100755")  # modes; symbolic links and submodules have others


class GitError(ToolError):
    """A folder that is no git repository, an unknown revision, or git that is not installed."""


def _git(folder: Path, *arguments: str, data: bytes = b"") -> bytes:
    # The variables of a hook would name another repository or index.
    own = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX")
    environment = {key: value for key, value in os.environ.items() if key not in own}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], input=data, capture_output=True, timeout=_SECONDS, env=environment
        )
    except FileNotFoundError:
        raise GitError("git is not installed", "compare folders: obscode diff old/ new/") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git {arguments[0]} did not end within {_SECONDS:g} s") from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise GitError(f"git {arguments[0]} failed: {lines[-1] if lines else f'exit code {done.returncode}'}")
    return done.stdout


def top_folder(folder: Path) -> Path:
    """The folder that contains the repository of a folder; raises GitError if it is in none."""
    return Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").rstrip(b"\n")))


def commit(folder: Path, revision: str) -> str:
    """The hash of a revision's commit; empty if there is none of this name."""
    try:
        return (
            _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
            .decode()
            .strip()
        )
    except GitError:
        return ""


def default_branch(folder: Path) -> str:
    """The branch that others are merged into: `origin/HEAD`, or main or master; empty if there is none."""
    try:
        return _git(folder, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD").decode().strip()
    except GitError:
        names = ("origin/main", "origin/master", "main", "master")
        return next((name for name in names if commit(folder, name)), "")


def merge_base(folder: Path, one: str, other: str) -> str:
    """The newest commit that both revisions contain; empty if there is none."""
    try:
        return _git(folder, "merge-base", one, other).decode().strip()
    except GitError:
        return ""


def tree_files(folder: Path, revision: str, paths: Sequence[str] = ()) -> dict[str, str]:
    """The hash of each regular file of a revision, by its path from the top folder."""
    listing = _git(folder, "ls-tree", "-r", "-z", "--full-tree", revision, "--", *paths)
    entries = (entry.split(b"\t", 1) for entry in listing.split(b"\0") if entry)
    return {
        os.fsdecode(path): meta.split()[2].decode() for meta, path in entries if meta.split()[0].decode() in _REGULAR
    }


def contents(folder: Path, hashes: Sequence[str]) -> Iterator[bytes]:
    """The bytes of files, by their hashes, in this order."""
    output = _git(folder, "cat-file", "--batch", data="".join(f"{each}\n" for each in hashes).encode())
    start = 0
    for _ in hashes:
        end = output.index(b"\n", start)
        size = int(output[start:end].rsplit(b" ", 1)[1])
        yield output[end + 1 : end + 1 + size]
        start = end + 1 + size + 1


def working_files(folder: Path, paths: Sequence[str] = ()) -> list[str]:
    """The paths, from the top folder, of the files that git tracks or would add; ignored files are left out."""
    listing = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--full-name", "--", *paths)
    return sorted({os.fsdecode(path) for path in listing.split(b"\0") if path})
