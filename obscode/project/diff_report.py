"""The diff of two sides as a report."""

from __future__ import annotations

from obscode.diff.comparison import compare
from obscode.diff.report import Report
from obscode.diff.rule_cost import cost_sentences
from obscode.project.revisions import Side


def diff_report(before: Side, after: Side, *, layout: bool = False) -> Report:
    """What changes from one side to the other; a file that is invalid on one side is compared on none.

    Args:
        layout: report the places of panels, too.
    """
    invalid = {**before.invalid, **after.invalid}
    old, new = before.artifacts(invalid), after.artifacts(invalid)
    changes = compare(old, new).changes
    return Report(
        before.label,
        after.label,
        [change for change in changes if layout or change.risk != "layout"],
        cost_sentences(old, new),
        not_compared={path: str(findings[0].message) for path, findings in sorted(invalid.items())},
    )
