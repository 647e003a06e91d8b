"""A panel or another variable uses each variable.

Why: a reader selects a value and assumes that the panels show it. Most unused variables are left over from a copied
dashboard; some lack the matcher that would filter by them. It is a note for a hidden variable, and in a dashboard whose
links pass all variables on.

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
from collections.abc import Iterator, Set
from typing import Any

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.reader.dashboards.json_cursor import texts
from obscode.reader.dashboards.model import CORE, Dashboard
from obscode.reader.dashboards.variables import uses

# Types that apply without being referenced.
_IMPLICIT = ("adhoc", "groupby", "system", "snapshot")
_REFERENCES = ("repeat", "variable")  # keys whose value is a name, with or without `$`
_CONTAINERS = (str, dict, list)
_ALL = re.compile(r"\b__all_variables\b|\b__url\.params\b")
_ENCODED = re.compile(r"%24(?:%7[Bb])?(\w+)")


@check(Dashboard, severity="warning", whole=True)
def unused_variable(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Unused variables; a dashboard with library panels whose content is elsewhere is skipped."""
    if any(panel.reference for panel in dashboard.panels):
        return
    variables = [variable for variable in dashboard.variables if variable.name and variable.type not in _IMPLICIT]
    used = _used(dashboard, {variable.name for variable in variables})
    for variable in variables:
        if variable.name not in used and not _in_code(dashboard, variable.name):
            message = f"variable {variable.name!r} is not used"
            hint = f'match it in a query: {variable.name}=~"${variable.name}", or remove it'
            if variable.type == "datasource":
                hint = f'use it in the panels: "uid": "${{{variable.name}}}"'
            severity: Severity = "note" if variable.hidden or _passes_all(dashboard) else "warning"
            yield finding(unused_variable, message, hint, variable.node.at("name"), severity=severity)


def _passes_all(dashboard: Dashboard) -> bool:
    """True if a link of the dashboard, a panel or a field adds all variables, or the parameters of the page."""
    waiting: list[Any] = [dashboard.node.value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if _ALL.search(item):
                return True
        elif isinstance(item, dict):
            if item.get("includeVars"):
                return True
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return False


def _used(dashboard: Dashboard, searched: Set[str]) -> set[str]:
    names = {use.name for _, target in dashboard.targets() for use in uses(target.expr)}
    if searched <= names:
        return names
    own = {id(variable.node.value) for variable in dashboard.variables}
    names |= _names_in(dashboard.node.value, own, searched)
    for variable in dashboard.variables:
        others = searched - names - {variable.name}  # a reference to itself does not count
        names |= _names_in(variable.node.value, set(), others) & others
    return names


def _names_in(value: Any, without: set[int], searched: Set[str]) -> set[str]:
    """The names of variables in the strings of a JSON value, except in some objects of it.

    The search ends when all names that are searched are found.
    """
    names: set[str] = set()
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting and not searched <= names:
        key, item = waiting.pop()
        if isinstance(item, str):
            if "$" in item or "[[" in item or "%24" in item:
                names.update(use.name for use in uses(item))
                names.update(_ENCODED.findall(item))
            if key in _REFERENCES:
                names.add(item.removeprefix("$"))
        elif isinstance(item, dict) and id(item) not in without:
            waiting += [pair for pair in item.items() if isinstance(pair[1], _CONTAINERS)]
            if key == "repeat":
                waiting.append((key, item.get("value")))
        elif isinstance(item, list):
            waiting += [(key, child) for child in item if isinstance(child, _CONTAINERS)]
    return names


def _in_code(dashboard: Dashboard, name: str) -> bool:
    """True if a plugin's templates or scripts may use the name."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    for panel in dashboard.panels:
        if panel.type not in CORE:
            value: Any = panel.node.value
            if any(word.search(text) for _, text in texts(value)):
                return True
    return False
