"""Pull requests of GitHub, and of Gitea and Forgejo, which have the same API and the same variables in their runners.

https://docs.github.com/en/rest/issues/comments
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from obscode.forges.client import Comment, Forge


class GitHub(Forge):
    """A pull request of GitHub."""

    permission = (
        "give the job `permissions: {pull-requests: write}`; the token of a pull request from a fork can never write"
    )

    def __init__(self, url: str, token: str, repository: str, number: int) -> None:
        super().__init__(url, {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"})
        self._issues = f"/repos/{repository}/issues"
        self._number = number

    def comments(self) -> Iterator[Comment]:
        for item in self.pages(f"{self._issues}/{self._number}/comments"):
            yield Comment(int(item["id"]), str(item["body"]))

    def create(self, text: str) -> None:
        self.send("POST", f"{self._issues}/{self._number}/comments", {"body": text})

    def update(self, number: int, text: str) -> None:
        self.send("PATCH", f"{self._issues}/comments/{number}", {"body": text})


def github(environment: Mapping[str, str]) -> GitHub | None:
    """The pull request of a run of GitHub Actions, from the variables of the runner; None outside of one."""
    number = _number(environment)
    if not number or "GITHUB_REPOSITORY" not in environment:
        return None
    url = environment.get("GITHUB_API_URL", "https://api.github.com")
    return GitHub(url, environment.get("GITHUB_TOKEN", ""), environment["GITHUB_REPOSITORY"], number)


def _number(environment: Mapping[str, str]) -> int:
    """The number of the pull request: of the event, or in the ref `refs/pull/7/merge`; 0 without one."""
    event: dict[str, Any] = {}
    if path := environment.get("GITHUB_EVENT_PATH"):
        try:
            event = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            event = {}
    if "pull_request" in event:
        return int(event["pull_request"]["number"])
    parts = environment.get("GITHUB_REF", "").split("/")
    return int(parts[2]) if parts[:2] == ["refs", "pull"] and len(parts) > 2 and parts[2].isdecimal() else 0
