"""Compare the cost of one SLO's rules with rules that compute every window from the raw series.

Fifty raw series of three days, scraped every 30 s, with quiet and busy times and a counter reset, become blocks of a
real Prometheus. The benchmark prints how many samples the rules read in an hour (`stats=all`), the
deviation of the ratios from `increase / increase`, and how long both sets of rules take in turn
(`prometheus_rule_evaluation_duration_seconds`). Times are printed as ratios, because both sides run on the same data in
the same minutes and machines differ; samples are exact.

    python -m benchmarks.slo_cost
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from obscode import SLO, Project, ScrapeJob, Service
from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule, RuleFile, RuleGroup
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.slo_records import events, record
from obscode.compiler.slo_rules import slo_groups
from obscode.model import naming
from obscode.model.burn_rate import WORKBOOK, windows
from obscode.model.sli import Ratio
from obscode.promql.duration import milliseconds
from obscode.renderers.prometheus.rules import rule_file_text
from obscode.toolchain import Tool, require
from obscode.verify import servers
from obscode.verify.processes import run

SERIES = 50
SCRAPE = 30
DAYS = 3
EVALUATED_FOR = 70
# Intervals are shortened by this factor: every minute is 2 s.
_SHORTENED = 30
_SPELL = 6 * 3600
_HOUR = 3_600_000
_RESET_BEFORE_END = 2 * 3600
_BAD, _TOTAL = 'http_requests_total{job="shop",status=~"5.."}', 'http_requests_total{job="shop"}'


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0]).parse_args()
    prometheus, promtool = require("prometheus"), require("promtool")
    plan = _plan()
    ours = slo_groups(plan)
    theirs = [_raw_rules(plan)]
    now = int(time.time()) // 1800 * 1800 - 60
    with tempfile.TemporaryDirectory(prefix="obscode-benchmark-") as folder:
        root = Path(folder)
        _blocks(promtool, root, "raw", _history(now))
        for window in plan.sums:
            _backfill(prometheus, promtool, root, window, _counts(plan, ours, window), now)
        _backfill(prometheus, promtool, root, "tiles", _tiles(plan), now, step=milliseconds(plan.tile) // 1000)
        with _server(prometheus, root, []) as url:
            _compare_ratios(url, plan, ours, now)
            samples = [_samples_per_hour(url, groups, now) for groups in (ours, theirs)]
        seconds = [_evaluated(prometheus, root, groups) for groups in (ours, theirs)]
    print(f"prometheus {prometheus.version}, {SERIES} series every {SCRAPE} s, {DAYS} days")
    print(f"samples an hour: {samples[0]:,} against {samples[1]:,}: 1/{samples[1] / samples[0]:.0f}")
    print(f"evaluation time a minute: 1/{seconds[1] / seconds[0]:.1f} of {seconds[1] * 1000:.1f} ms")


def _plan() -> SloPlan:
    sli = Ratio(errors='http_requests_total{status=~"5.."}', total="http_requests_total")
    slo = SLO("availability", 99.9, sli)
    return SloPlan(slo, Service("shop", scrape=ScrapeJob(["localhost:8000"]), slos=[slo]), Project("benchmark"))


def _raw_rules(plan: SloPlan) -> RuleGroup:
    """The usual rules: for every window a ratio of rates over the raw series, with alerts on these ratios."""
    rules: list[Rule] = []
    for window in windows(WORKBOOK):
        expr = f"sum(rate({_BAD}[{window}])) / (sum(rate({_TOTAL}[{window}])) > 0)"
        rules.append(RecordingRule(f"raw:error_ratio:rate{window}", expr, {}, plan.slo))
    for tier in WORKBOOK:
        limit = float(tier.factor(plan.slo.period) * plan.slo.budget())
        expr = f"raw:error_ratio:rate{tier.long} > {limit:g} and raw:error_ratio:rate{tier.short} > {limit:g}"
        rules.append(AlertingRule(f"Raw{tier.name.replace('-', '')}", expr, {}, plan.slo))
    return RuleGroup("raw", rules, "1m")


def _rules(groups: Sequence[RuleGroup]) -> list[Rule]:
    return [rule for group in groups for rule in group.rules]


# --- data --------------------------------------------------------------------------------------------------------


def _history(now: int) -> Iterator[str]:
    """Counters with busy and quiet times, more errors in busy times, and one reset."""
    yield "# TYPE http_requests counter"
    start = now - DAYS * 86_400
    for n in range(SERIES):
        status = ("200", "201", "400", "404", "500")[n % 5]
        value = 0.0
        for at in range(start, now + 1, SCRAPE):
            busy = (at - start) // _SPELL % 2
            rate = 10.0 if busy else 0.5
            value += rate * SCRAPE * ((0.03 if busy else 0.002) if status == "500" else 1.0)
            if now - at == _RESET_BEFORE_END:
                value = 0.0
            yield f'http_requests_total{{job="shop",instance="i{n // 5}",status="{status}"}} {value:.3f} {at}'
    yield "# EOF"


def _counts(plan: SloPlan, groups: Sequence[RuleGroup], window: str) -> list[Rule]:
    """The rules that count the events of a window."""
    names = (plan.total(window).metric, plan.bad(window).metric)
    return [rule for rule in _rules(groups) if rule.name in names]


def _tiles(plan: SloPlan) -> list[Rule]:
    """The counts of a tile after another, and its time."""
    total, bad = events(plan, plan.tile)
    exprs = {naming.TILE_TOTAL + plan.tile: total, naming.TILE_BAD + plan.tile: bad, naming.TILE_TIME: "vector(time())"}
    return [record(plan, plan.series(name), expr) for name, expr in exprs.items()]


def _backfill(
    prometheus: Tool, promtool: Tool, root: Path, name: str, rules: Sequence[Rule], now: int, *, step: int = 60
) -> None:
    """Record the results of rules over the history."""
    lines: list[str] = []
    with _server(prometheus, root, []) as url:
        for rule in rules:
            lines += [f"# TYPE {rule.name} gauge", *_answers(url, rule, now, step)]
    _blocks(promtool, root, f"recorded-{name}", [*lines, "# EOF"])


def _answers(url: str, rule: Rule, now: int, step: int) -> Iterator[str]:
    labels = ",".join(f'{name}="{value}"' for name, value in rule.labels.items())
    for start in range(now - DAYS * 86_400, now + 1, 10_000 * step):
        end = min(now, start + 9_999 * step)
        times = {"start": f"{start}", "end": f"{end}", "step": f"{step}"}
        answer = servers.get(f"{url}/api/v1/query_range", query=rule.expr, **times)
        for result in answer["result"]:
            yield from (f"{rule.name}{{{labels}}} {value} {at}" for at, value in result["values"])


def _blocks(promtool: Tool, root: Path, name: str, lines: Iterable[str]) -> None:
    text = root / f"{name}.om"
    text.write_text("\n".join(lines) + "\n")
    # With this hidden flag, there is one block instead of 36, which takes a second instead of a minute.
    flags = ("tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=744h", "-q", text.name, "data")
    result = run(promtool, *flags, folder=root, timeout=300)
    if result.returncode:
        raise SystemExit(result.stdout + result.stderr)


# --- measurements ------------------------------------------------------------------------------------------------


def _server(prometheus: Tool, root: Path, groups: Sequence[RuleGroup]) -> AbstractContextManager[str]:
    config = root / "prometheus.yml"
    config.write_text("global: {scrape_interval: 1m, evaluation_interval: 1m}\nrule_files: [rules.yml]\n")
    (root / "rules.yml").write_text(rule_file_text(RuleFile("benchmark", groups, _plan().slo)))
    return servers.prometheus(
        prometheus, config, root / "data", servers.free_port(), "--storage.tsdb.retention.time=10y"
    )


def _compare_ratios(url: str, plan: SloPlan, groups: Sequence[RuleGroup], now: int) -> None:
    """Print the deviation of each window's ratio from increase / increase of the raw series."""
    for rule in _rules(groups):
        for window in windows(WORKBOOK):
            if rule.name == plan.ratio(window).metric and window != plan.base:
                ours = servers.value(url, rule.expr, time=f"{now}")
                query = f"sum(increase({_BAD}[{window}])) / sum(increase({_TOTAL}[{window}]))"
                raw = servers.value(url, query, time=f"{now}")
                assert ours is not None
                assert raw is not None
                print(f"error ratio of {window}: {ours:.6f}, of increase / increase: {abs(ours / raw - 1):.2%} off")


def _samples_per_hour(url: str, groups: Sequence[RuleGroup], now: int) -> int:
    def read(rule: Rule) -> int:
        answer = servers.get(f"{url}/api/v1/query", query=rule.expr, stats="all", time=f"{now}")
        return int(answer["stats"]["samples"]["totalQueryableSamples"])

    return sum(sum(map(read, group.rules)) * _HOUR // milliseconds(group.interval) for group in groups)


def _evaluated(prometheus: Tool, root: Path, groups: Sequence[RuleGroup]) -> float:
    """Seconds of rule evaluation per minute; the intervals are shortened by the same factor."""
    quick = [replace(group, interval=f"{milliseconds(group.interval) // _SHORTENED}ms") for group in groups]
    with _server(prometheus, root, quick) as url:
        time.sleep(EVALUATED_FOR)
        total = servers.metric(url, "prometheus_rule_evaluation_duration_seconds_sum")
    return total / (EVALUATED_FOR * _SHORTENED / 60)


if __name__ == "__main__":
    main()
