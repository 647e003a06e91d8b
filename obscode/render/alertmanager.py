"""alertmanager.yml: routes, receivers, and what keeps a page's ticket quiet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from obscode import conventions
from obscode.artifacts import Artifacts, File
from obscode.render.yaml_text import document
from obscode.routing import Route, Routing, Webhook

PATH = "alertmanager/alertmanager.yml"


def render(artifacts: Artifacts) -> Iterator[File]:
    """The Alertmanager config; without a Routing, one that loads and tells nobody."""
    routing = artifacts.routing
    if routing is None:
        config = {"route": {"receiver": conventions.NO_RECEIVER}, "receivers": [{"name": conventions.NO_RECEIVER}]}
        yield File(PATH, document(config, artifacts.sources(artifacts.project)))
        return
    config = {
        "route": _root(routing),
        "inhibit_rules": _inhibit_rules(),
        "receivers": [_receiver(webhook) for webhook in routing.receivers()],
    }
    yield File(PATH, document(config, artifacts.sources(routing)))


def _root(routing: Routing) -> dict[str, Any]:
    root: dict[str, Any] = {
        "receiver": routing.default.name,
        "group_by": list(routing.group_by),
        "group_wait": routing.group_wait,
        "group_interval": routing.group_interval,
        "repeat_interval": routing.repeat_interval,
    }
    if routing.routes:
        root["routes"] = [_route(route) for route in routing.routes]
    return root


def _route(route: Route) -> dict[str, Any]:
    settings = {"repeat_interval": route.repeat_interval} if route.repeat_interval else {}
    return {"receiver": route.receiver.name, "matchers": _matchers(route.match), **settings}


def _matchers(match: Mapping[str, str]) -> list[str]:
    return [f"{label}={_quoted(value)}" for label, value in match.items()]


def _quoted(value: str) -> str:
    """Before 0.27 Alertmanager knew these three escapes and no other: a tab stays a tab."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _inhibit_rules() -> list[dict[str, Any]]:
    # Labels in `equal` that both sides lack count as equal, so each side must carry them:
    # without the matchers on them a page without an SLO silences every ticket without one.
    carried = [f'{label}=~".+"' for label in (conventions.SERVICE, conventions.SLO)]
    return [
        {
            "source_matchers": [f'{conventions.SEVERITY}="page"', *carried],
            "target_matchers": [f'{conventions.SEVERITY}="ticket"', *carried],
            "equal": [conventions.SERVICE, conventions.SLO],
        }
    ]


def _receiver(webhook: Webhook) -> dict[str, Any]:
    where = {"url": webhook.url} if webhook.url else {"url_file": webhook.url_file}
    return {"name": webhook.name, "webhook_configs": [{**where, "send_resolved": webhook.send_resolved}]}
