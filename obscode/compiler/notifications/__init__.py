"""Templates of notifications: what burns, how fast, since when, and where to look.

They are files in `templates/` beside Alertmanager's configuration. Receivers use them where they set no text of their
own; their limits are those of the services: https://github.com/prometheus/alertmanager/tree/main/notify
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.compiler.notifications.email import html
from obscode.compiler.notifications.markup import PLAIN, SLACK, TEAMS, Markup, silence, templates

_PANEL = """\
{{- if match "^https?://\\\\S+$" .CommonAnnotations.dashboard_url -}}
{{ .CommonAnnotations.dashboard_url }}
{{- else -}}
{{ .ExternalURL }}/#/alerts?receiver={{ .Receiver | urlquery }}
{{- end -}}"""
_COMMON = {
    "obscode.link": _PANEL,
    "obscode.silence": silence(".ExternalURL", ".CommonLabels"),
}


def _of(markup: Markup) -> Mapping[str, str]:
    return templates(markup)


#: The files with their templates, by name.
FILES: Mapping[str, Mapping[str, str]] = {
    "obscode": {**_COMMON, **_of(PLAIN)},
    "slack": _of(SLACK),
    "teams": _of(TEAMS),
    "email": {"obscode.email.html": html()},
}
_ALL = {name: text for file in FILES.values() for name, text in file.items()}
_CALL = re.compile(r'\{\{-? *template "(obscode[^"]*)"')


def _call(name: str) -> str:
    return f'{{{{ template "obscode.{name}" . }}}}'


_TEAMS = {"title": _call("teams.title"), "text": _call("teams.text")}
#: What the integrations use, and the file with their own templates.
DEFAULTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "slack_configs": (
        "slack",
        {
            "title": _call("slack.title"),
            "title_link": _call("link"),
            "text": _call("slack.text"),
            "fallback": _call("slack.title"),
        },
    ),
    "msteams_configs": ("teams", {**_TEAMS, "summary": _call("plain.title")}),
    "msteamsv2_configs": ("teams", _TEAMS),
    "email_configs": (
        "email",
        {"headers": {"Subject": _call("plain.title")}, "html": _call("email.html"), "text": _call("plain.text")},
    ),
}


def with_templates(integrations: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Mapping[str, Any]]]:
    """The integrations with the templates for what they do not set."""
    return {
        key: [_with_defaults(item, DEFAULTS[key][1]) if key in DEFAULTS else item for item in items]
        for key, items in integrations.items()
    }


def _with_defaults(item: Mapping[str, Any], defaults: Mapping[str, Any]) -> Mapping[str, Any]:
    result = dict(item)
    for key, value in defaults.items():
        if isinstance(value, Mapping):
            result[key] = {**value, **result.get(key, {})}
        else:
            result.setdefault(key, value)
    return result


def template_files(integrations: Sequence[str]) -> dict[str, str]:
    """The files that some integrations need, by name."""
    names = ["obscode", *dict.fromkeys(DEFAULTS[key][0] for key in integrations if key in DEFAULTS)]
    return {name: _file(FILES[name]) for name in names} if len(names) > 1 else {}


def _file(definitions: Mapping[str, str]) -> str:
    return "\n".join(_definition(name, text) for name, text in definitions.items())


def _definition(name: str, text: str) -> str:
    return f'{{{{ define "{name}" -}}}}\n{text}\n{{{{- end }}}}\n'


def with_definitions(value: Any) -> Any:
    """The settings of receivers, each text with the definitions of the templates that it calls.

    For outputs that have no files with templates.
    """
    if isinstance(value, str):
        return "".join(_definition(name, _ALL[name]).rstrip("\n") for name in _called(value)) + value
    if isinstance(value, Mapping):
        return {key: with_definitions(item) for key, item in value.items()}
    return [with_definitions(item) for item in value] if isinstance(value, list | tuple) else value


def _called(text: str) -> Iterator[str]:
    waiting, seen = [text], set[str]()
    while waiting:
        for name in _CALL.findall(waiting.pop()):
            if name in _ALL and name not in seen:
                seen.add(name)
                waiting.append(_ALL[name])
                yield name
