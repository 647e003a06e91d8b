"""The matchers of routes and inhibition: labels with values, and matchers as Alertmanager writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name
from obscode.promql import go_regex
from obscode.promql.label_matchers import MatcherError, matcher_text, parse_matchers


def matcher_texts(labels: Mapping[str, str], matchers: Sequence[str]) -> list[str]:
    """Labels with values, and further matchers, as Alertmanager reads them."""
    return [*(matcher_text(label, "=", value) for label, value in labels.items()), *matchers]


def label_match_problems(definition: Definition, at: str) -> Iterator[Finding]:
    """Findings for the names of labels in an argument."""
    for i, label in enumerate(getattr(definition, at)):
        if wrong := validate_label_name(label):
            yield definition.finding(codes.LABEL_NAME, *wrong, at=at, item=i)


def matcher_problems(definition: Definition, at: str) -> Iterator[Finding]:
    """Findings for the matchers in an argument: those that do not parse, and invalid regular expressions."""
    for i, text in enumerate(getattr(definition, at)):
        if wrong := _invalid(text):
            yield definition.finding(codes.INVALID_MATCHER, *wrong, at=at, item=i)


def _invalid(text: str) -> tuple[str, str] | None:
    try:
        matchers = parse_matchers(text)
    except MatcherError:
        matchers = ()
    if not matchers:
        return f"{text!r} is not a matcher", 'write a label, one of = != =~ !~, and a value, such as severity="page"'
    for matcher in matchers:
        if matcher.op in ("=~", "!~") and (error := go_regex.syntax_error(matcher.value)):
            return f"invalid regular expression {matcher.value!r}: {error}", "write it in the syntax of RE2"
    return None
