"""The layout of a v2 resource places every panel, and refers only to panels that exist.

Why: Grafana does not validate the references of the layout. A reference to a missing panel leaves a gap or an error,
and a panel that the layout does not place is never shown.

Bad:
    {
      "apiVersion": "dashboard.grafana.app/v2", "kind": "Dashboard", "metadata": {"name": "shop"},
      "spec": {
        "title": "Shop", "editable": false, "variables": [], "elements": {},
        "layout": {"kind": "AutoGridLayout", "spec": {"items": [
          {"kind": "AutoGridLayoutItem", "spec": {"element": {"kind": "ElementReference", "name": "panel-1"}}}
        ]}}
      }
    }

Good:
    {
      "apiVersion": "dashboard.grafana.app/v2", "kind": "Dashboard", "metadata": {"name": "shop"},
      "spec": {
        "title": "Shop", "editable": false, "variables": [], "elements": {},
        "layout": {"kind": "AutoGridLayout", "spec": {"items": []}}
      }
    }
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.reader.dashboards.model import Dashboard


@check(Dashboard, scope="file")
def element_reference_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """References to missing elements, and elements that the layout does not place."""
    if dashboard.form != "v2":
        return
    elements = dict(dashboard.node.object("elements").entries())
    for name, path in dict(reversed(dashboard.references)).items():
        if name not in elements:
            hint = did_you_mean(name, elements) or "add it to elements, or remove it from the layout"
            yield finding(element_reference_rule, f"the layout refers to {name!r}, which is not an element", hint, path)
    placed = {name for name, _ in dashboard.references}
    for name, element in elements.items():
        if name not in placed:
            message = f"the layout does not place {name!r}, so it is never shown"
            yield finding(
                element_reference_rule, message, "add it to the layout, or remove it", element.path, severity="warning"
            )
