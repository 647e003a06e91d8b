"""Regular expressions are accepted where Prometheus accepts them, with google-re2 and without it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from obscode.promql import go_regex, regex_fallback
from obscode.promql.tokens import quote
from obscode.toolchain import Tool

VALID = [
    "",
    "a|b||",
    "a{1000}",
    "a{0}",
    "a{x}",
    "a{2}?",
    "a*?|b+?|c??",
    "(?:a{500}){2}",
    "(?:a{10}){100}",
    "[--a]",
    "[a-]",
    "[-a]",
    "[+--]",
    "[a&&b]",
    "[a~~b]",
    "[[a]",
    "[]a]",
    "[^]a]",
    r"[a\]b]",
    "[[:alpha:][:^digit:]]",
    r"[\d\-a]",
    r"\d\D\w\W\s\S\b\B\A\z",
    r"\pL\PN\p{Greek}",
    r"\x41\x{10FFFF}\n\t",
    r"\\C\\Qa",
    r"\Qa**(\E",
    r"\Q\C\E",
    "(?i-s)a",
    "(?P<name>a)",
    "(?s:.)",
    "^^a$$",
    "é{3}",
    "(" * 200 + "a" + ")" * 200,
]

INVALID = {
    "(": "missing ): (",
    "a)(b": "unexpected )",
    "[a": "missing ]: [a",
    "*a": "no argument for repetition operator: *",
    "a**": "bad repetition operator: **",
    "a*+": "bad repetition operator: *+",
    "a???": "bad repetition operator: ???",
    "a{2}{3}": "bad repetition operator: {2}{3}",
    "a{1001}": "invalid repetition size: {1001}",
    "a{2,1001}": "invalid repetition size: {2,1001}",
    "(?:a{500}){3}": "invalid repetition size: {3}",
    "(?:(?:a{10}){10}){11}": "invalid repetition size: {11}",
    "a{3,2}": "invalid repetition size: {3,2}",
    "[b-a]": "invalid character class range: b-a",
    "[a--b]": "invalid character class range: a--",
    r"\1": r"invalid escape sequence: \1",
    r"\u0041": r"invalid escape sequence: \u",
    r"\C": r"invalid escape sequence: \C",
    r"\pX": r"invalid character class range: \pX",
    "a\\": "trailing \\",
    "(?=a)": "invalid perl operator: (?=",
    "(?<!a)": "invalid perl operator: (?<!",
    "(?x)a": "invalid perl operator: (?x",
    "(?<name>a)": "(?<name>...) needs Prometheus 3; write (?P<name>...)",
    r"\Qa": r"\Q without \E needs Prometheus 3",
    "(" * 201 + "a" + ")" * 201: "201 nested groups, at most 200",
}

# Prometheus' verdict on a label value: regular expression, value.
MATCHES = [
    ("5..", "503"),
    ("a|b", "b"),
    ("", ""),
    (".*", "a\nb"),
    ("(?i)A", "a"),
    ("[[:alpha:]]+", "ab"),
    (r"\Q.\E", "."),
]
MISMATCHES = [("5..", "5030"), ("a", "A"), (".+", ""), (r"\d", "\N{ARABIC-INDIC DIGIT FIVE}"), ("[[:alpha:]]", "1")]


@pytest.mark.parametrize("regex", VALID)
def test_valid_expressions_are_accepted(regex: str) -> None:
    assert go_regex.syntax_error(regex) is None


@pytest.mark.parametrize(("regex", "message"), INVALID.items())
def test_invalid_expressions_are_rejected(regex: str, message: str) -> None:
    assert go_regex.syntax_error(regex) == message


def test_promtool_agrees(promtool: Tool, tmp_path: Path) -> None:
    """Except with the three that only Prometheus 3 accepts, or that exceed obscode's limit alone."""
    expressions = [*VALID, *INVALID]
    own = {regex for regex, message in INVALID.items() if "Prometheus 3" in message or "at most" in message}
    rules = [{"record": f"r{i}", "expr": f"up{{a=~{quote(regex)},b='c'}}"} for i, regex in enumerate(expressions)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "g", "rules": rules}]}))
    command = [str(promtool.path), "check", "rules", "rules.yml"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    rejected = {int(number) for number in re.findall(r'rule \d+, "r(\d+)"', result.stdout + result.stderr)}
    assert {regex for i, regex in enumerate(expressions) if i in rejected} - own == set(INVALID) - own


@pytest.mark.parametrize(("regex", "value"), MATCHES)
def test_the_whole_value_matches(regex: str, value: str) -> None:
    assert go_regex.full_match(regex, value) is True
    assert regex_fallback.full_match(regex, value) is True


@pytest.mark.parametrize(("regex", "value"), MISMATCHES)
def test_a_part_of_the_value_is_no_match(regex: str, value: str) -> None:
    assert go_regex.full_match(regex, value) is False
    assert regex_fallback.full_match(regex, value) is False


# --- without google-re2 ------------------------------------------------------------------------------------------


@pytest.fixture
def without_re2(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(go_regex, "re2", None)
    go_regex.syntax_error.cache_clear()
    yield
    go_regex.syntax_error.cache_clear()


@pytest.mark.usefixtures("without_re2")
@pytest.mark.parametrize("regex", VALID)
def test_the_fallback_accepts_valid_expressions(regex: str) -> None:
    assert go_regex.syntax_error(regex) is None


@pytest.mark.usefixtures("without_re2")
@pytest.mark.parametrize("regex", INVALID)
def test_the_fallback_rejects_invalid_expressions(regex: str) -> None:
    assert go_regex.syntax_error(regex) is not None


def test_a_class_without_end_is_read_once_by_the_fallback() -> None:
    """Each further bracket would search the rest of the text again."""
    text = "[" * 10_000
    assert regex_fallback._CLASS.findall(text) == [""]
    assert regex_fallback.without_literals(f"[a]b{text}") == f"xb{text}"
    assert regex_fallback.syntax_error("a[b") == "invalid syntax"


@pytest.mark.usefixtures("without_re2")
def test_the_fallback_matches_values() -> None:
    assert go_regex.full_match("5..", "503") is True
    assert go_regex.full_match(r"\pL", "a") is None  # Python has no such class


def test_re2_is_optional() -> None:
    script = """
import sys
sys.modules["re2"] = None
from obscode.promql.parser import parse
parse('up{a=~"[--a]"}')
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)
