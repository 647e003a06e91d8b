"""What Prometheus scrapes from targets that expose a captured text, as samples."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

from obscode import Definitions, Phase, Project, Scenario, ScrapeJob, Service, compile, sli
from obscode.compiler.slo_plan import slo_plans
from obscode.model.scrape import Pushgateway
from obscode.model.sli.buckets import normalised_bound
from obscode.model.slo import SLO
from obscode.promql.staleness import STALE
from obscode.simulation import Samples, Timeline
from obscode.simulation.capture import read_capture
from obscode.simulation.captured_events import captured_groups
from obscode.simulation.captured_rates import RATE
from obscode.simulation.captured_samples import CapturedTarget
from obscode.simulation.possible_errors import with_possible_errors
from obscode.simulation.replay import Replay
from obscode.simulation.targets import captured_targets

TEXT = """\
# TYPE http_requests_total counter
http_requests_total{code="200",job="inner"} 300
# TYPE request_seconds histogram
request_seconds_bucket{le="0.5"} 150
request_seconds_bucket{le="1"} 300
request_seconds_bucket{le="+Inf"} 300
request_seconds_sum 180
request_seconds_count 300
# TYPE app_info gauge
app_info{version="1",empty=""} 1
# TYPE python_info info
python_info{version="3.11"} 1
"""
TARGET = {"job": "shop", "instance": "shop:8000"}
TIMELINE = Timeline(1_800_000_000, "1h", 60)


def samples(scenario: Scenario, *, honor_labels: bool = False) -> Mapping[str, Samples]:
    """By name and some labels."""
    target = CapturedTarget(read_capture(TEXT), "shop", TARGET, honor_labels)
    result = {}
    for each in target.samples(scenario, TIMELINE):
        own = {name: value for name, value in each.labels.items() if name in ("le", "code", "exported_job")}
        result[" ".join([each.labels["__name__"], *own.values()])] = each
    return result


def test_values_are_those_of_the_text_at_each_scrape() -> None:
    scenario = Scenario("burst", [Phase("10m", "20m", errors=0.5, latency=3)])
    scraped = samples(scenario)
    start = TIMELINE.data_start
    replay = Replay(with_possible_errors(read_capture(TEXT)), scenario, start, first=start - TIMELINE.start)
    for time in TIMELINE.times()[::17]:
        text = replay.text(time)
        assert text is not None
        lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
        assert at(scraped["request_seconds_bucket 0.5"], time) == float(lines['request_seconds_bucket{le="0.5"}'])
        expected = lines.get('http_requests_total{code="500",job="inner"}', "nan")
        assert repr(at(scraped["http_requests_total 500 inner"], time)) == repr(float(expected))


def at(series: Samples, time: int) -> float:
    return dict(zip(series.times, series.values, strict=True)).get(time * 1000, math.nan)


def test_phases_of_other_services_only_set_values() -> None:
    for services, down in ((["shop"], 0), (["cart"], 1), ([], 0)):
        scraped = samples(Scenario("down", [Phase("10m", down=1, services=services, values={"app_info": 7})]))
        assert at(scraped["up"], TIMELINE.end) == down
        assert at(scraped["app_info"], TIMELINE.end) == (7 if down else pytest.approx(math.nan, nan_ok=True))


def test_labels_of_the_target_win_and_empty_ones_are_left_out() -> None:
    scraped = samples(Scenario("normal"))
    assert scraped["http_requests_total 200 inner"].labels == {
        "__name__": "http_requests_total",
        "code": "200",
        "exported_job": "inner",
        **TARGET,
    }
    assert scraped["app_info"].labels == {"__name__": "app_info", "version": "1", **TARGET}
    assert set(scraped["python_info"].values) == {1.0}
    assert "request_seconds_bucket 1.0" in scraped


def test_honored_labels_win() -> None:
    labels = samples(Scenario("normal"), honor_labels=True)["http_requests_total 200"].labels
    assert labels == {"__name__": "http_requests_total", "code": "200", "job": "inner", "instance": "shop:8000"}


def test_a_target_that_is_down_ends_its_series() -> None:
    scraped = samples(Scenario("down", [Phase("10m", "3m", down=1)]))
    down = TIMELINE.start + 600
    count = scraped["request_seconds_count"]
    assert [at(scraped["up"], down + 60 * minute) for minute in (-1, 0, 2, 3)] == [1, 0, 0, 1]
    assert count.values[count.times.index(down * 1000)] is STALE
    assert [(down + 60 * minute) * 1000 in count.times for minute in (-1, 0, 1, 2, 3)] == [
        True,
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        (1, "1.0"),
        (0.25, "0.25"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (0.00015, "0.00015"),
        (999_999, "999999.0"),
        (1e6, "1e+06"),
        (1_234_567, "1.234567e+06"),
        (-2.5e7, "-2.5e+07"),
        (0, "0.0"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_bounds_are_written_as_prometheus_3_does(bound: float, text: str) -> None:
    assert normalised_bound(bound) == text


# --- services --------------------------------------------------------------------------------------------------------


def test_each_target_of_a_service_exposes_the_text() -> None:
    shop = Service("shop", scrape=ScrapeJob(["a:80", "b:80"]))
    gateway = Service("gateway", scrape=Pushgateway(["c:9091"]))
    capture = read_capture(TEXT)
    assert [target.labels for target in captured_targets(shop, capture)] == [
        {"instance": "a:80", "job": "shop"},
        {"instance": "b:80", "job": "shop"},
    ]
    (pushed,) = captured_targets(gateway, capture)
    assert pushed.honor_labels
    assert pushed.jobs == {"gateway", "inner"}


@pytest.mark.parametrize(
    ("indicator", "rate"),
    [
        (sli.Ratio(errors='http_requests_total{code=~"5.."}', total="http_requests_total"), 2 * RATE),
        (sli.Latency("request_seconds", under="500ms"), 2 * RATE),
        (sli.Ratio(errors='http_requests_total{code="301",x="1"}', total='http_requests_total{code="301"}'), None),
        (
            sli.FreeQuery(
                bad="sum(increase(request_seconds_sum[5m]))", total="sum(increase(request_seconds_count[5m]))"
            ),
            2 * RATE,
        ),
    ],
    ids=["counters", "a histogram", "other labels", "a free query"],
)
def test_the_history_of_an_slo_has_the_events_of_all_targets(indicator: sli.SLI, rate: float | None) -> None:
    shop = Service("shop", scrape=ScrapeJob(["a:80", "b:80"]), slos=[SLO("x", 99.9, indicator)])
    artifacts = compile(Definitions(Project("team"), services=[shop]))
    (plan,) = (plan for each in slo_plans(artifacts.services, artifacts.project).values() for plan in each)
    targets = captured_targets(shop, read_capture(TEXT))
    groups = [(dict(labels), each) for labels, each in captured_groups(plan, targets)]
    assert [labels for labels, _ in groups] == ([] if rate is None else [{}])
    assert [each for _, each in groups] == ([] if rate is None else [pytest.approx(rate, rel=0.001)])
