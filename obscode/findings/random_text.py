"""Texts that look random, as passwords and tokens do, unlike names and words: pure text, without any context."""

from __future__ import annotations

import re

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_RUN = re.compile(r"[A-Za-z0-9]+")
# The words of `AlertmanagerV2Webhook` and `team-shop`: what is left of a random text without them is still long.
_PRONOUNCED = re.compile(r"[A-Z]?[a-z]{3,}|(?<![A-Za-z])[A-Z]{2,}(?![A-Za-z])")
_CHANGE = re.compile(r"[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])")
_DIGIT, _LETTER = re.compile("[0-9]"), re.compile("[A-Za-z]")
_LEFT, _CHANGES = 6, 2
# Names, also with a number: `team-shop-2`, `oauth2`; and `OPS-123`, `v1.2`, `2024-01-31`, paths.
_NAME = re.compile(r"(?:[A-Za-z]+[0-9]{0,4}(?:[-_.:][A-Za-z]*[0-9]{0,4})*|[\W\d]+)")


def is_random(text: str, shortest: int = 12) -> bool:
    """Whether a text without spaces is a UUID, or has a part of letters and digits that is made of no words."""
    if len(text) < shortest or " " in text:
        return False
    return _UUID.fullmatch(text) is not None or any(map(_is_random_run, _RUN.findall(text)))


def is_mixed(text: str, shortest: int = 6) -> bool:
    """Whether a text is random, or has letters and digits as no name has."""
    if is_random(text):
        return True
    return len(text) >= shortest and bool(_DIGIT.search(text)) and bool(_LETTER.search(text)) and not is_name(text)


def is_name(text: str) -> bool:
    """Whether a text is a word or words with few digits after them, or only digits."""
    return _NAME.fullmatch(text) is not None


def _is_random_run(run: str) -> bool:
    left = _PRONOUNCED.sub("", run)
    return len(left) >= _LEFT and len(_CHANGE.findall(run)) >= _CHANGES
