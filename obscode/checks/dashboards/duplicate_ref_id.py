"""Each query of a panel has a refId of its own.

Why: results come back by refId. Two queries that share one get the result of one of them, or an error.
https://github.com/thanos-io/thanos/issues/3959

Bad:
    {"type": "timeseries", "title": "Traffic",
     "targets": [{"refId": "A", "expr": "sum(received)"}, {"refId": "A", "expr": "sum(sent)"}]}

Good:
    {"type": "timeseries", "title": "Traffic",
     "targets": [{"refId": "A", "expr": "sum(received)"}, {"refId": "B", "expr": "sum(sent)"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.dashboards.result import LintOptions, LintResult
from obscode.reader.dashboards.model import Dashboard


def check(dashboard: Dashboard, asked: LintOptions) -> Iterator[LintResult]:
    """Queries with the refId of another."""
    seen: set[tuple[int, str]] = set()
    for panel, target in dashboard.targets():
        key = (id(panel), target.ref)
        if target.ref and key in seen:
            message = f"two queries of {panel.name} have the refId {target.ref!r}"
            yield LintResult(message, "give the second another letter", target.node.at("refId"), panel, target)
        seen.add(key)
