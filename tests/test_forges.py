"""`obscode comment`, the GitHub Action, the GitLab template and the hooks of pre-commit, on a recorded forge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ProjectFolder
from forge_server import ForgeServer, running

from obscode.findings.errors import Exit
from obscode.forges.comment import MAX_CHARACTERS

GITHUB_LIST = "/repos/team/shop/issues/7/comments"
GITLAB_LIST = "/projects/42/merge_requests/7/notes"


@pytest.fixture(params=["github", "gitlab"])
def forge(
    request: pytest.FixtureRequest, project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ForgeServer]:
    """A pull request of GitHub, and a merge request of GitLab, in the environment of their runners."""
    no_forge(monkeypatch)
    if request.param == "github":
        server = ForgeServer(GITHUB_LIST, "/repos/team/shop/issues/comments", ("Authorization", "Bearer secret"))
    else:
        server = ForgeServer(GITLAB_LIST, GITLAB_LIST, ("PRIVATE-TOKEN", "secret"))
    with running(server):
        for name, value in environment(request.param, server.url).items():
            monkeypatch.setenv(name, value)
        yield server


def no_forge(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may run in continuous integration themselves."""
    for name in ("GITHUB_REPOSITORY", "GITHUB_EVENT_PATH", "GITHUB_REF", "GITHUB_TOKEN", "CI_MERGE_REQUEST_IID"):
        monkeypatch.delenv(name, raising=False)


def environment(name: str, url: str) -> dict[str, str]:
    if name == "github":
        variables = {"GITHUB_REPOSITORY": "team/shop", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_TOKEN": "secret"}
        return {**variables, "GITHUB_API_URL": url}
    variables = {"CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "7", "GITLAB_TOKEN": "secret"}
    return {**variables, "CI_API_V4_URL": url}


def comment(folder: ProjectFolder, text: str, *options: str) -> str:
    (folder.root / "diff.md").write_text(text)
    result = folder.run("comment", "diff.md", *options)
    assert result.exit == Exit.OK
    return result.err


def test_the_first_run_creates_the_comment_and_later_ones_replace_it(
    forge: ForgeServer, project_folder: ProjectFolder
) -> None:
    forge.comments[1] = "Looks good."
    assert comment(project_folder, "one\n") == "comment created\n"
    assert comment(project_folder, "two\n") == "comment updated\n"
    assert comment(project_folder, "two\n") == "comment unchanged\n"
    assert forge.comments == {1: "Looks good.", 2: "<!-- obscode: diff -->\ntwo\n"}
    assert len(forge.writes) == 2


def test_each_topic_has_a_comment(forge: ForgeServer, project_folder: ProjectFolder) -> None:
    comment(project_folder, "one\n")
    comment(project_folder, "two\n", "--topic", "staging")
    assert forge.comments == {1: "<!-- obscode: diff -->\none\n", 2: "<!-- obscode: staging -->\ntwo\n"}


def test_without_changes_an_earlier_comment_says_so_and_none_is_created(
    forge: ForgeServer, project_folder: ProjectFolder
) -> None:
    assert comment(project_folder, "\n") == "nothing changes: no comment\n"
    assert forge.comments == {}
    comment(project_folder, "one\n")
    assert comment(project_folder, "") == "comment updated\n"
    assert forge.comments == {1: "<!-- obscode: diff -->\nThe monitoring does not change.\n"}


@pytest.mark.parametrize("number", [99, 100, 250])
def test_a_comment_behind_many_others_is_replaced(
    number: int, forge: ForgeServer, project_folder: ProjectFolder
) -> None:
    forge.comments.update(dict.fromkeys(range(1, number + 1), "Looks good."))
    forge.comments[number + 1] = "<!-- obscode: diff -->\none\n"
    assert comment(project_folder, "two\n") == "comment updated\n"
    assert forge.comments[number + 1] == "<!-- obscode: diff -->\ntwo\n"


def test_a_text_that_is_too_long_is_cut_at_a_line(forge: ForgeServer, project_folder: ProjectFolder) -> None:
    comment(project_folder, "- A threshold.\n" * 10_000)
    text = forge.comments[1]
    assert MAX_CHARACTERS - 100 < len(text) <= MAX_CHARACTERS
    assert text.endswith("\n- A threshold.\n\nThe rest is omitted: the text is too long for a comment.\n")


def test_a_token_that_may_not_write_is_a_warning(forge: ForgeServer, project_folder: ProjectFolder) -> None:
    forge.may_write = False
    head, hint = comment(project_folder, "one\n").splitlines()
    assert head.startswith("warning[server-error]: http://127.0.0.1:")
    assert head.endswith("answers 403 Forbidden: Resource not accessible by integration")
    assert hint.startswith("  hint: ")


def test_a_server_that_fails_is_an_error(
    forge: ForgeServer, project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forge, "list_path", "/elsewhere")
    (project_folder.root / "diff.md").write_text("one\n")
    result = project_folder.run("comment", "diff.md")
    assert result.exit == Exit.ERROR


def test_outside_of_a_pull_request_nothing_is_written(
    project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_forge(monkeypatch)
    assert comment(project_folder, "one\n") == "no pull request or merge request: nothing is written\n"


def test_the_number_of_the_pull_request_is_that_of_the_event(
    project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With `pull_request_target`, the ref is that of the base branch."""
    no_forge(monkeypatch)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    server = ForgeServer(GITHUB_LIST, "/repos/team/shop/issues/comments", ("Authorization", "Bearer secret"))
    with running(server):
        variables = environment("github", server.url) | {"GITHUB_REF": "refs/heads/main"}
        for name, value in {**variables, "GITHUB_EVENT_PATH": str(event)}.items():
            monkeypatch.setenv(name, value)
        comment(project_folder, "one\n")
    assert server.comments == {1: "<!-- obscode: diff -->\none\n"}
