"""Results of an expression at the times of evaluations, and what a recording rule writes of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from obscode.backtest.alert_state import Key
from obscode.backtest.engine import Written
from obscode.backtest.schedule import Instant
from obscode.clients.errors import ServerError
from obscode.clients.prometheus import MAX_POINTS, PrometheusClient

_MAX_DIVISIONS = 400
_AT_A_TIME = 3  # requests
# Errors of an evaluation, and not of the request.
_AT_SOME_TIMES = ("execution", "timeout")
_DUPLICATE = "several series of the result have the same labels"

Samples = Sequence[tuple[Instant, float]]


@dataclass
class Result:
    """Series with their samples, and the times at which the evaluation failed, with the reasons."""

    series: list[tuple[Mapping[str, str], Samples]]
    failed: dict[Instant, str] = field(default_factory=dict)


def evaluated(client: PrometheusClient, expr: str, times: range) -> Result:
    """Evaluate an expression at some times. A failure at one time is no failure at others.

    Raises ServerError for errors of the request.
    """
    parts = [times[first : first + MAX_POINTS] for first in range(0, len(times), MAX_POINTS)]
    if len(parts) < 2:
        return _evaluated(client, expr, times)
    joined: dict[Key, list[tuple[Instant, float]]] = {}
    failed: dict[Instant, str] = {}
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for result in pool.map(lambda part: _evaluated(client, expr, part), parts):
            failed |= result.failed
            for labels, samples in result.series:
                joined.setdefault(tuple(sorted(labels.items())), []).extend(samples)
    return Result([(dict(labels), samples) for labels, samples in joined.items()], failed)


def _evaluated(client: PrometheusClient, expr: str, times: range) -> Result:
    failed: dict[Instant, str] = {}
    joined: dict[Key, list[tuple[Instant, float]]] = {}
    divisions = 0
    waiting = [times] if times else []
    while waiting:
        part = waiting.pop()
        try:
            series = client.query_range(expr, part[0] / 1000, part[-1] / 1000, times.step / 1000)
        except ServerError as error:
            if error.kind not in _AT_SOME_TIMES:
                raise
            divisions += 1
            if len(part) == 1 or divisions > _MAX_DIVISIONS:
                failed |= dict.fromkeys(part, str(error.findings[0].message))
            else:
                half = len(part) // 2
                waiting += [part[half:], part[:half]]
            continue
        for each in series:
            samples = joined.setdefault(tuple(sorted(each.labels.items())), [])
            samples += [(round(time * 1000), value) for time, value in each.samples]
    return Result([(dict(labels), samples) for labels, samples in joined.items()], failed)


def recorded(result: Result, name: str, labels: Mapping[str, str]) -> Result:
    """What a recording rule writes: where two series of a result get the same labels, the evaluation fails."""
    written: dict[Key, list[tuple[Instant, float]]] = {}
    failed = dict(result.failed)
    for own, samples in result.series:
        merged = {**own, "__name__": name, **labels}
        key = tuple(sorted((label, value) for label, value in merged.items() if value))
        if key in written:
            known = {time for time, _ in written[key]}
            failed |= {time: _DUPLICATE for time, _ in samples if time in known}
            written[key] = sorted([*written[key], *samples])
        else:
            written[key] = list(samples)
    return Result([(dict(key), _without(samples, failed)) for key, samples in written.items()], failed)


def limited(result: Result, limit: int) -> Result:
    """What is written of a result with a group's limit of series; 0 for none."""
    if not limit or len(result.series) <= limit:
        return result
    counts: dict[Instant, int] = {}
    for _, samples in result.series:
        for time, _ in samples:
            counts[time] = counts.get(time, 0) + 1
    over = {time: f"the result has more series than the limit of {limit}" for time, n in counts.items() if n > limit}
    failed = {**result.failed, **over}
    return Result([(labels, _without(samples, failed)) for labels, samples in result.series], failed)


def _without(samples: Samples, failed: Collection[Instant]) -> Samples:
    return [sample for sample in samples if sample[0] not in failed] if failed else samples


def with_ends(result: Result, times: range) -> Iterator[Written]:
    """Series with a staleness marker at the first evaluation that succeeds without them, as rules write them."""
    for labels, samples in result.series:
        present = [time for time, _ in samples]
        ends = [
            end
            for before, after in zip(present, [*present[1:], times.stop], strict=True)
            if after - before > times.step and (end := _succeeds(before, after, times, result.failed)) is not None
        ]
        yield Written(labels, samples, ends)


def _succeeds(before: Instant, after: Instant, times: range, failed: Collection[Instant]) -> Instant | None:
    between = range(before + times.step, min(after, times[-1] + 1), times.step)
    return next((time for time in between if time not in failed), None)
