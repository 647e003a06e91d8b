"""`obscode doctor`: each fault of a running system has one finding with a remedy; a sound system has none."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from conftest import ProjectFolder
from metrics_server import Answer, served

from obscode.artifacts.project import Artifacts
from obscode.doctor import diagnose
from obscode.doctor.observations import (
    AlertmanagerState,
    Observations,
    PrometheusState,
    RunningGroup,
    RunningRule,
    Target,
)
from obscode.findings.errors import Exit
from obscode.project.pipeline import compile_folder
from obscode.toolchain import Tool
from obscode.verify import servers

PROJECT = """
    project = Project("team", self_monitoring=False, scrape_interval="1s", evaluation_interval="1s")
"""
TEXT = b"""# TYPE requests_total counter
requests_total 3
# TYPE depth gauge
depth 1
size 1
parts{part="1"} 1
parts{part="2"} 1
"""


def metrics(text: bytes) -> Answer:
    return 200, {"Content-Type": "text/plain; version=0.0.4"}, text


def service(name: str, url: str, path: str, more: str = "") -> str:
    address = url.removeprefix("http://")
    return f"{name} = Service({name!r}, scrape=ScrapeJob([{address!r}], path={path!r}), {more})\n"


def await_scrapes(url: str, number: int) -> None:
    """Wait until the targets were scraped and the samples of the scrape can be read."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        targets = servers.get(f"{url}/api/v1/targets")["activeTargets"]
        scraped = servers.value(url, "count(scrape_samples_scraped)")
        if scraped == number and all(target["health"] != "unknown" for target in targets):
            return
        time.sleep(0.1)
    raise AssertionError(f"Prometheus has not scraped {number} targets")


def await_evaluation(url: str) -> None:
    """Wait until the rules were evaluated with samples, so that a failing one fails."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        groups = servers.get(f"{url}/api/v1/rules")["groups"]
        if any(rule["health"] == "err" for group in groups for rule in group["rules"]):
            return
        time.sleep(0.1)
    raise AssertionError("no rule fails")


# --- Prometheus ----------------------------------------------------------------------------------------------------


def test_each_fault_of_targets_metrics_and_rules_is_reported_once(
    project_folder: ProjectFolder, prometheus: Tool, tmp_path: Path
) -> None:
    answers = {
        "/good": metrics(TEXT),
        "/empty": metrics(b""),
        "/missing": (404, {}, b""),
    }
    closed = f"http://127.0.0.1:{servers.free_port()}"
    with served(answers) as (url, _):
        project_folder.write(
            project=PROJECT,
            good=service(
                "good",
                url,
                "/good",
                'metrics=[metrics.Counter("requests_total"), metrics.Counter("depth"), metrics.Gauge("requests_totl")]',
            ),
            joins="""joins = Service("joins", alerts=[Alert("Joins", "size / on () parts > 0", severity="page",
                        summary="s", description="d", runbook="https://example.com/joins")])""",
            empty=service("empty", url, "/empty"),
            missing=service("missing", url, "/missing"),
            closed=service("closed", closed, "/metrics"),
        )
        built = project_folder.run("build")
        assert built.exit == Exit.OK, built.err
        config = project_folder.build / "prometheus" / "prometheus.yml"
        project_folder.write(new='new = Service("new", scrape=ScrapeJob(["new:80"]))\n')
        with servers.prometheus(prometheus, config, tmp_path / "data", servers.free_port()) as address:
            await_scrapes(address, 4)
            await_evaluation(address)
            result = project_folder.run("doctor", "--prometheus", address)
    assert result.exit == Exit.FINDINGS
    assert heads(result.err, url, closed, address) == [
        "error[target-down]: the target CLOSED/metrics of job closed is down: dial tcp CLOSED_HOST: connect: connection"
        " refused",
        "error[target-down]: the target URL/missing of job missing is down: server returned HTTP status 404 Not Found",
        "error[job-without-targets]: PROMETHEUS has no target of job new",
        "error[empty-metrics]: URL/empty of job empty is up and exposes no metric",
        "error[exposed-type]: job good exposes depth as gauge, the catalog declares it as counter",
        "error[missing-metric]: job good does not expose requests_totl",
        "error[failing-rule]: the rule Joins of the group 'joins-alerts' fails: found duplicate series for the match"
        " group {} on the right hand-side of the operation",
    ]


def heads(text: str, url: str, closed: str, prometheus: str) -> list[str]:
    """The first lines of findings without positions, with names for addresses, and without series."""
    names = {url: "URL", closed: "CLOSED", closed.removeprefix("http://"): "CLOSED_HOST", prometheus: "PROMETHEUS"}
    lines = [line.partition(": ")[2].partition(": [{")[0] for line in text.splitlines() if ": error[" in line]
    for address, name in names.items():
        lines = [line.replace(address, name) for line in lines]
    return lines


def test_a_panel_of_a_metric_without_series_is_reported_unless_the_metric_is(
    project_folder: ProjectFolder, newest_prometheus: Tool, tmp_path: Path
) -> None:
    panels = (
        'panels.Stat("Depth", "depth"), panels.Stat("Wdth", "wdth"), panels.Stat("High", "depth > 9"),'
        'panels.Stat("Gone", "absent(gone)"), panels.Stat("Missing", "missing")'
    )
    own = f'metrics=[metrics.Gauge("depth"), metrics.Gauge("missing")], dashboard=[Row("Q", {panels})]'
    with served({"/metrics": metrics(TEXT)}) as (url, _):
        project_folder.write(project=PROJECT, shop=service("shop", url, "/metrics", own))
        assert project_folder.run("build").exit == Exit.OK
        config = project_folder.build / "prometheus" / "prometheus.yml"
        with servers.prometheus(newest_prometheus, config, tmp_path / "data", servers.free_port()) as address:
            await_scrapes(address, 1)
            result = project_folder.run("doctor", "--prometheus", address)
    assert [line.partition(": ")[2] for line in result.err.splitlines() if "[empty-panel]" in line] == [
        "warning[empty-panel]: panel 'Wdth' of dashboard 'shop' has no data: Prometheus has no series wdth"
    ]


def test_a_sound_system_has_no_fault(project_folder: ProjectFolder, newest_prometheus: Tool, tmp_path: Path) -> None:
    with served({"/metrics": metrics(TEXT)}) as (url, _):
        project_folder.write(
            project=PROJECT, shop=service("shop", url, "/metrics", 'metrics=[metrics.Counter("requests_total")]')
        )
        assert project_folder.run("build").exit == Exit.OK
        config = project_folder.build / "prometheus" / "prometheus.yml"
        with servers.prometheus(newest_prometheus, config, tmp_path / "data", servers.free_port()) as address:
            await_scrapes(address, 1)
            result = project_folder.run("doctor", "--prometheus", address)
    assert (result.exit, result.out, result.err) == (Exit.OK, "OK: no faults\n", "")


def test_a_server_that_does_not_answer_is_a_fault(project_folder: ProjectFolder) -> None:
    url = f"http://127.0.0.1:{servers.free_port()}"
    result = project_folder.run("doctor", "--prometheus", url)
    assert (result.exit, result.err) == (
        Exit.FINDINGS,
        f"error[server-error]: {url}/api/v1/targets cannot be read: Connection refused\n",
    )


def test_a_server_must_be_named(project_folder: ProjectFolder) -> None:
    result = project_folder.run("doctor")
    assert (result.exit, result.err.splitlines()[-1]) == (
        Exit.ERROR,
        "Error: name a server: --prometheus, --alertmanager, --grafana or --target",
    )


# --- reasons of failed scrapes -------------------------------------------------------------------------------------

# Messages of Prometheus 2.42 and 3.5, and how the remedy begins.
REASONS = {
    'Get "http://shop:80/metrics": dial tcp: lookup shop on 10.0.0.1:53: no such host': "write a name that",
    'Get "http://shop:80/metrics": dial tcp 10.0.0.2:80: connect: connection refused': "start the service, or correct",
    'Get "http://localhost:80/metrics": proxyconnect tcp: dial tcp 127.0.0.1:3128: connect: connection refused': (
        "correct proxy= of the job"
    ),
    'Get "http://shop:80/metrics": context deadline exceeded': "raise timeout= of the job",
    'Get "http://shop:80/metrics": dial tcp 10.0.0.2:80: i/o timeout': "allow the server of Prometheus",
    'Get "https://shop/x": tls: first record does not look like a TLS handshake': 'write scheme="http" in the job',
    'Get "https://shop/x": http: server gave HTTP response to HTTPS client': 'write scheme="http" in the job',
    'Get "https://shop/x": tls: failed to verify certificate: x509: certificate signed by unknown authority': (
        "write tls=http.TLS(ca_file=..., server_name=...)"
    ),
    "server returned HTTP status 401 Unauthorized": "write auth= in the job",
    "server returned HTTP status 503 Service Unavailable": "read the log of the target: its handler",
    "server returned HTTP status 302 Found": "write the address and path that the target redirects to",
    "sample limit exceeded": "raise sample_limit= of the job",
    "label_limit exceeded (metric: http_requests_total, number of labels: 3, limit: 1)": "raise the limit of labels",
    "body size limit exceeded": "raise body_size_limit of the job",
    '"INVALID" is not a valid start token': "write path= in the job: the answer is not text",
    'expected equal, got ":" ("INVALID") while parsing: "{\\"a\\":"': "write path= in the job: the answer is not text",
    'received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified for target': (
        "write path= in the job: the answer is not text"
    ),
    'received unsupported Content-Type "text/csv" and no fallback_scrape_protocol specified for target': (
        'send "Content-Type: text/plain'
    ),
    'Get "http://shop/x": read tcp 10.0.0.1:5->10.0.0.2:80: read: connection reset by peer': "read the log of the",
    "something else": "open the URL from the machine of Prometheus",
}


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_of_a_failed_scrape_has_its_remedy(reason: str) -> None:
    target = Target("shop", "http://shop:80/metrics", health="down", error=reason)
    (finding,) = diagnose(Observations(PrometheusState("http://p", [target])), Artifacts())
    assert finding.hint.startswith(REASONS[reason])
    assert finding.message.startswith("the target http://shop:80/metrics of job shop is down: ")


def test_targets_of_a_job_with_one_reason_are_one_finding() -> None:
    down = [Target("shop", f"http://shop-{i}/metrics", health="down", error="sample limit exceeded") for i in range(4)]
    state = PrometheusState("http://p", [*down, Target("shop", "http://shop-5/metrics")])
    (finding,) = diagnose(Observations(state), Artifacts())
    assert finding.message == (
        "4 of 5 targets of job shop are down: http://shop-0/metrics, http://shop-1/metrics, http://shop-2/metrics, ...:"
        " sample limit exceeded"
    )


def test_a_target_whose_counters_went_back_has_several_processes(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("shop", scrape=ScrapeJob(["shop:80"]))')
    observed = PrometheusState(
        "http://p", [Target("shop", "http://shop:80/metrics")], steps_back={("shop", "shop:80"): 7}
    )
    assert messages(project_folder, Observations(observed)) == [
        "error: several processes answer in turn for the target shop:80 of job shop: its counters went back 7 times"
        " within 30 minutes"
    ]


# --- rules, delivery and Grafana -----------------------------------------------------------------------------------

ALERT = """
    shop = Service("shop", scrape=ScrapeJob(["shop:80"]), alerts=[
        Alert("Down", "up == 0", severity="page", summary="s", description="d", runbook="https://example.com/down")])
"""


def state(*groups: RunningGroup, alertmanagers: tuple[str, ...] = ("http://a",)) -> PrometheusState:
    target = Target("shop", "http://shop/metrics")
    return PrometheusState("http://p", [target], groups=groups, alertmanagers=alertmanagers)


def messages(folder: ProjectFolder, observations: Observations) -> list[str]:
    artifacts = compile_folder(folder.definitions).artifacts
    return [f"{finding.severity}: {finding.message}" for finding in diagnose(observations, artifacts)]


def test_a_group_that_prometheus_lacks_is_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=ALERT)
    assert messages(project_folder, Observations(state())) == ["error: http://p has no group of rules 'shop-alerts'"]


@pytest.mark.parametrize(("seconds", "is_slow"), [(15.0, False), (15.1, True)])
def test_a_group_that_takes_longer_than_its_interval_is_reported(
    seconds: float, is_slow: bool, project_folder: ProjectFolder
) -> None:
    project_folder.write(shop=ALERT)
    group = RunningGroup("shop-alerts", "shop.yml", [RunningRule("Down", "ok")], 15.0, seconds)
    expected = ["warning: the group 'shop-alerts' takes 15.1 s, its interval is 15 s"] if is_slow else []
    assert messages(project_folder, Observations(state(group))) == expected


def test_a_prometheus_that_sends_alerts_to_no_alertmanager_is_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=ALERT)
    group = RunningGroup("shop-alerts", "shop.yml", [RunningRule("Down", "ok")])
    assert messages(project_folder, Observations(state(group, alertmanagers=()))) == [
        "error: http://p sends alerts to no Alertmanager"
    ]


def test_a_job_whose_targets_relabeling_drops_is_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("shop", scrape=ScrapeJob(["shop:80"]))')
    assert messages(project_folder, Observations(PrometheusState("http://p", dropped={"shop": 2}))) == [
        "error: relabeling drops all 2 targets of job shop"
    ]


def test_receivers_that_a_running_alertmanager_lacks_are_reported(
    project_folder: ProjectFolder, alertmanager: Tool, tmp_path: Path
) -> None:
    project_folder.write(routing='routing = Routing(receivers.Webhook("chat", url="http://chat/"))')
    assert project_folder.run("build").exit == Exit.OK
    config = project_folder.build / "alertmanager" / "alertmanager.yml"
    project_folder.write(routing='routing = Routing(receivers.Webhook("team", url="http://chat/"))')
    with servers.alertmanager(alertmanager, config, tmp_path / "data", servers.free_port()) as url:
        result = project_folder.run("doctor", "--alertmanager", url, "--format", "json")
    assert [finding["message"] for finding in json.loads(result.out)] == [f"{url} has no receiver 'team'"]


def test_failed_notifications_are_reported() -> None:
    observed = AlertmanagerState("http://a", failed={"slack": 3.0})
    (finding,) = diagnose(Observations(alertmanager=observed), Artifacts())
    assert finding.message == "3 notifications by slack failed within an hour"


def grafana(datasources: list[dict[str, str]], dashboards: list[dict[str, str]], health: Answer) -> dict[str, Answer]:
    return {
        "/api/search?type=dash-db&limit=1000&page=1": (200, {}, json.dumps(dashboards).encode()),
        "/api/datasources": (200, {}, json.dumps(datasources).encode()),
        "/api/datasources/uid/prometheus/health": health,
    }


PROMETHEUS = {"uid": "prometheus", "name": "Prometheus", "type": "prometheus"}


def test_a_data_source_that_grafana_does_not_reach_is_reported(project_folder: ProjectFolder) -> None:
    message = 'Post "http://localhost:9090/api/v1/query": dial tcp 127.0.0.1:9090: connect: connection refused'
    answers = grafana([PROMETHEUS], [], (400, {}, json.dumps({"message": message}).encode()))
    with served(answers) as (url, _):
        result = project_folder.run("doctor", "--grafana", url)
    assert result.err == (
        f"error[unreachable-datasource]: Grafana does not reach the data source 'Prometheus': {message}\n"
        "  hint: in a container, localhost is the container itself: write the name of the Prometheus service\n"
    )


def test_a_dashboard_that_grafana_lacks_is_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("shop", dashboard=[Row("Up", panels.Stat("Up", "up"))])')
    healthy: Answer = (200, {}, b'{"status": "OK", "message": "works"}')
    with served(grafana([PROMETHEUS], [{"uid": "other", "title": "Other"}], healthy)) as (url, _):
        result = project_folder.run("doctor", "--grafana", url)
    assert f"error[missing-dashboard]: {url} has no dashboard 'shop' (uid " in result.err
