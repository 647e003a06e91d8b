r"""Regular expressions as Go reads them, and so Prometheus, where Rust's engine, which promql-parser asks, differs."""

from __future__ import annotations

import re

# Rust's engine accepts these; Go's does not, and refuses the whole rule file.
_COUNT = r"\{\d+(?:,\d*)?\}"
_NOT_GO = (
    (re.compile(rf"(?:[*+?]|{_COUNT})(?:[*+]|{_COUNT})"), "a repeated quantifier"),
    (re.compile(r"\{(?:\d+,)?(?:\d{5,}|[2-9]\d{3}|1\d\d[1-9]|1\d[1-9]\d|1[1-9]\d\d)(?:,\d*)?\}"), "a count above 1000"),
    (re.compile(r"\(\?[a-zA-Z-]*[xuR]"), "a flag that Go does not know"),
    (re.compile(r"\\[uC]"), "an escape that Go does not know"),
)
_QUOTED = re.compile(r"(\\[^Q])|\\Q(.*?)(?:\\E|$)", re.DOTALL)
_ESCAPED = re.compile(r"\\[^uC]")
_CLASS = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)
# Within a class, Rust nests classes at `[`, and reads && and ~~ as operators.
_OF_RUST = re.compile(r"(\[:\^?\w+:\]|\\.)|(\[|&(?=&)|~(?=~))", re.DOTALL)


def refused(regex: str) -> str | None:
    """Why Go refuses what Rust takes."""
    regex = _unquoted(regex)
    if any("--" in characters for characters in _CLASS.findall(regex)):
        return "Prometheus refuses a set operation in a character class"
    # What is in a class, or escaped, is no syntax.
    bare = _ESCAPED.sub("x", _CLASS.sub("x", regex))
    return next((f"Prometheus refuses {what}" for pattern, what in _NOT_GO if pattern.search(bare)), None)


def for_rust(regex: str) -> str:
    r"""The same for both engines: without \Q...\E, and with classes that do not nest."""

    def plain(match: re.Match[str]) -> str:
        opening = 2 if match[0].startswith("[^") else 1
        inside = _OF_RUST.sub(lambda found: found[1] or "\\" + found[2], match[0][opening:])
        return match[0][:opening] + inside

    return _CLASS.sub(plain, _unquoted(regex))


def _unquoted(regex: str) -> str:
    return _QUOTED.sub(lambda match: match[1] or re.sub(r"(\W)", r"\\\1", match[2]), regex)
