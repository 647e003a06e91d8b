"""Checks against the settings of Prometheus: intervals, retention, scrape jobs; and what a project requires."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from conftest import ProjectFolder

from obscode import SLO, Alert, Project, RecordingRule, ScrapeJob, Service
from obscode.checks import Severities, lint, lint_values
from obscode.compiler import Definitions, compile
from obscode.model.scrape import ScrapeJob as Job
from obscode.model.sli import Uptime
from obscode.reader.file_contents import read_text

CODES = {
    "alert-interval",
    "beyond-retention",
    "duplicate-target",
    "missing-runbook",
    "scrape-interval",
    "unknown-job",
    "unknown-tested-alert",
}


def in_files(text: str) -> list[str]:
    """The findings of these checks in YAML documents, without hints."""
    contents = read_text(text, "files.yml")
    assert contents.findings == []
    findings = lint_values(contents.values, None, Severities(notes=True))
    return [
        f"{f.span.line}:{f.span.column} {f.severity} {f.message}" for f in findings if f.span and f.code.name in CODES
    ]


def in_project(*services: Service, notes: bool = False, **settings: Any) -> list[tuple[str, str, str]]:
    """The findings of these checks in a project: severity, message and hint."""
    artifacts = compile(Definitions(Project("team", **settings), services))
    findings = lint(artifacts, None, Severities(notes=notes))
    return [(each.severity, each.message, each.hint) for each in findings if each.code.name in CODES]


def alert(expr: str = "up == 0", **settings: Any) -> Alert:
    return Alert("Down", expr, severity="page", summary="down", **settings)


# --- alert-interval ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"for_": "59s"}, ("warning", "for 59s of alert Down is shorter than the interval 1m", "1m")),
        ({"for_": "60s"}, None),
        ({"for_": "0s"}, None),
        ({"for_": "61s"}, ("note", "for 61s of alert Down is not a multiple of the interval 1m", "2m")),
        (
            {"keep_firing_for": "1s"},
            ("warning", "keep_firing_for 1s of alert Down is shorter than the interval 1m", "1m"),
        ),
    ],
)
def test_durations_of_an_alert_are_multiples_of_the_interval(
    settings: dict[str, str], expected: tuple[str, str, str] | None
) -> None:
    service = Service("shop", alerts=[alert(**settings)])
    hint = f"write {expected[2]}, which Prometheus makes of it" if expected else ""
    assert in_project(service, notes=True, evaluation_interval="1m") == ([(*expected[:2], hint)] if expected else [])


GROUP = "groups: [{{name: a, {}rules: [{{alert: A, expr: up == 0, for: 30s}}]}}]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GROUP.format(""), []),
        (GROUP.format("interval: 1m, "), ["1:73 warning for 30s of alert A is shorter than the interval 1m"]),
        (GROUP.format("interval: 30s, "), []),
        (
            GROUP.format("") + "---\nrule_files: [files.yml]\n",
            ["1:59 warning for 30s of alert A is shorter than the interval 1m"],
        ),
        (GROUP.format("") + "---\nglobal: {evaluation_interval: 15s}\n", []),
        (GROUP.format("") + "---\nscrape_configs: []\n", []),  # a part of a configuration
    ],
)
def test_the_interval_of_a_file_is_that_of_the_group_or_of_prometheus(text: str, expected: list[str]) -> None:
    assert in_files(text) == expected


# --- beyond-retention --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expr", "reach", "what"),
    [
        ("up offset 30d", "", ""),
        ("up offset 31d", "31d", "up offset 31d has an offset"),
        ("max_over_time(up[31d])", "31d", "up[31d] has a window"),
        ("max_over_time(up[20d] offset 11d)", "31d", "up[20d] offset 11d has a window"),
        ("max_over_time(rate(x_total[1d])[30d:1h])", "31d", "x_total[1d] has a window"),
        ("max_over_time(rate(x_total[1h])[29d:1h])", "", ""),
        ("up @ 1600000000 offset 31d", "", ""),
    ],
)
def test_a_rule_reads_no_samples_beyond_the_retention(expr: str, reach: str, what: str) -> None:
    service = Service("shop", alerts=[alert(f"{expr} > 1")])
    message = f"alert Down reads samples of the last {reach}, but the retention is 30d: {what} beyond it"
    hint = f"shorten it, or set the retention to {reach} or more"
    assert in_project(service) == ([("warning", message, hint)] if reach else [])


def test_an_alert_does_not_wait_longer_than_the_retention() -> None:
    message = "for 31d of alert Down is longer than the retention 30d"
    assert in_project(Service("shop", alerts=[alert(for_="31d")])) == [("warning", message, "shorten it")]
    assert in_project(Service("shop", alerts=[alert(for_="30d")])) == []


def test_the_retention_of_files_is_that_of_prometheus() -> None:
    rules = "groups: [{name: a, rules: [{alert: A, expr: up offset 20d == 0}]}]\n---\n"
    assert in_files(rules + "scrape_configs: []\n") == []
    retention = "storage: {tsdb: {retention: {time: 15d}}}\nscrape_configs: []\n"
    assert in_files(rules + retention) == [
        "1:45 warning alert A reads samples of the last 20d, but the retention is 15d: "
        "up offset 20d has an offset beyond it"
    ]


# --- scrape jobs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("interval", "is_reported"), [("299s", False), ("5m", True), ("10m", True)])
def test_a_scrape_interval_is_shorter_than_the_look_back(interval: str, is_reported: bool) -> None:
    message = f"job shop scrapes every {interval}, but expressions find samples of the last 5m only"
    service = Service("shop", scrape=ScrapeJob(["shop:80"], interval=interval))
    assert in_project(service) == ([("warning", message, "write 4m or less")] if is_reported else [])
    assert in_files(f"scrape_configs: [{{job_name: shop, scrape_interval: {interval}}}]\n") == (
        [f"1:52 warning {message}"] if is_reported else []
    )


def test_the_default_interval_of_a_project_is_shorter_than_the_look_back() -> None:
    assert in_project(scrape_interval="6m") == [
        (
            "warning",
            "the default job scrapes every 6m, but expressions find samples of the last 5m only",
            "write 4m or less",
        )
    ]


def test_two_jobs_do_not_scrape_one_target() -> None:
    def scraped(*jobs: Job) -> Sequence[object]:
        return in_project(*(Service(f"s{i}", scrape=job) for i, job in enumerate(jobs)), environments=())

    message = "job s0 scrapes the target 'a:80' already"
    assert scraped(ScrapeJob(["a:80"]), ScrapeJob(["b:80", "a:80"])) == [
        ("warning", message, "remove it from one of them")
    ]
    assert scraped(ScrapeJob(["a:80"]), ScrapeJob(["a:80"], interval="1m")) == [
        ("warning", message, "remove it from one of them")
    ]
    assert scraped(ScrapeJob(["a:80"]), ScrapeJob(["a:80"], path="/other")) == []
    assert scraped(ScrapeJob(["a:80"]), ScrapeJob(["a:80"], params={"a": ["b"]})) == []
    assert scraped(ScrapeJob(["a:80"]), ScrapeJob(["a:81"])) == []


def test_a_job_of_a_file_does_not_scrape_one_target_twice() -> None:
    jobs = (
        "scrape_configs:\n- job_name: a\n  static_configs: [{{targets: ['a:80', 'b:80']}}, {{targets: ['b:80']}}]\n{}"
    )
    assert in_files(jobs.format("")) == ["3:60 warning the job scrapes the target 'b:80' already"]
    assert in_files(jobs.format("  relabel_configs: [{target_label: a, replacement: b}]\n")) == []


@pytest.mark.parametrize(
    ("matcher", "expected"),
    [
        (
            'job="shpo"',
            [("warning", "alert Down selects the job 'shpo', which no scrape job has", "did you mean 'shop'?")],
        ),
        (
            'job=~"shop|shpo"',
            [("warning", "alert Down selects the job 'shpo', which no scrape job has", "did you mean 'shop'?")],
        ),
        (
            'job="node"',
            [
                (
                    "note",
                    "alert Down selects the job 'node', which no scrape job has",
                    "the scrape jobs are recorded, shop",
                )
            ],
        ),
        ('job="shop"', []),
        ('job="recorded"', []),
        ('job=~"sh.*"', []),
        ('job!=""', []),
    ],
)
def test_a_matcher_names_a_scrape_job(matcher: str, expected: list[tuple[str, str, str]]) -> None:
    records = [RecordingRule("job:x:sum", "sum by (instance) (x)", labels={"job": "recorded"})]
    service = Service(
        "shop", scrape=ScrapeJob(["a:80"]), recording_rules=records, alerts=[alert(f"up{{{matcher}}} == 0")]
    )
    assert in_project(service, notes=True) == expected


@pytest.mark.parametrize(
    ("job", "is_reported"),
    [
        ("job_name: shop", True),
        ("job_name: shop, honor_labels: true", False),
        ("job_name: shop, relabel_configs: [{target_label: job, replacement: shpo}]", False),
    ],
)
def test_a_job_in_a_rule_file_is_one_of_the_configuration(job: str, is_reported: bool) -> None:
    rules = "groups: [{name: a, rules: [{alert: A, expr: 'up{job=\"shpo\"} == 0'}]}]\n"
    text = f"{rules}---\nscrape_configs: [{{{job}}}]\n"
    message = "1:49 warning alert A selects the job 'shpo', which no scrape job has"
    assert in_files(text) == ([message] if is_reported else [])


# --- what a project requires -------------------------------------------------------------------------------------


def test_a_project_can_require_runbooks() -> None:
    slo = SLO("up", 99, Uptime("up"))
    service = Service("shop", selector={"job": "shop"}, slos=[slo], alerts=[alert()])
    hint = "write runbook=, or Service(runbook=)"
    assert in_project(service) == []
    assert in_project(service, require_runbook=True) == [
        ("error", "alert Down has no runbook, which the project requires", hint),
        ("error", "alert ShopUpBurnPage has no runbook, which the project requires", hint),
    ]
    url = "https://example.com/shop"
    assert in_project(service.derive(runbook=url), require_runbook=True) == []
    own = service.derive(slos=[slo.derive(runbook=url)], alerts=[alert(runbook=url)])
    assert in_project(own, require_runbook=True) == []
    annotated = Service("shop", alerts=[alert(annotations={"runbook_url": url})])
    assert in_project(annotated, require_runbook=True) == []


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ('ScrapeJob(["a:80"])', "no service holds this ScrapeJob"),
        ('AlertTest("a", {"up": "0x9"}, quiet=["1m"])', "no alert holds this AlertTest"),
        ('Route(receivers.Webhook("a", url="http://a:1/"), match={"a": "b"})', "no routing holds this Route"),
    ],
)
def test_a_definition_that_nothing_holds_is_reported(
    project_folder: ProjectFolder, definition: str, message: str
) -> None:
    project_folder.write(shop=f'shop = Service("shop")\nunused = {definition}\n')
    assert f"error[unused-definition]: {message}" in project_folder.run("build").err


# --- unit tests in files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule_files", "alert", "expected", "finding"),
    [
        ("files.yml", "A", "[]", ""),
        ("files.yml", "B", "[]", "the rule files have no alert 'B', so that the test always passes"),
        ("'*.yml'", "Watchdog", "[{}]", "the rule files have no alert 'Watchdog', so that the test fails"),
        ("other.yml", "Watchdog", "[]", ""),
        ("other.yml", "HostDwon", "[]", "the rule files have no alert 'HostDwon', so that the test always passes"),
    ],
)
def test_a_unit_test_tests_an_alert_of_its_rule_files(rule_files: str, alert: str, expected: str, finding: str) -> None:
    rules = "groups: [{name: a, rules: [{alert: A, expr: up == 0}, {alert: HostDown, expr: up == 0}]}]\n---\n"
    test = f"{{alert_rule_test: [{{alertname: {alert}, exp_alerts: {expected}}}]}}"
    text = f"{rules}rule_files: [{rule_files}]\ntests: [{test}]\n"
    assert in_files(text) == ([f"4:40 warning {finding}"] if finding else [])


def test_settings_of_another_type_are_no_external_labels() -> None:
    text = "groups: [{name: a, rules: [{alert: A, expr: up == 0}]}]\n---\nalerting: none\nscrape_configs: []\n---\n"
    config = "route: {receiver: a, routes: [{match: {a: b}, receiver: a}]}\nreceivers: [{name: a}]\n"
    assert in_files(text + config) == []
