"""Presets under `obscode fake`: the alerts that users expect of a scenario fire, others do not, and panels have data.

The captured texts of all presets are replayed into one Prometheus, hours of each scenario; it evaluates the compiled
rules and the queries of the dashboards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from preset_scenarios import ROWS, Row

from obscode import Definitions, Project, compile
from obscode.artifacts.project import Artifacts
from obscode.model import naming
from obscode.preview import ranges
from obscode.preview.captured_series import captured_scenarios
from obscode.preview.ranges import Source
from obscode.preview.view import view
from obscode.simulation.capture import read_capture
from obscode.simulation.capture_scenarios import capture_scenarios
from obscode.toolchain import Tool


@dataclass(frozen=True)
class Replayed:
    """All rows in a Prometheus."""

    artifacts: Artifacts
    source: Source

    def firing(self, row: Row, scenario: str) -> set[str]:
        """The alerts of a service that fire in a scenario; those of SLOs without the name of the service."""
        (visible,) = (each for each in self.source.ranges if each.scenario == scenario)
        prefix = "".join(part.capitalize() for part in row.service.name.split("-"))
        return {
            alert["name"].removeprefix(prefix)
            for alert in visible.alerts
            if alert["state"] == "firing" and alert["labels"].get(naming.SERVICE) == row.service.name
        }

    def empty(self, row: Row) -> Iterator[tuple[str, str]]:
        """The panels of a service with a query that has no result on a normal load."""
        for dashboard in self.artifacts.dashboards:
            if dashboard.service == row.service.name:
                for panel in view(dashboard.body, self.source.client, self.source.ranges[0]).panels:
                    assert panel.data.errors == []
                    yield from ((str(panel.placed.body["title"]), query.expr) for query in panel.data.empty)


@pytest.fixture(scope="module")
def replayed(newest_prometheus: Tool) -> Iterator[Replayed]:
    """All presets in one Prometheus: a Prometheus and a replay each would take five times as long."""
    services = [row.service for row in ROWS.values()]
    own = [scenario for row in ROWS.values() for scenario in row.scenarios]
    project = Project("team", scrape_interval="60s", evaluation_interval="60s")
    artifacts = compile(Definitions(project, services=services, scenarios=own))
    captures = {row.service.name: read_capture(row.text) for row in ROWS.values()}
    shorter = [each.derive(range="4h") for each in captured_scenarios(artifacts, captures)]
    artifacts = replace(artifacts, definitions=Definitions(project, services=services, scenarios=shorter))
    with ranges.generated(artifacts, tool=newest_prometheus, captures=captures) as source:
        yield Replayed(artifacts, source)


def _cases() -> Iterator[object]:
    for name, row in ROWS.items():
        for scenario in (*capture_scenarios(read_capture(row.text)), *row.scenarios):
            yield pytest.param(row, scenario.name, id=f"{name}: {scenario.name}")


@pytest.mark.parametrize(("row", "scenario"), [*_cases()])
def test_the_alerts_of_a_scenario_fire_and_no_others(row: Row, scenario: str, replayed: Replayed) -> None:
    assert replayed.firing(row, scenario) == {*row.fires.get(scenario, ())}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_panel_has_data_on_a_normal_load(row: Row, replayed: Replayed) -> None:
    empty = dict(replayed.empty(row))
    assert {title: expr for title, expr in empty.items() if title not in row.empty} == {}
    assert row.empty.keys() <= empty.keys()


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_alert_of_a_preset_fires_in_a_scenario_and_none_on_a_normal_load(row: Row) -> None:
    fires = {alert for alerts in row.fires.values() for alert in alerts}
    assert {alert.name for alert in row.service.alerts} - row.elsewhere.keys() <= fires
    assert "normal load" not in row.fires
