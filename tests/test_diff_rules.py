"""Changes of rules: each edit is one sentence, and what means the same is none."""

from __future__ import annotations

import pytest
from diff_artifacts import lines

from obscode.diff.expressions import condition_edits, query_edits

RULES = """\
groups:
  - name: shop
    interval: 30s
    rules:
      - record: job:errors:rate5m
        expr: sum by (job) (rate(errors_total{env="prod"}[5m]))
        labels:
          team: shop
      - alert: HighErrors
        expr: job:errors:rate5m / job:requests:rate5m > 0.05
        for: 5m
        labels:
          severity: warning
          team: shop
        annotations:
          summary: Many errors
          runbook_url: https://example.org/old
      - alert: Slow
        expr: histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m]))) > 1
        labels:
          severity: warning
      - alert: Slow
        expr: histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m]))) > 5
        labels:
          severity: critical
"""

SILENCES = "  Silences, inhibitions and routes that match {} no longer match."

EDITS = {
    "a higher threshold": ("> 0.05", "> 0.1", ["weaker: Alert HighErrors is less sensitive: threshold 0.05 -> 0.1."]),
    "a lower threshold": (
        "> 0.05",
        "> 0.01",
        ["stricter: Alert HighErrors is more sensitive: threshold 0.05 -> 0.01."],
    ),
    "the threshold of one of two alerts": (
        "> 5\n",
        "> 10\n",
        ['weaker: Alert Slow{severity="critical"} is less sensitive: threshold 5 -> 10.'],
    ),
    "a longer for": ("for: 5m", "for: 10m", ["weaker: Alert HighErrors fires later: for 5m -> 10m."]),
    "no for": ("        for: 5m\n", "", ["stricter: Alert HighErrors fires earlier: for 5m -> 0s."]),
    "keep_firing_for": (
        "for: 5m",
        "for: 5m\n        keep_firing_for: 10m",
        ["changed: Alert HighErrors: keep_firing_for 0s -> 10m."],
    ),
    "a higher severity": (
        "severity: warning\n          team",
        "severity: page\n          team",
        [
            "stricter: Alert HighErrors is more urgent: severity warning -> page.",
            SILENCES.format('severity="warning"'),
        ],
    ),
    "an unknown severity": (
        "severity: warning\n          team",
        "severity: x\n          team",
        ["history: Alert HighErrors: severity warning -> x.", SILENCES.format('severity="warning"')],
    ),
    "a label": (
        "team: shop\n        annotations",
        "team: web\n        annotations",
        ['history: Alert HighErrors: label team "shop" -> "web".', SILENCES.format('team="shop"')],
    ),
    "a new label": (
        "team: shop\n        annotations",
        "team: shop\n          region: eu\n        annotations",
        ['history: Alert HighErrors: label region "eu" added.'],
    ),
    "an annotation": (
        "Many errors",
        "Too many errors",
        ['text: Alert HighErrors: annotation summary "Many errors" -> "Too many errors".'],
    ),
    "a runbook": (
        "org/old",
        "org/new",
        ['text: Alert HighErrors: annotation runbook_url "https://example.org/old" -> "https://example.org/new".'],
    ),
    "the interval of a group": ("30s", "1m", ["weaker: Group shop with 4 rules: interval 30s -> 1m."]),
    "the limit of a group": (
        "interval: 30s",
        "interval: 30s\n    limit: 10",
        ["changed: Group shop with 4 rules: limit 10 added."],
    ),
    "the name of a group": ("name: shop", "name: web", ["text: Group shop is renamed to web."]),
    "the name of an alert": (
        "alert: HighErrors",
        "alert: ManyErrors",
        [
            "history: Alert HighErrors is renamed to ManyErrors.",
            SILENCES.format('alertname="HighErrors"'),
        ],
    ),
    "the name of a record that is read": (
        "record: job:errors:rate5m",
        "record: job:errors:rate",
        [
            "broken: Record job:errors:rate5m is renamed to job:errors:rate.",
            "  The recorded history stays under the name job:errors:rate5m.",
            "  Alert HighErrors still reads job:errors:rate5m, which no longer exists.",
        ],
    ),
    "a window of a record": (
        'env="prod"}[5m]',
        'env="prod"}[10m]',
        ["changed: Record job:errors:rate5m: window 5m -> 10m."],
    ),
    "a matcher of a record": (
        'env="prod"',
        'env="dev"',
        ['changed: Record job:errors:rate5m: matcher env="prod" -> env="dev".'],
    ),
    "labels of an aggregation": (
        "sum by (job)",
        "sum by (job, path)",
        [
            "history: Record job:errors:rate5m: grouping label path added.",
            "  The recorded series get other labels: their history stays with the old ones.",
        ],
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_one_sentence(edit: str) -> None:
    old, new, expected = EDITS[edit]
    assert RULES.count(old) == 1
    assert lines(RULES, RULES.replace(old, new)) == expected


def test_a_removed_alert_is_lost() -> None:
    rules = RULES[: RULES.index("      - alert: Slow")]
    assert lines(rules, rules[: rules.index("      - alert")]) == ["lost: Alert HighErrors is removed."]


def test_an_added_alert_is_described_with_its_condition() -> None:
    rules = RULES[: RULES.index("      - alert: Slow")]
    assert lines(rules[: rules.index("      - alert")], rules) == [
        "stricter: Alert HighErrors is added: `job:errors:rate5m / job:requests:rate5m > 0.05`"
        " with severity warning and for 5m."
    ]


def test_a_removed_group_is_one_change() -> None:
    assert lines(RULES, "groups: []\n") == [
        'lost: Group shop with 3 alerts (HighErrors, Slow{severity="warning"} and Slow{severity="critical"})'
        " and 1 record (job:errors:rate5m) is removed."
    ]


CONDITIONS = {
    "a condition": ("up == 0", "up == 0 and on (job) x > 3", "condition `and on (job) (x > 3)` added [weaker]"),
    "an exception": ("up == 0", "up == 0 unless y", "condition `unless y` added [weaker]"),
    "an alternative": ("up == 0", "up == 0 or y > 3", "alternative `or y > 3` added [stricter]"),
    "a condition less": ("up == 0 and x > 3", "up == 0", "condition `and (x > 3)` removed [stricter]"),
    "a matcher": ("up == 0", 'up{job="a"} == 0', 'matcher job="a" added [weaker]'),
    "a matcher in absent": ("absent(up)", 'absent(up{job="a"})', 'matcher job="a" added [stricter]'),
    "a wider regular expression": ('x{a=~"b|c"} > 5', 'x{a=~"b|c|d"} > 5', 'matcher a=~"b|c" -> a=~"b|c|d" [stricter]'),
    "one of two windows": (
        "rate(a[5m]) / rate(b[5m]) > 1",
        "rate(a[9m]) / rate(b[5m]) > 1",
        "window 5m -> 9m in a [changed]",
    ),
    "both windows": ("rate(a[5m]) / rate(b[5m]) > 1", "rate(a[9m]) / rate(b[9m]) > 1", "window 5m -> 9m [changed]"),
    "a function": ("rate(x[5m]) > 3", "increase(x[5m]) > 3", "function rate() -> increase() [changed]"),
    "a function around": ("up == 0", "absent(up == 0)", "function absent() added [changed]"),
    "a function over time": ("x > 1", "max_over_time(x[5m]) > 1", "function max_over_time() over 5m added [changed]"),
    "an aggregation": ("sum(x) > 3", "avg(x) > 3", "aggregation sum -> avg [changed]"),
    "one of two equal matchers": (
        'rate(a{b="1"}[5m]) / rate(a[5m]) > 1',
        'rate(a{b="1"}[9m]) / rate(a[5m]) > 1',
        'window 5m -> 9m in a{b="1"} [changed]',
    ),
    "a matcher of one of two selectors": (
        "rate(a[5m]) / rate(b[5m]) > 1",
        'rate(a{c="1"}[5m]) / rate(b[5m]) > 1',
        'matcher c="1" added in a [changed]',
    ),
    "one of two equal thresholds": ("a > 5 and b > 5", "a > 5 and b > 9", "threshold 5 -> 9 in b [weaker]"),
    "an operator": ("a / b > 5", "a * b > 5", "operator / -> * [changed]"),
    "labels of a grouping": (
        "sum by (a, b) (x) > 3",
        "sum by (a, c) (x) > 3",
        "grouping by (a, b) -> by (a, c) [changed]",
    ),
    "a label of a grouping": ("sum by (a, b) (x) > 3", "sum by (a) (x) > 3", "grouping label b removed [changed]"),
    "no grouping": ("sum by (a) (x) > 3", "sum(x) > 3", "grouping by (a) removed [changed]"),
    "a quantile": ("quantile(0.9, x) > 1", "quantile(0.5, x) > 1", "quantile 0.9 -> 0.5 [weaker]"),
    "a comparison": ("x > 1", "x >= 1", "comparison > -> >= [stricter]"),
    "an opposite comparison": ("x > 1", "x < 1", "comparison > -> < [changed]"),
    "a lower bound": ("x < 5", "x < 3", "threshold 5 -> 3 [weaker]"),
    "a threshold in other units": (
        "a / b * 100 > 5",
        "a / b > 0.05",
        "factor 100 removed [changed]; threshold 5 -> 0.05 [changed]",
    ),
    "an offset": ("x offset 1d > 2", "x offset 1w > 2", "offset 1d -> 7d [changed]"),
    "labels of a matching": (
        "a * on (x) group_left (y) b > 1",
        "a * on (x) group_left (y, z) b > 1",
        "matching on (x) group_left (y) -> on (x) group_left (y, z) [changed]",
    ),
    "a metric": ("rate(a[5m]) > 3", "rate(b[5m]) > 3", "metric a -> b [changed]"),
    "another expression": ("rate(a[5m]) > 3", "absent(c)", 'expression "rate(a[5m]) > 3" -> "absent(c)" [changed]'),
    "a horizon": (
        "predict_linear(x[6h], 4 * 3600) < 0",
        "predict_linear(x[6h], 24 * 3600) < 0",
        "horizon 4h -> 1d [changed]",
    ),
    "an exception with another threshold": ("a > 1 unless b > 5", "a > 1 unless b > 9", "threshold 5 -> 9 [stricter]"),
    "values of `or` in another order": ("a or b", "b or a", "order of or `a or b` -> `b or a` [changed]"),
}


@pytest.mark.parametrize("edit", CONDITIONS)
def test_an_edit_of_a_condition_is_described_by_its_smallest_part(edit: str) -> None:
    before, after, expected = CONDITIONS[edit]
    assert "; ".join(f"{each} [{each.risk}]" for each in condition_edits(before, after)) == expected


EQUAL = {
    "spaces and comments": ("a>1", "( a )  > 1 # text"),
    "order of matchers": ('a{x="1",y="2"}', "a{y='2',x='1',}"),
    "numbers": ("a > 0.05", "a > 5e-2"),
    "computed numbers": ("a > 14.4 * 0.001", "a > 0.0144"),
    "durations": ("rate(a[60m])", "rate(a[1h])"),
    "order of labels": ("sum by (a, b) (x)", "sum(x) by (b, a)"),
    "order of commutative operands": ("a + b * c", "c * b + a"),
    "sides of a matching": ("a * on (x) group_left b", "b * on (x) group_right a"),
    "sides of a comparison with a number": ("a > 1", "1 < a"),
    "order of conditions": ("a and b and c unless d", "a unless d and c and b"),
    "order of alternatives in a regular expression": ('a{x=~"1|2"}', 'a{x=~"2|1"}'),
    "a regular expression without operators": ('a{x=~"1"}', 'a{x="1"}'),
    "MetricsQL": ('lag(a{x="1",y="2"}[1h]) > 1', "lag( a{y='2', x='1'}[1h] ) > 1"),
}


@pytest.mark.parametrize("same", EQUAL)
def test_what_means_the_same_is_no_change(same: str) -> None:
    before, after = EQUAL[same]
    assert condition_edits(before, after) == []
    assert condition_edits(after, before) == []


def test_reordered_rules_and_groups_are_no_change() -> None:
    head, *rules = RULES.split("      - ")
    other = "  - name: web\n    rules:\n      - record: a:b\n        expr: a\n"
    reordered = (
        "groups:\n" + other + head.removeprefix("groups:\n") + "".join(f"      - {rule}" for rule in rules[::-1])
    )
    assert lines(RULES + other, reordered) == []


def test_the_same_rules_in_a_kubernetes_object_are_one_change() -> None:
    spec = "".join(f"  {line}\n" for line in RULES.splitlines())
    resource = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: shop\nspec:\n" + spec
    after = [text.replace("> 0.05", "> 0.1") for text in (RULES, resource)]
    assert lines([RULES, resource], after) == ["weaker: Alert HighErrors is less sensitive: threshold 0.05 -> 0.1."]


def test_a_removed_copy_is_no_removed_alert() -> None:
    rules = RULES[: RULES.index("      - record")] + RULES[RULES.index("      - alert: Slow") :]
    other = "groups:\n  - name: web\n    rules:\n" + RULES[RULES.index("      - alert: Slow") :]
    other = other[: other.rindex("      - alert")]
    assert lines([rules, other], [rules]) == [
        'changed: A copy of alert Slow{severity="warning"} is removed; 1 remains.'
    ]


def test_a_rule_in_a_group_with_another_interval_is_evaluated_at_another_interval() -> None:
    other = "  - name: web\n    interval: 5m\n    rules:\n      - record: a:b\n        expr: a\n"
    at = RULES.rindex("      - alert: Slow")
    assert lines(RULES + other, RULES[:at] + other + RULES[at:]) == [
        'changed: Alert Slow{severity="critical"}: interval 30s -> 5m.'
    ]


def test_readers_of_a_removed_record_are_named() -> None:
    dashboard = (
        '{"title": "Shop", "schemaVersion": 39, "panels": [{"type": "timeseries", "title": "Errors", "id": 1,'
        ' "gridPos": {"x": 0, "y": 0, "w": 8, "h": 8}, "datasource": {"type": "prometheus", "uid": "x"},'
        ' "targets": [{"refId": "A", "expr": "job:errors:rate5m"}]}]}'
    )
    start, end = RULES.index("      - record"), RULES.index("      - alert: HighErrors")
    assert lines([RULES, dashboard], [RULES[:start] + RULES[end:], dashboard]) == [
        "broken: Record job:errors:rate5m is removed.",
        '  Alert HighErrors and panel "Errors" of dashboard "Shop" still read job:errors:rate5m,'
        " which no longer exists.",
    ]


QUERIES = {
    "a window": ("rate(a[$__rate_interval])", "rate(a[5m])", "window $__rate_interval -> 5m"),
    "a matcher": ('a{job="$job"}', 'a{job=~"${job:regex}"}', 'matcher job="$job" -> job=~"${job:regex}"'),
    "a label": ("sum by ($label) (a)", "sum by (job) (a)", "grouping by ($label) -> by (job)"),
    "a metric": ("${metric}_total", "[[other]]_total", "metric ${metric}_total -> [[other]]_total"),
    "a number": ("topk($k, a)", "topk(5, a)", "k $k -> 5"),
    "a threshold": ("a > $limit", "a > $most", "metric $limit -> $most"),
    "spaces": ("sum(rate(a[$__rate_interval]))by(job)", "sum by (job) (rate(a[$__rate_interval]))", ""),
}


@pytest.mark.parametrize("edit", QUERIES)
def test_variables_keep_their_names_in_edits_of_queries(edit: str) -> None:
    before, after, expected = QUERIES[edit]
    assert "; ".join(map(str, query_edits(before, after))) == expected


def test_long_texts_are_shortened_to_their_difference() -> None:
    url = "https://example.org/a/very/long/path/to/the/runbooks/of/all/services/of/the/shop/errors.html"
    assert lines(
        RULES.replace("https://example.org/old", url), RULES.replace("https://example.org/old", url + "#a")
    ) == ['text: Alert HighErrors: annotation runbook_url "...hop/errors.html" -> "...hop/errors.html#a".']


def test_a_record_that_reads_a_renamed_record_follows() -> None:
    readers = RULES.replace("job:errors:rate5m", "job:failures:rate5m")
    assert lines(RULES, readers) == [
        "history: Record job:errors:rate5m is renamed to job:failures:rate5m.",
        "  The recorded history stays under the name job:errors:rate5m.",
        "  Alert HighErrors follows.",
    ]


def test_rules_of_one_name_are_renamed_together() -> None:
    assert lines(RULES, RULES.replace("alert: Slow", "alert: HighLatency")) == [
        "history: Alert Slow is renamed to HighLatency in 2 rules.",
        '  Silences, inhibitions and routes that match alertname="Slow" no longer match.',
    ]
