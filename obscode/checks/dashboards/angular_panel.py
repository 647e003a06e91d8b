"""No panel is of a type that needed AngularJS, which Grafana 12 no longer has.

Why: Grafana 12 shows an error in the place of such a panel. A few it turns into one of its own when it loads the
dashboard, with what it can carry over, and only for that view: these are warnings.
https://grafana.com/docs/grafana/latest/developers/angular_deprecation/angular-plugins/

Bad:
    {"type": "natel-plotly-panel", "title": "Cost by load", "targets": [{"refId": "A", "expr": "sum(cost)"}]}

Good:
    {"type": "xychart", "title": "Cost by load", "targets": [{"refId": "A", "expr": "sum(cost)"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import Dashboard, Panel

_TURNED = {
    "graph": "timeseries",
    "singlestat": "stat",
    "grafana-singlestat-panel": "stat",
    "table-old": "table",
    "grafana-piechart-panel": "piechart",
    "grafana-worldmap-panel": "geomap",
}
_GONE = {
    "natel-discrete-panel": "state-timeline",
    "natel-plotly-panel": "xychart, or nline-plotlyjs-panel",
    "agenty-flowcharting-panel": "canvas",
    "aidanmountford-html-panel": "text",
    "bessler-pictureit-panel": "canvas",
    "blackmirror1-singlestat-math-panel": "stat with an expression",
    "blackmirror1-statusbygroup-panel": "stat",
    "btplc-status-dot-panel": "stat",
    "btplc-trend-box-panel": "stat",
    "corpglory-progresslist-panel": "bargauge",
    "digiapulssi-breadcrumb-panel": "dashboard links",
    "farski-blendstat-panel": "stat",
    "fatcloud-windrose-panel": "operato-windrose-panel",
    "flant-statusmap-panel": "status-history",
    "larona-epict-panel": "canvas",
    "marcuscalidus-svg-panel": "canvas",
    "michaeldmoore-annunciator-panel": "stat",
    "michaeldmoore-multistat-panel": "bargauge",
    "mtanda-heatmap-epoch-panel": "heatmap",
    "mtanda-histogram-panel": "histogram",
    "mxswat-separator-panel": "text",
    "neocat-cal-heatmap-panel": "heatmap",
    "petrslavotinek-carpetplot-panel": "heatmap",
    "ryantxu-ajax-panel": "text",
    "savantly-heatmap-panel": "heatmap",
    "snuids-trafficlights-panel": "stat",
    "vonage-status-panel": "stat",
    "yesoreyeram-boomtable-panel": "table",
}


@check(Dashboard)
def angular_panel(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Each type that is gone, at its first panel."""
    panels: dict[str, list[Panel]] = {}
    for panel in dashboard.panels:
        panels.setdefault(panel.type, []).append(panel)
    for kind, found in panels.items():
        if kind not in _TURNED and kind not in _GONE:
            continue
        others = f" and {len(found) - 1} more" if len(found) > 1 else ""
        need = "need" if others else "needs"
        message = f"{found[0].name}{others} of type {kind!r} {need} AngularJS, which Grafana 12 does not have"
        hint = f"make it a {(_TURNED | _GONE)[kind]}"
        if kind in _TURNED:
            hint = f"Grafana turns it into a {_TURNED[kind]} at every load; save what comes out"
        yield finding(
            angular_panel,
            message,
            hint,
            found[0].node.at("type"),
            found[0],
            severity="error" if kind in _GONE else "warning",
        )
