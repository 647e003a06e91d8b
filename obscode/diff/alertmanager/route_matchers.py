"""Routing trees that differ in the matchers of few routes only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from obscode.artifacts.alertmanager import Route
from obscode.diff.sentences import listed
from obscode.routing.tree import matchers_of

_MOST = 2


def other_matchers(
    before: Route, after: Route, renamed: Mapping[str, str]
) -> Sequence[tuple[Route, str, str, str]] | None:
    """The routes with other matchers, each with its receiver and its matchers before and after.

    None for trees that differ in anything else, or in many routes.
    """
    routes: list[tuple[Route, str, str, str]] = []
    if not _collect(before, after, renamed, after.receiver, routes) or not 0 < len(routes) <= _MOST:
        return None
    return routes


def is_same(before: Route, after: Route, renamed: Mapping[str, str]) -> bool:
    """Whether two trees are equal."""
    routes: list[tuple[Route, str, str, str]] = []
    return _collect(before, after, renamed, "", routes) and not routes


def _collect(
    old: Route, new: Route, renamed: Mapping[str, str], receiver: str, routes: list[tuple[Route, str, str, str]]
) -> bool:
    """Collect the routes with other matchers; false if something else differs."""
    if _settings(old, renamed) != _settings(new, {}) or len(old.routes) != len(new.routes):
        return False
    receiver = new.receiver or receiver
    before, after = (_matchers(each) for each in (old, new))
    if before != after:
        if not before or not after:
            return False
        routes.append((new, receiver, before, after))
    return all(_collect(a, b, renamed, receiver, routes) for a, b in zip(old.routes, new.routes, strict=True))


def _settings(route: Route, renamed: Mapping[str, str]) -> tuple[object, ...]:
    timings = route.group_wait, route.group_interval, route.repeat_interval
    receiver = renamed.get(route.receiver, route.receiver)
    return receiver, sorted(route.group_by), timings, dict(route.settings)


def _matchers(route: Route) -> str:
    return listed(sorted(dict.fromkeys(map(str, matchers_of(route)))))
