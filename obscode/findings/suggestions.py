"""Suggestions for names that are close to a known one."""

from __future__ import annotations

from collections.abc import Iterable

# Of two names, the second is left out if the first is clearly closer.
_AS_CLOSE = 0.15


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint with the closest known name, or two that are about as close, or an empty string."""
    from difflib import SequenceMatcher, get_close_matches  # imported when something is wrong: 5 ms

    near = get_close_matches(word, sorted(set(known)), n=2, cutoff=0.6)
    scores = [SequenceMatcher(None, name, word).ratio() for name in near]
    near = [name for name, score in zip(near, scores, strict=True) if score > scores[0] - _AS_CLOSE]
    return f"did you mean {' or '.join(repr(n) for n in near)}?" if near else ""


def closest_typo(word: str, known: Iterable[str]) -> str:
    """The known name that `word` is a likely typo of, as in `reqests_total`, or an empty string."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, sorted(set(known)), n=1, cutoff=0.9)), "")
