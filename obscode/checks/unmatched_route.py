"""A route matches an alert of the project, and receives it.

Why: Alertmanager compares label values exactly. A route with a misspelt value receives nothing, and its alerts go to
the default receiver. A route also receives nothing if the routes before it take all alerts that it matches. A route for
alerts of another Prometheus can ignore the check. Files can have alerts elsewhere, so there a value is a note, unless
it is a likely typo of one that the alerts have.

Bad:
    Service("shop", selector={"job": "shop"}, slos=[SLO("up", 99, sli.Uptime("up"))])
    Routing(
        default=receivers.Webhook("team", url="http://localhost:5001/"),
        routes=[Route(receivers.Webhook("pager", url="http://localhost:5001/"), match={"service": "shpo"})],
    )

Good:
    Service("shop", selector={"job": "shop"}, slos=[SLO("up", 99, sli.Uptime("up"))])
    Routing(
        default=receivers.Webhook("team", url="http://localhost:5001/"),
        routes=[Route(receivers.Webhook("pager", url="http://localhost:5001/"), match={"service": "shop"})],
    )
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.alertmanager import Route
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.checks.matcher_places import route_matchers
from obscode.checks.regex_in_equality import is_regex
from obscode.checks.shadowed_route import shadowed_routes
from obscode.checks.unmatched_values import KnownValues
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.promql.selector import Matcher
from obscode.routing.alerts import ALERTNAME, KnownAlerts
from obscode.routing.tree import matchers_of

_LISTED = 3


@check(Artifacts, severity="warning", whole=True)
def unmatched_route(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Routes with a label value that no alert has, and routes that receive no alert."""
    trees = [config.route for config in artifacts.alertmanager_configs if config.route.routes]
    known = KnownValues.of(context.alerts) if trees else None
    if not known or not known.alerts:
        return
    for tree in trees:
        reported: set[int] = set()
        for route in tree.walk():
            for finding in _of_values(route, known):
                if finding.severity != "note" or not names_alert(matchers_of(route)):
                    reported.add(id(route))
                yield finding
        yield from _of_tree(tree, known, context.alerts, reported)


def _of_values(route: Route, known: KnownValues) -> Iterator[Finding]:
    for placed in route_matchers(route):
        if not is_regex(placed.matcher, known):
            for unmatched in known.unmatched(placed.matcher):
                yield placed.finding(unmatched_route, *unmatched)


def _of_tree(tree: Route, known: KnownValues, alerts: KnownAlerts, reported: set[int]) -> Iterator[Finding]:
    """The routes whose values alerts have, but that receive none."""
    reached = {id(route) for reached in alerts.destinations(tree) for each in reached for route in each.path}
    silent = reported | {id(route) for route, _ in shadowed_routes(tree)}
    severity: Severity = "warning" if known.is_complete else "note"
    for path in _paths((tree,)):
        if id(path[-1]) in reached or any(id(route) in silent or id(route) not in reached for route in path[:-1]):
            continue
        # A route without matchers is for alerts that others do not select, which may be none as yet.
        if id(path[-1]) not in silent and path[-1].matchers:
            yield _unreached(path, known, severity)


def _unreached(path: Sequence[Route], known: KnownValues, severity: Severity) -> Finding:
    route = path[-1]
    matchers = [matcher for each in path for matcher in matchers_of(each)]
    names = [alert.name for alert in known.alerts if alert.labels.matches(matchers) is not False]
    if not names or is_regex_in(route, known):
        message = f"no alert has the labels {', '.join(map(str, matchers))} together"
        # Further alerts may have other combinations, except of a name.
        is_certain = names_alert(matchers) and known.is_complete
        level: Severity = "warning" if is_certain else "note"
        return route.source.finding(unmatched_route, message, "correct one of them", at="matchers", severity=level)
    listed = ", ".join(dict.fromkeys(names[:_LISTED])) + (", ..." if len(names) > _LISTED else "")
    message = f"the route receives no alert: the routes before it take all that it matches ({listed})"
    return route.source.finding(unmatched_route, message, "move it before them", at="matchers", severity=severity)


def names_alert(matchers: Sequence[Matcher]) -> bool:
    """Whether a matcher is the name of an alert, or a regular expression for names of some alerts."""
    of_name = [matcher for matcher in matchers if matcher.label == ALERTNAME]
    return any(each.op == "=" or (each.op == "=~" and each.value not in (".*", ".+")) for each in of_name)


def is_regex_in(route: Route, known: KnownValues) -> bool:
    """Whether a matcher of the route has a regular expression for a value."""
    return any(is_regex(placed.matcher, known) for placed in route_matchers(route))


def _paths(path: tuple[Route, ...]) -> Iterator[tuple[Route, ...]]:
    """The paths to all routes below the last one, in the order of the tree."""
    for route in path[-1].routes:
        yield (*path, route)
        yield from _paths((*path, route))
