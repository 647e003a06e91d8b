"""Pages of dashboards with data: the views, the documents and the index, as files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.files import File
from obscode.preview import page
from obscode.preview.comparison import Comparison
from obscode.preview.document import document
from obscode.preview.view import View

_MOST_POINTS = 50_000  # a page has about 150 kB for these

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Preview:
    """A dashboard with its views; ``note`` stands behind its title in the index."""

    dashboard: Dashboard
    href: str
    views: Sequence[View]
    before: Sequence[View] | None = None
    note: str = ""

    @property
    def stored(self) -> Sequence[View]:
        """The views that the page contains: the first ones, up to a number of points."""
        most = _MOST_POINTS // 2 if self.before else _MOST_POINTS
        points = 0
        for number, each in enumerate(self.views):
            points += each.points()
            if number and points > most:
                return self.views[:number]
        return self.views

    def file(self, extra_script: str = "") -> File:
        """The page, with another script if it is served."""
        before = self.before[: len(self.stored)] if self.before is not None else None
        drawn = document(self.dashboard.body, self.href, self.stored, before)
        return File(self.href, page.render(drawn, extra_script=extra_script))

    def entry(self) -> dict[str, Any]:
        """What the index says about it."""
        panels = [panel for panel in self.views[0].panels if panel.placed.kind != "row"] if self.views else []
        return {
            "title": f"{self.dashboard.title} ({self.note})" if self.note else self.dashboard.title,
            "href": self.href,
            "folder": self.dashboard.folder,
            "tags": list(self.dashboard.body.get("tags") or []),
            "panels": len(panels),
            "undrawable": sum(bool(panel.document["undrawable"]) for panel in panels),
            "errors": sum(bool(panel.data.errors) for panel in panels),
            "changed": Comparison(self.before, self.views).changed_panels() if self.before is not None else None,
        }


def hrefs(dashboards: Iterable[Dashboard]) -> list[str]:
    """The names of the pages: the uid, else the title; each once."""
    result: dict[str, None] = {"index.html": None}
    for dashboard in dashboards:
        name = _UNSAFE.sub("-", dashboard.uid or dashboard.title).strip("-.").lower() or "dashboard"
        number, href = 1, f"{name}.html"
        while href in result:
            number += 1
            href = f"{name}-{number}.html"
        result[href] = None
    return list(result)[1:]


def index(entries: Sequence[Mapping[str, Any]]) -> File:
    """The page that lists the others."""
    return File("index.html", page.render_index(entries))
