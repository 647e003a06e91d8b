"""The routing tree: which routes receive an alert, with which settings.

As https://github.com/prometheus/alertmanager/blob/main/dispatch/route.go (Route.Match): of the routes below a route,
the first one that matches receives the alert, and those behind it only after `continue`. The route itself receives the
alerts that match none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obscode.artifacts.alertmanager import Route
from obscode.promql.label_matchers import MatcherError, parse_matchers
from obscode.promql.selector import Matcher
from obscode.routing.alert_labels import AlertLabels

#: Settings of a root route that sets none: https://prometheus.io/docs/alerting/latest/configuration/#route
DEFAULT_TIMINGS = {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"}
#: In `group_by`: all labels.
EVERY_LABEL = "..."


@dataclass(frozen=True)
class Destination:
    """A route that receives alerts of a rule.

    Attributes:
        path: the routes from the root to this one.
        is_certain: whether it receives every alert of the rule; else it may receive some.
    """

    path: tuple[Route, ...]
    is_certain: bool

    @property
    def route(self) -> Route:
        """The route itself."""
        return self.path[-1]

    @property
    def receiver(self) -> str:
        """The name of its receiver, its own or inherited."""
        return next((route.receiver for route in reversed(self.path) if route.receiver), "")

    @property
    def group_by(self) -> Sequence[str]:
        """The labels by which it groups alerts; `...` stands for all."""
        own = (route for route in reversed(self.path) if route.group_by or "group_by" in route.settings)
        return next((route.group_by for route in own), ())

    def timing(self, key: str) -> str:
        """A duration: `group_wait`, `group_interval` or `repeat_interval`."""
        own = (getattr(route, key) for route in reversed(self.path))
        return next((value for value in own if value), DEFAULT_TIMINGS[key])

    def time_intervals(self, key: str) -> Sequence[str]:
        """The names in `mute_time_intervals` or `active_time_intervals`, which routes do not inherit."""
        names: Sequence[str] = self.route.settings.get(key, ())
        return names


def destinations(root: Route, labels: AlertLabels) -> list[Destination]:
    """The routes that receive alerts with these labels, in the order of the tree; the root takes what no other does."""
    return list(_visit((root,), labels, is_certain=True))


def matchers_of(route: Route) -> tuple[Matcher, ...]:
    """The matchers of a route; those that Alertmanager rejects are left out."""
    return matchers_in(route.matchers)


def matchers_in(texts: Sequence[str]) -> tuple[Matcher, ...]:
    """The matchers of several texts; those that Alertmanager rejects are left out."""
    return tuple(matcher for text in texts for matcher in _parsed(text))


def continues(route: Route) -> bool:
    """Whether the routes behind a route may receive its alerts, too."""
    return bool(route.settings.get("continue"))


def _parsed(text: str) -> Sequence[Matcher]:
    try:
        return parse_matchers(text)
    except MatcherError:  # reported where the file is read
        return ()


def _visit(path: tuple[Route, ...], labels: AlertLabels, *, is_certain: bool) -> Iterator[Destination]:
    """The destinations at a route that matches, and below it."""
    takes_rest, is_open = True, is_certain
    for child in path[-1].routes:
        matchers = matchers_of(child)
        result = labels.matches(matchers)
        if result is False:
            continue
        narrowed = labels if result else labels.that_match(matchers)
        yield from _visit((*path, child), narrowed, is_certain=is_open and result is True)
        if result:
            takes_rest = False
            if not continues(child):
                break
        else:
            is_certain = False  # for this route itself
            is_open = is_open and continues(child)
    if takes_rest:
        yield Destination(path, is_certain)
