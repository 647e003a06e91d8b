"""Go templates in the labels and annotations of alerts: which `{{` begin one, and which are only braces.

Prometheus expands these texts, and refuses the whole rule file for a `{{` that begins no template. Here a
text is split into what is a template and what is not; the latter is escaped, so that it is shown as written.
https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What Prometheus 2.42 knows, and text/template itself; newer names would break the rules of older ones.
FUNCTIONS = frozenset(
    """
    query first label value strvalue sortByLabel args safeHtml match title toUpper toLower reReplaceAll
    humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp toTime parseDuration
    graphLink tableLink pathPrefix externalURL stripPort stripDomain
    and or not eq ne lt le gt ge call html index slice js len print printf println urlquery
    """.split()  # noqa: SIM905  a line for each would drown the grammar
)
VARIABLES = frozenset({"$", "$labels", "$externalLabels", "$externalURL", "$value"})
_CONSTANTS = ("true", "false", "nil")

_COMMENT = re.compile(r"\{\{(?:-\s)?/\*.*?\*/(?:\s-)?\}\}", re.DOTALL)
_BEGIN = re.compile(r"\{\{(?:-(?=\s))?\s*")
_END = re.compile(r"\s*(?:\s-)?\}\}")
_TOKEN = re.compile(
    r"""(?P<s>\s+) | (?P<c>"(?:\\.|[^"\\\n])*" | `[^`]*` | '(?:\\[^\n]+?|[^'\\\n])' | [-+]?\.?\d[\w.]*)
    | (?P<a>:?=) | (?P<p>\|) | (?P<k>,) | (?P<b>[()]) | (?P<v>\$(?:[^\W\d]\w*)?) | (?P<f>\.[^\W\d]\w*) | (?P<d>\.)
    | (?P<e>[^\W\d]\w*)""",
    re.VERBOSE,
)

# The grammar, over one letter a token: v a variable, e a function, f a field, c a constant, s space.
_OPERAND = "(?:[ev]f*|f+|c)"
_COMMAND = rf"{_OPERAND}(?:s{_OPERAND})*"
_LATER = rf"(?:[ev]f*|f+)(?:s{_OPERAND})*"
_PIPELINE = rf"{_COMMAND}(?:s?ps?{_LATER})*"
_ONE = r"(?:vs?as?)?"
_TWO = r"(?:v(?:s?ks?v)?s?as?)?"
_PARENTHESES = re.compile(rf"\(s?{_PIPELINE}s?\)")
_ACTIONS = {
    "": rf"{_ONE}{_PIPELINE}",
    "if": rf"s{_ONE}{_PIPELINE}",
    "else": rf"(?:sis{_ONE}{_PIPELINE})?",
    "with": rf"s{_ONE}{_PIPELINE}",
    "range": rf"s{_TWO}{_PIPELINE}",
    "define": "sc",
    "block": rf"scs{_PIPELINE}",
    "template": rf"sc(?:s{_PIPELINE})?",
    "end": "",
    "break": "",
    "continue": "",
}
_OPENS = ("if", "with", "range", "define", "block")
# What each must stand in: directly, or anywhere above.
_NEEDS = {"end": _OPENS, "else": ("if", "with", "range"), "break": ("range",), "continue": ("range",)}
_DEPTH = {"end": -1, "else": -1, "break": 0, "continue": 0}


@dataclass(frozen=True)
class _Piece:
    text: str
    keyword: str | None = None  # of an action; None for plain text
    wrong: bool = False


def escape_invalid_templates(text: str) -> str:
    """The text as Prometheus must get it to show as braces those that begin no template."""
    pieces = _pieces(text)
    return "".join(piece.text.replace("{{", '{{"{{"}}') if piece.wrong else piece.text for piece in pieces)


def invalid_templates(text: str) -> list[str]:
    """The parts of a text that look like templates and are none."""
    return [piece.text for piece in _pieces(text) if piece.wrong]


def _pieces(text: str) -> list[_Piece]:
    pieces = list(_split(text))
    if not _is_balanced(pieces):
        return [_Piece(piece.text, piece.keyword, piece.wrong or piece.keyword is not None) for piece in pieces]
    return pieces


def _split(text: str) -> Iterator[_Piece]:
    known = set(VARIABLES)
    at = 0
    while (start := text.find("{{", at)) >= 0:
        yield _Piece(text[at:start])
        if comment := _COMMENT.match(text, start):
            yield _Piece(comment[0])
            at = comment.end()
            continue
        keyword, at = _action(text, start, known)
        if at:
            yield _Piece(text[start:at], keyword)
        else:
            # Up to where it was meant to end, or for its braces alone.
            end = text.find("}}", start)
            inside = end >= 0 and "{{" not in text[start + 2 : end]
            at = end + 2 if inside else start + 2
            yield _Piece(text[start:at], wrong=True)
    yield _Piece(text[at:])


def _action(text: str, start: int, known: set[str]) -> tuple[str, int]:
    """The keyword of the action that begins here and where it ends; 0 when it is none."""
    begin = _BEGIN.match(text, start)
    at = begin.end() if begin else start
    tokens: list[re.Match[str]] = []
    while not (end := _END.match(text, at)):
        token = _TOKEN.match(text, at)
        if token is None:
            return "", 0
        tokens.append(token)
        at = token.end()
    keyword = tokens[0][0] if tokens and tokens[0][0] in _ACTIONS else ""
    shape = "".join(_letter(token, keyword) for token in (tokens[1:] if keyword else tokens))
    while (shorter := _PARENTHESES.sub("e", shape)) != shape:
        shape = shorter
    if not re.fullmatch(_ACTIONS[keyword], shape) or not _declared(tokens, known):
        return "", 0
    return keyword, end.end()


def _letter(token: re.Match[str], keyword: str) -> str:
    kind = token.lastgroup or "?"
    if kind == "b":
        return token[0]
    if kind == "d" or token[0] in _CONSTANTS:
        return "c"
    if kind == "e" and token[0] not in FUNCTIONS:
        return "i" if keyword == "else" and token[0] == "if" else "?"
    return kind


def _declared(tokens: list[re.Match[str]], known: set[str]) -> bool:
    variables = [token for token in tokens if token.lastgroup == "v"]
    if any(token[0] == ":=" for token in tokens):
        at = next(token.start() for token in tokens if token[0] == ":=")
        known |= {token[0] for token in variables if token.start() < at}
    return all(token[0] in known for token in variables)


def _is_balanced(pieces: list[_Piece]) -> bool:
    inside: list[str] = []
    for keyword in (piece.keyword for piece in pieces if piece.keyword):
        if keyword in _OPENS:
            inside.append(keyword)
        elif keyword in _NEEDS and not any(opened in _NEEDS[keyword] for opened in inside[_DEPTH[keyword] :]):
            return False
        elif keyword == "end":
            inside.pop()
    return not inside
