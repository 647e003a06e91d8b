"""A dashboard written as a ConfigMap is small enough for `kubectl apply`.

Why: kubectl stores a copy of the object in an annotation, and Kubernetes limits the annotations of an object to 262,144
bytes. Beyond that, `kubectl apply` fails at the deployment. `kubectl apply --server-side` stores no copy.
https://kubernetes.io/docs/reference/using-api/server-side-apply/

Bad:
    Project("examples", dashboard_formats=["configmap"])
    Dashboard("Cells", [Row("Cells", *400 * [panels.Stat("Cell", "sum(rate(cell_requests_total[5m]))")])])

Good:
    Project("examples", dashboard_formats=["configmap"])
    Dashboard("Cells", [Row("Cells", *100 * [panels.Stat("Cell", "sum(rate(cell_requests_total[5m]))")])])
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.compiler.kubernetes.dashboard_objects import PLAIN, config_map
from obscode.compiler.kubernetes.operator_object import ANNOTATIONS_LIMIT, annotations_size
from obscode.findings.finding import Finding


@check(Artifacts, severity="warning", scope="compiled")
def configmap_size(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Dashboards whose ConfigMap is too large."""
    if "configmap" not in artifacts.project.dashboard_formats:
        return
    for dashboard in artifacts.dashboards:
        size = annotations_size(config_map(dashboard, PLAIN))
        if size > ANNOTATIONS_LIMIT:
            message = (
                f"the ConfigMap of dashboard {dashboard.title!r} takes {size:,} bytes of annotations; "
                f"Kubernetes accepts {ANNOTATIONS_LIMIT:,}"
            )
            hint = "use kubectl apply --server-side, or split the dashboard"
            yield dashboard.source.finding(configmap_size, message, hint, at="title")
