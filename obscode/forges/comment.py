"""One comment for each topic, which later runs replace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from obscode.forges.client import Forge
from obscode.forges.github import github
from obscode.forges.gitlab import gitlab

MAX_CHARACTERS = 65_536  # GitHub's limit, and Gitea's; GitLab allows a million
UNCHANGED = "The monitoring does not change.\n"
_OMITTED = "\n\nThe rest is omitted: the text is too long for a comment.\n"

Outcome = Literal["created", "updated", "unchanged", "nothing"]


def forge_of(environment: Mapping[str, str]) -> Forge | None:
    """The request that a run of continuous integration is about, from its variables; None if it is about none."""
    return github(environment) or gitlab(environment)


def write_comment(forge: Forge, text: str, topic: str) -> Outcome:
    """Write the comment of a topic, or replace it. Raises ServerError.

    Without a text, an earlier comment says that nothing changes, and none is created.
    """
    marker = f"<!-- obscode: {topic} -->\n"
    earlier = next((comment for comment in forge.comments() if comment.text.startswith(marker.strip())), None)
    if earlier is None and not text.strip():
        return "nothing"
    content = _shortened(marker + (text if text.strip() else UNCHANGED))
    if earlier is None:
        forge.create(content)
        return "created"
    if earlier.text.replace("\r\n", "\n").strip() == content.strip():
        return "unchanged"
    forge.update(earlier.number, content)
    return "updated"


def _shortened(text: str) -> str:
    """The text, cut at a line if it is too long."""
    if len(text) <= MAX_CHARACTERS:
        return text
    lines = text[: MAX_CHARACTERS - len(_OMITTED)].rpartition("\n")[0]
    return lines + _OMITTED
