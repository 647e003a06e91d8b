"""promtool, prometheus, amtool and alertmanager: found on this machine or installed without root."""

from obscode.toolchain.find import (
    ROOT,
    TOOLS,
    Name,
    Tool,
    find,
    find_all,
    find_supported,
    require,
    survey,
    table,
    variable,
)
from obscode.toolchain.installer import Log, install

__all__ = [
    "ROOT",
    "TOOLS",
    "Log",
    "Name",
    "Tool",
    "find",
    "find_all",
    "find_supported",
    "install",
    "require",
    "survey",
    "table",
    "variable",
]
