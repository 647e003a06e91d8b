"""A metric has one type in all catalogs of a project.

Why: an expression does not say which service's metric it reads. `rate()` of a gauge and the raw value of a counter have
no meaning, and a histogram has other series than a summary.

Bad:
    Service("carts", metrics=[metrics.Counter("shop_requests_total")])
    Service("orders", metrics=[metrics.Gauge("shop_requests_total")])

Good:
    Service("carts", metrics=[metrics.Counter("shop_requests_total")])
    Service("orders", metrics=[metrics.Counter("shop_requests_total")])
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.metrics import Metric


@check(Artifacts, scope="compiled")
def metric_types(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Metrics with two types in the catalogs of two services."""
    first: dict[str, tuple[Metric, str]] = {}
    for service in artifacts.services:
        for metric in service.metrics:
            for series in (metric.name, *metric.series()):
                known, owner = first.setdefault(series, (metric, service.name))
                if owner != service.name and known.has_other_type(type(metric)) and metric.has_other_type(type(known)):
                    kind, other = (type(each).__name__.lower() for each in (metric, known))
                    message = f"{series} is a {kind} of {service.name} and a {other} of {owner}"
                    place = f", as at {span}" if (span := known.span("name")) else ""
                    yield metric.finding(metric_types, message, f"give it one type{place}, or rename one", at="name")
                    break
