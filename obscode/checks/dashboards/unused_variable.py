"""Something reads each variable.

Why: readers choose a value, nothing changes, and they believe what they see. Most are left from a dashboard that
was copied; some were meant to filter, and the filter was forgotten.

Bad:
    {
      "templating": {"list": [
        {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
        {"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 2}
      ]},
      "panels": [{"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up)"}]}]
    }

Good:
    {
      "templating": {"list": [
        {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
        {"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 2}
      ]},
      "panels": [{"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up{job=~'$job'})"}]}]
    }
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.json_cursor import texts
from obscode.reader.dashboards.model import CORE, Dashboard
from obscode.reader.dashboards.variables import uses

# These filter without being named.
_UNNAMED = ("adhoc", "groupby", "system", "snapshot")
_WHOLE = ("repeat", "variable")  # what stands there is a name, with or without `$`
_TELLING = (str, dict, list)
_ENCODED = re.compile(r"%24(?:%7[Bb])?(\w+)")


@check(Dashboard, severity="warning")
def unused_variable(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Variables that nothing reads; what a library panel reads that is kept elsewhere cannot be told."""
    if any(panel.reference for panel in dashboard.panels):
        return
    used = _used(dashboard)
    for variable in dashboard.variables:
        if variable.name and variable.name not in used and variable.type not in _UNNAMED:
            if _in_code(dashboard, variable.name):
                continue
            message = f"nothing reads variable {variable.name!r}"
            hint = f'match it in a query, such as {variable.name}=~"${variable.name}", or remove it'
            if variable.type == "datasource":
                hint = f'let the panels read it: "uid": "${{{variable.name}}}"'
            yield finding(unused_variable, message, hint, variable.node.at("name"))


def _used(dashboard: Dashboard) -> set[str]:
    own = {id(variable.node.value) for variable in dashboard.variables}
    found = _named(dashboard.node.value, own)
    for variable in dashboard.variables:
        found |= _named(variable.node.value, set()) - {variable.name}  # that it names itself is no use
    return found


def _named(value: Any, without: set[int]) -> set[str]:
    """The variables that the texts of a JSON value name, but for some objects within it."""
    found: set[str] = set()
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        key, item = waiting.pop()
        if isinstance(item, str):
            if "$" in item or "[[" in item or "%24" in item:
                found.update(use.name for use in uses(item))
                found.update(_ENCODED.findall(item))
            if key in _WHOLE:
                found.add(item.removeprefix("$"))
        elif isinstance(item, dict) and id(item) not in without:
            waiting += [pair for pair in item.items() if isinstance(pair[1], _TELLING)]
            if key == "repeat":
                waiting.append((key, item.get("value")))
        elif isinstance(item, list):
            waiting += [(key, child) for child in item if isinstance(child, _TELLING)]
    return found


def _in_code(dashboard: Dashboard, name: str) -> bool:
    """Whether a plugin's own language may name it: templates, scripts."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    for panel in dashboard.panels:
        if panel.type not in CORE:
            value: Any = panel.node.value
            if any(word.search(text) for _, text in texts(value)):
                return True
    return False
