"""A report as JSON, for programs: all times in ISO 8601, all lengths in seconds."""

from __future__ import annotations

import json
from typing import Any

from obscode.backtest.report import BacktestReport, Firing, Score, Version
from obscode.backtest.schedule import Instant
from obscode.backtest.times import iso_text


def render(report: BacktestReport) -> str:
    """The report as JSON, with a line feed at its end."""
    return json.dumps(data(report), indent=2, ensure_ascii=False) + "\n"


def data(report: BacktestReport) -> dict[str, Any]:
    """The report as plain data."""
    content: dict[str, Any] = {
        "start": iso_text(report.start),
        "end": iso_text(report.end),
        "old": report.before or None,
        "new": report.after,
        "prometheus": report.engine,
        "alerts": [
            {
                "name": alert.name,
                "labels": dict(sorted(alert.labels.items())),
                "change": alert.action,
                "old": _version(alert.old, report),
                "new": _version(alert.new, report),
            }
            for alert in report.alerts
        ],
        "unchanged": report.unchanged,
        "missing_data": list(report.gaps),
        "notes": list(report.notes),
    }
    if report.scores:
        content["incidents"] = {
            name: _score(score) for name, score in zip(("old", "new"), report.scores, strict=True) if score
        }
    return content


def _version(version: Version | None, report: BacktestReport) -> dict[str, Any] | None:
    if version is None:
        return None
    return {
        "origin": version.origin,
        "seconds": version.duration(report.start, report.end) / 1000,
        "firings": [_firing(firing) for firing in version.firings],
    }


def _firing(firing: Firing) -> dict[str, Any]:
    return {"labels": dict(firing.labels), "start": iso_text(firing.start), "end": _end(firing.end)}


def _end(end: Instant | None) -> str | None:
    return None if end is None else iso_text(end)


def _score(score: Score) -> dict[str, Any]:
    return {
        "recall": score.recall,
        "precision": score.precision,
        "detections": [
            {
                "incident": each.incident,
                "seconds": None if each.after is None else each.after / 1000,
                "alert": each.alert or None,
            }
            for each in score.detections
        ],
        "firings": score.firings,
        "unmatched": [{"alert": name, **_firing(firing)} for name, firing in score.unmatched],
    }
