"""The wheel holds the whole package, and building it writes nothing into the committed output folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import REPOSITORY, tree
from tool_fixtures import missing


@pytest.mark.network
def test_the_wheel_holds_the_package_and_the_output_folder_stays(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(REPOSITORY / "obscode", source / "obscode", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source)
    (source / "build").mkdir()
    (source / "build" / "committed").touch()
    before = tree(source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode and "hatchling" in ended.stderr:
        missing(f"the build backend cannot be downloaded: {ended.stderr.splitlines()[-1]}")
    assert ended.returncode == 0, ended.stderr
    assert tree(source) == before
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("obscode/")}
    assert packed == {path for path, content in before.items() if path.startswith("obscode/") and content != "folder"}
    assert "obscode/py.typed" in packed
