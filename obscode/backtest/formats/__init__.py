"""A report of a backtest as text, JSON or HTML: a pure function per format."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from obscode.backtest.formats import html, json_text, text
from obscode.backtest.report import BacktestReport

FORMATS: Mapping[str, Callable[[BacktestReport], str]] = {
    "text": text.render,
    "json": json_text.render,
    "html": html.render,
}
