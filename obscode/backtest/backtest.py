"""The backtest of two versions of rules on the series of a server."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from obscode.artifacts.rules import RuleFile
from obscode.backtest.coverage import missing_data
from obscode.backtest.engine import tool_like
from obscode.backtest.evaluation import Evaluated, Evaluation, Period, Sources
from obscode.backtest.incidents import Incident, score
from obscode.backtest.recorded_alerts import recorded_episodes
from obscode.backtest.report import Action, AlertReport, BacktestReport, Version, firings
from obscode.backtest.rule_set import Place, RuleSet
from obscode.backtest.server import read_server
from obscode.clients.prometheus import PrometheusClient
from obscode.diff.pairs import pairs
from obscode.findings.errors import ObscodeError

_INTERVAL = 60_000  # Prometheus' default, for servers that do not say theirs


@dataclass(frozen=True)
class Settings:
    """What is evaluated, and how.

    Attributes:
        alerts: the names of the alerts; empty for the changed ones.
        every: evaluate the unchanged alerts, too.
        evaluate_old: evaluate the old version of alerts, too, of which the server has recorded ALERTS.
        use_recorded: read recording rules that are the same in both versions from the server.
    """

    alerts: Collection[str] = ()
    every: bool = False
    evaluate_old: bool = False
    use_recorded: bool = False


@dataclass(frozen=True)
class Rules:
    """The rules of one version, and what it is, for people."""

    label: str
    files: Sequence[RuleFile]


@dataclass(frozen=True)
class _Pair:
    old: Place | None
    new: Place | None
    action: Action

    @property
    def place(self) -> Place:
        place = self.new or self.old
        assert place is not None
        return place


def backtest(
    client: PrometheusClient,
    before: Rules | None,
    after: Rules,
    period: Period,
    settings: Settings,
    incidents: Sequence[Incident] | None = None,
    progress: Callable[[Place], None] = lambda place: None,
) -> BacktestReport:
    """Evaluate the alerts of both versions. Raises ServerError, ToolError, and ObscodeError for an unknown alert."""
    server = read_server(client)
    interval = server.interval or _INTERVAL
    old = RuleSet(before.files if before else (), interval, server.lookback)
    new = RuleSet(after.files, interval, server.lookback)
    every = _pairs(old, new)
    chosen = _chosen(every, settings)
    changed = _changed_names(old, new) if settings.use_recorded else set()

    def is_stored(place: Place) -> bool:
        return settings.use_recorded and place.rule.name not in changed

    recorded = {} if settings.evaluate_old else _recorded(client, old, chosen, period)
    # An unchanged alert has the episodes of the new version.
    again = [p.old for p in chosen if p.old and p.old.key not in recorded and p.action != "same"]
    shared = {old.digest(place) for place in old.in_order(again)[0]}
    sources = Sources(client, server, is_stored, shared)
    with Evaluation(new, sources, period) as evaluation:
        of_new = evaluation.run([pair.new for pair in chosen if pair.new], progress)
    with Evaluation(old, sources, period) as evaluation:
        of_old = evaluation.run(again, progress)
    reports = [_report(pair, recorded, of_old, of_new, period) for pair in chosen]
    needed = {**of_old.stored}
    for selector, start in of_new.stored.items():
        needed[selector] = min(start, needed.get(selector, start))
    scores = None
    if incidents is not None:
        in_period = [each for each in incidents if each.end is None or each.end > period.start]
        in_period = [each for each in in_period if each.start <= period.end]
        of_before = score(in_period, [(report, report.old) for report in reports]) if before else None
        scores = (of_before, score(in_period, [(report, report.new) for report in reports]))
    return BacktestReport(
        period.start,
        period.end,
        before.label if before else "",
        after.label,
        server.version or tool_like("").version,
        reports,
        0 if settings.alerts else len(every) - len(chosen),
        missing_data(client, needed, period.end, server.lookback),
        list(dict.fromkeys([*of_new.notes, *of_old.notes])),
        scores,
    )


def _changed_names(old: RuleSet, new: RuleSet) -> set[str]:
    """The names of rules of which one differs between the versions."""
    digests = [{(place.rule.name, rules.digest(place)) for place in rules.places} for rules in (old, new)]
    return {name for name, _ in digests[0] ^ digests[1]}


def _pairs(old: RuleSet, new: RuleSet) -> Sequence[_Pair]:
    matched = pairs(
        list(old.alerts()),
        list(new.alerts()),
        [
            lambda place: (place.rule.name, tuple(sorted(place.labels.items())), place.group.name),
            lambda place: (place.rule.name, tuple(sorted(place.labels.items()))),
            lambda place: place.rule.name,
        ],
    )
    both = [_Pair(a, b, "same" if old.digest(a) == new.digest(b) else "changed") for a, b in matched.both]
    every = [*both, *(_Pair(None, place, "added") for place in matched.added)]
    order = {place.key: number for number, place in enumerate(new.places)}
    every.sort(key=lambda pair: order[pair.new.key] if pair.new else -1)
    return [*every, *(_Pair(place, None, "removed") for place in matched.removed)]


def _chosen(every: Sequence[_Pair], settings: Settings) -> Sequence[_Pair]:
    if settings.alerts:
        known = {place.rule.name for pair in every for place in (pair.old, pair.new) if place}
        for name in settings.alerts:
            if name not in known:
                raise ObscodeError(f"no alert is named {name!r}", "list the alerts: obscode list")
        return [p for p in every if any(q.rule.name in settings.alerts for q in (p.old, p.new) if q)]
    return [pair for pair in every if settings.every or pair.action != "same"]


def _recorded(client: PrometheusClient, old: RuleSet, chosen: Sequence[_Pair], period: Period) -> Mapping[int, Version]:
    recorded = {}
    for place in (pair.old for pair in chosen):
        if place is None:
            continue
        of_alert = recorded_episodes(client, place.rule.name, place.labels, old.interval_of(place), period)
        if of_alert is not None:
            recorded[place.key] = Version("recorded", firings(of_alert, period.start))
    return recorded


def _report(
    pair: _Pair, recorded: Mapping[int, Version], of_old: Evaluated, of_new: Evaluated, period: Period
) -> AlertReport:
    def version(place: Place | None, evaluated: Evaluated) -> Version | None:
        if place is None:
            return None
        return Version("evaluated", firings(evaluated.episodes.get(place.key, ()), period.start))

    new = version(pair.new, of_new)
    old = version(pair.old, of_old) if pair.action != "same" else new
    if pair.old is not None and pair.old.key in recorded:
        old = recorded[pair.old.key]
    return AlertReport(pair.place.rule.name, pair.place.labels, pair.action, old, new)
