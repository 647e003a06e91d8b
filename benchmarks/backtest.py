"""Measure a backtest of 30 days of one SLO, evaluated every minute, next to the import of the same samples.

Four raw series of 31 days, one sample a minute, become blocks of a real Prometheus. The SLO's alert for pages and the
recording rules that it reads are evaluated at each of 43,200 minutes. The benchmark prints the time of the backtest as
a multiple of the time that `promtool tsdb create-blocks-from openmetrics` takes for the samples, in the same run.

    python -m benchmarks.backtest
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from obscode import SLO, Project, ScrapeJob, Service
from obscode.backtest.backtest import Rules, Settings, backtest
from obscode.backtest.evaluation import Period
from obscode.clients.prometheus import PrometheusClient
from obscode.compiler import Definitions, compile
from obscode.model.sli import Ratio
from obscode.toolchain import require
from obscode.verify import servers
from obscode.verify.processes import run

DAYS = 30
_WARM_UP = 1  # days before the period
_MINUTE = 60
_LONGEST = 600.0  # seconds
_ERRORS = 360  # minutes from one burst of errors to the next


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0]).parse_args()
    prometheus, promtool = require("prometheus"), require("promtool")
    end = int(time.time()) // 3600 * 3600
    with tempfile.TemporaryDirectory(prefix="obscode-benchmark-") as folder:
        root = Path(folder)
        (root / "data.om").write_text("\n".join([*_lines(end), "# EOF", ""]))
        began = time.perf_counter()
        blocks = ("tsdb", "create-blocks-from", "--max-block-duration=24h", "openmetrics", "data.om", "data")
        run(promtool, *blocks, folder=root, timeout=_LONGEST).check_returncode()
        imported = time.perf_counter() - began
        config = root / "prometheus.yml"
        config.write_text("global: {evaluation_interval: 1m}\n")
        with servers.prometheus(
            prometheus, config, root / "data", servers.free_port(), "--storage.tsdb.retention.time=60d"
        ) as url:
            rules = Rules("benchmark", compile(_definitions()).rule_files)
            period = Period((end - DAYS * 86_400) * 1000, end * 1000)
            began = time.perf_counter()
            report = backtest(
                PrometheusClient(url), None, rules, period, Settings(alerts=("ShopAvailabilityBurnPage",))
            )
            evaluated = time.perf_counter() - began
    (alert,) = report.alerts
    fired = len(alert.new.firings) if alert.new else 0
    print(f"{DAYS} days of one SLO at 1m: {evaluated / imported:.1f} times the import of its samples, {fired} firings")


def _definitions() -> Definitions:
    bad, total = 'requests_total{job="shop",status=~"5.."}', 'requests_total{job="shop"}'
    slo = SLO("availability", 99.9, Ratio(errors=bad, total=total))
    return Definitions(Project("benchmark"), services=[Service("shop", scrape=ScrapeJob(["localhost:1"]), slos=[slo])])


def _lines(end: int) -> Iterator[str]:
    for instance in ("a", "b"):
        for status in ("200", "500"):
            count = 0
            for minute in range((DAYS + _WARM_UP) * 1440):
                is_burst = minute % _ERRORS < 15
                count += (40 if is_burst else minute % 997 == 0) if status == "500" else 100
                at = end - (DAYS + _WARM_UP) * 86_400 + minute * _MINUTE
                yield f'requests_total{{job="shop",instance="{instance}",status="{status}"}} {count} {at}'


if __name__ == "__main__":
    main()
