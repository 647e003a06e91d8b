"""alertmanager.yml: routes, receivers, and what keeps a page's ticket quiet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.model import naming
from obscode.model.burn_rate import length
from obscode.model.receivers.base import Receiver
from obscode.model.routing import Route, Routing
from obscode.renderers.yaml_text import document

PATH = "alertmanager/alertmanager.yml"


def render(artifacts: Artifacts) -> Iterator[File]:
    """The Alertmanager config; without a Routing, one that loads and tells nobody."""
    routing = artifacts.routing
    if routing is None:
        config = {"route": {"receiver": naming.NO_RECEIVER}, "receivers": [{"name": naming.NO_RECEIVER}]}
        yield File(PATH, document(config, artifacts.sources(artifacts.project)))
        return
    inhibit_rules = _inhibit_rules(artifacts)
    config = {
        "route": _root(routing),
        **({"inhibit_rules": inhibit_rules} if inhibit_rules else {}),
        "receivers": [_receiver(receiver) for receiver in routing.receivers()],
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
    equal = [naming.SERVICE, naming.SLO, *sorted({label for slo in slos for label in slo.sli.by})]
    tickets = _inhibit_rule({naming.SEVERITY: "page"}, {naming.SEVERITY: "ticket"}, _ANY, equal)
    return [tickets, *_slower_tiers(artifacts, equal)] if slos else []


def _slower_tiers(artifacts: Artifacts, equal: list[str]) -> Iterator[dict[str, Any]]:
    """A rule for two tiers of one severity; a rule an SLO where another has them the other way round.

    The severity is matched, too: tiers that are of one severity in one SLO need not be so in the next.
    """
    followed: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for service in artifacts.services:
        for slo in service.slos:
            one = {naming.SERVICE: service.name, naming.SLO: slo.name}
            tiers = sorted(slo.alerting(), key=lambda tier: length(tier.long))
            for fast, slow in combinations(tiers, 2):
                if fast.severity == slow.severity:
                    followed.setdefault((fast.name, slow.name, fast.severity), []).append(one)
    for (fast_tier, slow_tier, severity), ones in followed.items():
        contested = (slow_tier, fast_tier, severity) in followed
        source, target = ({naming.TIER: name, naming.SEVERITY: severity} for name in (fast_tier, slow_tier))
        yield from (_inhibit_rule(source, target, one, equal) for one in (ones if contested else [_ANY]))


# Labels in `equal` that both sides lack count as equal, so each side must be about an SLO at all: without
# that, any page without labels would silence any ticket without labels.
_ANY: Mapping[str, str] = {}


def _inhibit_rule(
    source: Mapping[str, str], target: Mapping[str, str], one: Mapping[str, str], equal: list[str]
) -> dict[str, Any]:
    about = _matchers(one) or [f'{label}=~".+"' for label in (naming.SERVICE, naming.SLO)]
    return {
        "source_matchers": [*_matchers(source), *about],
        "target_matchers": [*_matchers(target), *about],
        "equal": equal,
    }


def _receiver(receiver: Receiver) -> dict[str, Any]:
    return {"name": receiver.name, receiver.integration: [dict(receiver.configuration())]}
