"""The replay of a captured file or URL: its own scenarios, the standard ones, and those of a folder of definitions."""

from __future__ import annotations

from pathlib import Path

from obscode.importers.metrics_source import read_metrics_text
from obscode.project.load import load
from obscode.simulation import SCENARIOS, scenario_named
from obscode.simulation.capture import read_capture
from obscode.simulation.capture_scenarios import capture_scenarios
from obscode.simulation.possible_errors import with_possible_errors
from obscode.simulation.replay import Replay


def fake_replay(source: str, scenario: str, start: float, speed: float, definitions: Path | None = None) -> Replay:
    """The replay of a file or a URL from a time on; a scenario of the definitions replaces others of its name.

    Raises LoadError for a file or a URL that cannot be read, ExpositionError for an invalid text, and ObscodeError for
    an unknown scenario.
    """
    capture = read_capture(read_metrics_text(source).text)
    own = load(definitions).scenarios if definitions else ()
    chosen = scenario_named(scenario, (*SCENARIOS, *capture_scenarios(capture), *own))
    return Replay(with_possible_errors(capture), chosen, start, speed)
