"""`AlertTest` asserts labels, value, annotations and absence, on every promtool; failures say what fires instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from finding_text import finding_text

from obscode import Alert, AlertTest, ExpectedAlert, Project, RecordingRule, Service
from obscode.artifacts.unit_tests import UnitTestSuite
from obscode.checks import lint, registry
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError
from obscode.toolchain import Tool
from obscode.verify.test_report import failure_reports
from obscode.verify.unit_tests import run_suite

SERIES = {
    'errors_total{job="shop",route="/pay"}': "0+30x20",
    'errors_total{job="shop",route="/cart"}': "0+60x20",
    'errors_total{job="shop",route="/"}': "0+1x20",
}
MANY = Alert(
    "ManyErrors",
    """
    # errors per second
    sum by (route) (rate(errors_total{job="shop"}[5m])) > 0.4
    """,
    severity="page",
    for_="2m",
    labels={"team": "a"},
    summary='{{ $labels.route }} fails: {{ $value | printf "%.1f" }} a second',
    description='a "quoted" text,\nin {two} lines: '
    "{{ with query \"job:errors:rate5m{job='shop'}\" }}{{ . | first | value }}{{ end }}",
)
RECORDED = RecordingRule("job:errors:rate5m", 'sum by (job) (rate(errors_total{job="shop"}[5m]))')


def suite(*alerts: ExpectedAlert, fires: Sequence[str] = ("10m",), quiet: Sequence[str] = ()) -> UnitTestSuite:
    test = AlertTest("two routes fail", SERIES, fires=fires, quiet=quiet, alerts=alerts)
    service = Service("shop", recording_rules=[RECORDED], alerts=[replace(MANY, tests=[test])])
    return compile(Definitions(Project("team"), [service])).test_suites[0]


def failure(promtool: Tool, *alerts: ExpectedAlert, **times: Sequence[str]) -> str:
    """The details of the report of one failed test, without its source."""
    (report,) = failure_reports(run_suite(suite(*alerts, **times), promtool).outcomes)
    headline, details = report
    assert headline == f"FAILED shop/ManyErrors: two routes fail (promtool {promtool.version})"
    return details.partition("\n")[2]


PAY, CART = ExpectedAlert({"route": "/pay"}), ExpectedAlert({"route": "/cart"})
PASSING = {
    "any alert": [],
    "a label of the expression": [PAY, CART],
    "labels of the rule": [ExpectedAlert({"severity": "page", "team": "a", "service": "shop"})],
    "values": [replace(PAY, value=0.5), replace(CART, value=1)],
    "a value within 0.1 %": [replace(PAY, value=0.5004), CART],
    "a value of any of them": [ExpectedAlert(value=1)],
    "one annotation of two": [replace(PAY, annotations={"summary": "/pay fails: 0.5 a second"}), CART],
    "an annotation with a query, quotes and a line end": [
        ExpectedAlert(annotations={"description": 'a "quoted" text,\nin {two} lines: 1.5166666666666666'})
    ],
}


@pytest.mark.parametrize("alerts", PASSING.values(), ids=list(PASSING))
def test_what_fires_passes(alerts: list[ExpectedAlert], promtool: Tool) -> None:
    assert run_suite(suite(*alerts), promtool).output == ""


BOTH = '    got:      ManyErrors{route="/cart",service="shop",severity="page",team="a"}\n' + (
    '              ManyErrors{route="/pay",service="shop",severity="page",team="a"}'
)


def test_a_missing_label_is_reported_with_what_fires(promtool: Tool) -> None:
    assert failure(promtool, ExpectedAlert({"route": "/pa"}), PAY, CART) == (
        '  at 10m: no ManyErrors with {route="/pa"} is firing\n' + BOTH
    )


def test_an_alert_that_is_not_expected_is_reported(promtool: Tool) -> None:
    assert failure(promtool, PAY) == (
        "  at 10m: ManyErrors fires with other labels\n"
        '    got:      ManyErrors{route="/cart",service="shop",severity="page",team="a"}'
    )


@pytest.mark.parametrize("value", [0.49, 0.5006, -0.5])
def test_another_value_is_reported_with_the_actual_one(value: float, promtool: Tool) -> None:
    assert failure(promtool, replace(PAY, value=value), CART) == (
        f'  at 10m: the value of ManyErrors{{route="/pay"}} is not {value:g}\n    got:      {{route="/pay"}} 0.5'
    )


def test_another_annotation_is_reported_with_the_actual_one(promtool: Tool) -> None:
    assert failure(promtool, replace(PAY, annotations={"summary": "x"}), CART) == (
        '  at 10m: ManyErrors{route="/pay"} fires with other annotations\n'
        "    expected: summary: x\n"
        "    got:      summary: /pay fails: 0.5 a second"
    )


def test_an_annotation_that_the_alert_does_not_have_is_reported(promtool: Tool) -> None:
    assert failure(promtool, replace(PAY, annotations={"owner": "x"}), CART) == (
        '  at 10m: ManyErrors{route="/pay"} fires with other annotations\n'
        "    expected: owner: x\n"
        "    got:      owner: none"
    )


def test_an_alert_that_does_not_fire_is_reported(promtool: Tool) -> None:
    assert failure(promtool, fires=["1m"]) == "  at 1m: ManyErrors is not firing"
    assert failure(promtool, replace(PAY, annotations={"summary": "x"}), fires=["1m"]) == (
        '  at 1m: ManyErrors is not firing\n  at 1m: ManyErrors{route="/pay"} is not firing'
    )


def test_an_alert_that_fires_too_early_is_reported_with_its_labels(promtool: Tool) -> None:
    assert failure(promtool, fires=(), quiet=["10m"]) == "  at 10m: ManyErrors is firing\n" + BOTH


def test_promtool_runs_the_written_tests_without_obscode(promtool: Tool) -> None:
    """Annotations are left out there: promtool compares all of them, and templates have no text before they run."""
    tested = suite(replace(PAY, value=0.5, annotations={"summary": "x"}), CART)
    plain = replace(tested, tests=[replace(test, alerts=()) for test in tested.tests])
    assert run_suite(plain, promtool).output == ""


INVALID = {
    "alerts without a time": (
        {"fires": (), "quiet": ["1m"], "alerts": [PAY]},
        "error[alert-test]: alerts= is set without a time\n  hint: add fires=",
    ),
    "a value that is not finite": (
        {"fires": ["1m"], "alerts": [ExpectedAlert(value=float("nan"))]},
        "error[alert-test]: the value nan is not finite\n  hint: write a number, such as 0.1",
    ),
    "series with invalid values": (
        {"series": {"up": "0x5 abc"}, "fires": ["1m"]},
        "error[alert-test]: 'abc' is not a value in promtool's notation\n"
        '  hint: write numbers: "5x10" is eleven times 5, "0+6x10" grows by 6, "_" is no value, "stale" ends it',
    ),
    "more evaluations than a million": (
        {"fires": ["1000000s"], "quiet": ["1000001s"], "interval": "1s"},
        "error[alert-test]: promtool would evaluate the alert 1,000,001 times until '1000001s', once per 1s\n"
        "  hint: write an earlier time, or a longer interval=",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), INVALID.values(), ids=list(INVALID))
def test_invalid_expectations_are_rejected(arguments: dict[str, object], message: str) -> None:
    test = AlertTest("a", **{"series": SERIES, **arguments})  # type: ignore[arg-type]
    with pytest.raises(DefinitionError) as error:
        compile(Definitions(Project("team"), [Service("shop", alerts=[replace(MANY, tests=[test])])]))
    assert finding_text(error.value.findings) == message


# --- series that the alert reads ---------------------------------------------------------------------------------


(CHECK,) = (check for check in registry.checks() if check.name == "unmatched-test-series")


def reported(series: str, alert: Alert = MANY, fires: Sequence[str] = (), quiet: Sequence[str] = ("5m",)) -> str:
    test = AlertTest("a", {series: "0x10"}, fires=fires, quiet=quiet)
    service = Service("shop", recording_rules=[RECORDED], alerts=[replace(alert, tests=[test])])
    artifacts = compile(Definitions(Project("team"), [service]))
    return finding_text(
        lint(artifacts, [check for check in registry.checks() if check.name == "unmatched-test-series"])
    )


HEAD = (
    "error[unmatched-test-series]: no series of the test is one that the alert 'ManyErrors' reads\n"
    "  hint: the alert reads "
)


@pytest.mark.parametrize(
    ("series", "hint"),
    [
        (
            'errors_total{route="/pay"}',
            'errors_total{job="shop"}, and errors_total{route="/pay"} has no label job: write a value for job="shop"',
        ),
        (
            'errors_total{job="shopp"}',
            'errors_total{job="shop"}, and errors_total{job="shopp"} has job="shopp": write a value for job="shop"',
        ),
        ("error_total", 'errors_total{job="shop"}'),
        ("job:errors:rate5m", 'errors_total{job="shop"}'),
    ],
)
def test_a_test_without_a_series_that_the_alert_reads_is_rejected(series: str, hint: str) -> None:
    assert reported(series) == HEAD + hint


def test_one_series_that_the_alert_reads_is_enough() -> None:
    assert reported('errors_total{job="shop",route="/pay"}') == ""


QUIET = Alert("ManyErrors", 'job:errors:rate5m{job=~"sh.*"} > 1', severity="page", summary="many")


@pytest.mark.parametrize(
    ("series", "accepted"),
    [
        ('job:errors:rate5m{job="shop"}', True),
        ('errors_total{job="shop"}', True),
        ('job:errors:rate5m{job="desk"}', False),
        ("errors_total", False),
    ],
)
def test_an_alert_reads_what_its_recording_rules_read(series: str, accepted: bool) -> None:
    assert (reported(series, QUIET) == "") == accepted


@pytest.mark.parametrize(("fires", "accepted"), [(("5m",), True), ((), False)])
def test_an_alert_about_a_missing_series_fires_without_it(fires: Sequence[str], accepted: bool) -> None:
    missing = replace(QUIET, expr='absent(up{job="shop"})')
    assert (reported('up{job="desk"}', missing, fires) == "") == accepted
