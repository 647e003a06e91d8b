"""The checks of PromQL that use the types of expressions, on rule files."""

from __future__ import annotations

from pathlib import Path

import pytest

from obscode.project.check_files import check_files
from obscode.promql import go_regex

CODES = {
    *("missing-label", "vector-matching", "quantile-without-le", "quantile-range", "aggregated-quantile"),
    *("rate-of-sum", "constant-condition", "empty-selector", "bucket-sum", "vector-zero", "info-join"),
    *(
        "label-function",
        "summed-ratio",
        "regex-in-matcher",
        "record-cycle",
        "record-order",
        "sample-type",
        "record-name",
    ),
}


def messages(tmp_path: Path, *records: str) -> list[str]:
    """What the typed checks report for recording rules `a:b:c0`, `a:b:c1`, ..."""
    lines = ["groups:", "- name: g", "  rules:"]
    for i, expr in enumerate(records):
        lines += [f"  - record: a:b:c{i}", "    expr: |-", *(f"      {line}" for line in expr.splitlines())]
    (tmp_path / "rules.yml").write_text("\n".join(lines) + "\n")
    reported = [each for each in check_files([tmp_path]).findings if each.code.name in CODES]
    return [f"{each.severity}[{each.code.name}]: {each.message}" for each in reported]


MISTAKES = {
    # labels that cannot exist
    "sum by (job) (sum by (pod) (up))": (
        "error[missing-label]: recording rule a:b:c0 groups by 'job', which `sum by (pod) (up)` does not have"
    ),
    "sum by (a) (up) * on (a, pod) sum by (a) (x)": (
        "error[missing-label]: recording rule a:b:c0 matches on 'pod', which neither side of * has"
    ),
    "up * on (a) group_left (pod) sum by (a) (x)": (
        "error[missing-label]: recording rule a:b:c0 copies the label 'pod', which `sum by (a) (x)` does not have"
    ),
    "sum by (a) (x) * on (a) group_right (pod) up": (
        "error[missing-label]: recording rule a:b:c0 copies the label 'pod', which `sum by (a) (x)` does not have"
    ),
    # matching
    'x{a="1"} / sum by (b) (y)': (
        "error[vector-matching]: / in recording rule a:b:c0 is always empty: "
        "the left side has the label 'a', the right side cannot have it"
    ),
    'sum(x) unless y{a="1"}': (
        "error[vector-matching]: unless in recording rule a:b:c0 removes nothing: "
        "the right side has the label 'a', the left side cannot have it"
    ),
    'x{a="1"} + x{a="2"}': (
        "error[vector-matching]: + in recording rule a:b:c0 is always empty: "
        'no value matches a="1" of the left side and a="2" of the right side'
    ),
    'x{a="1"} and on (a) y{a=~"2|3"}': (
        "error[vector-matching]: and in recording rule a:b:c0 is always empty: "
        'no value matches a="1" of the left side and a=~"2|3" of the right side'
    ),
    "sum by (a) (x) / sum by (b) (y)": (
        "warning[vector-matching]: / in recording rule a:b:c0 is always empty: "
        "the left side has the label 'a', the right side cannot have it"
    ),
    # quantiles
    "histogram_quantile(0.9, sum by (job) (rate(x_bucket[5m])))": (
        "error[quantile-without-le]: histogram_quantile in recording rule a:b:c0 reads "
        "`sum by (job) (rate(x_bucket[5m]))`, which has no label le"
    ),
    "histogram_quantile(99, rate(x_bucket[5m]))": (
        "error[quantile-range]: histogram_quantile in recording rule a:b:c0 has the quantile 99, "
        "which is outside 0 to 1"
    ),
    "quantile(-0.5, x)": (
        "error[quantile-range]: quantile in recording rule a:b:c0 has the quantile -0.5, which is outside 0 to 1"
    ),
    "quantile_over_time(90 + 5, x[5m])": (
        "error[quantile-range]: quantile_over_time in recording rule a:b:c0 has the quantile 95, "
        "which is outside 0 to 1"
    ),
    "avg by (job) (histogram_quantile(0.9, rate(x_bucket[5m])))": (
        "warning[aggregated-quantile]: recording rule a:b:c0 averages quantiles: "
        "`histogram_quantile(0.9, rate(x_bucket[5m]))`"
    ),
    'sum(rpc_seconds{quantile="0.99"})': (
        'warning[aggregated-quantile]: recording rule a:b:c0 sums quantiles: `rpc_seconds{quantile="0.99"}`'
    ),
    "avg(rate(x_sum[5m]) / rate(x_count[5m]))": (
        "warning[aggregated-quantile]: recording rule a:b:c0 averages averages: `rate(x_sum[5m]) / rate(x_count[5m])`"
    ),
    "sum(rate(a_total[5m]) / rate(b_total[5m]))": (
        "warning[summed-ratio]: recording rule a:b:c0 adds ratios: `rate(a_total[5m]) / rate(b_total[5m])`"
    ),
    "avg by (job) (increase(a_total[5m]) / increase(b_total[5m]))": (
        "warning[summed-ratio]: recording rule a:b:c0 averages ratios: `increase(a_total[5m]) / increase(b_total[5m])`"
    ),
    # values that are regular expressions
    'x{code="500|502"}': (
        'warning[regex-in-matcher]: code="500|502" in recording rule a:b:c0 is compared with the whole text, '
        "not as a regular expression"
    ),
    'x{code!="5.."}': (
        'warning[regex-in-matcher]: code!="5.." in recording rule a:b:c0 is compared with the whole text, '
        "not as a regular expression"
    ),
    # parts of a whole
    'sum(rate(x_bucket{le="1"}[5m])) / sum(rate(x_count[5m])) < 99': (
        'error[constant-condition]: the condition `sum(rate(x_bucket{le="1"}[5m])) / sum(rate(x_count[5m])) ...` '
        "of recording rule a:b:c0 is always true: the values of the left side are in [0, 1]"
    ),
    '100 * sum(rate(x{a="1"}[5m])) / sum(rate(x[5m])) > 110': (
        'error[constant-condition]: the condition `100 * sum(rate(x{a="1"}[5m])) / sum(rate(x[5m])) > 110` '
        "of recording rule a:b:c0 is never true: the values of the left side are in [0, 100]"
    ),
    "x unless x": (
        "error[constant-condition]: `x unless x` of recording rule a:b:c0 is always empty: both sides are equal"
    ),
    # rates
    "rate(sum(x)[5m:])": "error[rate-of-sum]: recording rule a:b:c0 takes the rate of a sum",
    "increase(count by (a) (x)[1h:])": "error[rate-of-sum]: recording rule a:b:c0 takes the increase of a count",
    "rate(irate(x[5m])[1h:])": "error[rate-of-sum]: recording rule a:b:c0 takes the rate of a rate",
    # conditions
    "rate(x[5m]) < 0": (
        "error[constant-condition]: the condition `rate(x[5m]) < 0` of recording rule a:b:c0 is never true: "
        "the values of the left side are in [0, inf]"
    ),
    "rate(x[5m]) >= 0": (
        "error[constant-condition]: the condition `rate(x[5m]) >= 0` of recording rule a:b:c0 is always true: "
        "the values of the left side are in [0, inf]"
    ),
    "2 < avg(up)": (
        "error[constant-condition]: the condition `2 < avg(up)` of recording rule a:b:c0 is never true: "
        "the values of the right side are in [0, 1]"
    ),
    "x > 5 < 3": (
        "error[constant-condition]: the condition `x > 5 < 3` of recording rule a:b:c0 is never true: "
        "the values of the left side are in (5, inf]"
    ),
    "count(up == 1) == 0": (
        "error[constant-condition]: the condition `count(up == 1) == 0` of recording rule a:b:c0 is never true: "
        "the values of the left side are in [1, inf]"
    ),
    "sum(x == 0) > 0": (
        "error[constant-condition]: the condition `sum(x == 0) > 0` of recording rule a:b:c0 is never true: "
        "the left side is always 0"
    ),
    "x > x": "error[constant-condition]: the condition `x > x` of recording rule a:b:c0 is never true",
    "hour() > 25": (
        "error[constant-condition]: the condition `hour() > 25` of recording rule a:b:c0 is never true: "
        "the values of the left side are in [0, 23]"
    ),
    "x > 5 and x < 3": (
        "error[constant-condition]: the conditions `x > 5 and x < 3` of recording rule a:b:c0 exclude each other"
    ),
    "x unless on (pod) sum by (job) (y)": (
        "warning[vector-matching]: unless in recording rule a:b:c0 removes nothing: "
        "the left side has the label 'pod', the right side cannot have it"
    ),
    "quantile(0.9, histogram_quantile(0.9, rate(x_bucket[5m])))": (
        "warning[aggregated-quantile]: recording rule a:b:c0 takes a quantile of quantiles: "
        "`histogram_quantile(0.9, rate(x_bucket[5m]))`"
    ),
    # buckets
    "sum by (job) (rate(x_bucket[5m]))": (
        "error[bucket-sum]: recording rule a:b:c0 adds all buckets of x_bucket, which are cumulative"
    ),
    "sum by (job) (sum by (job, pod) (rate(x_bucket[5m]))) / 2 > 5": (
        "error[bucket-sum]: recording rule a:b:c0 adds all buckets of x_bucket, which are cumulative"
    ),
    "histogram_quantile(0.9, sum by (le) (x_bucket))": (
        "error[sample-type]: histogram_quantile in recording rule a:b:c0 reads `sum by (le) (x_bucket)`, "
        "which counts since the process started"
    ),
    "deriv(up[5m]) > increase(up[1h])": (
        "error[sample-type]: increase in recording rule a:b:c0 reads `up[1h]`, a gauge"
    ),
    # constants and info metrics
    "sum by (job) (rate(x[5m])) or vector(0)": (
        "warning[vector-zero]: or in recording rule a:b:c0 always adds a series without labels: the left side has job"
    ),
    'sum by (cluster, job) (x{job="a"} or vector(0))': (
        "warning[vector-zero]: or in recording rule a:b:c0 always adds a series without labels: the left side has job"
    ),
    "rate(x[5m]) * on (instance) build_info": (
        "warning[info-join]: recording rule a:b:c0 multiplies with `build_info` without group_left"
    ),
    'build_info{a="b"} * on (instance) rate(x[5m])': (
        'warning[info-join]: recording rule a:b:c0 multiplies with `build_info{a="b"}` without group_right'
    ),
    # arguments that Prometheus checks when it evaluates
    'label_replace(up, "a", "$1", "job", "(.*")': (
        "error[label-function]: label_replace in recording rule a:b:c0 has an invalid regular expression '(.*': "
        f"{go_regex.syntax_error('(.*')}"
    ),
    'label_join(up, "", "-", "job")': (
        "error[label-function]: label_join in recording rule a:b:c0 has an empty label name"
    ),
    'count_values("", up)': "error[label-function]: count_values in recording rule a:b:c0 has an empty label name",
    'label_replace(sum by (job) (up), "a", "$1", "pod", "(.*)")': (
        "error[label-function]: label_replace in recording rule a:b:c0 reads the label 'pod', "
        "which `sum by (job) (up)` does not have"
    ),
    # selectors
    'x{a="1", a="2"}': (
        'error[empty-selector]: x in recording rule a:b:c0 matches no series: no value matches a="1" and a="2"'
    ),
    'x{a="b", a=~"c.*"}': (
        'error[empty-selector]: x in recording rule a:b:c0 matches no series: no value matches a="b" and a=~"c.*"'
    ),
}


@pytest.mark.parametrize(("expr", "message"), MISTAKES.items())
def test_a_mistake_is_reported_once(expr: str, message: str, tmp_path: Path) -> None:
    assert messages(tmp_path, expr) == [message]


@pytest.mark.parametrize(
    "expr",
    [
        "sum by (job) (sum by (pod, job) (up))",
        'sum by (pod, job) (x{pod=""})',
        "up * on (a) group_left (pod) sum by (a, pod) (x)",
        "up * on (a) group_left (__name__) (x - y)",
        "sum by (a, b) (x) / on (a) group_left () sum by (a) (y)",
        "sum by (a, b) (x) / ignoring (b) group_left () sum by (a) (y)",
        "sum by (a) (x) or sum by (b) (y)",
        "sum by (a) (x) and on () y > 1",
        'x{a="1"} / ignoring (a) x{a="2"}',
        'x{a=~"1|2"} / x{a=~"2|3"}',
        'x{a!="1"} / x{a="2"}',
        "histogram_quantile(0.9, sum by (job, le) (rate(x_bucket[5m])))",
        "histogram_quantile(0.9, sum by (job) (rate(x[5m])))",  # may be a native histogram
        "histogram_quantile(0.9, sum by (vmrange) (increase(x_bucket[5m])))",
        "histogram_quantile(1, rate(x_bucket[5m]))",
        "max(histogram_quantile(0.9, rate(x_bucket[5m])))",
        "avg(sum by (a) (rate(x_sum[5m])) / sum by (a) (rate(y_count[5m])))",
        "max_over_time(sum(rate(x[5m]))[1h:])",
        "rate(max without (replica) (x)[5m:])",
        "resets(up[1h]) > 0",
        "deriv(sum(x)[5m:])",
        "rate(x[5m]) > 0",
        "x > 5 and y < 3",
        "x > 5 and x < 9",
        "x > 5 and x > bool 3",
        "count(up == 0) > 0",
        "count by (a) (x) > bool 0",
        'ALERTS{alertstate="firing"} == 1',
        "avg(up) < 1",
        "vector(1) == 1",
        "vector(1) == bool 1",
        "hour() >= 0",
        "1 - avg(up) >= 0.5",
        "x > x offset 1h",
        "x > on (a) group_left () x",
        "sum by (job) (rate(x_bucket[5m])) > 0",
        "sum by (job, le) (rate(x_bucket[5m]))",
        'sum by (job) (rate(x_bucket{le="0.5"}[5m]))',
        "sum without (pod) (rate(x_bucket[5m]))",
        "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))",
        "histogram_quantile(0.9, a:b_bucket:rate5m)",
        "sum by (job) (rate(x[5m])) or on () vector(0)",
        "sum(rate(x[5m])) or vector(0)",
        'sum(x{job="a"} or vector(0))',
        "sum by (cluster) (x) or vector(0)",
        "x * on (instance) group_left (version) build_info",
        "sum by (instance) (x) * on (instance) build_info",
        "a_info * on (instance) build_info",
        'label_replace(up, "a", "v", "", "")',
        'label_replace(sum(x), "a", "v", "b", ".*")',
        "sum(rate(x[5m])) / sum(rate(y[5m])) >= 0",
        "rate(x[5m]) / on () group_left () sum(rate(x[5m])) <= 1",
        'label_replace(x, "a", "$1", "job", "(.*)")',
        'x{a="b", a!="c"}',
        'x{a=~"b|c", a!~"c"}',
    ],
)
def test_a_correct_expression_is_accepted(expr: str, tmp_path: Path) -> None:
    assert messages(tmp_path, expr) == []


def test_recorded_series_have_the_type_of_their_rules(tmp_path: Path) -> None:
    reported = messages(
        tmp_path,
        "sum by (job) (x_total)",
        "sum by (job) (rate(x_total[5m]))",
        "rate(a:b:c1[5m])",
        'a:b:c0{pod="a"} > 0',
        "sum by (pod) (a:b:c0)",
        "a:b:c1 < 0",
        "a:b:c1 / on (pod) group_left () up",
    )
    assert reported == [
        "error[rate-of-sum]: recording rule a:b:c2 takes the rate of 'a:b:c1', a rate",
        "error[empty-selector]: a:b:c0 in recording rule a:b:c3 matches no series: its series have no label 'pod'",
        "error[missing-label]: recording rule a:b:c4 groups by 'pod', which `a:b:c0` does not have",
        "error[constant-condition]: the condition `a:b:c1 < 0` of recording rule a:b:c5 is never true: "
        "the values of the left side are in [0, inf]",
        "warning[vector-matching]: / in recording rule a:b:c6 is always empty: "
        "the right side has the label 'pod', the left side cannot have it",
    ]


def test_averages_of_recorded_averages_are_reported(tmp_path: Path) -> None:
    average, one = "avg by (job) (x)", "avg(x)"
    message = "warning[aggregated-quantile]: recording rule a:b:c2 averages averages: `a:b:c0`"
    assert messages(tmp_path, average, one, "avg(a:b:c0)") == [message]
    for expr in ("avg(a:b:c1)", "max(a:b:c0)", "sum(a:b:c0)", "avg(avg by (job) (x))", "avg_over_time(a:b:c0[1h])"):
        assert messages(tmp_path, average, one, expr) == []


def test_an_operation_on_an_empty_result_is_not_reported_again(tmp_path: Path) -> None:
    expr = '(x{a="1"} + x{a="2"}) / (x{a="1"} + x{a="3"}) and x{a="2"} > 0'
    assert [message.split(":")[3] for message in messages(tmp_path, expr)] == [
        "c0 is always empty",
        "c0 is always empty",
    ]


def test_the_caret_points_at_the_part_that_is_wrong(tmp_path: Path) -> None:
    expr = "sum by (job) (a)\n/ # all\n  sum by (cluster) (b)"
    messages(tmp_path, expr, "sum by (job, pod) (\n  sum by (job) (up)\n)")
    carets = [str(each).splitlines()[0:3] for each in check_files([tmp_path]).findings if each.code.name in CODES]
    assert [[line.split(":", 1)[1] for line in lines[:1]] + lines[1:] for lines in carets] == [
        [
            "7:7: warning[vector-matching]: / in recording rule a:b:c0 is always empty: "
            "the left side has the label 'job', the right side cannot have it",
            "    7 |       / # all",
            "      |       ^",
        ],
        [
            "11:20: error[missing-label]: "
            "recording rule a:b:c1 groups by 'pod', which `sum by (job) (up)` does not have",
            "   11 |       sum by (job, pod) (",
            "      |                    ^^^",
        ],
    ]


def test_rules_of_another_folder_may_be_those_of_another_prometheus(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    record = "groups: [{name: g, rules: [{record: 'job:x:sum', expr: 'sum by (job) (x)'}]}]"
    reader = "groups: [{name: g, rules: [{record: 'a:b:c', expr: 'sum by (cluster) (job:x:sum)'}]}]"
    (tmp_path / "other" / "records.yml").write_text(record)
    (tmp_path / "reader.yml").write_text(reader)
    assert [each.code.name for each in check_files([tmp_path]).findings] == []
    (tmp_path / "records.yml").write_text(record)
    assert [each.code.name for each in check_files([tmp_path]).findings] == ["missing-label"]


def test_recording_rules_that_read_each_other_are_reported(tmp_path: Path) -> None:
    reported = messages(tmp_path, "max(a:b:c1)", "max(a:b:c2)", "max(a:b:c0)", "max(a:b:c0)")
    assert reported == [
        "error[record-cycle]: recording rules read each other in a circle: a:b:c0 -> a:b:c1 -> a:b:c2 -> a:b:c0",
        "warning[record-order]: a:b:c0 reads 'a:b:c1', which a later rule of the group g records",
        "warning[record-order]: a:b:c1 reads 'a:b:c2', which a later rule of the group g records",
    ]
    assert messages(tmp_path, "max_over_time(a:b:c1[1h])", "max(x)", "a:b:c2 or x") == []
    assert messages(tmp_path, "x + a:b:c1 offset 1h", "max(a:b:c0)", "max_over_time(a:b:c1[1h:5m])") == []


@pytest.mark.parametrize("number", [20, 21])
def test_a_series_of_many_rules_has_the_labels_of_each(number: int, tmp_path: Path) -> None:
    """Such as the series of 21 SLOs."""
    lines = ["groups:", "- name: g", "  rules:"]
    for i in range(number):
        lines += ["  - record: a:b", f'    expr: sum(x{{a="{i}"}}) / {i % 2 + 1}', f"    labels: {{slo: s{i}}}"]
    for i, slo in enumerate(["s0", f"s{number - 1}"]):
        lines += [f"  - record: a:c{i}", f'    expr: a:b{{slo="{slo}"}}']
    lines += ["  - record: a:d", "    expr: sum by (job) (a:b)"]
    (tmp_path / "rules.yml").write_text("\n".join(lines) + "\n")
    reported = [each for each in check_files([tmp_path]).findings if each.code.name in CODES]
    assert [(each.code.name, each.message) for each in reported] == [
        ("missing-label", "recording rule a:d groups by 'job', which `a:b` does not have")
    ]


@pytest.mark.parametrize(
    ("name", "expr", "message"),
    [
        ("rate5m", "sum(rate(x[10m]))", "names the window 5m, but the expression reads 10m"),
        ("p99_rate_5m", "sum(rate(x[1m]))", "names the window 5m, but the expression reads 1m"),
        ("sum", "max by (a) (x)", "names sum, but the expression is a max"),
        ("rate5m", "sum(rate(x[5m]))", ""),
        ("rate1h", "avg_over_time(a:b:rate5m[1h])", ""),
        ("rate5m", "max_over_time(a:b:rate1m[1h])", ""),
        ("increase1h", "x + (last_over_time(x[30m] offset 30m) or 0 * x)", ""),
        ("rate5m", "sum by (a) (a_b:c:rate5m)", ""),
        ("rate5m", "sum by (a) (x)", ""),  # no window to compare with
        ("sum", "sum(max by (a) (x))", ""),
        ("max", "max(sum by (a) (x))", ""),
        ("sum", "count(x)", ""),
        ("ratio_5m", "x / y", ""),
    ],
)
def test_the_window_and_the_operation_in_a_name_are_those_of_the_expression(
    name: str, expr: str, message: str, tmp_path: Path
) -> None:
    rule = f"{{record: 'a:b:{name}', expr: '{expr}'}}"
    (tmp_path / "rules.yml").write_text(f"groups: [{{name: g, rules: [{rule}]}}]")
    reported = [each.message for each in check_files([tmp_path]).findings if each.code.name == "record-name"]
    assert reported == ([f"'a:b:{name}' {message}"] if message else [])


def of_alerts(tmp_path: Path, *alerts: str) -> list[str]:
    (tmp_path / "rules.yml").write_text(f"groups: [{{name: g, rules: [{', '.join(alerts)}]}}]")
    return [f"{each.code.name}: {each.message}" for each in check_files([tmp_path]).findings]


def test_the_value_of_an_alert_is_no_label(tmp_path: Path) -> None:
    message = "value-in-label: the label 'v' of alert A has the value of the alert, which changes"
    for text in ("{{ $value }}", "{{ .Value | humanize }}", '{{ printf "%.0f" $value }}'):
        assert of_alerts(tmp_path, f"{{alert: A, expr: up == 0, labels: {{v: '{text}'}}}}") == [message]
    for text in ("{{ if gt $value 5.0 }}high{{ else }}low{{ end }}", "{{ $labels.job }}", "value"):
        assert of_alerts(tmp_path, f"{{alert: A, expr: up == 0, labels: {{v: '{text}'}}}}") == []


def test_the_name_of_an_alert_in_a_selector_exists(tmp_path: Path) -> None:
    down = "{alert: InstanceDown, expr: up == 0}"
    typo = "{alert: Long, expr: 'ALERTS{alertname=\"InstanceDwn\"} == 1', for: 1h}"
    message = "unknown-alert-name: Long reads the alert 'InstanceDwn', which does not exist"
    assert of_alerts(tmp_path, down, typo) == [message]
    assert of_alerts(tmp_path, down, typo.replace("InstanceDwn", "InstanceDown")) == []
    assert of_alerts(tmp_path, down, typo.replace("InstanceDwn", "DiskFull")) == []
