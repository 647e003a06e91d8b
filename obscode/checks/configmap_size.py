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

import json
from collections.abc import Iterator
from typing import Any

from obscode.artifacts.dashboards import config_map
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding

# https://github.com/kubernetes/apimachinery/blob/master/pkg/api/validation/objectmeta.go: all annotations together.
LIMIT = 262_144
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@check(Artifacts, severity="warning", scope="compiled")
def configmap_size(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Dashboards whose ConfigMap is too large."""
    if "configmap" not in artifacts.project.dashboard_formats:
        return
    for dashboard in artifacts.dashboards:
        size = _annotations_size(config_map(dashboard))
        if size > LIMIT:
            message = (
                f"the ConfigMap of dashboard {dashboard.title!r} takes {size:,} bytes of annotations; "
                f"Kubernetes accepts {LIMIT:,}"
            )
            hint = "use kubectl apply --server-side, or split the dashboard"
            yield dashboard.source.finding(configmap_size, message, hint, at="title")


def _annotations_size(config_map: dict[str, Any]) -> int:
    """Bytes of the annotations after `kubectl apply`, which stores the object in one of them."""
    # kubectl writes no spaces, and escapes the characters of HTML, as Go does.
    applied = json.dumps(config_map, ensure_ascii=False, separators=(",", ":"))
    escaped = sum(applied.count(character) for character in "<>&") * len("u003c")
    own = sum(len(name) + len(value) for name, value in config_map["metadata"]["annotations"].items())
    return len(applied.encode()) + escaped + len(_LAST_APPLIED) + len("\n") + own
