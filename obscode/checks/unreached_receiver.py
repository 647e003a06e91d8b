"""The receiver of a route receives alerts: no route below it takes all of them.

Why: a route sends what none of the routes below it takes. One below it without matchers takes every alert, also with
`continue: true`, which only lets the routes after it have the alert, too. A last route without matchers sends the
others to the receiver.

Bad:
    route:
      receiver: chat
      routes:
      - {receiver: archive, continue: true}
      - {matchers: ['severity="page"'], receiver: pager}
    receivers:
    - {name: chat, webhook_configs: [{url: "http://localhost:5001/"}]}
    - {name: archive}
    - {name: pager}

Good:
    route:
      receiver: chat
      routes:
      - {receiver: archive, continue: true}
      - {matchers: ['severity="page"'], receiver: pager}
      - {receiver: chat}
    receivers:
    - {name: chat, webhook_configs: [{url: "http://localhost:5001/"}]}
    - {name: archive}
    - {name: pager}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.alertmanager import AlertmanagerConfig, Route
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.routing.tree import continues, matchers_of


@check(AlertmanagerConfig, severity="warning")
def unreached_receiver(config: AlertmanagerConfig, context: Context) -> Iterator[Finding]:
    """Receivers whose alerts all go to routes with `continue: true` below, and nowhere else."""
    routes = [*_with_receivers(config.route, "")]
    reached = {receiver for route, receiver in routes if not _takers(route)}
    # A receiver without integrations is meant to get nothing.
    candidates = {receiver.name for receiver in config.receivers if any(receiver.integrations.values())} - reached
    for route, receiver in routes:
        takers = _takers(route)
        if takers and receiver in candidates and all(map(continues, takers)):
            candidates.remove(receiver)
            span = takers[0].source.span()
            where = f"the route in line {span.line}" if span else "a route below it"
            message = f"the receiver {receiver!r} gets no alert: {where} has no matchers and takes all of them"
            hint = "add a last route without matchers that has this receiver"
            yield route.source.finding(unreached_receiver, message, hint, at="receiver")


def _takers(route: Route) -> list[Route]:
    """The routes below a route that take all of its alerts."""
    return [below for below in route.routes if not matchers_of(below)]


def _with_receivers(route: Route, inherited: str) -> Iterator[tuple[Route, str]]:
    """The routes with their receivers, their own or inherited."""
    receiver = route.receiver or inherited
    yield route, receiver
    for below in route.routes:
        yield from _with_receivers(below, receiver)
