"""Merge requests of GitLab.

https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.forges.client import Comment, Forge


class GitLab(Forge):
    """A merge request of GitLab."""

    permission = "write a project access token with the scope api and the role Reporter into the variable GITLAB_TOKEN"

    def __init__(self, url: str, token: str, project: str, number: str) -> None:
        super().__init__(url, {"PRIVATE-TOKEN": token})
        self._notes = f"/projects/{project}/merge_requests/{number}/notes"

    def comments(self) -> Iterator[Comment]:
        for item in self.pages(self._notes):
            yield Comment(int(item["id"]), str(item["body"]))

    def create(self, text: str) -> None:
        self.send("POST", self._notes, {"body": text})

    def update(self, number: int, text: str) -> None:
        self.send("PUT", f"{self._notes}/{number}", {"body": text})


def gitlab(environment: Mapping[str, str]) -> GitLab | None:
    """The merge request of a pipeline, from the variables of the runner; None outside of one."""
    number = environment.get("CI_MERGE_REQUEST_IID", "")
    project = environment.get("CI_MERGE_REQUEST_PROJECT_ID") or environment.get("CI_PROJECT_ID", "")
    if not (number and project and "CI_API_V4_URL" in environment):
        return None
    return GitLab(environment["CI_API_V4_URL"], environment.get("GITLAB_TOKEN", ""), project, number)
