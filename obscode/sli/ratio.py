"""The ratio of bad (or good) events to all events, both counters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.errors import Finding
from obscode.promql import Matcher, Selector, read_selector
from obscode.sli.base import SLI, Events, grouped


@dataclass(frozen=True)
class Ratio(SLI):
    """Events that are bad, out of all: give ``errors`` or ``good``, and ``total``, each a selector.

    The selector of the part holds the matchers of the total and more, so that the part is one of the whole.
    """

    _: KW_ONLY
    errors: str = ""
    good: str = ""
    total: str

    def events(self, window: str, where: Sequence[Matcher] = ()) -> Events:
        def increase(text: str) -> str:
            selector = read_selector(text).narrowed(*where)
            return f"{grouped('sum', self.by)} (increase({selector}[{window}]))"

        total = increase(self.total)
        if self.errors:
            return Events(increase(self.errors), total)
        # Events that were not good: a group that has no good event at all is bad throughout.
        return Events(f"{total} - ({increase(self.good)} or 0 * {total})", total)

    def reads(self) -> Sequence[str]:
        return [read_selector(text).metric for text in (self.errors or self.good, self.total)]

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if bool(self.errors) == bool(self.good):
            hint = "a ratio needs the total and one of its parts"
            yield self.finding("ratio", "give either errors= or good=", hint, at="good" if self.good else "")
            return
        part = "errors" if self.errors else "good"
        wrong = [*self._selector_problems(part), *self._selector_problems("total")]
        yield from wrong or self._part_problems(part)

    def _part_problems(self, part: str) -> Iterator[Finding]:
        piece, whole = read_selector(getattr(self, part)), read_selector(self.total)
        if piece.metric == whole.metric and (missing := _missing(piece, whole)):
            text = ", ".join(str(m) for m in missing)
            yield self.finding(
                "ratio-part",
                f"{part} lacks the total's {text}, so it counts events that the total does not",
                f"write {str(piece.narrowed(*missing))!r}",
                at=part,
            )
        elif piece == whole:
            yield self.finding("ratio-part", f"{part} and total select the same events", "narrow it", at=part)


def _missing(piece: Selector, whole: Selector) -> list[Matcher]:
    return [m for m in whole.matchers if m not in piece.matchers]
