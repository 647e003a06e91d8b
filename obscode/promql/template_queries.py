"""The PromQL in the templates of alerts: `{{ with query "sum(up)" }}...{{ end }}` and `{{ "up" | query }}`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from obscode.promql.alert_template import Token, actions, parsed_action
from obscode.promql.tokens import unquote


class TemplateQuery(NamedTuple):
    """A constant query in a text, and where it begins; no position if the text writes it with escapes."""

    text: str
    start: int | None


def template_queries(text: str) -> Iterator[TemplateQuery]:
    """The constant queries of a text; those of `printf` and of variables depend on the alert."""
    if "query" not in text:
        return
    for listed in _tokens_of_actions(text):
        for i, (position, token) in enumerate(listed):
            before = listed[i - 1][1].text if i else ""
            following = [each.text for _, each in listed[i + 1 : i + 3]]
            is_piped = following == ["|", "query"] and before in _BEFORE
            if token.kind == "string" and (before == "query" or is_piped):
                value = unquote(token.text)
                yield TemplateQuery(value, position + 1 if token.text[1:-1] == value else None)


# Behind other words, a text is the argument of a function.
_BEFORE = ("", "(", "with", "range", "if", ":=", "=")


def _tokens_of_actions(text: str) -> Iterator[Sequence[tuple[int, Token]]]:
    """The tokens of each action, without spaces, with their positions in the text."""
    for action in actions(text):
        if parsed := parsed_action(action.text):
            tokens = parsed[1]
            position = action.start + action.text.find("".join(token.text for token in tokens))
            placed = []
            for token in tokens:
                if token.kind != "space":
                    placed.append((position, token))
                position += len(token.text)
            yield placed
