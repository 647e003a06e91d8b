"""No panel has a type that requires AngularJS, which Grafana 12 removed.

Why: Grafana 12 shows an error instead of the panel. It migrates a few types to a current one each time it loads the
dashboard, as far as it can; these are warnings.
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

_MIGRATED = {
    "graph": "timeseries",
    "singlestat": "stat",
    "grafana-singlestat-panel": "stat",
    "table-old": "table",
    "grafana-piechart-panel": "piechart",
    "grafana-worldmap-panel": "geomap",
}
_REMOVED = {
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
    """Each removed type, at its first panel."""
    panels: dict[str, list[Panel]] = {}
    for panel in dashboard.panels:
        panels.setdefault(panel.type, []).append(panel)
    for kind, same_type in panels.items():
        if kind not in _MIGRATED and kind not in _REMOVED:
            continue
        others = f" and {len(same_type) - 1} more" if len(same_type) > 1 else ""
        verb = "require" if others else "requires"
        message = f"{same_type[0].name}{others} of type {kind!r} {verb} AngularJS, which Grafana 12 removed"
        hint = f"use {(_MIGRATED | _REMOVED)[kind]}"
        if kind in _MIGRATED:
            hint = f"Grafana migrates it to {_MIGRATED[kind]} at every load; save the result"
        yield finding(
            angular_panel,
            message,
            hint,
            same_type[0].node.at("type"),
            same_type[0],
            severity="error" if kind in _REMOVED else "warning",
        )
