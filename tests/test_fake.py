"""`obscode fake`: a captured text of /metrics goes on in a scenario, and a real Prometheus scrapes it."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import ProjectFolder
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from obscode import Phase, Scenario, ScrapeJob, presets
from obscode.fake import FakeTarget
from obscode.findings.errors import Exit
from obscode.simulation.capture import read_capture
from obscode.simulation.capture_scenarios import capture_scenarios
from obscode.simulation.captured_rates import RATE
from obscode.simulation.possible_errors import with_possible_errors
from obscode.simulation.replay import Replay
from obscode.toolchain import Tool
from obscode.verify import servers

START = 1_800_000_000.0
LLM = """\
# HELP llm:requests_running Requests that are served.
# TYPE llm:requests_running gauge
llm:requests_running{model="a b"} 8.0
# HELP llm:requests_waiting Requests that wait.
# TYPE llm:requests_waiting gauge
llm:requests_waiting{model="a b"} 0.0
# HELP llm:kv_cache_usage_perc Ratio of the cache that is used.
# TYPE llm:kv_cache_usage_perc gauge
llm:kv_cache_usage_perc{model="a b"} 0.4
# HELP llm:preemptions_total Preemptions.
# TYPE llm:preemptions_total counter
llm:preemptions_total{model="a b"} 0.0
# HELP llm:requests_total Requests.
# TYPE llm:requests_total counter
llm:requests_total{model="a b",code="200"} 300.0
# HELP llm:request_seconds Durations.
# TYPE llm:request_seconds histogram
llm:request_seconds_bucket{le="0.5",model="a b"} 150.0
llm:request_seconds_bucket{le="1.0",model="a b"} 270.0
llm:request_seconds_bucket{le="2.5",model="a b"} 300.0
llm:request_seconds_bucket{le="+Inf",model="a b"} 300.0
llm:request_seconds_count{model="a b"} 300.0
llm:request_seconds_sum{model="a b"} 180.0
# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.7e+09
"""
OPEN = """\
# TYPE jobs counter
# HELP jobs Jobs.
jobs_total{state="ok"} 20.0 # {trace="x"} 1.0
jobs_created{state="ok"} 1700000000.0
# EOF
"""
CAPTURE = read_capture(LLM)
NAMES = ["normal load", "error burst", "drain", "full cache", "overload", "stuck", "down", "crash loop"]


def replay(name: str, text: str = LLM, speed: float = 1) -> Replay:
    capture = read_capture(text)
    scenario = next(each for each in capture_scenarios(capture) if each.name == name)
    return Replay(with_possible_errors(capture), scenario, START, speed)


def values(name: str, after: float, speed: float = 1) -> Mapping[str, float]:
    """The values some seconds after the start, without the labels that all series have."""
    text = replay(name, speed=speed).text(START + after)
    assert text is not None
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {head.replace('model="a b"', "").replace("{}", ""): float(value) for head, value in lines}


def test_a_capture_has_the_scenarios_that_it_can_show() -> None:
    assert [scenario.name for scenario in capture_scenarios(CAPTURE)] == NAMES
    assert [scenario.name for scenario in capture_scenarios(read_capture(OPEN))] == [
        name for name in NAMES if name != "full cache"
    ]
    for scenario in capture_scenarios(CAPTURE):
        assert [*scenario.problems(), *(p for phase in scenario.phases for p in phase.problems())] == []


@pytest.mark.parametrize("name", NAMES)
def test_comments_series_and_their_order_are_those_of_the_capture(name: str) -> None:
    text = replay(name).text(START + 30)
    assert text is not None
    assert [line.rsplit(" ", 1)[0] if line[0] != "#" else line for line in text.splitlines()] == [
        line.rsplit(" ", 1)[0] if line[0] != "#" else line for line in LLM.splitlines()
    ]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("down", "crash loop")])
def test_counters_only_grow_and_histograms_agree(name: str) -> None:
    moments = [values(name, after) for after in (0, 1, 59.5, 60, 61, 75.25, 300, 5000)]
    for before, after in pairwise(moments):
        grown = [key for key in before if "total" in key or "request_seconds" in key]
        assert [key for key in grown if after[key] < before[key]] == []
    for now in moments:
        buckets = [now[f'llm:request_seconds_bucket{{le="{bound}",}}'] for bound in ("0.5", "1.0", "2.5", "+Inf")]
        assert buckets == sorted(buckets)
        assert buckets[-1] == now["llm:request_seconds_count"]
        assert now["llm:request_seconds_sum"] >= 180


def test_requests_and_observations_grow_alike_at_the_usual_rate() -> None:
    now = values("normal load", 600)
    assert now["llm:request_seconds_count"] == 300 + RATE * 600
    assert now['llm:requests_total{,code="200"}'] == pytest.approx(now["llm:request_seconds_count"], rel=0.001)
    assert now['llm:request_seconds_bucket{le="0.5",}'] == now["llm:request_seconds_count"] / 2
    assert now["llm:request_seconds_sum"] == pytest.approx(180 + 600 * RATE * 0.6)
    assert 'llm:requests_total{,code="500"}' not in now
    assert now["process_start_time_seconds"] == START - 60


def test_an_error_burst_adds_errors_and_moves_buckets() -> None:
    before, after = values("error burst", 60), values("error burst", 660)
    new = {key: after[key] - before.get(key, 0) for key in after}
    bad, good = new['llm:requests_total{,code="500"}'], new['llm:requests_total{,code="200"}']
    assert bad / (bad + good) == pytest.approx(0.06, abs=0.001)
    # 2.5 times as long: the half that was within 0.5 s is within 1.25 s, so less than half is within 1 s.
    share = new['llm:request_seconds_bucket{le="1.0",}'] / new["llm:request_seconds_count"]
    assert share == pytest.approx(0.5 * 0.4 / 0.5, abs=0.001)


def test_a_drain_stops_requests() -> None:
    before, after = values("drain", 60), values("drain", 660)
    assert after["llm:request_seconds_count"] == before["llm:request_seconds_count"]
    assert after["llm:requests_running"] == 0


def test_a_stuck_server_has_requests_and_ends_none() -> None:
    before, after = values("stuck", 60), values("stuck", 660)
    assert after["llm:request_seconds_count"] == before["llm:request_seconds_count"]
    assert (after["llm:requests_running"], after["llm:requests_waiting"]) == (8, 80)


def test_a_full_cache_makes_requests_wait() -> None:
    now = values("full cache", 160)
    assert now["llm:kv_cache_usage_perc"] == 0.99
    assert now["llm:requests_waiting"] == 80
    assert now["llm:preemptions_total"] == 200
    assert values("normal load", 160)["llm:preemptions_total"] == 0


def test_an_overloaded_server_has_many_requests_in_progress_and_answers_late() -> None:
    before, after = values("overload", 60), values("overload", 660)
    assert (after["llm:requests_running"], after["llm:requests_waiting"]) == (100, 80)
    fast = 'llm:request_seconds_bucket{le="0.5",}'
    assert after["llm:request_seconds_count"] - before["llm:request_seconds_count"] == pytest.approx(6000, rel=0.05)
    assert (after[fast] - before[fast]) / 6000 == pytest.approx(0.05, rel=0.06)


def test_a_crash_loop_is_down_and_begins_at_0() -> None:
    loop = replay("crash loop")
    assert [loop.text(START + after) is None for after in (59, 60, 89, 90, 209, 210, 240)] == [
        *(False, True, True, False, False, True, False),
    ]
    again = values("crash loop", 90)
    assert again["llm:request_seconds_count"] == 0
    assert values("crash loop", 150)["llm:request_seconds_count"] == pytest.approx(60 * RATE, rel=0.11)
    assert again["process_start_time_seconds"] == START + 60


def test_speed_moves_phases_and_not_rates() -> None:
    assert values("full cache", 5, speed=10)["llm:kv_cache_usage_perc"] < 0.5
    assert values("full cache", 6, speed=10)["llm:kv_cache_usage_perc"] == 0.99
    assert values("normal load", 600, speed=10) == values("normal load", 600)


def test_a_scenario_of_a_project_sets_series() -> None:
    scenario = Scenario("leak", [Phase("0s", values={'llm:requests_waiting{model="a b"}': 7})])
    text = Replay(CAPTURE, scenario, START).text(START + 60)
    assert text is not None
    assert 'llm:requests_waiting{model="a b"} 7\n' in text


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ('a_total {x="}\\" y"}  3\t1700000000000\n', 'a_total {x="}\\" y"} 6\n'),
        (
            'wait_bucket{le="1"} 60\nwait_bucket{le="+Inf"} 120\nwait_sum 240\nwait_count 120\n',
            'wait_bucket{le="1"} 1560\nwait_bucket{le="+Inf"} 3120\nwait_sum 6240\nwait_count 3120\n',
        ),
        ("# TYPE calls_total counter\ncalls_total 600\n", "# TYPE calls_total counter\ncalls_total 3600\n"),
        ("# TYPE q gauge\nq NaN\n# TYPE t gauge\nt 9.223372036854775e+18\n",) * 2,
        ('# TYPE q gaugehistogram\nq_bucket{le="+Inf"} 5\nq_gcount 5\nq_gsum 9\n# EOF\n',) * 2,
        ("# TYPE c counter\nc 0\n",) * 2,
    ],
    ids=[
        "a timestamp is left out",
        "untyped buckets are a histogram",
        "requests grow by 5 per second without a histogram",
        "values that say that there is none stay",
        "a gauge histogram stays",
        "a counter at 0 stays at 0",
    ],
)
def test_ten_minutes_later(text: str, later: str) -> None:
    assert replay("normal load", text).text(START + 600) == later


def test_openmetrics_stays_openmetrics() -> None:
    text = replay("normal load", OPEN).text(START + 100)
    assert text is not None
    assert text.startswith('# TYPE jobs counter\n# HELP jobs Jobs.\njobs_total{state="ok"} ')
    assert text.endswith("# EOF\n")
    (family,) = open_metrics(text)  # type: ignore[no-untyped-call]
    assert [sample.name for sample in family.samples] == ["jobs_total", "jobs_created"]


@pytest.mark.parametrize("name", ["error burst", "crash loop"])
def test_the_parser_of_the_client_and_promtool_read_it(name: str, newest_promtool: Tool) -> None:
    text = replay(name).text(START + 1000)
    assert text is not None
    kinds = {family.name: family.type for family in plain_text(text)}
    assert kinds["llm:request_seconds"] == "histogram"
    command = [str(newest_promtool.path), "check", "metrics"]
    linted = subprocess.run(command, input=text.replace("llm:", "llm_"), text=True, capture_output=True, timeout=30)
    assert (linted.returncode, linted.stderr) == (0, "")


# --- the server ------------------------------------------------------------------------------------------------------


def test_it_answers_404_elsewhere_and_503_while_it_is_down() -> None:
    answers: list[int] = []
    target = FakeTarget(lambda time: None, 0)
    for path in ("", "/x"):
        thread = threading.Thread(target=_ask, args=(target.url + path, answers))
        thread.start()
    target.run(5, lambda: len(answers) == 2)
    assert sorted(answers) == [404, 503]


def test_a_port_that_is_in_use_is_an_error_and_the_default_one_is_not_needed(project_folder: ProjectFolder) -> None:
    (project_folder.root / "llm.txt").write_text("# TYPE a gauge\na 1\n")
    with socket.socket() as taken:
        taken.bind((servers.LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = project_folder.run("fake", "llm.txt", "--port", str(port), "--for", "100ms")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("obscode.cli.fake._PORT", port)
            default = project_folder.run("fake", "llm.txt", "--for", "100ms")

    assert (result.exit, result.err) == (
        Exit.ERROR,
        f"error[invalid-argument]: port {port} cannot be used: Address already in use\n"
        "  hint: name another port, or --port 0 for a free one\n",
    )
    assert (default.exit, default.err) == (0, "")
    assert f":{port}/" not in default.out


def test_a_port_can_be_used_again_at_once(project_folder: ProjectFolder) -> None:
    port = servers.free_port()
    for _ in range(2):
        answers: list[int] = []
        target = FakeTarget(lambda time: None, port)
        threading.Thread(target=_ask, args=(target.url, answers)).start()
        target.run(5, lambda answers=answers: len(answers) == 1)  # type: ignore[misc]


def _ask(url: str, answers: list[int]) -> None:
    try:
        urllib.request.urlopen(url, timeout=5)
    except urllib.error.HTTPError as error:
        answers.append(error.code)
        error.close()


def test_prometheus_scrapes_it(newest_prometheus: Tool, tmp_path: Path) -> None:
    target = FakeTarget(replace(replay("full cache", speed=60), start=time.time()).text, servers.free_port())
    host = target.url.removeprefix("http://").removesuffix("/metrics")
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 200ms}\n"
        f"scrape_configs: [{{job_name: llm, static_configs: [{{targets: ['{host}']}}]}}]\n"
    )
    ended = threading.Event()
    thread = threading.Thread(target=target.run, args=(60, ended.is_set))
    thread.start()
    try:
        with servers.prometheus(newest_prometheus, config, tmp_path / "data", servers.free_port()) as url:
            deadline = time.monotonic() + 20
            while servers.value(url, "count_over_time(llm:requests_running[1m]) > 8") is None:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            names = {"metric": "llm:request_seconds"}
            assert servers.get(f"{url}/api/v1/metadata", **names)["llm:request_seconds"][0]["type"] == "histogram"
            assert servers.value(url, 'up{job="llm"}') == 1
            assert (servers.value(url, "sum(increase(llm:request_seconds_count[1m]))") or 0) > 0
    finally:
        ended.set()
        thread.join()


# --- the command -----------------------------------------------------------------------------------------------------


def test_it_ends_after_its_time(project_folder: ProjectFolder) -> None:
    project_folder.root.joinpath("llm.txt").write_text(LLM)
    result = project_folder.run("fake", "llm.txt", "--scenario", "stuck", "--port", "0", "--for", "100ms")
    assert result.exit == Exit.OK
    assert result.out.endswith("/metrics shows llm.txt in scenario stuck; it ends after 100ms\n")


def test_scenarios_of_definitions_can_be_named(project_folder: ProjectFolder) -> None:
    project_folder.write(own='leak = Scenario("leak", [Phase("0s", values={"llm:requests_waiting": 7})])\n')
    project_folder.root.joinpath("llm.txt").write_text(LLM)
    result = project_folder.run("fake", "llm.txt", "--definitions", "definitions", "--scenario", "leak", "--for", "1ms")
    assert (result.exit, result.err) == (Exit.OK, "")
    assert "in scenario leak; " in result.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["llm.txt", "--scenario", "full cach"], "there is no scenario 'full cach'"),
        (["llm.txt", "--for", "ten"], "'ten'"),
        (["none.txt"], "none.txt does not exist"),
    ],
)
def test_what_cannot_be_served_is_an_error(project_folder: ProjectFolder, arguments: list[str], message: str) -> None:
    project_folder.root.joinpath("llm.txt").write_text(LLM)
    result = project_folder.run("fake", *arguments)
    assert result.exit == Exit.ERROR
    assert message in result.err


# --- a preset, live --------------------------------------------------------------------------------------------------


def test_prometheus_scrapes_a_full_cache_and_the_alerts_of_the_preset_fire(
    newest_prometheus: Tool, tmp_path: Path
) -> None:
    """The rules of the cause alerts with a hundredth of their times, and the scenario a hundred times as fast."""
    text = Path(__file__).with_name("captures").joinpath("vllm-0.33.0.metrics.txt").read_text()
    capture = read_capture(text)
    (scenario,) = (each for each in capture_scenarios(capture) if each.name == "full cache")
    live = Replay(with_possible_errors(capture), scenario, time.time(), 100)
    target = FakeTarget(live.text, servers.free_port())
    host = target.url.removeprefix("http://").removesuffix("/metrics")
    chat = presets.llm_serving("chat", engine="vllm", scrape=ScrapeJob([host]), max_waiting=50)
    alerts = [
        {"alert": alert.name, "expr": alert.expr.replace("[5m]", "[3s]").replace("[30m]", "[18s]"), "for": "1s"}
        for alert in chat.alerts
    ]
    (tmp_path / "rules.json").write_text(json.dumps({"groups": [{"name": "chat", "rules": alerts}]}))
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 200ms, evaluation_interval: 200ms}\n"
        "rule_files: [rules.json]\n"
        f"scrape_configs: [{{job_name: chat, static_configs: [{{targets: ['{host}']}}]}}]\n"
    )
    ended = threading.Event()
    thread = threading.Thread(target=target.run, args=(60, ended.is_set))
    thread.start()
    try:
        with servers.prometheus(newest_prometheus, config, tmp_path / "data", servers.free_port()) as url:
            deadline = time.monotonic() + 30
            while (firing := _firing(url)) != {"LLMCacheFull", "LLMPreemptions", "LLMQueueLong"}:
                assert time.monotonic() < deadline, firing
                time.sleep(0.2)
    finally:
        ended.set()
        thread.join()


def _firing(url: str) -> set[str]:
    alerts = servers.get(f"{url}/api/v1/alerts")["alerts"]
    return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}
