"""The base of targets."""

from __future__ import annotations

from dataclasses import dataclass

from obscode.model.definition import Definition


@dataclass(frozen=True)
class Target(Definition):
    """Base of the targets: a further output of the project, for a program that reads other files.

    `Project(targets=[...])` lists them. A renderer writes the files of its kind of target.
    """
