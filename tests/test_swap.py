"""One folder takes the place of another in one step, or in two that can be mended."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from conftest import tree

from obscode.project import atomic_replace
from obscode.project.atomic_replace import recover, replace_folder


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A new and an old folder, `.build.obscode-new` and `build`, each with a file that tells which it is."""
    new, old = tmp_path / ".build.obscode-new", tmp_path / "build"
    for folder, text in ((new, "new"), (old, "old")):
        folder.mkdir()
        (folder / "which").write_text(text)
    return new, old


@pytest.fixture(params=["in one step", "in two renames"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "in two renames":
        monkeypatch.setattr(atomic_replace, "_exchange", lambda one, other: False)


@pytest.mark.usefixtures("either_way")
def test_the_folders_change_places(folders: tuple[Path, Path]) -> None:
    new, old = folders
    replace_folder(new, old)
    assert tree(old.parent) == {
        "build": "folder",
        "build/which": b"new",
        ".build.obscode-new": "folder",
        ".build.obscode-new/which": b"old",
    }


@pytest.mark.usefixtures("either_way")
def test_where_there_is_no_old_folder_the_new_one_takes_its_name(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    replace_folder(tmp_path / "new", tmp_path / "build")
    assert tree(tmp_path) == {"build": "folder"}


def test_a_kill_between_the_two_renames_is_mended(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
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

    recover(old)

    assert (old / "which").read_text() == "old"
    assert not list(old.parent.glob("*.obscode-old"))


def test_there_is_nothing_to_mend_after_a_whole_step(folders: tuple[Path, Path]) -> None:
    before = tree(folders[1].parent)
    recover(folders[1])
    assert tree(folders[1].parent) == before


@pytest.mark.parametrize("code", ["EINVAL", "ENOSYS", "ENOTSUP"])
def test_a_file_system_that_cannot_exchange_is_no_error(
    code: str, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda *args, **kwargs: _Refusing())
    monkeypatch.setattr("ctypes.get_errno", lambda: getattr(errno, code))
    replace_folder(*folders)
    assert (folders[1] / "which").read_text() == "new"


def test_any_other_error_is_one(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda *args, **kwargs: _Refusing())
    monkeypatch.setattr("ctypes.get_errno", lambda: errno.EBUSY)
    with pytest.raises(OSError, match="busy"):
        replace_folder(*folders)
    assert (folders[1] / "which").read_text() == "old"


class _Refusing:
    """A C library whose calls fail."""

    @staticmethod
    def renameat2(*args: object) -> int:
        return -1

    renamex_np = renameat2
