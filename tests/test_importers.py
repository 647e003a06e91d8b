"""Importers of Sloth and OpenSLO documents: definitions, equal results, and the documents that are rejected."""

from __future__ import annotations

import runpy
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import goldens
import pytest
import yaml
from conftest import ProjectFolder
from goldens import Golden
from promql_cases import Case, check
from sli_cases import recorded

from obscode import SLO, Project, Service
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError, Exit, LoadError, ObscodeError
from obscode.importers import load as load_all
from obscode.importers import openslo, sloth
from obscode.importers.document import DocumentError
from obscode.model.burn_rate import BurnAlert, Tier
from obscode.model.no_data import NoData
from obscode.model.sli import FreeQuery, Latency, Ratio, RawRatio, TimeSlice
from obscode.project.load import load as load_definitions
from obscode.renderers.prometheus.rules import rule_file_text
from obscode.testing import rules_of
from obscode.toolchain import Tool
from obscode.verify.unit_tests import run_suite

DATA = Path(__file__).parent / "data/importers"
OFF: dict[str, BurnAlert | None] = dict.fromkeys(("page", "ticket"))
# The documents have severities of several teams.
PROJECT = Project("shop", severities={"page": "critical", "ticket": "warning", "sev1": "sev1"})
PAGES_OFF: dict[str, BurnAlert | None] = {"page": None}

# --- Sloth -------------------------------------------------------------------------------

PAGE = BurnAlert(
    "CheckoutFails",
    severity="critical",
    labels={"category": "availability"},
    annotations={"summary": "Customers cannot order", "runbook": "https://runbooks.example.com/checkout"},
)
TICKET = BurnAlert(
    "CheckoutFails",
    severity="warning",
    labels={"category": "nuisance"},
    annotations={"summary": "Some customers cannot order", "runbook": "https://runbooks.example.com/checkout"},
)


def test_a_sloth_document_equals_a_service_written_in_python() -> None:
    assert sloth.load("data/importers/checkout.yml") == [
        Service(
            "checkout",
            slos=[
                SLO(
                    "availability",
                    99.9,
                    Ratio(
                        errors='orders_total{job="checkout",status=~"5..|429"}', total='orders_total{job="checkout"}'
                    ),
                    description="Orders are taken.",
                    labels={"owner": "team-checkout", "stage": "prod-eu"},
                    alerts={"page": PAGE, "ticket": TICKET},
                ),
                SLO(
                    "latency",
                    99,
                    Latency('order_duration_seconds{job="checkout"}', under="250ms", by=["region"]),
                    labels={"owner": "team-checkout", "stage": "prod"},
                    alerts=PAGES_OFF,
                ),
                SLO(
                    "payments",
                    99.5,
                    Ratio(errors='payments_total{outcome="failed"}', total="payments_total"),
                    labels={"owner": "team-checkout", "stage": "prod"},
                    alerts=OFF,
                ),
            ],
        )
    ]


def test_kubernetes_objects_of_one_service_are_one_service() -> None:
    page = BurnAlert("SearchFails", severity="sev1")
    assert sloth.load("data/importers/kubernetes.yml") == [
        Service(
            "search",
            slos=[
                SLO(
                    "availability",
                    99.95,
                    Ratio(errors='searches_total{code="500"}', total="searches_total"),
                    labels={"team": "search"},
                    alerts={"page": page, "ticket": None},
                ),
                SLO("answered", 99, Ratio(good="answers_total", total="searches_total")),
            ],
        )
    ]


SLOTH_SEVERITIES = """\
version: prometheus/v1
service: shop
slos:
- name: up
  objective: 99.9
  sli:
    events:
      error_query: sum(rate(errors_total[{{.window}}]))
      total_query: sum(rate(requests_total[{{.window}}]))
  alerting:
    name: ShopFails
    page_alert: {labels: {severity: pageteam, team: shop}}
    ticket_alert: {labels: {severity: slack}}
"""


@pytest.mark.parametrize(
    ("severities", "page", "ticket"),
    [
        (
            {},
            {"severity": "page", "exported_severity": "pageteam"},
            {"severity": "ticket", "exported_severity": "slack"},
        ),
        ({"page": "pageteam", "ticket": "slack"}, {"severity": "pageteam"}, {"severity": "slack"}),
        (
            {"page": "critical", "ticket": "slack"},
            {"severity": "critical", "exported_severity": "pageteam"},
            {"severity": "slack"},
        ),
    ],
)
def test_the_key_of_a_sloth_alert_is_its_severity_where_the_project_does_not_have_the_written_one(
    severities: dict[str, str], page: dict[str, str], ticket: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "shop.yml").write_text(SLOTH_SEVERITIES)
    project = Project("p", severities=severities) if severities else Project("p")
    artifacts = compile(Definitions(project, sloth.load(tmp_path)))
    alerts = [dict(rule.labels) for rule in artifacts.rules() if rule.name == "ShopFails"]
    shared = {"service": "shop", "slo": "up"}
    assert alerts == [{**shared, **page, "team": "shop"}, {**shared, **ticket}]


def test_queries_other_than_sums_become_free_queries() -> None:
    [shapes] = sloth.load("data/importers/shapes.yml")
    two_rates = FreeQuery(
        bad="""\
(
sum by (zone) (rate(sent_total{code="500"}[5m]))
  + sum by (zone) (rate(lost_total[5m]))  # never answered
) * 300""",
        total="(sum by (zone) (rate(sent_total[5m])) > 0) * 300",
        by=["zone"],
    )
    satisfied = "avg(avg_over_time(satisfaction[5m]))"
    assert {slo.name: slo.sli for slo in shapes.slos} == {
        "two-rates": two_rates,
        "two-rates-again": two_rates,
        "samples": FreeQuery(
            bad="sum_over_time((count(satisfaction < 0.75))[5m:1m])",
            total="sum_over_time((count(satisfaction))[5m:1m])",
        ),
        "quotient": Ratio(errors='sent_total{code="500"}', total="sent_total"),
        "good-quotient": Ratio(good='sent_total{code!="500"}', total="sent_total"),
        "gauge": RawRatio('dissatisfaction{kind="wifi"}'),
        "gauge-by-hand": RawRatio("dissatisfaction"),
        "good-gauge": FreeQuery(bad=f"1 - {satisfied}", total=f"(1 - {satisfied}) >= bool -Inf"),
    }


def test_slis_that_count_events_need_a_minimum_number_of_them() -> None:
    [shapes] = sloth.load("data/importers/shapes.yml")
    assert {slo.name: slo.guard() for slo in shapes.slos} == {
        "two-rates": (10, 5),
        "two-rates-again": (10, 5),
        "samples": (0, 0),
        "quotient": (10, 5),
        "good-quotient": (10, 5),
        "gauge": (0, 0),
        "gauge-by-hand": (0, 0),
        "good-gauge": (0, 0),
    }


def test_the_period_is_an_argument_as_on_the_command_line_of_sloth() -> None:
    [checkout] = sloth.load("data/importers/checkout.yml", period="28d")
    assert {slo.period for slo in checkout.slos} == {"28d"}


def test_labels_can_be_renamed() -> None:
    [checkout] = sloth.load("data/importers/checkout.yml", rename={"stage": "env", "category": "kind"})
    availability = checkout.slos[0]
    page = availability.alerts["page"]
    assert availability.labels == {"owner": "team-checkout", "env": "prod-eu"}
    assert page
    assert page.labels == {"kind": "availability"}


def test_labels_equal_to_those_that_obscode_sets_are_dropped(tmp_path: Path) -> None:
    document = edited("sloth", " service: shop\n+labels:\n+  service: shop")
    assert load(sloth.load, document, tmp_path)[0].slos[0].labels == {}


@pytest.mark.parametrize(
    ("query", "selector", "by"),
    [
        ('sum(rate(a_total{x="1"}[{{.window}}]))', 'a_total{x="1"}', []),
        ('sum( rate( a_total{x="1"} [ {{.window}} ] ) )', 'a_total{x="1"}', []),
        ('((SUM(rate(a_total{x="1"}[{{.window}}]))))', 'a_total{x="1"}', []),
        ('sum by(y, z)(rate(a_total{x="1"}[{{.window}}]))', 'a_total{x="1"}', ["y", "z"]),
        ('sum (rate(a_total{x="1"}[{{ .window }}])) by (y)', 'a_total{x="1"}', ["y"]),
        ('sum(rate(a_total{x="1"}[{{.window}}])) OR on() vector(0)', 'a_total{x="1"}', []),
        ('sum(rate(a_total{x="[1m])) by ("}[{{.window}}]))', 'a_total{x="[1m])) by ("}', []),
    ],
)
def test_a_sum_of_rates_becomes_a_ratio_in_any_notation(
    query: str, selector: str, by: list[str], tmp_path: Path
) -> None:
    total = f"sum by ({', '.join(by)}) (rate(a_total[{{{{.window}}}}]))"
    document = events(query, total)
    assert load(sloth.load, document, tmp_path)[0].slos[0].sli == Ratio(errors=selector, total="a_total", by=by)


@pytest.mark.parametrize(
    "query",
    [
        'sum(rate(a_total{x="1"}[{{.window}}])) + sum(rate(a_total{x="2"}[{{.window}}]))',
        'sum(rate(a_total{x="1"}[{{.window}}])) * 1',
        'sum(rate(a_total{x="1"}[{{.window}}] offset 5m))',
        'sum(rate((a_total{x="1"})[{{.window}}:1m]))',
        'sum(rate(a_total{x="1"}[{{.window}}])) - sum(rate(b_total[{{.window}}]))',
    ],
)
def test_other_queries_become_free_queries(query: str, tmp_path: Path) -> None:
    document = events(query, "sum(rate(a_total[{{.window}}]))")
    assert isinstance(load(sloth.load, document, tmp_path)[0].slos[0].sli, FreeQuery)


@pytest.mark.parametrize(
    ("bucket", "sli"),
    [
        ('wait_seconds_bucket{le="0.25",job="a"}', Latency('wait_seconds{job="a"}', under="250ms")),
        ('wait_seconds_bucket{job="a",le="1.0"}', Latency('wait_seconds{job="a"}', under="1s")),
        # Less than a millisecond, which no duration expresses; nothing; bounds that are a pattern.
        ('wait_seconds_bucket{job="a",le="0.0005"}', None),
        ('wait_seconds_bucket{job="a",le="0"}', None),
        ('wait_seconds_bucket{job="a",le="-1"}', None),
        ('wait_seconds_bucket{job="a",le=~"1|1.0"}', None),
        ('wait_seconds_bucket{job="a",le=~"1"}', None),
        # Of another job, and of something else than time.
        ('wait_seconds_bucket{job="b",le="1"}', None),
        ('size_bytes_bucket{job="a",le="1024"}', None),
    ],
)
def test_a_bucket_of_all_requests_is_a_latency(bucket: str, sli: Latency | None, tmp_path: Path) -> None:
    metric = bucket.partition("_bucket")[0]
    total = f'sum(rate({metric}_count{{job="a"}}[{{{{.window}}}}]))'
    document = events(f"{total} - sum(rate({bucket}[{{{{.window}}}}]))", total)
    if 'job="b"' in bucket:
        with pytest.raises(DocumentError, match="good lacks the total's job"):
            load(sloth.load, document, tmp_path)
        return
    expected = sli or Ratio(good=bucket, total=f'{metric}_count{{job="a"}}')
    assert load(sloth.load, document, tmp_path)[0].slos[0].sli == expected


# --- OpenSLO -----------------------------------------------------------------------------


def test_a_folder_of_openslo_documents_becomes_services() -> None:
    answered = Ratio(
        good='http_requests_total{job="web",code!~"5.."}', total='http_requests_total{job="web"}', by=["region"]
    )
    usual = dict.fromkeys(OFF, BurnAlert(annotations={"dashboard": "https://grafana.example.com/d/shop"}))
    shop = {"team": "shop,payments", "app_kubernetes_io_part_of": "shop"}
    description = "Availability: The shop is open\nAnswered requests: Not a server error"
    quick = BurnAlert(
        for_="2m",
        labels={"notification_target": "pager,chat", "routing": "night"},
        annotations={
            "alert_policy": "Quick: Wakes somebody",
            "alert_condition": "The month's budget would be gone in two days",
            "notification_target": "pagerduty, Everybody on call; slack",
            "example_com_dashboard": "https://grafana.example.com/d/web",
        },
    )
    assert openslo.load("data/importers/openslo") == [
        Service(
            "web-shop",
            description="Web shop: Where customers buy.",
            slos=[
                SLO(
                    "availability-as-promised",
                    99.5,
                    answered,
                    period="28d",
                    description=f"{description}\nAs promised",
                    alerts=usual,
                    labels={**shop, "layer": "edge"},
                ),
                SLO(
                    "availability-99.9",
                    99.9,
                    answered,
                    period="28d",
                    description=description,
                    alerts=usual,
                    labels={**shop, "layer": "edge"},
                ),
                SLO(
                    "search",
                    99,
                    TimeSlice("histogram_quantile(0.99, sum by (le) (rate(search_seconds_bucket[2m])))", below=0.5),
                    policy=[
                        Tier("quick", severity="page", budget=2, long="1h", short="5m"),
                        Tier("slow", severity="ticket", budget=10, long="3d", short="6h"),
                    ],
                    alerts={"quick": quick, "slow": BurnAlert()},
                    no_data=NoData(metric_missing="", traffic_stopped="", no_traffic=""),
                    labels=shop,
                ),
            ],
        ),
        Service(
            "queue",
            slos=[
                SLO(
                    "queue",
                    95,
                    TimeSlice(
                        'avg_over_time((((queue_length{queue="mail"}) >= -Inf) <= bool 0)[5m:1m]) >= bool 0.8',
                        above=0,
                    ),
                ),
                SLO(
                    "deliveries",
                    99,
                    TimeSlice(
                        """\
(
((sum(rate(mails_total{state="lost"}[10m]))) or 0 * (sum(rate(mails_total[10m]))))
/
((sum(rate(mails_total[10m]))) > 0)
) <= bool 0.05""",
                        above=0,
                    ),
                ),
            ],
        ),
    ]


def ratio_metric(counter: str, part: str, total: str) -> str:
    """The lines of a ratioMetric that differ, as an edit of the document about orders."""
    return f"""\
-        counter: true
+        counter: {counter}
         bad:
           metricSource:
             type: Prometheus
             spec:
-              query: orders_total{{code="500"}}
+              query: {part}
         total:
           metricSource:
             type: Prometheus
             spec:
-              query: orders_total
+              query: {total}"""


@pytest.mark.parametrize(
    ("counter", "bad", "total", "sli"),
    [
        ("true", 'a_total{x="1"}', "a_total", Ratio(errors='a_total{x="1"}', total="a_total")),
        ("true", 'sum(a_total{x="1"})', "a_total", Ratio(errors='a_total{x="1"}', total="a_total")),
        (
            "true",
            'sum by (y) (rate(a_total{x="1"}[2m]))',
            "sum by (y) (rate(a_total[2m]))",
            Ratio(errors='a_total{x="1"}', total="a_total", by=["y"]),
        ),
        (
            "false",
            'sum(increase(a_total{x="1"}[{{.window}}]))',
            "sum(increase(a_total[{{.window}}]))",
            Ratio(errors='a_total{x="1"}', total="a_total"),
        ),
        (
            "false",
            'waiting{late="yes"}',
            "sum by (queue) (waiting)",
            None,  # rejected: no series match
        ),
        (
            "false",
            'waiting{late="yes"}',
            "waiting",
            FreeQuery(
                bad='sum_over_time((sum(waiting{late="yes"}))[5m:15s])', total="sum_over_time((sum(waiting))[5m:15s])"
            ),
        ),
        (
            "true",
            'increase(a_total{x="1"}[1m])',
            "increase(a_total[1m])",
            FreeQuery(bad='increase(a_total{x="1"}[5m])', total="increase(a_total[5m])"),
        ),
    ],
)
def test_counters_are_increased_and_samples_are_summed(
    counter: str, bad: str, total: str, sli: Ratio | FreeQuery | None, tmp_path: Path
) -> None:
    document = edited("openslo", ratio_metric(counter, bad, total))
    if sli is None:
        with pytest.raises(DocumentError, match="no series match"):
            load(openslo.load, document, tmp_path)
    else:
        assert load(openslo.load, document, tmp_path)[0].slos[0].sli == sli


@pytest.mark.parametrize(
    ("kind", "query", "sli"),
    [
        ("failure", 'failing_ratio{job="a"}', RawRatio('failing_ratio{job="a"}')),
        ("success", "ok_ratio", FreeQuery(bad="1 - (ok_ratio)", total="(ok_ratio) >= bool -Inf")),
        (
            "success",
            "sum(rate(ok_total[5m])) / sum(rate(all_total[5m]))",
            Ratio(good="ok_total", total="all_total"),
        ),
        (
            "success",
            "1 - sum(rate(bad_total[5m])) / sum(rate(all_total[5m]))",
            Ratio(errors="bad_total", total="all_total"),
        ),
    ],
)
def test_a_raw_ratio_becomes_the_simplest_sli(kind: str, query: str, sli: RawRatio | FreeQuery, tmp_path: Path) -> None:
    raw = f"""\
      ratioMetric:
        rawType: {kind}
        raw:
          metricSource:
            type: Prometheus
            spec:
              query: {query}
"""
    text = (DATA / "orders_openslo.yml").read_text()
    document = text[: text.index("      ratioMetric")] + raw + text[text.index("  timeWindow") :]
    assert load(openslo.load, document, tmp_path)[0].slos[0].sli == sli


def test_a_policy_that_does_not_alert_when_breaching_disables_the_alerts(tmp_path: Path) -> None:
    document = (DATA / "orders_openslo.yml").read_text() + POLICY.replace("Breaching: true", "Breaching: false")
    assert load(openslo.load, document, tmp_path)[0].slos[0].alerts == OFF


POLICY = """\
  alertPolicies:
    - kind: AlertPolicy
      metadata: {name: fast}
      spec:
        alertWhenBreaching: true
        conditions:
          - kind: AlertCondition
            metadata: {name: burns}
            spec:
              severity: page
              condition: {kind: burnrate, threshold: 2, lookbackWindow: 1h}
"""


@pytest.mark.parametrize("threshold", ["2", "14.4", "0.7", "13.44"])
@pytest.mark.parametrize("period", ["28d", "30d", "7d"])
def test_a_burn_rate_keeps_its_value(threshold: str, period: str, tmp_path: Path) -> None:
    text = (DATA / "orders_openslo.yml").read_text().replace("30d", period)
    document = text + POLICY.replace("threshold: 2", f"threshold: {threshold}")
    [tier] = load(openslo.load, document, tmp_path)[0].slos[0].tiers()
    assert f"{tier.factor(period):f}" == threshold


# --- equal results -----------------------------------------------------------------------------------


@pytest.fixture
def one_promtool(promtool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """`rules_of` asks the promtool of this run, and not all."""
    monkeypatch.setattr("obscode.testing.find_supported", lambda name, oldest: [promtool])


# An hour of quiet, twenty minutes with ten times as much traffic and errors, quiet again.
COURSE = {
    'sent_total{zone="a",code="200"}': "0+9x60 549+60x20 1758+9x40",
    'sent_total{zone="a",code="500"}': "0+0x60 0+30x20 600+1x40",
    'lost_total{zone="a"}': "0+1x60 60+10x20 260+1x40",
    'satisfaction{client="1"}': "1x60 0.5x20 0.9x40",
    'satisfaction{client="2"}': "0.9x60 0.7x20 0.9x40",
    'dissatisfaction{kind="wifi"}': "0x60 0.5x20 0.1x40",
}
WINDOWED = {
    "two-rates": (
        '(sum by (zone) (rate(sent_total{code="500"}[1h])) + sum by (zone) (rate(lost_total[1h])))'
        " / sum by (zone) (rate(sent_total[1h]))"
    ),
    "samples": "sum_over_time((count(satisfaction < 0.75))[1h:1m]) / sum_over_time((count(satisfaction))[1h:1m])",
    "quotient": 'sum(rate(sent_total{code="500"}[1h])) / sum(rate(sent_total[1h]))',
    "good-quotient": '1 - sum(rate(sent_total{code!="500"}[1h])) / sum(rate(sent_total[1h]))',
    "gauge": 'avg(avg_over_time(dissatisfaction{kind="wifi"}[1h]))',
    "gauge-by-hand": "sum(sum_over_time(dissatisfaction[1h])) / sum(count_over_time(dissatisfaction[1h]))",
    "good-gauge": "1 - avg(avg_over_time(satisfaction[1h]))",
}


@pytest.mark.parametrize("name", WINDOWED)
@pytest.mark.usefixtures("one_promtool")
def test_the_ratio_of_an_hour_equals_the_result_of_the_documents_query(name: str) -> None:
    [shapes] = sloth.load("data/importers/shapes.yml")
    [slo] = (slo for slo in shapes.slos if slo.name == name)
    recorded_ratio = f'slo:error_ratio:rate1h{{service="shapes",slo="{name}"}}'
    by = ", ".join(slo.sli.by)
    # Counts of five minutes, added up every minute, blur both ends of the hour.
    close = f"abs({recorded_ratio} / on ({by}) ({WINDOWED[name]}) - 1) < bool 0.06"
    rules = rules_of(replace(shapes, slos=[slo])).with_series({s: v for s, v in COURSE.items() if reads(slo, s)})
    rules.assert_value(close, 1, at="95m30s", labels=dict.fromkeys(slo.sli.by, "a"))


def reads(slo: SLO, series: str) -> bool:
    return series.partition("{")[0] in slo.sli.reads()


def test_rates_are_converted_to_events(promtool: Tool) -> None:
    """The ratio of two rates is that of two counts; only counts give the number of events."""
    [shapes] = sloth.load("data/importers/shapes.yml")
    bad, total = recorded(shapes.slos[0].sli)
    series = {
        'sent_total{job="api",zone="a",code="200"}': "0+9x20",
        'sent_total{job="api",zone="a",code="500"}': "0+1x20",
        'lost_total{job="api",zone="a"}': "0+2x20",
        'sent_total{job="api",zone="b",code="200"}': "0+10x20",
    }
    cases = [
        Case(total, "10m30s", {'{zone="a"}': 50, '{zone="b"}': 50}),
        Case(bad, "10m30s", {'{zone="a"}': 15, '{zone="b"}': 0}),
        Case(f"({total}) / sum by (zone) (increase(sent_total[5m]))", "10m30s", {'{zone="a"}': 1, '{zone="b"}': 1}),
    ]
    check(promtool, series, cases)


@pytest.mark.usefixtures("one_promtool")
def test_a_time_slice_is_bad_when_too_few_evaluations_are_good() -> None:
    [_, queue] = openslo.load("data/importers/openslo")
    rules = rules_of(replace(queue, slos=[queue.slos[0]])).with_series({'queue_length{queue="mail"}': "0x60 3x11 0x60"})
    # Two bad looks of five are too many: fifteen or so of the sixty slices around twelve bad minutes.
    ratio = 'slo:error_ratio:rate1h{service="queue",slo="queue"}'
    rules.assert_value(f"({ratio} > bool 0.2) * ({ratio} < bool 0.3)", 1, at="95m30s", labels=IDENTITY)
    # One bad look of five is not.
    rules.with_series({'queue_length{queue="mail"}': "0x60 3 0x60"}).assert_value(
        ratio, 0, at="95m30s", labels=NAMED | IDENTITY
    )


IDENTITY = {"service": "queue", "slo": "queue"}
NAMED = {"__name__": "slo:error_ratio:rate1h"}


@pytest.mark.usefixtures("one_promtool")
def test_a_time_slice_is_bad_when_too_many_events_are_bad() -> None:
    [_, queue] = openslo.load("data/importers/openslo")
    rules = rules_of(replace(queue, slos=[queue.slos[1]])).with_series(
        {
            # Ten minutes in which half of the mails are lost, then ten without any.
            'mails_total{state="sent"}': "0+10x60 605+5x10 655x10 655+10x40",
            'mails_total{state="lost"}': "0x60 5+5x10 55x10 55x40",
        }
    )
    ratio = 'slo:error_ratio:rate1h{service="queue",slo="deliveries"}'
    labels = {"service": "queue", "slo": "deliveries"}
    rules.assert_value(f"({ratio} > bool 0.3) * ({ratio} < bool 0.4)", 1, at="105m30s", labels=labels)


# --- the rules ---------------------------------------------------------------------------------------------------


def every_service() -> list[Service]:
    return [
        *sloth.load("data/importers/checkout.yml"),
        *sloth.load("data/importers/shapes.yml"),
        *sloth.load("data/importers/kubernetes.yml"),
        *openslo.load("data/importers/openslo"),
    ]


def test_promtool_accepts_the_rules_of_every_service(promtool: Tool, tmp_path: Path) -> None:
    artifacts = compile(Definitions(PROJECT, every_service()))
    files = [tmp_path / f"{file.name}.yml" for file in artifacts.rule_files]
    for path, file in zip(files, artifacts.rule_files, strict=True):
        path.write_text(rule_file_text(file))

    ran = subprocess.run([promtool.path, "check", "rules", "--lint-fatal", *files], capture_output=True, text=True)

    assert (ran.stderr, ran.returncode) == ("", 0)
    assert len(files) == 5


@pytest.mark.parametrize("name", ["checkout/availability", "web-shop/search"])
def test_the_generated_tests_of_imported_slos_pass(name: str, promtool: Tool) -> None:
    """The first few, which take no time; all of them pass."""
    [suite] = (suite for suite in compile(Definitions(PROJECT, every_service())).test_suites if suite.name == name)
    result = run_suite(replace(suite, tests=suite.tests[:4]), promtool)
    assert result.passed, result.output


# --- positions ------------------------------------------------------------------------------------------


def test_a_relative_path_starts_at_the_folder_of_the_calling_file(project_folder: ProjectFolder) -> None:
    slos = project_folder.root / "slos"
    slos.mkdir()
    (slos / "orders.yml").write_text((DATA / "orders_sloth.yml").read_text())
    project_folder.write(case='from obscode.importers import sloth\n\nservices = sloth.load("../slos/orders.yml")\n')

    reported = project_folder.run("build", "--verbose")

    rules = (project_folder.build / "prometheus/rules/shop.yml").read_text()
    assert (reported.exit, reported.err) == (Exit.OK, "")
    assert rules.startswith("# Written by obscode from slos/orders.yml; change it there.\n")


def test_findings_of_the_compiler_point_into_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    services = load(sloth.load, (DATA / "orders_sloth.yml").read_text().replace("99.9", "80"), tmp_path)

    with pytest.raises(DefinitionError) as refused:
        compile(Definitions(Project("shop", retention="15d"), services))

    reported = str(refused.value).splitlines()
    assert reported[:4] == [
        "slos.yml:4:11: error[slo-period]: the period 30d is longer than the retention of 15d",
        "    4 |   - name: orders",
        "      |           ^^^^^^",
        '  hint: shorten it, or raise retention="30d" in the Project and in Prometheus',
    ]
    assert reported[4:7] == [
        "slos.yml:5:16: error[unreachable-alert]: the alert of tier page-fast can never fire: "
        "14.4 times a budget of 20 % is an error ratio of 288 %",
        "    5 |     objective: 80",
        "      |                ^^",
    ]


# --- folders of all formats ---------------------------------------------------------------------------------------

ALPHA = """\
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: answered, displayName: Answers}
spec:
  service: shop
  description: Requests are answered.
  budgetingMethod: Occurrences
  objectives:
    - ratioMetrics:
        good: {source: prometheus, queryType: promql, query: "sum(rate(answers_total{code!='500'}[{{.window}}]))"}
        total: {source: prometheus, queryType: promql, query: "sum(rate(answers_total[{{.window}}]))"}
      target: 0.999
  timeWindows: [{count: 4, unit: Week}]
"""
WINDOWS = """\
apiVersion: sloth.slok.dev/v1
kind: AlertWindows
spec:
  sloPeriod: 7d
  page:
    quick: {errorBudgetPercent: 8, shortWindow: 5m, longWindow: 1h}
    slow: {errorBudgetPercent: 12.5, shortWindow: 30m, longWindow: 6h}
  ticket:
    quick: {errorBudgetPercent: 20, shortWindow: 2h, longWindow: 1d}
    slow: {errorBudgetPercent: 42, shortWindow: 6h, longWindow: 3d}
"""


def test_a_folder_may_contain_documents_of_all_formats_and_of_other_tools(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/broken.yml").write_text("[")
    other = edited("openslo", "").replace("name: orders", "name: orders-v1")
    (tmp_path / "a.yml").write_text(edited("sloth", ""))
    (tmp_path / "team/b.YAML").write_text(f"apiVersion: v1\nkind: ConfigMap\n---\n{ALPHA}---\n{other}")
    (tmp_path / "kustomization.yaml").write_text("resources: [a.yml]\n")
    (tmp_path / "list.yml").write_text(
        "apiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: openslo/v1, kind: Service, metadata: {name: shop}, spec: {description: Sells.}}\n"
    )
    [shop] = load_all(tmp_path)
    assert (shop.name, shop.description) == ("shop", "Sells.")
    assert [(slo.name, slo.period) for slo in shop.slos] == [
        ("orders", "30d"),
        ("answered", "28d"),
        ("orders-v1", "30d"),
    ]


def test_a_folder_without_slos_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kustomization.yaml").write_text("resources: [a.yml]\n")
    with pytest.raises(DocumentError) as refused:
        load_all(tmp_path)
    assert str(refused.value) == (
        "kustomization.yaml:1:1: error[import-document]: this is not a Sloth or an OpenSLO document\n"
        "    1 | resources: [a.yml]\n"
        "      | ^^^^^^^^^\n"
        "  hint: a Sloth document has version: prometheus/v1, or apiVersion: sloth.slok.dev/v1; "
        "an OpenSLO document has apiVersion: openslo/v1"
    )


def test_each_objective_of_openslo_v1alpha_is_an_slo(tmp_path: Path) -> None:
    [shop] = load(openslo.load, ALPHA, tmp_path)
    [answered] = shop.slos
    assert answered == SLO(
        "answered",
        99.9,
        Ratio(good="answers_total{code!='500'}", total="answers_total"),
        period="28d",
        description="Answers: Requests are answered.",
    )
    second = ALPHA[ALPHA.index("    - ratio") : ALPHA.index("  timeWindows")].replace("0.999", "0.99")
    [shop] = load(openslo.load, ALPHA.replace("  timeWindows", f"{second}  timeWindows"), tmp_path)
    assert [(slo.name, slo.objective) for slo in shop.slos] == [("answered-0", 99.9), ("answered-1", 99)]


def test_a_counter_of_openslo_v1alpha_is_increased(tmp_path: Path) -> None:
    document = ALPHA.replace("sum(rate(", "sum(").replace("[{{.window}}]))", ")")
    document = document.replace("ratioMetrics:\n", "ratioMetrics:\n        incremental: true\n")
    [shop] = load(openslo.load, document, tmp_path)
    assert shop.slos[0].sli == Ratio(good="answers_total{code!='500'}", total="answers_total")


ALPHA_ERRORS = {
    "calendar windows": ("unit: Week", "unit: Week, calendar: {}", "obscode has rolling windows, not calendar windows"),
    "a unit without a fixed length": ("unit: Week", "unit: Month", "obscode has no period in the unit Month"),
    "half a week": ("count: 4", "count: 0.5", "count 0.5 is not a number of days or weeks"),
    "no weeks": ("count: 4", "count: 0", "count 0 is not a number of days or weeks"),
    "too many weeks": ("count: 4", "count: 10001", "count 10001 is not a number of days or weeks"),
    "two windows": ("Week}", "Week}, {count: 1, unit: Day}", "an SLO has one time window"),
    "time slices": ("Occurrences", "Timeslices", "time slices of openslo/v1alpha have no length"),
    "an indicator": (
        "objectives:",
        "indicator: {}\n  objectives:",
        "Occurrences counts events, but a thresholdMetric has",
    ),
    "a target in percent": ("0.999", "99.9", "target 99.9 is not above 0 and below 1"),
    "a target of 1": ("0.999", "1", "target 1 is not above 0 and below 1"),
    "another source": ("source: prometheus", "source: datadog", "obscode cannot read from datadog"),
    "another language": ("queryType: promql", "queryType: sql", "queryType is 'sql'"),
    "no ratio": ("ratioMetrics", "ratioMetric", "the objective has no ratioMetrics"),
    "no flag for a counter": (
        "sum(rate(answers_total[{{.window}}]))",
        "answers_total",
        "ratioMetrics has no incremental",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), ALPHA_ERRORS.values(), ids=ALPHA_ERRORS)
def test_openslo_v1alpha_without_an_equivalent_is_rejected(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in ALPHA
    with pytest.raises(DocumentError) as refused:
        load(openslo.load, ALPHA.replace(old, new, 1), tmp_path)
    assert refused.value.findings[0].message.startswith(message)


WEEK = [("page", 8, "1h", "5m"), ("page", 12.5, "6h", "30m"), ("ticket", 20, "1d", "2h"), ("ticket", 42, "3d", "6h")]


def test_alert_windows_are_the_policy_of_the_slos_of_their_period(tmp_path: Path) -> None:
    (tmp_path / "windows.yml").write_text(WINDOWS)
    (tmp_path / "slos.yml").write_text(edited("sloth", ""))
    policy = sloth.alert_windows(tmp_path / "windows.yml", period="7d")
    [shop] = sloth.load(tmp_path, period="7d")
    assert shop.slos[0].policy == policy
    assert [(tier.severity, tier.budget, tier.long, tier.short) for tier in policy] == WEEK
    assert [f"{tier.factor('7d'):f}" for tier in policy] == ["13.44", "3.5", "1.4", "0.98"]


def test_slos_of_a_period_without_alert_windows_are_reported_as_by_sloth(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="the AlertWindows have the periods 7d, but the SLOs have 30d"):
        load(sloth.load, f"{WINDOWS}---\n{edited('sloth', '')}", tmp_path)
    with pytest.raises(DocumentError, match="there are AlertWindows, but no SLO of Sloth"):
        load(sloth.load, WINDOWS, tmp_path)
    with pytest.raises(DocumentError, match="there are no AlertWindows for a period of 30d"):
        sloth.alert_windows(tmp_path / "slos.yml")


def test_alert_windows_of_one_period_must_be_equal(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(f"{WINDOWS}---\n{WINDOWS}")
    assert len(sloth.alert_windows(tmp_path / "a.yml", period="7d")) == 4
    (tmp_path / "a.yml").write_text(f"{WINDOWS}---\n{WINDOWS.replace('42', '41')}")
    with pytest.raises(DocumentError, match="AlertWindows for 7d are a duplicate of those at"):
        sloth.alert_windows(tmp_path / "a.yml", period="7d")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("errorBudgetPercent: 8", "errorBudgetPercent: 0", "budget 0 is not a positive number"),
        ("shortWindow: 5m", "shortWindow: 2h", "the short window 2h is not shorter than the long window 1h"),
        ("shortWindow: 5m", "shortWindow: 5 min", "'5 min' is not a duration"),
        ("    quick: {errorBudgetPercent: 8, shortWindow: 5m, longWindow: 1h}\n", "", "page has no quick"),
        ("slow:", "slw:", "page has no slow"),
    ],
)
def test_invalid_alert_windows_are_reported_once(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in WINDOWS
    (tmp_path / "windows.yml").write_text(f"{WINDOWS.replace(old, new, 1)}---\n{edited('sloth', '')}")
    with pytest.raises(DocumentError) as refused:
        sloth.load(tmp_path / "windows.yml", period="7d")
    [finding, *others] = sorted(refused.value.findings, key=lambda finding: finding.code.name == "unknown-key")
    assert finding.message.startswith(message)
    assert len(others) == ("slw" in new)
    with pytest.raises(DocumentError):
        sloth.alert_windows(tmp_path / "windows.yml", period="7d")


def test_a_label_needs_to_be_in_one_document_only_to_be_renamed(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(edited("sloth", ""))
    (tmp_path / "b.yml").write_text(
        edited("sloth", " service: shop\n+labels: {team: sales}").replace("orders", "returns")
    )
    [shop] = sloth.load(tmp_path, rename={"team": "owner"})
    assert [slo.labels for slo in shop.slos] == [{}, {"owner": "sales"}]


def test_numbers_in_labels_are_texts_as_for_sloth(tmp_path: Path) -> None:
    document = edited("sloth", " service: shop\n+labels: {shard: 0.20, canary: true}")
    [shop] = load(sloth.load, document, tmp_path)
    assert shop.slos[0].labels == {"shard": "0.20", "canary": "true"}


def test_metadata_of_kubernetes_objects_is_ignored_as_by_sloth(tmp_path: Path) -> None:
    text = (DATA / "kubernetes.yml").read_text()
    with_labels = text.replace("metadata:", "metadata:\n  generation: 2\n  labels: {service: other, release: a}", 1)
    assert with_labels != text
    assert load(sloth.load, with_labels + "status: {}\n", tmp_path) == sloth.load(DATA / "kubernetes.yml")


# --- templates -------------------------------------------------------------------------------------------------------


def summary(text: str, folder: Path, *, allow_templates: bool = False) -> str:
    """The summary of the alert of an SLO with the labels team and region."""
    document = edited("sloth", f"       name: OrdersFail\n+      annotations: {{summary: {text!r}}}")
    document = document.replace("slos:\n", "labels: {team: sales}\nslos:\n", 1)
    (folder / "slos.yml").write_text(document)
    [shop] = sloth.load(folder / "slos.yml", allow_templates=allow_templates)
    [alert] = {alert.annotations["summary"] for alert in shop.slos[0].alerts.values() if alert}
    return alert


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{{ $labels.region }} fails", "{{ $labels.region }} fails"),
        ("{{- $labels.region -}}", "{{- $labels.region -}}"),
        ("{{.Labels.region}}", "{{.Labels.region}}"),
        ("of {{ $labels.team }}!", "of sales!"),
        ("{{ $labels.sloth_service }}/{{$labels.sloth_slo}}", "{{ $labels.service }}/{{ $labels.slo }}"),
        ("{{ $labels.sloth_id }}", "{{ $labels.service }}-{{ $labels.slo }}"),
        ("{{ that is no template", "{{ that is no template"),
        ("{{/* a comment */}}", "{{/* a comment */}}"),
    ],
)
def test_templates_that_print_a_label_are_kept(written: str, expected: str, tmp_path: Path) -> None:
    assert summary(written, tmp_path) == expected


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('{{ query "up" }}', 'the template {{ query "up" }} does more than print a label'),
        ("{{ externalURL }}", "the template {{ externalURL }} does more than print a label"),
        ("{{ $labels.region | toUpper }}", "the template {{ $labels.region | toUpper }} does more than print a label"),
        ("{{ if $labels.a }}", None),
        ("{{ $value }}", "the value of this alert is the burn rate, not the error ratio"),
        ("{{ .Value }}", "the value of this alert is the burn rate, not the error ratio"),
    ],
)
def test_other_templates_need_an_option(written: str, message: str | None, tmp_path: Path) -> None:
    if message is None:
        assert summary(written, tmp_path) == written  # it is not balanced, so it is escaped in rules
        return
    with pytest.raises(DocumentError) as refused:
        summary(written, tmp_path)
    [finding] = refused.value.findings
    assert finding.message == message
    assert summary(written, tmp_path, allow_templates=True) == written


def test_a_template_in_a_label_of_the_slo_is_rejected(tmp_path: Path) -> None:
    document = edited("sloth", " service: shop\n+labels: {team: '{{ $labels.team }}'}")
    with pytest.raises(DocumentError, match="does not expand templates in labels of recorded series"):
        load(sloth.load, document, tmp_path)


def test_a_description_of_openslo_is_no_template(tmp_path: Path) -> None:
    policy = POLICY.replace("alertWhenBreaching", "description: Wakes {{ query `up` }}\n        alertWhenBreaching")
    [shop] = load(openslo.load, (DATA / "orders_openslo.yml").read_text() + policy, tmp_path)
    [alert] = shop.slos[0].alerts.values()
    assert alert
    assert alert.annotations["alert_policy"] == 'Wakes {{"{{"}} query `up` }}'


@pytest.mark.parametrize(("text", "message"), [("{{ query `up` }}", "does more than print"), ("{{ $labels.x }}", "")])
def test_templates_in_annotations_of_openslo_are_checked(text: str, message: str, tmp_path: Path) -> None:
    document = (
        (DATA / "orders_openslo.yml")
        .read_text()
        .replace("metadata:\n", f"metadata:\n  annotations: {{summary: '{text}'}}\n", 1)
    )
    if not message:
        [shop] = load(openslo.load, document, tmp_path)
        assert {alert.annotations["summary"] for alert in shop.slos[0].alerts.values() if alert} == {text}
        return
    with pytest.raises(DocumentError, match=message):
        load(openslo.load, document, tmp_path)


# --- rejected documents ---------------------------------------------------------------------------------------------

Loader = Callable[[Path], list[Service]]
LOADERS: dict[str, Loader] = {"sloth": sloth.load, "openslo": openslo.load}


def rejected_cases() -> Iterator[tuple[str, Golden]]:
    for name in LOADERS:
        for case in goldens.read(DATA / f"rejected_{name}.txt"):
            yield name, case


REJECTED = list(rejected_cases())


@pytest.mark.parametrize(("name", "case"), REJECTED, ids=[f"{name}: {case.title}" for name, case in REJECTED])
def test_invalid_documents_are_rejected(
    name: str, case: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """A case is a change of `orders_sloth.yml` or `orders_openslo.yml`, and the findings that it causes."""
    monkeypatch.chdir(tmp_path)
    document = edited(name, case.source)

    with pytest.raises(DocumentError) as refused:
        load(LOADERS[name], document, tmp_path)

    goldens.check(case, f"exit {refused.value.exit}\n{refused.value}", request.config)


def test_the_titles_of_the_rejected_cases_differ() -> None:
    titles = [(name, case.title) for name, case in REJECTED]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", LOADERS)
def test_the_unchanged_documents_are_valid(name: str, tmp_path: Path) -> None:
    [shop] = load(LOADERS[name], edited(name, ""), tmp_path)
    assert shop.slos[0].sli == Ratio(errors='orders_total{code="500"}', total="orders_total")


UNREADABLE = {
    "an open bracket": (
        b"version: [prometheus/v1\nservice: shop\n",
        """\
slos.yml:2:8: error[yaml-syntax]: invalid YAML: did not find expected ',' or ']'
    2 | service: shop
      |        ^""",
    ),
    "a tab in front of a key": (
        b"version: prometheus/v1\nslos:\n\t- name: a\n",
        """\
slos.yml:3:1: error[yaml-syntax]: invalid YAML: found character that cannot start any token
    3 | \t- name: a
      | ^""",
    ),
    "an unknown anchor": (
        b"version: *v\n",
        """\
slos.yml:1:10: error[yaml-syntax]: invalid YAML: there is no anchor 'v'
    1 | version: *v
      |          ^^""",
    ),
    "another encoding": (
        "service: größe\n".encode("latin-1"),
        "slos.yml:1:1: error[import-file]: slos.yml cannot be read: it is not UTF-8",
    ),
    "a thousand nested lists": (
        b"[\n" * 1000,
        """\
slos.yml:102:1: error[yaml-syntax]: invalid YAML: it is nested more than 100 levels deep
  102 | [
      | ^""",
    ),
}


@pytest.mark.parametrize(
    ("document", "code"),
    [("objective: 101", Exit.FINDINGS), ("objective: [", Exit.ERROR)],
)
def test_findings_in_a_document_are_findings_of_the_build(
    document: str, code: Exit, project_folder: ProjectFolder
) -> None:
    text = (DATA / "orders_sloth.yml").read_text()
    (project_folder.root / "slos.yml").write_text(text.replace("objective: 99.9", document))
    project_folder.write(
        case="""\
        from obscode import Project
        from obscode.importers import load

        project = Project("shop")
        services = load("../slos.yml")
        """
    )
    with pytest.raises(ObscodeError) as refused:
        load_definitions(project_folder.definitions)
    assert refused.value.exit == code


@pytest.mark.parametrize(("document", "reported"), UNREADABLE.values(), ids=UNREADABLE)
def test_invalid_yaml_is_a_load_error(
    document: bytes, reported: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("slos.yml").write_bytes(document)

    with pytest.raises(LoadError) as refused:
        sloth.load(tmp_path / "slos.yml")

    assert (str(refused.value), refused.value.exit) == (reported, Exit.ERROR)


def test_a_file_has_at_most_20_megabytes(tmp_path: Path) -> None:
    document = edited("sloth", "")
    (tmp_path / "slos.yml").write_text(document + "#" * (20_000_000 - len(document.encode())))
    assert sloth.load(tmp_path / "slos.yml")
    with (tmp_path / "slos.yml").open("a") as file:
        file.write("#")
    with pytest.raises(DocumentError, match="has 20000001 bytes, at most 20000000"):
        sloth.load(tmp_path / "slos.yml")


def test_a_missing_file_is_reported_at_the_call(project_folder: ProjectFolder) -> None:
    project_folder.write(
        case="""\
        from obscode.findings.errors import ObscodeError
        from obscode.importers import sloth

        try:
            sloth.load("../slos.yml")
        except ObscodeError as error:
            message = str(error)
        """
    )
    assert runpy.run_path(str(project_folder.definitions / "case.py"))["message"] == (
        "definitions/case.py:7:5: error[import-file]: slos.yml does not exist\n"
        '    7 |     sloth.load("../slos.yml")\n'
        "      |     ^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  hint: a relative path starts at the folder of the file that it is written in"
    )


def test_a_folder_without_documents_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slos").mkdir()
    with pytest.raises(LoadError, match="slos contains no YAML files"):
        openslo.load(tmp_path / "slos")
    (tmp_path / "slos/empty.yaml").write_text("# nothing yet\n")
    with pytest.raises(DocumentError, match="slos contains no document"):
        openslo.load(tmp_path / "slos")


def test_unknown_labels_in_rename_are_reported(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as refused:
        sloth.load(DATA / "checkout.yml", rename={"sage": "env"})
    [finding] = refused.value.findings
    assert (finding.message, finding.hint) == ("there is no label 'sage' to rename", "did you mean 'stage'?")


def test_findings_of_all_files_are_reported_together(tmp_path: Path) -> None:
    good = (DATA / "orders_sloth.yml").read_text()
    (tmp_path / "a.yml").write_text(good.replace("99.9", "100"))
    (tmp_path / "b.yaml").write_text("service: [")
    (tmp_path / "c.yml").write_text(good.replace("objective", "objectiv").replace("orders", "returns"))
    with pytest.raises(LoadError) as refused:
        sloth.load(tmp_path)
    places = [f"{Path(f.span.file).name}:{f.span.line}" for f in refused.value.findings if f.span]
    assert places == ["a.yml:5", "b.yaml:1", "c.yml:4", "c.yml:5"]


def test_an_alias_that_contains_itself_is_reported(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="the anchor 'a' contains itself"):
        load(sloth.load, edited("sloth", " service: shop\n+labels: &a\n+  x: *a"), tmp_path)


def test_aliases_of_aliases_are_counted_before_they_are_expanded(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    with pytest.raises(LoadError, match="its aliases expand to more than 2000000 values"):
        load(sloth.load, "\n".join(lines), tmp_path)


ODD: list[Any] = [None, [], {}, "", -1, 1e99, True, "{{.x}}", "1", "x y", [None], "sum(rate(x[{{.window}}:1m]))"]


@pytest.mark.parametrize("name", LOADERS)
def test_any_value_anywhere_is_read_or_reported(name: str, tmp_path: Path) -> None:
    document = yaml.safe_load(edited(name, ""))
    for path in paths(document):
        for value in ODD:
            with suppress(ObscodeError):
                load(LOADERS[name], yaml.safe_dump(replaced(document, path, value)), tmp_path)


def paths(value: Any) -> Iterator[tuple[Any, ...]]:
    """The ways to all values in a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (key,)
        yield from ((key, *path) for path in paths(item))


def replaced(document: Any, path: tuple[Any, ...], value: object) -> Any:
    """The document with another value in one place."""
    if not path:
        return value
    changed = document.copy()
    changed[path[0]] = replaced(document[path[0]], path[1:], value)
    return changed


# --- helpers of these tests --------------------------------------------------------------------------------------


def load(loader: Loader, document: str, folder: Path) -> list[Service]:
    """What a document becomes, that stands in `slos.yml`."""
    (folder / "slos.yml").write_text(document)
    return loader(folder / "slos.yml")


def edited(name: str, hunk: str) -> str:
    """The document about orders after a change that is written as in a diff."""
    text = (DATA / f"orders_{name}.yml").read_text()
    lines = hunk.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
    new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
    assert old in text
    return text.replace(old, new, 1)


def events(error_query: str, total_query: str) -> str:
    """The document about orders with other queries."""
    document = edited("sloth", "")
    document = document.replace('sum(rate(orders_total{code="500"}[{{.window}}]))', f"'{error_query}'")
    return document.replace("sum(rate(orders_total[{{.window}}]))", f"'{total_query}'")
