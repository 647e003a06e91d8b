"""A folder is replaced in one system call, or in renames that can be recovered."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from conftest import tree

from obscode.artifacts.files import File
from obscode.project import atomic_replace
from obscode.project.atomic_replace import recover, replace_folder
from obscode.project.build import write


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A new and an old folder, `.build.obscode-new` and `build`, each with a file `which` that contains its name."""
    new, old = tmp_path / ".build.obscode-new", tmp_path / "build"
    for folder, text in ((new, "new"), (old, "old")):
        folder.mkdir()
        (folder / "which").write_text(text)
    return new, old


@pytest.fixture(params=["in one step", "in two renames"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "in two renames":
        monkeypatch.setattr(atomic_replace, "_exchange", lambda one, other: False)


@pytest.mark.usefixtures("both_ways")
def test_the_folders_are_exchanged(folders: tuple[Path, Path]) -> None:
    new, old = folders
    replace_folder(new, old)
    assert tree(old.parent) == {
        "build": "folder",
        "build/which": b"new",
        ".build.obscode-new": "folder",
        ".build.obscode-new/which": b"old",
    }


@pytest.mark.usefixtures("both_ways")
def test_without_an_old_folder_the_new_one_is_renamed(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    replace_folder(tmp_path / "new", tmp_path / "build")
    assert tree(tmp_path) == {"build": "folder"}


def test_recover_restores_the_old_folder_after_a_kill_between_the_renames(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old = folders
    renames: list[Path] = []
    rename = Path.rename

    def killed_after_one(path: Path, target: Path) -> Path:
        if renames:
            raise KeyboardInterrupt
        renames.append(path)
        return rename(path, target)

    monkeypatch.setattr(atomic_replace, "_exchange", lambda one, other: False)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed_after_one)
        with pytest.raises(KeyboardInterrupt):
            replace_folder(new, old)
    assert not old.exists()

    recover(old, "which")

    assert (old / "which").read_text() == "old"
    assert not list(old.parent.glob("*.obscode-old"))


def test_recover_changes_nothing_after_a_complete_replacement(folders: tuple[Path, Path]) -> None:
    before = tree(folders[1].parent)
    recover(folders[1], "which")
    assert tree(folders[1].parent) == before


@pytest.fixture
def killed_after_two_renames(folders: tuple[Path, Path]) -> tuple[Path, Path]:
    """The folder with the new tree, and the old tree beside it."""
    new, folder = folders
    aside = folder.with_name(".build.obscode-old")
    folder.rename(aside)
    new.rename(folder)
    return folder, aside


def test_recover_deletes_the_old_tree_once_the_new_one_is_in_place(killed_after_two_renames: tuple[Path, Path]) -> None:
    folder, _ = killed_after_two_renames

    recover(folder, "which")

    assert tree(folder.parent) == {"build": "folder", "build/which": b"new"}


def test_recover_deletes_no_old_tree_for_an_incomplete_folder(killed_after_two_renames: tuple[Path, Path]) -> None:
    folder, _ = killed_after_two_renames
    (folder / "which").unlink()
    before = tree(folder.parent)

    with pytest.raises(FileExistsError, match=r"\.build\.obscode-old beside it is from a killed build"):
        recover(folder, "which")

    assert tree(folder.parent) == before


def test_a_build_succeeds_after_each_kill_of_an_exchange_in_renames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renames are interrupted after the first, the second and the third; the next build completes."""
    monkeypatch.setattr(atomic_replace, "_exchange", lambda one, other: False)
    out, rename = tmp_path / "build", Path.rename
    write([File("a", "0")], out)
    for number in range(3):
        renames: list[Path] = []

        def killed(path: Path, target: Path, count: int = number, renames: list[Path] = renames) -> Path:
            if len(renames) == count:
                raise KeyboardInterrupt
            renames.append(path)
            return rename(path, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", killed)
            with pytest.raises(KeyboardInterrupt):
                write([File("a", f"killed {number}")], out)
        write([File("a", f"complete {number}")], out)
        assert (out / "a").read_text() == f"complete {number}"
        assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("code", ["EINVAL", "ENOSYS", "ENOTSUP"])
def test_a_file_system_without_exchange_falls_back_to_renames(
    code: str, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda *args, **kwargs: _FailingLibrary())
    monkeypatch.setattr("ctypes.get_errno", lambda: getattr(errno, code))
    replace_folder(*folders)
    assert (folders[1] / "which").read_text() == "new"


def test_another_error_of_the_exchange_is_raised(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda *args, **kwargs: _FailingLibrary())
    monkeypatch.setattr("ctypes.get_errno", lambda: errno.EBUSY)
    with pytest.raises(OSError, match="busy"):
        replace_folder(*folders)
    assert (folders[1] / "which").read_text() == "old"


class _FailingLibrary:
    """A C library whose calls fail."""

    @staticmethod
    def renameat2(*args: object) -> int:
        return -1

    renamex_np = renameat2
