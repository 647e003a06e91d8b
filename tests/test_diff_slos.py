"""Changes of SLOs: all generated rules of one are one change, with budget and detection times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from diff_artifacts import artifacts, lines

from obscode import SLO, Alert, BurnAlert, Project, Row, ScrapeJob, Service, panels
from obscode.compiler import Definitions, compile
from obscode.diff import compare
from obscode.diff.rule_cost import cost_sentences
from obscode.diff.slos.detection import period_text, span_text
from obscode.model.sli import Ratio

RATIO = Ratio(errors='http_requests_total{status=~"5.."}', total="http_requests_total")
AVAILABILITY = SLO("availability", 99.9, RATIO)


def changes(before: Service, after: Service) -> list[str]:
    """The changes between two services, with their effects, of everything that is generated."""
    project = Project("team", retention="90d")
    old, new = (compile(Definitions(project, [service])) for service in (before, after))
    return [
        line
        for change in compare(old, new).changes
        for line in [f"{change.risk}: {change.sentence}", *(f"  {effect}" for effect in change.effects)]
    ]


def shop(*slos: SLO, name: str = "shop", **settings: Any) -> Service:
    return Service(name, scrape=ScrapeJob(["localhost:8000"]), slos=slos, owner="web", **settings)


def of_slo(slo: SLO) -> list[str]:
    return changes(shop(AVAILABILITY), shop(slo))


def test_a_lower_objective_is_one_change_with_budget_and_detection_times() -> None:
    assert of_slo(replace(AVAILABILITY, objective=99.5)) == [
        "weaker: SLO shop/availability: objective 99.9 % -> 99.5 % and budget 43 min -> 3.6 h per 30 days.",
        "  ShopAvailabilityBurnPage (1h and 5m) detects 100 % errors after 52s -> 4m19s,"
        " 10 % errors after 8m38s -> 43m12s and 2 % errors after 43m12s -> never.",
        "  ShopAvailabilityBurnPage (6h and 30m) detects 100 % errors after 2m10s -> 10m48s,"
        " 10 % errors after 21m36s -> 1h48m and 2 % errors after 1h48m -> never.",
        "  ShopAvailabilityBurnTicket (1d and 2h) detects 100 % errors after 4m19s -> 21m36s,"
        " 10 % errors after 43m12s -> 3h36m and 2 % errors after 3h36m -> 18h.",
        "  ShopAvailabilityBurnTicket (3d and 6h) detects 100 % errors after 4m19s -> 21m36s,"
        " 10 % errors after 43m12s -> 3h36m and 2 % errors after 3h36m -> 18h.",
        '  Panel "Bad events" of dashboard "shop" follows.',
    ]


def test_a_higher_objective_is_stricter() -> None:
    first, *effects = of_slo(replace(AVAILABILITY, objective=99.95))
    assert first == (
        "stricter: SLO shop/availability: objective 99.9 % -> 99.95 % and budget 43 min -> 22 min per 30 days."
    )
    assert len(effects) == 5


EDITS = {
    "other bad events": (
        replace(AVAILABILITY, sli=replace(RATIO, errors='http_requests_total{status=~"5..|429"}')),
        ['changed: SLO shop/availability: matcher status=~"5.." -> status=~"5..|429".'],
    ),
    "a longer for": (
        replace(AVAILABILITY, alerts={"page": BurnAlert(for_="10m")}),
        [
            "weaker: SLO shop/availability: for 0s -> 10m in ShopAvailabilityBurnPage.",
            "  ShopAvailabilityBurnPage (1h and 5m) detects 100 % errors after 52s -> 10m52s,"
            " 10 % errors after 8m38s -> 18m38s and 2 % errors after 43m12s -> 53m12s.",
            "  ShopAvailabilityBurnPage (6h and 30m) detects 100 % errors after 2m10s -> 12m10s,"
            " 10 % errors after 21m36s -> 31m36s and 2 % errors after 1h48m -> 1h58m.",
        ],
    ),
    "a runbook": (
        replace(AVAILABILITY, runbook="https://example.org/shop"),
        ['text: SLO shop/availability: annotation runbook_url "https://example.org/shop" added.'],
    ),
    "another name": (
        replace(AVAILABILITY, name="uptime"),
        [
            "history: SLO shop/availability is renamed to shop/uptime: 45 rules;"
            " 30 days of history are lost, because recorded series get new labels.",
            '  Silences, inhibitions and routes that match slo="availability" no longer match.',
            '  Panel "Bad events" of dashboard "shop" follows.',
        ],
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_an_slo_is_one_change(edit: str) -> None:
    slo, expected = EDITS[edit]
    assert of_slo(slo) == expected


def test_a_removed_alert_is_lost() -> None:
    assert of_slo(replace(AVAILABILITY, alerts={"ticket": None}))[0] == (
        "lost: SLO shop/availability: alert ShopAvailabilityBurnTicket removed."
    )


def test_an_added_slo_is_one_change() -> None:
    second = replace(AVAILABILITY, name="search")
    assert changes(shop(AVAILABILITY), shop(AVAILABILITY, second))[0] == (
        "stricter: SLO shop/search is added with objective 99.9 % over 30 days, 45 rules and the alerts"
        " ShopSearchBurnPage, ShopSearchBurnTicket, ShopSearchMetricMissing, ShopSearchTrafficStopped,"
        " ShopSearchNoTraffic and ShopSearchInvalidRatio."
    )


def test_a_removed_slo_is_lost() -> None:
    second = replace(AVAILABILITY, name="search")
    assert changes(shop(AVAILABILITY, second), shop(AVAILABILITY))[0] == (
        "lost: SLO shop/search with its alerts ShopSearchBurnPage, ShopSearchBurnTicket, ShopSearchMetricMissing,"
        " ShopSearchTrafficStopped, ShopSearchNoTraffic and ShopSearchInvalidRatio is removed."
    )


def test_a_renamed_service_is_one_change() -> None:
    parts: dict[str, Any] = {
        "alerts": [Alert("Down", "up == 0", severity="page", summary="down")],
        "dashboard": [Row("Requests", panels.TimeSeries("Rate", "sum(rate(http_requests_total[5m]))"))],
    }
    first, *rest = changes(shop(AVAILABILITY, **parts), shop(AVAILABILITY, name="store", **parts))
    assert first == (
        "history: Service shop is renamed to store: 47 rules, 1 dashboard and 1 scrape job;"
        " 30 days of history are lost, because recorded series get new labels."
    )
    assert rest == ['  Silences, inhibitions and routes that match service="shop" no longer match its 8 alerts.']


def test_further_changes_of_a_renamed_service_are_described() -> None:
    second = replace(AVAILABILITY, objective=99.5)
    both = [each for each in changes(shop(AVAILABILITY), shop(second, name="store")) if not each.startswith("  ")]
    assert both == [
        "weaker: SLO store/availability: objective 99.9 % -> 99.5 % and budget 43 min -> 3.6 h per 30 days.",
        "history: Service shop is renamed to store: 46 rules, 1 dashboard and 1 scrape job;"
        " 30 days of history are lost, because recorded series get new labels.",
    ]


def test_an_equal_edit_of_several_slos_and_alerts_is_one_change() -> None:
    alerts = [Alert("Down", "up == 0", severity="page", summary="down")]
    after = replace(shop(AVAILABILITY, alerts=alerts), owner="team")
    assert changes(shop(AVAILABILITY, alerts=alerts), after) == [
        'history: SLO shop/availability and the 2 alerts ShopTargetDown and Down: label owner "web" -> "team".',
        '  Silences, inhibitions and routes that match owner="web" no longer match.',
    ]


SLOTH = """\
groups:
  - name: sloth-slo-sli-recordings-shop-availability
    rules:
      - record: slo:sli_error:ratio_rate5m
        expr: (sum(rate(errors_total[5m]))) / (sum(rate(requests_total[5m])))
        labels: {sloth_id: shop-availability, sloth_service: shop, sloth_slo: availability, sloth_window: 5m}
      - record: slo:sli_error:ratio_rate1h
        expr: (sum(rate(errors_total[1h]))) / (sum(rate(requests_total[1h])))
        labels: {sloth_id: shop-availability, sloth_service: shop, sloth_slo: availability, sloth_window: 1h}
      - record: slo:objective:ratio
        expr: vector(0.999)
        labels: {sloth_id: shop-availability, sloth_service: shop, sloth_slo: availability}
      - record: slo:error_budget:ratio
        expr: vector(1-0.999)
        labels: {sloth_id: shop-availability, sloth_service: shop, sloth_slo: availability}
      - record: slo:time_period:days
        expr: vector(30)
        labels: {sloth_id: shop-availability, sloth_service: shop, sloth_slo: availability}
      - alert: ShopErrors
        expr: |
          max(slo:sli_error:ratio_rate5m{sloth_service="shop", sloth_slo="availability"} > (14.4 * 0.001))
            without (sloth_window)
          and
          max(slo:sli_error:ratio_rate1h{sloth_service="shop", sloth_slo="availability"} > (14.4 * 0.001))
            without (sloth_window)
        labels: {severity: page, sloth_severity: page}
"""


def test_slos_of_sloth_are_recognised() -> None:
    assert lines(SLOTH, SLOTH.replace("0.999", "0.99").replace("0.001", "0.01")) == [
        "weaker: SLO shop/availability: objective 99.9 % -> 99 % and budget 43 min -> 7.2 h per 30 days.",
        "  ShopErrors (1h and 5m) detects 100 % errors after 52s -> 8m38s, 10 % errors after 8m38s -> never and"
        " 2 % errors after 43m12s -> never.",
    ]


def test_a_rule_of_sloth_that_is_changed_by_hand_is_a_change_of_its_own() -> None:
    record = SLOTH[
        SLOTH.index("      - record: slo:sli_error:ratio_rate1h") : SLOTH.index("      - record: slo:objective")
    ]
    assert lines(SLOTH, SLOTH.replace(record, "")) == [
        "broken: Record slo:sli_error:ratio_rate1h is removed.",
        "  Alert ShopErrors still reads slo:sli_error:ratio_rate1h, which no longer exists.",
    ]


PYRRA = """\
groups:
  - name: shop-increase
    interval: 2m30s
    rules:
      - record: requests:increase4w
        expr: sum by (code) (increase(requests_total[4w]))
        labels: {slo: shop}
  - name: shop
    interval: 30s
    rules:
      - record: requests:burnrate5m
        expr: sum(rate(requests_total{code=~"5.."}[5m])) / sum(rate(requests_total[5m]))
        labels: {slo: shop}
      - record: requests:burnrate1h
        expr: sum(rate(requests_total{code=~"5.."}[1h])) / sum(rate(requests_total[1h]))
        labels: {slo: shop}
      - alert: ErrorBudgetBurn
        expr: requests:burnrate5m{slo="shop"} > (14 * (1-0.99)) and requests:burnrate1h{slo="shop"} > (14 * (1-0.99))
        for: 2m
        labels: {slo: shop, severity: critical, short: 5m, long: 1h}
"""


def test_slos_of_pyrra_are_recognised() -> None:
    assert lines(PYRRA, PYRRA.replace("1-0.99)", "1-0.95)")) == [
        "weaker: SLO shop: objective 99 % -> 95 % and budget 6.7 h -> 34 h per 28 days.",
        "  ErrorBudgetBurn (1h and 5m) detects 100 % errors after 10m24s -> 44m.",
    ]


SPANS = {119_000: "119 s", 120_000: "2 min", 43 * 60_000 + 12_000: "43 min", 7_200_000: "2 h", 172_800_000: "2 days"}


@pytest.mark.parametrize("length", SPANS)
def test_a_length_of_time_has_two_digits(length: int) -> None:
    assert span_text(length) == SPANS[length]


def test_a_period_is_a_number_of_days() -> None:
    assert [period_text(days * 86_400_000) for days in (1, 30)] == ["1 day", "30 days"]
    assert period_text(12 * 3_600_000) == "12h"


def test_the_cost_of_rules_that_change_is_estimated() -> None:
    rules = (
        "groups:\n  - name: a\n    interval: 1m\n    rules:\n      - record: a:b\n"
        "        expr: sum by (job) (rate(x_total[5m]))\n"
    )
    assert cost_sentences(artifacts(rules), artifacts(rules.replace("(job)", "(job, path)"))) == [
        "Cost of the rules that change: recorded series 10 -> 100"
        " (an estimate with 10 values for each label that they name)."
    ]
    assert cost_sentences(artifacts(rules), artifacts(rules.replace("5m", "10m"))) == [
        "Cost of the rules that change: samples read per second 1.7 -> 3.3"
        " (an estimate with 10 values for each label that they name)."
    ]
    assert cost_sentences(artifacts(rules), artifacts(rules.replace("x_total", "y_total"))) == []
