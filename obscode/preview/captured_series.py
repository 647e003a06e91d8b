"""Ranges of time in which the targets of some services expose captured texts; others have generated series."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import NamedTuple

from obscode.artifacts.project import Artifacts
from obscode.compiler.slo_plan import SloPlan
from obscode.findings.errors import ObscodeError
from obscode.findings.suggestions import did_you_mean
from obscode.model.scenario import Scenario
from obscode.preview.generated_series import APART, END
from obscode.preview.simulated_data import GeneratedRange, Matching
from obscode.preview.time_ranges import TimeRange
from obscode.simulation import Simulation, Timeline
from obscode.simulation.capture import Capture
from obscode.simulation.capture_scenarios import capture_scenarios
from obscode.simulation.captured_events import captured_groups
from obscode.simulation.captured_samples import CapturedTarget
from obscode.simulation.gauge_roles import is_of_process
from obscode.simulation.history import Group
from obscode.simulation.samples import Samples
from obscode.simulation.targets import captured_targets

_FIRST_WORD = re.compile(r"[a-zA-Z0-9]+[_:]")
_WORD = re.compile(r"[\w:]+")
# A name with a variable in it, such as ${metric}_total.
_COMPOSED = re.compile(r"[\w:]\$\{?\w|\$\{\w+\}[\w:]|\]\][\w:]")


class NamedCapture(NamedTuple):
    """A captured text: the name of its service, empty if its metrics say it, and of its file."""

    service: str
    file: str
    capture: Capture


def by_service(artifacts: Artifacts, captures: Iterable[NamedCapture]) -> Mapping[str, Capture]:
    """Captures by the name of their service; for files, by a name of their job. Raises ObscodeError."""
    result: dict[str, Capture] = {}
    for each in captures:
        name = each.service or (_service_of(artifacts, each) if artifacts.is_compiled else each.file.partition(".")[0])
        if name in result:
            raise ObscodeError(f"service {name!r} has two captures", "name one file for each service")
        result[name] = each.capture
    return result


def _service_of(artifacts: Artifacts, each: NamedCapture) -> str:
    """The only service whose catalog has metrics of the text."""
    exposed = {name for series in each.capture.series for name in (series.name, series.family)}
    names = [s.name for s in artifacts.services if any(exposed & {m.name, *m.series()} for m in s.metrics)]
    if len(names) != 1:
        whose = f"services {', '.join(names)}" if names else "no service"
        raise ObscodeError(f"{each.file} has metrics of {whose}", f"write --capture SERVICE={each.file}")
    return names[0]


def captured_scenarios(artifacts: Artifacts, captures: Mapping[str, Capture]) -> Sequence[Scenario]:
    """The scenarios that captures can show together, and those of the project, which replace others of their name."""
    lines = chain.from_iterable(capture.lines for capture in captures.values())
    each = (*capture_scenarios(Capture(tuple(lines))), *artifacts.definitions.scenarios)
    return tuple({scenario.name: scenario for scenario in each}.values())


def captured_ranges(
    artifacts: Artifacts, captures: Mapping[str, Capture], simulation: Simulation, scenarios: Sequence[Scenario]
) -> list[GeneratedRange]:
    """A range for each scenario; ``captures`` are by the name of the service. Raises ObscodeError."""
    prefixes = frozenset() if artifacts.is_compiled else _prefixes(captures)
    series = _Series(list(_targets(artifacts, captures)), simulation, prefixes, _read_names(artifacts))
    return [_range(series, scenario, END - place * APART) for place, scenario in enumerate(scenarios)]


def _targets(artifacts: Artifacts, captures: Mapping[str, Capture]) -> Iterator[CapturedTarget]:
    services = {service.name: service for service in artifacts.services}
    for name, capture in captures.items():
        if not artifacts.is_compiled:
            yield CapturedTarget(capture, name, {"job": name, "instance": f"{name}:80"})
            continue
        if name not in services:
            hint = did_you_mean(name, services) or f"the services are {', '.join(services)}"
            raise ObscodeError(f"there is no service {name!r}", hint)
        yield from captured_targets(services[name], capture)


def unexposed_names(artifacts: Artifacts, captures: Mapping[str, Capture], simulation: Simulation) -> frozenset[str]:
    """Names that dashboards of files read, and that the captured programs no longer or not yet expose."""
    if artifacts.is_compiled:
        return frozenset()
    prefixes = _prefixes(captures)
    exposed = {series.name for capture in captures.values() for series in (*capture.series, *capture.constants)}
    read = {f"{family.name}{suffix}" for family in simulation.families for suffix in ("", "_bucket", "_count", "_sum")}
    return frozenset(name for name in read - exposed if _prefix(name) in prefixes)


def _prefixes(captures: Mapping[str, Capture]) -> frozenset[str]:
    """The first words of names, without those that many programs have."""
    names = {series.name for capture in captures.values() for series in capture.series}
    return frozenset(_prefix(name) for name in names if not is_of_process(name)) - {""}


def _prefix(name: str) -> str:
    match = _FIRST_WORD.match(name)
    return match[0] if match else ""


@dataclass(frozen=True)
class _Series:
    """The series of targets, and generated ones for others.

    Attributes:
        prefixes: of names that only targets have.
        read: names that rules and dashboards read; None for all.
    """

    targets: Sequence[CapturedTarget]
    simulation: Simulation
    prefixes: Set[str]
    read: Set[str] | None

    @cached_property
    def jobs(self) -> Set[str]:
        return frozenset(chain.from_iterable(target.jobs for target in self.targets))

    def groups(self, plan: SloPlan) -> Sequence[Group]:
        return captured_groups(plan, self.targets)

    def of(self, scenario: Scenario, timeline: Timeline, matching: Matching) -> Iterator[Samples]:
        def is_generated(labels: Mapping[str, str]) -> bool:
            is_captured = labels.get("job") in self.jobs or _prefix(labels["__name__"]) in self.prefixes
            return not is_captured and matching(labels)

        def is_read(labels: Mapping[str, str]) -> bool:
            return (self.read is None or labels["__name__"] in self.read) and matching(labels)

        yield from self.simulation.recorded(scenario, timeline, matching, self.groups)
        yield from self.simulation.raw(scenario, timeline, is_generated)
        for target in self.targets:
            yield from target.samples(scenario, timeline, is_read)


def _range(series: _Series, scenario: Scenario, end: int) -> GeneratedRange:
    timeline = series.simulation.timeline(end, scenario.range)
    visible = TimeRange(timeline.start * 1000, timeline.end * 1000)
    rules_start, step = timeline.rules_start * 1000, timeline.step * 1000
    return GeneratedRange(
        scenario.name, scenario.name, visible, rules_start, step, partial(series.of, scenario, timeline)
    )


def _read_names(artifacts: Artifacts) -> Set[str] | None:
    """The words of rules and dashboards: a server shows hundreds of series that none of them reads.

    None if a name is composed or matched by a pattern: then all may be read.
    """
    bodies = (json.dumps(dashboard.body).replace("\\n", " ") for dashboard in artifacts.dashboards)
    texts = [*(rule.expr for rule in artifacts.rules()), *bodies]
    if any("__name__" in text or _COMPOSED.search(text) for text in texts):
        return None
    return {"up"}.union(*(_WORD.findall(text) for text in texts))
