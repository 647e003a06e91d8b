"""The templates of an alert read external labels that the server has.

Why: Prometheus expands `{{ $externalLabels.cluster }}` to an empty text if the server has no external label `cluster`.

Bad:
    Project("team", prometheus=PrometheusServer(external_labels={"cluster": "eu"}))
    Alert("Down", "up == 0", severity="page", summary="down in {{ $externalLabels.clster }}")

Good:
    Project("team", prometheus=PrometheusServer(external_labels={"cluster": "eu"}))
    Alert("Down", "up == 0", severity="page", summary="down in {{ $externalLabels.cluster }}")
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from obscode.artifacts.rules import AlertingRule, RuleGroup
from obscode.checks.check import Context, check
from obscode.checks.template_label import texts_of
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.suggestions import did_you_mean
from obscode.promql.template_labels import external_labels_read


@check(RuleGroup, severity="warning")
def unknown_external_label(group: RuleGroup, context: Context) -> Iterator[Finding]:
    """External labels in templates that the server does not have."""
    known = context.server.external_labels
    if known is None or group.is_global:  # a ruler has labels of its own
        return
    for alert in (rule for rule in group.rules if isinstance(rule, AlertingRule)):
        for name, text in texts_of(alert):
            for label in external_labels_read(text):
                if label not in known:
                    yield _finding(alert, name, text, label, known)


def _finding(alert: AlertingRule, name: str, text: str, label: str, known: Collection[str]) -> Finding:
    message = f"the {name} of alert {alert.name} reads the external label {label!r}, which no server has"
    hint = did_you_mean(label, known) or f"the external labels are {', '.join(sorted(known)) or 'none'}"
    finding = alert.source.finding(unknown_external_label, message, hint, at=name)
    return replace(finding, span=_span(alert, name, text, label))


def _span(alert: AlertingRule, name: str, text: str, label: str) -> SourceSpan | None:
    if match := re.search(rf"(?:\$externalLabels|\$?\.ExternalLabels)\.{re.escape(label)}(?!\w)", text):
        return alert.source.characters_span(name, *match.span())
    return alert.source.span(name)
