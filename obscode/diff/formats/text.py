"""A report for a terminal: a line for each change, below the class of its risk."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.diff.report import Report


def render(report: Report) -> str:
    """The report; empty if nothing changes."""
    return "" if report.is_empty else "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    for risk, changes in report.by_risk().items():
        yield f"{risk}:"
        for change in changes:
            yield f"  {change.sentence}" + (f"  [{change.place}]" if change.place else "")
            yield from (f"    {effect}" for effect in change.effects)
    for path, reason in report.not_compared.items():
        yield f"not compared: {path}: {reason}"
    yield from report.cost
    yield report.summary()
