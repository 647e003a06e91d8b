"""Series for a project, or for dashboards and rules of which nothing else is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.compiler.slo_plan import SloPlan, slo_plans
from obscode.model.metrics import Metric
from obscode.model.scenario import DEFAULT_RANGE, Scenario
from obscode.model.standard_metrics import standard_metrics
from obscode.promql.duration import seconds
from obscode.reader.dashboards.document import model_of
from obscode.reader.dashboards.model import Dashboard as Model
from obscode.reader.dashboards.model import Variable
from obscode.simulation import dashboard_queries as queries
from obscode.simulation.conditions import Condition
from obscode.simulation.course import Course
from obscode.simulation.failures import Failure, events, failures
from obscode.simulation.families import Family, Read, grouped
from obscode.simulation.history import KnownGroups, history, no_groups
from obscode.simulation.jobs import Jobs
from obscode.simulation.openmetrics import END, plain_text, text_of
from obscode.simulation.population import Population
from obscode.simulation.reading import Reader, Skipped, alerts_of, rules_by_name
from obscode.simulation.samples import Matching, Samples, every, family_samples
from obscode.simulation.shares import Shares, of_slos
from obscode.simulation.targets import targets_of
from obscode.simulation.timeline import LEAD, Timeline
from obscode.simulation.unknown_metrics import unknown_metrics
from obscode.simulation.uses import Use
from obscode.simulation.values import Simulator

# Settings of variables follow from the series, and the series from the settings.
_ROUNDS = 3
_MOST_SAMPLES = 2_000_000
_STEPS = (15, 20, 30, 60)
_SHORTEST_STEP = 5


@dataclass(frozen=True)
class Simulation:
    """The series of a project, whatever the scenario.

    Attributes:
        families: the metrics with the labels of their series.
        skipped: expressions that are not understood, with the reason.
        failures: how SLIs count metrics.
        alarms: conditions of alerts, by metric.
        plans: the SLOs.
        jobs: the services of scrape jobs.
        scrape_interval: seconds between the samples of the project's targets.
        unknown: metrics that expressions read and no service exposes; they have no series.
        shares: metrics whose values are parts of others.
    """

    families: Sequence[Family]
    skipped: Sequence[Skipped] = ()
    failures: Mapping[str, Sequence[Failure]] = field(default_factory=dict)
    alarms: Mapping[str, Sequence[Condition]] = field(default_factory=dict)
    plans: Sequence[SloPlan] = ()
    jobs: Jobs = field(default_factory=Jobs)
    scrape_interval: int = 30
    unknown: frozenset[str] = frozenset()
    shares: Shares = field(default_factory=lambda: Shares({}, {}))

    @cached_property
    def records(self) -> frozenset[str]:
        """The names of recorded series that no rule records: they are generated as gauges."""
        return frozenset(family.name for family in self.families if family.is_recorded)

    @property
    def series_count(self) -> int:
        """The number of series."""
        return sum(len(f.members) * (len(f.bounds) + len(f.quantiles) + 3 if f.bounds else 1) for f in self.families)

    def timeline(self, end: int, range: str = DEFAULT_RANGE) -> Timeline:
        """The times of samples: each scrape interval, or longer ones for very many series."""
        usual = max(_SHORTEST_STEP, self.scrape_interval)
        for step in (usual, *(step for step in _STEPS if usual < step)):
            timeline = Timeline(end, range, step)
            if self.series_count * len(timeline.times()) <= _MOST_SAMPLES:
                break
        return timeline

    def raw(self, scenario: Scenario, timeline: Timeline, matching: Matching = every) -> Iterator[Samples]:
        """The series of a scenario as values, those that match."""
        samples_of = self._samples_of(scenario, timeline, matching)
        return (samples for family in self.families for samples in samples_of(family))

    def series(self, scenario: Scenario, timeline: Timeline) -> Iterator[str]:
        """OpenMetrics text with the series of a scenario, in chunks."""
        return text_of(self.families, self._samples_of(scenario, timeline, every))

    def _samples_of(
        self, scenario: Scenario, timeline: Timeline, matching: Matching
    ) -> Callable[[Family], Iterator[Samples]]:
        grids: dict[tuple[float, int], tuple[Simulator, list[int]]] = {}

        def samples(family: Family) -> Iterator[Samples]:
            reach = family.reach if family.reach > LEAD else 0
            grid = reach, _step(family, timeline)
            if grid not in grids:
                times = timeline.times(*grid)
                course = Course(scenario, timeline.start, tuple(times))
                simulator = Simulator(course, self.failures, self.alarms, self.jobs, self.shares)
                grids[grid] = simulator, [time * 1000 for time in times]
            return family_samples(family, *grids[grid], matching)

        return samples

    def recorded(
        self, scenario: Scenario, timeline: Timeline, matching: Matching = every, known: KnownGroups = no_groups
    ) -> Iterator[Samples]:
        """The series that rules record of SLOs, before rules are evaluated, those that match."""
        simulator = Simulator(Course(scenario, timeline.start, ()), self.failures, self.alarms, self.jobs, self.shares)
        series = history(self.plans, self.families, simulator, timeline, known)
        return (samples for samples in series if matching(samples.labels))

    def history(self, scenario: Scenario, timeline: Timeline) -> Iterator[str]:
        """OpenMetrics text with the recorded series, in chunks."""
        yield from plain_text(self.recorded(scenario, timeline))
        yield END


def _step(family: Family, timeline: Timeline) -> int:
    """The seconds between the samples of a family: its shortest window has two."""
    if family.window < 2 * _SHORTEST_STEP:
        return timeline.step
    return min(timeline.step, math.floor(family.window / 2))


def simulate(artifacts: Artifacts, dashboards: Sequence[Dashboard] | None = None) -> Simulation:
    """The series that the rules and dashboards of a project, or of files, read.

    With ``dashboards``, the series for these, and for the alerts of a compiled project.
    """
    models = [model_of(dashboard) for dashboard in (artifacts.dashboards if dashboards is None else dashboards)]
    rules = list(artifacts.rules())
    read = [*rules] if dashboards is None else [*alerts_of(rules)] if artifacts.is_compiled else []
    plans = [plan for each in slo_plans(artifacts.services, artifacts.project).values() for plan in each]
    builder = _Builder(artifacts, Reader(rules_by_name(rules), any(alerts_of(rules))), models)
    for rule in read:
        builder.reader.read_rule(rule)
    return builder.simulation(plans)


class _Builder:
    def __init__(self, artifacts: Artifacts, reader: Reader, models: Sequence[Model]) -> None:
        self.artifacts, self.reader, self.models = artifacts, reader, models
        self.known = _known_metrics(artifacts)
        self.targets = targets_of(artifacts)
        self.population = Population()
        self.families: dict[str, Read] = {}
        self.unknown: frozenset[str] = frozenset()

    def simulation(self, plans: Sequence[SloPlan]) -> Simulation:
        self._round(is_first=True)
        for _ in range(_ROUNDS):
            before = sum(map(len, self.population.members.values()))
            self._round(is_first=False)
            if sum(map(len, self.population.members.values())) == before:
                break
        for read in self.families.values():
            self.population.keep_one(read)
        families = self.population.families(self.families, self.reader.units)
        alarms = {self._family_name(name): tuple(each) for name, each in self.reader.alarms.items() if each}
        jobs = Jobs.of(self.artifacts.services)
        interval = round(seconds(self.artifacts.project.scrape_interval or "30s"))
        interval = interval if self.artifacts.is_compiled else 30
        skipped = tuple(self.reader.skipped)
        behind = self.reader.metrics_behind
        for name in events(plans, behind):  # an alert that needs traffic is no alarm of the traffic
            alarms.pop(name, None)
        shares = Shares.of([*of_slos(plans, behind), *self.reader.parts()], families)
        return Simulation(
            families, skipped, failures(plans, behind), alarms, plans, jobs, interval, self.unknown, shares
        )

    def _family_name(self, metric: str) -> str:
        return self.known[metric].name if metric in self.known else metric

    def _round(self, *, is_first: bool) -> None:
        for model in self.models:
            chosen = self._unset(model) if is_first else self._set(model)
            for query in (*queries.variable_queries(model, chosen), *queries.panel_queries(model, chosen)):
                self.reader.read_query(query)
        known = {use for read in self.families.values() for use in read.uses}
        self.unknown = unknown_metrics(self.artifacts, self.reader.uses)
        self.families = grouped([use for use in self.reader.uses if use.metric not in self.unknown], self.known)
        for name, metric in self._declared():
            read = self.families.setdefault(name, Read(name, grouped([Use(metric.series()[0])], self.known)[name].kind))
            read.metric, read.is_declared = metric, not metric.more_labels
        population = self.population
        population.targets = {name: self.targets.of(read.metric) for name, read in self.families.items()}
        population.prepare(self.families, self.reader.links)
        for read in self.families.values():
            population.add_declared(read)
            new = Read(read.name, read.kind, [u for u in read.uses if u not in known], metric=read.metric)
            population.cover(new, every_entity=is_first)

    def _declared(self) -> Iterator[tuple[str, Metric]]:
        """The metrics of the catalogs, and those that Prometheus adds to each target."""
        for metric in self.artifacts.catalog:
            if not getattr(metric, "native", False):
                yield metric.name, metric
        if self.targets.all:
            for name in ("up", "scrape_duration_seconds", "scrape_samples_scraped"):
                yield name, standard_metrics()[name]

    # --- variables ---------------------------------------------------------------------------------------------------

    def _unset(self, model: Model) -> Mapping[str, queries.Setting]:
        return queries.settings(model, lambda variable, chosen: None)

    def _set(self, model: Model) -> Mapping[str, queries.Setting]:
        return queries.settings(model, self._options)

    def _options(self, variable: Variable, chosen: Mapping[str, queries.Setting]) -> Sequence[str] | None:
        request = queries.request_of(variable, chosen)
        if request is None:
            return None
        if request.metrics:
            pattern = queries.pattern_of(request.metrics)
            names = [name for name in self.families if pattern is None or pattern.search(name)]
            return queries.filtered(variable, names) or None
        values = list(self._values(request))
        return queries.filtered(variable, values) or None

    def _values(self, request: queries.Request) -> Iterator[str]:
        members = self._members(request.expr) if request.expr else self._all_members()
        for name, labels in members:
            if request.label == "__name__":
                yield name
            elif request.label:
                if value := dict(labels).get(request.label):
                    yield value
            else:
                inside = ",".join(f'{label}="{value}"' for label, value in labels)
                yield f"{name}{{{inside}}} 1 0"

    def _all_members(self) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
        for name, members in self.population.members.items():
            yield from ((name, labels) for labels in members)

    def _members(self, expr: str) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
        reader = Reader(self.reader.rules)
        reader.read_query(queries.PanelQuery(expr, frozenset()))
        for name, read in grouped(list(reader.uses), self.known).items():
            for use in read.uses:
                yield from ((use.metric, labels) for labels in self.population.selected(name, use))


def _known_metrics(artifacts: Artifacts) -> Mapping[str, Metric]:
    """Metrics whose type is known, by the names of their series; those of the catalogs come first."""
    known = {series: metric for metric in standard_metrics().values() for series in metric.series()}
    for metric in artifacts.catalog:
        known |= dict.fromkeys((metric.name, *metric.series()), metric)
    return known
