"""The document that a page of the preview draws: all views of a dashboard as one JSON value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from obscode.preview.comparison import Change, Comparison
from obscode.preview.view import View

_DROPPED = ("panels", "rows", "templating", "__inputs", "__elements", "__requires")


def document(
    body: Mapping[str, Any], href: str, views: Sequence[View], before: Sequence[View] | None = None
) -> dict[str, Any]:
    """The document of a dashboard; ``before`` are the views of the base revision, None without one."""
    comparison = Comparison(before, views) if before is not None else None
    result: dict[str, Any] = {
        "dashboard": {key: value for key, value in body.items() if key not in _DROPPED},
        "href": href,
        "index": "index.html",
        "views": _documents(views, comparison.changes_after() if comparison else None),
        "before": None,
    }
    if before is not None and comparison:
        result["before"] = _documents(before, comparison.changes_before())
    return result


def _documents(views: Sequence[View], changes: Sequence[Mapping[str, Change]] | None) -> list[dict[str, Any]]:
    """The views; frames that an earlier view has are stored there only."""
    known: dict[str, str] = {}
    documents = [view.document() for view in views]
    for number, each in enumerate(documents):
        panels = [_with_reference(panel, number, known) for panel in each["panels"]]
        if changes is not None:
            panels = [{**panel, "change": changes[number][panel["key"]]} for panel in panels]
        each["panels"] = panels
    return documents


def _with_reference(panel: Mapping[str, Any], number: int, known: dict[str, str]) -> Mapping[str, Any]:
    if not panel["frames"]:
        return panel
    text = json.dumps(panel["frames"], sort_keys=True)
    place = known.setdefault(text, f"{number}/{panel['key']}")
    return panel if place == f"{number}/{panel['key']}" else {**panel, "frames": {"ref": place}}
