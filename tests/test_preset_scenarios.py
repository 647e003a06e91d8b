"""Presets under `obscode fake`: the alerts that users expect of a scenario fire, others do not, and panels have data.

The captured texts of all presets are replayed into one Prometheus, hours of each scenario; it evaluates the compiled
rules and the queries of the dashboards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from preset_row import Row
from preset_scenarios import ROWS

from obscode import Definitions, Project, Scenario, compile
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
        own = [alert for alert in visible.alerts if alert["labels"].get(naming.SERVICE) == row.service.name]
        return {_short(alert, row.service.name) for alert in own if alert["state"] == "firing"}

    def empty(self, row: Row) -> Iterator[tuple[str, str]]:
        """The panels of a service with a query that has no result on a normal load."""
        for dashboard in self.artifacts.dashboards:
            if dashboard.service == row.service.name:
                for panel in view(dashboard.body, self.source.client, self.source.ranges[0]).panels:
                    assert panel.data.errors == []
                    yield from ((str(panel.placed.body["title"]), query.expr) for query in panel.data.empty)


def _short(alert: Mapping[str, Any], service: str) -> str:
    """The name of an alert; of an SLO and of targets, without the name of the service."""
    name, prefix = str(alert["name"]), "".join(part.capitalize() for part in service.split("-"))
    return name.removeprefix(prefix) if naming.SLO in alert["labels"] or name == f"{prefix}TargetDown" else name


@pytest.fixture(scope="module")
def replayed(newest_prometheus: Tool) -> Iterator[Replayed]:
    """All presets in one Prometheus: a Prometheus and a replay each would take five times as long."""
    services = [row.service for row in ROWS.values()]
    own: dict[str, Scenario] = {}
    for scenario in (each for row in ROWS.values() for each in row.scenarios):
        same = own.get(scenario.name)
        own[scenario.name] = scenario.derive(phases=[*same.phases, *scenario.phases]) if same else scenario
    project = Project("team", scrape_interval="60s", evaluation_interval="2m", slo_interval="2m")
    artifacts = compile(Definitions(project, services=services, scenarios=list(own.values())))
    captures = {row.service.name: read_capture(row.text) for row in ROWS.values() if row.text}
    shorter = [each.derive(range="3h") for each in captured_scenarios(artifacts, captures)]
    artifacts = replace(artifacts, definitions=Definitions(project, services=services, scenarios=shorter))
    with ranges.generated(artifacts, tool=newest_prometheus, captures=captures) as source:
        yield Replayed(artifacts, source)


def _cases() -> Iterator[object]:
    for name, row in ROWS.items():
        own = [*capture_scenarios(read_capture(row.text)), *row.scenarios]
        for scenario in dict.fromkeys([*(each.name for each in own), *row.fires]):
            yield pytest.param(row, scenario, id=f"{name}: {scenario}")


@pytest.mark.parametrize(("row", "scenario"), [*_cases()])
def test_the_alerts_of_a_scenario_fire_and_no_others(row: Row, scenario: str, replayed: Replayed) -> None:
    assert replayed.firing(row, scenario) == {*row.fires.get(scenario, ()), *row.always}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_panel_has_data_on_a_normal_load(row: Row, replayed: Replayed) -> None:
    empty = dict(replayed.empty(row))
    assert {title: expr for title, expr in empty.items() if title not in row.empty} == {}
    assert row.empty.keys() <= empty.keys()


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_alert_of_a_preset_fires_in_a_scenario_and_none_on_a_normal_load(row: Row) -> None:
    fires = {alert for alerts in row.fires.values() for alert in alerts} | {*row.always}
    assert {alert.name for alert in row.service.alerts} - fires <= row.elsewhere.keys()
    assert "normal load" not in row.fires
