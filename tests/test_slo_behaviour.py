"""SLO rules on data that other generators get wrong, on every installed promtool."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from obscode import SLO, ScrapeJob, Service
from obscode.model.sli import Ratio
from obscode.testing import Rules, rules_of
from obscode.toolchain import Tool

_TOTAL = "http_requests_total"
_BAD = 'http_requests_total{status=~"5.."}'
OK, FAILED = 'http_requests_total{job="shop",status="200"}', 'http_requests_total{job="shop",status="500"}'
ID = {"service": "shop", "slo": "availability"}


def shop(*slos: SLO, by: Sequence[str] = ()) -> Rules:
    """The rules of a service with an availability SLO of 99.9 %, or with the given SLOs."""
    slos = slos or (SLO("availability", 99.9, Ratio(errors=_BAD, total=_TOTAL, by=by)),)
    return rules_of(Service("shop", scrape=ScrapeJob(["localhost:8000"]), slos=list(slos)))


pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _needs_promtool(promtool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("obscode.testing.find_supported", lambda name, oldest: [promtool])


def close(expr: str, value: float, tolerance: float = 0.005) -> str:
    """An expression that is 1 if a result is close to a value."""
    return f"abs(({expr}) / {value} - 1) < bool {tolerance}"


def test_the_error_ratio_of_the_period_is_weighted_by_events() -> None:
    # Five hours at 1 request a minute, one at 1000 with a tenth of them bad: 0.0995 of all, not a sixtieth of that.
    rules = shop().with_series({OK: "0+1x300 301+900x60", FAILED: "0x300 0+100x60"})
    rules.assert_value(close("slo:error_ratio:period", 6000 / 60300, 0.06), 1, at="360m", labels=ID)
    rules.assert_value(close("slo:error_ratio:rate6h", 6000 / 60300, 0.06), 1, at="360m", labels=ID)


def test_without_an_error_series_the_error_ratio_is_zero() -> None:
    rules = shop().with_series({OK: "0+60x60"})
    for series in ("slo:error_ratio:rate5m", "slo:error_ratio:rate1h", "slo:error_ratio:rate6h"):
        rules.assert_value(f"{series} + 0", 0, at="45m", labels=ID)
    assert rules.firing_alerts(at="45m") == ["ShopTargetDown"]


def test_a_group_without_errors_has_ratio_zero_next_to_a_group_with_errors() -> None:
    good = 'http_requests_total{job="shop",status="200",model="%s"}'
    bad = 'http_requests_total{job="shop",status="500",model="a"}'
    rules = shop(by=["model"]).with_series({good % "a": "0+90x30", bad: "0+10x30", good % "b": "0+60x30"})
    rules.assert_value('slo:error_ratio:rate5m{model="b"} + 0', 0, at="20m", labels={**ID, "model": "b"})
    rules.assert_value(close('slo:error_ratio:rate5m{model="a"}', 0.1), 1, at="20m", labels={**ID, "model": "a"})
    rules.assert_firing("ShopAvailabilityBurnPage", at="20m", labels={"model": "a"})
    rules.assert_not_firing("ShopAvailabilityBurnPage", at="20m", labels={"model": "b"})


def test_a_time_without_traffic_gives_no_sample_and_no_nan() -> None:
    rules = shop().with_series({OK: "0+60x30 1800x40 1800+60x30", FAILED: "0+1x30 30x40 30+1x30"})
    rules.assert_value("count(slo:error_ratio:rate5m) or vector(0)", 0, at="60m")
    rules.assert_value("count(slo:error_ratio:rate1h != slo:error_ratio:rate1h) or vector(0)", 0, at="60m")
    rules.assert_value(close("slo:error_ratio:period", 1 / 61, 0.05), 1, at="100m", labels=ID)


def test_a_new_service_does_not_page_for_one_bad_request() -> None:
    rules = shop().with_series({OK: "0 3 6 9 9 9", FAILED: "0 1 1 1 1 1"})
    for at in ("1m", "2m", "3m", "5m"):
        assert "ShopAvailabilityBurnPage" not in rules.firing_alerts(at=at)
        assert "ShopAvailabilityBurnTicket" not in rules.firing_alerts(at=at)


def test_the_same_error_ratio_of_many_requests_pages() -> None:
    rules = shop().with_series({OK: "0+90x15", FAILED: "0+10x15"})
    rules.assert_firing("ShopAvailabilityBurnPage", at="10m")


def test_a_total_outage_of_a_low_traffic_service_alerts_after_ten_failed_requests() -> None:
    # Twenty requests an hour, each a failure from minute 60 on.
    rules = shop().with_series({OK: "0+0.333x60 20x90", FAILED: "0x61 0+0.333x90"})
    rules.assert_not_firing("ShopAvailabilityBurnPage", at="62m")
    rules.assert_firing("ShopAvailabilityBurnPage", at="95m")


def test_a_total_outage_pages_after_a_minute_and_a_short_one_does_not() -> None:
    # 14.4 times 0.1 % of an hour's requests are 52 seconds of failures.
    rules = shop().with_series({OK: "0+60x90 5400x10", FAILED: "0x90 60+60x9"})
    assert rules.firing_alerts(at="90m") == ["ShopTargetDown"]
    rules.assert_firing("ShopAvailabilityBurnPage", at="91m")
    short = shop().with_series({OK: "0+60x90 5430+60x60", FAILED: "0x90 30x60"})
    for at in ("91m", "92m", "95m", "120m"):
        short.assert_not_firing("ShopAvailabilityBurnPage", at=at)


def test_an_incident_that_paged_opens_no_ticket_after_it_ends() -> None:
    rules = shop().with_series({OK: "0+60x90 5400x29 5460+60x400", FAILED: "0x90 60+60x29 1800x400"})
    for at, firing in (("100m", True), ("150m", True), ("175m", True), ("185m", False), ("420m", False)):
        assert ("ShopAvailabilityBurnPage" in rules.firing_alerts(at=at)) == firing
        rules.assert_not_firing("ShopAvailabilityBurnTicket", at=at)


def test_a_ticket_that_is_open_stays_open_during_a_page() -> None:
    # 0.5 % of the requests fail for an hour: a ticket. Then a fifth fails for ten minutes: a page.
    rules = shop().with_series({OK: "0+995x60 59700+800x10 67700+995x90", FAILED: "0+5x60 300+200x10 2300+5x90"})
    rules.assert_firing("ShopAvailabilityBurnTicket", at="50m")
    for at in ("66m", "72m", "150m"):
        rules.assert_firing("ShopAvailabilityBurnTicket", at=at)
    rules.assert_firing("ShopAvailabilityBurnPage", at="66m")
    rules.assert_not_firing("ShopAvailabilityBurnPage", at="150m")


def test_a_gap_in_the_raw_series_loses_no_events_of_the_period() -> None:
    # A quarter fails from minute 120 to 160. The targets are not scraped for half of that time, but count on.
    ok = "0+60x119 7185+45x9 _x20 8535+45x9 9000+60x240"
    failed = "0x119 15+15x9 _x20 465+15x9 600x240"
    rules = shop().with_series({OK: ok, FAILED: failed})
    rules.assert_value(close("sum_over_time(slo:events_bad:tile30m[6h:30m])", 600, 0.005), 1, at="301m", labels=ID)


def test_adjacent_windows_count_periodic_errors_exactly() -> None:
    # One error every two minutes, which the samples of increase() would count too often or too seldom.
    rules = shop().with_series({OK: "0+60x90", FAILED: " ".join(f"{n // 2}" for n in range(91))})
    rules.assert_value("slo:events_bad:increase1h + 0", 30, at="80m", labels=ID)
    rules.assert_value("slo:events_total:increase1h + 0", 3630, at="80m", labels=ID)


def test_a_process_that_restarts_every_three_minutes_counts_all_its_events() -> None:
    # 60 good and 6 bad requests a minute. The counters have often passed their value of five minutes ago again.
    rules = shop().with_series({OK: "60 120 180 " * 40, FAILED: "6 12 18 " * 40})
    for window, minutes in (("5m", 5), ("30m", 30), ("1h", 60)):
        total, bad = f"slo:events_total:increase{window}", f"slo:events_bad:increase{window}"
        rules.assert_value(close(total, 66 * minutes, 0.001), 1, at="100m", labels=ID)
        rules.assert_value(close(bad, 6 * minutes, 0.001), 1, at="100m", labels=ID)
    rules.assert_value(close("slo:events_bad:tile30m", 180, 0.001), 1, at="90m", labels=ID)


def test_a_service_that_restarts_every_two_minutes_pages_on_time() -> None:
    # After two hours, a tenth of the requests fails: 0.6 % of six hours, of which two have passed, after 8 minutes.
    rules = shop().with_series({OK: "60 120 " * 60 + "54 108 " * 15, FAILED: "0 0 " * 60 + "6 12 " * 15})
    rules.assert_not_firing("ShopAvailabilityBurnPage", at="126m")
    rules.assert_firing("ShopAvailabilityBurnPage", at="129m")


def test_two_slos_on_one_metric_are_independent() -> None:
    mild = SLO("mild", 99.9, Ratio(errors='http_requests_total{status="500"}', total=_TOTAL))
    wide = SLO("wide", 99.9, Ratio(errors='http_requests_total{status=~"[45].."}', total=_TOTAL))
    refused = 'http_requests_total{job="shop",status="400"}'
    rules = shop(mild, wide).with_series({OK: "0+90x60", FAILED: "0+5x60", refused: "0+5x60"})
    for name, ratio in (("mild", 0.05), ("wide", 0.10)):
        labels = {"service": "shop", "slo": name}
        rules.assert_value(close(f'slo:error_ratio:rate1h{{slo="{name}"}}', ratio), 1, at="55m", labels=labels)


def test_a_service_without_traffic_and_with_targets_up_does_not_page() -> None:
    rules = shop().with_series({OK: "100x90", 'up{job="shop",instance="a"}': "1x90"})
    assert rules.firing_alerts(at="85m") == []


def test_a_rolling_restart_does_not_page() -> None:
    up_a, up_b = (f'up{{job="shop",instance="{name}"}}' for name in "ab")
    a, b = (f'http_requests_total{{job="shop",status="200",instance="{name}"}}' for name in "ab")
    rules = shop().with_series(
        {up_a: "1x20 0x2 1x60", up_b: "1x25 0x2 1x60", a: "0+60x20 _x3 0+60x60", b: "0+60x25 _x3 0+60x60"}
    )
    for at in ("22m", "27m", "40m", "60m"):
        assert rules.firing_alerts(at=at) == []


def test_a_target_that_is_down_opens_a_ticket_after_15_minutes() -> None:
    rules = shop().with_series({'up{job="shop",instance="a"}': "1x10 0x40"})
    rules.assert_not_firing("ShopTargetDown", at="20m")
    rules.assert_firing("ShopTargetDown", at="30m", labels={"severity": "ticket"})


def test_a_missing_metric_opens_a_ticket_while_targets_are_up() -> None:
    rules = shop().with_series({'up{job="shop",instance="a"}': "1x60"})
    rules.assert_not_firing("ShopAvailabilityMetricMissing", at="20m")
    rules.assert_firing("ShopAvailabilityMetricMissing", at="40m", labels={"severity": "ticket"})


def test_a_counter_reset_is_not_an_outage() -> None:
    rules = shop().with_series({OK: "0+60x60 0+60x60", FAILED: "0x120"})
    rules.assert_value("slo:error_ratio:rate1h + 0", 0, at="90m", labels=ID)
    rules.assert_value("sum(slo:events_bad:increase30m)", 0, at="90m")


def test_the_description_of_an_alert_queries_the_remaining_budget() -> None:
    (rule,) = (r for g in shop().groups for r in g.rules if r.name == "ShopAvailabilityBurnPage")
    text = getattr(rule, "annotations")["description"]  # noqa: B009  (Rule has none, AlertRule has)
    assert "this alert fires above 14.4 in 1h and 5m, or above 6 in 6h and 30m" in text
    assert 'slo:error_budget_remaining:ratio{service="shop",slo="availability"}' in text
