"""The scripts and styles of a page, read from this package and joined in a fixed order."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

# A module uses what stands before it; functions may also call what comes later.
MODULES = (
    "dates",
    "unit_table",
    "units",
    "color_schemes",
    "colors",
    "mappings",
    "reducers",
    "frames",
    "matchers",
    "fields",
    "transformations/registry",
    "transformations/join",
    "transformations/fields",
    "transformations/rows",
    "transformations/labels",
    "transformations/calculate",
    "markdown",
    "dom",
    "plot",
    "axes",
    "tooltip",
    "legend",
    "document",
    "panels/registry",
    "panels/timeseries",
    "panels/stat",
    "panels/bargauge",
    "panels/gauge",
    "panels/table",
    "panels/text",
    "panels/cells",
    "panels/heatmap",
    "panels/state_timeline",
    "panels/piechart",
    "panels/barchart",
    "panels/histogram",
    "panels/xychart",
    "panels/logs",
    "panels/lists",
    "layout",
    "header",
    "timeline",
    "compare",
    "main",
)
_UPLOT = "vendor/uPlot.iife.min.js"
_UPLOT_STYLE = "vendor/uPlot.min.css"


@cache
def own_scripts() -> str:
    """The modules of the page, without the plotting library: what tests run in an engine without a browser."""
    return "\n".join(_text(f"js/{name}.js") for name in MODULES)


@cache
def page_scripts() -> str:
    return f'"use strict";\n{_text(_UPLOT)}\n{own_scripts()}'


@cache
def page_style() -> str:
    return f"{_text(_UPLOT_STYLE)}\n{_text('page.css')}"


def _text(name: str) -> str:
    return files("obscode.preview.page").joinpath(name).read_text(encoding="utf-8")
