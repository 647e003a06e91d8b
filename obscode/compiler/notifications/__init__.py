"""Templates of notifications: what burns, how fast, since when, and where to look.

They are files in `templates/` beside Alertmanager's configuration. Receivers use them where they set no text of their
own; their limits are those of the services: https://github.com/prometheus/alertmanager/tree/main/notify
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from obscode.compiler.notifications.email import html
from obscode.compiler.notifications.markup import PLAIN, SLACK, TEAMS, Markup, silence, templates
from obscode.model.compatibility import ALERTMANAGER

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


def _annotation(name: str) -> str:
    """The URL in an annotation that all alerts have in common."""
    value = f".CommonAnnotations.{name}"
    return f'{{{{ if match "^https?://\\\\S+$" {value} }}}}{{{{ {value} }}}}{{{{ end }}}}'


_TEAMS = {"title": _call("teams.title"), "text": _call("teams.text")}
#: What integrations use, unless they set it themselves.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "slack_configs": {
        "title": _call("slack.title"),
        "title_link": _call("link"),
        "text": _call("slack.text"),
        "fallback": _call("slack.title"),
    },
    "msteams_configs": {**_TEAMS, "summary": _call("plain.title")},
    "msteamsv2_configs": _TEAMS,
    "email_configs": {
        "headers": {"Subject": _call("plain.title")},
        "html": _call("email.html"),
        "text": _call("plain.text"),
    },
    "opsgenie_configs": {"message": _call("plain.title"), "description": _call("plain.text")},
    # Alertmanager leaves out links without a URL.
    "pagerduty_configs": {
        "description": _call("plain.title"),
        "links": [
            {"href": _annotation("dashboard_url"), "text": "Panel"},
            {"href": _annotation("runbook_url"), "text": "Runbook"},
            {"href": _call("silence"), "text": "Silence"},
        ],
    },
}


def with_templates(
    integrations: Mapping[str, Sequence[Mapping[str, Any]]], oldest: str
) -> dict[str, list[Mapping[str, Any]]]:
    """The integrations with the templates for what they do not set, as far as an Alertmanager reads them."""
    return {
        key: [_with_defaults(item, _defaults(key, oldest)) for item in items] for key, items in integrations.items()
    }


def _defaults(integration: str, oldest: str) -> Mapping[str, Any]:
    texts = DEFAULTS.get(integration, {})
    newer = {each.path for each in ALERTMANAGER.unsupported(texts, oldest, f"receivers.{integration}")}
    return {key: value for key, value in texts.items() if (key,) not in newer}


def _with_defaults(item: Mapping[str, Any], defaults: Mapping[str, Any]) -> Mapping[str, Any]:
    result = dict(item)
    for key, value in defaults.items():
        if isinstance(value, Mapping):
            result[key] = {**value, **result.get(key, {})}
        else:
            result.setdefault(key, value)
    return result


def template_files(integrations: Iterable[Mapping[str, Sequence[Mapping[str, Any]]]]) -> dict[str, str]:
    """The files with the templates that some integrations call, by name."""
    called = {name for each in integrations for text in _texts(each) for name in _called(text)}
    return {name: _file(definitions) for name, definitions in FILES.items() if called & definitions.keys()}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


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
