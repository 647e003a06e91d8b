"""`obscode graph` and `obscode why`: what reads what, in definitions and in existing files."""

from __future__ import annotations

import json

import pytest
from conftest import CommandResult, ProjectFolder

from obscode.graph import dot, mermaid
from obscode.graph.graph import Edge, Node, graph_of

DEFINITIONS = """\
pager = receivers.Webhook("pager", url="http://localhost:1/")
routing = Routing(default=pager)
shop = Service(
    "shop",
    owner="team",
    selector={"job": "shop"},
    metrics=[metrics.Counter("orders_total", labels=["status"]), metrics.Gauge("carts")],
    slos=[SLO("orders", 99, sli.Ratio(errors='orders_total{status="5"}', total="orders_total"))],
    recording_rules=[RecordingRule(":orders:rate5m", "sum(rate(orders_total[5m]))")],
    alerts=[Alert("Quiet", ":orders:rate5m == 0", severity="page", summary="quiet")],
    dashboard=[Row("Orders", panels.TimeSeries("Rate", ":orders:rate5m"))],
)
"""
RULES = """\
groups:
- name: g
  rules:
  - record: job:errors:rate5m
    expr: sum by (job) (rate(errors_total[5m]))
    labels: {team: a}
  - record: job:errors:rate5m
    expr: sum by (job) (rate(failures_total[5m]))
    labels: {team: b}
  - alert: ManyErrors
    expr: job:errors:rate5m{team="a"} > 1
    labels: {severity: page}
  - alert: Both
    expr: job:errors:rate5m > 1 and on () ALERTS{alertname="ManyErrors"}
"""
ALERTMANAGER = """\
route:
  receiver: chat
  routes:
  - {matchers: [severity="page"], receiver: pager}
  - {matchers: [cluster="eu"], receiver: far}
receivers:
- name: chat
- name: pager
- name: far
"""
DASHBOARD = {
    "title": "Shop",
    "uid": "shop",
    "panels": [
        {
            "id": 1,
            "type": "timeseries",
            "title": "Errors",
            "datasource": {"type": "prometheus", "uid": "p"},
            "targets": [{"refId": "A", "expr": 'job:errors:rate5m{team="$team"} / ${metric}_total'}],
        },
        {
            "id": 2,
            "type": "timeseries",
            "title": "Of b",
            "datasource": {"type": "prometheus", "uid": "p"},
            "targets": [{"refId": "A", "expr": 'job:errors:rate5m{team="b"}'}],
        },
    ],
    "schemaVersion": 39,
}


@pytest.fixture
def files(project_folder: ProjectFolder) -> ProjectFolder:
    (project_folder.root / "rules.yml").write_text(RULES)
    (project_folder.root / "am.yml").write_text(ALERTMANAGER)
    (project_folder.root / "shop.json").write_text(json.dumps(DASHBOARD))
    return project_folder


def test_text_lists_what_each_rule_reads_and_notifies_by_file(files: ProjectFolder) -> None:
    assert files.run("graph", "rules.yml", "am.yml", "shop.json").out == (
        """\
rules.yml
  recording rule job:errors:rate5m{team="a"}  rules.yml:4
    reads errors_total
  recording rule job:errors:rate5m{team="b"}  rules.yml:7
    reads failures_total
  alert ManyErrors  rules.yml:10
    reads job:errors:rate5m{team="a"}
    notifies pager
  alert Both  rules.yml:13
    reads ManyErrors, job:errors:rate5m{team="a"}, job:errors:rate5m{team="b"}
    notifies chat (perhaps), far (perhaps)

dashboards
  dashboard Shop  shop.json:1
    reads job:errors:rate5m{team="a"}, job:errors:rate5m{team="b"}
"""
    )


def test_an_slo_is_one_node_unless_all_are_printed(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=DEFINITIONS)
    text = project_folder.run("graph").out
    assert text.startswith(
        """\
shop
  recording rule :orders:rate5m  definitions/shop.py:11
    reads orders_total
  slo shop/orders  definitions/shop.py:10
    reads orders_total
  alert ShopOrdersBurnPage  definitions/shop.py:10
    reads shop/orders
    notifies pager
"""
    )
    assert "  alert Quiet  definitions/shop.py:12\n    reads :orders:rate5m\n    notifies pager\n" in text
    assert "slo:" not in text
    assert "recording rule slo:objective:ratio" in project_folder.run("graph", "--all").out


def test_why_prints_both_directions(files: ProjectFolder) -> None:
    assert files.run("why", "job:errors:rate5m", "rules.yml", "am.yml", "shop.json").out == (
        """\
recording rule job:errors:rate5m{team="a"}  rules.yml:4
  computed from:
    metric errors_total
  used by:
    alert ManyErrors  rules.yml:10
      alert Both  rules.yml:13
        receiver far  am.yml:9 (perhaps)
        receiver chat  am.yml:7 (perhaps)
      receiver pager  am.yml:8
    alert Both  rules.yml:13 (see above)
    panel Errors in dashboard Shop  shop.json:1

recording rule job:errors:rate5m{team="b"}  rules.yml:7
  computed from:
    metric failures_total
  used by:
    alert Both  rules.yml:13
      receiver far  am.yml:9 (perhaps)
      receiver chat  am.yml:7 (perhaps)
    panel Errors in dashboard Shop  shop.json:1
    panel Of b in dashboard Shop  shop.json:1
"""
    )


def test_why_of_an_slo_without_the_name_of_its_service(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=DEFINITIONS)
    assert project_folder.run("why", "orders").out.splitlines()[:4] == [
        "slo shop/orders  definitions/shop.py:10",
        "  computed from:",
        "    metric orders_total  definitions/shop.py:9",
        "  used by:",
    ]
    assert project_folder.run("why", "carts").out == "metric carts  definitions/shop.py:9\n  used by: nothing\n"


def test_an_unknown_name_ends_with_2_and_a_hint(files: ProjectFolder) -> None:
    message = "there is no metric, rule, SLO, alert, receiver, panel or dashboard"
    assert files.run("why", "ManyEror", "rules.yml") == CommandResult(
        2, "", f"error[invalid-argument]: {message} 'ManyEror'\n  hint: did you mean 'ManyErrors'?\n"
    )
    assert files.run("why", "x", "rules.yml").err == (
        f"error[invalid-argument]: {message} 'x'\n  hint: obscode graph prints the names\n"
    )


def test_definitions_and_files_are_one_graph(files: ProjectFolder) -> None:
    files.write(shop=DEFINITIONS)
    (files.root / "own.yml").write_text("groups: [{name: a, rules: [{alert: Own, expr: ':orders:rate5m > 9'}]}]\n")
    out = files.run("why", ":orders:rate5m", "definitions", "own.yml").out
    assert "    alert Own  own.yml:1\n" in out
    assert "    alert Quiet  definitions/shop.py:12\n" in out


def test_rules_that_read_each_other_end(files: ProjectFolder) -> None:
    rules = "groups: [{name: a, rules: [{record: 'a:b', expr: 'c:d'}, {record: 'c:d', expr: 'a:b'}]}]\n"
    (files.root / "loop.yml").write_text(rules)
    assert files.run("why", "a:b", "loop.yml").out == (
        """\
recording rule a:b  loop.yml:1
  computed from:
    recording rule c:d  loop.yml:1
      recording rule a:b  loop.yml:1 (see above)
  used by:
    recording rule c:d  loop.yml:1
      recording rule a:b  loop.yml:1 (see above)
"""
    )


METRIC = Node("metric", 'a "b" #1\n<c>\\')
ALERT = Node("alert", "Down", "shop.yml")
RECEIVER = Node("receiver", "chat")
SMALL = graph_of([METRIC, ALERT, RECEIVER], [Edge(METRIC, ALERT), Edge(METRIC, ALERT), Edge(ALERT, RECEIVER, False)])


def test_mermaid_has_a_box_for_each_file_and_escapes_names() -> None:
    assert mermaid.render(SMALL) == (
        """\
flowchart LR
  n0(["a #quot;b#quot; #35;1 #lt;c#gt;\\"])
  n2("chat")
  subgraph g1["shop.yml"]
    n1{{"Down"}}
  end
  n0 --> n1
  n1 -.-> n2"""
    )


def test_dot_has_a_cluster_for_each_file_and_escapes_names() -> None:
    assert dot.render(SMALL) == (
        """\
digraph obscode {
  rankdir=LR
  n0 [label="a \\"b\\" #1\\n<c>\\\\" shape=ellipse]
  n2 [label="chat" shape=house]
  subgraph cluster_1 {
    label="shop.yml"
    n1 [label="Down" shape=hexagon]
  }
  n0 -> n1
  n1 -> n2 [style=dashed]
}"""
    )
