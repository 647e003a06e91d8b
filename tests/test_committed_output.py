"""build/ is what definitions/ compile to, in this process: a change of any rule, factor or text shows here."""

from __future__ import annotations

import pytest
from conftest import REPOSITORY

from obscode.artifacts.files import File
from obscode.project.build import compare
from obscode.project.check_files import check_files
from obscode.project.pipeline import compile_folder

FILES = compile_folder(REPOSITORY / "definitions").files


def test_build_has_all_files_of_the_definitions_and_no_others() -> None:
    difference = compare(FILES, REPOSITORY / "build")
    assert (difference.missing, difference.extra) == ((), ())
    assert len(FILES) > 10


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_a_file_is_as_committed(file: File) -> None:
    assert (REPOSITORY / "build" / file.path).read_text(encoding="utf-8") == file.text


def test_unit_tests_are_at_most_a_fifth_of_the_output() -> None:
    sizes = [(file.path.startswith("prometheus/tests/"), len(file.text.encode())) for file in FILES]
    assert sum(size for is_test, size in sizes if is_test) <= 0.2 * sum(size for _, size in sizes)
    assert any(is_test for is_test, _ in sizes)


def test_the_checks_of_files_report_nothing_in_the_output() -> None:
    """Rules that obscode writes are as good as those that it checks."""
    assert [str(finding) for finding in check_files([REPOSITORY / "build"]).findings] == []
