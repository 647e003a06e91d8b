"""In a v2 resource, the layout places every panel, and names none that does not exist.

Why: Grafana does not check what the layout names. A reference to a panel that is gone leaves a hole or an error,
and a panel that the layout does not name is never shown.

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
    """References that lead nowhere, and panels that nobody sees."""
    if dashboard.form != "v2":
        return
    elements = dict(dashboard.node.object("elements").entries())
    for name, path in dict(reversed(dashboard.references)).items():
        if name not in elements:
            hint = did_you_mean(name, elements) or "add it to elements, or take it out of the layout"
            yield finding(element_reference_rule, f"the layout names {name!r}, which is no element", hint, path)
    placed = {name for name, _ in dashboard.references}
    for name, element in elements.items():
        if name not in placed:
            message = f"the layout does not place {name!r}, so it is never shown"
            yield finding(
                element_reference_rule, message, "add it to the layout, or remove it", element.path, severity="warning"
            )
