"""The real promtool, prometheus, amtool and alertmanager: found on this machine or fetched without root."""

from obscode.tools.installer import Progress, install
from obscode.tools.locate import ROOT, TOOLS, Name, Tool, find, find_all, require, variable

__all__ = ["ROOT", "TOOLS", "Name", "Progress", "Tool", "find", "find_all", "install", "require", "variable"]
