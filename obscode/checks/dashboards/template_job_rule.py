"""The variable `job` reads the datasource that is chosen; the profile mixin demands one, in one form everywhere.

Why: a variable that is bound to another datasource than the panels offers values that the panels do not have,
and every panel stays empty. dashboard-linter demands the variable itself, too, with the label "Job", several
values at once, and `.+` for all: `.*` would match series without the label.

Bad:
    {
      "name": "job",
      "label": "Job",
      "type": "query",
      "query": "label_values(up, job)",
      "datasource": {"type": "prometheus", "uid": "prod-eu"},
      "multi": true,
      "includeAll": true,
      "allValue": ".+",
      "refresh": 2
    }

Good:
    {
      "name": "job",
      "label": "Job",
      "type": "query",
      "query": "label_values(up, job)",
      "datasource": {"type": "prometheus", "uid": "${datasource}"},
      "multi": true,
      "includeAll": true,
      "allValue": ".+",
      "refresh": 2
    }
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.dashboards import job_instance
from obscode.checks.dashboards.result import LintOptions, LintResult
from obscode.reader.dashboards.model import Dashboard


def check(dashboard: Dashboard, asked: LintOptions) -> Iterator[LintResult]:
    """What is wrong with the variable `job`."""
    return job_instance.template(dashboard, asked, "job")
