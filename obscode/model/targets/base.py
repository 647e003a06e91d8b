"""The base of targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_name

TARGET_FOLDER = Code(
    "target-folder",
    "The folder of a target is one name below the output folder.",
    why="The files of a target are in a folder of their own.",
    bad='targets.Mimir(namespace="shop", folder="../mimir")',
    good='targets.Mimir(namespace="shop", folder="mimir-eu")',
)


@dataclass(frozen=True)
class Target(Definition):
    """Base of the targets: a further output of the project, for a program that reads other files.

    `Project(targets=[...])` lists them. A renderer writes the files of its kind of target.
    """

    #: True if a rule sees the results of the rules before it in its group, as in Prometheus.
    rules_in_order: ClassVar[bool] = True
    #: Keys of rule groups that its program reads, and Prometheus rejects.
    group_keys: ClassVar[Sequence[str]] = ()

    def folder_problems(self, folder: str) -> Iterator[Finding]:
        """The finding about a folder that is no single name."""
        if wrong := validate_name(folder):
            yield self.finding(TARGET_FOLDER, *wrong, at="folder")
