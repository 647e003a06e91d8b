"""The states of an alert: inactive, pending, firing, as Prometheus' `AlertingRule.Eval` passes through them.

https://github.com/prometheus/prometheus/blob/v3.5.0/rules/alerting.go
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from obscode.backtest.schedule import Instant

#: A label set in a form that can be compared.
Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Episode:
    """An alert from its activation to its end, in milliseconds since 1970.

    Attributes:
        labels: the labels of the alert, with `alertname`.
        active: the first evaluation at which it is pending or firing.
        fired: the first evaluation at which it fires, or None if it was only pending.
        end: the first evaluation at which it is neither, or None if it lasts until the end of the range.
    """

    labels: Key
    active: Instant
    fired: Instant | None
    end: Instant | None


@dataclass
class _Active:
    since: Instant
    fired: Instant | None = None
    keeps_since: Instant | None = None


class AlertState:
    """The alerts of one rule; ``for_`` and ``keep_firing_for`` in milliseconds, ``limit`` 0 for none."""

    def __init__(self, for_: int, keep_firing_for: int, limit: int = 0) -> None:
        self.for_, self.keep_firing_for, self.limit = for_, keep_firing_for, limit
        self.active: dict[Key, _Active] = {}
        self.episodes: list[Episode] = []

    def evaluate(self, time: Instant, present: Collection[Key]) -> bool:
        """One evaluation with the label sets of the result; False if there are more alerts than the limit."""
        for key in present:
            self.active.setdefault(key, _Active(time))
        for key, alert in list(self.active.items()):
            if key in present:
                alert.keeps_since = None
            elif not self._keeps_firing(alert, time):
                self._finish(key, time)
                continue
            if alert.fired is None and time - alert.since >= self.for_:
                alert.fired = time
        if self.limit and len(self.active) > self.limit:
            self._finish_all(time)
            return False
        return True

    def _keeps_firing(self, alert: _Active, time: Instant) -> bool:
        if alert.fired is None or not self.keep_firing_for:
            return False
        if alert.keeps_since is None:
            alert.keeps_since = time
        return time - alert.keeps_since < self.keep_firing_for

    def _finish(self, key: Key, time: Instant | None) -> None:
        alert = self.active.pop(key)
        self.episodes.append(Episode(key, alert.since, alert.fired, time))

    def _finish_all(self, time: Instant | None) -> None:
        for key in list(self.active):
            self._finish(key, time)

    def finished(self) -> list[Episode]:
        """All episodes, also those that have not ended, in the order of their activation."""
        self._finish_all(None)
        return sorted(self.episodes, key=lambda episode: (episode.active, episode.labels))


def episodes(
    times: Iterable[Instant],
    present: Mapping[Instant, Collection[Key]],
    state: AlertState,
    failed: Collection[Instant] = (),
) -> Sequence[Episode]:
    """The episodes of an alert; ``present`` has the label sets at the times with a result.

    At the times in ``failed`` the evaluation fails, and the alerts stay as they are.
    """
    for time in times:
        if time in failed:
            continue
        now = present.get(time, ())
        if now or state.active:
            state.evaluate(time, now)
    return state.finished()
