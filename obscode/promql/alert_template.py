"""Go templates in the labels and annotations of alerts: which `{{ ... }}` are templates, and which are only braces.

Prometheus expands these texts, and rejects the whole rule file for a `{{` that begins no template. The parser splits a
text into actions, comments and plain text. Whatever is not a valid action is escaped, so that it is shown as written.
https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from obscode.promql.tokens import label_text

# The functions of Prometheus 2.42 and of text/template; newer ones would break the rules of older versions.
FUNCTIONS = frozenset(
    """
    query first label value strvalue sortByLabel args safeHtml match title toUpper toLower reReplaceAll
    humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp toTime parseDuration
    graphLink tableLink pathPrefix externalURL stripPort stripDomain
    and or not eq ne lt le gt ge call html index slice js len print printf println urlquery
    """.split()  # noqa: SIM905  one name a line would fill the screen
)
#: Functions of newer versions.
NEWER_FUNCTIONS = {"toDuration": "3.6", "now": "3.6", "urlQueryEscape": "3.8"}
VARIABLES = frozenset({"$", "$labels", "$externalLabels", "$externalURL", "$value"})
_CONSTANTS = ("true", "false", "nil")
_MAX_NESTING = 100
# A build reads the texts of all alerts twice: to check them, and to write them.
_CACHED = 2**18

_COMMENT = re.compile(r"\{\{(?:-\s)?/\*")
_COMMENT_END = re.compile(r"\*/(?:\s-)?\}\}")
# Strings and character constants may contain braces.
_ACTION = re.compile(r"""\{\{(?:[^"`'{}]|"(?:\\.|[^"\\\n])*+"|`[^`]*+`|'(?:\\[^\n]+?|[^'\\\n])')*+\}\}""")
_BEGIN = re.compile(r"\{\{(?:-(?=\s))?\s*")
_END = re.compile(r"\s*(?:\s-)?\}\}")
_TOKEN = re.compile(
    r"""(?P<space>\s+) | (?P<string>"(?:\\.|[^"\\\n])*" | `[^`]*`)
    | (?P<constant>'(?:\\[^\n]+?|[^'\\\n])'
        | [-+]?(?:0[xX][0-9a-fA-F]+ | 0[bB][01]+ | (?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)i?(?![\w.]))
    | (?P<assignment>:?=) | (?P<punctuation>[|,()]) | (?P<variable>\$(?:[^\W\d]\w*)?(?![\w=]))
    | (?P<field>\.[^\W\d]\w*) | (?P<dot>\.) | (?P<word>[^\W\d]\w*)""",
    re.VERBOSE,
)

_Kind = Literal["space", "string", "constant", "assignment", "punctuation", "variable", "field", "dot", "word", "end"]


class Action(NamedTuple):
    """A template in a text, and where it begins."""

    text: str
    start: int


class InvalidTemplate(NamedTuple):
    """Braces in a text that are no template, and where they begin."""

    text: str
    start: int


@dataclass(frozen=True)
class _Piece:
    """Plain text, a comment, or an action, which has a keyword: empty for `{{ $value }}`."""

    text: str
    start: int
    keyword: str | None = None
    invalid: bool = False


def label_value(label: str) -> str:
    """The value of a label in an action: `$labels.model`; `(index $labels "http.route")` for a name that needs it."""
    return f"$labels.{label}" if label_text(label) == label else f"(index $labels {label_text(label)})"


def escape_invalid_templates(text: str) -> str:
    """The text in which braces that are no template are escaped, so that Prometheus shows them as they are."""
    parts, position = [], 0
    for braces, start in invalid_templates(text):
        parts += [text[position:start], braces.replace("{{", '{{"{{"}}')]
        position = start + len(braces)
    return "".join([*parts, text[position:]]) if parts else text


def invalid_templates(text: str) -> list[InvalidTemplate]:
    """The parts of a text that look like templates and are none."""
    return list(_invalid_templates(text)) if "{{" in text else []


def newer_functions(text: str) -> list[str]:
    """The functions of newer versions in a text that would be valid with them; empty for other texts."""
    names = [name for name in NEWER_FUNCTIONS if name in text]
    if not names or not invalid_templates(text):
        return []
    known = re.sub(rf"\b(?:{'|'.join(names)})\b", "humanize", text)
    return [] if invalid_templates(known) else names


@lru_cache(maxsize=_CACHED)
def _invalid_templates(text: str) -> Sequence[InvalidTemplate]:
    return tuple(InvalidTemplate(piece.text, piece.start) for piece in _pieces(text) if piece.invalid)


def actions(text: str) -> list[Action]:
    """The templates of a text, without comments."""
    return [
        Action(piece.text, piece.start) for piece in _pieces(text) if piece.keyword is not None and not piece.invalid
    ]


def parsed_actions(text: str) -> Iterator[tuple[str, Sequence[Token]]]:
    """The keyword and the tokens of each template of a text; the keyword is empty for `{{ $value }}`."""
    for action in actions(text):
        if parsed := parsed_action(action.text):
            yield parsed


def _pieces(text: str) -> list[_Piece]:
    pieces = list(_split(text))
    if _is_balanced([piece.keyword for piece in pieces if piece.keyword]):
        return pieces
    return [replace(piece, invalid=piece.invalid or piece.keyword is not None) for piece in pieces]


def _split(text: str) -> Iterator[_Piece]:
    scopes = _Scopes()
    closing, comment_closing = _Search(text, "}}"), _Search(text, "*/")
    position = 0
    while (start := text.find("{{", position)) >= 0:
        yield _Piece(text[position:start], position)
        if end := _end_of_comment(text, start, comment_closing):
            position = end
            yield _Piece(text[start:end], start)
        elif action := _action(text, start, scopes):
            keyword, position = action
            yield _Piece(text[start:position], start, keyword)
        else:
            position = _end_of_braces(text, start, closing)
            yield _Piece(text[start:position], start, invalid=True)
    yield _Piece(text[position:], position)


class _Search:
    """Finds a text again and again, from positions that grow, in one pass."""

    def __init__(self, text: str, part: str) -> None:
        self.text, self.part = text, part
        self.at = text.find(part)

    def after(self, position: int) -> int:
        """Where the text occurs next, or -1."""
        if 0 <= self.at < position:
            self.at = self.text.find(self.part, position)
        return self.at


def _end_of_comment(text: str, start: int, closing: _Search) -> int:
    """Behind the comment at ``start``; 0 if there is none."""
    begin = _COMMENT.match(text, start)
    at = closing.after(begin.end()) if begin else -1
    end = _COMMENT_END.match(text, at) if at >= 0 else None
    return end.end() if end else 0


def _end_of_braces(text: str, start: int, closing: _Search) -> int:
    """Behind the braces that close those at ``start``; behind the opening ones where none or others follow."""
    end, following = closing.after(start), text.find("{{", start + 2)
    return end + 2 if end >= 0 and not 0 <= following <= end - 2 else start + 2


# --- actions -----------------------------------------------------------------------------------------------------

_OPENING = ("if", "with", "range", "define", "block")
_KEYWORDS = (*_OPENING, "else", "template", "end", "break", "continue")


class Token(NamedTuple):
    """A word of an action; spaces are tokens, too."""

    kind: _Kind
    text: str


class _SyntaxError(Exception):
    """The tokens are no action."""


def _action(text: str, start: int, scopes: _Scopes) -> tuple[str, int] | None:
    """The keyword of the action at ``start``, and where it ends."""
    action = _ACTION.match(text, start)
    parsed = parsed_action(action[0]) if action else None
    return (parsed[0], action.end()) if action and parsed and scopes.enter(*parsed) else None


@lru_cache(maxsize=4096)
def parsed_action(text: str) -> tuple[str, Sequence[Token]] | None:
    """The keyword and the tokens of an action such as `{{ $value }}`; None if it is invalid."""
    begin = _BEGIN.match(text)
    position = begin.end() if begin else 0
    tokens = []
    while not _END.match(text, position):
        token = _TOKEN.match(text, position)
        if token is None:
            return None
        kind: _Kind = token.lastgroup  # type: ignore[assignment]  # the groups are named as the kinds
        tokens.append(Token(kind, token[0]))
        position = token.end()
    try:
        return _Parser(tokens).action(), tokens
    except _SyntaxError:
        return None


class _Scopes:
    """The variables that are known at a position of the text: those of the enclosing actions."""

    def __init__(self) -> None:
        self.stack = [set(VARIABLES)]

    def enter(self, keyword: str, tokens: Sequence[Token]) -> bool:
        """Declare the variables before `:=`; false, and no change, where the action uses unknown variables."""
        texts = [token.text for token in tokens]
        head = tokens[: texts.index(":=")] if ":=" in texts else ()
        known = self.stack[-1] | {token.text for token in head if token.kind == "variable"}
        if any(token.kind == "variable" and token.text not in known for token in tokens):
            return False
        if keyword in ("define", "block"):
            self.stack.append({"$"})
        elif keyword in _OPENING:
            self.stack.append(known)
        elif keyword == "end":
            self.stack = self.stack[:-1] or [set(VARIABLES)]
        else:
            self.stack[-1] = known
        return True


class _Parser:
    """A recursive descent parser of one action; spaces are tokens, since they separate operands.

    action   = [keyword] [declaration] pipeline
    pipeline = command { "|" command }, where later commands do not begin with a constant
    command  = operand { space operand }
    operand  = constant | (variable | function | "(" pipeline ")") {field} | field {field}
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = [*tokens, Token("end", "")]
        self.position = 0
        self.depth = 0

    def action(self) -> str:
        """Parse all tokens; returns the keyword, which is empty for a pipeline alone."""
        keyword = self._next().text if self._peek().text in _KEYWORDS else ""
        match keyword:
            case "":
                self._declared_pipeline(variables=1)
            case "if" | "with" | "range":
                self._expect("space")
                self._declared_pipeline(variables=2 if keyword == "range" else 1)
            case "else" if self._accept("space"):
                keyword = "else if"
                self._else_if()
            case "define" | "block" | "template":
                self._named(keyword)
        self._expect("end")
        return keyword

    def _else_if(self) -> None:
        self._expect("word", "if")
        self._expect("space")
        self._declared_pipeline(variables=1)

    def _named(self, keyword: str) -> None:
        self._expect("space")
        self._expect("string")
        if keyword == "block":
            self._expect("space")
            self._pipeline()
        elif keyword == "template" and self._accept("space"):
            self._pipeline()

    def _declared_pipeline(self, *, variables: int) -> None:
        """A pipeline, after `$x :=`, or `$i, $x :=` where two variables are allowed."""
        start = self.position
        if self._accept("variable"):
            self._accept("space")
            if variables == 2 and self._accept("punctuation", ","):
                self._accept("space")
                self._expect("variable")
                self._accept("space")
            if self._accept("assignment"):
                self._accept("space")
            else:
                self.position = start
        self._pipeline()

    def _pipeline(self) -> None:
        self._command(first=True)
        while self._accept_behind_space("|"):
            self._accept("space")
            self._command(first=False)

    def _command(self, *, first: bool) -> None:
        self._operand(constants=first)
        while self._peek().kind == "space" and self._peek(1).text not in ("|", ")"):
            self._next()
            self._operand(constants=True)

    def _operand(self, *, constants: bool) -> None:
        token = self._next()
        if token.text == "(":
            self._parenthesised()
        elif token.kind in ("string", "constant", "dot") or token.text in _CONSTANTS:
            if not constants:
                raise _SyntaxError
            return
        elif token.kind not in ("variable", "field") and token.text not in FUNCTIONS:
            raise _SyntaxError
        while self._accept("field"):
            pass

    def _parenthesised(self) -> None:
        self.depth += 1
        if self.depth > _MAX_NESTING:
            raise _SyntaxError
        self._accept("space")
        self._pipeline()
        if not self._accept_behind_space(")"):
            raise _SyntaxError
        self.depth -= 1

    def _peek(self, ahead: int = 0) -> Token:
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def _next(self) -> Token:
        token = self._peek()
        self.position += 1
        return token

    def _accept(self, kind: _Kind, text: str = "") -> bool:
        token = self._peek()
        if token.kind != kind or (text and token.text != text):
            return False
        self.position += 1
        return True

    def _accept_behind_space(self, text: str) -> bool:
        """Accept punctuation with or without a space before it."""
        start = self.position
        self._accept("space")
        if self._accept("punctuation", text):
            return True
        self.position = start
        return False

    def _expect(self, kind: _Kind, text: str = "") -> None:
        if not self._accept(kind, text):
            raise _SyntaxError


# --- nesting -----------------------------------------------------------------------------------------------------

# The actions that a keyword stands in, and how many of the innermost ones count: 0 for all.
_PLACES = {
    "end": {*_OPENING, "else"},
    "else": {"if", "with", "range"},
    "else if": {"if"},
    "break": {"range"},
    "continue": {"range"},
}
_DEPTHS = {"end": -1, "else": -1, "else if": -1, "break": 0, "continue": 0}


def _is_balanced(keywords: Sequence[str]) -> bool:
    """Whether every `end` has its beginning, and `else`, `break` and `continue` stand where Go accepts them."""
    open_actions: list[str] = []
    for keyword in keywords:
        if keyword in _OPENING:
            open_actions.append(keyword)
        elif keyword in _PLACES and not _PLACES[keyword].intersection(open_actions[_DEPTHS[keyword] :]):
            return False
        elif keyword == "end":
            open_actions.pop()
        elif keyword == "else":
            open_actions[-1] = keyword
    return not open_actions
