"""Templates of notifications as text, for each markup: Slack's, Markdown and none.

They use functions of Alertmanager 0.25 only, so times and durations are formatted by methods of Go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_LINE = '{{ "\\n" }}'


@dataclass(frozen=True)
class Markup:
    """How a receiver formats text, and how much of it it accepts.

    Attributes:
        name: the part of the names of templates.
        line: the end of a line.
        bold: what is around bold text.
        code: what is around the value of a label.
        escape: the functions that escape text, each after a `|`.
        link: a link, with `[[url]]` and `[[text]]`.
        escape_url: the functions that escape a URL in a link.
        separator: what is between links.
        alerts: how many alerts are listed, of the firing and of the resolved ones.
        labels: how many labels of an alert are listed.
        text: the characters of a summary or a description; the others are cut off.
        value: the characters of a label's value.
        url: the characters of a link; longer ones are left out.
    """

    name: str
    line: str = _LINE
    bold: str = ""
    code: str = ""
    escape: str = ""
    link: str = "[[text]]: [[url]]"
    escape_url: str = ""
    separator: str = '{{ " | " }}'
    alerts: int = 5
    labels: int = 6
    text: int = 300
    value: int = 100
    url: int = 500


PLAIN = Markup("plain", separator=_LINE, alerts=20)
_SLACK_URL = ' | reReplaceAll "&" "&amp;" | reReplaceAll "<" "%3C" | reReplaceAll ">" "%3E" | reReplaceAll "[|]" "%7C"'
# These three characters are escaped: https://docs.slack.dev/messaging/formatting-message-text/#escaping
SLACK = Markup(
    "slack",
    bold="*",
    code="`",
    escape=' | reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;"',
    link="<[[url]]|[[text]]>",
    escape_url=_SLACK_URL,
    text=250,
    value=80,
)
# Some Markdown; a message has 28 KB at most, in which JSON has six bytes for an ampersand:
# https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/cards-format
TEAMS = Markup(
    "teams",
    line=_LINE * 2,
    bold="**",
    escape=r" | reReplaceAll `([\\*_\[\]#~])` `\$1` | reReplaceAll `(\x60)` `\$1`",
    link="[[[text]]]([[url]])",
    escape_url=' | reReplaceAll "[(]" "%28" | reReplaceAll "[)]" "%29"',
    alerts=3,
    labels=4,
    text=150,
    value=50,
    url=300,
)

_ESCAPE = r"{{ . | reReplaceAll `\s+` ` `[[escape]] }}"
_SHORT = """\
{{ template "[[name]].escape" (printf "%.[[text]]s" .) }}{{ if ne . (printf "%.[[text]]s" .) }}…{{ end }}"""
_VALUE = """\
{{ with printf "%.[[value]]s" . -}}
[[code]]{{ template "[[name]].escape" [[plain]] }}{{ if ne . $ }}…{{ end }}[[code]]
{{- end }}"""
_SUBJECT = """\
{{- if and .CommonLabels.service .CommonLabels.slo -}}
{{ template "[[name]].escape" (printf "%.100s" .CommonLabels.service) }} {{/**/ -}}
{{ template "[[name]].escape" (printf "%.100s" .CommonLabels.slo) }}
{{- else if .CommonLabels.alertname -}}
{{ template "[[name]].escape" (printf "%.200s" .CommonLabels.alertname) }}
{{- with .CommonLabels.service }} ({{ template "[[name]].escape" (printf "%.100s" .) }}){{ end }}
{{- else -}}
{{ template "[[name]].escape" (or .CommonLabels.service (.GroupLabels.SortedPairs.Values | join " ") "several alerts"
  | printf "%.200s") }}
{{- end -}}"""
#: What burns and how fast, in one line.
_TITLE = """\
[{{ if eq .Status "firing" -}}
{{ template "[[name]].escape" (or .CommonLabels.severity "firing" | printf "%.50s") }}{{ else }}resolved{{ end }}]
{{- if and (eq .Status "firing") .CommonAnnotations.summary }} {{/**/ -}}
{{ template "[[name]].escape" (printf "%.200s" .CommonAnnotations.summary) }}
{{- else }} {{ template "[[name]].subject" . }}
{{- end }}
{{- if gt (len .Alerts.Firing) 1 }} ({{ len .Alerts.Firing }} alerts){{ end -}}"""
#: The name of an alert, and its labels that are not in the title.
_LABELS = """\
{{ template "[[name]].short" .Labels.alertname }}
{{- range $j, $label := (.Labels.Remove (stringSlice "alertname" "severity" "service" "slo" "owner")).SortedPairs }}
{{- if lt $j [[labels]] }}, {{ template "[[name]].escape" (printf "%.[[value]]s" .Name) }}=
{{- template "[[name]].value" .Value }}
{{- else if eq $j [[labels]] }}, …
{{- end }}
{{- end }}"""
_TEXT = r"""
{{- range $i, $alert := .Alerts.Firing }}{{ if lt $i [[alerts]] }}
{{- if $i }}[[line]]{{ "\n" }}{{ end }}
{{- /* the title has the summary that all alerts have in common */ -}}
{{- if or (gt (len $.Alerts) 1) (not $.CommonAnnotations.summary) -}}
[[bold]]{{ template "[[name]].short" (or .Annotations.summary .Labels.alertname) }}[[bold]][[line]]
{{- end }}
{{- if .Annotations.burn_rate -}}
Burn rate {{ template "[[name]].escape" (printf "%.40s" .Annotations.burn_rate) }}
{{- with .Annotations.error_budget_remaining }}, budget left {{ template "[[name]].escape" (printf "%.40s" .) }}
{{- end }}
{{- with .Annotations.time_to_exhaustion }}, lasts {{ template "[[name]].escape" (printf "%.40s" .) }} at this rate
{{- end }}[[line]]
{{- else if .Annotations.description -}}
{{ template "[[name]].short" .Annotations.description }}[[line]]
{{- end -}}
Since {{ .StartsAt.UTC.Format "2006-01-02 15:04 UTC" }}: {{ template "[[name]].labels" . }}[[line]]
{{- if match "^https?://\\S{1,[[url]]}$" .Annotations.dashboard_url -}}
[[panel]][[separator]]
{{- end }}
{{- if match "^https?://\\S{1,[[url]]}$" .Annotations.runbook_url -}}
[[runbook]][[separator]]
{{- end }}
{{- if match "^https?://\\S{1,[[url]]}$" .GeneratorURL -}}
[[query]][[separator]]
{{- end -}}
[[silence]]
{{- end }}{{ end }}
{{- if gt (len .Alerts.Firing) [[alerts]] }}[[line]]and {{ len (slice .Alerts.Firing [[alerts]]) }} more{{ end }}
{{- if and (gt (len .Alerts.Firing) 1) .CommonLabels }}[[line]][[silence all]]{{ end }}
{{- if and .Alerts.Firing .Alerts.Resolved }}[[line]]{{ "\n" }}{{ end }}
{{- range $i, $alert := .Alerts.Resolved }}{{ if lt $i [[alerts]] }}
{{- if $i }}[[line]]{{ end -}}
Resolved {{ .EndsAt.UTC.Format "2006-01-02 15:04 UTC" }}, after {{ (.EndsAt.Sub .StartsAt).Round 1000000000 -}}
: {{ template "[[name]].labels" . }}
{{- end }}{{ end }}
{{- if gt (len .Alerts.Resolved) [[alerts]] }}[[line]]and {{ len (slice .Alerts.Resolved [[alerts]]) }} more{{ end }}"""
#: The URL of a new silence in Alertmanager for alerts with these labels. With many labels the page has no filter: some
#: clients cut long links.
_SILENCE = r"""
{{ [[url]] }}/#/silences/new
{{- if and [[labels]] (lt (len ([[labels]].SortedPairs.Values | join " ")) 250) }}?filter=%7B
{{- range $j, $label := [[labels]].SortedPairs }}{{ if $j }}%2C{{ end }}
{{- if match "^[a-zA-Z_][a-zA-Z0-9_]*$" .Name }}{{ .Name }}{{ else }}%22{{ .Name[[encode]] }}%22{{ end }}%3D%22
{{- .Value | reReplaceAll `(["\\])` `\$1` | reReplaceAll "\n" `\n`[[encode]] }}%22
{{- end }}%7D
{{- end -}}
"""
_ENCODE = ' | urlquery | reReplaceAll "[+]" "%20"'


def templates(markup: Markup) -> dict[str, str]:
    """The templates of a markup, by name."""
    values = {key: str(value) for key, value in vars(markup).items()} | {
        "name": f"obscode.{markup.name}",
        "plain": """(reReplaceAll "[`]" "'" .)""" if markup.code else ".",  # a backtick ends the code
    }
    links = {
        "panel": _link(markup, f"{{{{ .Annotations.dashboard_url{markup.escape_url} }}}}", "Panel"),
        "runbook": _link(markup, f"{{{{ .Annotations.runbook_url{markup.escape_url} }}}}", "Runbook"),
        "query": _link(markup, f"{{{{ .GeneratorURL{markup.escape_url} }}}}", "Query"),
        "silence": _link(markup, silence("$.ExternalURL", ".Labels"), "Silence"),
        "silence all": _link(markup, '{{ template "obscode.silence" . }}', "Silence all"),
    }
    texts = {
        "escape": _ESCAPE,
        "short": _SHORT,
        "value": _VALUE,
        "subject": _SUBJECT,
        "title": _TITLE,
        "labels": _LABELS,
        "text": _TEXT,
    }
    return {
        f"obscode.{markup.name}.{name}": filled(filled(text.strip(), links), values) for name, text in texts.items()
    }


def silence(url: str, labels: str, encode: str = _ENCODE) -> str:
    """The URL of a new silence in Alertmanager; ``encode`` are the functions that encode a part of it."""
    return filled(_SILENCE.strip(), {"url": url, "labels": labels, "encode": encode})


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with values in place of `[[name]]`."""
    return re.sub(r"\[\[([A-Za-z_ ]+)\]\]", lambda match: values.get(match[1], match[0]), text)


def _link(markup: Markup, url: str, text: str) -> str:
    return filled(markup.link, {"url": url, "text": text})
