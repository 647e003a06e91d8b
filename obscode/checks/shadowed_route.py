"""A route can receive alerts: no route before it takes all that it matches, and its matchers do not exclude each other.

Why: of the routes below a route, the first one that matches takes the alert, unless it has `continue: true`. A narrow
route behind a wide one, and the second of two equal routes, receive nothing. It is a warning if both do the same.

Bad:
    route:
      receiver: team
      routes:
      - {matchers: ['severity="page"'], receiver: pager}
      - {matchers: ['severity="page"', 'service="shop"'], receiver: shop}
    receivers: [{name: team}, {name: pager}, {name: shop}]

Good:
    route:
      receiver: team
      routes:
      - {matchers: ['severity="page"', 'service="shop"'], receiver: shop}
      - {matchers: ['severity="page"'], receiver: pager}
    receivers: [{name: team}, {name: pager}, {name: shop}]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.alertmanager import AlertmanagerConfig, Route
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.definition import Definition
from obscode.promql.selector import Matcher
from obscode.routing.implication import contradiction, imply
from obscode.routing.tree import continues, matchers_of

_TIMINGS = ("group_by", "group_wait", "group_interval", "repeat_interval", "settings")


@check(AlertmanagerConfig)
def shadowed_route(config: AlertmanagerConfig, context: Context) -> Iterator[Finding]:
    """Routes that can receive no alert, whatever alerts there are."""
    for route, earlier in shadowed_routes(config.route):
        yield _finding(route, earlier, config.route)


def shadowed_routes(root: Route) -> Iterator[tuple[Route, Route | None]]:
    """The routes that receive nothing, each with the one that takes its alerts; None if its matchers exclude all."""
    yield from _below(root, ())


def _below(parent: Route, premises: Sequence[Matcher]) -> Iterator[tuple[Route, Route | None]]:
    earlier: list[Route] = []
    for route in parent.routes:
        matchers = [*premises, *matchers_of(route)]
        taker = next((each for each in earlier if imply(matchers, matchers_of(each))), None)
        if taker or contradiction(matchers):
            yield route, taker
        else:
            yield from _below(route, matchers)
        if not continues(route):
            earlier.append(route)


def _finding(route: Route, taker: Route | None, root: Route) -> Finding:
    at = _at(route)
    if taker is None:
        return route.source.finding(
            shadowed_route, _contradiction(route, root), "write a regular expression, or another route", at=at
        )
    line = _line(taker.source)
    if set(matchers_of(route)) == set(matchers_of(taker)):
        message = f"the route has the matchers of the route in {line}, which takes its alerts"
    else:
        message = f"the route receives no alert: the route in {line} takes all that it matches"
    if _settings(route) == _settings(taker):
        return route.source.finding(shadowed_route, message, "remove it", at=at, severity="warning")
    other = "add continue_=True there" if isinstance(route.source, Definition) else "add continue: true there"
    return route.source.finding(shadowed_route, message, f"move it before that route, or {other}", at=at)


def _contradiction(route: Route, root: Route) -> str:
    path = next(_paths_to(route, (root,)))
    pair = contradiction([matcher for each in path for matcher in matchers_of(each)])
    assert pair
    return f"no alert matches both {pair[0]} and {pair[1]}"


def _paths_to(route: Route, path: tuple[Route, ...]) -> Iterator[tuple[Route, ...]]:
    if path[-1] is route:
        yield path
    for child in path[-1].routes:
        yield from _paths_to(route, (*path, child))


def _settings(route: Route) -> tuple[object, ...]:
    """What a route does with its alerts."""
    own = tuple(getattr(route, name) for name in _TIMINGS)
    return route.receiver, own, [_settings(child) for child in route.routes], [child.matchers for child in route.routes]


def _at(route: Route) -> str:
    """The part of the source with the matchers."""
    keys = ("matchers", "match", "match_re")
    if isinstance(route.source, Definition):
        return "matchers"
    entries = getattr(route.source, "entries", {})
    return next((key for key in keys if key in entries), "")


def _line(source: Source) -> str:
    span = source.span()
    return f"line {span.line}" if span else "front of it"
