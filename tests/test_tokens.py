"""Every text is tokenized without loss; strings, variables and ranges are single tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obscode.promql.tokens import blank_literals, code_tokens, quote, tokenize, unquote

TOKENS = {
    "rate(up[5m:1m])": ["rate", "(", "up", "[", "5m", ":", "1m", "]", ")"],
    "a:b:c >= bool 1e-5": ["a:b:c", ">=", "bool", "1e-5"],
    "0x1F+.5-1_000": ["0x1F", "+", ".5", "-", "1_000"],
    "up{a=~'x', b!~`y`}": ["up", "{", "a", "=~", "'x'", ",", "b", "!~", "`y`", "}"],
    "up # a comment\n+1": ["up", "+", "1"],
    "rate(up[$__rate_interval])": ["rate", "(", "up", "[", "$__rate_interval", "]", ")"],
    "${metric}_total[[[window]]] * 0.$q": ["${metric}_total", "[", "[[window]]", "]", "*", "0.$q"],
    "'open up": ["'open up"],
    '"\\"open\\': ['"\\"open\\'],
    "`open": ["`open"],
}

STRINGS = {
    '"a"': "a",
    "'a\"'": 'a"',
    r'"\\d\"\n\x41\u00e9\U0001F600\101"': '\\d"\nA\u00e9\U0001f600A',
    r"`\d`": r"\d",
    r'"\d"': "d",
}


@pytest.mark.parametrize(("text", "tokens"), TOKENS.items())
def test_a_text_has_tokens(text: str, tokens: list[str]) -> None:
    assert [token.text for token in code_tokens(text)] == tokens


@pytest.mark.parametrize("quotes", ['"\\', "'\\", "`a"])
def test_an_open_string_is_one_token_which_ends_with_the_text(quotes: str) -> None:
    """Each further quote would search the rest of the text again."""
    text = quotes.replace("`a", "a`", 1) + quotes[1:] * 50_000
    assert len(code_tokens(text)) <= 2


@given(st.text("()[]{}\"'`$#\\ae1m:,=~!+-*/ \n\xe9"))
def test_the_tokens_are_the_whole_text(text: str) -> None:
    assert "".join(token.text for token in tokenize(text)) == text
    assert all(text[token.start : token.end] == token.text for token in tokenize(text))


@pytest.mark.parametrize(("string", "value"), STRINGS.items())
def test_escapes_in_strings_are_resolved(string: str, value: str) -> None:
    assert unquote(string) == value


@given(st.text())
def test_a_quoted_value_is_unquoted_to_itself(value: str) -> None:
    assert unquote(quote(value)) == value


def test_blank_literals_keep_positions() -> None:
    assert blank_literals('a{b="c"} # d') == "a{b=   }    "
