"""What matchers say about each other, whatever alerts there are: one implies another, or both exclude each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from obscode.promql.disjoint import are_disjoint
from obscode.promql.label_matchers import accepts
from obscode.promql.selector import Matcher

# Characters of a regular expression that are not literal text.
_SPECIAL = re.compile(r"[\\.+*?()\[\]{}^$|]")


def imply(premises: Sequence[Matcher], matchers: Sequence[Matcher]) -> bool:
    """True if every alert that matches `premises` matches all of `matchers`; False also where it is not decided."""
    return all(_implies(premises, matcher) for matcher in matchers)


def contradiction(matchers: Sequence[Matcher]) -> tuple[Matcher, Matcher] | None:
    """Two matchers of which no alert matches both, or None."""
    pairs = ((one, other) for i, other in enumerate(matchers) for one in matchers[:i])
    return next(((one, other) for one, other in pairs if are_disjoint(one, other)), None)


def alternatives(matcher: Matcher) -> list[str] | None:
    """The values that a matcher names: `a` and `b` of `=~"a|b"`, `a` of `!="a"`; None for other expressions."""
    if matcher.op in ("=", "!="):
        return [matcher.value]
    regex = matcher.value
    if group := re.fullmatch(r"\^?\((?:\?:)?([^()]*)\)\$?", regex):
        regex = group[1]
    parts = regex.split("|")
    return None if any(_SPECIAL.search(part) for part in parts) else parts


def _implies(premises: Sequence[Matcher], matcher: Matcher) -> bool:
    if matcher in premises or (matcher.op == "=~" and matcher.value == ".*"):
        return True
    of_label = [each for each in premises if each.label == matcher.label]
    if matcher.op in ("!=", "!~"):
        opposite = replace(matcher, op="=" if matcher.op == "!=" else "=~")
        return any(are_disjoint(each, opposite) for each in of_label)
    return any(_all_accepted(each, matcher) for each in of_label)


def _all_accepted(premises: Matcher, matcher: Matcher) -> bool:
    """Whether a matcher accepts all values that another one accepts, as far as that one lists them."""
    values = alternatives(premises) if premises.op in ("=", "=~") else None
    return values is not None and all(accepts(matcher, value) is True for value in values)
