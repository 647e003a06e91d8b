"""The templates of an alert read labels that its expression has.

Why: Prometheus expands `{{ $labels.pod }}` to an empty text if the result of the expression has no label `pod`: an
aggregation removed it, or the name is misspelt. Notifications then read "pod  restarts". `$labels` does not have the
labels that the alert adds, such as `severity`, either.

Bad:
    Alert("Restarts", "sum by (namespace) (rate(restarts_total[5m])) > 1", severity="page",
          summary="pod {{ $labels.pod }} restarts")

Good:
    Alert("Restarts", "sum by (namespace, pod) (rate(restarts_total[5m])) > 1", severity="page",
          summary="pod {{ $labels.pod }} restarts")
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse
from obscode.promql.template_labels import labels_read

_NO_LABELS = "keep it in the expression, whose result has no labels"


@check(AlertingRule, severity="warning")
def template_label(alert: AlertingRule, context: Context) -> Iterator[Finding]:
    """Labels in templates that the expression removes."""
    texts = {name: read for name, text in texts_of(alert) if (read := labels_read(text))}
    if not texts:
        return
    try:
        labels = parse(alert.expr).labels
    except PromQLError:  # reported by promql-syntax
        return
    for name, read in texts.items():
        for label in read:
            if labels is not None and label not in labels:
                message = (
                    f"the {name} of alert {alert.name} reads the label {label!r}, which its expression does not have"
                )
                yield alert.source.finding(template_label, message, label_hint(alert, label, labels), at=name)


def texts_of(alert: AlertingRule) -> Iterator[tuple[str, str]]:
    """The names and the texts that Prometheus expands."""
    yield from alert.labels.items()
    yield from alert.annotations.items()


def label_hint(alert: AlertingRule, label: str, labels: Set[str]) -> str:
    """What to write instead of a label that is none of the labels of the expression."""
    if label in alert.labels or label == "alertname":
        return "$labels are those of the expression; write the value itself"
    if near := did_you_mean(label, labels):
        return near
    return f"keep it in the expression, or read one of {', '.join(sorted(labels))}" if labels else _NO_LABELS
