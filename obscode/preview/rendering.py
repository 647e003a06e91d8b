"""Pages of dashboards with data: the views, the documents and the index, as files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.files import File
from obscode.clients.prometheus import PrometheusClient
from obscode.preview import page
from obscode.preview.document import document
from obscode.preview.view import Range, View, view

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Preview:
    """A dashboard with its views."""

    dashboard: Dashboard
    href: str
    views: Sequence[View]
    before: Sequence[View] | None = None

    def file(self) -> File:
        """The page."""
        return File(self.href, page.render(document(self.dashboard.body, self.href, self.views, self.before)))

    def entry(self) -> dict[str, Any]:
        """What the index says about it."""
        panels = [panel for panel in self.views[0].panels if panel.placed.kind != "row"] if self.views else []
        return {
            "title": self.dashboard.title,
            "href": self.href,
            "folder": self.dashboard.folder,
            "tags": list(self.dashboard.body.get("tags") or []),
            "panels": len(panels),
            "undrawable": sum(bool(panel.document["undrawable"]) for panel in panels),
            "errors": sum(bool(panel.data.errors) for panel in panels),
            "changed": None,
        }


def previews(
    dashboards: Sequence[Dashboard],
    client: PrometheusClient,
    ranges: Sequence[Range],
    selects: Mapping[str, str] | None = None,
) -> Iterator[Preview]:
    """The dashboards with a view for each range."""
    for dashboard, href in zip(dashboards, hrefs(dashboards), strict=True):
        yield Preview(dashboard, href, [view(dashboard.body, client, visible, selects) for visible in ranges])


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
