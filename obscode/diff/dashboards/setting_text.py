"""What people call the settings of panels and dashboards, and their values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from obscode.diff.change import Edit
from obscode.diff.json_differences import Difference, Path
from obscode.diff.sentences import edit, quoted, quoted_pair

_NAMES: Mapping[Path, str] = {
    ("cacheTimeout",): "cache timeout",
    ("datasource",): "data source",
    ("decimals",): "decimals",
    ("displayMode",): "display mode",
    ("displayName",): "name of the fields",
    ("fiscalYearStartMonth",): "first month of the fiscal year",
    ("graphTooltip",): "tooltip",
    ("hideTimeOverride",): "hidden time range",
    ("maxDataPoints",): "maximum of data points",
    ("maxPerRow",): "maximum of panels in a row",
    ("max",): "maximum",
    ("min",): "minimum",
    ("noValue",): "text without a value",
    ("preload",): "loading of folded panels",
    ("reduceOptions", "calcs"): "calculation",
    ("reduceOptions", "values"): "all values",
    ("reduceOptions", "fields"): "fields",
    ("repeat",): "repetition by variable",
    ("repeatDirection",): "direction of the repetition",
    ("timezone",): "time zone",
    ("timeFrom",): "time range of its own",
    ("weekStart",): "first day of the week",
    ("showLegend",): "legend",
    ("legend", "showLegend"): "legend",
    ("legend", "show"): "legend",
    ("legend", "calcs"): "values in the legend",
    ("content",): "text",
    ("linewidth",): "line width",
    ("pointradius",): "point radius",
    ("format",): "unit",
    ("color", "mode"): "color mode",
    ("color", "fixedColor"): "color",
    ("custom", "hideFrom", "viz"): "hiding of the series",
    ("stacking", "mode"): "stacking",
    ("thresholdsStyle", "mode"): "style of the thresholds",
    ("cellOptions", "type"): "cell type",
    ("timepicker", "refresh_intervals"): "intervals of refreshing",
    ("timepicker", "hidden"): "hidden time picker",
    ("timepicker", "nowDelay"): "delay of now",
}
_GRAPH_TOOLTIPS = {0: "of each panel", 1: "with a shared crosshair", 2: "shared by all panels"}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SETTING = re.compile(r"[a-z][A-Za-z0-9 ]*")  # other keys are names of fields
_SHORT = 60


def setting_name(path: Path) -> str:
    """`legend placement` of `options.legend.placement`, `line width` of `custom.lineWidth`."""
    path = tuple(key for key in path if key not in ("options", "fieldConfig", "defaults"))
    if path in _NAMES:
        return _NAMES[path]
    if path and path[0] == "custom":
        return setting_name(path[1:])
    return " ".join(_step(key) for key in path) or "settings"


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return str(key + 1)
    return _WORD.sub(" ", key).lower() if _SETTING.fullmatch(key) else quoted(key)


def edits_of(differences: Iterable[Difference], before: str = "") -> Iterator[Edit]:
    """The edits in words; ``before`` precedes the name of each."""
    for each in differences:
        yield setting_edit(f"{before} {setting_name(each.path)}".lstrip(), each)


def setting_edit(what: str, each: Difference) -> Edit:
    """The edit of a setting in words."""
    if each.path[-1:] == ("graphTooltip",):
        return edit(what, (_GRAPH_TOOLTIPS.get(value, str(value)) for value in (each.before, each.after)))
    if isinstance(each.before, bool) or isinstance(each.after, bool):
        return Edit(what, _switch(each.before), _switch(each.after))
    if isinstance(each.before, str) and isinstance(each.after, str) and each.before and each.after:
        before, after = quoted_pair(each.before, each.after)
    else:
        before, after = value_text(each.before), value_text(each.after)
    return Edit(
        what,
        f"{before} (default)" if each.is_default_before else before or None,
        f"{after} (default)" if each.is_default_after else after or None,
    )


def _switch(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "on" if value else "off"
    return value_text(value)


def value_text(value: Any) -> str:
    """A JSON value for people; empty for nothing."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return quoted(", ".join(item if isinstance(item, str) else number_text(item) for item in value))
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHORT else text[: _SHORT - 3] + "..."


def number_text(value: float) -> str:
    """A number as people write it: 0.001, and not 1e-03; 5, and not 5.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)
