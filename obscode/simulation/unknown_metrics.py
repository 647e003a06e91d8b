"""Metrics that expressions read and no service of a project exposes: without series, panels display the mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from obscode.artifacts.project import Artifacts
from obscode.checks.series_typos import KnownNames
from obscode.findings.suggestions import likely_typo
from obscode.model.standard_metrics import standard_series
from obscode.promql.spans import scan
from obscode.reader.dashboards.document import model_of
from obscode.simulation.label_values import is_fixed
from obscode.simulation.uses import Use

_OF_PROMETHEUS = ("ALERTS", "ALERTS_FOR_STATE")


def unknown_metrics(artifacts: Artifacts, uses: Iterable[Use]) -> frozenset[str]:
    """Metrics that are misspelt, or that all uses select from services whose catalogs are complete."""
    if not artifacts.is_compiled or not artifacts.catalog:
        return _misspelt(artifacts)
    exposed = {name for metric in artifacts.catalog for name in (metric.name, *metric.series())}
    known = exposed | standard_series() | {*_OF_PROMETHEUS}
    namespaces = {
        _namespace(name) for name in exposed
    }  # of names such as vllm:requests; others with a colon are records
    complete = {name for service in artifacts.services if service.complete for name, _ in service.named_jobs()}
    jobs: dict[str, set[str]] = {}
    for use in uses:
        if use.metric not in known and _namespace(use.metric) in namespaces:
            jobs.setdefault(use.metric, set()).add(_job(use))
    return frozenset(name for name, own in jobs.items() if own <= complete or likely_typo(name, exposed))


def _misspelt(artifacts: Artifacts) -> frozenset[str]:
    """Without a catalog, metrics that one query reads and that are likely typos of what several read.

    Of 2,926 public dashboards this reports one metric: `mysql_global_status_quesries`.
    """
    targets = (target.expr for each in artifacts.dashboards for _, target in model_of(each).targets("promql"))
    rules = (rule.expr for rule in artifacts.rules())
    read = Counter(name for expr in chain(targets, rules) for name in {each.metric for each in scan(expr).selectors})
    numbers = {name: number for name, number in read.items() if name and "$" not in name}
    known = KnownNames(name for name, number in numbers.items() if number > 1)
    return frozenset(name for name, number in numbers.items() if number == 1 and known.typo_of(name))


def _namespace(name: str) -> str:
    return name.partition(":")[0] if ":" in name else ""


def _job(use: Use) -> str:
    return next((m.value for m in use.matchers if m.label == "job" and m.op == "=" and is_fixed(m)), "")
