"""Checks are registered in order, explain themselves, and do what their own examples say."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import ProjectFolder

import obscode
from obscode import (
    Alert,
    Dashboard,
    ErrorsAndLatency,
    FreeQuery,
    Latency,
    Project,
    Ratio,
    RecordingRule,
    Row,
    Service,
    TimeSlice,
    Uptime,
    checks,
)
from obscode.checks import CHECKS, Explanation, check_name, explain, explanations
from obscode.compiler import Definitions, compile
from obscode.findings.errors import Exit
from obscode.findings.finding import Finding
from obscode.model.dashboard import Panel
from obscode.model.definition import Definition
from obscode.model.metrics import Metric
from obscode.model.scrape import ScrapeJob
from obscode.model.sli.base import SLI
from obscode.model.slo import SLO

# Modules beside the checks that are none.
NO_CHECKS = {"__init__", "compiled_dashboards", "own_findings", "promql_expressions"}

PLACES: dict[type[Definition], str] = {
    Alert: "alerts",
    RecordingRule: "recording_rules",
    SLO: "slos",
    Metric: "metrics",
    ScrapeJob: "scrape",
    Row: "dashboard",
}


def findings(source: str) -> list[Finding]:
    """What all checks find in an example: definitions, one below the other."""
    names = {name: getattr(obscode, name) for name in obscode.__all__}
    statements = ast.parse(source).body
    made = [eval(ast.unparse(statement), names) for statement in statements]
    project = next((d for d in made if isinstance(d, Project)), Project("examples"))
    return checks.run(compile(Definitions(project, *held([d for d in made if not isinstance(d, Project)]))))


def held(made: Iterable[Definition]) -> tuple[list[Service], list[Dashboard]]:
    """Definitions put where they belong: into a service, unless they are one."""
    services = [d for d in made if isinstance(d, Service)]
    dashboards = [d for d in made if isinstance(d, Dashboard)]
    rest: dict[str, list[Definition]] = {}
    for definition in made:
        if isinstance(definition, Panel):
            rest.setdefault("dashboard", []).append(Row("Panels", definition))
        elif not isinstance(definition, Service | Dashboard):
            place = next(place for kind, place in PLACES.items() if isinstance(definition, kind))
            rest.setdefault(place, []).append(definition)
    own = [Service("example", **rest)] if rest else []  # type: ignore[arg-type]
    return [*services, *own], dashboards


# --- the registry ------------------------------------------------------------------------------------------------


def test_every_file_is_a_check_that_is_registered_once() -> None:
    folder = Path(checks.__file__).parent
    files = sorted(path.stem for path in folder.glob("*.py") if path.stem not in NO_CHECKS)
    assert sorted(module.__name__.rpartition(".")[2] for module in CHECKS) == files


def test_what_does_not_parse_is_told_first() -> None:
    assert check_name(CHECKS[0]) == "promql-syntax"


@pytest.mark.parametrize("module", CHECKS, ids=check_name)
def test_a_check_explains_itself(module: ModuleType) -> None:
    explanation = explain(module)
    assert all(vars(explanation).values())
    assert explanation.summary.endswith(".")
    assert len(explanation.summary.splitlines()) <= 2


@pytest.mark.parametrize("check", explanations().values(), ids=explanations())
def test_the_bad_example_is_found_by_its_check_alone(check: Explanation) -> None:
    assert {finding.code for finding in findings(check.bad)} == {check.name}


@pytest.mark.parametrize("check", explanations().values(), ids=explanations())
def test_the_good_example_is_good(check: Explanation) -> None:
    assert findings(check.good) == []


@pytest.mark.parametrize("check", explanations().values(), ids=explanations())
def test_the_bad_example_with_a_reason_is_ignored(check: Explanation) -> None:
    tree = ast.parse(check.bad)
    reason = ast.parse(f"f(ignore={{{check.name!r}: 'an example'}})", mode="eval").body
    assert isinstance(reason, ast.Call)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            node.keywords += reason.keywords
    told = findings(ast.unparse(tree))
    assert {finding.code for finding in told} <= {"ignore"}
    assert {finding.severity for finding in told} <= {"warning"}, "only what ignores in vain is told"


# --- ignore= -----------------------------------------------------------------------------------------------------

NAMED = 'shop = Service("shop", recording_rules=[RecordingRule("errors", "sum(errors_total)", ignore={ignore})])\n'


def test_what_is_ignored_with_a_reason_is_not_told(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=NAMED.format(ignore='{"rule-name": "the old dashboard reads it"}'))
    assert project_folder.run("build").exit == Exit.OK


def test_warnings_alone_do_not_stop_a_build(project_folder: ProjectFolder) -> None:
    project_folder.write(
        shop='shop = Service("shop", alerts=[Alert("Down", "up == 0", summary="{{ job }} is down")])\n'
    )
    ended = project_folder.run("build")
    assert ended.exit == Exit.OK
    assert ended.err == (
        """\
definitions/shop.py:3:65: warning[alert-template]: '{{ job }}' in the summary of alert Down is no template; \
it is shown as written
    3 | shop = Service("shop", alerts=[Alert("Down", "up == 0", summary="{{ job }} is down")])
      |                                                                 ^^^^^^^^^^^^^^^^^^^
  hint: write {{ $labels.job }}
"""
    )


def test_a_definition_that_is_used_twice_is_told_once() -> None:
    alert = Alert("Down", "up == 0")
    definitions = Definitions(Project("p"), [Service("a", alerts=[alert]), Service("b", alerts=[alert])])
    assert len(checks.run(compile(definitions))) == 1


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
    ("one:two", "sum(up)", ["'one:two' is not of the form level:metric:operations"]),
    ("a::b", "sum(up)", ["'a::b' is not of the form level:metric:operations"]),
    ("job:up:sum", "sum(up)", ["'job:up:sum' begins with 'job', but the expression keeps no label"]),
    (
        "job_path:up:sum",
        "sum by (job, instance) (up)",
        ["'job_path:up:sum' begins with 'job_path', but the expression keeps instance, job"],
    ),
    ("job:down:sum", "sum by (job) (up)", ["'job:down:sum' names 'down', which the expression does not read"]),
]


@pytest.mark.parametrize(("name", "expr", "wrong"), RULE_NAMES)
def test_the_name_of_a_rule_is_true(name: str, expr: str, wrong: list[str]) -> None:
    service = Service("shop", recording_rules=[RecordingRule(name, expr)])
    told = checks.run(compile(Definitions(Project("p"), [service])))
    assert [finding.message for finding in told if finding.code == "rule-name"] == wrong


def test_labels_of_the_rule_itself_count_as_kept() -> None:
    rule = RecordingRule("job_region:up:sum", "sum by (job) (up)", labels={"region": "eu"})
    assert checks.run(compile(Definitions(Project("p"), [Service("shop", recording_rules=[rule])]))) == []


# --- unknown-recording-rule --------------------------------------------------------------------------------------

RECORDED = {
    "job:up:sum": [],
    ":tensorflow:serving:request_count": [],
    "vllm:num_requests_running": [],
    "job:up:max": ["Down reads 'job:up:max', which nothing records"],
    "job:upp:sum": ["Down reads 'job:upp:sum', which nothing records"],
    "up": [],
}


@pytest.mark.parametrize(("series", "wrong"), RECORDED.items())
def test_what_is_read_is_recorded(series: str, wrong: list[str]) -> None:
    service = Service(
        "shop",
        recording_rules=[RecordingRule("job:up:sum", "sum by (job) (up)")],
        alerts=[Alert("Down", f"{series} == 0", summary="down")],
    )
    told = checks.run(compile(Definitions(Project("p"), [service])))
    assert [finding.message for finding in told] == wrong


def test_what_a_service_exposes_need_not_be_recorded() -> None:
    service = Service(
        "shop",
        metrics=[obscode.Counter("app:requests:total")],
        alerts=[Alert("Down", "app:requests:total == 0", summary="down")],
    )
    assert checks.run(compile(Definitions(Project("p"), [service]))) == []


# --- not-in-catalog ----------------------------------------------------------------------------------------------

R_TOTAL = obscode.Counter("r_total", labels=["c"])
NO_LABEL = "r_total has no label 'nolabel'"


def told_by(check: str, *services: Service, project: Project | None = None) -> list[str]:
    """What one check says of services."""
    found = checks.run(compile(Definitions(project or Project("p"), list(services))))
    return [finding.message for finding in found if finding.code == check]


def cataloged(**definitions: Any) -> Service:
    """A service that exposes r_total{c} and a histogram of the same label."""
    metrics = [R_TOTAL, obscode.Histogram("took_seconds", labels=["c"], buckets=[0.5, 1])]
    return Service("a", scrape=ScrapeJob(["x:1"], labels={"region": "eu"}), metrics=metrics, **definitions)


CATALOGED_SLIS: list[tuple[SLI, list[str]]] = [
    (Ratio(errors='r_total{c="5"}', total="r_total", by=["c"]), []),
    (Ratio(errors='r_total{c="5",region="eu"}', total='r_total{region="eu"}', by=["instance"]), []),
    (Ratio(errors='typo_total{c="5"}', total="r_total"), ["no catalog has 'typo_total', and nothing records it"]),
    (Ratio(errors='r_total{nolabel="5"}', total="r_total"), [NO_LABEL]),
    (Ratio(errors='r_total{nolabel!="5"}', total="r_total"), []),
    (Ratio(errors='r_total{c="5"}', total="r_total", by=["nolabel"]), [NO_LABEL]),
    (Latency("took_seconds", under="500ms", by=["c"]), []),
    (Latency("took_second", under="500ms"), ["no catalog has 'took_second', and nothing records it"]),
    (ErrorsAndLatency("took_seconds", errors='{c="5",d="1"}', under="1s"), ["took_seconds has no label 'd'"]),
    (Uptime("up"), []),
    (Uptime("job:r:up"), []),  # a check of its own tells of it
    (
        FreeQuery(bad='sum(increase(r_total{d="5"}[5m]))', total="sum(increase(r_total[5m]))"),
        ["r_total has no label 'd'"],
    ),
    (TimeSlice('sum by (m) (label_replace(r_total, "m", "$1", "c", "(.*)"))', below=1, by=["m"]), []),
]


@pytest.mark.parametrize(("sli", "wrong"), CATALOGED_SLIS)
def test_what_an_sli_reads_is_in_the_catalog(sli: SLI, wrong: list[str]) -> None:
    assert told_by("not-in-catalog", cataloged(slos=[SLO("errors", 99, sli)])) == wrong


def test_an_sli_may_read_what_another_service_exposes_or_a_rule_records() -> None:
    recorded = RecordingRule("job:r:fives", 'sum by (job) (r_total{c="5"})')
    reading = Service(
        "b",
        metrics=[obscode.Gauge("g")],
        scrape=ScrapeJob(["y:1"]),
        slos=[
            SLO("errors", 99, Ratio(errors='r_total{c="5"}', total="r_total")),
            SLO("recorded", 99, Ratio(errors="job:r:fives", total="r_total")),
        ],
    )
    assert told_by("not-in-catalog", cataloged(recording_rules=[recorded]), reading) == []


def test_without_a_catalog_an_sli_reads_what_it_will() -> None:
    service = Service("a", slos=[SLO("errors", 99, Ratio(errors="typo_total", total="r_total"))])
    assert told_by("not-in-catalog", service) == []


CATALOGED_ALERTS = {
    "r_total > 1": [],
    "typo_metric > 1": [],
    "tok_seconds_count > 1": ["A reads 'tok_seconds_count', which no catalog has"],
    'r_total{nolabel="1"} > 1': [NO_LABEL],
    'r_total{nolabel=""} > 1': [],
    'scrape_duration_seconds{job="a"} > 1 and up == 1': [],
    'r_total{exported_job="1"} > 1': [],
}


@pytest.mark.parametrize(("expr", "wrong"), CATALOGED_ALERTS.items())
def test_an_alert_reads_no_slip_of_a_catalogued_name(expr: str, wrong: list[str]) -> None:
    assert told_by("not-in-catalog", cataloged(alerts=[Alert("A", expr, summary="s")])) == wrong


def test_labels_of_service_discovery_are_not_asked_for_in_a_catalog() -> None:
    alert = Alert("A", 'r_total{namespace="shop"} > 1', summary="s")
    assert told_by("not-in-catalog", Service("a", metrics=[R_TOTAL], alerts=[alert])) == []


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
    told = told_by("alert-comparison", Service("a", alerts=[Alert("A", expr, summary="s")]))
    assert bool(told) != fine


# --- slo-scope ---------------------------------------------------------------------------------------------------


def test_an_sli_with_matchers_of_its_own_needs_no_scope() -> None:
    slo = SLO("errors", 99, Ratio(errors='r_total{app="a",c="5"}', total='r_total{app="a"}'))
    assert told_by("slo-scope", Service("a", slos=[slo])) == []
