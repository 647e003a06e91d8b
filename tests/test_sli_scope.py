"""The matchers of the service in free PromQL: inserted in each selector, or reported if the series lack the labels."""

from __future__ import annotations

import pytest
from finding_text import finding_text

from obscode import SLO, Project, RecordingRule, ScrapeJob, Service, metrics
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError
from obscode.model.sli import SLI, FreeQuery, TimeSlice
from obscode.promql.scope import with_matchers
from obscode.promql.selector import Matcher

JOB = Matcher("job", "=", "shop")
POD = (Matcher("namespace", "=", "shop"), Matcher("app", "=~", "a|b"))

#: Expressions, each with the same text and `job="shop"` in its selectors.
SCOPED = {
    "max(queue_length)": 'max(queue_length{job="shop"})',
    "rate(x_total[5m] offset 1h)": 'rate(x_total{job="shop"}[5m] offset 1h)',
    "x @ end()": 'x{job="shop"} @ end()',
    "max_over_time(sum by (a) (rate(x[5m]))[1h:1m])": 'max_over_time(sum by (a) (rate(x{job="shop"}[5m]))[1h:1m])',
    "topk(3, quantile(0.9, x))": 'topk(3, quantile(0.9, x{job="shop"}))',
    "x == bool on (a) group_right y": 'x{job="shop"} == bool on (a) group_right y{job="shop"}',
    'x{a="1"}': 'x{a="1",job="shop"}',
    'x{a="1", }': 'x{a="1",job="shop" }',
    "x{ } - x": 'x{job="shop" } - x{job="shop"}',
    'x{b=~"}{"}': 'x{b=~"}{",job="shop"}',
    '{__name__=~"a.*"}': '{__name__=~"a.*",job="shop"}',
    '{"http.errors"}': '{"http.errors",job="shop"}',
    "vllm:requests": 'vllm:requests{job="shop"}',
    "absent(up) or vector(0)": 'absent(up{job="shop"}) or vector(0)',
    'label_replace(up, "a", "x{}", "b", "y")': 'label_replace(up{job="shop"}, "a", "x{}", "b", "y")',
    '# x{\nup{ # y\n  a="1" # {z}\n}': '# x{\nup{ # y\n  a="1",job="shop" # {z}\n}',
    "up{job='shop'}": "up{job='shop'}",
    'up{job=~"s.*"}': 'up{job=~"s.*",job="shop"}',
}
#: Joins, with the matchers of the labels `namespace` and `app`.
JOINED = {
    "x * on (pod) group_left (node) kube_pod_info": "x{#} * on (pod) group_left (node) kube_pod_info",
    "kube_pod_info * on (pod) group_right () x": "kube_pod_info * on (pod) group_right () x{#}",
    "x * on (namespace, pod) group_left kube_pod_labels": (
        'x{#} * on (namespace, pod) group_left kube_pod_labels{namespace="shop"}'
    ),
    "x * ignoring (app) group_left app_info": 'x{#} * ignoring (app) group_left app_info{namespace="shop"}',
    "x * on (instance) group_left (zone) y": "x{#} * on (instance) group_left (zone) y",
    "sum(x) / on () group_left sum(y)": "sum(x{#}) / on () group_left sum(y{#})",
    "x and on (pod) kube_pod_status_ready == 1": "x{#} and on (pod) kube_pod_status_ready == 1",
    "x unless on () (sum(y) < 5)": "x{#} unless on () (sum(y{#}) < 5)",
    "x and app_info": "x{#} and app_info{#}",
}


@pytest.mark.parametrize("expr", SCOPED)
def test_matchers_are_inserted_in_each_selector_and_nothing_else_changes(expr: str) -> None:
    assert with_matchers(expr, [JOB]) == SCOPED[expr]


@pytest.mark.parametrize("expr", JOINED)
def test_a_series_about_objects_gets_the_matchers_of_the_labels_that_the_join_has(expr: str) -> None:
    assert with_matchers(expr, POD) == JOINED[expr].replace("#", ",".join(map(str, POD)))


def test_without_matchers_an_expression_is_unchanged() -> None:
    assert with_matchers("x  /  y", []) == "x  /  y"


def test_services_of_a_loop_read_their_own_series() -> None:
    sli = TimeSlice("max(batch_duration_seconds)", below=7200)
    services = [
        Service(name, selector={"job": name}, slos=[SLO("fast", 99, sli), SLO("all", 99, sli.derive(unscoped=True))])
        for name in ("orders", "users")
    ]
    rules = compile(Definitions(Project("team"), services)).rules()
    assert [rule.expr for rule in rules if rule.name == "slo:slice_total:now"] == [
        'max((max(batch_duration_seconds{job="orders"})) >= bool -Inf)',
        "max((max(batch_duration_seconds)) >= bool -Inf)",
        'max((max(batch_duration_seconds{job="users"})) >= bool -Inf)',
        "max((max(batch_duration_seconds)) >= bool -Inf)",
    ]


def test_a_free_query_has_the_matchers_in_both_expressions() -> None:
    sli = FreeQuery(bad="sum(increase(bad_total[5m]))", total="sum(increase(all_total[5m]))")
    events = sli.events("5m", [JOB])
    assert events.bad == '-Inf < (sum(increase(bad_total{job="shop"}[5m]))) < Inf'
    assert events.total == '-Inf < (sum(increase(all_total{job="shop"}[5m]))) < Inf'
    assert sli.derive(unscoped=True).events("5m", [JOB]) == sli.events("5m")


RULES = [
    RecordingRule("queue:by_model", "sum by (model) (queue_length)"),
    RecordingRule("queue:by_job", "sum by (job) (queue_length)"),
    RecordingRule("queue:with_job", "sum(queue_length)", labels={"job": "shop"}),
    RecordingRule("queue:any", "rate(queue_total[5m])"),
]


def findings(sli: SLI, *, scrape: bool = True) -> str:
    service = Service(
        "shop",
        scrape=ScrapeJob(["localhost:8000"]) if scrape else (),
        recording_rules=RULES,
        metrics=[metrics.Gauge("kube_controller_queue")],
        slos=[SLO("a", 99, sli)],
    )
    try:
        compile(Definitions(Project("team"), [service]))
    except DefinitionError as error:
        return finding_text(error.findings)
    return ""


REJECTED = {
    "cluster:queue_length:max": "by its name, the recording rule has no label 'job'",
    "jobs:queue_length:max": "by its name, the recording rule has no label 'job'",
    "queue:by_model": "the recording rule has no label 'job'",
    "ALERTS": "it has the labels of alerts",
    "kube_deployment_status_replicas": "it has the job of an exporter, unless it is in metrics= of the service",
    "container_memory_rss": "it has the job of an exporter, unless it is in metrics= of the service",
}
ACCEPTED = [
    "namespace_job:queue_length:max",
    "job:queue_length:max",
    "queue:by_job",
    "queue:with_job",
    "queue:any",
    "kube_controller_queue",
    "container:queue",
    "queue * on (pod) group_left kube_pod_info",
    'cluster:queue_length:max{job="shop"}',
]


@pytest.mark.parametrize("metric", REJECTED)
def test_a_selector_of_series_without_the_labels_of_the_service_is_rejected(metric: str) -> None:
    sli = TimeSlice(f"max({metric})", below=1)
    assert findings(sli) == (
        f'error[unscoped-selector]: obscode cannot add job="shop" to {metric}: {REJECTED[metric]}\n'
        "  hint: write unscoped=True, with the matchers that select the service's series"
    )
    assert findings(sli.derive(unscoped=True)) == ""


@pytest.mark.parametrize("expr", ACCEPTED)
def test_a_selector_of_series_with_the_labels_of_the_service_is_accepted(expr: str) -> None:
    assert findings(TimeSlice(f"max({expr})", below=1)) == ""


def test_a_service_without_matchers_adds_none_and_rejects_none() -> None:
    assert findings(TimeSlice("max(cluster:queue_length:max)", below=1), scrape=False) == ""


def test_a_contradiction_is_reported_once() -> None:
    assert findings(TimeSlice('max(kube_pod_info{job="kube"})', below=1)) == (
        'error[sli-scope]: no series matches both job="kube" and job="shop"\n'
        "  hint: obscode adds the matchers of the service; remove yours, or change selector= of the service, "
        "or write unscoped=True"
    )
