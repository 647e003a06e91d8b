"""Variables in queries, titles and repeats are defined.

Why: Grafana does not replace `$cluster` if there is no such variable. The query then matches a cluster with that
literal name, and the panel is empty without an error. It is a warning for datasources in a dashboard that selects none,
and for `${DS_...}`, the name of an input: some deployments replace them in the file.

Bad:
    {
      "templating": {"list": [
        {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
      ]},
      "panels": [{"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up{job=~'$job'})"}]}]
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
from bisect import bisect_right
from collections.abc import Iterator, Set
from functools import lru_cache
from itertools import chain
from operator import itemgetter

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.reader.dashboards.model import Dashboard
from obscode.reader.dashboards.variables import BUILT_IN, Text, Use, labels, queries, uses

_GROUPS = re.compile(r"\(\?P?<(\w+)>")


@check(Dashboard)
def undefined_variable(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Each undefined variable, at its first use."""
    defined = {variable.name for variable in dashboard.variables} | dashboard.inputs.keys()
    can_choose = bool(dashboard.datasource_variables() or dashboard.inputs)
    missing: dict[str, list[tuple[Text, Use]]] = {}
    for text, use in _uses(dashboard, defined):
        if use.name not in defined and not _is_no_reference(text, use):
            missing.setdefault(use.name, []).append((text, use))
    for name, places in missing.items():
        text, use = places[0]
        more = len({place.path for place, _ in places}) - 1
        others = f" (and {more} more)" if more else ""
        message = f"{text.what} uses variable {name!r}, which is not defined{others}"
        near = did_you_mean(name, BUILT_IN if name.startswith("__") else defined)
        hint = near or "define the variable, or write its value"
        replaced = name.startswith("DS_") or (all(place.is_datasource for place, _ in places) and not can_choose)
        severity: Severity = "warning" if replaced else "error"
        yield finding(undefined_variable, message, hint, text.path, text.panel, text.target, severity, use.span)


def _uses(dashboard: Dashboard, defined: Set[str]) -> Iterator[tuple[Text, Use]]:
    for text in chain(_datasources(dashboard, defined), queries(dashboard)):
        yield from ((text, use) for use in uses(text.value))
    for text in labels(dashboard):
        # "Cost in $USD" is a currency.
        yield from ((text, use) for use in uses(text.value) if use.braces or not use.name.isupper())
    yield from _repeats(dashboard)


def _datasources(dashboard: Dashboard, defined: Set[str]) -> Iterator[Text]:
    for panel in dashboard.panels:
        for source in (panel.datasource, *(target.datasource for target in panel.targets)):
            is_defined = all(use.name in defined for use in uses(source.name))
            if source.variable and not panel.reference and not is_defined:
                path = (*source.path, "uid")
                yield Text(source.name, path, f"the datasource of {panel.name}", panel, is_datasource=True)


def _repeats(dashboard: Dashboard) -> Iterator[tuple[Text, Use]]:
    for panel in dashboard.panels:
        name = panel.node.plain("repeat")
        if isinstance(name, str) and name and dashboard.form != "v2":
            text = Text(name, panel.node.at("repeat"), f"the repeat of {panel.name}", panel)
            yield text, Use(name.removeprefix("$"), (0, len(name)), False)
        for name in panel.repeats if dashboard.form == "v2" else ():
            yield (
                Text(name, panel.grid.path if panel.grid else panel.node.path, f"the repeat of {panel.name}", panel),
                Use(name, (0, len(name)), False),
            )
    for row in dashboard.rows:
        if row.repeat:
            text = Text(row.repeat, row.node.at("repeat"), f"the repeat of row {row.title!r}")
            yield text, Use(row.repeat, (0, len(row.repeat)), False)


def _is_no_reference(text: Text, use: Use) -> bool:
    """True if the name is built in, part of the query language, or a value stored in a copy of the panel."""
    if use.name in BUILT_IN or (use.name.startswith("__") and text.target and not text.target.language):
        return True
    if text.value.endswith("\\", 0, use.span[0]) and not use.braces:  # `\$`, a dollar in a regular expression
        return True
    if text.sql and text.value.startswith("$", use.span[1]):  # PostgreSQL's $quotes$
        return True
    if _in_template(text.value, use.span[0]):  # of Loki's line_format, whose variables also begin with $
        return True
    scoped = text.panel.node.plain("scopedVars") if text.panel else None
    return (isinstance(scoped, dict) and use.name in scoped) or use.name in _group_names(text.value)


def _in_template(text: str, position: int) -> bool:
    spans = _templates(text)
    before = bisect_right(spans, position, key=itemgetter(0)) - 1
    return before >= 0 and position < spans[before][1]


@lru_cache(maxsize=16)  # for all uses in a text
def _templates(text: str) -> list[tuple[int, int]]:
    """The spans of all `{{ ... }}`."""
    spans, position = [], 0
    while (start := text.find("{{", position)) >= 0 and (end := text.find("}}", start + 2)) >= 0:
        position = end + 2
        spans.append((start, position))
    return spans


@lru_cache(maxsize=16)
def _group_names(text: str) -> frozenset[str]:
    """The names of groups in regular expressions."""
    return frozenset(_GROUPS.findall(text))
