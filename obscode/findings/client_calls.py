"""Secrets in a line of Python that calls a class of `obscode.http` with a password in place of a file.

The line may be of a file that is no valid Python, so only the characters are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# `auth=("user", "password")`; in `Secret("name", "key")` are names.
_CALL = re.compile(r"\b(?P<kind>BasicAuth|OAuth2|Bearer)\s*\(|\bauth\s*=\s*(?P<pair>[(\[]?)(?=\s*[bfru]{0,2}[\"'(])")
_TOKEN = re.compile(
    r"(?P<name>\w+\s*=\s*(?!=))?(?P<prefix>[bfruBFRU]{0,2})(?P<quote>[\"'])(?P<text>(?:\\.|(?!(?P=quote)).)*)"
    r"(?:(?P=quote)|$)|(?P<nested>\w*\s*[(\[{])|(?P<close>[)\]}])"
)
_PATH = re.compile(r"[/.~$%{][^\n]*|\w[\w.-]*(?:/[\w.-]+)+|[\w-]+\.\w+")


def client_secrets(line: str) -> Iterator[tuple[int, int]]:
    """The texts by position, without the user and without paths, as first and last column."""
    for call in _CALL.finditer(line):
        texts = [*_positional(line, call.end())] if call["kind"] or call["pair"] else [*_first(line, call.end())]
        has_user = call["kind"] in ("BasicAuth", "OAuth2") or (call["pair"] and len(texts) > 1)
        for start, end in texts[1:] if has_user else texts:
            if not _PATH.fullmatch(line[start:end]):
                yield start, end


def _first(line: str, start: int) -> Iterator[tuple[int, int]]:
    token = _TOKEN.search(line, start)
    if token and token["quote"]:
        yield token.span("text")


def _positional(line: str, start: int) -> Iterator[tuple[int, int]]:
    """The texts of a call that begins at a column, without those in nested calls of other names."""
    depth = 0
    for token in _TOKEN.finditer(line, start):
        if token["close"]:
            depth -= 1
            if depth < 0:
                return
        elif token["nested"]:
            depth += 1
        elif depth == 0 and not token["name"]:
            yield token.span("text")
