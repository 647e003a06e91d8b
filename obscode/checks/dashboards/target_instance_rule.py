"""A query heeds the choice of `$instance`: in the profile mixin, each of its selectors matches `instance=~"$instance"`.

Why: a reader who chooses one instance takes every number on the panel for that of the instance chosen. By default, only
a query that forgot it is told, where all others of its panel read `$instance`.

Bad:
    {
      "type": "timeseries",
      "title": "Memory",
      "targets": [
        {"refId": "A", "expr": "sum(memory_used_bytes{instance=~'$instance'})"},
        {"refId": "B", "expr": "sum(memory_cached_bytes{instance=~'$instance'})"},
        {"refId": "C", "expr": "sum(memory_free_bytes)"}
      ]
    }

Good:
    {
      "type": "timeseries",
      "title": "Memory",
      "targets": [
        {"refId": "A", "expr": "sum(memory_used_bytes{instance=~'$instance'})"},
        {"refId": "B", "expr": "sum(memory_cached_bytes{instance=~'$instance'})"},
        {"refId": "C", "expr": "sum(memory_free_bytes{instance=~'$instance'})"}
      ]
    }
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.dashboards import job_instance
from obscode.checks.dashboards.result import LintOptions, LintResult
from obscode.reader.dashboards.model import Dashboard


def check(dashboard: Dashboard, asked: LintOptions) -> Iterator[LintResult]:
    """Queries that show every instance."""
    return job_instance.targets(dashboard, asked, "instance")
