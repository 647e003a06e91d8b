"""Series of scenarios: valid text, counters that only grow, coherent histograms, labels for selectors and joins."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from obscode import SLO, Alert, Phase, Project, Row, Scenario, ScrapeJob, Service, artifacts, compile, metrics, panels
from obscode import sli as slis
from obscode.artifacts import Artifacts
from obscode.artifacts.unit_tests import UnitTest
from obscode.findings.errors import ObscodeError
from obscode.model.definitions import Definitions
from obscode.promql.parser import parse
from obscode.reader.file_contents import read_text
from obscode.simulation import (
    SCENARIOS,
    Simulation,
    Timeline,
    scenario_named,
    scenarios,
    simulate,
    test_series,
    test_timeline,
)
from obscode.simulation.families import Family, Member
from obscode.simulation.openmetrics import series_text
from obscode.testing import Rules, rules_of
from obscode.toolchain import Tool

END = 1_789_999_200
SHORT = Timeline(END, "30m", 60, lead=1800)
NORMAL, BURST, SLOW_BURN, STOP, DEPLOY = SCENARIOS

SHOP = Service(
    "shop",
    scrape=ScrapeJob(["a:80", "b:80"]),
    metrics=[
        metrics.Counter("requests_total", labels=["code"]),
        metrics.Histogram("request_seconds", buckets=[0.1, 0.5, 1]),
        metrics.Summary("job_seconds", quantiles=[0.5, 0.99]),
        metrics.Gauge("queue_ratio"),
        metrics.Gauge("shop_build_info", labels=["version"]),
        metrics.Counter("broken_orders_total"),
    ],
    slos=[
        SLO("availability", 99.9, slis.Ratio(errors='requests_total{code="teapot"}', total="requests_total")),
        SLO("latency", 99, slis.Latency("request_seconds", under="500ms")),
    ],
    alerts=[
        Alert("OrdersBreak", "increase(broken_orders_total[5m]) > 0", severity="page"),
        Alert("QueueFull", "queue_ratio > 0.2", severity="page"),
    ],
    dashboard=[Row("Shop", panels.TimeSeries("Requests", "sum by (code) (rate(requests_total[5m]))"))],
)


@cache
def shop() -> Simulation:
    return simulate(compile(Definitions(Project("team"), [SHOP])))


Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], Sequence[tuple[float, float]]]


def samples(simulation: Simulation, scenario: Scenario, timeline: Timeline = SHORT) -> Samples:
    """The samples of all series, as prometheus_client reads them: it checks the order and the types, too."""
    result: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[float, float]]] = {}
    for family in text_string_to_metric_families(  # type: ignore[no-untyped-call]
        "".join(simulation.series(scenario, timeline))
    ):
        for sample in family.samples:
            key = sample.name, tuple(sorted(sample.labels.items()))
            result.setdefault(key, []).append((float(str(sample.timestamp)), sample.value))
    return result


def of(series: Samples, name: str, **labels: str) -> list[list[float]]:
    """The values of the series with a name and some labels."""
    return [
        [value for _, value in values]
        for (own, has), values in series.items()
        if own == name and labels.items() <= dict(has).items()
    ]


def growth(values: Sequence[float]) -> float:
    return values[-1] - values[0]


def dashboard(*expressions: str, legend: str = "", variables: Sequence[Mapping[str, object]] = ()) -> Artifacts:
    """A dashboard that was read from a file."""
    targets = [{"refId": str(i), "expr": expr, "legendFormat": legend} for i, expr in enumerate(expressions)]
    body = {
        "title": "Test",
        "schemaVersion": 39,
        "templating": {"list": list(variables)},
        "panels": [{"type": "timeseries", "title": "Panel", "targets": targets}],
    }
    return Artifacts(dashboards=read_text(json.dumps(body), "test.json").dashboards)


def labels_of(simulation: Simulation, name: str) -> list[dict[str, str]]:
    return [dict(m.labels) for family in simulation.families if family.name == name for m in family.members]


def kind_of(simulation: Simulation, name: str) -> str:
    return next(family.kind for family in simulation.families if family.name == name)


# --- text and values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_counters_only_grow_except_in_restarts(scenario: Scenario) -> None:
    series = samples(shop(), scenario, Timeline(END, "6h", 300))
    assert series
    resets = 0
    for (name, _), values in series.items():
        if name.endswith(("_total", "_bucket", "_count", "_sum")):
            resets += sum(after < before for (_, before), (_, after) in pairwise(values))
    assert (resets > 0) == (scenario is DEPLOY)


def test_histograms_are_coherent() -> None:
    series = samples(shop(), BURST)
    for instance in ("a:80", "b:80"):
        buckets = {
            dict(labels)["le"]: [value for _, value in values]
            for (name, labels), values in series.items()
            if name == "request_seconds_bucket" and ("instance", instance) in labels
        }
        assert list(buckets) == ["0.1", "0.5", "1.0", "+Inf"]
        assert all(list(column) == sorted(column) for column in zip(*buckets.values(), strict=True))
        assert buckets["+Inf"] == of(series, "request_seconds_count", instance=instance)[0]
        (sums,) = of(series, "request_seconds_sum", instance=instance)
        assert 0 < growth(sums) / growth(buckets["+Inf"]) < 1


def test_quantiles_of_a_summary_ascend() -> None:
    series = samples(shop(), NORMAL)
    (median,), (high,) = (of(series, "job_seconds", quantile=q, instance="a:80") for q in ("0.5", "0.99"))
    assert all(0 < one < other for one, other in zip(median, high, strict=True))


def test_every_target_is_up_and_has_its_labels() -> None:
    series = samples(shop(), NORMAL)
    assert of(series, "up") == [[1.0] * 61] * 2
    assert {dict(labels)["job"] for _, labels in series} == {"shop"}


def test_services_that_share_the_name_of_a_metric_have_series_of_it_with_the_labels_and_buckets_of_each() -> None:
    services = [
        Service(
            name,
            scrape=ScrapeJob([f"{name}-1:80", f"{name}-2:80"]),
            metrics=[
                metrics.Counter("requests_total", labels=labels),
                metrics.Histogram("request_seconds", buckets=buckets),
            ],
            dashboard=[
                Row("", panels.TimeSeries("A", f'sum by ({labels[0]}) (rate(requests_total{{job="{name}"}}[5m]))'))
            ],
        )
        for name, labels, buckets in (("web", ["code"], [0.1, 1]), ("api", ["status"], [0.5, 1]))
    ]
    simulation = simulate(compile(Definitions(Project("team"), services)))

    exposed = {
        (labels["job"], labels["instance"], *sorted(labels)) for labels in labels_of(simulation, "requests_total")
    }
    assert exposed == {
        (name, f"{name}-{number}:80", *sorted(["instance", "job", label]))
        for name, label in (("web", "code"), ("api", "status"))
        for number in (1, 2)
    }
    assert next(f.bounds for f in simulation.families if f.name == "request_seconds") == (0.1, 0.5, 1)
    half_down = samples(simulation, Scenario("test", [Phase("0s", down=0.5)]))
    assert [of(half_down, "up", job=job, instance=f"{job}-1:80")[0][-1] for job in ("web", "api")] == [0, 0]
    assert [of(half_down, "up", job=job, instance=f"{job}-2:80")[0][-1] for job in ("web", "api")] == [1, 1]


def test_the_text_is_the_same_each_time() -> None:
    again = simulate(compile(Definitions(Project("team"), [SHOP])))
    assert "".join(again.series(BURST, SHORT)) == "".join(shop().series(BURST, SHORT))


def test_promtool_makes_blocks_of_the_text(promtool: Tool, tmp_path: Path) -> None:
    for part in ("series", "history"):
        (tmp_path / part).write_text("".join(getattr(shop(), part)(BURST, SHORT)))
        command = [str(promtool.path), "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=1000h"]
        run = subprocess.run(
            [*command, tmp_path / part, tmp_path / "data"], capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr


# --- failures --------------------------------------------------------------------------------------------------------


def ratio(series: Samples, bad: Sequence[Sequence[float]], total: Sequence[Sequence[float]]) -> float:
    return sum(map(growth, bad)) / sum(map(growth, total))


def test_bad_events_are_those_that_the_sli_selects() -> None:
    timeline = Timeline(END, "30m", 60, lead=0)
    for burn in (1, 60):
        series = samples(shop(), Scenario("test", [Phase("0s", burn=burn)]), timeline)
        errors = ratio(series, of(series, "requests_total", code="teapot"), of(series, "requests_total"))
        assert errors == pytest.approx(0.001 * burn, rel=0.3)
        slow = 1 - ratio(series, of(series, "request_seconds_bucket", le="0.5"), of(series, "request_seconds_count"))
        assert slow == pytest.approx(min(1, 0.01 * burn), rel=0.1)


def test_errors_are_a_ratio_of_events() -> None:
    series = samples(shop(), Scenario("test", [Phase("0s", errors=0.5)]), Timeline(END, "30m", 60, lead=0))
    errors = ratio(series, of(series, "requests_total", code="teapot"), of(series, "requests_total"))
    assert errors == pytest.approx(0.5, rel=0.1)


def test_a_counter_whose_growth_alerts_does_not_grow_on_a_normal_day() -> None:
    grows = [growth(values) for values in of(samples(shop(), NORMAL), "broken_orders_total")]
    assert grows == [0, 0]
    burst = samples(shop(), Scenario("test", [Phase("0s", errors=0.5)]))
    assert min(growth(values) for values in of(burst, "broken_orders_total")) > 0


def test_a_gauge_stays_below_the_threshold_of_an_alert() -> None:
    for values in of(samples(shop(), NORMAL), "queue_ratio"):
        assert 0 < max(values) < 0.2


@pytest.mark.parametrize(
    ("expr", "low", "high"),
    [
        ("sum(jobs) / 10 > 3", 0, 30),
        ("100 * jobs > 3", 0, 0.03),
        ("10 - jobs > 3", 7, 1e9),
        ("jobs - 10 > 3", 0, 13),
        ("abs(jobs / 1000 - 1) > 0.3", 700, 1300),
        ("sum(jobs < bool 5) > 0", 5, 1e9),
        ("sum(jobs < bool 5) < 1", 0, 1e9),
        ("sum_over_time(jobs[1d:1h]) > 24", 0, 1),
        ("jobs - min_over_time(jobs[1h]) > 0", 0, 1e9),
    ],
)
def test_alerts_do_not_fire_whose_thresholds_are_those_of_arithmetic(expr: str, low: float, high: float) -> None:
    service = Service(
        "a", scrape=ScrapeJob(["a:80"]), metrics=[metrics.Gauge("jobs")], alerts=[Alert("A", expr, severity="page")]
    )
    (values,) = of(samples(simulate(compile(Definitions(Project("team"), [service]))), NORMAL), "jobs")
    assert low <= min(values) <= max(values) <= high


@pytest.mark.parametrize(
    ("expr", "parts", "wholes"),
    [
        ("sum(rate(hits_total[5m])) / sum(rate(queries_total[5m]))", "hits_total", "queries_total"),
        (
            "(rate(hits_total[5m]) or 0 * rate(queries_total[5m])) / rate(queries_total[5m])",
            "hits_total",
            "queries_total",
        ),
    ],
)
def test_a_part_of_a_whole_counts_at_most_as_much(expr: str, parts: str, wholes: str) -> None:
    service = Service(
        "a",
        scrape=ScrapeJob(["a:80", "b:80"]),
        metrics=[metrics.Counter("hits_total", labels=["tier"]), metrics.Counter("queries_total")],
        dashboard=[Row("", panels.TimeSeries("Hits", expr, unit="percentunit"))],
    )
    series = samples(simulate(compile(Definitions(Project("team"), [service]))), NORMAL)
    for instance in ("a:80", "b:80"):
        own = [of(series, name, instance=instance) for name in (parts, wholes)]
        assert 0.2 < ratio(series, *own) < 0.8


# --- scenarios -------------------------------------------------------------------------------------------------------


def test_traffic_stops() -> None:
    series = samples(shop(), Scenario("test", [Phase("0s", traffic=0)]))
    for values in of(series, "requests_total"):
        assert values[29] > values[0] or growth(values) == 0
        assert values[-1] == values[31]


def test_targets_that_are_down_have_no_samples_but_up() -> None:
    series = samples(shop(), Scenario("test", [Phase("0s", "10m", down=0.5)]))
    up = of(series, "up", instance="a:80")[0]
    assert (up[29], up[30], up[39], up[40]) == (1, 0, 0, 1)
    assert of(series, "up", instance="b:80")[0] == [1.0] * 61
    assert len(of(series, "queue_ratio", instance="a:80")[0]) == 51
    assert len(of(series, "queue_ratio", instance="b:80")[0]) == 61


def test_a_deployment_has_a_new_version_and_resets_one_process_after_the_other() -> None:
    series = samples(shop(), Scenario("test", [Phase("0s", restart=True, version="v9")]))
    assert {dict(labels)["version"] for name, labels in series if name == "shop_build_info"} == {"v1.4.2", "v9"}
    old = of(series, "shop_build_info", version="v1.4.2")
    new = of(series, "shop_build_info", version="v9")
    assert [len(values) for values in old] == [30, 31]
    assert [len(values) for values in new] == [31, 30]
    for instance, at in (("a:80", 30), ("b:80", 31)):
        (values,) = of(series, "request_seconds_count", instance=instance)
        assert [i for i, (before, after) in enumerate(pairwise(values), 1) if after < before] == [at]


def test_phases_set_values_of_series() -> None:
    values = {'queue_ratio{instance="a:80"}': 0.9, 'requests_total{code="teapot"}': 7}
    series = samples(shop(), Scenario("test", [Phase("10m", "5m", values=values)]))
    (ratios,) = of(series, "queue_ratio", instance="a:80")
    assert [i for i, value in enumerate(ratios) if value == 0.9] == [40, 41, 42, 43, 44]
    (counts,) = of(series, "requests_total", code="teapot", instance="a:80")
    assert counts[44] - counts[39] == 5 * 7 * 60


def test_a_scenario_of_a_project_replaces_the_standard_one() -> None:
    own = Scenario("deploy", [Phase("1h")])
    every = scenarios(Definitions(Project("team"), scenarios=[own, Scenario("fire")]))
    assert [s.name for s in every] == ["normal day", "error burst", "slow burn", "traffic stop", "deploy", "fire"]
    assert scenario_named("deploy", every) is own
    with pytest.raises(ObscodeError) as raised:
        scenario_named("fier", every)
    (finding,) = raised.value.findings
    assert (finding.message, finding.hint) == ("there is no scenario 'fier'", "did you mean 'fire'?")


# --- dashboards that nobody typed ------------------------------------------------------------------------------------


def test_types_follow_from_functions() -> None:
    simulation = simulate(
        dashboard("rate(a[5m])", "histogram_quantile(0.9, sum by (le) (rate(b_bucket[5m])))", "c", 'd{quantile="0.9"}')
    )
    assert [kind_of(simulation, name) for name in "abcd"] == ["counter", "histogram", "gauge", "summary"]


def test_labels_follow_from_matchers_groupings_and_legends() -> None:
    simulation = simulate(dashboard('sum by (zone) (a{code=~"5..",disk!="x"})', 'b{mode="idle"}', legend="{{kind}}"))
    assert all(labels["zone"] and labels["code"].startswith("5") for labels in labels_of(simulation, "a"))
    assert all(labels["mode"] == "idle" and labels["kind"] for labels in labels_of(simulation, "b"))


def test_each_selector_of_a_metric_matches() -> None:
    simulation = simulate(dashboard('a{code=~"5.."}', 'a{code!~"5.."}', 'a{code="418"}', "a"))
    codes = {labels.get("code", "") for labels in labels_of(simulation, "a")}
    assert "418" in codes
    assert any(code.startswith("5") for code in codes)


def test_a_join_finds_one_series() -> None:
    simulation = simulate(dashboard("a * on (pod) group_left (node) b", 'b{phase="x"}', "b"))
    pods = [labels["pod"] for labels in labels_of(simulation, "b") if "node" in labels]
    assert sorted(pods) == sorted({labels["pod"] for labels in labels_of(simulation, "a")})


def test_a_record_that_no_rule_records_is_a_gauge() -> None:
    simulation = simulate(dashboard("node:cpu:ratio"))
    assert simulation.records == {"node:cpu:ratio"}
    assert kind_of(simulation, "node:cpu:ratio") == "gauge"


def test_recorded_buckets_ascend() -> None:
    simulation = simulate(dashboard("histogram_quantile(0.9, sum by (le) (job:x_bucket:rate5m))"))
    buckets: dict[float, float] = {}
    for (_, labels), values in samples(simulation, NORMAL).items():
        bound = float(dict(labels)["le"])
        buckets[bound] = buckets.get(bound, 0) + values[0][1]
    assert [buckets[bound] for bound in sorted(buckets)] == sorted(buckets.values())
    assert len(buckets) == 10
    assert buckets[0.01] < buckets[0.1] < buckets[1.0]


def test_each_value_of_a_state_is_there() -> None:
    series = samples(simulate(dashboard("count(a == 0)", "count(a == 1)")), NORMAL)
    assert {values[0] for values in of(series, "a")} == {0, 1}


def test_a_record_is_generated_from_the_series_of_its_rule() -> None:
    rules = "groups: [{name: g, rules: [{record: 'pod:x:sum', expr: sum by (pod) (x), labels: {cluster: c}}]}]"
    files = Artifacts(
        rule_files=read_text(rules, "rules.yml").rule_files,
        dashboards=dashboard('pod:x:sum{cluster="c",pod="api"}').dashboards,
    )
    simulation = simulate(files)
    assert [family.name for family in simulation.families] == ["x"]
    assert "api" in {labels["pod"] for labels in labels_of(simulation, "x")}


def test_queries_match_the_values_of_variables() -> None:
    variables: list[Mapping[str, object]] = [
        {"type": "query", "name": "job", "query": 'label_values(up{job=~"api.*"}, job)'},
        {"type": "custom", "name": "size", "query": "big,small", "current": {"value": "big"}},
    ]
    simulation = simulate(dashboard('a{job="$job",size="$size"}', variables=variables))
    jobs = sorted({labels["job"] for labels in labels_of(simulation, "up")})
    assert {"job": jobs[0], "size": "big"}.items() <= labels_of(simulation, "a")[-1].items()


def test_an_expression_that_does_not_parse_is_skipped_with_the_reason() -> None:
    simulation = simulate(dashboard("sum(a", "b"))
    assert [skipped.expr for skipped in simulation.skipped] == ["sum(a"]
    assert [family.name for family in simulation.families] == ["b"]


def test_a_panel_with_a_comparison_has_data() -> None:
    for condition, accepted in (("== 3", 3.0), ("> 10000", None), ("< 0", None)):
        series = samples(simulate(dashboard(f"a {condition}")), NORMAL)
        for values in of(series, "a"):
            assert all(eval(f"{value} {condition}") for value in values)
            assert accepted in (None, values[0])


# --- unit tests ------------------------------------------------------------------------------------------------------


def test_the_text_and_the_values_are_the_same() -> None:
    series = samples(shop(), NORMAL)
    values = {
        (s.labels["__name__"], tuple(sorted((k, v) for k, v in s.labels.items() if k != "__name__"))): [
            (time / 1000, value) for time, value in zip(s.times, s.values, strict=True)
        ]
        for s in shop().raw(NORMAL, SHORT)
    }
    assert values == series


def test_series_that_do_not_match_are_left_out() -> None:
    def matching(labels: Mapping[str, str]) -> bool:
        return labels.get("le") == "0.5" and labels["instance"] == "a:80"

    (only,) = shop().raw(NORMAL, SHORT, matching)
    assert only.labels["__name__"] == "request_seconds_bucket"
    assert not list(shop().recorded(NORMAL, SHORT, lambda labels: False))


def test_a_short_window_has_two_samples_and_a_long_offset_has_samples_before() -> None:
    simulation = simulate(dashboard("rate(a[30s])", "rate(b[5m] offset 1d)", "c"))
    timeline = simulation.timeline(END, "1h")
    assert timeline == Timeline(END, "1h", 30)
    times = {s.labels["__name__"]: s.times for s in simulation.raw(NORMAL, timeline)}
    assert {after - before for before, after in pairwise(times["a"])} == {15_000}
    assert {after - before for before, after in pairwise(times["c"])} == {30_000}
    assert times["b"][0] <= (timeline.start - 86_400 - 300) * 1000
    assert max(after - before for before, after in pairwise(times["b"])) == 120_000


def test_very_many_series_have_fewer_samples() -> None:
    members = tuple(Member((("i", str(i)),)) for i in range(4100))
    simulation = Simulation([Family("a", "gauge", members)])
    assert simulation.timeline(END, "2h").step == 30
    assert simulation.timeline(END, "6h").step == 60


def test_the_history_of_an_slo_has_its_budget() -> None:
    series = {
        (s.labels["__name__"], s.labels["slo"]): s.values for s in shop().recorded(BURST, Timeline(END, "6h", 60))
    }
    for slo, budget in (("availability", 0.001), ("latency", 0.01)):
        bad, total = (series[f"slo:events_{part}:tile30m", slo] for part in ("bad", "total"))
        assert len(bad) == len(total) == 31 * 48
        assert sum(bad) / sum(total) == pytest.approx(0.15 * budget)


def test_the_series_of_a_unit_test_end_at_a_time() -> None:
    test = UnitTest("test", "1m", [('a{b="c"}', "0+6x2 _ 1e+2x1"), ("d", "1 stale 2"), ("h", "{{schema:0}}")], [])
    assert "".join(test_series(test, 600)) == (
        'a{b="c"} 0 300\na{b="c"} 6 360\na{b="c"} 12 420\na{b="c"} 100 540\na{b="c"} 100 600\nd 1 300\nd 2 420\n# EOF\n'
    )
    assert test_timeline(test, 6000) == Timeline(6000, "30m", 60, lead=0)


def test_each_generated_unit_test_has_series() -> None:
    compiled: artifacts.Artifacts = compile(Definitions(Project("team"), [SHOP]))
    texts = ["".join(test_series(test, END)) for suite in compiled.test_suites for test in suite.tests]
    assert texts
    for text in texts:
        assert list(text_string_to_metric_families(text)) or text == "# EOF\n"  # type: ignore[no-untyped-call]


# --- alerts ----------------------------------------------------------------------------------------------------------


def rules_in(scenario: Scenario) -> Rules:
    """The rules of the shop with the series of a scenario, from the start of its range on."""
    rules = rules_of(SHOP)
    read = {
        selector.metric for group in rules.groups for rule in group.rules for selector in parse(rule.expr).selectors
    }
    texts: dict[str, str] = {}
    for (name, labels), values in samples(shop(), scenario, Timeline(END, "6h", 60, lead=0)).items():
        if name in read:
            texts[series_text(name, labels)] = " ".join(f"{value!r}" for _, value in values)
    return rules.with_series(texts, interval="1m")


_SLOS = ("Availability", "Latency")


# Tickets fire as well: without the days before, a window of a day is one of four hours.
@pytest.mark.parametrize(
    ("scenario", "at", "firing"),
    [
        (NORMAL, "6h", []),
        (BURST, "3h29m", []),
        (BURST, "4h29m", ["OrdersBreak", *(f"Shop{slo}Burn{key}" for slo in _SLOS for key in ("Page", "Ticket"))]),
        (DEPLOY, "3h30m", []),
    ],
    ids=["none on a normal day", "none before a burst of errors", "in a burst of errors", "none in a deployment"],
)
def test_alerts_fire_in_their_scenario(
    scenario: Scenario, at: str, firing: Sequence[str], newest_promtool: Tool
) -> None:
    assert rules_in(scenario).firing_alerts(at=at) == firing


def test_phases_are_about_services_with_slos_or_those_that_they_name() -> None:
    cache = Service("cache", scrape=ScrapeJob(["c:80"]), metrics=[metrics.Counter("evictions_total")])
    simulation = simulate(compile(Definitions(Project("team"), [SHOP, cache])))
    for services, stopped in (((), "requests_total"), (["cache"], "evictions_total")):
        series = samples(simulation, Scenario("test", [Phase("0s", traffic=0, services=services)]))
        assert [name for name in ("requests_total", "evictions_total") if growth(of(series, name)[0][31:]) == 0] == [
            stopped
        ]
