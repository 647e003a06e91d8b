"""Templates of alerts, rewritten so that promtool can expand them: which ones can fail, and with which variants.

promtool has no external URL, and none of the series that a template queries. A variant replaces what depends on them,
and knows which character of the template each of its characters stands for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from obscode.promql.alert_template import Action, Token, actions, parsed_action
from obscode.promql.tokens import unquote

#: `no-series`: queries read what exists, which is nothing; `one-series`: each query also returns a sample.
Variant = Literal["no-series", "one-series"]

# Functions of one argument that never fail for the value of an alert.
_OF_NUMBERS = ("humanize", "humanize1024", "humanizeDuration", "humanizePercentage", "humanizeTimestamp")
_OF_TEXTS = ("toUpper", "toLower", "title", "stripPort", "stripDomain", "html", "js", "urlquery")
_VALUES = ("$value", ".Value")
_WHOLE = ("$labels", ".Labels", "$externalURL", ".ExternalURL")
_LABEL = re.compile(r"(?:\$labels|\$externalLabels|\.Labels|\.ExternalLabels)\.\w+")
# Without a server, these fail; their texts are those of a server.
_SERVER = {"externalURL": '("http://localhost:9090")', "pathPrefix": '("/")'}


@dataclass
class Rewritten:
    """A text, and for each of its parts the position of the part that it stands for."""

    parts: list[str] = field(default_factory=list)
    starts: list[tuple[int, int, bool]] = field(default_factory=list)
    length: int = 0

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.parts)

    def add(self, text: str, position: int, *, same: bool = True) -> None:
        """Add a text that stands for the one at ``position``; ``same`` where it is that text."""
        self.starts.append((self.length, position, same))
        self.parts.append(text)
        self.length += len(text)

    def original(self, position: int) -> int:
        """The position in the template of a position in the text."""
        start, original, same = max((each for each in self.starts if each[0] <= position), default=(0, 0, True))
        return original + (position - start if same else 0)


def can_fail(text: str) -> bool:
    """Whether a text has templates that may fail: others than `{{ $labels.job }}` and `{{ $value | humanize }}`."""
    return "{{" in text and not all(_is_safe(action) for action in actions(text))


def has_query(text: str) -> bool:
    """Whether a template calls `query`."""
    return "query" in text and any(
        token.kind == "word" and token.text == "query" for action in actions(text) for token in _tokens(action)
    )


def rewrite(text: str, variant: Variant) -> Rewritten:
    """The text with values for what promtool does not have."""
    result, position = Rewritten(), 0
    for action in actions(text):
        result.add(text[position : action.start], position)
        _add_action(result, action, variant)
        position = action.start + len(action.text)
    result.add(text[position:], position)
    return result


def strings(text: str) -> Iterator[str]:
    """The values of the string constants in templates."""
    for action in actions(text):
        yield from (unquote(token.text) for token in _tokens(action) if token.kind == "string")


def queries(text: str) -> Iterator[str]:
    """The constants in templates that may be PromQL: of `query "up"`, `printf "up" | query` and `$q := "up"`."""
    for action in actions(text):
        tokens = [token for token in _tokens(action) if token.kind != "space"]
        padded = [Token("end", ""), *tokens, Token("end", ""), Token("end", "")]
        for before, token, *following in zip(padded, tokens, padded[2:], padded[3:], strict=False):
            is_piped = [each.text for each in following] == ["|", "query"]
            if token.kind == "string" and (is_piped or before.text in ("query", "printf", ":=", "=")):
                yield unquote(token.text)


def action_at(text: str, position: int) -> Action | None:
    """The template that stands at a position."""
    return next((a for a in actions(text) if a.start <= position < a.start + len(a.text)), None)


def is_constant(action: Action) -> bool:
    """Whether a template reads no data: no variables, no fields, and no series."""
    return not any(
        token.kind in ("variable", "field", "dot") or token.text in ("query", *_SERVER) for token in _tokens(action)
    )


def _tokens(action: Action) -> Sequence[Token]:
    parsed = parsed_action(action.text)
    return parsed[1] if parsed else ()


def _is_safe(action: Action) -> bool:
    parsed = parsed_action(action.text)
    if parsed is None or parsed[0]:
        return False
    commands: list[list[str]] = [[]]
    for token in parsed[1]:
        if token.text == "|":
            commands.append([])
        elif token.kind == "field" and commands[-1] and commands[-1][-1] != " ":
            commands[-1][-1] += token.text
        elif token.kind != "space":
            commands[-1].append(token.text)
        elif commands[-1]:
            commands[-1].append(" ")
    return _is_safe_pipeline([[word for word in command if word != " "] for command in commands])


def _is_safe_pipeline(commands: Sequence[Sequence[str]]) -> bool:
    """Whether it formats values with functions that take them; each command is a list of words."""
    first, *functions = commands
    if first[0] == "printf":  # formats anything; what it returns is a text
        return _is_format(first[1:2]) and all(_is_data(word) for word in first[2:]) and not functions
    operand = first[-1]
    names = [first[:-1], *functions] if len(first) > 1 else functions
    if operand in _VALUES:
        allowed: Sequence[str] = _OF_NUMBERS
    elif _LABEL.fullmatch(operand):
        allowed = _OF_TEXTS
    else:
        return operand in _WHOLE and not names
    if names and names[-1][0] == "printf":
        return _is_format(names[-1][1:]) and all(len(name) == 1 and name[0] in allowed for name in names[:-1])
    return all(len(name) == 1 and name[0] in allowed for name in names) and (allowed is _OF_TEXTS or len(names) < 2)


def _is_format(operands: Sequence[str]) -> bool:
    return len(operands) == 1 and operands[0][0] in '"`'


def _is_data(word: str) -> bool:
    return word in _VALUES or word in _WHOLE or _LABEL.fullmatch(word) is not None


def _add_action(result: Rewritten, action: Action, variant: Variant) -> None:
    tokens, position = _tokens(action), action.start + action.text.index(_tokens(action)[0].text)
    result.add(action.text[: position - action.start], action.start)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "word" and token.text in _SERVER:
            result.add(_SERVER[token.text], position, same=False)
        elif token.kind == "word" and token.text == "query" and variant == "one-series":
            end = _end_of_operand(tokens, at + 1)
            argument = tokens[at + 1 : end]
            _add_guarded(result, token, argument, position)
            position += sum(len(each.text) for each in argument)
            at = end - 1
        else:
            result.add(token.text, position)
        position += len(token.text)
        at += 1
    result.add(action.text[position - action.start :], position)


def _add_guarded(result: Rewritten, query: Token, argument: Sequence[Token], position: int) -> None:
    """`query "up"` as `query (printf "(%s) or on () vector(1)" "up")`, and `"up" | query` likewise."""
    guard = 'printf "(%s\\n) or on () vector(1)"'
    if not argument:
        result.add(f"{guard} | query", position, same=False)
        return
    result.add(f"query ({guard}", position, same=False)
    position += len(query.text)
    for token in argument:
        result.add(token.text, position)
        position += len(token.text)
    result.add(")", position, same=False)


def _end_of_operand(tokens: Sequence[Token], start: int) -> int:
    """Behind the operand after the space at ``start``; ``start`` itself where none follows."""
    if start + 1 >= len(tokens) or tokens[start].kind != "space" or tokens[start + 1].text in ("|", ")"):
        return start
    depth = 0
    for i in range(start + 1, len(tokens)):
        if depth == 0 and (tokens[i].kind == "space" or tokens[i].text in ("|", ")")):
            return i
        depth += {"(": 1, ")": -1}.get(tokens[i].text, 0)
    return len(tokens)
