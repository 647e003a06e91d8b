"""The matchers of routes and inhibition rules, each with its place in the definition or in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from obscode.artifacts.alertmanager import InhibitRule
from obscode.artifacts.alertmanager import Route as CompiledRoute
from obscode.findings.code import Code, Severity
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.inhibition import Inhibit
from obscode.model.routing import Route
from obscode.promql.selector import Matcher
from obscode.reader.yaml_nodes import YamlNode
from obscode.routing.tree import matchers_in


class PlacedMatcher(NamedTuple):
    """A matcher, and where it is written: an item of a part of a source."""

    matcher: Matcher
    source: Source
    at: str
    item: int

    def finding(self, code: Code, message: str, hint: str = "", severity: Severity | None = None) -> Finding:
        """A finding at the matcher."""
        return self.source.finding(code, message, hint, at=self.at, item=self.item, severity=severity)


def route_matchers(route: CompiledRoute) -> Iterator[PlacedMatcher]:
    """The matchers of a route."""
    return _placed(route.source, "", route.matchers)


def inhibition_matchers(rule: InhibitRule) -> Iterator[PlacedMatcher]:
    """The matchers of both sides of an inhibition rule."""
    yield from _placed(rule.source, "source_", rule.source_matchers)
    yield from _placed(rule.source, "target_", rule.target_matchers)


def _placed(source: Source, prefix: str, texts: Sequence[str]) -> Iterator[PlacedMatcher]:
    places = [*_places(source, prefix)]
    for i, text in enumerate(texts):
        at, item = places[i] if i < len(places) else (f"{prefix}matchers", i)
        for matcher in matchers_in([text]):
            yield PlacedMatcher(matcher, source, at, item)


def _places(source: Source, prefix: str) -> Iterator[tuple[str, int]]:
    """The part and the item of each matcher, in the order in which they are compiled or read."""
    if isinstance(source, YamlNode):
        yield from _places_in_file(source, prefix)
    elif isinstance(source, Route | Inhibit):
        at = prefix.strip("_") or "match"
        yield from ((at, i) for i in range(len(getattr(source, at))))
        yield from ((f"{prefix}matchers", i) for i in range(len(getattr(source, f"{prefix}matchers"))))


def _places_in_file(node: YamlNode, prefix: str) -> Iterator[tuple[str, int]]:
    """The key and the item of each matcher in a file, in the order in which they are read."""
    for key in (f"{prefix}match", f"{prefix}match_re"):
        value = node.get(key)
        yield from ((key, i) for i in range(len(value.entries) if value else 0))
    value = node.get(f"{prefix}matchers")
    for i, item in enumerate(value.items if value else ()):
        yield from [(f"{prefix}matchers", i)] * len(matchers_in([item.raw]))
