"""Objectives, budgets and burn rates: exact numbers, and invalid SLOs are rejected."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from obscode import SLO, BurnAlert, NoData, Project, ScrapeJob, Service, Tier
from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule, RuleGroup
from obscode.compiler import Definitions, compile
from obscode.compiler.no_data_alerts import no_data_alerts
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.slo_rules import slo_groups
from obscode.compiler.slo_validation import slo_findings
from obscode.compiler.unit_tests.alert_simulator import TrafficPhase, stable_instants
from obscode.compiler.unit_tests.timings import slo_timings
from obscode.findings.errors import DefinitionError
from obscode.model import naming
from obscode.model.burn_rate import WORKBOOK, scaled, tiers
from obscode.model.numbers import format_decimal, format_sample, round_factor, shortest_number
from obscode.model.project import Project as ProjectType
from obscode.model.sli import SLI, Freshness, Ratio, RawRatio, TimeSlice, Uptime
from obscode.project.slo_report import tier_table
from obscode.verify.mutants import mutants

RATIO = Ratio(errors='http_requests_total{status=~"5.."}', total="http_requests_total")
ROOMY = Project("team", retention="90d")


def plan(slo: SLO, project: ProjectType = ROOMY, interval: str = "") -> SloPlan:
    service = Service("shop", scrape=ScrapeJob(["localhost:8000"], interval=interval), slos=[slo])
    return SloPlan(slo, service, project)


def rules_of(slo: SLO) -> list[Rule]:
    return [rule for group in slo_groups(plan(slo)) for rule in group.rules]


def findings(slo: SLO, project: ProjectType = ROOMY, interval: str = "") -> list[tuple[str, str, str]]:
    """The findings of compiling one SLO."""
    with pytest.raises(DefinitionError) as caught:
        compile(Definitions(project, [plan(slo, project, interval).service]))
    return [(finding.code.name, finding.message, finding.hint) for finding in caught.value.findings]


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


def test_a_budget_is_exact_for_float_and_decimal_objectives() -> None:
    for objective in (99.9, Decimal("99.9")):
        assert SLO("a", objective, RATIO).budget() == Decimal("0.001")
    assert SLO("a", 99.95, RATIO).budget() == Decimal("0.0005")


def test_expressions_contain_no_binary_rounding_errors() -> None:
    for objective in (99, 99.5, 99.9, 99.95, 99.99, 99.999):
        for period in ("7d", "28d", "30d", "90d"):
            rules = rules_of(SLO("a", objective, RATIO, period=period))
            assert not [rule.expr for rule in rules if "00000000" in rule.expr or "99999999" in rule.expr]


def test_the_auto_policy_scales_the_windows_of_short_periods_only() -> None:
    assert tiers("auto", "30d") == WORKBOOK
    assert tiers("auto", "90d") == WORKBOOK
    assert tiers("auto", "28d") == WORKBOOK
    assert [(t.long, t.short) for t in tiers("auto", "7d")] == [
        ("14m", "5m"),
        ("1h24m", "7m"),
        ("5h36m", "28m"),
        ("16h48m", "1h24m"),
    ]


def test_the_auto_policy_scales_the_windows_where_a_factor_would_be_below_0_9() -> None:
    for period in ("10d", "14d", "21d"):
        assert tiers("auto", period) == scaled(period)
        assert any(tier.factor(period) < 0.9 for tier in WORKBOOK)


def test_scaled_windows_keep_the_factors_when_a_window_is_rounded_or_at_its_minimum() -> None:
    for period in ("6h", "12h", "1d", "2d", "7d", "9d5h", "28d", "90d"):
        assert [format_decimal(tier.factor(period)) for tier in scaled(period)] == ["14.4", "6", "3", "1"]
    assert [(t.long, t.short) for t in scaled("1d")] == [("10m", "5m"), ("12m", "5m"), ("48m", "5m"), ("2h24m", "12m")]


def test_the_tier_table_shows_the_budget_of_the_policy() -> None:
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


def test_recording_rules_come_before_the_alerts_that_read_them() -> None:
    for group in slo_groups(plan(SLO("a", 99.9, RATIO))):
        kinds = [isinstance(rule, AlertingRule) for rule in group.rules]
        assert kinds == sorted(kinds)


def test_recorded_series_have_the_identity_labels_only() -> None:
    slo = SLO("a", 99.9, RATIO, labels={"squad": "blue"})
    for rule in rules_of(slo):
        if not isinstance(rule, AlertingRule) and rule.name != "slo:info":
            assert rule.labels == {"service": "shop", "slo": "a"}


def burn_alerts_of(slo: SLO) -> dict[str, AlertingRule]:
    """The burn-rate alerts by their recorded burn rate."""
    alerts = [rule for rule in rules_of(slo) if isinstance(rule, AlertingRule) and "slo:burn_rate:" in rule.expr]
    return {alert.expr.partition("{")[0].removeprefix("slo:burn_rate:"): alert for alert in alerts}


def test_an_alert_is_customised_and_disabled_by_its_severity() -> None:
    changed = BurnAlert(
        "ShopDown", severity="ticket", labels={"squad": "blue"}, annotations={"chat": "#shop"}, for_="2m"
    )
    alerts = burn_alerts_of(SLO("a", 99.9, RATIO, alerts={"page": changed, "ticket": None}))
    assert list(alerts) == ["page"]
    page = alerts["page"]
    assert (page.name, page.labels["severity"], page.labels["squad"], page.for_) == ("ShopDown", "ticket", "blue", "2m")
    assert page.annotations["chat"] == "#shop"


def test_a_tier_has_an_alert_of_its_own_or_none_by_its_name() -> None:
    alerts = burn_alerts_of(SLO("a", 99.9, RATIO, alerts={"page-slow": BurnAlert(), "ticket-fast": None}))
    assert [(key, alert.name) for key, alert in alerts.items()] == [
        ("page", "ShopABurnPage"),
        ("page_slow", "ShopABurnPageSlow"),
        ("ticket", "ShopABurnTicket"),
    ]
    conditions = {key: rule_of(SLO("a", 99.9, RATIO), f"slo:burn_rate:{key}").expr for key in ("page", "ticket")}
    assert ("> 14.4" in conditions["page"], "> 6\n" in conditions["page"]) == (True, True)
    own = SLO("a", 99.9, RATIO, alerts={"page-slow": BurnAlert(), "ticket-fast": None})
    assert "> 6\n" not in rule_of(own, "slo:burn_rate:page").expr
    assert "rate1d" not in rule_of(own, "slo:burn_rate:ticket").expr


def test_alerts_fire_at_once_and_for_the_longest_of_their_short_windows_longer() -> None:
    alerts = burn_alerts_of(SLO("a", 99.9, RATIO))
    assert {key: (alert.for_, alert.keep_firing_for) for key, alert in alerts.items()} == {
        "page": ("", "30m"),
        "ticket": ("", "30m"),
    }


def test_a_less_urgent_alert_does_not_report_what_a_more_urgent_one_has_reported() -> None:
    labels = '{service="shop",slo="a"}'
    ticket = rule_of(SLO("a", 99.9, RATIO), "slo:burn_rate:ticket").expr
    for short in ("2h", "6h"):
        assert (
            f"unless on (service, slo) ((max_over_time(slo:burn_rate:page{labels}[{short}])) "
            f"unless on (service, slo) slo:burn_rate:ticket{labels} offset 4m)"
        ) in ticket
    assert "max_over_time" not in rule_of(SLO("a", 99.9, RATIO), "slo:burn_rate:page").expr


def test_a_policy_can_be_a_list_of_tiers() -> None:
    own = [Tier("quick", severity="page", budget=1, long="30m", short="3m")]
    slo = SLO("a", 99.9, RATIO, policy=own)
    assert [alert.name for alert in burn_alerts_of(slo).values()] == ["ShopABurnPage"]
    assert "/ 0.001 > 14.4" in rule_of(slo, "slo:burn_rate:page").expr


INVALID = [
    (
        SLO("a", 90, RATIO),
        "unreachable-alert",
        "the alert of tier page-fast can never fire: 14.4 times a budget of 10 % is an error ratio of 144 %",
    ),
    (
        SLO("a", 99.9, RATIO, period="91d"),
        "slo-period",
        "the period 91d is longer than the retention of 90d",
    ),
    (
        SLO("a", 99.9, RATIO, period="7d", policy="budget-share"),
        "tier-factor",
        "tier ticket-fast would fire at 0.7 times the budget's rate, while the objective is met",
    ),
    (SLO("a", 100, RATIO), "slo-objective", "objective 100 leaves no error budget"),
    (SLO("a", 0.999, RATIO), "slo-objective", "objective 0.999 is less than one percent"),
    (
        SLO("a", 99.9, RATIO, policy="best"),  # type: ignore[arg-type]
        "argument-type",
        "'best' is not 'auto', 'budget-share' or 'scaled-windows' or a list of Tiers",
    ),
    (SLO("a", 99.9, RATIO, alerts={"pages": None}), "unknown-alert", "the SLO has no alert 'pages'"),
]


@pytest.mark.parametrize(("slo", "check", "message"), INVALID)
def test_invalid_slos_are_rejected_with_a_hint(slo: SLO, check: str, message: str) -> None:
    (first, *_) = findings(slo)
    assert first[:2] == (check, message)
    assert first[2]


def test_windows_with_fewer_than_four_scrapes_are_rejected() -> None:
    assert findings(SLO("a", 99.9, RATIO), interval="2m") == [
        (
            "slo-window",
            "the shortest window 5m holds fewer than four scrapes at an interval of 2m",
            "scrape more often, or use windows of 8m or more",
        )
    ]


def test_the_tier_table_agrees_with_the_sre_workbook() -> None:
    head, fast, *_ = tier_table(SLO("a", 99.9, RATIO))
    row = dict(zip(head, fast, strict=True))
    assert row["ERROR RATIO ABOVE"] == "1.44 %"
    assert row["BUDGET SPENT"] == "2 %"
    assert row["AT 100 %"] == "52s"  # 14.4 x 0.001 x 1h / 1
    assert row["ENDS AFTER"] == "4m56s"  # 5m x (1 - 14.4 x 0.001)


def test_the_tier_table_lists_tiers_that_alert_with_the_severities_of_the_project() -> None:
    slo = SLO("a", 99.9, RATIO, alerts={"page-slow": None, "ticket": BurnAlert(severity="page")})
    project = ProjectType("team", severities={"page": "critical", "ticket": "warning"})
    _, *rows = tier_table(slo, project.severity_label)
    assert [row[:2] for row in rows] == [
        ["page-fast", "critical"],
        ["ticket-fast", "critical"],
        ["ticket-slow", "critical"],
    ]


def test_the_simulation_of_a_step_outage_agrees_with_the_formula() -> None:
    """A step outage of error ratio e crosses the threshold f x b of the long window L after f x b x L / e."""
    slo = replace(SLO("a", 99, RATIO), alerts={"page-slow": None, "ticket": None})
    minute, hour = 60_000, 3_600_000
    phases = (TrafficPhase(3 * hour, 1000), TrafficPhase(2 * hour, 1000, 300), TrafficPhase(hour, 1000))
    changes = [at for at, firing in stable_instants(slo_timings(plan(slo), minute), phases, 2) if firing == {"page"}]
    crossed = 3 * hour + 0.144 * hour / 0.3
    # The input is a count of five minutes, so errors begin five minutes before it; the margin is two steps.
    assert crossed - 5 * minute <= changes[0] <= crossed + 4 * minute
    reset = 5 * hour + 5 * minute  # keep_firing_for
    assert reset - 5 * minute <= changes[-1] <= reset + 5 * minute


def rule_of(slo: SLO, name: str) -> Rule:
    return next(rule for rule in rules_of(slo) if rule.name == name)


@pytest.mark.parametrize(
    ("service", "up"),
    [
        (Service("shop", scrape=ScrapeJob(["localhost:8000"])), 'up{job="shop"}'),
        (Service("shop", scrape=[ScrapeJob(["a:1"], job="a.b"), ScrapeJob(["b:1"], job="c")]), 'up{job=~"a\\\\.b|c"}'),
        (Service("shop", scrape=ScrapeJob(["a:1"]), selector={"job": "x", "zone": "eu"}), 'up{job="shop"}'),
        (Service("shop", scrape=ScrapeJob(["a:1"]), selector={"app": "shop"}), 'up{job="shop"}'),
    ],
)
def test_a_missing_metric_alerts_while_targets_of_the_service_are_up(service: Service, up: str) -> None:
    alerts = no_data_alerts(SloPlan(SLO("a", 99.9, RATIO), service, ROOMY))
    alert = next(alert for alert in alerts if alert.name == "ShopAMetricMissing")
    assert alert.expr.endswith(f"and on ()\n(count({up} == 1) > 0)")


@pytest.mark.parametrize(
    "service",
    [
        Service("shop", selector={"app": "shop"}),
        Service("shop", selector={"job": "shop"}),
        Service("shop"),
        Service("shop", scrape=ScrapeJob(["a:1"]), no_data=NoData(target_down="")),
    ],
    ids=["selector", "job", "nothing", "no alert about targets"],
)
def test_without_alerts_about_targets_a_missing_metric_alerts_always(service: Service) -> None:
    missing = no_data(SLO("a", 99.9, RATIO), service)["ShopAMetricMissing"]
    assert missing.expr == 'absent(slo:events_total:increase5m{service="shop",slo="a"})'
    assert missing.for_ == "30m"


def no_data(slo: SLO, service: Service) -> dict[str, AlertingRule]:
    return {alert.name: alert for alert in no_data_alerts(SloPlan(slo, service, ROOMY))}


def test_a_metric_that_was_never_there_is_a_ticket() -> None:
    alerts = no_data(SLO("a", 99.9, RATIO), Service("shop", no_data=NoData(severity="page")))
    missing, never = alerts["ShopAMetricMissing"], alerts["ShopAMetricNeverSeen"]
    assert (missing.labels["severity"], never.labels["severity"]) == ("page", "ticket")
    assert missing.expr.replace("and on ()", "unless on ()") == never.expr


def test_traffic_that_stops_is_a_ticket_or_has_a_severity_of_its_own() -> None:
    def severity(settings: NoData) -> str:
        slo = SLO("a", 99.9, RATIO, no_data=settings)
        return no_data(slo, Service("shop"))["ShopATrafficStopped"].labels["severity"]

    assert severity(NoData()) == "ticket"
    assert severity(NoData(severity="page")) == "page"
    assert severity(NoData(traffic_severity="page")) == "page"


def test_the_time_of_stopped_traffic_includes_the_base_window() -> None:
    def for_(length: str) -> str:
        slo = SLO("a", 99.9, RATIO, no_data=NoData(traffic_stopped=length))
        return no_data(slo, Service("shop"))["ShopATrafficStopped"].for_

    assert [for_(length) for length in ("10m", "6m", "5m", "1m")] == ["5m", "1m", "", ""]
    slo = SLO("a", 99.9, RATIO, no_data=NoData(traffic_stopped=""))
    assert "ShopATrafficStopped" not in no_data(slo, Service("shop"))


@pytest.mark.parametrize("sli", [Uptime("up"), RawRatio("x"), Freshness("x", max_age="1h"), TimeSlice("x", below=1)])
def test_slis_that_do_not_count_requests_have_no_usual_traffic(sli: SLI) -> None:
    slo = SLO("a", 99, sli)
    assert "ShopATrafficStopped" not in no_data(slo, Service("shop"))
    assert not [rule for rule in rules_of(slo) if "usual" in rule.name]


def test_the_settings_for_missing_data_of_an_slo_replace_those_of_its_service() -> None:
    service = Service("shop", scrape=ScrapeJob(["a:1"]), no_data=NoData(severity="page"))
    own = SLO("a", 99.9, RATIO, no_data=NoData(no_traffic="", traffic_stopped="", metric_missing="0s"))
    settings = no_data(SLO("a", 99.9, RATIO), service)
    assert {name for name, alert in settings.items() if alert.labels["severity"] != "page"} == {"ShopAMetricNeverSeen"}
    assert [(alert.name, alert.for_, alert.labels["severity"]) for alert in no_data(own, service).values()] == [
        ("ShopAMetricMissing", "", "ticket"),
        ("ShopAInvalidRatio", "15m", "ticket"),
    ]


def test_a_window_adds_adjacent_windows_and_takes_a_missing_one_as_zero() -> None:
    slo = SLO("a", 99.9, RATIO, policy=[Tier("page", severity="page", budget=2, long="1h", short="30m")])
    labels = '{service="shop",slo="a"}'
    half = f"slo:events_bad:increase30m{labels}"
    assert rule_of(slo, "slo:events_bad:increase1h").expr == (
        f"{half}\n+ (last_over_time({half}[30m] offset 30m) or 0 * {half})"
    )
    short = SLO("a", 99.9, RATIO, policy=[Tier("page", severity="page", budget=2, long="12m", short="5m")])
    five = f"slo:events_total:increase5m{labels}"
    assert rule_of(short, "slo:events_total:increase12m").expr == (
        f"{five}\n+ ({five} offset 5m or 0 * {five})\n+ (0.4 * {five} offset 10m or 0 * {five})"
    )


def test_slices_of_time_are_recorded_one_by_one_and_summed() -> None:
    slices = SLO("a", 99, TimeSlice("batch_age_seconds", below=60))
    assert rule_of(slices, "slo:events_bad:increase5m").expr == (
        'sum_over_time(slo:slice_bad:now{service="shop",slo="a"}[4m30s]) / 5'
    )
    assert "batch_age_seconds" in rule_of(slices, "slo:slice_total:now").expr


def test_windows_of_more_than_72_base_windows_are_evaluated_in_the_slow_group() -> None:
    tiers = [Tier(f"t{n}", severity="page", budget=2, long=f"{n}m", short="5m") for n in (360, 361)]
    groups = slo_groups(plan(SLO("a", 99.9, RATIO, policy=tiers, alerts={"t360": BurnAlert(), "t361": BurnAlert()})))
    alerts = {group.name: [rule.name for rule in group.rules if isinstance(rule, AlertingRule)] for group in groups}
    assert (alerts["shop-slo-a"], alerts["shop-slo-a-long"]) == (["ShopABurnT360"], ["ShopABurnT361"])


@pytest.mark.parametrize(
    ("slo_interval", "intervals"),
    [
        ("15s", ("15s", "1m")),
        ("1m", ("1m", "4m")),
        ("90s", ("90s", "4m")),
        ("4m", ("4m", "4m")),
    ],
)
def test_long_windows_are_evaluated_four_times_less_often_and_at_least_every_four_minutes(
    slo_interval: str, intervals: tuple[str, str]
) -> None:
    planned = plan(SLO("a", 99.9, RATIO), Project("team", retention="90d", slo_interval=slo_interval))
    assert (planned.interval, planned.slow_interval) == intervals


def test_a_group_is_split_after_twenty_rules() -> None:
    def sizes(*windows: int) -> dict[str, int]:
        tiers = [Tier(f"t{n}", severity="page", budget=2, long=f"{n}m", short="5m") for n in windows]
        groups = slo_groups(plan(SLO("a", 99.9, RATIO, policy=tiers)))
        return {
            group.name: len(group.rules)
            for group in groups
            if group.name.startswith("shop-slo-a-2") or group.name == "shop-slo-a"
        }

    # Three rules for the base window, three for each other window, two for the alert.
    assert sizes(10, 15, 20, 25) == {"shop-slo-a": 20}
    assert sizes(10, 15, 20, 25, 35) == {"shop-slo-a": 20, "shop-slo-a-2": 3}


def test_the_shortest_window_holds_four_scrapes() -> None:
    assert list(slo_findings(plan(SLO("a", 99.9, RATIO), interval="75s"))) == []
    [finding] = slo_findings(plan(SLO("a", 99.9, RATIO), interval="76s"))
    assert finding.code.name == "slo-window"


def test_the_period_may_be_as_long_as_the_retention() -> None:
    assert list(slo_findings(plan(SLO("a", 99.9, RATIO, period="90d")))) == []
    [finding] = slo_findings(plan(SLO("a", 99.9, RATIO, period="90d1s")))
    assert finding.message == "the period 90d1s is longer than the retention of 90d"


def test_an_alert_is_reachable_up_to_an_error_ratio_of_100_percent() -> None:
    tiers = [Tier("page", severity="page", budget=100, long="3d", short="6h")]  # a factor of 10
    assert list(slo_findings(plan(SLO("a", 90.01, RATIO, policy=tiers)))) == []
    [finding] = slo_findings(plan(SLO("a", 90, RATIO, policy=tiers)))
    assert finding.code.name == "unreachable-alert"


@pytest.mark.parametrize(
    ("number", "text"), [("0.00010", "0.0001"), ("1E+3", "1000"), ("14.40", "14.4"), ("1E-10", "0.0000000001")]
)
def test_decimals_are_written_without_exponent_and_trailing_zeros(number: str, text: str) -> None:
    assert format_decimal(Decimal(number)) == text


def test_factors_are_rounded_to_four_decimals_but_never_to_zero() -> None:
    assert [str(round_factor(Decimal(number))) for number in ("0.23333", "14.40", "0.00005", "0.00006", "0.00004")] == [
        "0.2333",
        "14.4",
        "0.00005",
        "0.0001",
        "0.00004",
    ]


def test_samples_have_nine_decimals_or_nine_digits() -> None:
    assert [format_sample(value) for value in (1.23456789012, 0.000123456789012, 1e6, 1 / 3)] == [
        "1.23456789",
        "0.000123456789",
        "1000000",
        "0.333333333",
    ]


def test_json_numbers_have_twelve_digits_and_no_empty_fraction() -> None:
    assert [shortest_number(value) for value in (0.1 + 0.2, 5.0, Decimal("5"), 1e15, 123456789.0123456)] == [
        0.3,
        5,
        5,
        1e15,
        123456789.012,
    ]
    assert isinstance(shortest_number(999_999_999_999_000.0), int)
    assert isinstance(shortest_number(1e15), float)


@pytest.mark.parametrize("length", [40, 41])
def test_a_uid_has_at_most_forty_characters(length: int) -> None:
    uid = naming.dashboard_uid("a" * length)
    assert (len(uid), uid == "a" * length) == (40, length == 40)


def test_a_mutant_has_exactly_one_change() -> None:
    groups = slo_groups(plan(SLO("a", 99.9, RATIO)))
    changed = list(mutants(groups))
    assert len(changed) > 200
    for mutant in changed:
        before, after = mutant.original, mutant.mutated
        assert (before.expr != after.expr) + (dict(before.labels) != dict(after.labels)) == 1


def test_a_mutant_has_the_line_with_its_change() -> None:
    rule = RecordingRule("a:b", "up\nand\nsum(rate(a_total[5m])) / 2", {"team": "a"}, SLO("a", 99.9, RATIO))
    assert [(mutant.change, mutant.line) for mutant in mutants([RuleGroup("a", [rule])])] == [
        ("a:b: and becomes or", "up or sum(rate(a_total[5m])) / 2"),
        ("a:b: 5m becomes 2m30s", "sum(rate(a_total[2m30s])) / 2"),
        ("a:b: 5m becomes 10m", "sum(rate(a_total[10m])) / 2"),
        ("a:b: / becomes *", "sum(rate(a_total[5m])) * 2"),
        ("a:b: 2 becomes 1", "sum(rate(a_total[5m])) / 1"),
        ("a:b: 2 becomes 3", "sum(rate(a_total[5m])) / 3"),
        ("a:b: label team becomes mutated", "team: a-mutated"),
    ]


def test_labels_that_obscode_adds_have_no_mutants() -> None:
    expr = 'a{slo="x",b="x"} + a{slo!="x"} + a{slo="y"}'
    group = RuleGroup("a", [RecordingRule("a:b", expr, {"slo": "x", "service": "y"}, SLO("a", 99.9, RATIO))])
    assert [mutant.change for mutant in mutants([group], own_labels={"slo": "x", "service": "z"})] == [
        'a:b: "x" becomes "x-mutated"',
        "a:b: + becomes -",
        'a:b: "x" becomes "x-mutated"',
        "a:b: + becomes -",
        'a:b: "y" becomes "y-mutated"',
        "a:b: label service becomes mutated",
    ]


@pytest.mark.parametrize("expr", ["0 * up", "0 # x\n * up", "up[1h:5m]"])
def test_a_change_without_an_effect_is_no_mutant(expr: str) -> None:
    group = RuleGroup("a", [RecordingRule("a:b", expr, {}, SLO("a", 99.9, RATIO))])
    changes = [mutant.change for mutant in mutants([group])]
    assert changes == (["a:b: 1h becomes 30m", "a:b: 1h becomes 2h"] if "1h" in expr else [])


def test_only_the_rules_under_test_have_mutants() -> None:
    group = RuleGroup("a", [RecordingRule(name, "up", {"x": "y"}, SLO("a", 99.9, RATIO)) for name in ("a:b", "c:d")])
    assert [mutant.original.name for mutant in mutants([group], ["c:d"])] == ["c:d"]
