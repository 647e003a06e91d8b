"""What generated stats link and how they are colored, and where axes of ratios end; progress in logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from obscode import Definitions, Project, Row, ScrapeJob, Service, compile, metrics, panels, presets
from obscode.cli.progress_display import ProgressDisplay

CHAT = presets.llm_serving("chat", engine="vllm", scrape=ScrapeJob(["chat:8000"]))


def _panels(service: Service) -> Iterator[dict[str, Any]]:
    for dashboard in compile(Definitions(Project("team"), [service])).dashboards:
        if dashboard.service == service.name:
            for panel in dashboard.body["panels"]:
                yield from (panel, *panel.get("panels", ()))


def _defaults(service: Service, title: str) -> dict[str, Any]:
    return next(p["fieldConfig"]["defaults"] for p in _panels(service) if p["title"] == title)


def test_the_stat_of_alerts_links_the_list_of_those_that_fire() -> None:
    (link,) = _defaults(CHAT, "Alerts firing")["links"]
    assert link["url"] == "/alerting/list?search=state:firing%20label:service=chat"


def test_a_used_share_has_the_colors_of_a_full_resource() -> None:
    steps = _defaults(CHAT, "Saturation: KV cache usage")["thresholds"]["steps"]
    assert [(step["color"], step["value"]) for step in steps if step["value"]] == [("orange", 0.8), ("red", 0.95)]


def test_traffic_of_requests_has_their_unit() -> None:
    assert _defaults(CHAT, "Traffic")["unit"] == "reqps"


@pytest.mark.parametrize(
    ("settings", "end"),
    [
        ({"minimum": 0}, 0.01),
        ({"minimum": 0, "soft_maximum": 0.5}, 0.5),
        ({"minimum": 0, "maximum": 1}, None),
        ({"minimum": 0.2}, None),
    ],
)
def test_an_axis_of_ratios_that_starts_at_0_ends_at_a_percent_at_least(
    settings: dict[str, float], end: float | None
) -> None:
    panel = panels.TimeSeries("Full", "queue_ratio", unit="percentunit", **settings)  # type: ignore[arg-type]
    service = Service("a", metrics=[metrics.Gauge("queue_ratio")], dashboard=[Row("A", panel)])
    assert _defaults(service, "Full").get("custom", {}).get("axisSoftMax") == end


def test_items_that_begin_are_counted_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    display = ProgressDisplay(seconds=1e-9)
    for item in ("a", "b"):
        display("picture", item, total=2)
    assert capsys.readouterr().err == "picture: 0 of 2\npicture: 1 of 2\n"
