"""The catalog of a Pushgateway has no counters, histograms or summaries of jobs.

Why: a Pushgateway replaces values and never adds. The counter of a job is as high after each run as after the first
one, so `rate()` and `increase()` of it are zero or wrong. https://prometheus.io/docs/practices/pushing

Bad:
    Service("jobs", scrape=Pushgateway(["pushgateway:9091"]), metrics=[metrics.Counter("exported_rows_total")])

Good:
    Service("jobs", scrape=Pushgateway(["pushgateway:9091"]), metrics=[metrics.Gauge("exported_rows")])
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.metrics import Gauge
from obscode.model.scrape.pushgateway import Pushgateway
from obscode.model.service import Service
from obscode.model.standard_metrics import standard_metrics

# The Pushgateway counts its own requests.
_OWN = ("pushgateway_", "promhttp_", "process_", "go_")


@check(Service)
def pushed_counter(service: Service, context: Context) -> Iterator[Finding]:
    """Metrics of jobs that are no gauges."""
    if not any(isinstance(job, Pushgateway) for job in service.scrape_jobs()):
        return
    for metric in service.metrics:
        if isinstance(metric, Gauge) or metric.name.startswith(_OWN) or metric.name in standard_metrics():
            continue
        kind = type(metric).__name__.lower()
        message = f"{metric.name} is a {kind}, which a Pushgateway does not add up"
        yield metric.finding(pushed_counter, message, "push a gauge with the value of the last run: metrics.Gauge(...)")
