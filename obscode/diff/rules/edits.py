"""What differs between a rule before and after, in words and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from obscode.artifacts.rules import AlertingRule, Rule, RuleGroup
from obscode.diff.change import Edit, Risk
from obscode.diff.expressions import condition_edits, expression_edits
from obscode.diff.rules.durations import duration_text, length
from obscode.diff.rules.located import LocatedRule
from obscode.diff.sentences import listed, mapping_edits

SEVERITY = "severity"
# From the least urgent; words that projects use.
_SEVERITIES = (
    ("none", "debug"),
    ("info", "information", "informational", "notice"),
    ("minor", "low", "ticket", "warn", "warning", "p3", "p4", "sev3", "medium"),
    ("error", "major", "high", "p2", "sev2"),
    ("critical", "crit", "page", "p1", "sev1", "disaster", "emergency", "urgent", "fatal"),
)


def rule_edits(before: LocatedRule, after: LocatedRule) -> list[Edit]:
    """Every value that differs; none for rules that mean the same."""
    old, new = before.rule, after.rule
    edits = _condition(old, new)
    if isinstance(old, AlertingRule) and isinstance(new, AlertingRule):
        edits += duration_edits(old, new)
    edits += label_edits(old, new)
    if isinstance(old, AlertingRule) and isinstance(new, AlertingRule):
        edits += (_as_text(edit) for edit in mapping_edits(old.annotations, new.annotations, "annotation"))
    return edits


def _condition(old: Rule, new: Rule) -> list[Edit]:
    compare = condition_edits if isinstance(old, AlertingRule) else expression_edits
    return list(compare(old.expr, new.expr))


def duration_edits(old: AlertingRule, new: AlertingRule) -> Iterator[Edit]:
    """`for` and `keep_firing_for`, if they differ."""
    before, after = length(old.for_), length(new.for_)
    if before != after:
        yield Edit("for", duration_text(old.for_), duration_text(new.for_), "weaker" if after > before else "stricter")
    if length(old.keep_firing_for) != length(new.keep_firing_for):
        yield Edit("keep_firing_for", duration_text(old.keep_firing_for), duration_text(new.keep_firing_for))


def label_edits(old: Rule, new: Rule) -> Iterator[Edit]:
    """The labels that differ; silences, inhibitions and routes may match them."""
    before, after = old.labels.get(SEVERITY), new.labels.get(SEVERITY)
    if isinstance(old, AlertingRule) and before != after:
        yield Edit("severity", before, after, _severity_risk(before, after))
    skipped = {SEVERITY} if isinstance(old, AlertingRule) else set()
    left, right = ({key: value for key, value in each.labels.items() if key not in skipped} for each in (old, new))
    for edit in mapping_edits(left, right, "label"):
        yield Edit(edit.what, edit.before, edit.after, "history")


def unmatched(edits: Iterable[Edit], labels: Mapping[str, str]) -> Iterator[str]:
    """A sentence about the labels of alerts whose values before no longer match."""
    names = [
        edit.what.removeprefix("label ") for edit in edits if edit.what.startswith("label ") or edit.what == SEVERITY
    ]
    values = [f'{name}="{labels[name]}"' for name in names if name in labels]
    if values:
        yield f"Silences, inhibitions and routes that match {listed(values)} no longer match."


def _severity_risk(before: str | None, after: str | None) -> Risk:
    old, new = (
        next((rank for rank, names in enumerate(_SEVERITIES) if (each or "").lower() in names), None)
        for each in (before, after)
    )
    if old is None or new is None or old == new:
        return "history"
    return "weaker" if new < old else "stricter"


def _as_text(edit: Edit) -> Edit:
    return Edit(edit.what, edit.before, edit.after, "text")


def group_edits(old: RuleGroup, new: RuleGroup) -> Iterator[Edit]:
    """The interval and the settings of a group that differ."""
    if length(old.interval) != length(new.interval):
        yield Edit("interval", interval_text(old), interval_text(new), _interval_risk(old, new))
    for key in dict.fromkeys([*old.settings, *new.settings]):
        before, after = old.settings.get(key), new.settings.get(key)
        if before != after and not _same_duration(before, after):
            old_text, new_text = (None if each is None else str(each) for each in (before, after))
            yield Edit(key, old_text, new_text)


def _same_duration(before: object, after: object) -> bool:
    return isinstance(before, str) and isinstance(after, str) and 0 <= length(before) == length(after)


def interval_text(group: RuleGroup) -> str:
    """`1m`; `default` for the global interval."""
    return duration_text(group.interval) if group.interval else "default"


def _interval_risk(old: RuleGroup, new: RuleGroup) -> Risk:
    if not (old.interval and new.interval) or not any(isinstance(rule, AlertingRule) for rule in new.rules):
        return "changed"
    return "weaker" if length(new.interval) > length(old.interval) else "stricter"
