"""`presets.feature_store` and `presets.feature_pipeline`: real names, ages that do not move, shares and rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from obscode import AlertTest, Definitions, Project, ScrapeJob, Service, checks, compile, presets
from obscode.importers.metrics_source import read_metrics
from obscode.model.metrics import Histogram
from obscode.presets.exporters import EXPORTERS
from obscode.presets.features import feast
from obscode.promql.parser import parse
from obscode.promql.selector import Selector
from obscode.toolchain import Tool
from obscode.verify.unit_tests import run_suites

PAGE = Path(__file__).parent.parent / "docs" / "features.md"
CAPTURE = str(Path(__file__).parent / "captures" / "feast-0.67.0.metrics.txt")
SCRAPE = [ScrapeJob(["a:8000"], job="blue"), ScrapeJob(["b:8000"], job="green")]
WHERE = 'cluster!~"test.*"'
STORE = presets.feature_store(
    "feast", scrape=SCRAPE, where=WHERE, views={"drivers": "1d", "trips": "1d", "live": "10m"}
)
PIPELINE = presets.feature_pipeline(
    "features", scrape=SCRAPE, where=WHERE, views={"drivers": "1d", "live": "10m"}, rows={"drivers": 1000}
)


def expressions(service: Service) -> Iterator[str]:
    yield from (rule.expr for rule in service.recording_rules)
    yield from (alert.expr for alert in service.alerts)
    for row in service.rows:
        for panel in row.panels:
            yield from (query.expr.replace("$__rate_interval", "5m") for query in panel.all_queries())


def selectors(service: Service) -> Iterator[Selector]:
    for slo in service.slos:
        yield from (selector for each in slo.sli.selectors().values() for selector in each)
    for expr in expressions(service):
        yield from parse(expr).selectors


def alert(service: Service, name: str) -> str:
    return next(each.expr for each in service.alerts if each.name == name)


@pytest.mark.parametrize("service", [STORE, PIPELINE], ids=["feature_store", "feature_pipeline"])
def test_queries_read_names_of_the_catalog_and_the_catalog_has_no_others(service: Service) -> None:
    exposed = {name for metric in service.metrics for name in (*metric.series(), metric.name)}
    recorded = {rule.name for rule in service.recording_rules}
    read = {selector.metric for selector in selectors(service)}
    assert read - exposed - recorded == {"up"}
    assert [metric.name for metric in service.metrics if not read & {*metric.series(), metric.name}] == []
    further = parse(f"up{{{WHERE}}}").selectors[0].matchers[0]
    assert service.further_matchers() == (further,)
    for selector in selectors(service.derive(slos=[])):
        if ":" not in selector.metric and selector.metric != "up":
            assert further in selector.matchers, str(selector)


def test_the_catalog_is_that_of_the_feature_server() -> None:
    exposed = {metric.name: metric for metric in read_metrics(CAPTURE)}
    for metric in feast.CATALOG:
        other = exposed[metric.name]
        assert type(other) is type(metric)
        assert {*other.labels} == {*metric.labels}, metric.name
        if isinstance(metric, Histogram) and isinstance(other, Histogram):
            assert metric.bounds() == other.bounds()


def test_the_feature_server_is_recognised() -> None:
    exposed = {name for metric in read_metrics(CAPTURE) for name in (*metric.series(), metric.name)}
    assert [each.program for each in EXPORTERS if exposed.issuperset(each.marks)] == ["Feast feature server"]


def test_views_of_one_age_are_compared_together() -> None:
    def age(views: str, seconds: int) -> str:
        gauge = f'feast_feature_freshness_seconds{{job=~"blue|green",{WHERE},feature_view{views}}}'
        return f"min by (feature_view) ({gauge} and changes({gauge}[10m]) > 0) > {seconds}"

    both = "\nor\n".join([age('="live"', 600), age('=~"drivers|trips"', 86400)])
    assert alert(STORE, "FeatureViewStale") == both


def test_without_views_no_age_is_compared() -> None:
    names = [each.name for each in presets.feature_store("feast").alerts]
    assert names == ["FeatureAgeStuck", "FeatureValuesMissing", "FeatureMaterializationFailed", "FeaturePushStopped"]


def test_parts_without_a_metric_are_omitted() -> None:
    service = presets.feature_pipeline("features", views={"drivers": "1d"}, values="", row_count="", compared="")
    assert [each.name for each in service.alerts] == ["FeaturesStale", "FeaturesMissing"]
    assert [metric.name for metric in service.metrics] == ["model_feature_timestamp_seconds"]
    assert service.recording_rules == ()


@pytest.mark.parametrize("max_missing", [0, 0.2])
def test_a_limit_replaces_the_comparison_with_a_week_ago(max_missing: float) -> None:
    service = presets.feature_store("feast", max_missing=max_missing)
    expr = alert(service, "FeatureValuesMissing")
    assert ("offset 1w" in expr) == (not max_missing)
    assert ("> 0.2" in expr) == bool(max_missing)


def test_the_limit_of_the_latency_is_a_bound() -> None:
    slo = presets.feature_store("feast", latency="80ms").slos[1]
    assert [float(bound) for _, bound in slo.sli.latency_bounds()] == [0.1]
    assert slo.description == (
        "At most 100 ms. Requests that fail count, too. The limit is 80 ms, which is no bound of"
        " feast_feature_server_request_latency_seconds: requests between 80 ms and 100 ms are counted as fast, so the"
        " SLO is slower than the limit."
    )


# --- when alerts fire ----------------------------------------------------------------------------------------------


def failing(service: Service, name: str, tests: list[AlertTest], promtool: Tool) -> list[str]:
    """The output of tests of an alert that do not pass."""
    own = next(each for each in service.alerts if each.name == name)
    service = service.derive(alerts=[own.derive(tests=tests)], slos=[])
    results = run_suites(compile(Definitions(Project("team"), services=[service])).test_suites, promtools=[promtool])
    assert len(results) == 1
    return [result.output for result in results if not result.passed]


def age(view: str, values: str, instance: str = "a") -> dict[str, str]:
    return {f'{feast.AGE}{{job="blue",instance="{instance}",feature_view="{view}"}}': values}


def test_the_age_of_a_worker_that_ended_is_no_age(newest_promtool: Tool) -> None:
    """Feast exposes the highest age of all workers, also of those that ended."""
    tests = [
        AlertTest("a worker ended when the view was old", age("live", "9000x60"), quiet=["30m"]),
        AlertTest(
            "it hides a low one", {**age("live", "9000x60"), **age("live", "60+60x5 0+60x60", "b")}, quiet=["8m"]
        ),
        AlertTest("another server knows it", {**age("live", "90x60"), **age("live", "600+60x60", "b")}, fires=["30m"]),
        AlertTest("another view may be older", age("drivers", "600+60x60"), quiet=["30m"]),
    ]
    assert failing(STORE, "FeatureViewStale", tests, newest_promtool) == []


def test_the_first_failure_of_a_materialisation_counts(newest_promtool: Tool) -> None:
    series = f'{feast.RUNS}{{job="blue",instance="a",feature_view="x",status="failure"}}'
    up = 'up{job="blue",instance="a"}'
    tests = [
        AlertTest(
            "it is the first sample", {up: "1x90", series: "_x50 1x40"}, fires=["9h"], quiet=["8h"], interval="10m"
        ),
        AlertTest("it is old", {up: "1x90", series: "_x20 1x70"}, quiet=["10h"], interval="10m"),
        AlertTest("Prometheus is new", {up: "_x40 1x50", series: "_x40 7x50"}, quiet=["8h", "14h"], interval="10m"),
    ]
    assert failing(STORE, "FeatureMaterializationFailed", tests, newest_promtool) == []


def test_pushes_are_compared_with_yesterday(newest_promtool: Tool) -> None:
    series = f'{feast.PUSHES}{{job="blue",instance="a",push_source="x",mode="online"}}'
    up = 'up{job="blue",instance="a"}'
    tests = [
        AlertTest(
            "the server restarts and gets none", {up: "1x200", series: "0+1x144 _x60"}, fires=["26h"], interval="10m"
        ),
        AlertTest("they begin at night", {up: "1x300", series: "0x120 0+1x20 20x160"}, quiet=["26h"], interval="10m"),
        AlertTest("one push", {up: "1x200", series: "0+1x144 144x8 145x50"}, quiet=["26h"], interval="10m"),
    ]
    assert failing(STORE, "FeaturePushStopped", tests, newest_promtool) == []


def test_rows_are_compared_with_what_is_expected_or_with_last_week(newest_promtool: Tool) -> None:
    def rows(view: str, values: str) -> dict[str, str]:
        return {f'model_feature_rows{{job="blue",feature_view="{view}"}}': values}

    tests = [
        AlertTest("701 of 1000", rows("drivers", "701x240"), quiet=["190h"], interval="1h"),
        AlertTest("699 of 1000", rows("drivers", "699x240"), fires=["190h"], interval="1h"),
        AlertTest("as few as last week", rows("drivers", "699x240"), fires=["190h"], interval="1h"),
        AlertTest("none", rows("live", "1000x168 0x72"), fires=["190h"], interval="1h"),
        AlertTest("none a week ago", rows("live", "0x168 1000x72"), quiet=["190h"], interval="1h"),
        AlertTest("a new view", rows("new", "_x150 1000x72"), quiet=["190h"], interval="1h"),
    ]
    assert failing(PIPELINE, "FeatureRowsUnusual", tests, newest_promtool) == []


def test_skew_needs_evidence(newest_promtool: Tool) -> None:
    def compared(each: int, differ: int) -> dict[str, str]:
        labels = '{job="blue",instance="a",feature="x"}'
        return {
            f"model_skew_compared_total{labels}": f"0+{each}x120",
            f"model_skew_mismatch_total{labels}": f"0+{differ}x120",
        }

    tests = [
        AlertTest("2 of 100, often", compared(1000, 20), fires=["110m"]),
        AlertTest("1 of 100, often", compared(1000, 10), quiet=["110m"]),
        AlertTest("all of a few", compared(8, 8), quiet=["110m"]),
        AlertTest("all of some", compared(9, 9), fires=["110m"]),
    ]
    assert failing(PIPELINE, "FeatureSkew", tests, newest_promtool) == []


def test_a_feature_without_bad_values_has_a_share_of_zero(newest_promtool: Tool) -> None:
    """Without a series of them, the first ones would be compared with nothing."""
    labels = 'job="blue",instance="a",feature="x"'
    good = {f'model_feature_values_total{{{labels},state="present"}}': "0+1000x504 504000+500x72"}
    bad = {f'model_feature_values_total{{{labels},state="null"}}': "_x504 0+500x72"}
    tests = [
        AlertTest("half are null", {**good, **bad}, fires=["180h"], interval="20m"),
        AlertTest("none is null", good, quiet=["180h"], interval="20m"),
    ]
    assert failing(PIPELINE, "FeatureNulls", tests, newest_promtool) == []


@pytest.mark.parametrize("title", ["Feature stores", "Pipelines"])
def test_the_example_of_the_page_compiles_without_findings(title: str) -> None:
    section = PAGE.read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]
    block = re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S)[0]
    namespace: dict[str, Any] = {}
    exec(block, namespace)
    (service,) = (value for value in namespace.values() if isinstance(value, Service))
    assert [str(each) for each in checks.lint(compile(Definitions(Project("team"), services=[service])))] == []
    documented = re.findall(r"^\| `(Feature\w+)`", section, re.M)
    assert documented == [each.name for each in service.alerts]
