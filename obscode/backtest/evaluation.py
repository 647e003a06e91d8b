"""The alerts of one version on the series of a server: its rules are evaluated one after the other, readers last.

Each expression is evaluated by a Prometheus at the times at which the rule's group would evaluate it: by the server if
it reads stored series, else by a Prometheus on loopback, which holds what the rules before it have recorded. Nothing is
written to the server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass, field

from obscode.artifacts.rules import AlertingRule
from obscode.backtest.alert_labels import alert_labels, is_simple, uses_value
from obscode.backtest.alert_state import AlertState, Episode, Key, episodes
from obscode.backtest.engine import Engine, Written, engine, tool_like
from obscode.backtest.expression_parts import PREFIX, UnsupportedError, divided, selectors
from obscode.backtest.results import Result, evaluated, limited, recorded, with_ends
from obscode.backtest.rule_set import Place, RuleSet
from obscode.backtest.schedule import Instant, Phases, Schedule
from obscode.backtest.self_reading import SelfReading
from obscode.backtest.server import Server
from obscode.clients.errors import ServerError
from obscode.clients.prometheus import PrometheusClient
from obscode.promql import duration
from obscode.promql.selector import Selector

_OWN_READER = 86_400_000  # milliseconds of results before those that count, for a rule that reads its own


@dataclass(frozen=True)
class Period:
    """The time of a backtest, in milliseconds since 1970."""

    start: Instant
    end: Instant


@dataclass
class Evaluated:
    """The alerts of one version.

    Attributes:
        episodes: for each alert, by `Place.key`.
        notes: what differs from Prometheus, and what failed, in sentences.
        stored: the selectors of stored series with the time from which they are read.
    """

    episodes: dict[int, Sequence[Episode]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    stored: dict[Selector, Instant] = field(default_factory=dict)


@dataclass
class Sources:
    """What both versions of a backtest share: the server, and the results of rules that both need.

    ``shared`` are the digests of these rules; ``is_stored`` says of which rules the server has the results.
    """

    client: PrometheusClient
    server: Server
    is_stored: Callable[[Place], bool] = lambda place: False
    shared: Set[int] = frozenset()
    results: dict[tuple[int, range], Result] = field(default_factory=dict)


class Evaluation:
    """Evaluates the rules of one version; a context that stops its Prometheus."""

    def __init__(self, rules: RuleSet, sources: Sources, period: Period) -> None:
        self.rules, self.sources, self.period = rules, sources, period
        self.phases = Phases(sources.server.groups)
        self.result = Evaluated()
        self._computed: set[int] = set()
        self._own_readers: set[int] = set()
        self._parts = 0
        self._stack = ExitStack()
        self._engine: Engine | None = None

    def __enter__(self) -> Evaluation:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, alerts: Sequence[Place], progress: Callable[[Place], None] = lambda place: None) -> Evaluated:
        """Evaluate alerts, with the rules that they read. Raises ServerError."""
        ordered, circles = self.rules.in_order(alerts)
        for circle in circles:
            if len(circle) > 1:
                names = " reads ".join([place.rule.name for place in [*circle, circle[0]]])
                self._note(f"{names}: the values of a circle of rules are not exact")
        self._own_readers = {circle[0].key for circle in circles if len(circle) == 1}
        ordered = [place for place in ordered if place in alerts or not self.sources.is_stored(place)]
        starts = self._starts(ordered, alerts)
        read_later = self._read_alerts(ordered)
        for place in ordered:
            if place.key not in starts:
                continue
            progress(place)
            times = self.schedule(place).times(starts[place.key], self.period.end)
            if isinstance(place.rule, AlertingRule):
                self._alert(place, place.rule, times, place.key in read_later)
            else:
                self._record(place, times)
            self._computed.add(place.key)
        return self.result

    def schedule(self, place: Place) -> Schedule:
        """When the group of a rule is evaluated."""
        interval = self.rules.interval_of(place)
        phase, _ = self.phases.phase(place.file.name, place.group.name, interval)
        offset = str(place.group.settings.get("query_offset") or "0s")
        return Schedule(interval, phase, duration.milliseconds(offset))

    # --- from when on a rule is needed -----------------------------------------------------------------------------

    def _starts(self, ordered: Sequence[Place], alerts: Sequence[Place]) -> Mapping[int, Instant]:
        """The time from which each rule is evaluated, so that the first alert has all that it reads."""
        starts = {place.key: self.period.start - self._warm_up(place) for place in alerts}
        computed = {place.key for place in ordered}
        for place in reversed(ordered):
            if place.key not in starts:
                continue
            for read in self.rules.reads(place):
                start = starts[place.key] - (read.reach if read.reach is not None else 0)
                writers = [writer for writer in self.rules.writers(read.selector) if writer.key in computed]
                for writer in writers:
                    starts[writer.key] = min(starts.get(writer.key, start), start - self._warm_up(writer))
                if not writers:
                    known = self.result.stored.get(read.selector, start)
                    self.result.stored[read.selector] = min(known, start)
                if read.reach is None:
                    self._note(f"{place.rule.name} reads {read.selector} at a time that obscode cannot compute")
                self._note_order(place, writers)
        return starts

    def _warm_up(self, place: Place) -> int:
        """How long a rule is evaluated before its results count: an alert may be pending before it fires."""
        rule, interval = place.rule, self.rules.interval_of(place)
        if not isinstance(rule, AlertingRule):
            return max(interval, _OWN_READER) if place.key in self._own_readers else interval
        for_, keep = duration.milliseconds(rule.for_ or "0s"), duration.milliseconds(rule.keep_firing_for or "0s")
        return for_ + 2 * keep + 2 * interval

    def _note_order(self, place: Place, writers: Sequence[Place]) -> None:
        for writer in writers:
            if writer.group is place.group and writer.index >= place.index and writer is not place:
                self._note(
                    f"{place.rule.name} reads {writer.rule.name}, which is recorded after it in the group "
                    f"{place.group.name}; Prometheus reads the value of the evaluation before, the backtest the new one"
                )

    def _read_alerts(self, ordered: Sequence[Place]) -> set[int]:
        """The alerts whose states other rules read as ALERTS."""
        inputs = (writer for place in ordered for writer, _ in self.rules.inputs(place))
        return {writer.key for writer in inputs if isinstance(writer.rule, AlertingRule)}

    # --- rules -----------------------------------------------------------------------------------------------------

    def _record(self, place: Place, times: range) -> None:
        result = self.sources.results.get((self.rules.digest(place), times))
        if result is None:
            if place.key in self._own_readers:
                self._record_own_reader(place, times)
                return
            result = recorded(self._evaluate(place, times), place.rule.name, place.labels)
            result = limited(result, self._limit(place))
            self._share(place, times, result)
        self._note_failures(place, result, times)
        self.engine.write(with_ends(result, times))

    def _share(self, place: Place, times: range, result: Result) -> None:
        digest = self.rules.digest(place)
        if digest in self.sources.shared:
            self.sources.results[digest, times] = result

    def _record_own_reader(self, place: Place, times: range) -> None:
        self._computed.add(place.key)  # its own series, too, are those of the engine
        try:
            expr = self._with_parts(place.rule.expr, times)
        except UnsupportedError as error:
            self._note(f"{place.rule.name} reads both recorded and other series, and {error}; it has no result")
            return
        reads = [read for read in self.rules.reads(place) if self._is_own(place, read.selector)]
        reach = None if any(read.reach is None for read in reads) else max(read.reach or 0 for read in reads)
        self._parts += 1
        rule = SelfReading(
            place.rule.name, place.labels, expr, lambda selector: self._is_own(place, selector), reach, self.engine
        )
        result = rule.results(times, f"{PREFIX}{self._parts}_")
        self._note_failures(place, result, times)
        self._share(place, times, result)

    def _is_own(self, place: Place, selector: Selector) -> bool:
        return any(writer.key == place.key for writer in self.rules.writers(selector))

    def _alert(self, place: Place, rule: AlertingRule, times: range, is_read: bool) -> None:
        result = self._evaluate(place, times)
        present = self._present(place, result)
        self._note_failures(place, result, times)
        state = AlertState(
            duration.milliseconds(rule.for_ or "0s"),
            duration.milliseconds(rule.keep_firing_for or "0s"),
            self._limit(place),
        )
        offset = self.schedule(place).query_offset
        shifted = {time + offset: keys for time, keys in present.items()} if offset else present
        failed = {time + offset for time in result.failed}
        at = range(times.start + offset, times.stop + offset, times.step)
        of_alert = episodes(at, shifted, state, failed)
        self.result.episodes[place.key] = [
            each for each in of_alert if each.end is None or each.end > self.period.start
        ]
        if is_read:
            self.engine.write(_alerts_series(of_alert, times, offset))

    def _present(self, place: Place, result: Result) -> Mapping[Instant, set[Key]]:
        """The labels of the alerts at each time; a time at which two are equal fails."""
        own = place.labels
        if any(not is_simple(text) for text in own.values()):
            self._note(f"{place.rule.name} has a label whose template has functions; the label is not expanded")
        labels_of = alert_labels(place.rule.name, own, self.sources.server.external_labels)
        by_value = uses_value(own)
        present: dict[Instant, set[Key]] = {}
        for labels, samples in result.series:
            key = labels_of(labels, 0)
            for time, value in samples:
                keys = present.setdefault(time, set())
                each = labels_of(labels, value) if by_value else key
                if each in keys:
                    result.failed[time] = "several alerts have the same labels"
                keys.add(each)
        return present

    def _limit(self, place: Place) -> int:
        return int(place.group.settings.get("limit") or 0)

    # --- expressions -----------------------------------------------------------------------------------------------

    def _evaluate(self, place: Place, times: range) -> Result:
        """The results of a rule's expression; none, with a note, if Prometheus rejects it."""
        try:
            return self._evaluated(place.rule.expr, times)
        except UnsupportedError as error:
            self._note(f"{place.rule.name} reads both recorded and other series, and {error}; it has no result")
        except ServerError as error:
            if error.kind != "bad_data":
                raise
            self._note(
                f"{place.rule.name} is not valid for this Prometheus, and has no result: {error.findings[0].message}"
            )
        return Result([])

    def _evaluated(self, expr: str, times: range) -> Result:
        computed = [selector for selector in selectors(expr) if self._is_computed(selector)]
        if not computed:
            return evaluated(self.sources.client, expr, times)
        text = expr if len(computed) == len(selectors(expr)) else self._with_parts(expr, times)
        return evaluated(self.engine.client, text, times)

    def _is_computed(self, selector: Selector) -> bool:
        return any(writer.key in self._computed for writer in self.rules.writers(selector))

    def _with_parts(self, expr: str, times: range) -> str:
        parts = divided(expr, self._is_computed, self._parts + 1)
        self._parts += len(parts.parts)
        for name, text in parts.parts:
            result = recorded(evaluated(self.sources.client, text, times), name, {})
            if result.failed:
                raise UnsupportedError("a part of it fails, or has several metrics with the same labels")
            self.engine.write(with_ends(result, times))
        return parts.text

    @property
    def engine(self) -> Engine:
        """The Prometheus on loopback, which starts when it is needed first."""
        if self._engine is None:
            server = self.sources.server
            tool = tool_like(server.version)
            if server.version and tool.version_tuple[:1] != (int(server.version.lstrip("v").split(".")[0]),):
                self._note(
                    f"the server is Prometheus {server.version}, and recorded series are evaluated by {tool.version}; "
                    "they differ in whether a window contains the sample at its start"
                )
            interval = server.interval or self.rules.interval
            self._engine = self._stack.enter_context(engine(tool, interval, server.flags))
        return self._engine

    # --- notes -----------------------------------------------------------------------------------------------------

    def _note(self, text: str) -> None:
        if text not in self.result.notes:
            self.result.notes.append(text)

    def _note_failures(self, place: Place, result: Result, times: range) -> None:
        if any(not samples for _, samples in result.series):
            self._note(f"{place.rule.name} has native histograms as a result; they are left out")
        if result.failed:
            reason = next(iter(result.failed.values()))
            self._note(f"{place.rule.name} fails at {len(result.failed)} of {len(times)} evaluations: {reason}")


def _alerts_series(of_alert: Sequence[Episode], times: range, offset: int) -> list[Written]:
    """What Prometheus writes of an alert: ALERTS with its state, and ALERTS_FOR_STATE with its activation."""
    states: dict[Key, list[tuple[Instant, float]]] = {}
    for episode in of_alert:
        for time in times:
            at = time + offset
            if episode.active <= at and (episode.end is None or at < episode.end):
                firing = episode.fired is not None and episode.fired <= at
                state = (("alertstate", "firing" if firing else "pending"),)
                states.setdefault((("__name__", "ALERTS"), *state, *episode.labels), []).append((time, 1.0))
                for_state = (("__name__", "ALERTS_FOR_STATE"), *episode.labels)
                states.setdefault(for_state, []).append((time, episode.active / 1000))
    result = Result([(dict(key), samples) for key, samples in states.items()])
    return list(with_ends(result, times))
