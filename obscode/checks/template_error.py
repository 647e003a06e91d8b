"""The templates of an alert expand without an error.

Why: Prometheus parses templates when it loads a rule file, and executes them when the alert fires. A template that
fails then becomes `<error expanding template: ...>` in the notification. `obscode check` lets promtool expand the
templates of every alert with several values and labels.
https://prometheus.io/docs/prometheus/latest/configuration/template_reference/

Bad:
    Alert("QueueFull", "queue_length > 100", severity="page",
          summary="{{ if gt $value 1000 }}more than a thousand{{ else }}hundreds{{ end }}")

Good:
    Alert("QueueFull", "queue_length > 100", severity="page",
          summary="{{ if gt $value 1000.0 }}more than a thousand{{ else }}hundreds{{ end }}")
"""

from __future__ import annotations

from collections.abc import Iterable

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding


@check(AlertingRule, by_tool=True)
def template_error(alert: AlertingRule, context: Context) -> Iterable[Finding]:
    """Templates that fail when they are expanded; `obscode.verify.alert_templates` reports them."""
    return ()
