"""The template of e-mails in HTML. Go's html/template escapes each value as its place requires."""

from __future__ import annotations

from obscode.compiler.notifications.markup import filled, silence

_HTML = r"""
<!DOCTYPE html>
<html>
<head><meta charset="utf-8"><title>{{ template "obscode.plain.title" . }}</title></head>
<body style="font-family: sans-serif; font-size: 14px">
<h2 style="font-size: 18px">{{ template "obscode.plain.title" . }}</h2>
{{- range $i, $alert := .Alerts.Firing }}{{ if lt $i [[alerts]] }}
<div style="border-left: 4px solid #c4162a; margin: 16px 0; padding-left: 12px">
<p><b>{{ or .Annotations.summary .Labels.alertname }}</b></p>
{{- with .Annotations.description }}
<p>{{ . }}</p>
{{- end }}
<table>
{{- with .Annotations.burn_rate }}
[[row Burn rate]]
{{- end }}
{{- with .Annotations.error_budget_remaining }}
[[row Budget left]]
{{- end }}
{{- with .Annotations.time_to_exhaustion }}
[[row Lasts]]
{{- end }}
{{- with .StartsAt.UTC.Format "2006-01-02 15:04 UTC" }}
[[row Since]]
{{- end }}
{{- range .Labels.SortedPairs }}
[[row of label]]
{{- end }}
</table>
<p>
{{- if match "^https?://\\S+$" .Annotations.dashboard_url }}
<a href="{{ .Annotations.dashboard_url }}">Panel</a> |
{{- end }}
{{- if match "^https?://\\S+$" .Annotations.runbook_url }}
<a href="{{ .Annotations.runbook_url }}">Runbook</a> |
{{- end }}
{{- if match "^https?://\\S+$" .GeneratorURL }}
<a href="{{ .GeneratorURL }}">Query</a> |
{{- end }}
<a href="[[silence]]">Silence</a></p>
</div>
{{- end }}{{ end }}
{{- if gt (len .Alerts.Firing) [[alerts]] }}
<p>and {{ len (slice .Alerts.Firing [[alerts]]) }} more</p>
{{- end }}
{{- if and (gt (len .Alerts.Firing) 1) .CommonLabels }}
<p><a href="[[silence all]]">Silence all</a></p>
{{- end }}
{{- range $i, $alert := .Alerts.Resolved }}{{ if lt $i [[alerts]] }}
<div style="border-left: 4px solid #37872d; margin: 16px 0; padding-left: 12px">
<p><b>{{ or .Annotations.summary .Labels.alertname }}</b></p>
<table>
{{- with .EndsAt.UTC.Format "2006-01-02 15:04 UTC" }}
[[row Resolved]]
{{- end }}
{{- with (.EndsAt.Sub .StartsAt).Round 1000000000 }}
[[row After]]
{{- end }}
{{- range .Labels.SortedPairs }}
[[row of label]]
{{- end }}
</table>
</div>
{{- end }}{{ end }}
{{- if gt (len .Alerts.Resolved) [[alerts]] }}
<p>and {{ len (slice .Alerts.Resolved [[alerts]]) }} more</p>
{{- end }}
</body>
</html>
"""
_ALERTS = 20
_CELL = '<td style="padding: 2px 12px 2px 0; vertical-align: top">'
_ROWS = ("Burn rate", "Budget left", "Lasts", "Since", "Resolved", "After")


def html() -> str:
    """The HTML of an e-mail."""
    # html/template encodes values in URLs itself, and accepts no `urlquery`.
    links = {
        "silence": silence("$.ExternalURL", ".Labels", encode=""),
        "silence all": silence(".ExternalURL", ".CommonLabels", encode=""),
    }
    rows = {f"row {title}": _row(title, "{{ . }}") for title in _ROWS}
    return filled(
        _HTML.strip(), {"alerts": str(_ALERTS), "row of label": _row("{{ .Name }}", "{{ .Value }}"), **links, **rows}
    )


def _row(title: str, value: str) -> str:
    return f"<tr>{_CELL}{title}</td>{_CELL}{value}</td></tr>"
