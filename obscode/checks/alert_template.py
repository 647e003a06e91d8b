"""What looks like a template in the labels and annotations of an alert is one.

Why: Prometheus expands `{{ ... }}` there with names of its own. Anything else between the braces is shown
to the person on call as it was written; before obscode escaped it, it made Prometheus refuse the rule file.
https://prometheus.io/docs/prometheus/latest/configuration/template_reference/

Bad:
    Alert("SlowModel", "model_latency_seconds > 1", summary="{{model}} is slow")

Good:
    Alert("SlowModel", "model_latency_seconds > 1", summary="{{ $labels.model }} is slow")
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.promql.alert_template import invalid_templates


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Braces that begin no template, each as a warning: they are legal, and come out as written."""
    for rule in artifacts.rules():
        if isinstance(rule, AlertingRule):
            for name, text in [*rule.labels.items(), *rule.annotations.items()]:
                for wrong in invalid_templates(text):
                    message = f"{wrong!r} in the {name} of alert {rule.name} is no template; it is shown as written"
                    finding = rule.source.finding("alert-template", message, _hint(wrong), at=name)
                    yield rule.source, replace(finding, severity="warning")


def _hint(wrong: str) -> str:
    label = re.fullmatch(r"\{\{\s*\$?(?:labels?\.)?([A-Za-z_]\w*)\s*\}\}", wrong)
    return (
        f"write {{{{ $labels.{label[1]} }}}}" if label else "write {{ $labels.name }} or {{ $value }} to show a value"
    )
