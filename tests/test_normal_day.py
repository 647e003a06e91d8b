"""Presets on the preview's normal day: no alert fires, shares are at most 1, and every service has data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from test_presets import HTTP_SERVICES, SERVICES

from obscode import Alert, Definitions, Project, ScrapeJob, Service, compile, metrics, presets
from obscode.preview import ranges
from obscode.preview.ranges import Source
from obscode.preview.view import ViewedPanel, view
from obscode.toolchain import Tool

NORMAL = "normal day"
_PROJECT = Project("team", scrape_interval="60s", evaluation_interval="60s")
# Alerts that fire, with the reason.
FIRES: Mapping[str, Mapping[str, str]] = {
    "prometheus": {"Watchdog": "it fires always"},
    "prometheus beside services with alerts": {"Watchdog": "it fires always"},
}
_FULL = {"percentunit": 1, "percent": 100}


def _shares(panel: ViewedPanel) -> Iterator[float]:
    """The values of a panel in percent, as shares."""
    unit = panel.placed.body.get("fieldConfig", {}).get("defaults", {}).get("unit", "")
    for frame in panel.data.frames if unit in _FULL else ():
        for field in frame["fields"]:
            if field["type"] == "number" and isinstance(field["values"], list):
                yield from (value / _FULL[unit] for value in field["values"] if isinstance(value, int | float))


def _firing(source: Source) -> set[str]:
    return {alert["name"] for alert in source.ranges[0].alerts if alert["state"] == "firing"}


@pytest.mark.parametrize("name", [*SERVICES, *HTTP_SERVICES])
def test_no_alert_of_a_preset_fires_on_a_normal_day_and_no_share_is_above_one(
    name: str, newest_prometheus: Tool
) -> None:
    artifacts = compile(Definitions(_PROJECT, services=[{**SERVICES, **HTTP_SERVICES}[name]]))

    with ranges.generated(artifacts, [NORMAL], newest_prometheus) as source:
        views = [view(dashboard.body, source.client, source.ranges[0]) for dashboard in artifacts.dashboards]

        assert _firing(source) == {*FIRES.get(name, ())}
        assert [
            (panel.placed.body["title"], highest)
            for each in views
            for panel in each.panels
            if (highest := max(_shares(panel), default=0)) > 1.001
        ] == []


def test_a_gauge_of_quality_is_high_although_the_alert_compares_a_bound_of_it(newest_prometheus: Tool) -> None:
    service = presets.batch_job(
        "evaluation",
        every="1d",
        max_duration="2h",
        results=[metrics.Gauge("model_accuracy_ratio", help="The share of correct answers.")],
        alerts=[Alert("AccuracyLow", "1 - abs(1 - sqrt(model_accuracy_ratio)) < 0.9", severity="ticket")],
    )
    artifacts = compile(Definitions(_PROJECT, services=[service]))

    with ranges.generated(artifacts, [NORMAL], newest_prometheus) as source:
        assert _firing(source) == set()


def test_services_with_the_same_metrics_have_data_in_every_panel(newest_prometheus: Tool) -> None:
    chat, rag = (
        presets.llm_serving(name, engine="vllm", scrape=ScrapeJob([f"{name}:8000"])) for name in ("chat", "rag")
    )
    services: list[Service] = [chat, rag, presets.canary(chat)]
    artifacts = compile(Definitions(_PROJECT, services=services))

    with ranges.generated(artifacts, [NORMAL], newest_prometheus) as source:
        for dashboard in (each for each in artifacts.dashboards if each.service):
            panels = view(dashboard.body, source.client, source.ranges[0]).panels
            empty = {panel.placed.body["title"] for panel in panels if panel.data.empty and not panel.data.frames}
            assert (dashboard.title, empty) == (dashboard.title, set())
