"""Functions and syntax that the oldest Prometheus of a project does not have."""

from __future__ import annotations

import pytest
from conftest import ProjectFolder

from obscode import Dashboard, Project, RecordingRule, Row, Service, panels
from obscode.checks import lint
from obscode.checks.newer_promql import newer_promql
from obscode.compiler import compile
from obscode.model.definitions import Definitions
from obscode.promql.grammar.features import FUNCTIONS, Feature


def findings(expr: str, oldest: str = "2.42") -> list[str]:
    service = Service("shop", recording_rules=[RecordingRule("a:b:c", expr)])
    compiled = compile(Definitions(Project("p", oldest_prometheus=oldest), [service]))
    return [f"{f.severity}: {f.message}; {f.hint}" for f in lint(compiled, [newer_promql])]


def newer(what: str, needs: str, version: str, oldest: str = "2.42") -> list[str]:
    hint = f'write oldest_prometheus="{version}" in the Project, if no older one loads the output'
    return [f"error: a:b:c: {what} needs Prometheus {needs}, but oldest_prometheus is {oldest}; {hint}"]


def test_functions_are_compared_with_the_oldest_prometheus() -> None:
    assert findings("histogram_stddev(x)", "2.46") == newer("the function histogram_stddev()", "2.47", "2.47", "2.46")
    assert findings("histogram_stddev(x)", "2.47") == []
    assert findings("stddev_over_time(x[5m])") == []


def test_a_feature_flag_is_named_and_the_version_before_it_counts() -> None:
    flag = "with --enable-feature=promql-experimental-functions"
    assert findings("mad_over_time(x[5m])") == newer("the function mad_over_time()", f"2.49 {flag}", "2.49")
    either = newer("the function first_over_time()", f"3.14, or 3.7 {flag}", "3.7", "3.6")
    assert findings("first_over_time(x[5m])", "3.6") == either
    assert findings("first_over_time(x[5m])", "3.7") == []


def test_syntax_that_obscode_keeps_as_text_is_compared_too() -> None:
    flag = "with --enable-feature=promql-duration-expr"
    expected = newer("a duration expression", f"3.14, or 3.6 {flag}", "3.6", "3.5")
    assert findings("rate(x[5m + 1m])", "3.5") == expected


def test_holt_winters_is_not_in_prometheus_3() -> None:
    message = "a:b:c: holt_winters() is not in Prometheus 3.0 and newer; write double_exponential_smoothing()"
    assert findings("holt_winters(x[5m], 0.5, 0.5)") == [f"warning: {message}"]
    assert findings("holt_winters(x[5m], 0.5, 0.5)", "3.0") == [f"error: {message}"]


def test_names_in_quotes_are_reported_by_utf8_name_only() -> None:
    assert findings('sum({"http.requests"})') == []


def test_queries_of_panels_are_compared() -> None:
    dashboard = Dashboard("d", [Row("r", panels.TimeSeries("t", "limitk(2, x)"))])
    compiled = compile(Definitions(Project("p"), [Service("s", dashboards=[dashboard])]))
    (finding,) = lint(compiled, [newer_promql])
    assert finding.message.startswith("t: the function limitk() needs Prometheus 2.54 with")


@pytest.mark.parametrize("since", [*FUNCTIONS.values(), "Prometheus 3.14, or 3.6 with a flag"])
def test_each_feature_has_a_first_version(since: str) -> None:
    first = Feature("x", since, (0, 0)).first
    assert f" {first}" in since
    assert Feature("x", "", (0, 0)).first == ""


def test_what_promtool_rejects_as_well_is_reported_once(project_folder: ProjectFolder, promtool: object) -> None:
    project_folder.write(
        shop="""
        shop = Service("shop", rules=[RecordingRule("job:x:stddev", "histogram_stddev(sum by (job) (x))")])
        """
    )
    ended = project_folder.run("check")
    assert ended.err.count("error[") == 1
