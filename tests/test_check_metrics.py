"""`obscode check --metrics`: existing files are checked with what services expose, read from a file or a URL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import ProjectFolder
from metrics_server import Answer, served

from obscode.compiler.inference.series_types import ProjectSeries
from obscode.findings.errors import LoadError, ObscodeError
from obscode.importers import exposition
from obscode.importers.metrics_source import read_metrics
from obscode.project.check_files import check_files, read
from obscode.project.pipeline import inspect_folder
from obscode.promql.selector import Selector
from obscode.reader.exposition import read_exposition

EXPOSED = '# TYPE shop_orders_total counter\nshop_orders_total{status="200"} 5\n# TYPE shop_carts gauge\nshop_carts 1\n'
RULES = """\
groups:
- name: shop
  rules:
  - record: shop:orders:rate5m
    expr: sum(rate(shop_orders_total[5m]))
  - alert: Orders
    expr: shop:orders:rate5m > 1 and sum(shop_order_total) > up and node_load1 > 1 and rest_of_all > 1
    labels: {severity: page}
    annotations: {summary: "many orders"}
"""


def dashboard(expr: str) -> str:
    target = {"refId": "A", "expr": expr, "datasource": {"type": "prometheus", "uid": "x"}}
    panel = {"id": 1, "type": "stat", "title": "P", "gridPos": {"x": 0, "y": 0, "w": 4, "h": 4}, "targets": [target]}
    return json.dumps({"title": "D", "schemaVersion": 39, "panels": [panel]})


def errors(text: str) -> list[str]:
    return [line for line in text.splitlines() if ": error[" in line or ": warning[" in line]


def test_unknown_series_of_files_are_errors(project_folder: ProjectFolder) -> None:
    for name, text in {"shop.prom": EXPOSED, "rules.yml": RULES, "d.json": dashboard("sum(shop_basket)")}.items():
        (project_folder.root / name).write_text(text)
    checked = project_folder.run("check", "rules.yml", "d.json", "--metrics", "shop.prom")
    assert errors(checked.err) == [
        "d.json:1:173: error[unknown-series]: query A of panel 'P' reads 'shop_basket', "
        "which no service exposes and no rule records",
        "rules.yml:7:42: error[not-in-catalog]: Orders reads 'shop_order_total', which is not in the metrics",
        "rules.yml:7:88: error[not-in-catalog]: Orders reads 'rest_of_all', which is not in the metrics",
    ]
    assert checked.exit == 1
    assert errors(project_folder.run("check", "rules.yml", "d.json").err) == []


def test_a_label_that_resembles_one_of_the_metric_is_reported(project_folder: ProjectFolder) -> None:
    (project_folder.root / "shop.prom").write_text(EXPOSED)
    expr = 'sum(rate(shop_orders_total{staus="200",team="x",cluster="y",state!="z"}[5m]))'
    (project_folder.root / "rules.yml").write_text(RULES.split("  - alert")[0].partition("expr")[0] + f"expr: {expr}\n")
    assert errors(project_folder.run("check", "rules.yml", "--metrics", "shop.prom").err) == [
        "rules.yml:5:20: warning[not-in-catalog]: shop_orders_total has no label 'staus'"
    ]


def test_types_of_the_metrics_are_known() -> None:
    metrics = read_exposition(EXPOSED, "shop.prom").metrics
    series = ProjectSeries.of_files([], metrics)
    names = ["shop_orders_total", "shop_carts", "go_goroutines", "rest_of_all"]
    assert [series(Selector(name)).samples for name in names] == ["counter", "gauge", "gauge", ""]


def test_the_metrics_of_several_sources_are_joined(project_folder: ProjectFolder) -> None:
    (project_folder.root / "shop.prom").write_text(EXPOSED)
    (project_folder.root / "rest.prom").write_text("rest_of_all 1\nshop_order_total 1\n")
    (project_folder.root / "rules.yml").write_text(RULES)
    checked = project_folder.run("check", "rules.yml", "--metrics", "shop.prom", "--metrics", "rest.prom")
    assert errors(checked.err) == []


def test_a_typo_of_a_standard_series_is_reported_without_metrics(project_folder: ProjectFolder) -> None:
    (project_folder.root / "rules.yml").write_text(RULES.replace("rest_of_all", "process_resident_memory_byte"))
    assert errors(project_folder.run("check", "rules.yml").err) == [
        "rules.yml:7:88: warning[not-in-catalog]: Orders reads the unknown series 'process_resident_memory_byte'"
    ]


def test_metrics_are_for_files(project_folder: ProjectFolder) -> None:
    checked = project_folder.run("check", "--metrics", "shop.prom")
    assert checked.exit == 2
    assert "--metrics is for files; a service has metrics=exposition(...)" in checked.err


# --- URLs --------------------------------------------------------------------------------------------------------


def test_the_metrics_of_a_url_are_read() -> None:
    answers: dict[str, Answer] = {
        "/metrics": (200, {}, b"a_total 1\n"),
        "/moved": (302, {"Location": "/metrics"}, b""),
    }
    with served(answers) as (url, requests):
        assert [metric.name for metric in read_metrics(f"{url}/metrics#top")] == ["a_total"]
        assert read_metrics(f"{url}/moved") == read_metrics(f"{url}/metrics")
    assert (
        requests[0]["Accept"] == "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    )
    assert requests[0]["Authorization"] is None


def test_a_user_and_a_password_are_sent_and_not_printed() -> None:
    with served({"/metrics": (401, {}, b"")}) as (url, requests), pytest.raises(LoadError) as error:
        read_metrics(url.replace("//", "//me:p%40ss@") + "/metrics")
    assert requests[0]["Authorization"] == "Basic bWU6cEBzcw=="
    assert [(each.message, each.hint) for each in error.value.findings] == [
        (f"{url}/metrics answers 401 Unauthorized", "write http://USER:$PASSWORD@HOST/metrics")
    ]


WRONG: dict[str, tuple[Answer, str]] = {
    "no such page": ((404, {}, b""), "{url} answers 404 Not Found"),
    "a page": ((200, {}, b"<html></html>"), "this is HTML, not an exposition"),
    "OpenMetrics without an end": (
        (200, {"Content-Type": "application/openmetrics-text; version=1.0.0"}, b"# TYPE a counter\na_total 1\n"),
        "the line 'a_total 1' is invalid: Missing # EOF at end",
    ),
    "an incomplete answer": (
        (200, {"Content-Length": "99"}, b"a 1\n"),
        "{url} cannot be read: IncompleteRead(4 bytes read, 95 more expected)",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_answer_that_is_no_exposition_is_reported(case: str) -> None:
    answer, message = WRONG[case]
    with served({"/m": answer}) as (url, _), pytest.raises(ObscodeError) as error:
        read_metrics(f"{url}/m")
    assert error.value.findings[0].message.startswith(message.format(url=f"{url}/m"))


def test_an_invalid_line_of_an_answer_is_shown() -> None:
    with served({"/m": (200, {}, b"a 1\nb\n")}) as (url, _), pytest.raises(ObscodeError) as error:
        read_metrics(f"{url}/m")
    assert str(error.value).splitlines()[:2] == [
        f"{url}/m:2:1: error[exposition]: the line 'b' is invalid: invalid metric name",
        "    2 | b",
    ]


def test_a_url_that_does_not_answer_is_reported() -> None:
    with served({}) as (url, _):
        pass
    with pytest.raises(LoadError) as error:
        read_metrics(url)
    assert error.value.findings[0].message == f"{url} cannot be read: Connection refused"


def test_a_slow_answer_is_reported() -> None:
    with served({"/m": (200, {}, b"a 1\n" * 100)}, delay=0.01) as (url, _), pytest.raises(LoadError) as error:
        read_metrics(f"{url}/m", timeout=0.1)
    assert error.value.findings[0].message == f"{url}/m has not answered within 0.1 seconds"


def test_a_large_answer_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("exposition", "metrics_source"):
        monkeypatch.setattr(f"obscode.importers.{module}.MAX_BYTES", 8)
    answers: dict[str, Answer] = {"/8": (200, {}, b"a 1\nb 1\n"), "/9": (200, {}, b"a 1\nb 10\n")}
    with served(answers) as (url, _):
        assert len(read_metrics(f"{url}/8")) == 2
        with pytest.raises(LoadError) as error:
            read_metrics(f"{url}/9")
    assert error.value.findings[0].message == f"{url}/9 has more than 8 bytes"


def test_another_name_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "x.prom").write_text("a 1\n")
    assert read_metrics(str(tmp_path / "x.prom")) == exposition.read_file(tmp_path / "x.prom")
    with pytest.raises(LoadError) as error:
        read_metrics("ftp://x/y")
    assert error.value.findings[0].message == "ftp:/x/y does not exist"


BESIDE = """\
shop = Service("shop", owner="a", metrics=[metrics.Counter("shop_orders_total", labels=["status"])],
    selector={"job": "shop"},
    recording_rules=[RecordingRule(":orders:ratio", "shop:orders:rate5m / shop:orders:rate1h")],
    alerts=[Alert("Quiet", "sum(rate(shop_orders_total[5m])) == 0", severity="page", summary="quiet")])
"""
RULES_BESIDE = """\
groups:
- name: shop
  rules:
  - record: shop:orders:rate5m
    expr: sum(rate(shop_orders_total[5m]))
  - record: shop:orders:rate1h
    expr: sum(rate(shop_ordres_total[1h]))
"""
ROUTES = """\
route:
  receiver: chat
  routes:
  - {matchers: [alertname="Quiett"], receiver: pager}
  - {matchers: [alertname="Quiet"], receiver: pager}
receivers: [{name: chat}, {name: pager}]
"""


def test_definitions_and_files_know_the_alerts_and_the_series_of_each_other(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=BESIDE)
    (project_folder.root / "rules.yml").write_text(RULES_BESIDE)
    (project_folder.root / "am.yml").write_text(ROUTES)
    definitions, files = project_folder.definitions, ["rules.yml", "am.yml"]
    (alone,) = inspect_folder(definitions).compilation.findings[:1]
    assert alone.code.name == "unknown-recording-rule"
    compilation = inspect_folder(definitions, beside=read(files)).compilation
    assert [str(finding) for finding in compilation.findings] == []
    together = check_files(files, project=compilation.artifacts).findings
    assert [(str(finding.span), finding.code.name, finding.hint) for finding in together] == [
        ("am.yml:4:17", "unmatched-route", "did you mean 'Quiet'?"),
        ("rules.yml:7:20", "not-in-catalog", "did you mean 'shop_orders_total'?"),
    ]
    assert check_files(files).findings == []


TYPED = """\
shop = Service(
    "shop",
    metrics=[metrics.Gauge("shop_queue_length", labels=["queue"])],
    scrape=ScrapeJob(["a:1"]),
    rules=[RuleFile("kept.yml")],
    recording_rules=[
        RecordingRule("job:shop_queue_length:sum", "sum by (job) (shop_queue_length)"),
        RecordingRule("job:orders_late:sum", "sum by (job) (team:orders:sum)"),
    ],
    alerts=[Alert("Queue", "shop_queue_length > 1", severity="page", summary="queue", labels={"team": "shop"})],
)
routing = Routing(
    default=receivers.Webhook("team", url="http://localhost:1/"),
    routes=[Route(receivers.Webhook("other", url="http://localhost:1/"), match={"team": TEAM})],
)
"""
TYPED_RULES = """\
groups:
- name: g
  rules:
  - record: team:orders:sum
    expr: sum by (team) (orders)
  - alert: Orders
    expr: {expr}
    labels: {{team: orders}}
"""


def typed_findings(folder: ProjectFolder, expr: str, team: str = '"orders"') -> list[str]:
    """What definitions and the file rules.yml have together, without files that are written as they are."""
    folder.write(shop="from obscode import receivers, metrics\n" + TYPED.replace("TEAM", team))
    (folder.definitions / "kept.yml").write_text("groups: []\n")
    (folder.root / "rules.yml").write_text(TYPED_RULES.format(expr=expr))
    compilation = inspect_folder(folder.definitions, beside=read(["rules.yml"])).compilation
    in_files = check_files(["rules.yml"], project=compilation.artifacts).findings
    return [f"{finding.span}: {finding.message}" for finding in (*compilation.findings, *in_files)]


def test_the_types_of_definitions_and_of_files_reach_each_other(project_folder: ProjectFolder) -> None:
    (of_file,) = typed_findings(project_folder, "sum(team:orders:sum) > 1")
    message = "recording rule job:orders_late:sum groups by 'job', which `team:orders:sum` does not have"
    assert of_file == f"definitions/shop.py:11:55: {message}"
    assert typed_findings(project_folder, "rate(shop_queue_length[5m]) > 1")[1:] == [
        "rules.yml:7:16: rate in alert Orders reads `shop_queue_length[5m]`, a gauge"
    ]
    assert typed_findings(project_folder, "sum by (queue) (job:shop_queue_length:sum) > 1")[1:] == [
        "rules.yml:7:19: alert Orders groups by 'queue', which `job:shop_queue_length:sum` does not have"
    ]


def test_a_recorded_name_in_a_file_is_compared_with_those_of_definitions(project_folder: ProjectFolder) -> None:
    assert typed_findings(project_folder, "job:shop_queue_lenght:sum > 1")[1:] == [
        "rules.yml:7:11: Orders reads 'job:shop_queue_lenght:sum', which no rule records"
    ]
    assert typed_findings(project_folder, "job:elsewhere:sum > 1")[1:] == []


def test_routes_of_definitions_know_the_alerts_of_files(project_folder: ProjectFolder) -> None:
    in_routes = [text for text in typed_findings(project_folder, "up == 0") if "label" in text]
    assert in_routes[1:] == []
    in_routes = [text for text in typed_findings(project_folder, "up == 0", '"ordres"') if "team=" in text]
    assert in_routes == ["definitions/shop.py:17:81: no alert has the label team='ordres'"]


def test_a_rule_file_of_definitions_that_is_named_too_is_checked_once(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("shop", rules=[RuleFile("kept.yml")])\n')
    rule_file = project_folder.definitions / "kept.yml"
    rule_file.write_text("groups:\n- name: g\n  rules:\n  - {alert: Up, expr: up == up, annotations: {summary: s}}\n")
    compilation = inspect_folder(project_folder.definitions, beside=read([rule_file])).compilation
    in_files = check_files([rule_file], project=compilation.artifacts).findings
    messages = [finding.message for finding in (*compilation.findings, *in_files)]
    assert messages == ["the condition `up == up` of alert Up is always true"]


def test_a_receiver_of_a_configuration_that_no_route_names_is_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(
        shop="""
        from obscode import configs, receivers
        team = receivers.Raw("team", {})
        config = configs.Alertmanager(route=configs.Route("team"), receivers=[team, receivers.Raw("pager", {})])
        """
    )
    (finding,) = inspect_folder(project_folder.definitions).compilation.findings
    assert (finding.severity, finding.message) == ("warning", "no route sends alerts to the receiver 'pager'")
