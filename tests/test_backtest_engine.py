"""`obscode backtest` on real servers: equal to promtool's rule engine, and to what a Prometheus records itself."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from obscode.backtest.backtest import Rules, Settings, backtest
from obscode.backtest.evaluation import Period
from obscode.backtest.formats import FORMATS
from obscode.backtest.report import BacktestReport
from obscode.backtest.schedule import ServerGroup, phase_of, slice_hash, string_hash
from obscode.backtest.server import read_server
from obscode.clients.prometheus import PrometheusClient
from obscode.project.check_files import read
from obscode.toolchain import Tool
from obscode.verify import servers
from obscode.verify.processes import run

# A multiple of the interval: without rules on the server, groups are evaluated at phase 0, as in promtool.
START = 1_790_000_400
MINUTE = 60
HOURS = 5

RULES = """
groups:
  - name: records
    interval: 1m
    rules:
      - record: job:errors:ratio5m
        expr: sum by (job) (rate(errors_total[5m])) / sum by (job) (rate(requests_total[5m]))
      - record: job:errors:ratio30m
        expr: avg_over_time(job:errors:ratio5m[30m])
      - record: job:errors:high
        labels: {team: shop}
        expr: >-
          job:errors:ratio5m > 0.2
          or job:errors:ratio5m > 0.02 and on (job) job:errors:high
          or job:errors:ratio30m > 0.1 and on (job) job:errors:high offset 3m
      - alert: High
        expr: job:errors:high
        labels: {severity: page}
      - alert: Slow
        expr: job:errors:ratio30m > 0.04
        for: 5m
        keep_firing_for: 7m
      - alert: Busy
        expr: job:errors:ratio5m > 0.01 and on (job) sum by (job) (rate(requests_total[2m])) > 1
        for: 1m
        labels: {summary: "{{ $labels.job }} {{ .Labels.team }}"}
      - alert: Down
        expr: up == 0
        for: 3m
      - alert: Meta
        expr: count by (alertname) (ALERTS{alertname="Slow", alertstate="firing"})
        for: 2m
      - alert: Mixed
        expr: >-
          vector(scalar(max(job:errors:ratio5m)) > bool 0.4) == 1 and on () up == 1
          or up * on (job) group_left () job:errors:ratio5m > 0.3
"""


def series() -> dict[str, list[float | None]]:
    """Counters with bursts, a reset and a gap, and a target that is down for a while; one value per minute."""
    minutes = HOURS * 60
    errors, requests = [0.0], [0.0]
    for minute in range(1, minutes):
        share = 0.5 if 40 <= minute < 52 else 0.1 if 120 <= minute < 170 else 0.03 if 200 <= minute < 230 else 0.001
        requests.append(requests[-1] + 90 + minute % 7)
        errors.append(errors[-1] + share * 90 if minute != 140 else 0.0)
    gap = range(182, 195)
    lost = range(60, 66)
    return {
        'errors_total{job="a"}': [None if m in gap else v for m, v in enumerate(errors)],
        'requests_total{job="a"}': [None if m in gap else v for m, v in enumerate(requests)],
        'up{instance="x",job="a"}': [0.0 if m in lost or 90 <= m < 92 else 1.0 for m in range(minutes)],
    }


def open_metrics(values: dict[str, list[float | None]]) -> str:
    lines = [
        f"{name} {value!r} {START + minute * MINUTE}"
        for name, each in values.items()
        for minute, value in enumerate(each)
        if value is not None
    ]
    return "\n".join([*lines, "# EOF", ""])


@contextmanager
def server_with_data(prometheus: Tool, promtool: Tool, folder: Path) -> Iterator[str]:
    data = folder / "data"
    (folder / "data.om").write_text(open_metrics(series()))
    done = run(promtool, "tsdb", "create-blocks-from", "openmetrics", "data.om", str(data), folder=folder)
    assert done.returncode == 0, done.stderr
    config = folder / "prometheus.yml"
    config.write_text("global: {evaluation_interval: 1m}\n")
    with servers.prometheus(prometheus, config, data, servers.free_port(), "--storage.tsdb.retention.time=50y") as url:
        yield url


def rules_of(folder: Path, text: str, name: str = "rules.yml") -> Rules:
    path = folder / name
    path.write_text(text)
    return Rules(name, read([path]).rule_files)


PERIOD = Period(START * 1000, (START + (HOURS * 60 - 1) * MINUTE) * 1000)


def firing_at(report: BacktestReport) -> dict[int, set[tuple[tuple[str, str], ...]]]:
    """The labels of the firing alerts at each minute."""
    finished: dict[int, set[tuple[tuple[str, str], ...]]] = {}
    for alert in report.alerts:
        assert alert.new
        for firing in alert.new.firings:
            for minute in range(HOURS * 60):
                at = (START + minute * MINUTE) * 1000
                if firing.start <= at and (firing.end is None or at < firing.end):
                    finished.setdefault(minute, set()).add(firing.labels)
    return finished


def test_alerts_fire_at_the_same_minutes_as_in_promtool(
    prometheus: Tool, newest_promtool: Tool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with server_with_data(prometheus, newest_promtool, tmp_path) as url:
        rules = rules_of(tmp_path, RULES)
        report = backtest(PrometheusClient(url), None, rules, PERIOD, Settings(every=True))
    assert report.notes == []
    fired = firing_at(report)
    assert {dict(labels)["alertname"] for at in fired.values() for labels in at} == {
        "High", "Slow", "Busy", "Down", "Meta", "Mixed",
    }  # fmt: skip
    promtool = newest_promtool if prometheus.at_least(3) else _promtool_beside(prometheus)
    tests = [
        {
            "expr": 'ALERTS{alertstate="firing"}',
            "eval_time": f"{minute}m",
            "exp_samples": [
                {"labels": f"ALERTS{{{_text(labels)}}}", "value": 1} for labels in sorted(fired.get(minute, ()))
            ],
        }
        for minute in range(HOURS * 60)
    ]
    values = [
        {"series": name, "values": " ".join("_" if value is None else repr(value) for value in each)}
        for name, each in series().items()
    ]
    test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": values, "promql_expr_test": tests}],
    }
    (tmp_path / "test.yml").write_text(json.dumps(test))
    done = run(promtool, "test", "rules", "test.yml", folder=tmp_path)
    assert done.returncode == 0, (done.stdout + done.stderr)[:3000]


def _text(labels: tuple[tuple[str, str], ...]) -> str:
    return ",".join(f"{name}={json.dumps(value)}" for name, value in (*labels, ("alertstate", "firing")))


def _promtool_beside(prometheus: Tool) -> Tool:
    return Tool("promtool", prometheus.path.with_name("promtool"), prometheus.version, prometheus.source)


LIVE = """
groups:
  - name: waves
    interval: 1s
    rules:
      - {record: wave, expr: "vector(time() % 8)"}
      - {record: wave:avg, expr: "avg_over_time(wave[3s])"}
      - {alert: Wave, expr: "wave:avg > 4", for: 1s, keep_firing_for: 2s, labels: {severity: page}}
  - name: others
    interval: 1s
    rules:
      - {alert: Other, expr: "wave > 5"}
"""


def test_a_backtest_repeats_what_prometheus_recorded(prometheus: Tool, tmp_path: Path) -> None:
    rules = rules_of(tmp_path, LIVE)
    config = tmp_path / "prometheus.yml"
    config.write_text("global: {evaluation_interval: 1m}\nrule_files: [rules.yml]\n")
    with servers.prometheus(prometheus, config, tmp_path / "data", servers.free_port()) as url:
        client = PrometheusClient(url)
        begun = time.time()
        while not client.query("ALERTS", time.time()):
            assert time.time() < begun + 30
            time.sleep(0.5)
        time.sleep(16)  # the period below then has a whole wave of 8 seconds
        groups = read_server(client).groups
        end = int(time.time() * 1000) - 1000
        period = Period(int(begun * 1000) + 6000, end)
        report = backtest(client, rules, rules, period, Settings(every=True))
        phases = {
            name: round(client.query(f"timestamp({name})", time.time())[0].samples[0][1] * 1000) % 1000
            for name in ("wave",)
        }
    assert [(alert.name, alert.old and alert.old.origin) for alert in report.alerts] == [
        ("Wave", "recorded"),
        ("Other", "recorded"),
    ]
    for alert in report.alerts:
        assert alert.old is not None
        assert alert.new is not None
        assert alert.new.firings
        recorded = [firing for firing in alert.old.firings if firing.start > period.start + 1000]
        evaluated = [firing for firing in alert.new.firings if firing.start > period.start + 1000]
        assert evaluated == recorded
    (waves,) = (group for group in groups if group.name == "waves")
    assert phases["wave"] in {phase_of(hash_, waves.file, "waves", 1000) for hash_ in (string_hash, slice_hash)}
    assert isinstance(waves, ServerGroup)


CHANGED = """\
2026-09-21 14:20 to 2026-09-21 19:19 UTC, Prometheus VERSION
old: old.yml
new: new.yml

Slow  (changed)
  old  ·········█████████·········█████████████····················  fires 2 times, 1h 40m in all
  new  ····························································  does not fire
  FROM              TO                OLD    NEW  LABELS
  2026-09-21 15:09  2026-09-21 15:48  39m    -    job=a
  2026-09-21 16:38  2026-09-21 17:39  1h 1m  -    job=a

Meta  (changed)
  old  ··········████████··········████████████····················  fires 2 times, 1h 36m in all
  new  ····························································  does not fire
  FROM              TO                OLD  NEW
  2026-09-21 15:11  2026-09-21 15:48  37m  -
  2026-09-21 16:40  2026-09-21 17:39  59m  -

4 alerts not evaluated, since they do not change; --all evaluates them

missing data:
  errors_total is needed from 2026-09-21 13:08 and has samples from about 2026-09-21 14:23 on
  errors_total has no samples for 10m from 2026-09-21 17:28 on
  requests_total is needed from 2026-09-21 13:08 and has samples from about 2026-09-21 14:23 on
  requests_total has no samples for 10m from 2026-09-21 17:28 on
"""


def test_changed_alerts_are_evaluated_in_both_versions(
    newest_prometheus: Tool, newest_promtool: Tool, tmp_path: Path
) -> None:
    with server_with_data(newest_prometheus, newest_promtool, tmp_path) as url:
        before = rules_of(tmp_path, RULES, "old.yml")
        after = rules_of(tmp_path, RULES.replace("ratio30m > 0.04", "ratio30m > 0.4"), "new.yml")
        text = FORMATS["text"](backtest(PrometheusClient(url), before, after, PERIOD, Settings()))
    assert text == CHANGED.replace("VERSION", newest_prometheus.version)
