"""The table of `python -m benchmarks.mutate` names modules and tests that exist."""

from __future__ import annotations

import runpy
from fnmatch import fnmatch

import pytest
from conftest import REPOSITORY

TESTS: dict[str, list[str]] = runpy.run_path(str(REPOSITORY / "benchmarks" / "mutate.py"))["TESTS"]
PACKAGE = REPOSITORY / "obscode"
MODULES = [file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py")]


@pytest.mark.parametrize("modules", TESTS)
def test_each_row_matches_modules_and_tests(modules: str) -> None:
    assert any(fnmatch(module, modules) for module in MODULES)
    assert [tests for tests in TESTS[modules] if not list((REPOSITORY / "tests").glob(f"{tests}.py"))] == []
