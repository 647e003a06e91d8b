"""Values that Grafana accepts: calculations, variable names, uids, folders, URLs, colors, legend positions."""

from __future__ import annotations

import re
from typing import Literal

from obscode.findings.suggestions import did_you_mean
from obscode.model import constraints
from obscode.model.identifiers import Invalid

#: Ways to make one number of a series: the reducers of Grafana 13, and `p1` to `p99`.
CALCS = (
    *("lastNotNull", "last", "firstNotNull", "first", "min", "max", "mean", "median", "variance", "stdDev", "sum"),
    *("count", "countAll", "range", "delta", "step", "diff", "logmin", "allIsZero", "allIsNull", "changeCount"),
    *("distinctCount", "diffperc", "allValues", "uniqueValues"),
    *(f"p{n}" for n in range(1, 100)),
)


@constraints.constraint("a calculation that Grafana knows, such as `mean`")
def calc(value: object) -> Invalid:
    """A calculation over the values of a series."""
    if value in CALCS:
        return None
    synonym = {"avg": "mean", "average": "mean", "current": "lastNotNull", "total": "sum"}.get(str(value).lower())
    near = f"write {synonym!r}" if synonym else did_you_mean(str(value), CALCS)
    return f"{value!r} is not a calculation that Grafana knows", near or "write 'lastNotNull', 'mean', 'max' or 'p99'"


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@constraints.constraint("a variable's name: letters, digits and `_`")
def variable(value: object) -> Invalid:
    """The name of a dashboard variable; names with `__` are Grafana's."""
    if isinstance(value, str) and _NAME.fullmatch(value) and not value.startswith("__"):
        return None
    if isinstance(value, str) and (bare := value.strip("${}")) != value and _NAME.fullmatch(bare):
        return f"{value!r} is not the bare name of a variable", f"write {bare!r}"
    return f"{value!r} is not a variable's name", "use letters, digits and '_', such as 'instance'"


_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")


@constraints.constraint("a uid: 1 to 40 letters, digits, `-` and `_`")
def uid(value: object) -> Invalid:
    """A dashboard's uid."""
    if isinstance(value, str) and _UID.fullmatch(value):
        return None
    return f"{value!r} is not a dashboard's uid", "write 1 to 40 letters, digits, '-' and '_'"


@constraints.constraint("the uid of a library panel: 1 to 40 letters, digits, `-` and `_`")
def library_uid(value: object) -> Invalid:
    """The uid of a library panel."""
    if isinstance(value, str) and _UID.fullmatch(value):
        return None
    return f"{value!r} is not the uid of a library panel", "copy it from the URL or the JSON of a panel"


_NO_FILE = re.compile(r'[\x00-\x1f<>:"|?*]|^[. ]|[. ]$')


@constraints.constraint("a folder, one level deep")
def folder(value: object) -> Invalid:
    """The title of a folder in Grafana, which is the name of a folder in the output, too."""
    if not isinstance(value, str):
        return None
    if "/" in value or "\\" in value:
        # https://github.com/grafana/grafana/issues/107158
        last = value.replace("\\", "/").strip("/").rpartition("/")[2]
        return f"{value!r} is a folder in a folder", f"Grafana reads one level from files; write {last!r}"
    if value.lower() == "general":
        return f"{value!r} is reserved by Grafana for dashboards without a folder", "choose another name"
    if _NO_FILE.search(value) or len(value) > 100:
        return f"{value!r} is not a folder name on every file system", "use letters, digits, spaces, '-' and '_'"
    return None


@constraints.constraint("a URL, or a path in Grafana")
def url(value: object) -> Invalid:
    """The URL of a link: an address, a path in Grafana, or a URL that starts with a variable."""
    if isinstance(value, str) and re.match(r"https?://[^\s/]|/|\$", value) and "\n" not in value:
        return None
    return f"{value!r} is not a URL", 'write "https://..." or a path in Grafana such as "/d/ml-service"'


_HUES = ("red", "orange", "yellow", "green", "blue", "purple")
_SHADES = ("", "super-light-", "light-", "semi-dark-", "dark-")
COLORS = (
    *(f"{shade}{hue}" for hue in _HUES for shade in _SHADES),
    *("transparent", "text", "white", "black", "gray"),
)
SCHEMES = (
    *("thresholds", "palette-classic", "palette-classic-by-name", "fixed", "shades"),
    *("continuous-viridis", "continuous-magma", "continuous-plasma", "continuous-inferno", "continuous-cividis"),
    *("continuous-GrYlRd", "continuous-RdYlGr", "continuous-BlYlRd", "continuous-YlRd", "continuous-BlPu"),
    *("continuous-YlBl", "continuous-blues", "continuous-reds", "continuous-greens", "continuous-purples"),
)
_WRITTEN_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})|(?:rgb|hsl)a?\([0-9.,%\s]+\)")


@constraints.constraint("a color that Grafana knows")
def color(value: object) -> Invalid:
    """A color: one of Grafana's names, or `#rrggbb`."""
    if isinstance(value, str) and (value in COLORS or _WRITTEN_COLOR.fullmatch(value)):
        return None
    near = did_you_mean(value, COLORS) if isinstance(value, str) else ""
    return f"{value!r} is not a color that Grafana knows", near or "write 'red', 'dark-green' or '#1f77b4'"


@constraints.constraint("colors that Grafana knows, by name")
def colors_by_name(value: object) -> Invalid:
    """A dict of names to colors."""
    colors = value.values() if isinstance(value, dict) else ()
    return next((invalid for each in colors if (invalid := color(each))), None)


@constraints.constraint("a color or a color scheme that Grafana knows")
def color_or_scheme(value: object) -> Invalid:
    """A color, or a scheme that takes colors from thresholds or a palette."""
    return None if value in SCHEMES else color(value)


@constraints.constraint("empty, a duration such as `30s`, or a variable")
def interval(value: object) -> Invalid:
    """The least step of a query."""
    return None if str(value).startswith("$") else constraints.optional_duration(value)


@constraints.constraint("empty, a duration such as `1d`, the start of a period such as `now/d`, or a variable")
def time_range(value: object) -> Invalid:
    """The time range of a panel."""
    return None if re.match(r"\$|now/[dwMy]$", str(value)) else constraints.optional_duration(value)


#: Where a legend is.
LegendPosition = Literal["bottom", "right", "hidden"]
#: What a tooltip shows: all series, the one under the pointer, or nothing.
TooltipMode = Literal["multi", "single", "none"]
