"""The checks of dashboards run on compiled dashboards, and their findings point at the definitions."""

from __future__ import annotations

import pytest
from conftest import ProjectFolder

from obscode.findings.errors import Exit

SHOP = """\
from obscode import *

shop = Service("shop", metrics=[metrics.Counter("shop_orders_total", help="Orders.", labels=["status"])])
board = Dashboard(
    "Board",
    [Row("All", {panel})],
    variables=[{variables}],
)
"""


def reported(project_folder: ProjectFolder, panel: str, variables: str = "") -> str:
    """The findings of a build of a dashboard with one panel."""
    project_folder.write(shop=SHOP.format(panel=panel, variables=variables))
    return project_folder.run("build").err


def test_the_caret_is_under_the_legend_of_the_definition(project_folder: ProjectFolder) -> None:
    panel = 'panels.TimeSeries("Sales", "sum by (job) (rate(shop_orders_total[5m]))", legend="{{status}}")'
    assert reported(project_folder, panel) == (
        """\
definitions/shop.py:8:97: error[dropped-legend-label]: the legend of query A of panel 'Sales' names 'status', \
but the query keeps job
    8 |     [Row("All", panels.TimeSeries("Sales", "sum by (job) (rate(shop_orders_total[5m]))", legend="{{status}}"))],
      |                                                                                                 ^^^^^^^^^^^^
  hint: add status to by (...), or change the legend
"""
    )


DESCRIBED = 'description="What it means.", unit="short"'

# Panels and variables, and the messages about them.
RESULT = {
    "a sum before the rate": (
        f'panels.TimeSeries("T", "rate(sum(shop_orders_total)[5m:])", {DESCRIBED})',
        "",
        ["error[rate-of-sum]: query A of panel 'T' takes the rate of a sum"],
    ),
    "the second of two queries": (
        f'panels.TimeSeries("T", ["sum(up)", panels.Query("rate(sum(shop_orders_total)[5m:])")], {DESCRIBED})',
        "",
        ["error[rate-of-sum]: query B of panel 'T' takes the rate of a sum"],
    ),
    "the value of a counter": (
        f'panels.Stat("T", "sum(shop_orders_total) * 2", {DESCRIBED})',
        "",
        ["warning[target-counter-agg-rule]: query A of panel 'T' shows the value of the counter 'shop_orders_total'"],
    ),
    "a typo": (
        f'panels.Stat("T", "sum(rate(shop_order_total[5m]))", {DESCRIBED})',
        "",
        [
            "error[unknown-series]: query A of panel 'T' reads 'shop_order_total', which no service exposes "
            "and no rule records"
        ],
    ),
    "an exporter's series": (f'panels.Stat("T", "sum(node_load1)", {DESCRIBED})', "", []),
    "several values": (
        f'panels.Stat("T", "sum(up{{job=\'$job\'}})", {DESCRIBED})',
        'variables.Query("job", "label_values(up, job)", multi=True)',
        [
            "error[multi-value-equals]: query A of panel 'T' matches job=\"$job\", which matches nothing when several "
            "values of $job are selected"
        ],
    ),
    "an unused variable": (
        f'panels.Stat("T", "sum(up)", {DESCRIBED})',
        'variables.Query("job", "label_values(up, job)")',
        ["warning[unused-variable]: variable 'job' is not used"],
    ),
    "an undefined variable": (
        f'panels.Stat("T", "sum(up{{job=~\'$job\'}})", {DESCRIBED})',
        "",
        ["error[undefined-variable]: query A of panel 'T' uses variable 'job', which is not defined"],
    ),
    "thresholds of a ratio": (
        'panels.Gauge("T", "avg(up)", description="D", unit="percentunit", thresholds=[panels.Threshold(80, "red")])',
        "",
        ["error[percentunit-threshold]: panel 'T' has a threshold at 80, which is 8000 % as percentunit"],
    ),
    "a panel in JSON": (
        'panels.Raw({"type": "gauge", "title": "T", "description": "D", "targets": [{"refId": "A", "expr": "up"}], '
        '"fieldConfig": {"defaults": {"unit": "percentunit", "thresholds": {"steps": ['
        '{"color": "green", "value": None}, {"color": "red", "value": 80}]}}}})',
        "",
        ["error[percentunit-threshold]: panel 'T' has a threshold at 80, which is 8000 % as percentunit"],
    ),
    "equal refIds in JSON, which are renamed": (
        'panels.Raw({"type": "stat", "title": "T", "description": "D", '
        '"targets": [{"refId": "A", "expr": "up"}, {"refId": "A", "expr": "up"}]})',
        "",
        [],
    ),
    "LogQL": (
        'panels.Logs("T", "{job=\'shop\' |= `error`", description="D")',
        "",
        ["error[target-logql-rule]: query A of panel 'T' is not LogQL: '}' is missing"],
    ),
    "PromQL that does not parse": (
        f'panels.Stat("T", "sum(up", {DESCRIBED})',
        "",
        ["error[promql-syntax]: T: unclosed left parenthesis"],
    ),
    "PromQL of a variable that does not parse": (
        f'panels.Stat("T", "sum(up{{job=~\'$job\'}})", {DESCRIBED})',
        'variables.Query("job", "query_result(sum(up) by)")',
        ['error[promql-syntax]: variable job: unexpected end of input in grouping opts, expected "("'],
    ),
    "a dashboard of logs": ('panels.Logs("T", "{job=\'shop\'}", description="D")', "", []),
}


@pytest.mark.parametrize(("panel", "variables", "expected"), RESULT.values(), ids=RESULT)
def test_each_finding_of_a_rule_is_reported_once(
    panel: str, variables: str, expected: list[str], project_folder: ProjectFolder
) -> None:
    heads = [
        line.partition(": ")[2] for line in reported(project_folder, panel, variables).splitlines() if "]: " in line
    ]
    assert heads == expected


def test_a_finding_that_is_ignored_with_a_reason_is_not_reported(project_folder: ProjectFolder) -> None:
    ignored = 'panels.Stat("T", "rate(sum(up)[5m:])", description="D", unit="short", ignore={"rate-of-sum": "one"})'
    assert reported(project_folder, ignored) == ""
    vain = 'panels.Stat("T", "sum(up)", description="D", unit="short", ignore={"rate-of-sum": "one series"})'
    assert "warning[ignore-argument]: rate-of-sum is ignored, but reports nothing here" in reported(
        project_folder, vain
    )


def test_warnings_of_rules_do_not_stop_a_build(project_folder: ProjectFolder) -> None:
    project_folder.write(
        shop=SHOP.format(panel=RESULT["an unused variable"][0], variables=RESULT["an unused variable"][1])
    )
    assert project_folder.run("build").exit == Exit.OK
