"""A report as text, Markdown, JSON or HTML: a pure function per format."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from obscode.diff.formats import html_page, json_text, markdown, text
from obscode.diff.report import Report

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": text.render,
    "markdown": markdown.render,
    "json": json_text.render,
    "html": html_page.render,
}
