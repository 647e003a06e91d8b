"""A template reads samples of a query only if the query returns some.

Why: `first` fails if the query returns nothing, and the notification then contains `<error expanding template: ...>`.
Series that the expression of the alert reads, such as `up`, exist when the alert fires; others may not.

Bad:
    Alert("QueueFull", "queue_length > 100", severity="page",
          summary='{{ query "sum(workers)" | first | value }} workers')

Good:
    Alert("QueueFull", "queue_length > 100", severity="page",
          summary='{{ with query "sum(workers)" }}{{ . | first | value }} workers{{ end }}')
"""

from __future__ import annotations

from collections.abc import Iterable

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding


@check(AlertingRule, severity="warning", by_tool=True)
def template_query(alert: AlertingRule, context: Context) -> Iterable[Finding]:
    """Samples that a query may not return; `obscode.verify.alert_templates` reports them."""
    return ()
