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
    inhibit_rules = _inhibit_rules(artifacts)
    config = {
        "route": _root(routing),
        **({"inhibit_rules": inhibit_rules} if inhibit_rules else {}),
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


def _inhibit_rules(artifacts: Artifacts) -> list[dict[str, Any]]:
    """A page keeps the tickets of its SLO quiet, and a fast tier the slower ones of its severity."""
    slos = [slo for service in artifacts.services for slo in service.slos]
    # The labels that keep groups apart must be equal, too: the page of one model is not another's. Where
    # an SLO has no such label, both sides lack it, which counts as equal.
    equal = [conventions.SERVICE, conventions.SLO, *sorted({label for slo in slos for label in slo.sli.by})]
    pairs = [((conventions.SEVERITY, "page"), (conventions.SEVERITY, "ticket"))]
    for slo in slos:
        tiers = slo.tiers()
        followed = [(a.name, b.name) for n, a in enumerate(tiers) for b in tiers[n + 1 :] if a.severity == b.severity]
        pairs += [((conventions.TIER, a), (conventions.TIER, b)) for a, b in followed]
    return [_inhibit_rule(source, target, equal) for source, target in dict.fromkeys(pairs)] if slos else []


def _inhibit_rule(source: tuple[str, str], target: tuple[str, str], equal: list[str]) -> dict[str, Any]:
    # Labels in `equal` that both sides lack count as equal, so each side must be about an SLO at all:
    # without that, any page without labels would silence any ticket without labels.
    carried = [f'{label}=~".+"' for label in (conventions.SERVICE, conventions.SLO)]
    return {
        "source_matchers": [f"{source[0]}={_quoted(source[1])}", *carried],
        "target_matchers": [f"{target[0]}={_quoted(target[1])}", *carried],
        "equal": equal,
    }


def _receiver(webhook: Webhook) -> dict[str, Any]:
    where = {"url": webhook.url} if webhook.url else {"url_file": webhook.url_file}
    return {"name": webhook.name, "webhook_configs": [{**where, "send_resolved": webhook.send_resolved}]}
