"""A query heeds the choice of `$job`: in the profile mixin, each of its selectors matches `job=~"$job"`.

Why: a reader who chooses one job takes every number on the panel for that of the job chosen. By default, only
a query that forgot it is told, where all others of its panel read `$job`.

Bad:
    {
      "type": "timeseries",
      "title": "Memory",
      "targets": [
        {"refId": "A", "expr": "sum(memory_used_bytes{job=~'$job'})"},
        {"refId": "B", "expr": "sum(memory_cached_bytes{job=~'$job'})"},
        {"refId": "C", "expr": "sum(memory_free_bytes)"}
      ]
    }

Good:
    {
      "type": "timeseries",
      "title": "Memory",
      "targets": [
        {"refId": "A", "expr": "sum(memory_used_bytes{job=~'$job'})"},
        {"refId": "B", "expr": "sum(memory_cached_bytes{job=~'$job'})"},
        {"refId": "C", "expr": "sum(memory_free_bytes{job=~'$job'})"}
      ]
    }
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.dashboards import job_instance
from obscode.checks.dashboards.result import LintOptions, LintResult
from obscode.reader.dashboards.model import Dashboard


def check(dashboard: Dashboard, asked: LintOptions) -> Iterator[LintResult]:
    """Queries that show every job."""
    return job_instance.targets(dashboard, asked, "job")
