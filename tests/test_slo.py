"""Objectives, budgets and burn rates: exact numbers, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from obscode import SLO, BurnAlert, Project, ScrapeJob, Service, Tier
from obscode.artifacts.rules import AlertingRule, Rule
from obscode.cli.slo_table import tier_table
from obscode.compiler import Definitions, compile
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.slo_rules import slo_groups
from obscode.compiler.unit_tests.alert_simulator import AlertTimings, SloTimings, TrafficPhase, stable_instants
from obscode.compiler.unit_tests.slo import slo_timings
from obscode.findings.errors import DefinitionError
from obscode.model.burn_rate import WORKBOOK, scaled, tiers
from obscode.model.numbers import format_decimal
from obscode.model.project import Project as ProjectType
from obscode.model.sli import Ratio
from obscode.verify.mutants import mutants

RATIO = Ratio(errors='http_requests_total{status=~"5.."}', total="http_requests_total")
ROOMY = Project("team", retention="90d")


def plan(slo: SLO, project: ProjectType = ROOMY, interval: str = "") -> SloPlan:
    service = Service("shop", scrape=ScrapeJob(["localhost:8000"], interval=interval), slos=[slo])
    return SloPlan(slo, service, project)


def rules_of(slo: SLO) -> list[Rule]:
    return [rule for group in slo_groups(plan(slo)) for rule in group.rules]


def told(slo: SLO, project: ProjectType = ROOMY, interval: str = "") -> list[tuple[str, str, str]]:
    """The findings of compiling one SLO."""
    with pytest.raises(DefinitionError) as caught:
        compile(Definitions(project, [plan(slo, project, interval).service]))
    return [(finding.code, finding.message, finding.hint) for finding in caught.value.findings]


# slo.md 2.3: shares of 2, 5, 10 and 10 percent on 1h, 6h, 1d and 3d.
FACTORS = {
    "7d": ["3.36", "1.4", "0.7", "0.2333"],
    "28d": ["13.44", "5.6", "2.8", "0.9333"],
    "30d": ["14.4", "6", "3", "1"],
    "90d": ["43.2", "18", "9", "3"],
}


@pytest.mark.parametrize("period", FACTORS)
def test_factors_follow_from_share_period_and_window(period: str) -> None:
    assert [f"{tier.factor(period):f}" for tier in WORKBOOK] == FACTORS[period]


def test_a_budget_is_exact_however_the_objective_is_written() -> None:
    for objective in (99.9, Decimal("99.9")):
        assert SLO("a", objective, RATIO).budget() == Decimal("0.001")
    assert SLO("a", 99.95, RATIO).budget() == Decimal("0.0005")


def test_no_number_of_the_output_is_one_that_nobody_would_write() -> None:
    for objective in (99, 99.5, 99.9, 99.95, 99.99, 99.999):
        for period in ("7d", "28d", "30d", "90d"):
            rules = rules_of(SLO("a", objective, RATIO, period=period))
            assert not [rule.expr for rule in rules if "00000000" in rule.expr or "99999999" in rule.expr]


def test_auto_scales_the_windows_of_a_short_period_only() -> None:
    assert tiers("auto", "30d") == WORKBOOK
    assert tiers("auto", "90d") == WORKBOOK
    assert tiers("auto", "28d") == WORKBOOK
    assert [(t.long, t.short) for t in tiers("auto", "7d")] == [
        ("14m", "5m"),
        ("1h24m", "7m"),
        ("5h36m", "28m"),
        ("16h48m", "1h24m"),
    ]


def test_auto_scales_the_windows_where_a_ticket_would_fire_well_inside_the_budget() -> None:
    for period in ("10d", "14d", "21d"):
        assert tiers("auto", period) == scaled(period)
        assert any(tier.factor(period) < 0.9 for tier in WORKBOOK)


def test_scaled_windows_keep_the_factors_even_where_a_window_can_be_no_shorter_or_is_rounded() -> None:
    for period in ("6h", "12h", "1d", "2d", "7d", "9d5h", "28d", "90d"):
        assert [format_decimal(tier.factor(period)) for tier in scaled(period)] == ["14.4", "6", "3", "1"]
    assert [(t.long, t.short) for t in scaled("1d")] == [("10m", "5m"), ("12m", "5m"), ("48m", "5m"), ("2h24m", "12m")]


def test_the_tier_table_shows_the_share_that_a_tier_was_given() -> None:
    def spent(slo: SLO) -> list[str]:
        head, *rows = tier_table(slo)
        return [row[head.index("BUDGET SPENT")] for row in rows]

    for period in ("7d", "14d", "28d", "31d", "91d"):
        assert spent(SLO("a", 99.9, RATIO, period=period)) == ["2 %", "5 %", "10 %", "10 %"]
    # Ten minutes at 14.4 times the budget's rate are a tenth of a day's budget.
    assert spent(SLO("a", 99.9, RATIO, period="1d")) == ["10 %", "5 %", "10 %", "10 %"]


def test_each_window_has_one_ratio_and_no_group_has_more_than_twenty_rules() -> None:
    for period in ("7d", "30d", "90d"):
        groups = slo_groups(plan(SLO("a", 99.9, RATIO, period=period)))
        names = [rule.name for group in groups for rule in group.rules]
        assert len(names) == len(set(names))
        assert max(len(group.rules) for group in groups) <= 20


def test_records_stand_before_the_alerts_that_read_them() -> None:
    for group in slo_groups(plan(SLO("a", 99.9, RATIO))):
        kinds = [isinstance(rule, AlertingRule) for rule in group.rules]
        assert kinds == sorted(kinds)


def test_records_carry_nothing_but_the_identity() -> None:
    slo = SLO("a", 99.9, RATIO, labels={"squad": "blue"})
    for rule in rules_of(slo):
        if not isinstance(rule, AlertingRule) and rule.name != "slo:info":
            assert rule.labels == {"service": "shop", "slo": "a"}


def test_a_tier_is_renamed_labelled_and_switched_off_by_its_name() -> None:
    changed = BurnAlert("ShopDown", severity="wake", labels={"squad": "blue"}, annotations={"chat": "#shop"}, for_="0s")
    slo = SLO("a", 99.9, RATIO, alerts={"page-fast": changed, "ticket-fast": None})
    alerts = {rule.labels.get("tier"): rule for rule in rules_of(slo) if isinstance(rule, AlertingRule)}
    fast = alerts["page-fast"]
    assert (fast.name, fast.labels["severity"], fast.labels["squad"], fast.for_) == ("ShopDown", "wake", "blue", "")
    assert fast.annotations["chat"] == "#shop"
    assert "ticket-fast" not in alerts


def test_tiers_of_ones_own_are_data() -> None:
    own = [Tier("quick", severity="page", budget=1, long="30m", short="3m", for_="1m")]
    rules = rules_of(SLO("a", 99.9, RATIO, policy=own))
    alerts = [rule for rule in rules if isinstance(rule, AlertingRule) and "tier" in rule.labels]
    assert [alert.name for alert in alerts] == ["ShopABurnQuick"]
    assert "/ 0.001 > 14.4" in alerts[0].expr


REFUSED = [
    (
        SLO("a", 90, RATIO),
        "unreachable-alert",
        "the alert of tier page-fast can never fire: 14.4 times a budget of 10 % is an error ratio of 144 %",
    ),
    (
        SLO("a", 99.9, RATIO, period="91d"),
        "slo-period",
        "the period 91d is longer than the 90d for which Prometheus keeps samples",
    ),
    (
        SLO("a", 99.9, RATIO, period="7d", policy="budget-share"),
        "tier-factor",
        "tier ticket-fast would fire at 0.7 times the budget's rate, while the objective is met",
    ),
    (SLO("a", 100, RATIO), "objective", "objective 100 leaves no error budget"),
    (SLO("a", 0.999, RATIO), "objective", "objective 0.999 would be less than one percent"),
    (SLO("a", 99.9, RATIO, policy="best"), "policy", "there is no policy 'best'"),
    (SLO("a", 99.9, RATIO, alerts={"page": None}), "tier", "there is no tier 'page'"),
]


@pytest.mark.parametrize(("slo", "check", "message"), REFUSED)
def test_what_cannot_work_is_refused_with_a_remedy(slo: SLO, check: str, message: str) -> None:
    (first, *_) = told(slo)
    assert first[:2] == (check, message)
    assert first[2]


def test_windows_that_hold_too_few_scrapes_are_refused() -> None:
    assert told(SLO("a", 99.9, RATIO), interval="2m") == [
        (
            "slo-window",
            "the shortest window 5m holds fewer than four scrapes at 2m",
            "scrape more often, or let no window be under 8m",
        )
    ]


def test_the_tier_table_says_what_the_workbook_says() -> None:
    head, fast, *_ = tier_table(SLO("a", 99.9, RATIO))
    row = dict(zip(head, fast, strict=True))
    assert row["ERROR RATIO ABOVE"] == "1.44 %"
    assert row["BUDGET SPENT"] == "2 %"
    assert row["AT 100 %"] == "52s"  # 14.4 x 0.001 x 1h / 1
    assert row["RESETS AFTER"] == "4m56s"  # 5m x (1 - 14.4 x 0.001)


def test_a_forecast_of_steady_traffic_is_that_of_the_closed_form() -> None:
    """A step outage at ratio e crosses f x b of the long window after f x b x L / e; the short one is long above."""
    slo = replace(SLO("a", 99, RATIO), alerts={t.name: None for t in WORKBOOK[1:]})
    minute, hour = 60_000, 3_600_000
    phases = (TrafficPhase(3 * hour, 1000), TrafficPhase(2 * hour, 1000, 300), TrafficPhase(hour, 1000))
    changes = [
        at
        for at, firing in stable_instants(slo_timings(plan(slo), uses_tiles=False), phases, 2)
        if firing == {"page-fast"}
    ]
    crossed = 3 * hour + 0.144 * hour / 0.3
    # Counts of 5m come in within 5m; `for` is 1m, the margin two steps.
    assert crossed <= changes[0] <= crossed + (5 + 1 + 4) * minute
    reset = 5 * hour + 5 * minute  # keep_firing_for
    assert reset - 5 * minute <= changes[-1] <= reset + 5 * minute


def test_nothing_is_expected_of_a_window_that_is_exactly_at_its_threshold() -> None:
    minute, hour = 60_000, 3_600_000
    alert = AlertTimings("ticket", 24 * hour, 2 * hour, 0, 0, 0.5)
    tiled = SloTimings(4 * minute, hour // 2, hour // 2, (alert,), 0, 0)
    # A day without errors, then errors alone: half of the window's 48 tiles are bad from 35h30m to 36h.
    before, after = stable_instants(tiled, (TrafficPhase(24 * hour, 100), TrafficPhase(24 * hour, 100, 100)), 2)[:2]
    assert (sorted(before[1]), sorted(after[1])) == ([], ["ticket"])
    assert 35 * hour < before[0] < 35.5 * hour
    assert 36 * hour <= after[0] < 36.5 * hour


def test_a_mutant_has_exactly_one_change() -> None:
    groups = slo_groups(plan(SLO("a", 99.9, RATIO)))
    original = [(rule.expr, dict(rule.labels)) for group in groups for rule in group.rules]
    changes = [
        sum(
            a != b for a, b in zip(original, ((r.expr, dict(r.labels)) for g in m.groups for r in g.rules), strict=True)
        )
        for m in mutants(groups)
    ]
    assert len(changes) > 200
    assert set(changes) == {1}
