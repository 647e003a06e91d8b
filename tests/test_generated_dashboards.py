"""Generated dashboards of services and SLOs: no panel is empty while there is data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from conftest import REPOSITORY
from grafana_cases import Json, panels_of

from obscode import SLO, Annotation, BurnAlert, Dashboard, Link, Project, Row, ScrapeJob, Service, variables
from obscode.artifacts.dashboards import Dashboard as DashboardArtifact
from obscode.artifacts.project import Artifacts
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest, UnitTestSuite
from obscode.compiler import Definitions, compile
from obscode.model import argument_types
from obscode.model.burn_rate import Tier
from obscode.model.dashboard import Panel, Query, QueryPanel, Threshold
from obscode.model.metrics import Counter, Gauge, Histogram, Metric
from obscode.model.panels import Heatmap, Stat, Table, TimeSeries
from obscode.model.sli import Latency, Ratio
from obscode.project.pipeline import compile_folder
from obscode.toolchain import Tool
from obscode.verify.unit_tests import run_suite

REQUESTS = Counter("http_requests_total", labels=["path", "status"], help="HTTP requests answered.")
LATENCY = Histogram("http_request_latency_seconds", labels=["path"], buckets=[0.1, 0.5, 1])
ERRORS = Ratio(errors='http_requests_total{status=~"5.."}', total="http_requests_total")

SHOP = Service(
    "shop",
    runbook="https://runbooks.example.com/shop",
    scrape=ScrapeJob(["localhost:8000"]),
    metrics=[REQUESTS, LATENCY, Histogram("native_seconds", native=True)],
    slos=[
        SLO("availability", 99.95, ERRORS),
        SLO("by-path", 99, replace(ERRORS, by=["path"])),
        SLO("latency", 99, Latency("http_request_latency_seconds", under="500ms"), period="7d"),
    ],
    dashboard=[Row("Own", Stat("Up", "count(up)"))],
)
PROJECT = Project("team")


def built(*services: Service, project: Project = PROJECT) -> Artifacts:
    return compile(Definitions(project, services))


def dashboard(artifacts: Artifacts, uid: str) -> DashboardArtifact:
    return next(each for each in artifacts.dashboards if each.uid == uid)


def definition_of(file: DashboardArtifact) -> Dashboard:
    assert file.definition is not None
    return file.definition


def text(file: DashboardArtifact) -> dict[str, list[str]]:
    """The titles of all rows, with those of their panels."""
    return {row.title: [panel.title for panel in row.panels] for row in definition_of(file).rows}


def panels(artifacts: Artifacts, *, own: bool = True) -> Iterator[Panel]:
    for file in artifacts.dashboards:
        for row in definition_of(file).rows:
            if own or row.title != "Own":
                yield from row.panels


# --- what is there -----------------------------------------------------------------------------------------------


def test_a_service_shows_golden_signals_then_red_then_its_own_rows() -> None:
    assert text(dashboard(built(SHOP), "shop")) == {
        "": ["Traffic", "Errors", "Latency P99", "Budget left", "Alerts firing", "Targets up"],
        "Rate, errors, duration": [
            "HTTP requests by status",
            "Bad events by SLO",
            "HTTP request latency: quantiles",
            "HTTP request latency: distribution",
        ],
        "More requests": ["Native: quantiles", "Native: distribution"],
        "Own": ["Up"],
    }


def test_rows_that_draw_requests_themselves_have_the_signals_and_slos_above_them() -> None:
    own = Dashboard("shop", [Row("Own", Stat("Up", "count(up)"))], generated="signals")
    assert text(dashboard(built(replace(SHOP, dashboard=own)), "shop")) == {
        "": ["Traffic", "Errors", "Latency P99", "Budget left", "Alerts firing", "Targets up"],
        "SLOs": ["Bad events by SLO"],
        "Own": ["Up"],
    }


def test_nothing_is_above_the_rows_of_a_dashboard_without_generated_ones() -> None:
    own = Dashboard("shop", [Row("Own", Stat("Up", "count(up)"))], generated="none")
    assert text(dashboard(built(replace(SHOP, dashboard=own)), "shop")) == {"Own": ["Up"]}


def test_the_detail_dashboard_has_budget_burn_rate_alerts_and_events() -> None:
    assert text(dashboard(built(SHOP), "team-slo-detail-30d")) == {
        "": ["Objective", "SLI now", "SLI over the period", "Budget remaining", "Burn rate", "Budget lasts"],
        "Error budget": ["Burn-down", "Budget lasts", "Error ratio"],
        "Burn rate": [
            "page-fast: 1h and 5m",
            "page-slow: 6h and 30m",
            "ticket-fast: 1d and 2h",
            "ticket-slow: 3d and 6h",
        ],
        "Alerts": ["Burn alerts"],
        "Events": ["Events over time", "Events in the period", "Bad events in the period"],
    }


def test_the_overview_lists_all_slos_with_the_least_budget_first() -> None:
    overview = dashboard(built(SHOP), "team-slos")
    assert text(overview) == {
        "": ["SLOs", "Budget spent", "Burning too fast", "Alerts firing", "SLOs by remaining budget"],
        "Alerts": ["SLO alerts", "Least budget left"],
    }
    table, alerts = (panel for panel in overview.panels() if isinstance(panel, Table))
    assert (table.sort_by, table.descending) == ("Budget left", False)
    (link,) = table.overrides[0].links
    assert link.url == (
        "/d/${__data.fields.Dashboard}?var-service=${__data.fields.Service}&var-slo=${__data.fields.SLO}&${__url_time_range}"
    )
    assert alerts.overrides[0].links == (link,)


def test_slos_with_equal_periods_share_a_dashboard() -> None:
    uids = {file.uid for file in built(SHOP).dashboards}
    assert uids == {"shop", "team-slos", "team-slo-detail-30d", "team-slo-detail-7d"}


def test_slos_with_custom_tiers_have_another_dashboard() -> None:
    tiers = [Tier("page", severity="page", budget=5, long="2h", short="10m")]
    slos = [SLO("a", 99, ERRORS), SLO("b", 99, ERRORS, policy=tiers), SLO("c", 99, ERRORS, policy="budget-share")]
    artifacts = built(replace(SHOP, slos=slos))

    uids = [file.uid for file in artifacts.dashboards if "detail" in file.uid]
    infos = {rule.labels["slo"]: rule.labels["dashboard_uid"] for rule in artifacts.rules() if rule.name == "slo:info"}
    assert (infos["a"], infos["c"]) == ("team-slo-detail-30d", "team-slo-detail-30d")
    assert re.fullmatch("team-slo-detail-30d-[0-9a-f]{8}", infos["b"])
    assert uids == ["team-slo-detail-30d", infos["b"]]


def test_each_group_label_has_a_variable() -> None:
    names = {
        file.uid: [(v.name, v.query) for v in definition_of(file).variables if isinstance(v, variables.Query)]
        for file in built(SHOP).dashboards
        if "detail" in file.uid
    }
    first = ("service", 'label_values(slo:info{dashboard_uid="team-slo-detail-7d"}, service)')
    second = ("slo", 'label_values(slo:info{dashboard_uid="team-slo-detail-7d",service="$service"}, slo)')
    assert names["team-slo-detail-7d"] == [first, second]
    events = 'slo:events_total:increase5m{service="$service",slo="$slo"}'
    assert names["team-slo-detail-30d"][2:] == [("path", f"label_values({events}, path)")]


def test_tiers_without_an_alert_are_not_shown() -> None:
    slo = SLO("a", 99, ERRORS, alerts={"ticket": None})
    some = text(details(built(replace(SHOP, slos=[slo])))["a"])
    assert some["Burn rate"] == ["page-fast: 1h and 5m", "page-slow: 6h and 30m"]

    quiet = replace(slo, alerts=dict.fromkeys(["page", "ticket"]))
    none = details(built(replace(SHOP, slos=[quiet])))["a"]
    assert list(text(none)) == ["", "Error budget", "Events"]
    assert list(definition_of(none).problems()) == []


def test_slos_with_other_alerts_have_another_dashboard() -> None:
    slos = [
        SLO("all", 99, ERRORS),
        SLO("usual", 99, ERRORS, alerts={"page": BurnAlert("ShopDown", for_="0s")}),
        SLO("fewer", 99, ERRORS, alerts={"ticket": None}),
        SLO("milder", 99, ERRORS, alerts={"page-slow": BurnAlert(severity="ticket")}),
        SLO("none", 99, ERRORS, alerts=dict.fromkeys(["page", "ticket"])),
    ]
    matches = details(built(replace(SHOP, slos=slos)))
    assert {slo: file.title for slo, file in matches.items()} == {
        "all": "team SLO detail 30d",
        "usual": "team SLO detail 30d",
        "fewer": "team SLO detail 30d, without ticket-fast, without ticket-slow",
        "milder": "team SLO detail 30d, page-slow as ticket, page-slow apart",
        "none": "team SLO detail 30d, without alerts",
    }
    alerts = {
        slo: [query.legend for panel in file.panels() if panel.title == "Burn alerts" for query in panel.all_queries()]
        for slo, file in matches.items()
    }
    assert alerts["all"] == ["page", "ticket"]
    assert alerts["fewer"] == ["page"]
    assert alerts["none"] == []


def details(artifacts: Artifacts) -> dict[str, DashboardArtifact]:
    """The detail dashboard of each SLO, by the uid that its series name."""
    infos = [rule.labels for rule in artifacts.rules() if rule.name == "slo:info"]
    return {labels["slo"]: dashboard(artifacts, labels["dashboard_uid"]) for labels in infos}


# --- saturation --------------------------------------------------------------------------------------------------

OPEN, MAX = Gauge("process_open_fds"), Gauge("process_max_fds")
CPU, MEMORY = Counter("process_cpu_seconds_total"), Gauge("process_resident_memory_bytes")
POOL: list[Metric] = [
    Gauge("db_pool_connections_in_use", labels=["db"]),
    Gauge("db_pool_connections_max", labels=["db"]),
]
WORKERS: list[Metric] = [Gauge("worker_threads_busy", labels=["kind"]), Gauge("worker_threads_limit")]
GPU: list[Metric] = [Gauge(f"DCGM_FI_DEV_{name}", labels=["gpu"]) for name in ("GPU_UTIL", "FB_USED", "FB_FREE")]
HEAP: list[Metric] = [
    Gauge("jvm_memory_used_bytes", labels=["area", "id"]),
    Gauge("jvm_memory_max_bytes", labels=["area", "id"]),
]
HERE = '{job="shop",instance=~"$instance"}'

# Metrics, the resource of the stat, its expression and its unit.
FULLNESS: list[tuple[list[Metric], str, str, str]] = [
    ([Gauge("requests_in_progress", labels=["path"])], "Requests in progress", "sum(requests_in_progress{})", "short"),
    ([Gauge("vllm:num_requests_waiting")], "Vllm num requests waiting", "sum(vllm:num_requests_waiting{})", "short"),
    ([Gauge("cache_usage_ratio")], "Cache usage", "max(cache_usage_ratio{})", "percentunit"),
    ([Gauge("queue_length"), Gauge("cache_usage_ratio")], "Cache usage", "max(cache_usage_ratio{})", "percentunit"),
    (
        [Gauge("queue_length"), *POOL],
        "DB pool connections in use",
        "max(db_pool_connections_in_use{}\n/\n(db_pool_connections_max{} > 0))",
        "percentunit",
    ),
    (
        WORKERS,
        "Worker threads busy",
        "max(sum by (instance) (worker_threads_busy{})\n/\n(sum by (instance) (worker_threads_limit{}) > 0))",
        "percentunit",
    ),
    ([Gauge("queue_length"), Gauge("queue_bytes_max")], "Queue length", "sum(queue_length{})", "short"),
    ([OPEN, MAX, *GPU], "GPU utilization", "max(DCGM_FI_DEV_GPU_UTIL{})", "percent"),
    ([CPU, OPEN, MAX], "Open files", "max(process_open_fds{}\n/\n(process_max_fds{} > 0))", "percentunit"),
    ([CPU, MEMORY, OPEN], "CPU", "max(rate(process_cpu_seconds_total{}[$__rate_interval]))", "suffix:cores"),
]


@pytest.mark.parametrize(("metrics", "resource", "expr", "unit"), FULLNESS, ids=lambda value: str(value)[:30])
def test_the_saturation_is_that_of_the_resource_with_a_limit_or_of_a_share_or_of_work(
    metrics: list[Metric], resource: str, expr: str, unit: str
) -> None:
    artifacts = built(replace(SHOP, metrics=[*SHOP.metrics, Gauge("threads"), *metrics]))
    (stat,) = (panel for panel in panels(artifacts) if panel.title.startswith("Saturation"))
    assert isinstance(stat, Stat)
    assert (stat.title, [query.expr for query in stat.all_queries()]) == (
        f"Saturation: {resource}",
        [expr.replace("{}", HERE)],
    )
    assert stat.unit == unit


# Metrics, and the resources in the rows.
RESOURCES: list[tuple[list[Metric], list[str]]] = [
    ([], []),
    ([Gauge("threads"), Gauge("temperature_celsius"), Gauge("users_max"), OPEN], []),
    ([Gauge("go_memstats_heap_inuse_bytes"), Gauge("nodejs_heap_size_used_bytes")], []),
    ([MAX, OPEN, MEMORY, CPU], ["CPU", "Memory", "Open files"]),
    ([*HEAP, CPU], ["CPU", "JVM heap"]),
    ([*GPU, Gauge("jobs_running")], ["GPU utilization", "Jobs running", "GPU memory"]),
    ([Gauge("nodejs_eventloop_lag_seconds"), Gauge("nodejs_eventloop_lag_p99_seconds")], ["Event loop lag"]),
    ([CPU, Gauge("go_sched_gomaxprocs_threads")], ["CPU"]),
    ([Gauge(f"queue_{n}_length") for n in range(9)], [f"Queue {n} length" for n in range(9)]),
]


@pytest.mark.parametrize(("metrics", "titles"), RESOURCES, ids=lambda value: str(value)[:30])
def test_resources_need_metrics_in_the_catalog(metrics: list[Metric], titles: list[str]) -> None:
    rows = text(dashboard(built(replace(SHOP, metrics=[*SHOP.metrics, *metrics])), "shop"))
    assert [*rows.get("Saturation", []), *rows.get("More resources", [])] == titles
    assert rows.get("More resources", []) == titles[8:]


def test_the_resources_show_what_is_used_of_them(promtool: Tool) -> None:
    metrics = [*POOL, *WORKERS, *HEAP, *GPU, CPU, MEMORY, OPEN, MAX, Gauge("go_sched_gomaxprocs_threads")]
    service = replace(SHOP, metrics=[*SHOP.metrics, *metrics])
    rows = {row.title: row for row in definition_of(dashboard(built(service), "shop")).rows}
    visible = {panel.title: panel.all_queries()[0] for panel in rows["Saturation"].panels}
    series = {
        'db_pool_connections_in_use{db="a"}': 5, 'db_pool_connections_max{db="a"}': 10,
        'db_pool_connections_in_use{db="b"}': 1, 'db_pool_connections_max{db="b"}': 10,
        'worker_threads_busy{kind="a"}': 1, 'worker_threads_busy{kind="b"}': 2, "worker_threads_limit{}": 4,
        'jvm_memory_used_bytes{area="heap",id="old"}': 1, 'jvm_memory_max_bytes{area="heap",id="old"}': 5,
        'jvm_memory_used_bytes{area="nonheap",id="x"}': 9, 'jvm_memory_max_bytes{area="nonheap",id="x"}': -1,
        'DCGM_FI_DEV_GPU_UTIL{gpu="1"}': 70, 'DCGM_FI_DEV_FB_USED{gpu="1"}': 3, 'DCGM_FI_DEV_FB_FREE{gpu="1"}': 1,
        "process_resident_memory_bytes{}": 1000, "process_open_fds{}": 1, "process_max_fds{}": 8,
        "go_sched_gomaxprocs_threads{}": 2,
    }  # fmt: skip
    target = 'job="shop",instance="i"'
    written = [(name.replace("{", f"{{{target},").replace(",}", "}"), f"{value}x10") for name, value in series.items()]
    written.append((f"process_cpu_seconds_total{{{target}}}", "0+30x10"))
    one, gpu = '{instance="i"}', '{instance="i",gpu="1"}'
    expected = {
        "DB pool connections in use": (one, 0.5),
        "Worker threads busy": (one, 0.75),
        "GPU utilization": (gpu, 70),
        "GPU memory": (gpu, 0.75),
        "CPU": (one, 0.25),
        "Memory": (one, 1000),
        "JVM heap": (one, 0.2),
        "Open files": (one, 0.125),
    }
    assert list(visible) == list(expected)
    checks = [ExpectedSamples(chosen(visible[title], ""), "10m", [sample]) for title, sample in expected.items()]

    result = run_suite(
        UnitTestSuite("resources", "shop", "1m", [], [UnitTest("values", "1m", written, checks)], SHOP), promtool
    )

    assert result.output == ""


# --- instances ---------------------------------------------------------------------------------------------------


def instances_of(own: Dashboard | list[Row]) -> tuple[list[str], bool]:
    """The variables of the service's dashboard, and whether the rate of requests is that of the selected instances."""
    file = dashboard(built(replace(SHOP, dashboard=own)), "shop")
    (traffic,) = (panel for panel in file.panels() if panel.title == "Traffic")
    names = [variable.name for variable in definition_of(file).variables]
    return names, 'instance=~"$instance"' in traffic.all_queries()[0].expr


def test_generated_panels_of_metrics_are_about_the_selected_instances() -> None:
    (variable,) = definition_of(dashboard(built(SHOP), "shop")).variables
    assert isinstance(variable, variables.Query)
    assert (variable.query, variable.all_value) == ('label_values(up{job="shop"}, instance)', ".*")
    assert instances_of([Row("Own", Stat("Up", "count(up)"))]) == (["instance"], True)


def test_the_dashboards_own_variable_for_instances_is_used() -> None:
    def own(query: str) -> Dashboard:
        rows = [Row("Own", Stat("Up", 'count(up{instance=~"$instance"})'))]
        return Dashboard("Shop", rows, uid="shop", variables=[variables.Query("instance", query)])

    assert instances_of(own('label_values(up{job="shop"}, instance)')) == (["instance"], True)
    assert instances_of(own("label_values(pg_up, server)")) == (["instance"], False)


def test_generated_panels_are_about_the_series_of_further_matchers() -> None:
    artifacts = built(replace(SHOP, where='path=~"/api/.*",pod!~".*router.*"', dashboard=[]))
    definition = definition_of(dashboard(artifacts, "shop"))
    queries = [query.expr for row in definition.rows for panel in row.panels for query in panel.all_queries()]
    scraped = [query for query in queries if "http_" in query or "native_" in query]

    assert len(scraped) > 3
    assert [query for query in scraped if '{job="shop",path=~"/api/.*",pod!~".*router.*"' not in query] == []
    (variable,) = definition.variables
    assert isinstance(variable, variables.Query)
    assert variable.query == 'label_values(up{job="shop"}, instance)'  # a static target has no label pod


def test_targets_are_those_of_further_matchers_that_are_about_labels_of_targets() -> None:
    job = ScrapeJob(["localhost:8000"], labels={"pod": "shop-1"})
    definition = definition_of(
        dashboard(built(replace(SHOP, scrape=job, where='path="/api",pod!~".*router.*"', dashboard=[])), "shop")
    )
    (variable,) = definition.variables
    assert isinstance(variable, variables.Query)
    assert variable.query == 'label_values(up{job="shop",pod!~".*router.*"}, instance)'


def test_a_service_without_panels_of_metrics_has_no_variable_for_instances() -> None:
    plain = replace(SHOP, metrics=[], slos=[SLO("a", 99, ERRORS)])
    assert definition_of(dashboard(built(plain), "shop")).variables == ()


# --- bounds of latency -------------------------------------------------------------------------------------------


def bounds(panel: Panel) -> list[float | None]:
    assert isinstance(panel, QueryPanel)
    return [None if line.value is None else float(line.value) for line in panel.thresholds]


P90 = "histogram_quantile(0.9, sum by (le) (rate(http_request_latency_seconds_bucket%s[5m])))"
FAST = Latency("http_request_latency_seconds", under="100ms")
OF_CART = Latency('http_request_latency_seconds{path="/cart"}', under="100ms")


def test_quantiles_have_the_bounds_of_slos_as_lines() -> None:
    slos = [*SHOP.slos, SLO("fast", 95, FAST), SLO("cart", 95, OF_CART)]
    file = dashboard(built(replace(SHOP, slos=slos)), "shop")
    visible = {panel.title: panel for panel in file.panels()}
    quantiles = visible["HTTP request latency: quantiles"]
    assert bounds(quantiles) == [0.1, 0.5]
    assert [query.legend for query in quantiles.all_queries()] == ["P50", "P90", "P95", "P99"]
    assert quantiles.description.endswith("The red line is the bound of: latency, fast, cart.")
    assert bounds(visible["Latency P99"]) == [0.5]
    assert bounds(visible["Native: quantiles"]) == []


def test_the_quantile_of_the_stat_is_the_objective_of_the_slo() -> None:
    def stat(*slos: SLO) -> tuple[str, list[float | None]]:
        file = dashboard(built(replace(SHOP, slos=slos)), "shop")
        (panel,) = (panel for panel in file.panels() if panel.title.startswith("Latency"))
        return panel.title, bounds(panel)

    assert stat(SLO("fast", Decimal("99.9"), FAST)) == ("Latency P99.9", [0.1])
    assert stat(SLO("cart", 95, OF_CART)) == ("Latency P99", [])
    assert stat(SLO("cart", 95, OF_CART), SLO("fast", 95, FAST)) == ("Latency P95", [0.1])


OWN: list[tuple[str, list[float]]] = [
    (P90 % "", [0.1, 0.5]),
    (P90 % '{path="/cart"}', [0.05, 0.1, 0.5]),
    (f"1000 * {P90 % ''}", []),
    ("histogram_quantile(0.9, sum by (le) (rate(native_seconds_bucket[5m])))", []),
    ("sum(rate(http_request_latency_seconds_count[5m]))", []),
]


@pytest.mark.parametrize(("expr", "lines"), OWN)
def test_the_services_own_quantiles_have_the_bounds_of_their_slos(expr: str, lines: list[float]) -> None:
    of_cart = Latency('http_request_latency_seconds{job="shop",path="/cart"}', under="100ms")
    slos = [*SHOP.slos, SLO("fast", 95, FAST), SLO("cart", 95, replace(of_cart, under="50ms"))]
    buckets = Histogram("http_request_latency_seconds", labels=["path"], buckets=[0.05, 0.1, 0.5])
    own = [Row("Own", TimeSeries("Own", expr, unit="s"))]
    service = replace(SHOP, slos=slos, dashboard=own, metrics=[REQUESTS, buckets])
    (panel,) = (panel for panel in panels(built(service)) if panel.title == "Own")
    assert bounds(panel) == lines


def test_thresholds_of_a_panel_stay() -> None:
    own = [Row("Own", TimeSeries("Own", P90 % "", thresholds=[Threshold(2, "blue")]))]
    (panel,) = (panel for panel in panels(built(replace(SHOP, dashboard=own))) if panel.title == "Own")
    assert bounds(panel) == [2]


# --- many SLOs of a service --------------------------------------------------------------------------------------


def test_a_service_with_many_slos_shows_the_worst() -> None:
    def queries(*slos: SLO) -> dict[str, str]:
        file = dashboard(built(replace(SHOP, slos=slos)), "shop")
        return {panel.title: panel.all_queries()[0].expr for panel in file.panels() if panel.all_queries()}

    slos = [SLO(f"s{n}", 99, ERRORS) for n in range(11)]
    left, bad = 'slo:error_budget_remaining:ratio{service="shop"}', 'slo:error_ratio:rate5m{service="shop"}'
    worst = f"{bad}\nand\ntopk(10, max_over_time({bad}[$__range] @ end()))"
    assert queries(*slos)["Budget left"] == f"bottomk(3, min by (slo) ({left}))"
    assert queries(*slos[:10])["Bad events by SLO"] == bad
    assert queries(*slos)["Bad events by SLO"] == worst
    assert queries(SLO("a", 99, replace(ERRORS, by=["path"])))["Bad events by SLO"] == worst


# --- what is not there -------------------------------------------------------------------------------------------

# A service's catalog, and the panels of the RED row.
CATALOGS: list[tuple[list[Any], list[str]]] = [
    ([], []),
    ([Counter("jobs_total", labels=["queue"])], []),
    ([Counter("cpu_seconds_total", labels=["status"])], []),
    ([Histogram("size_bytes")], []),
    ([Counter("jobs_total", labels=["queue", "code"])], ["Jobs by code"]),
    ([Histogram("wait_milliseconds")], ["Wait: quantiles", "Wait: distribution"]),
]


@pytest.mark.parametrize(("metrics", "titles"), CATALOGS)
def test_panels_need_metrics_in_the_catalog(metrics: list[Any], titles: list[str]) -> None:
    files = built(Service("shop", scrape=ScrapeJob(["localhost:1"]), metrics=metrics)).dashboards
    rows = {title: matches for file in files for title, matches in text(file).items()}
    assert rows.get("Rate, errors, duration", []) == titles
    assert bool(files) == bool(titles)


def test_generated_panels_do_not_repeat_the_services_own() -> None:
    own = Row("Own", TimeSeries("Rate", "sum by (status) (rate(http_requests_total[5m]))"))
    rows = text(dashboard(built(replace(SHOP, dashboard=[own])), "shop"))
    assert "HTTP requests by status" not in rows["Rate, errors, duration"]


def test_a_panel_of_several_services_replaces_no_generated_one() -> None:
    other = Service("other", scrape=ScrapeJob(["localhost:1"]), metrics=[REQUESTS])

    def red(expr: str) -> list[str]:
        own = replace(SHOP, dashboard=[Row("Own", TimeSeries("Rate", expr))])
        return text(dashboard(built(own, other), "shop"))["Rate, errors, duration"]

    assert "HTTP requests by status" in red("sum by (status) (rate(http_requests_total[5m]))")
    assert "HTTP requests by status" not in red('sum by (status) (rate(http_requests_total{job="shop"}[5m]))')


def test_generated_dashboards_can_be_disabled() -> None:
    artifacts = built(SHOP, project=Project("team", generated_dashboards=False))
    assert [(file.uid, list(text(file))) for file in artifacts.dashboards] == [("shop", ["Own"])]
    assert not [rule for rule in artifacts.rules() if "dashboard_uid" in rule.labels]


# --- annotations and links ---------------------------------------------------------------------------------------


def test_deployments_need_a_version_in_the_catalog() -> None:
    versioned = replace(SHOP, metrics=[*SHOP.metrics, Gauge("shop_build_info", labels=["version"])])
    by_name = {each.name: each.expr for each in definition_of(dashboard(built(versioned), "shop")).annotations}
    assert list(by_name) == ["Deployments", "Firing alerts"]
    assert 'shop_build_info{job="shop"}' in by_name["Deployments"]
    unversioned = replace(SHOP, metrics=[*SHOP.metrics, Gauge("shop_build_info", labels=["revision"])])
    assert [each.name for each in definition_of(dashboard(built(unversioned), "shop")).annotations] == ["Firing alerts"]


def test_a_deployment_is_the_first_minutes_of_a_version(promtool: Tool) -> None:
    series = [
        ('app_build_info{version="1",instance="a"}', "1x20 _x10 1x20"),  # away for ten minutes
        ('app_build_info{version="2",instance="b"}', "_x30 1x20"),
    ]
    deployed = f"count by (version) ({Annotation.deployments('app_build_info').expr})"
    moments = {"10m": [], "31m": [('{version="2"}', 1.0)], "34m": [('{version="2"}', 1.0)], "37m": []}
    expectations = [ExpectedSamples(deployed, at, matches) for at, matches in moments.items()]
    test = UnitTest("a version is deployed", "1m", series, expectations)

    result = run_suite(
        UnitTestSuite("deployments", "shop", "1m", built(SHOP).rule_files[0].groups, [test], SHOP), promtool
    )

    assert result.output == ""


def test_a_dashboard_links_to_the_file_of_its_definition() -> None:
    project = Project("team", source_url="https://git.example.com/team/{file}?plain=1")
    matches = {
        file.uid: [link["url"] for link in file.body["links"] if link["title"] == "Source"]
        for file in compile(Definitions(project, [SHOP], root=str(REPOSITORY))).dashboards
    }
    url = "https://git.example.com/team/tests/test_generated_dashboards.py?plain=1"
    assert matches == {uid: [url] for uid in ("shop", "team-slos", "team-slo-detail-30d", "team-slo-detail-7d")}

    own = Dashboard("Mine", links=[Link("Source", "https://example.com")])
    (file,) = compile(Definitions(project, dashboards=[own], root=str(REPOSITORY))).dashboards
    assert [link["url"] for link in file.body["links"]] == ["https://example.com"]


@pytest.mark.parametrize("url", ["git.example.com/{file}", "https://git.example.com/", "https://g/{file}/{file}"])
def test_a_source_url_contains_the_file_once(url: str) -> None:
    (problem,) = Project("team", source_url=url).problems()
    assert (problem.code.name, problem.message) == ("source-url", f"{url!r} is not a URL that contains {{file}} once")


# --- what the user wrote stays -----------------------------------------------------------------------------------


def test_a_first_row_without_a_title_stays_at_the_top() -> None:
    service = replace(SHOP, dashboard=[Row("", Stat("Mine", "count(up)")), Row("Own", Stat("Up", "count(up)"))])
    assert list(text(dashboard(built(service), "shop"))) == [
        "",
        "Golden signals",
        "Rate, errors, duration",
        "More requests",
        "Own",
    ]


def test_the_services_own_dashboard_keeps_its_settings() -> None:
    own = Dashboard("My shop", [Row("Own", Stat("Up", "count(up)"))], uid="mine", folder="Shops", tags=["a"])
    file = dashboard(built(replace(SHOP, dashboard=own)), "mine")
    assert (file.title, file.folder, file.body["tags"]) == ("My shop", "Shops", ["a", "obscode", "service"])
    assert [link["title"] for link in file.body["links"]] == ["SLOs", "Runbook"]


def by_id(file: DashboardArtifact) -> dict[int, Json]:
    """The panels of a dashboard without their vertical position."""
    matches = panels_of(dict(file.body))
    return {panel["id"]: {**panel, "gridPos": {**panel["gridPos"], "y": 0}} for panel in matches}


def test_generated_panels_do_not_change_panels_of_the_definition() -> None:
    artifacts = compile_folder(REPOSITORY / "definitions").artifacts
    (service,) = (each for each in artifacts.services if each.name == "ml-service")
    plain = compile(Definitions(replace(artifacts.project, generated_dashboards=False), [service]))
    mine, all_of_them = by_id(dashboard(plain, "ml-service")), by_id(dashboard(artifacts, "ml-service"))

    assert [panel["title"] for panel in mine.values()] == ["Requests", "Request rate", "Latency P90", "5xx error ratio"]
    assert {panel_id: all_of_them.get(panel_id) for panel_id in mine} == mine


# --- for review --------------------------------------------------------------------------------------------------


def test_an_additional_slo_changes_no_dashboard() -> None:
    more = replace(SHOP, slos=[*SHOP.slos, SLO("uploads", 99, ERRORS)])
    before, after = ({file.uid: dict(file.body) for file in built(service).dashboards} for service in (SHOP, more))
    assert before == after


def test_an_additional_service_changes_no_shared_dashboard() -> None:
    slos = [SLO("a", Decimal("99.99"), ERRORS), SLO("b", 99, Latency("http_request_latency_seconds", under="500ms"))]
    more = Service("another", scrape=ScrapeJob(["localhost:8001"]), metrics=SHOP.metrics, slos=slos, owner="them")
    project = Project("team", source_url="https://git.example.com/{file}")
    before, after = (
        {file.uid: dict(file.body) for file in built(*services, project=project).dashboards}
        for services in ((SHOP,), (more, SHOP))
    )
    assert before == {uid: body for uid, body in after.items() if uid != "another"}


def slos_table(count: int) -> Table:
    """The table of the overview of a number of SLOs."""
    overview = dashboard(built(replace(SHOP, slos=[SLO(f"s{n}", 99, ERRORS) for n in range(count)])), "team-slos")
    return next(panel for panel in overview.panels() if isinstance(panel, Table))


def test_the_table_of_slos_is_as_high_as_its_lines_and_at_most_20() -> None:
    heights = {count: slos_table(count).height for count in (1, 5, 6, 10, 11, 20, 21)}
    assert heights == {1: 8, 5: 8, 6: 12, 10: 12, 11: 22, 20: 22, 21: 22}


def test_no_generated_row_has_a_single_panel_with_its_own_title() -> None:
    artifacts = built(SHOP)
    for file in artifacts.dashboards:
        assert not [row for row, titles in text(file).items() if titles == [row]]


def test_generated_definitions_are_valid_and_located_at_their_source() -> None:
    artifacts = built(SHOP)
    rows = [row for file in artifacts.dashboards for row in definition_of(file).rows]
    generated = [definition for row in rows for definition in row.walk()]
    assert [finding for definition in generated for finding in argument_types.problems(definition)] == []
    files = {definition.origin.file for definition in generated}
    assert files == {__file__}


def test_every_generated_panel_has_unit_and_description() -> None:
    for panel in panels(built(SHOP), own=False):
        assert panel.description, panel.title
        assert isinstance(panel, QueryPanel), panel.title
        assert panel.unit, panel.title
        assert panel.no_value, panel.title
        assert isinstance(panel, Table | Heatmap) or all(q.legend for q in panel.all_queries()), panel.title


def test_alert_and_panel_have_the_same_factor() -> None:
    for budget, factor in ((2, 14.4), (3, 21.6)):
        tiers = [Tier("page-fast", severity="page", budget=budget, long="1h", short="5m")]
        artifacts = built(replace(SHOP, slos=[SLO("a", 99.9, ERRORS, policy=tiers)]))
        (condition,) = (rule for rule in artifacts.rules() if rule.name == "slo:burn_rate:page")
        (panel,) = (p for p in panels(artifacts) if isinstance(p, TimeSeries) and p.title == "page-fast: 1h and 5m")
        assert f"/ 0.001 > {factor}\n" in condition.expr
        assert [float(threshold.value or 0) for threshold in panel.thresholds] == [factor]


# --- on the real promtool ----------------------------------------------------------------------------------------

# An hour of traffic on two paths, of which one in a hundred fails and one in ten is slow.
SERIES = [
    (f'http_requests_total{{job="shop",path="{path}",status="{status}"}}', f"0+{step}x60")
    for path in ("/a", "/b")
    for status, step in (("200", 99), ("500", 1))
] + [
    ('http_request_latency_seconds_bucket{job="shop",path="/a",le="0.1"}', "0+50x60"),
    ('http_request_latency_seconds_bucket{job="shop",path="/a",le="0.5"}', "0+90x60"),
    ('http_request_latency_seconds_bucket{job="shop",path="/a",le="+Inf"}', "0+100x60"),
    ('http_request_latency_seconds_count{job="shop",path="/a"}', "0+100x60"),
    ('up{job="shop"}', "1x60"),
]

VALUES = {
    "${__from:date:seconds}": "0",
    "$__range_s": "2592000",
    "$__rate_interval": "5m",
    "[$__range]": "[1h]",
    "$path": ".*",
    "$instance": ".*",
}


def chosen(query: Query, slo: str) -> str:
    """The expression of a query with the values of variables."""
    expr = query.expr
    for name, value in {**VALUES, "$service": "shop", "$slo": slo}.items():
        expr = expr.replace(name, value)
    return expr


def requested(file: DashboardArtifact) -> Iterator[str]:
    """All queries of a dashboard, for each SLO that can be chosen there; promtool 2.42 knows no native histograms."""
    slos = [slo.name for slo in SHOP.slos if file.uid.endswith(slo.period)] or ["none to choose"]
    for query in (query for panel in file.panels() for query in panel.all_queries()):
        if "native_seconds" not in query.expr:
            yield from (chosen(query, slo) for slo in slos)


def test_no_panel_is_empty_while_there_is_data(promtool: Tool) -> None:
    artifacts = built(SHOP)
    exprs = list(dict.fromkeys(expr for file in artifacts.dashboards for expr in requested(file)))
    assert len(exprs) > 80
    assert not [expr for expr in exprs if "$" in expr]
    expectations = [ExpectedSamples(f"count({expr}) > bool 0", "1h", [("{}", 1)]) for expr in exprs]
    test = UnitTest("every query yields something", "1m", SERIES, expectations)

    result = run_suite(
        UnitTestSuite("dashboards", "shop", "1m", artifacts.rule_files[0].groups, [test], SHOP), promtool
    )

    assert result.output == ""


# Queries of the detail for an SLO, and what they yield: one event in a hundred is bad, so that a budget of 1 % is
# spent evenly, and one of 0.05 % twenty times over.
YIELDS = [
    ("Objective", 0, "availability", 0.9995),
    ("SLI now", 0, "availability", 0.99),
    ("SLI over the period", 0, "availability", 0.99),
    ("Budget remaining", 0, "availability", -19),
    ("Burn-down", 0, "availability", -19),
    ("Burn-down", 0, "by-path", 0),
    ("Burn-down", 1, "availability", 1 - 3600 / 2592000),
    ("page-fast: 1h and 5m", 0, "availability", 20),
    ("page-fast: 1h and 5m", 1, "by-path", 1),
    ("Burn alerts", 0, "availability", 1),
    ("Burn alerts", 0, "by-path", 0),
]


def test_the_values_of_panels_are_correct(promtool: Tool) -> None:
    artifacts = built(SHOP)
    queries = {panel.title: panel.all_queries() for panel in dashboard(artifacts, "team-slo-detail-30d").panels()}
    expectations = [
        # Of both groups of an SLO that has some, the greater error.
        ExpectedSamples(f"max(abs(({chosen(queries[title][at], slo)}) - {value})) < bool 0.001", "1h", [("{}", 1)])
        for title, at, slo, value in YIELDS
    ]
    test = UnitTest("values", "1m", SERIES, expectations)

    result = run_suite(
        UnitTestSuite("dashboards", "shop", "1m", artifacts.rule_files[0].groups, [test], SHOP), promtool
    )

    assert result.output == ""


def lasts(title: str, uid: str) -> str:
    """The expression for the time to exhaustion of the only SLO."""
    panel = next(panel for panel in dashboard(built(SHOP), uid).panels() if panel.title == title)
    query = next(query for query in panel.all_queries() if "time_to_exhaustion" in query.expr)
    return chosen(query, "a").replace(',path=~".*"', "")


@pytest.mark.parametrize(
    ("title", "uid"), [("Budget lasts", "team-slo-detail-30d"), ("SLOs by remaining budget", "team-slos")]
)
def test_a_budget_lasts_a_time_or_is_not_burning_or_unknown(title: str, uid: str, promtool: Tool) -> None:
    def series(**values: str) -> list[tuple[str, str]]:
        return [(f'slo:{name}{{service="shop",slo="a"}}', f"{value}x5") for name, value in values.items()]

    rate, left = "burn_rate:ratio", "time_to_exhaustion:seconds"
    cases = {
        "it burns": ({rate: "0.6", left: "900"}, 900),
        "it does not burn": ({rate: "0"}, -1),
        "the time is not recorded": ({rate: "0.6"}, -2),
        "no events": ({}, None),
    }
    expr = f"sum({lasts(title, uid)})"
    tests = [
        UnitTest(
            name, "1m", series(**recorded), [ExpectedSamples(expr, "5m", [] if value is None else [("{}", value)])]
        )
        for name, (recorded, value) in cases.items()
    ]
    result = run_suite(UnitTestSuite("lasts", "shop", "1m", [], tests, SHOP), promtool)

    assert result.output == ""


def test_the_graph_of_budgets_shows_the_ten_slos_with_the_least(promtool: Tool) -> None:
    graph = next(panel for panel in dashboard(built(SHOP), "team-slos").panels() if panel.title == "Least budget left")
    (query,) = graph.all_queries()
    series = [
        (f'slo:error_budget_remaining:ratio{{service="shop",slo="s{n:02}",path="{path}"}}', f"0.{n:02}x60")
        for n in range(40)
        for path in ("/a", "/b")
    ]
    expected = [(f'{{service="shop",slo="s{n:02}"}}', n / 100) for n in range(10)]
    test = UnitTest("40 SLOs", "1m", series, [ExpectedSamples(chosen(query, ""), "1h", expected)])

    result = run_suite(UnitTestSuite("least", "shop", "1m", [], [test], SHOP), promtool)

    assert result.output == ""
