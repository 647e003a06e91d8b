"""A report as JSON, for other programs."""

from __future__ import annotations

import json
from typing import Any

from obscode.diff.change import Change, Edit
from obscode.diff.report import Report


def render(report: Report) -> str:
    """An object with all changes, the riskiest first; also if there are none."""
    value = {
        "base": report.base,
        "head": report.head,
        "changes": [_change(change) for change in report.changes],
        "cost": list(report.cost),
        "not_compared": dict(report.not_compared),
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _change(change: Change) -> dict[str, Any]:
    span = change.source.span() if change.source else None
    return {
        "risk": change.risk,
        "action": change.action,
        "kind": change.kind,
        "name": change.name,
        "sentence": change.sentence,
        "edits": [_edit(edit) for edit in change.edits],
        "effects": list(change.effects),
        "count": change.count,
        "file": span.file if span else None,
        "line": span.line if span else None,
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {"what": edit.what, "of": edit.of or None, "before": edit.before, "after": edit.after, "risk": edit.risk}
