"""Texts of label matchers without braces, as people write them in arguments."""

from __future__ import annotations

from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_selector


def matchers_problem(text: str) -> tuple[str, str] | None:
    """What is wrong with a text such as `namespace="shop",pod!~"b.*"`, and what to write; None if it is right."""
    advice = 'write matchers without braces, such as namespace="shop"'
    try:
        selector = parse_selector(f"up{{{text}}}")
    except PromQLError as error:
        return f"{text!r} is not a list of matchers: {error}", advice
    return None if selector.matchers else (f"{text!r} has no matcher", advice)
