"""Grafana dashboards as JSON files for provisioning: the classic form."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.model import naming


def render(artifacts: Artifacts) -> Iterator[File]:
    """One file for each dashboard, in its folder."""
    if "classic" in artifacts.project.dashboard_formats:
        for dashboard in artifacts.dashboards:
            yield File(naming.dashboard_file(dashboard.folder, dashboard.uid), dashboard.text)
