"""The ratio of bad events to all events, counted by custom PromQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.sli import promql_argument
from obscode.model.sli.base import SLI, Events, LongerWindow, aggregated
from obscode.model.sli.promql_argument import listed, scoped
from obscode.promql import duration
from obscode.promql.parser import parse
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class FreeQuery(SLI):
    """PromQL that counts bad and total events in the SLO's base window: `sum(increase(x_total[5m]))`.

    obscode adds the matchers of the service to the selectors of the expressions.

    Attributes:
        bad: the bad events.
        total: all events.
        unscoped: whether the expressions are emitted as written, without the matchers of the service.
    """

    _: KW_ONLY
    bad: str
    total: str
    unscoped: bool = False

    def events(self, window: str, where: Sequence[Matcher] = (), longer: Sequence[LongerWindow] = ()) -> Events:
        matchers = () if self.unscoped else where
        return Events(self._counted("bad", matchers), self._counted("total", matchers))

    def _counted(self, at: str, where: Sequence[Matcher]) -> str:
        finite = f"-Inf < {scoped(getattr(self, at), where)} < Inf"
        return finite if promql_argument.labels(self, at) is not None else aggregated("sum", self.by, finite)

    def scoped_expressions(self) -> Mapping[str, str]:
        return {} if self.unscoped else {"bad": self.bad, "total": self.total}

    def reads(self) -> Sequence[str]:
        return promql_argument.reads(self.bad, self.total)

    def selectors(self) -> Mapping[str, Sequence[Selector]]:
        return {at: parse(getattr(self, at)).selectors for at in ("bad", "total")}

    def window_problems(self, window: str) -> Iterator[Finding]:
        for at in ("bad", "total"):
            windows = dict.fromkeys(s.window for s in parse(getattr(self, at)).selectors if s.window)
            for other in (duration.format_duration(int(w * 1000)) for w in windows if w != duration.seconds(window)):
                message = f"{at} has the window {other}, but the base window is {window}"
                yield self.finding(codes.FREE_QUERY_WINDOW, message, f"write [{window}]", at=at)

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        for at in ("bad", "total"):
            wrong = list(promql_argument.problems(self, at))
            yield from wrong or self._label_problems(at)

    def _label_problems(self, at: str) -> Iterator[Finding]:
        has = promql_argument.labels(self, at)
        if has is not None and has != set(self.by):
            message = f"{at} yields {listed(has)}, but by has {listed(self.by)}"
            hint = f"write {aggregated('sum', self.by, '...')!r}, or by={sorted(has)}"
            yield self.finding(codes.SLI_LABELS, message, hint, at=at)
