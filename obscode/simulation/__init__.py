"""Series of typed metrics and of queries, generated for scenarios such as a normal day or an error burst."""

from obscode.simulation.samples import Samples as Samples
from obscode.simulation.simulation import Simulation as Simulation
from obscode.simulation.simulation import simulate as simulate
from obscode.simulation.standard_scenarios import SCENARIOS as SCENARIOS
from obscode.simulation.standard_scenarios import scenario_named as scenario_named
from obscode.simulation.standard_scenarios import scenarios as scenarios
from obscode.simulation.timeline import Timeline as Timeline
from obscode.simulation.unit_test_series import test_samples as test_samples
from obscode.simulation.unit_test_series import test_series as test_series
from obscode.simulation.unit_test_series import test_timeline as test_timeline
