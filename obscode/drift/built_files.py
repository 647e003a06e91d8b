"""The files of a build, of the project or of one of its environments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from obscode.artifacts.project import Artifacts
from obscode.findings.errors import INVALID_ARGUMENT, LoadError
from obscode.findings.finding import Finding
from obscode.model import naming
from obscode.project.check_files import read

_PARTS = ("prometheus", "alertmanager", "grafana")


@dataclass(frozen=True)
class Build:
    """What was built: its name for people, its artifacts, and the files of Grafana's alert rules."""

    label: str
    artifacts: Artifacts
    grafana_alerts: tuple[Path, ...]


def read_build(folder: Path, environment: str = "") -> Build:
    """The files of a build; those of an environment replace the project's of the same path. Raises LoadError."""
    if not folder.exists():
        raise LoadError([Finding(INVALID_ARGUMENT, f"{folder} does not exist", "run: obscode build")])
    files = _files(folder)
    if environment:
        own = folder / naming.environment_folder(environment)
        if not own.is_dir():
            message = f"{folder} has no environment {environment!r}"
            raise LoadError([Finding(INVALID_ARGUMENT, message, "name one of Project(environments=)")])
        files |= _files(own)
    paths = [path for _, path in sorted(files.items())]
    alerts = tuple(path for path in paths if path.parent.name == "alerting" and path.suffix in (".yml", ".yaml"))
    label = f"{folder} ({environment})" if environment else str(folder)
    return Build(label, read(paths), alerts)


def _files(folder: Path) -> dict[str, Path]:
    """The files by their path in the folder; of a folder that obscode has not written, all."""
    roots = [folder / part for part in _PARTS if (folder / part).is_dir()] or [folder]
    files = [path for root in roots for path in (root.rglob("*") if root.is_dir() else [root]) if path.is_file()]
    readable = [path for path in files if path.suffix in (".yml", ".yaml", ".json", ".rules")]
    return {path.relative_to(folder).as_posix() if path != folder else path.name: path for path in readable}
