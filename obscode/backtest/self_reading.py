"""Recording rules that read their own earlier values, such as an SLO's ticket that stays while a page is recent.

Evaluated at all times at once, such a rule needs its own results before it has them. So a first evaluation supposes
that there are none, a second one supposes the results of the first. A result counts where the values that it reads are
those that were supposed; the others are evaluated one after the other, each with the final values before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from obscode.backtest.alert_state import Key
from obscode.backtest.engine import Engine, Written
from obscode.backtest.results import Result, evaluated, recorded, with_ends
from obscode.backtest.schedule import Instant
from obscode.clients.errors import ServerError
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.positions import locate
from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import Subquery, VectorSelector

_PASSES = 2
#: The values of a rule at one time, by their labels.
Values = Mapping[Key, float]


@dataclass
class SelfReading:
    """A rule that reads itself, and the Prometheus that evaluates it.

    Attributes:
        name: the series that it records.
        labels: the labels that it sets.
        expr: its expression, over series of the engine.
        is_own: whether a selector reads the rule itself.
        reach: how far back it reads itself, in milliseconds; None if that cannot be bounded.
    """

    name: str
    labels: Mapping[str, str]
    expr: str
    is_own: Callable[[Selector], bool]
    reach: int | None
    engine: Engine
    failed: dict[Instant, str] = field(default_factory=dict)

    def results(self, times: range, prefix: str) -> Result:
        """The results at all times, which are written to the engine; names with the prefix are free for series."""
        supposed: dict[Instant, Values] | None = None
        got: dict[Instant, Values] | None = None
        for number in range(_PASSES + 1):
            name = f"{prefix}{number}"
            if (text := supposing(self.expr, self.is_own, name)) is None or self.reach is None:
                supposed = got = None
                break
            result = self._recorded(evaluated(self.engine.client, text, times))
            if result.failed:
                supposed = got = None
                break
            supposed, got = got or {}, _by_time(result)
            if supposed == got:
                self.engine.write(with_ends(result, times))
                return result
            if number < _PASSES:
                renamed = Result([({**labels, "__name__": f"{prefix}{number + 1}"}, s) for labels, s in result.series])
                self.engine.write(with_ends(renamed, times))
        return self._one_by_one(times, supposed, got)

    def _one_by_one(
        self, times: range, supposed: dict[Instant, Values] | None, got: dict[Instant, Values] | None
    ) -> Result:
        final: dict[Instant, Values] = {}
        differs: Instant | None = None  # the last time at which the final values are not those that were supposed
        writer = _Writer(self.engine, times.step)
        for time in times:
            if got is not None and (differs is None or differs < time - (self.reach or 0)):
                values = got.get(time, {})
            else:
                writer.flush()
                values = self._at(time)
            if values:
                final[time] = values
            if supposed is not None and values != supposed.get(time, {}):
                differs = time
            if time not in self.failed:
                writer.add(time, values)
        writer.flush()
        return _of_times(final, self.failed)

    def _at(self, time: Instant) -> Values:
        try:
            series = self.engine.client.query(self.expr, time / 1000)
        except ServerError as error:
            self.failed[time] = str(error.findings[0].message)
            return {}
        result = self._recorded(Result([(each.labels, [(time, each.samples[0][1])]) for each in series]))
        self.failed |= result.failed
        return _by_time(result).get(time, {})

    def _recorded(self, result: Result) -> Result:
        return recorded(result, self.name, self.labels)


class _Writer:
    """Writes values with the staleness markers between them."""

    def __init__(self, engine: Engine, step: int) -> None:
        self.engine, self.step = engine, step
        self._before: Values = {}
        self._samples: dict[Key, list[tuple[Instant, float]]] = {}
        self._ended: dict[Key, list[Instant]] = {}

    def add(self, time: Instant, values: Values) -> None:
        """Add the values of one evaluation."""
        for key in self._before.keys() - values.keys():
            self._ended.setdefault(key, []).append(time)
        for key, value in values.items():
            self._samples.setdefault(key, []).append((time, value))
        self._before = values

    def flush(self) -> None:
        """Write what was added."""
        keys = [*self._samples, *(key for key in self._ended if key not in self._samples)]
        if keys:
            self.engine.write(Written(dict(k), self._samples.get(k, []), self._ended.get(k, [])) for k in keys)
            self._samples, self._ended = {}, {}


def supposing(expr: str, is_own: Callable[[Selector], bool], name: str) -> str | None:
    """The expression with another series in place of the rule's own, before the time of the evaluation.

    None where that changes what it reads: a window that ends at the time of the evaluation would begin earlier, too.
    """
    try:
        tree = parse_tree(expr)
    except PromQLError:
        return None
    positions = locate(expr, tree)
    changes: list[tuple[int, int, str]] = []
    inside = {id(below) for node in tree.descendants() if isinstance(node, Subquery) for below in node.descendants()}
    for node in tree.descendants():
        if not isinstance(node, VectorSelector) or not is_own(node.selector):
            continue
        position = positions.of(node)
        if position is None or node.at is not None or id(node) in inside or node.offset < 0:
            return None
        start, end = position.keyword
        if expr[start:end] != node.selector.metric or (node.selector.window and not node.offset):
            return None
        changes.append((start, end, name))
        if not node.offset:
            changes.append((position.span[1], position.span[1], " offset 1ms"))
    for start, end, text in sorted(changes, reverse=True):
        expr = f"{expr[:start]}{text}{expr[end:]}"
    return expr


def _by_time(result: Result) -> dict[Instant, Values]:
    by_time: dict[Instant, dict[Key, float]] = {}
    for labels, samples in result.series:
        key = tuple(sorted(labels.items()))
        for time, value in samples:
            by_time.setdefault(time, {})[key] = value
    return dict(by_time)


def _of_times(values: Mapping[Instant, Values], failed: dict[Instant, str]) -> Result:
    series: dict[Key, list[tuple[Instant, float]]] = {}
    for time, each in values.items():
        for key, value in each.items():
            series.setdefault(key, []).append((time, value))
    return Result([(dict(key), samples) for key, samples in series.items()], failed)
