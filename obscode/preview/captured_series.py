"""Ranges of time in which the targets of some services expose captured texts; others have generated series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from obscode.artifacts.project import Artifacts
from obscode.compiler.slo_plan import SloPlan
from obscode.findings.errors import ObscodeError
from obscode.findings.suggestions import did_you_mean
from obscode.model.scenario import Scenario
from obscode.preview.generated_series import APART, END
from obscode.preview.simulated_data import GeneratedRange, Matching
from obscode.preview.time_ranges import TimeRange
from obscode.simulation import Simulation
from obscode.simulation.capture import Capture
from obscode.simulation.capture_scenarios import capture_scenarios
from obscode.simulation.captured_events import captured_groups
from obscode.simulation.captured_samples import CapturedTarget
from obscode.simulation.history import Group
from obscode.simulation.samples import Samples
from obscode.simulation.targets import captured_targets


def captured_scenarios(artifacts: Artifacts, captures: Mapping[str, Capture]) -> Sequence[Scenario]:
    """The scenarios that captures can show together, and those of the project, which replace others of their name."""
    lines = chain.from_iterable(capture.lines for capture in captures.values())
    each = (*capture_scenarios(Capture(tuple(lines))), *artifacts.definitions.scenarios)
    return tuple({scenario.name: scenario for scenario in each}.values())


def captured_ranges(
    artifacts: Artifacts, captures: Mapping[str, Capture], simulation: Simulation, scenarios: Sequence[Scenario]
) -> list[GeneratedRange]:
    """A range for each scenario; ``captures`` are by the name of the service. Raises ObscodeError."""
    targets = list(_targets(artifacts, captures))
    return [_range(targets, simulation, scenario, END - place * APART) for place, scenario in enumerate(scenarios)]


def _targets(artifacts: Artifacts, captures: Mapping[str, Capture]) -> Iterator[CapturedTarget]:
    services = {service.name: service for service in artifacts.services}
    for name, capture in captures.items():
        if name not in services:
            hint = did_you_mean(name, services) or f"the services are {', '.join(services)}"
            raise ObscodeError(f"there is no service {name!r}", hint)
        yield from captured_targets(services[name], capture)


def _range(targets: Sequence[CapturedTarget], simulation: Simulation, scenario: Scenario, end: int) -> GeneratedRange:
    timeline = simulation.timeline(end, scenario.range)
    captured = frozenset(chain.from_iterable(target.jobs for target in targets))

    def groups(plan: SloPlan) -> Sequence[Group]:
        return captured_groups(plan, targets)

    def series(matching: Matching) -> Iterator[Samples]:
        def is_generated(labels: Mapping[str, str]) -> bool:
            return labels.get("job") not in captured and matching(labels)

        yield from simulation.recorded(scenario, timeline, matching, groups)
        yield from simulation.raw(scenario, timeline, is_generated)
        for target in targets:
            yield from target.samples(scenario, timeline, matching)

    visible = TimeRange(timeline.start * 1000, timeline.end * 1000)
    rules_start, step = timeline.rules_start * 1000, timeline.step * 1000
    return GeneratedRange(scenario.name, scenario.name, visible, rules_start, step, series)
