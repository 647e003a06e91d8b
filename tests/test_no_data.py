"""Missing data on promtool: traffic that stops, series that vanish, and what is quiet."""

from __future__ import annotations

import pytest

from obscode import SLO, Service
from obscode.model.sli import Freshness, Ratio
from obscode.testing import Rules, rules_of
from obscode.toolchain import Tool

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_promtool")]
SLI = Ratio(errors='hits_total{code="500"}', total="hits_total")
STOPPED, MISSING = "ShopATrafficStopped", "ShopAMetricMissing"


@pytest.fixture
def one_promtool(newest_promtool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("obscode.testing.find_supported", lambda name, oldest: [newest_promtool])


def shop(values: str) -> Rules:
    """One sample a minute; a service that is found by its job, without a scrape job."""
    service = Service("shop", selector={"job": "shop"}, slos=[SLO("a", 99.9, SLI)])
    return rules_of(service).with_series({'hits_total{job="shop",code="200"}': values})


def test_steady_traffic_that_stops_alerts_after_ten_minutes_until_it_returns() -> None:
    # 30 hours at 10 requests a minute, 5 hours without, then traffic again.
    rules = shop("0+10x1800 18000x300 18000+10x60")
    rules.assert_not_firing(STOPPED, at="1800m")
    rules.assert_not_firing(STOPPED, at="1806m")
    rules.assert_firing(STOPPED, at="1812m", labels={"severity": "ticket"})
    rules.assert_firing(STOPPED, at="2095m")
    rules.assert_not_firing(STOPPED, at="2110m")


def test_series_that_vanish_with_the_traffic_alert_like_traffic_that_stops() -> None:
    rules = shop("0+10x1800 stale _x120")
    rules.assert_firing(STOPPED, at="1815m")
    rules.assert_not_firing(MISSING, at="1825m")
    rules.assert_firing(MISSING, at="1840m", labels={"severity": "ticket"})


def test_an_idle_night_yesterday_and_less_than_ten_events_are_quiet() -> None:
    for values in ("0+10x600 6000x240 6000+10x960 15600x60", "0+1x1800 1800x60"):
        shop(values).assert_not_firing(STOPPED, at="1850m")


def test_a_new_service_is_quiet() -> None:
    shop("0+10x360 3600x120").assert_not_firing(STOPPED, at="420m")


def test_a_gauge_that_disappears_alerts_without_a_scrape_job() -> None:
    slo = SLO("a", 99, Freshness("last_success_timestamp_seconds", max_age="26h"))
    rules = rules_of(Service("shop", selector={"job": "shop"}, slos=[slo]))
    rules = rules.with_series({'last_success_timestamp_seconds{job="shop"}': "0x120 stale _x60"})
    rules.assert_not_firing(MISSING, at="140m")
    rules.assert_firing(MISSING, at="155m")


def test_a_group_that_is_missing_alerts_unless_another_took_its_place() -> None:
    service = Service("shop", selector={"job": "shop"}, slos=[SLO("a", 99.9, SLI.derive(by=["model"]))])
    series = 'hits_total{job="shop",code="200",model="%s"}'
    two = {series % "a": "0+20x1530", series % "b": "0+20x1460 stale"}
    rules = rules_of(service).with_series(two, interval="2m")
    rules.assert_not_firing(MISSING, at="2920m")
    rules.assert_firing(MISSING, at="2970m", labels={"model": "b"})
    rules.assert_not_firing(MISSING, at="2970m", labels={"model": "a"})
    replaced = rules.with_series({series % "c": "_x1455 0+20x70"}, interval="2m")
    replaced.assert_not_firing(MISSING, at="2970m")
