"""`obscode cost`: samples as the real Prometheus counts them, series, limits and the command."""

from __future__ import annotations

import json
import subprocess
from itertools import product
from pathlib import Path

import pytest
from conftest import ProjectFolder

from obscode import Cost, Definitions, Project, RecordingRule, ScrapeJob, Service, checks, compile, metrics, sli
from obscode.artifacts.project import Artifacts
from obscode.cost.rules import ProjectCost, project_cost
from obscode.model.argument_types import problems
from obscode.model.slo import SLO
from obscode.toolchain import Tool
from obscode.verify import servers

PATHS, STATUSES, BOUNDS = ("/", "/cart", "/pay"), ("200", "404", "500"), ("0.1", "0.5", "+Inf")
TARGETS = ("a:80", "b:80")
METRICS = [
    metrics.Counter("http_requests_total", labels={"path": PATHS, "status": STATUSES}),
    metrics.Histogram("http_latency_seconds", labels={"path": PATHS}, buckets=[0.1, 0.5]),
    metrics.Gauge("queue_length"),
]
STEP = 15
HOURS = 3
#: Expressions, each with the series of its result.
EXPRESSIONS = {
    "http_requests_total": 18,
    'http_requests_total{status="500"}': 6,
    'http_requests_total{status=~"5..|404"}': 12,
    'http_requests_total{status!="200", path="/pay"}': 4,
    "rate(http_requests_total[5m])": 18,
    "increase(http_requests_total[1h] offset 10m)": 18,
    "sum by (path) (rate(http_requests_total[5m]))": 3,
    "sum without (instance, status) (rate(http_requests_total[5m]))": 3,
    'sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))': 1,
    "histogram_quantile(0.9, sum by (le, path) (rate(http_latency_seconds_bucket[10m])))": 3,
    'http_latency_seconds_bucket{le="0.5"}': 6,
    "http_latency_seconds_count + on (instance, path) http_latency_seconds_sum": 6,
    "http_requests_total * on (instance) group_left () queue_length": 18,
    "max_over_time(sum by (path) (rate(http_requests_total[5m]))[1h:1m])": 3,
    "avg_over_time(queue_length[30m:])": 2,
    "topk(2, http_requests_total)": 2,
    "topk by (path) (1, http_requests_total)": 3,
    "absent(queue_length)": 0,
    "queue_length or http_latency_seconds_count": 8,
    "http_latency_seconds_count unless on (instance) queue_length": 0,
    "http_latency_seconds_count and on (instance) queue_length": 6,
    "scalar(sum(queue_length)) * http_latency_seconds_count": 6,
    "vector(1)": 1,
    "time() - queue_length > 0": 2,
    'label_replace(queue_length, "host", "$1", "instance", "(.*):80")': 2,
    'sum by (host) (label_replace(http_latency_seconds_count, "host", "$1", "instance", "(.*):80"))': 2,
    "-queue_length": 2,
    "count by (job) (up == 1)": 1,
}


def costs(*rules: RecordingRule, project: Project | None = None) -> ProjectCost:
    """The cost of rules of a service with the metrics above."""
    service = Service("shop", owner="team-shop", scrape=ScrapeJob(TARGETS), metrics=METRICS, recording_rules=rules)
    definitions = Definitions(project or Project("team", evaluation_interval="1m"), services=[service])
    return project_cost(compile(definitions))


def test_series_of_results_are_those_of_prometheus_and_samples_too(
    prometheus: Tool, newest_promtool: Tool, tmp_path: Path
) -> None:
    """Results are compared at one time, at which every window is full; samples within 5 %."""
    start = 1_700_000_000
    (tmp_path / "samples.om").write_text("\n".join([*_samples(start), "# EOF\n"]))
    data = tmp_path / "data"
    command = [
        str(newest_promtool.path),
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        str(tmp_path / "samples.om"),
        str(data),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (tmp_path / "prometheus.yml").write_text("global: {evaluation_interval: 1m}\n")
    estimates = {cost.rule.expr: cost for cost in costs(*_rules()).rules}
    flags = ["--storage.tsdb.retention.time=30y"]
    with servers.prometheus(prometheus, tmp_path / "prometheus.yml", data, servers.free_port(), *flags) as url:
        for expr, series in EXPRESSIONS.items():
            time = str(start + HOURS * 3600 - 7)  # between samples, as scrapes are at any time
            answer = servers.get(f"{url}/api/v1/query", query=expr, time=time, stats="all")
            samples = answer["stats"]["samples"]["totalQueryableSamples"]
            estimate = estimates[expr]
            assert (expr, len(answer["result"])) == (expr, series)
            assert (expr, estimate.series) == (expr, series)
            assert estimate.samples == pytest.approx(samples, rel=0.05), expr


def _rules() -> list[RecordingRule]:
    return [RecordingRule(f"level:x{i}:sum", expr) for i, expr in enumerate(EXPRESSIONS)]


def _samples(start: int) -> list[str]:
    """Samples of the metrics in OpenMetrics, at each scrape."""
    names = [f'http_requests_total{{path="{p}",status="{s}",' for p, s in product(PATHS, STATUSES)]
    names += [f'http_latency_seconds_bucket{{path="{p}",le="{le}",' for p, le in product(PATHS, BOUNDS)]
    names += [f'http_latency_seconds_{part}{{path="{p}",' for p, part in product(PATHS, ("sum", "count"))]
    names += ["queue_length{", "up{"]
    series = [f'{name}job="shop",instance="{target}"}}' for name, target in product(names, TARGETS)]
    times = range(start, start + HOURS * 3600, STEP)
    return [
        f"{name} {i + 1} {time}" if "up{" not in name else f"{name} 1 {time}"
        for name in series
        for i, time in enumerate(times)
    ]


def test_recorded_series_are_counted_wherever_they_are_recorded() -> None:
    first = RecordingRule("shop:queue:max", "max(path:requests:rate5m)")
    second = RecordingRule("path:requests:rate5m", "sum by (path) (rate(http_requests_total[5m]))")

    estimated = costs(first, second)

    assert [(cost.rule.name, cost.series, cost.samples) for cost in estimated.rules] == [
        ("shop:queue:max", 1, 3),
        ("path:requests:rate5m", 3, 360),
    ]
    assert (estimated.assumed, estimated.unknown) == ([], [])


def test_labels_without_values_and_metrics_without_catalog_are_reported() -> None:
    service = Service(
        "shop",
        selector={"job": "shop"},
        metrics=[metrics.Counter("orders_total", labels=["region", "kind"])],
        recording_rules=[RecordingRule("x:orders:sum", "orders_total"), RecordingRule("x:carts:sum", "carts")],
    )
    project = Project("team", cost=Cost(label_values={"kind": 3}, default_values=7, targets=5))

    estimated = project_cost(compile(Definitions(project, services=[service])))

    assert [cost.series for cost in estimated.rules] == [5 * 7 * 3, 0]
    assert (estimated.assumed, estimated.unknown) == (["region"], ["carts"])


def test_two_slos_of_a_service_read_their_own_records() -> None:
    ratio = sli.Ratio(errors='http_requests_total{status="500"}', total="http_requests_total")
    slos = [SLO("one", 99, ratio), SLO("two", 99, ratio, description="the same")]
    service = Service("shop", scrape=ScrapeJob(TARGETS), metrics=METRICS, slos=slos)

    estimated = project_cost(compile(Definitions(Project("team"), services=[service])))

    one, two = (
        [(c.rule.name, c.series, c.samples) for c in estimated.rules if f"slo-{name}" in c.group]
        for name in ("one", "two")
    )
    assert [(*rest,) for _, *rest in one] == [(*rest,) for _, *rest in two]
    assert estimated.unknown == []


def limited(cost: Cost) -> Artifacts:
    rule = RecordingRule("path:requests:rate1h", "sum by (path) (rate(http_requests_total[1h]))")
    service = Service("shop", scrape=ScrapeJob(TARGETS), metrics=METRICS, recording_rules=[rule])
    return compile(Definitions(Project("team", evaluation_interval="1m", cost=cost), services=[service]))


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        (Cost(rule_samples=4320), ""),
        (Cost(rule_samples=4319), "path:requests:rate1h reads 4,320 samples; the limit is 4,319"),
        (Cost(service_series=3), ""),
        (Cost(service_series=2), "the rules of shop record 3 series; the limit is 2"),
        (Cost(service_cpu=0.1), ""),
        (Cost(service_cpu=0.000_001), "the rules of shop take 0.00% of a processor; the limit is 0.00%"),
    ],
)
def test_a_limit_that_is_exceeded_is_an_error(cost: Cost, message: str) -> None:
    findings = [finding for finding in checks.lint(limited(cost)) if finding.code.name == "cost-limit"]

    assert [finding.message for finding in findings] == ([message] if message else [])
    assert all(finding.severity == "error" for finding in findings)


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        (Cost(default_values=0), "default_values is 0"),
        (Cost(targets=0), "targets is 0"),
        (Cost(label_values={"path": 0}), "label path has 0 values"),
        (Cost(rule_samples=-1), "rule_samples is -1"),
        (Cost(service_cpu=-0.1), "service_cpu is -0.1"),
        (Cost(default_values=1, targets=1, label_values={"path": 1}), ""),
    ],
)
def test_impossible_numbers_are_reported(cost: Cost, message: str) -> None:
    assert [finding.message for finding in problems(cost)] == ([message] if message else [])


SHOP = """
shop = Service(
    "shop",
    owner="team-shop",
    scrape=ScrapeJob(["a:80", "b:80"]),
    metrics=[metrics.Counter("orders_total", labels={"kind": ["a", "b", "c"]})],
    recording_rules=[
        RecordingRule("kind:orders:rate5m", "sum by (kind) (rate(orders_total[5m]))"),
        RecordingRule("job:orders:rate1h", "sum by (job) (rate(orders_total[1h]))"),
    ],
)
"""


def test_the_command_prints_the_dearest_rules_first(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=SHOP)

    printed = project_folder.run("cost", "--by", "rule", "--top", "1")

    assert (printed.exit, printed.err) == (0, "")
    assert printed.out.splitlines() == [
        "GROUP         RULE               SERIES  SAMPLES/S  CPU     RULES",
        "shop-records  job:orders:rate1h  1       96.0       0.002%  1",
        "total                            4       104.0      0.004%  2",
    ]


@pytest.mark.parametrize(("by", "name"), [("service", "shop"), ("team", "team-shop")])
def test_the_command_sums_services_and_teams(by: str, name: str, project_folder: ProjectFolder) -> None:
    project_folder.write(shop=SHOP)

    assert f"\n{name} " in project_folder.run("cost", "--by", by).out


def test_the_command_prints_json(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=SHOP)

    printed = json.loads(project_folder.run("cost", "--format", "json").out)

    assert printed["assumed_labels"] == printed["unknown_metrics"] == []
    assert printed["rules"][0] == {
        "service": "shop",
        "team": "team-shop",
        "group": "shop-records",
        "rule": "kind:orders:rate5m",
        "series": 3,
        "samples": 120,
        "interval_seconds": 15.0,
        "cpu_share": pytest.approx((0.25e-3 + 120 * 45e-9) / 15),
    }
