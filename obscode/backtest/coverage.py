"""Which data a backtest needs and the server does not have: retention, series that are younger, gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from obscode.backtest.results import evaluated
from obscode.backtest.schedule import Instant, Schedule, gaps
from obscode.backtest.times import length_text, time_text
from obscode.clients.errors import ServerError
from obscode.clients.prometheus import PrometheusClient
from obscode.promql.selector import Selector

_MOST_POINTS = 10_000


def missing_data(
    client: PrometheusClient, needed: Mapping[Selector, Instant], end: Instant, lookback: int
) -> Sequence[str]:
    """A sentence for each selector without samples in a part of the time for which they are needed."""
    by_series: dict[str, Instant] = {}
    for selector, start in needed.items():
        name = str(Selector(selector.metric, selector.matchers))
        by_series[name] = min(start, by_series.get(name, start))
    return [
        text for name, start in sorted(by_series.items()) for text in _of_series(client, name, start, end, lookback)
    ]


def _of_series(client: PrometheusClient, name: str, start: Instant, end: Instant, lookback: int) -> Iterator[str]:
    step = max(lookback, (end - start) // _MOST_POINTS // 1000 * 1000)
    times = Schedule(step, start % step).times(start, end)
    try:
        result = evaluated(client, f"group({name})", times)
    except ServerError as error:
        yield f"{name} cannot be read: {error.findings[0].message}"
        return
    present = [time for _, samples in result.series for time, _ in samples]
    if not present:
        yield f"{name} has no samples from {time_text(start)} on"
        return
    if present[0] - start > step:
        yield f"{name} is needed from {time_text(start)} and has samples from about {time_text(present[0])} on"
    missing = [(after - before, before) for before, after in gaps(present, step)]
    if end - present[-1] > step:
        missing.append((end - present[-1], present[-1]))
    if missing:
        longest, at = max(missing)
        total = length_text(sum(length for length, _ in missing))
        several = f" in {len(missing)} gaps, the longest of {length_text(longest)}" if len(missing) > 1 else ""
        yield f"{name} has no samples for {total}{several} from {time_text(at)} on"
