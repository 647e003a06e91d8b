"""`.gitattributes` in the output folder: forges collapse diffs of generated files, and leave them out of statistics.

git joins the manifests of two branches that each add files; their order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.model import naming

# https://docs.github.com/en/repositories/working-with-files/managing-files/customizing-how-changed-files-appear-on-github
# and https://docs.gitlab.com/user/project/merge_requests/changes/#collapse-generated-files
_TEXT = f"* linguist-generated gitlab-generated\n{naming.MANIFEST} merge=union\n"


def render(artifacts: Artifacts) -> Iterator[File]:
    """One file, the same for every project."""
    yield File(naming.GIT_ATTRIBUTES, _TEXT)
