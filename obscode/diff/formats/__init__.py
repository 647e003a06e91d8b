"""A report as text, Markdown, JSON or HTML: a pure function per format."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from obscode.diff.formats import text
from obscode.diff.report import Report

FORMATS: Mapping[str, Callable[[Report], str]] = {"text": text.render}
