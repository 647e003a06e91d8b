"""Definitions that are wrong: the whole message, the exit code, and nothing written."""

from __future__ import annotations

import goldens
import pytest
from conftest import ProjectFolder, tree
from goldens import Golden

CASES = goldens.goldens("bad_input")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_wrong_definitions_are_reported(
    case: Golden, project_folder: ProjectFolder, request: pytest.FixtureRequest
) -> None:
    project_folder.write(case=case.source)
    before = tree(project_folder.root)

    reported = project_folder.run("build")

    text = f"exit {reported.exit}\n{reported.err}".rstrip("\n")
    goldens.check(case, text, request.config)
    assert reported.out == ""
    assert tree(project_folder.root) == before


def test_the_titles_of_cases_differ() -> None:
    titles = [case.id for case in CASES]
    assert sorted(set(titles)) == sorted(titles)
