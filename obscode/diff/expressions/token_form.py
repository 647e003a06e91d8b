"""Expressions without a syntax tree, such as MetricsQL: tokens, with matchers and labels in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.promql.tokens import code_tokens, quote, unquote

_LISTS = frozenset(("by", "without", "on", "ignoring", "group_left", "group_right"))


def token_form(expr: str) -> tuple[str, ...]:
    """Equal for expressions that differ in spaces, comments, quotes, and in the order of matchers and labels."""
    tokens = [quote(unquote(each.text)) if each.kind == "string" else each.text for each in code_tokens(expr)]
    result = list(_sorted_lists(tokens))
    while result[:1] == ["("] and _closing(result, 0) == len(result) - 1:
        result = result[1:-1]
    return tuple(result)


def _sorted_lists(tokens: Sequence[str]) -> Iterator[str]:
    place = 0
    while place < len(tokens):
        token = tokens[place]
        is_list = token == "{" or (token == "(" and place > 0 and tokens[place - 1].lower() in _LISTS)
        end = _closing(tokens, place) if is_list else place
        yield token
        if end > place:
            yield from _sorted_items(tokens[place + 1 : end])
            yield tokens[end]
        place = end + 1


def _sorted_items(tokens: Sequence[str]) -> Iterator[str]:
    items: list[list[str]] = [[]]
    for token in tokens:
        if token == ",":
            items.append([])
        else:
            items[-1].append(token)
    for number, item in enumerate(sorted(filter(None, items))):
        yield from [",", *item] if number else item


def _closing(tokens: Sequence[str], start: int) -> int:
    """The place of the bracket that closes one; the start itself if there is none."""
    depth = 0
    for place in range(start, len(tokens)):
        depth += (tokens[place] in "({[") - (tokens[place] in ")}]")
        if not depth:
            return place
    return start
