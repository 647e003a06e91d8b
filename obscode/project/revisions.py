"""The two sides of a diff: artifact files of a git revision, of a folder or of the working tree.

before, after = sides("", "")  # the merge base with the default branch, and the working tree
before.artifacts(), before.label
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from obscode.artifacts.project import Artifacts
from obscode.findings.errors import LoadError
from obscode.findings.finding import Finding
from obscode.project.check_files import MISSING_FILE, files_of, is_read, read_bytes
from obscode.project.progress import Progress, no_progress
from obscode.reader.file_contents import FileContents
from obscode.verify import git


@dataclass(frozen=True)
class Side:
    """One side of a diff.

    Attributes:
        label: what it is, for people: `main (1a2b3c4)`, `build`, `the working tree`.
        contents: of each artifact file, by its path below what is compared.
    """

    label: str
    contents: Mapping[str, FileContents]

    @property
    def invalid(self) -> Mapping[str, Sequence[Finding]]:
        """The files that look like artifacts and cannot be read, with the reasons."""
        return {path: each.findings for path, each in self.contents.items() if each.skipped and each.findings}

    def artifacts(self, without: Iterable[str] = ()) -> Artifacts:
        """Everything in the files, except some."""
        left_out = set(without)
        read = [each for path, each in self.contents.items() if path not in left_out]
        return Artifacts(
            rule_files=[file for each in read for file in each.rule_files],
            prometheus_configs=[config for each in read for config in each.prometheus_configs],
            alertmanager_configs=[config for each in read for config in each.alertmanager_configs],
            dashboards=[dashboard for each in read for dashboard in each.dashboards],
            objects=[value for each in read for value in (*each.objects, *each.others)],
        )


def sides(
    base: str = "",
    head: str = "",
    paths: Sequence[str] = (),
    folder: Path = Path(),
    progress: Progress = no_progress,
) -> tuple[Side, Side]:
    """Both sides; an empty ``base`` is the merge base with the default branch, an empty ``head`` the working tree.

    Args:
        base: a git revision, a folder or a file.
        head: the same.
        paths: files and folders to compare, below the current folder, or below each folder that is compared.
        folder: the current folder.
        progress: receives each file that is read.

    Raises LoadError for a folder that does not exist, GitError without a repository.
    """
    reader = _Reader(folder, paths, progress)
    return reader.side(base or default_base(folder)), reader.side(head)


def default_base(folder: Path = Path()) -> str:
    """The merge base of HEAD with the default branch, which is HEAD itself on that branch. Raises GitError."""
    git.top_folder(folder)
    if not git.commit(folder, "HEAD"):
        raise git.GitError("the repository has no commit", "name two folders: obscode diff old/ new/")
    branch = git.default_branch(folder)
    return (git.merge_base(folder, branch, "HEAD") if branch else "") or "HEAD"


class _Reader:
    """Reads sides; a file that is the same on both sides is parsed once."""

    def __init__(self, folder: Path, paths: Sequence[str], progress: Progress) -> None:
        self.folder, self.paths, self.progress = folder, paths, progress
        self.read: dict[tuple[str, bytes], FileContents] = {}

    def side(self, name: str) -> Side:
        """A revision, a folder, or the working tree for an empty name."""
        if not name:
            return Side("the working tree", self._working_tree())
        is_path = name.startswith((".", "/")) or name.endswith("/")
        if not is_path and (commit := git.commit(self.folder, name)):
            label = commit[:10] if commit.startswith(name) else f"{name} ({commit[:10]})"
            return Side(label, self._revision(commit))
        root = self.folder / name
        if not root.exists():
            hint = "name a revision of git, such as main or HEAD~1, or a folder"
            raise LoadError([Finding(MISSING_FILE, f"{name} is no revision and no folder", hint)])
        return Side(name.rstrip("/") or name, self._folder(root))

    def _folder(self, root: Path) -> Mapping[str, FileContents]:
        listed = [path for each in self.paths if (path := root / each).exists()] if self.paths else [root]
        contents = {}
        for file in dict.fromkeys(file for path in listed for file in files_of(path)):
            key = os.path.relpath(file, root) if file != root else ""
            contents[key] = self._contents(file.read_bytes(), os.path.relpath(file, self.folder), key)
        return contents

    def _working_tree(self) -> Mapping[str, FileContents]:
        top = git.top_folder(self.folder)
        files = git.working_files(self.folder, self.paths or [str(top)])
        contents = {}
        for path in filter(is_read, files):
            file = top / path
            if file.is_file() and not file.is_symlink():
                contents[path] = self._contents(file.read_bytes(), os.path.relpath(file, self.folder.resolve()), path)
        return contents

    def _revision(self, commit: str) -> Mapping[str, FileContents]:
        top = git.top_folder(self.folder)
        below = [os.path.relpath((self.folder / path).resolve(), top) for path in self.paths]
        files = {path: blob for path, blob in git.tree_files(top, commit, below).items() if is_read(path)}
        texts = zip(files, git.contents(top, list(files.values())), strict=True)
        names = {path: os.path.relpath(top / path, self.folder.resolve()) for path in files}
        return {path: self._contents(data, names[path], path) for path, data in texts}

    def _contents(self, data: bytes, file: str, key: str) -> FileContents:
        """What a file contains; of a file that has the same path below both sides, what it contains on the first."""
        known = self.read.get((key, data))
        if known is None:
            self.progress("read", Path(file).name)
            self.read[key, data] = known = read_bytes(data, file)[1]
        return known
