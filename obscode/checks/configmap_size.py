"""A dashboard written as a ConfigMap is small enough for `kubectl apply`.

Why: kubectl keeps the whole object in one of its annotations, and all annotations together may have 262,144
bytes. Beyond that it refuses the object, at the deployment; `kubectl apply --server-side` keeps no such copy.
https://kubernetes.io/docs/reference/using-api/server-side-apply/

Bad:
    Project("examples", dashboard_formats=["configmap"])
    Dashboard("Cells", [Row("Cells", *400 * [Stat("Cell", "sum(rate(cell_requests_total[5m]))")])])

Good:
    Project("examples", dashboard_formats=["configmap"])
    Dashboard("Cells", [Row("Cells", *100 * [Stat("Cell", "sum(rate(cell_requests_total[5m]))")])])
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.findings.finding import Finding
from obscode.findings.source import Source


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Dashboards whose ConfigMap is too large, each as a warning."""
    from obscode.renderers import too_large  # renders, and grafanalib takes 60 ms to import

    return too_large(artifacts)
