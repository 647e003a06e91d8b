"""A unit test in a file tests an alert of its rule files.

Why: promtool passes a test of an alert that does not exist, as long as the test expects no alert. Such a test cannot
fail. If only some of the rule files of the test are checked with it, a likely typo of an alert is reported.

Bad:
    groups:
    - name: shop
      rules: [{alert: Down, expr: up == 0}]
    ---
    rule_files: [example.yml]
    tests:
    - interval: 1m
      input_series: [{series: up, values: 1x10}]
      alert_rule_test: [{eval_time: 5m, alertname: Dwon, exp_alerts: []}]

Good:
    groups:
    - name: shop
      rules: [{alert: Down, expr: up == 0}]
    ---
    rule_files: [example.yml]
    tests:
    - interval: 1m
      input_series: [{series: up, values: 1x10}]
      alert_rule_test: [{eval_time: 5m, alertname: Down, exp_alerts: []}]
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch

from obscode.artifacts.rules import AlertingRule, RuleFile
from obscode.artifacts.unit_tests import UnitTestFile
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean, likely_typo


@check(UnitTestFile, severity="warning", scope="file")
def unknown_tested_alert(tests: UnitTestFile, context: Context) -> Iterator[Finding]:
    """Tested alerts that no rule file has."""
    read = context.alerts.artifacts.rule_files
    names = {rule.name for file in read for rule in file.rules() if isinstance(rule, AlertingRule)}
    if not names:
        return
    is_complete = _reads_all(tests, read)
    for alert in tests.alerts:
        if alert.name not in names and (is_complete or likely_typo(alert.name, names)):
            effect = "so that the test fails" if alert.fires else "so that the test always passes"
            message = f"the rule files have no alert {alert.name!r}, {effect}"
            hint = did_you_mean(alert.name, names) or "write the name of an alert of the rule files"
            yield alert.source.finding(unknown_tested_alert, message, hint, at="alertname")


def _reads_all(tests: UnitTestFile, files: Sequence[RuleFile]) -> bool:
    """Whether the rule files that the tests load are among those that are checked."""
    folder = posixpath.dirname(tests.name.replace("\\", "/"))
    paths = [posixpath.normpath(posixpath.join(folder, pattern)) for pattern in tests.rule_files]
    known = [posixpath.normpath(file.name.replace("\\", "/")) for file in files]
    return bool(paths) and all(any(fnmatch(name, path) for name in known) for path in paths)
