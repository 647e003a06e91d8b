"""When alerts fired on the server, by the series ALERTS that it has recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from obscode.backtest.alert_state import Episode, Key
from obscode.backtest.evaluation import Period
from obscode.backtest.results import evaluated
from obscode.backtest.schedule import Instant, Schedule
from obscode.clients.prometheus import PrometheusClient
from obscode.promql.selector import Matcher, Selector


def recorded_episodes(
    client: PrometheusClient, alert: str, labels: Mapping[str, str], interval: int, period: Period
) -> Sequence[Episode] | None:
    """The episodes of an alert with its static labels; None if the server has no ALERTS of it in the period.

    The times are those of the samples: the server may evaluate the group at another phase than the rules say.
    """
    matchers = [Matcher("alertname", "=", alert)]
    matchers += [Matcher(name, "=", value) for name, value in labels.items() if "{{" not in value]
    selector = str(Selector("ALERTS", tuple(matchers)))
    coarse = Schedule(interval).times(period.start, period.end)
    written = evaluated(client, f"timestamp({selector})", coarse)
    if not written.series:
        return None
    first = min(round(value * 1000) for _, samples in written.series for _, value in samples)
    times = Schedule(interval, first % interval).times(period.start, period.end)
    states: dict[Key, dict[Instant, str]] = {}
    for series, samples in evaluated(client, selector, times).series:
        own = {name: value for name, value in series.items() if name not in ("__name__", "alertstate")}
        at = states.setdefault(tuple(sorted(own.items())), {})
        for time, _ in samples:
            at[time] = series.get("alertstate", "firing")
    return [episode for key, at in states.items() for episode in _episodes(key, at, times)]


def _episodes(key: Key, states: Mapping[Instant, str], times: range) -> Sequence[Episode]:
    finished: list[Episode] = []
    active: Instant | None = None
    fired: Instant | None = None
    for time in times:
        state = states.get(time)
        if state is None or (state == "pending" and fired is not None):
            if active is not None:
                finished.append(Episode(key, active, fired, time))
            active, fired = None, None
        if state is not None:
            active = time if active is None else active
            fired = time if fired is None and state == "firing" else fired
    if active is not None:
        finished.append(Episode(key, active, fired, None))
    return finished
