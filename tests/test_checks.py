"""The checks of definitions and rules, and what their examples show."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Any

import pytest
from conftest import ProjectFolder

import obscode
from obscode import Alert, Dashboard, Project, RecordingRule, Route, Routing, Row, Service
from obscode.artifacts import rules
from obscode.checks import Check, Severities, lint, lint_values, promql_expressions, registry
from obscode.compiler import Definitions, compile
from obscode.findings.errors import Exit
from obscode.findings.finding import Finding
from obscode.model.dashboard import Panel
from obscode.model.definition import Definition
from obscode.model.metrics import Metric
from obscode.model.receivers import Webhook
from obscode.model.scrape import ScrapeJob
from obscode.model.sli import ErrorsAndLatency, FreeQuery, Latency, Ratio, TimeSlice, Uptime
from obscode.model.sli.base import SLI
from obscode.model.slo import SLO
from obscode.promql.limits import MAX_CHARACTERS
from obscode.reader.dashboards.model import Dashboard as JsonDashboard
from obscode.reader.file_contents import read_text

# Checks of dashboards' JSON have tests of their own.
# tests/test_failing_templates.py has the examples of checks whose findings a tool reports.
CHECKS = {check.name: check for check in registry.checks() if check.subject is not JsonDashboard and not check.by_tool}

PLACES: dict[type[Definition], str] = {
    Alert: "alerts",
    RecordingRule: "recording_rules",
    SLO: "slos",
    Metric: "metrics",
    ScrapeJob: "scrape",
    Row: "dashboard",
}


def is_yaml(example: str) -> bool:
    return re.match(r"\w+:", example) is not None


def findings(source: str, *checks: Check) -> list[Finding]:
    """The findings of some checks (of all, without one) in an example: definitions, one below the other, or YAML."""
    notes = Severities(notes=True)
    if is_yaml(source):
        contents = read_text(source, "example.yml")
        assert contents.findings == []
        return lint_values(contents.values, checks or None, notes)
    names = {name: getattr(obscode, name) for name in obscode.__all__}
    statements = ast.parse(source).body
    definitions = [eval(ast.unparse(statement), names) for statement in statements]
    project = next((d for d in definitions if isinstance(d, Project)), Project("examples"))
    services, dashboards = grouped([d for d in definitions if not isinstance(d, Project | Routing)])
    routing = next((d for d in definitions if isinstance(d, Routing)), None)
    return lint(compile(Definitions(project, services, dashboards, routing)), checks or None, notes)


def grouped(definitions: Iterable[Definition]) -> tuple[list[Service], list[Dashboard]]:
    """The services and dashboards; other definitions become part of a service."""
    services = [d for d in definitions if isinstance(d, Service)]
    dashboards = [d for d in definitions if isinstance(d, Dashboard)]
    rest: dict[str, list[Definition]] = {}
    for definition in definitions:
        if isinstance(definition, Panel):
            rest.setdefault("dashboard", []).append(Row("Panels", definition))
        elif not isinstance(definition, Service | Dashboard):
            place = next(place for kind, place in PLACES.items() if isinstance(definition, kind))
            rest.setdefault(place, []).append(definition)
    own = [Service("example", **rest)] if rest else []  # type: ignore[arg-type]
    return [*services, *own], dashboards


# --- examples ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_reports_its_bad_example(check: Check) -> None:
    assert {finding.code.name for finding in findings(check.bad, check)} == {check.name}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_accepts_its_good_example(check: Check) -> None:
    assert findings(check.good, check) == []


def test_no_good_example_has_an_error() -> None:
    errors = {
        check.name: [str(finding) for finding in findings(check.good) if finding.severity == "error"]
        for check in CHECKS.values()
    }
    assert {name: result for name, result in errors.items() if result} == {}


@pytest.mark.parametrize(
    "check", [pytest.param(check, id=name) for name, check in CHECKS.items() if not is_yaml(check.bad)]
)
def test_the_bad_example_can_be_ignored(check: Check) -> None:
    tree = ast.parse(check.bad)
    reason = ast.parse(f"f(ignore={{{check.name!r}: 'an example'}})", mode="eval").body
    assert isinstance(reason, ast.Call)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            node.keywords += reason.keywords
    reported = findings(ast.unparse(tree), check)
    assert {(finding.code.name, finding.severity) for finding in reported} <= {("ignore-argument", "warning")}, (
        "unused entries only"
    )


# --- ignore= -----------------------------------------------------------------------------------------------------

NAMED = 'shop = Service("shop", recording_rules=[RecordingRule("errors", "sum(errors_total)", ignore={ignore})])\n'


def test_a_finding_that_is_ignored_with_a_reason_is_not_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=NAMED.format(ignore='{"rule-name": "the old dashboard reads it"}'))
    assert project_folder.run("build").exit == Exit.OK


def test_warnings_alone_do_not_stop_a_build(project_folder: ProjectFolder) -> None:
    project_folder.write(
        shop='shop = Service("shop", alerts=[Alert("Down", "up == 0", severity="page", summary="{{ job }} is down")])\n'
    )
    ended = project_folder.run("build")
    assert ended.exit == Exit.OK
    assert ended.err == (
        """\
definitions/shop.py:3:82: warning[alert-template]: '{{ job }}' in the summary of alert Down is not a template, \
so Prometheus does not expand it
    3 | shop = Service("shop", alerts=[Alert("Down", "up == 0", severity="page", summary="{{ job }} is down")])
      |                                                                                  ^^^^^^^^^^^^^^^^^^^
  hint: write {{ $labels.job }}
"""
    )


def test_a_definition_in_two_services_is_reported_once() -> None:
    alert = Alert("Down", "up == 0", severity="page")
    definitions = Definitions(Project("p"), [Service("a", alerts=[alert]), Service("b", alerts=[alert])])
    assert len(lint(compile(definitions))) == 1


# --- rule-name ---------------------------------------------------------------------------------------------------

# A rule's name, its expression, and what is wrong with the name.
RULE_NAMES = [
    ("job:requests:rate5m", "sum by (job) (rate(requests_total[5m]))", []),
    ("job_path:requests:rate5m", "sum by (job, path) (rate(requests_total[5m]))", []),
    ("job:requests:rate5m", "rate(requests_total[5m])", []),
    (":requests:rate5m", "sum(rate(requests_total[5m]))", []),
    ("job:latency_seconds:p90", "histogram_quantile(0.9, sum by (job, le) (rate(latency_seconds_bucket[5m])))", []),
    ("job:requests:ratio", "sum by (job) (requests_failed_total) / sum by (job) (requests_total)", []),
    ("job:requests:rate1h", "avg_over_time(job:requests:rate5m[1h])", []),
    ("model:vllm_tokens:rate5m", "sum by (model) (rate(vllm:tokens_total[5m]))", []),
    ("one:two", "sum(up)", ["'one:two' is not of the form level:metric:operations"]),
    ("a::b", "sum(up)", ["'a::b' is not of the form level:metric:operations"]),
    ("job:up:sum", "sum(up)", ["'job:up:sum' begins with 'job', but the expression keeps no label"]),
    (
        "job_path:up:sum",
        "sum by (job, instance) (up)",
        ["'job_path:up:sum' begins with 'job_path', but the expression keeps instance, job"],
    ),
    ("job:declined_payments:sum", 'sum by (job) (tries{outcome="declined"})', []),
    ("job:queue_age:max", "max by (job) (oldest_message_age_seconds)", []),
    ("job:down:sum", "sum by (job) (up)", ["'job:down:sum' names 'down', which the expression does not read"]),
]


@pytest.mark.parametrize(("name", "expr", "wrong"), RULE_NAMES)
def test_the_name_of_a_rule_agrees_with_its_expression(name: str, expr: str, wrong: list[str]) -> None:
    service = Service("shop", recording_rules=[RecordingRule(name, expr)])
    reported = lint(compile(Definitions(Project("p"), [service])))
    assert [finding.message for finding in reported if finding.code.name == "rule-name"] == wrong


def test_the_level_may_name_labels_that_the_rule_adds() -> None:
    rule = RecordingRule("job_region:up:sum", "sum by (job) (up)", labels={"region": "eu"})
    assert lint(compile(Definitions(Project("p"), [Service("shop", recording_rules=[rule])]))) == []


# --- unknown-recording-rule --------------------------------------------------------------------------------------

RECORDED = {
    "job:up:sum": [],
    ":tensorflow:serving:request_count": [],
    "vllm:num_requests_running": [],
    "job:up:max": ["Down reads 'job:up:max', which no rule records"],
    "job:upp:sum": ["Down reads 'job:upp:sum', which no rule records"],
    "up": [],
}


@pytest.mark.parametrize(("series", "wrong"), RECORDED.items())
def test_a_recorded_series_that_no_rule_records_is_reported(series: str, wrong: list[str]) -> None:
    service = Service(
        "shop",
        recording_rules=[RecordingRule("job:up:sum", "sum by (job) (up)")],
        alerts=[Alert("Down", f"{series} == 0", severity="page", summary="down")],
    )
    reported = lint(compile(Definitions(Project("p"), [service])))
    assert [finding.message for finding in reported] == wrong


def test_a_recorded_series_that_no_rule_records_is_reported_for_each_rule_of_an_slo() -> None:
    """Also where the rules of two SLOs differ in the service and the name only."""
    a = Service("a", selector={"team": "x"}, slos=[SLO("up", 99, Uptime("job:shop:up"))])
    b = Service("b", selector={"team": "x"}, slos=[SLO("up", 99, Uptime("job:shop:up"))])
    reported = lint(compile(Definitions(Project("p"), [a, b])), [CHECKS["unknown-recording-rule"]])
    expected = [
        f"slo:events_{rule}:increase5m reads 'job:shop:up', which no rule records"
        for rule in ("bad", "bad", "total", "total")
    ]
    assert sorted(finding.message for finding in reported) == expected


SLO_RULES = {
    'sum(up{service="a",slo="b"}) > 0': ['sum(up{service="0",slo="0"}) > 0', ["up"]],
    'up{service="a",slo="c"}': ['up{service="a",slo="c"}', ["up"]],
    'up{service="a",slo="b"} +': ['up{service="0",slo="0"} +', []],
    '{service="a",slo="b"}': ['{service="0",slo="0"}', [""]],
    f'up{{service="a",slo="b"}}{" " * MAX_CHARACTERS}': [f'up{{service="0",slo="0"}}{" " * MAX_CHARACTERS}', []],
}


@pytest.mark.parametrize(("expr", "expected"), SLO_RULES.items())
def test_rules_of_slos_are_parsed_with_one_service_and_name(expr: str, expected: list[object]) -> None:
    rule = rules.RecordingRule("r", expr, {"service": "a", "slo": "b"}, SLO("b", 99, Uptime("up")))
    [expression] = promql_expressions.expressions_of(rule)
    assert [expression.shared, [*expression.metrics()]] == expected


def test_a_series_in_a_catalog_need_not_be_recorded() -> None:
    service = Service(
        "shop",
        metrics=[obscode.metrics.Counter("app:requests:total")],
        alerts=[Alert("Down", "app:requests:total == 0", severity="page", summary="down")],
    )
    assert lint(compile(Definitions(Project("p"), [service]))) == []


# --- not-in-catalog ----------------------------------------------------------------------------------------------

R_TOTAL = obscode.metrics.Counter("r_total", labels=["c"])
NO_LABEL = "r_total has no label 'nolabel'"


def messages_of(check: str, *services: Service, project: Project | None = None) -> list[str]:
    """The messages of one check."""
    artifacts = compile(Definitions(project or Project("p"), list(services)))
    return [finding.message for finding in lint(artifacts, [CHECKS[check]])]


def cataloged(**definitions: Any) -> Service:
    """A service that exposes r_total{c} and a histogram of the same label."""
    metrics = [R_TOTAL, obscode.metrics.Histogram("took_seconds", labels=["c"], buckets=[0.5, 1])]
    return Service("a", scrape=ScrapeJob(["x:1"], labels={"region": "eu"}), metrics=metrics, **definitions)


CATALOGED_SLIS: list[tuple[SLI, list[str]]] = [
    (Ratio(errors='r_total{c="5"}', total="r_total", by=["c"]), []),
    (Ratio(errors='r_total{c="5",region="eu"}', total='r_total{region="eu"}', by=["instance"]), []),
    (Ratio(errors='typo_total{c="5"}', total="r_total"), []),
    (Ratio(errors='r_total{nolabel="5"}', total="r_total"), [NO_LABEL]),
    (Ratio(errors='r_total{nolabel!="5"}', total="r_total"), []),
    (Ratio(errors='r_total{c="5"}', total="r_total", by=["nolabel"]), [NO_LABEL]),
    (Latency("took_seconds", under="500ms", by=["c"]), []),
    (
        Latency("took_second", under="500ms"),
        ["a/errors reads the unknown series 'took_second'"],
    ),
    (ErrorsAndLatency("took_seconds", errors='{c="5",d="1"}', under="1s"), ["took_seconds has no label 'd'"]),
    (Uptime("up"), []),
    (Uptime("job:r:up"), []),  # unknown-recording-rule reports it
    (
        FreeQuery(bad='sum(increase(r_total{d="5"}[5m]))', total="sum(increase(r_total[5m]))"),
        ["r_total has no label 'd'"],
    ),
    (TimeSlice('sum by (m) (label_replace(r_total, "m", "$1", "c", "(.*)"))', below=1, by=["m"]), []),
]


@pytest.mark.parametrize(("sli", "wrong"), CATALOGED_SLIS)
def test_a_series_of_an_sli_is_in_the_catalog(sli: SLI, wrong: list[str]) -> None:
    assert messages_of("not-in-catalog", cataloged(slos=[SLO("errors", 99, sli)])) == wrong


def test_the_hint_for_a_misspelt_counter_names_the_counter_once() -> None:
    requests = obscode.metrics.Counter("http_requests_total")
    sli = FreeQuery(bad="sum(increase(http_request_total[5m]))", total="sum(increase(http_requests_total[5m]))")
    service = Service("a", scrape=ScrapeJob(["x:1"]), metrics=[requests], slos=[SLO("errors", 99, sli)])
    findings = lint(compile(Definitions(Project("p"), [service])), [CHECKS["not-in-catalog"]])
    assert [finding.hint for finding in findings] == ["did you mean 'http_requests_total'?"]


def test_an_sli_may_read_series_of_another_service_and_recorded_series() -> None:
    recorded = RecordingRule("job:r:fives", 'sum by (job) (r_total{c="5"})')
    reading = Service(
        "b",
        metrics=[obscode.metrics.Gauge("g")],
        scrape=ScrapeJob(["y:1"]),
        slos=[
            SLO("errors", 99, Ratio(errors='r_total{c="5"}', total="r_total")),
            SLO("recorded", 99, Ratio(errors="job:r:fives", total="r_total")),
        ],
    )
    assert messages_of("not-in-catalog", cataloged(recording_rules=[recorded]), reading) == []


def test_without_a_catalog_an_sli_may_read_any_series() -> None:
    service = Service("a", slos=[SLO("errors", 99, Ratio(errors="typo_total", total="r_total"))])
    assert messages_of("not-in-catalog", service) == []


CATALOGED_ALERTS = {
    "r_total > 1": [],
    "typo_metric > 1": [],
    "tok_seconds_count > 1": ["A reads the unknown series 'tok_seconds_count'"],
    'r_total{nolabel="1"} > 1': [],  # empty-selector reports it
    'r_total{nolabel=""} > 1': [],
    'scrape_duration_seconds{job="a"} > 1 and up == 1': [],
    'r_total{exported_job="1"} > 1': [],
}


@pytest.mark.parametrize(("expr", "wrong"), CATALOGED_ALERTS.items())
def test_a_typo_of_a_catalogued_name_in_an_alert_is_reported(expr: str, wrong: list[str]) -> None:
    assert messages_of("not-in-catalog", cataloged(alerts=[Alert("A", expr, severity="page", summary="s")])) == wrong


def test_labels_of_service_discovery_need_not_be_in_the_catalog() -> None:
    alert = Alert("A", 'r_total{namespace="shop"} > 1', severity="page", summary="s")
    assert messages_of("not-in-catalog", Service("a", metrics=[R_TOTAL], alerts=[alert])) == []


# --- alert-comparison --------------------------------------------------------------------------------------------

# Expressions of alerts, and whether they can be quiet.
CONDITIONS = {
    "sum(up)": False,
    "up > bool 1": False,
    "1": False,
    "changes(up[5m])": False,
    "up > 1 or vector(1)": False,
    "vector(1)": True,  # a heartbeat
    "up == 0": True,
    "up > bool 1 == 1": True,
    "count(up == 0)": True,
    "(up == 0) * 100": True,
    "absent(up)": True,
    "up unless other": True,
    "up and on (job) other": True,
    "count_over_time((up == 0)[5m:])": True,
    'ALERTS{alertstate="firing"}': True,
}


@pytest.mark.parametrize(("expr", "fine"), CONDITIONS.items())
def test_an_alert_has_a_condition(expr: str, fine: bool) -> None:
    reported = messages_of("alert-comparison", Service("a", alerts=[Alert("A", expr, severity="page", summary="s")]))
    assert bool(reported) != fine


# --- slo-scope ---------------------------------------------------------------------------------------------------


def test_an_sli_with_its_own_matchers_needs_no_selector() -> None:
    slo = SLO("errors", 99, Ratio(errors='r_total{app="a",c="5"}', total='r_total{app="a"}'))
    assert messages_of("slo-scope", Service("a", slos=[slo])) == []


# --- alert-name, duplicate-record, duplicate-alert ---------------------------------------------------------------

# Definitions of a service, and what the three checks report.
POLICIES = {
    "a name of two words": (
        'alerts=[Alert("high errors", "up == 0", severity="page", summary="s"{ignore})]',
        ["alert-name: 'high errors' cannot be an alert's name"],
    ),
    "the same record": (
        'recording_rules=[RecordingRule("job:up:sum", "sum by (job) (up{{a=\'1\'}})"), '
        'RecordingRule("job:up:sum", "sum by (job) (up{{a=\'2\'}})"{ignore})]',
        [
            "duplicate-record: 'job:up:sum' is recorded twice with the same labels, the first at "
            "definitions/shop.py:3:41"
        ],
    ),
    "the same alert": (
        'alerts=[Alert("Down", "up == 0", severity="page", summary="s"), '
        'Alert("Down", "up < 1", severity="page", summary="s"{ignore})]',
        [
            "duplicate-alert: two alerts are named 'Down' and have the same labels, the first at "
            "definitions/shop.py:3:32"
        ],
    ),
    "the same alert with another severity": (
        'alerts=[Alert("Down", "up == 0", severity="page", summary="s"), '
        'Alert("Down", "up < 1", severity="ticket", summary="s"{ignore})]',
        [],
    ),
}


@pytest.mark.parametrize(("definitions", "expected"), POLICIES.values(), ids=POLICIES)
def test_a_policy_is_reported_and_can_be_ignored(
    definitions: str, expected: list[str], project_folder: ProjectFolder
) -> None:
    project_folder.write(shop=f'shop = Service("shop", {definitions.format(ignore="")})\n')
    heads = [line for line in project_folder.run("build").err.splitlines() if "error[" in line]
    assert [head.partition("error[")[2].replace("]", "", 1) for head in heads] == expected

    reasons = {message.partition(":")[0]: "the pager expects it" for message in expected}
    project_folder.write(shop=f'shop = Service("shop", {definitions.format(ignore=f", ignore={reasons}")})\n')
    assert project_folder.run("build").err == ""


# --- unmatched-route -------------------------------------------------------------------------------------------------


def test_a_route_with_a_label_value_that_no_alert_has_is_reported() -> None:
    by_model = Ratio(errors='r_total{code="5"}', total="r_total", by=["model"])
    pages = [Alert("Full", "sum by (queue) (length) > 9", severity="page", summary="full", labels={"team": "search"})]
    service = Service("shop", selector={"job": "shop"}, slos=[SLO("a", 99, by_model)], alerts=pages)
    team = Webhook("team", url="http://localhost:5001/")

    def reported(**match: str) -> list[tuple[str, str]]:
        routing = Routing(default=team, routes=[Route(team, match=match)])
        artifacts = compile(Definitions(Project("team"), [service], routing=routing))
        return [(f.message, f.hint) for f in lint(artifacts) if f.code.name == "unmatched-route"]

    for label, value in {"service": "shop", "slo": "a", "model": "b", "queue": "x", "alertname": "Full"}.items():
        assert reported(**{label: value}) == []
    assert reported(team="search", severity="ticket") == []
    assert reported(team="serch") == [("no alert has the label team='serch'", "did you mean 'search'?")]
    assert reported(region="eu") == [("no alert has the label region='eu'", "no alert of the project has this label")]
    assert reported(alertname="Ful") == [("no alert has the label alertname='Ful'", "did you mean 'Full'?")]
    assert reported(slo="zone") == [("no alert has the label slo='zone'", "alerts have a")]


def test_a_route_for_a_label_of_unknown_series_is_accepted() -> None:
    alert = Alert("Down", "up == 0", severity="page", summary="down")
    team = Webhook("team", url="http://localhost:5001/")
    routing = Routing(default=team, routes=[Route(team, match={"region": "eu"})])
    artifacts = compile(Definitions(Project("team"), [Service("shop", alerts=[alert])], routing=routing))
    assert [finding for finding in lint(artifacts) if finding.code.name == "unmatched-route"] == []


def test_a_route_for_alerts_without_a_label_is_accepted() -> None:
    receiver = obscode.receivers.Webhook("team", url="http://localhost:5001/")
    alert = Alert("Down", "sum by (job) (up) == 0", severity="page", summary="down")
    service = Service("shop", selector={"job": "shop"}, alerts=[alert])
    routing = obscode.Routing(receiver, routes=[obscode.Route(receiver, match={"team": ""})])
    artifacts = compile(Definitions(Project("p"), [service], routing=routing))
    assert lint(artifacts, [CHECKS["unmatched-route"]]) == []
