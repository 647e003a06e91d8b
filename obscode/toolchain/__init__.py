"""The real promtool, prometheus, amtool and alertmanager: found on this machine or fetched without root."""

from obscode.toolchain.find import ROOT, TOOLS, Name, Tool, find, find_all, require, variable
from obscode.toolchain.installer import Progress, install

__all__ = ["ROOT", "TOOLS", "Name", "Progress", "Tool", "find", "find_all", "install", "require", "variable"]
