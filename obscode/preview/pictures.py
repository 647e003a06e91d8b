"""Pages as PNG files, for pull requests and documentation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from obscode.preview.comparison import Comparison
from obscode.preview.rendering import Preview
from obscode.preview.view import View
from obscode.project.progress import Progress, no_progress
from obscode.verify.browser import require_browser, take_picture

_WIDTH = 1400  # pixels
_ROW = 38  # of the grid, with the space between two
_HEADER, _ALERT = 190, 22
_PAIR, _FOLDED = 2, 120  # rows of the title of two panels that differ; pixels of the list of those that do not
_HIGHEST = 16_000  # Chromium draws no higher pictures


def write_pictures(previews: Sequence[Preview], out: Path, progress: Progress = no_progress) -> list[Path]:
    """Write a picture beside each page, of its first view; raises ToolError without a browser."""
    browser = require_browser()
    written = []
    for preview in previews:
        picture = (out / preview.href).with_suffix(".png")
        progress("picture", picture.name, total=len(previews))
        fragment = "#theme=light&rows=open" + ("" if preview.before else "&show=all")
        take_picture(browser, out / preview.href, picture, width=_WIDTH, height=_height(preview), fragment=fragment)
        written.append(picture)
    return written


def _height(preview: Preview) -> int:
    view = preview.views[0]
    if preview.before:  # pairs of the panels that changed
        changes = Comparison(preview.before, preview.views).changes_after()[0]
        changed = [panel.placed for panel in view.panels if changes[panel.placed.key] != "same"]
        bottom = sum(panel.place("h") + _PAIR for panel in changed)
        return _bounded(bottom * _ROW + _HEADER + _FOLDED + _alerts(view))
    bottom = max((panel.placed.place("y") + panel.placed.place("h") for panel in view.panels), default=4)
    return _bounded(bottom * _ROW + _HEADER + _alerts(view))


def _alerts(view: View) -> int:
    """The height of the timeline of alerts."""
    alerts = len({(alert["name"], str(alert["labels"])) for alert in view.range.alerts})
    return min(alerts, 20) * _ALERT + 60 if alerts else 0


def _bounded(height: int) -> int:
    return min(max(height, 400), _HIGHEST)
