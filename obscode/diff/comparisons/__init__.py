"""One module for each kind of artifact, with one function `compare(before, after)` that yields its changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from obscode.artifacts.project import Artifacts
from obscode.diff.change import Change
from obscode.diff.comparisons import alertmanager, dashboards, objects, prometheus, rules

#: A comparison of one kind of artifact.
Compare = Callable[[Artifacts, Artifacts], Iterator[Change]]

#: In no particular order: changes are sorted by risk.
COMPARISONS: tuple[Compare, ...] = (
    rules.compare,
    prometheus.compare,
    alertmanager.compare,
    dashboards.compare,
    objects.compare,
)
