"""Every golden case is used by a test, and no two cases of a file have the same title."""

from __future__ import annotations

from pathlib import Path

import goldens
import pytest

TESTS = Path(__file__).parent
FOLDERS = {goldens.FOLDER: "*.txt", TESTS / "data": "rejected_*.txt"}
FILES = [file for folder, pattern in FOLDERS.items() for file in sorted(folder.rglob(pattern))]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_folder_has_goldens(folder: Path) -> None:
    """A renamed file that no pattern matches would not be checked."""
    assert [file for file in FILES if file.is_relative_to(folder)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(TESTS).as_posix())
def test_every_case_is_a_parameter_of_a_test(file: Path, request: pytest.FixtureRequest) -> None:
    if [Path(argument).resolve() for argument in request.config.args] != [TESTS]:
        pytest.skip("only part of the suite is collected")
    cases = goldens.read(file)
    assert cases
    assert [case.title for case in cases if (case.file, case.title) not in goldens.COLLECTED] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(TESTS).as_posix())
def test_the_titles_of_a_file_are_unique(file: Path) -> None:
    titles = [case.title for case in goldens.read(file)]
    assert sorted(set(titles)) == sorted(titles)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(TESTS).as_posix())
def test_a_file_has_nothing_but_cases(file: Path) -> None:
    """Text that is no case would be lost by `--write-goldens`."""
    written = "\n".join(str(case) for case in goldens.read(file))
    assert "".join(written.split()) == "".join(file.read_text().split())
