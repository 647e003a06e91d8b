"""The checks of dashboards on compiled dashboards: their findings point at definitions.

The JSON of each dashboard is read like a file, and its source locates the definitions. Checks with the scope `file` are
left out: a definition cannot be wrong there, or a check of definitions reports it in the definition's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule
from obscode.checks.check import Check, Context
from obscode.checks.dashboards import dashboard_findings
from obscode.checks.promql_expressions import expressions
from obscode.findings.finding import Finding
from obscode.findings.suggestions import closest_typo
from obscode.reader.dashboards import classic
from obscode.reader.dashboards.json_cursor import Node


def findings(artifacts: Artifacts, checks: Sequence[Check]) -> Iterator[Finding]:
    """The findings of the checks in all compiled dashboards; each has the definition as its source."""
    if not checks:
        return
    context = Context(known_series=_known_series(artifacts))
    for dashboard in artifacts.dashboards:
        read = classic.dashboard(Node(dashboard.body), "classic")
        for each in dashboard_findings(read, context, checks):
            if not each.file_only:
                source, argument = dashboard.source.locate(each.path)
                yield source.finding(each.code, each.message, each.hint, at=argument, severity=each.severity)


def _known_series(artifacts: Artifacts) -> Set[str]:
    """The series that dashboards read, except likely typos of known series.

    A catalog rarely lists every series of an exporter. unknown-recording-rule checks recorded series.
    """
    known = {series for metric in artifacts.catalog for series in metric.series()}
    known |= {rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)}
    read = {s.metric for e in expressions(artifacts) if e.panel and (q := e.parse_or_none()) for s in q.selectors}
    plain = {name for name in known if ":" not in name}
    typos = {name for name in read - known if ":" not in name and closest_typo(name, plain)}
    return known | (read - typos)
