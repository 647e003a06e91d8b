"""The series that the dashboards of a project may read."""

from __future__ import annotations

from collections.abc import Set

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule
from obscode.checks.promql_expressions import expressions
from obscode.findings.suggestions import closest_typo


def known_series(artifacts: Artifacts, others: Set[str] = frozenset()) -> Set[str]:
    """The series that dashboards read, except likely typos of known series; ``others`` are further known series.

    A catalog rarely lists every series of an exporter. unknown-recording-rule checks recorded series.
    """
    known = {*others, *(series for metric in artifacts.catalog for series in metric.series())}
    known |= {rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)}
    read = {name for expression in expressions(artifacts) if expression.panel for name in expression.metrics()}
    plain = {name for name in known if ":" not in name}
    unknown = {name for name in read - known if ":" not in name} if plain else ()
    typos = {name for name in unknown if closest_typo(name, plain)}
    return known | (read - typos)
