"""alertmanager.yml: routes, inhibition rules and receivers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig, InhibitRule, Receiver, Route
from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.model import naming
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """The Alertmanager configuration, and the templates of its receivers."""
    for config in artifacts.alertmanager_configs:
        for name, text in config.templates.items():
            yield File(naming.notification_template(name), _template_file(text))
        yield File(naming.alertmanager_file(), alertmanager_config_text(config, artifacts.sources(config.source)))


def alertmanager_config_text(config: AlertmanagerConfig, sources: Sequence[str] = ()) -> str:
    """The text of one configuration; ``sources`` are the files that its first line names."""
    own = {"templates": [naming.NOTIFICATION_TEMPLATES, *config.settings.get("templates", ())]}
    content = {
        **config.settings,
        **(own if config.templates else {}),
        "route": _route(config.route),
        "inhibit_rules": [_inhibit_rule(rule) for rule in config.inhibit_rules],
        "receivers": [_receiver(receiver) for receiver in config.receivers],
    }
    return document({key: value for key, value in content.items() if value}, sources)


def _template_file(text: str) -> str:
    return f"{{{{/* Written by obscode. A receiver's own text= replaces a template. */}}}}\n{text}"


def _route(route: Route) -> dict[str, Any]:
    content = {
        "receiver": route.receiver,
        "matchers": list(route.matchers),
        "group_by": list(route.group_by),
        "group_wait": route.group_wait,
        "group_interval": route.group_interval,
        "repeat_interval": route.repeat_interval,
        "routes": [_route(child) for child in route.routes],
    }
    # A setting may be empty: `group_by: []` groups all alerts, whatever the route above does.
    return {key: value for key, value in {**content, **route.settings}.items() if value or key in route.settings}


def _inhibit_rule(rule: InhibitRule) -> dict[str, Any]:
    content = {
        "name": rule.name,
        "source_matchers": list(rule.source_matchers),
        "target_matchers": list(rule.target_matchers),
        "equal": list(rule.equal),
    }
    return {key: value for key, value in content.items() if value}


def _receiver(receiver: Receiver) -> dict[str, Any]:
    labels = {"labels": dict(receiver.labels)} if receiver.labels else {}
    return {"name": receiver.name, **labels, **receiver.integrations}
