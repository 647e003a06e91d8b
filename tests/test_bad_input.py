"""Definitions that are wrong: the whole message, the exit code, and nothing written."""

from __future__ import annotations

from dataclasses import replace

import goldens
import pytest
from conftest import Workplace, tree
from goldens import Golden

CASES = goldens.goldens("bad_input")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_wrong_definitions_are_told(case: Golden, workplace: Workplace, request: pytest.FixtureRequest) -> None:
    workplace.write(case=case.source)
    before = tree(workplace.root)

    told = workplace.run("build")

    text = f"exit {told.exit}\n{told.err}".rstrip("\n")
    if request.config.getoption("--write-goldens"):
        same_file = [replace(c, told=text) if c.title == case.title else c for c in goldens.read(case.file)]
        goldens.write(case.file, same_file)
    else:
        assert text == case.told
    assert told.out == ""
    assert tree(workplace.root) == before


def test_the_titles_of_cases_differ() -> None:
    titles = [case.id for case in CASES]
    assert sorted(set(titles)) == sorted(titles)
