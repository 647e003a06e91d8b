"""The scenarios that every project has, and those of a project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from obscode.findings.errors import ObscodeError
from obscode.findings.suggestions import did_you_mean
from obscode.model.definitions import Definitions
from obscode.model.scenario import Phase, Scenario
from obscode.model.source import Origin

_NOWHERE = Origin("", 0)


def _scenario(name: str, *phases: Phase) -> Scenario:
    return Scenario(name, [phase.with_origin(_NOWHERE) for phase in phases]).with_origin(_NOWHERE)


#: The standard scenarios. An error burst pages for every SLO within its hour. The slow burn starts
#: so long before the range that tickets of windows of days fire within it.
SCENARIOS: Sequence[Scenario] = (
    _scenario("normal day"),
    _scenario("error burst", Phase("3h30m", "1h", burn=60, latency=2.5)),
    _scenario("slow burn", Phase("-13h", burn=4)),
    _scenario("traffic stop", Phase("4h", traffic=0)),
    _scenario("deploy", Phase("3h", restart=True, version="v1.5.0"), Phase("3h", "6m", errors=0.002, latency=1.6)),
)


def scenarios(definitions: Definitions) -> Sequence[Scenario]:
    """The standard scenarios, and those of a project; a project's replaces the standard one of its name."""
    by_name = {scenario.name: scenario for scenario in (*SCENARIOS, *definitions.scenarios)}
    return tuple(by_name.values())


def scenario_named(name: str, choices: Iterable[Scenario]) -> Scenario:
    """The scenario with a name; raises ObscodeError with the names that exist."""
    by_name = {scenario.name: scenario for scenario in choices}
    if name in by_name:
        return by_name[name]
    hint = did_you_mean(name, by_name) or f"the scenarios are {', '.join(by_name)}"
    raise ObscodeError(f"there is no scenario {name!r}", hint)
