"""A matcher with `=` or `!=` has a value, not a regular expression.

Why: Alertmanager compares `severity="page|ticket"` and `match: {team: "shop-.*"}` with the whole value of the label. No
alert has it, so the route or the inhibition rule matches none.

Bad:
    route:
      receiver: team
      routes:
      - matchers: ['severity="page|ticket"']
        receiver: pager
    receivers: [{name: team}, {name: pager}]

Good:
    route:
      receiver: team
      routes:
      - matchers: ['severity=~"page|ticket"']
        receiver: pager
    receivers: [{name: team}, {name: pager}]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.checks.matcher_places import PlacedMatcher, inhibition_matchers, route_matchers
from obscode.checks.unmatched_values import KnownValues
from obscode.findings.finding import Finding
from obscode.model.routing import Route
from obscode.promql import go_regex
from obscode.promql.selector import Matcher

# Alternatives, a repeated dot, a range of characters, an escaped dot, an operator of a matcher, `^...$`, a trailing `*`
# that is not part of a path.
_REGEX = re.compile(r"\w\|\w|\.[*+]|\[\^?\w-\w|\\\.|\\d[+*{]|^[~!]|^=~?|^\^.*\$$|^[^/]*\w-?\*$", re.DOTALL)
_OPERATOR = re.compile(r"^[=!]?~\s*")


@check(Artifacts, severity="warning")
def regex_in_equality(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Equality matchers with a regular expression."""
    configs = artifacts.alertmanager_configs
    places = [place for config in configs for route in config.route.walk() for place in route_matchers(route)]
    places += [place for config in configs for rule in config.inhibit_rules for place in inhibition_matchers(rule)]
    suspicious = [place for place in places if is_regex(place.matcher)]
    known = KnownValues.of(context.alerts) if suspicious else None
    for place in suspicious:
        if is_regex(place.matcher, known):
            yield _finding(place)


def is_regex(matcher: Matcher, known: KnownValues | None = None) -> bool:
    """Whether an equality matcher has a regular expression, which is not the value of an alert."""
    if matcher.op not in ("=", "!=") or not _REGEX.search(matcher.value):
        return False
    return known is None or not known.has_value(matcher.label, matcher.value)


def _finding(place: PlacedMatcher) -> Finding:
    matcher = place.matcher
    if matcher.value.startswith("=") and not matcher.value.startswith("=~"):
        message = f"the value {matcher.value!r} begins with '=': the operator is written twice"
        hint = f"write {replace(matcher, value=matcher.value.lstrip('= '))}"
        return place.finding(regex_in_equality, message, hint)
    message = f"{matcher.value!r} is a regular expression, but {matcher.label} is compared with the whole text"
    regex = _OPERATOR.sub("", matcher.value)
    if isinstance(place.source, Route):
        hint = "write the whole value, and a Route for each value: they are compared exactly"
    elif regex and go_regex.syntax_error(regex) is None:
        hint = f"write {replace(matcher, op='=~' if matcher.op == '=' else '!~', value=regex)}"
    else:
        hint = "write the whole value"
    return place.finding(regex_in_equality, message, hint)
