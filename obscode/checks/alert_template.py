"""Double braces in the labels and annotations of an alert are a valid template.

Why: Prometheus expands `{{ ... }}` in labels and annotations with its own template language. obscode escapes
other text in double braces, because Prometheus would reject the rule file; notifications then contain the braces.
https://prometheus.io/docs/prometheus/latest/configuration/template_reference/

Bad:
    Alert("SlowModel", "model_latency_seconds > 1", severity="ticket", summary="{{model}} is slow")

Good:
    Alert("SlowModel", "model_latency_seconds > 1", severity="ticket", summary="{{ $labels.model }} is slow")
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.promql.alert_template import invalid_templates


# In files, braces that are not a template are an error: obscode.reader.rules reports them.
@check(AlertingRule, severity="warning", scope="compiled")
def alert_template(alert: AlertingRule, context: Context) -> Iterator[Finding]:
    """Braces that are not a template: obscode escapes them, so Prometheus does not expand them."""
    for name, text in [*alert.labels.items(), *alert.annotations.items()]:
        for braces, _ in invalid_templates(text):
            message = (
                f"{braces!r} in the {name} of alert {alert.name} is not a template, so Prometheus does not expand it"
            )
            yield alert.source.finding(alert_template, message, _hint(braces), at=name)


def _hint(braces: str) -> str:
    label = re.fullmatch(r"\{\{\s*\$?(?:labels?\.)?([A-Za-z_]\w*)\s*\}\}", braces)
    return (
        f"write {{{{ $labels.{label[1]} }}}}" if label else "write {{ $labels.name }} or {{ $value }} to show a value"
    )
