"""Checks: artifacts in, findings out.

A check is one module of this package (of `checks.dashboards` for dashboards), found by itself::

    \"\"\"An alert waits before it fires.

    Why: without `for`, one failed evaluation pages somebody.

    Bad:
        Alert("Down", "up == 0", severity="page", summary="down", for_="0s")

    Good:
        Alert("Down", "up == 0", severity="page", summary="down", for_="5m")
    \"\"\"

    @check(AlertingRule, severity="warning")
    def alert_for(alert: AlertingRule, context: Context) -> Iterator[Finding]:
        if not alert.for_:
            yield alert.source.finding(alert_for, f"alert {alert.name} has no for", 'write for_="5m"', at="for")

- ``check(subject)`` makes a ``Check`` of the function. Its name is the code: `alert_for` reports `alert-for`.
- The subject is a type: ``run`` is called with each value of that type. Artifacts: ``Rule``, ``AlertingRule``,
  ``RecordingRule``, ``RuleGroup``, ``RuleFile``, ``Route``, ``Receiver``, ``InhibitRule``, ``AlertmanagerConfig``,
  ``ScrapeConfig``, ``PrometheusConfig``, ``Dashboard`` (of ``reader.dashboards.model``). Compiled projects have more:
  every class of definitions (``SLO``, ``Service``, ``Panel``), ``Dashboard`` (of ``artifacts.dashboards``), and
  ``Artifacts`` for the whole.
- ``subject.source.finding(code, message, hint, at=...)`` makes a finding that points at a part of the subject, and can
  be ignored there. A check of dashboards yields ``checks.dashboards.finding.finding(code, message, hint, path, ...)``.
- ``whole=True``: a check that compares definitions with each other; it does not run where some have errors.
- ``by_tool=True``: a tool finds it, as `obscode.verify.alert_templates` does; the check documents and configures it.
- ``scope`` is where the check runs: on `compiled` artifacts, on a `file` that was read, or on both (the default).
- ``style=True``: a style check: its findings are notes, and off, for files that obscode did not write.

``lint(artifacts)`` runs the checks on compiled definitions, ``lint_values(values)`` on values that were read from
files. ``checks.registry`` lists every check and every code. A project adds its own: `Project(checks=[alert_for])`.
"""

from obscode.checks.check import PROFILES, Check, Context, Profile, check
from obscode.checks.lint import lint, lint_values, syntax_findings
from obscode.checks.severities import Severities

__all__ = [
    "PROFILES",
    "Check",
    "Context",
    "Profile",
    "Severities",
    "check",
    "lint",
    "lint_values",
    "syntax_findings",
]
