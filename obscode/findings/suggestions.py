"""Suggestions for names that are close to a known one."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint with the one or two closest known names, or an empty string."""
    from difflib import get_close_matches  # imported when something is wrong: 5 ms

    near = get_close_matches(word, sorted(set(known)), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(repr(n) for n in near)}?" if near else ""


def closest_typo(word: str, known: Iterable[str]) -> str:
    """The known name that `word` is a likely typo of, as in `reqests_total`, or an empty string."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, sorted(set(known)), n=1, cutoff=0.9)), "")
