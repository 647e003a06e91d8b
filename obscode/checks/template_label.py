"""The templates of an alert read labels that its expression has.

Why: Prometheus expands `{{ $labels.pod }}` to an empty text if the result of the expression has no label `pod`: an
aggregation removed it, or the name is misspelt. Notifications then read "pod  restarts". `$labels` does not have the
labels that the alert adds, such as `severity`, either. In `up == 0 or absent(up{job="shop"})`, the result of `absent`
has the labels of its equality matchers only.

Bad:
    Alert("Restarts", "sum by (namespace) (rate(restarts_total[5m])) > 1", severity="page",
          summary="pod {{ $labels.pod }} restarts")

Good:
    Alert("Restarts", "sum by (namespace, pod) (rate(restarts_total[5m])) > 1", severity="page",
          summary="pod {{ $labels.pod }} restarts")
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import replace

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.suggestions import did_you_mean
from obscode.promql.syntax_tree import BinaryOperation, Call, Node
from obscode.promql.template_labels import labels_read
from obscode.promql.types.functions import FUNCTIONS, Function
from obscode.promql.types.labels import NAME

_NO_LABELS = "keep it in the expression, whose result has no labels"


@check(TypedExpression, severity="warning")
def template_label(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Labels in templates that the expression removes."""
    alert, labels = expression.rule, expression.types.result.labels
    if not isinstance(alert, AlertingRule):
        return
    absent = list(_absent(expression.tree))
    for name, text in texts_of(alert):
        for label in labels_read(text):
            reads = f"the {name} of alert {alert.name} reads the label {label!r}, which"
            lacking = [call for call in absent if not expression.type(call).labels.can_have(label)]
            # Prometheus removes the name from the labels of an alert.
            if not labels.can_have(label) or label == NAME:
                message, hint = f"{reads} its expression does not have", label_hint(alert, label, labels.possible)
            elif lacking:
                message = f"{reads} `{expression.part(lacking[0])}` does not have"
                hint = f"write an alert of its own for {lacking[0].function}()"
            else:
                continue
            finding = alert.source.finding(template_label, message, hint, at=name)
            yield replace(finding, span=_span(alert, name, text, label))


def _absent(node: Node) -> Iterator[Call]:
    """The calls of absent() that are results of the expression by themselves: those between `or`."""
    if isinstance(node, BinaryOperation) and node.operator == "or":
        for side in node.children:
            yield from _absent(side)
    elif isinstance(node, Call) and FUNCTIONS.get(node.function, Function()).labels == "absent":
        yield node


def texts_of(alert: AlertingRule) -> Iterator[tuple[str, str]]:
    """The names and the texts that Prometheus expands."""
    yield from alert.labels.items()
    yield from alert.annotations.items()


def _span(alert: AlertingRule, name: str, text: str, label: str) -> SourceSpan | None:
    """The span of `$labels.pod` in the text; of the whole text for other notations."""
    if match := re.search(rf"(?:\$labels|\$?\.Labels)\.{re.escape(label)}(?!\w)", text):
        return alert.source.characters_span(name, *match.span())
    return alert.source.span(name)


def label_hint(alert: AlertingRule, label: str, labels: Set[str] | None) -> str:
    """What to write instead of a label that is none of the labels of the expression; None if these are unknown."""
    if label in alert.labels or label == "alertname":
        return "$labels are those of the expression; write the value itself"
    if labels is None:
        return "keep it in the expression"
    if near := did_you_mean(label, labels):
        return near
    own = sorted(each for each in labels if not each.startswith("exported_"))
    if not own:
        return _NO_LABELS
    return f"keep it in the expression, or read {'one of ' if len(own) > 1 else ''}{', '.join(own)}"
