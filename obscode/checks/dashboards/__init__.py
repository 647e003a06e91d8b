"""Checks of Grafana dashboards, whoever wrote them: JSON in, findings out; one rule a file.

A new rule is a new file and one line here. The file `grid_overlap.py` holds the rule `grid-overlap`: a function
``check`` and a docstring whose first paragraph says what is demanded, followed by the sections Why, Bad and Good.
A test runs Bad and Good. The first seventeen are those of grafana/dashboard-linter, by the same names.

    from obscode.dashboard_checks import lint

    for finding in lint(text, "dashboards/shop.json"):
        print(finding)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from types import ModuleType

from obscode.checks import Explanation, check_name, explain
from obscode.checks.dashboards import (
    angular_panel,
    dashboard_json,
    dropped_legend_label,
    duplicate_panel_id,
    duplicate_ref_id,
    element_reference_rule,
    grid_overlap,
    missing_ref_id,
    multi_value_equals,
    null_threshold_base,
    open_row_panels,
    panel_datasource_rule,
    panel_no_targets_rule,
    panel_title_description_rule,
    panel_units_rule,
    percentunit_threshold,
    rate_of_sum,
    target_counter_agg_rule,
    target_instance_rule,
    target_job_rule,
    target_logql_auto_rule,
    target_logql_rule,
    target_promql_rule,
    target_rate_interval_rule,
    template_datasource_rule,
    template_instance_rule,
    template_job_rule,
    template_label_promql_rule,
    template_on_time_change_reload_rule,
    threshold_order,
    undefined_variable,
    uneditable_dashboard,
    unknown_series,
    unused_variable,
)
from obscode.checks.dashboards.result import PROFILES, LintOptions, LintResult, Profile
from obscode.findings.finding import Finding
from obscode.reader.dashboards import document
from obscode.reader.dashboards.json_positions import Places
from obscode.reader.dashboards.model import Dashboard

__all__ = ["PROFILES", "RULES", "LintOptions", "LintReport", "Profile", "ask", "explanations", "lint", "lint_dashboard"]

RULES: tuple[ModuleType, ...] = (
    template_datasource_rule,
    template_job_rule,
    template_instance_rule,
    template_label_promql_rule,
    template_on_time_change_reload_rule,
    panel_datasource_rule,
    panel_title_description_rule,
    panel_units_rule,
    panel_no_targets_rule,
    target_promql_rule,
    target_logql_rule,
    target_logql_auto_rule,
    target_rate_interval_rule,
    target_job_rule,
    target_instance_rule,
    target_counter_agg_rule,
    uneditable_dashboard,
    element_reference_rule,
    grid_overlap,
    open_row_panels,
    duplicate_panel_id,
    missing_ref_id,
    duplicate_ref_id,
    undefined_variable,
    unused_variable,
    multi_value_equals,
    rate_of_sum,
    dropped_legend_label,
    unknown_series,
    percentunit_threshold,
    threshold_order,
    null_threshold_base,
    angular_panel,
    dashboard_json,  # the last: it tells what the others could not read
)

RuleFound = tuple[str, LintResult]


@dataclass(frozen=True)
class LintReport:
    """What the rules see in one file; without dashboards, why there are none."""

    text: str
    file: str
    titles: frozenset[str]
    found: Sequence[RuleFound]

    def findings(self, kept: Sequence[RuleFound] | None = None) -> list[Finding]:
        """All of it, or what is kept, with places, in the order of the file."""
        found = self.found if kept is None else kept
        places = Places(self.text, self.file, [one.path for _, one in found])
        findings = [
            Finding(rule, _line(one.message), _line(one.hint), places.place(one.path, one.span), one.severity)
            for rule, one in found
        ]
        return sorted(findings, key=lambda finding: finding.order)


def lint(
    text: str,
    file: str,
    *,
    profile: Profile = "default",
    known: Set[str] | None = None,
) -> list[Finding]:
    """What is wrong with the dashboards of one file, in its order.

    ``known`` are the series that exist, for the rule unknown-series.
    """
    return ask(text, file, LintOptions(profile, known)).findings()


def ask(text: str, file: str, asked: LintOptions) -> LintReport:
    """What each rule sees, before anything of it is left out."""
    read = document.read(text)
    found = [
        (
            document.CHECK,
            LintResult(wrong.message, "compare it with what Grafana exports", wrong.path, span=_from(wrong.at)),
        )
        for wrong in read.no_json
    ]
    hint = "name files that Grafana exports, or provisions dashboards from"
    found += [(document.CHECK, LintResult(wrong.message, hint, wrong.path)) for wrong in read.wrong]
    for dashboard in read.dashboards:
        found += lint_dashboard(dashboard, asked)
    return LintReport(text, file, frozenset(dashboard.title for dashboard in read.dashboards), found)


def _from(character: int) -> tuple[int, int]:
    return character, character + 1


def lint_dashboard(
    dashboard: Dashboard, asked: LintOptions, rules: Sequence[ModuleType] = RULES
) -> Iterator[RuleFound]:
    """What some rules see in a dashboard."""
    for module in rules:
        name = check_name(module)
        yield from ((name, replace(found, dashboard=dashboard.title)) for found in module.check(dashboard, asked))


def _line(text: str) -> str:
    """A text of a dashboard's words, which may hold anything, as one line of a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def explanations() -> dict[str, Explanation]:
    """The prose of every rule, by name."""
    return {check_name(module): explain(module) for module in RULES}
