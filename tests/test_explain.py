"""`obscode explain` knows every code."""

from __future__ import annotations

import json

import pytest
from conftest import REPOSITORY, ProjectFolder

from obscode.checks import registry
from obscode.findings.code import Code
from obscode.findings.errors import Exit


@pytest.mark.parametrize("code", registry.codes().values(), ids=registry.codes())
def test_every_code_is_explained(code: Code, project_folder: ProjectFolder) -> None:
    result = project_folder.run("explain", code.name)
    assert result.exit == Exit.OK
    assert result.out.startswith(f"{code.name} ({code.severity}): {code.summary}")
    assert code.summary.rstrip().endswith("."), "a summary is a sentence"


def test_explain_alone_lists_every_code_once(project_folder: ProjectFolder) -> None:
    lines = project_folder.run("explain").out.splitlines()
    listed = [line.split()[0] for line in lines if line and not line.endswith(":")]
    assert sorted(listed) == sorted(registry.codes())


def test_explain_prints_json(project_folder: ProjectFolder) -> None:
    listed = json.loads(project_folder.run("explain", "--json").out)
    assert [entry["name"] for entry in listed] == list(registry.codes())


def test_the_page_of_checks_is_generated(project_folder: ProjectFolder) -> None:
    page = (REPOSITORY / "docs" / "checks.md").read_text()
    assert page == project_folder.run("explain", "--markdown").out, "run: make docs"
