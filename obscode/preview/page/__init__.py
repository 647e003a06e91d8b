"""Self-contained HTML pages that draw the document of a dashboard as Grafana draws it."""

from obscode.preview.page.html import render, render_index

__all__ = ["render", "render_index"]
