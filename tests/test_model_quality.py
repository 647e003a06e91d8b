"""`presets.model_quality`: ratios are those of the labels that were counted, and alerts need evidence."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from obscode import Definitions, Project, ScrapeJob, Service, checks, compile, presets
from obscode.findings.errors import DefinitionError
from obscode.model.dashboard import Dashboard
from obscode.promql.parser import parse, substitute_variables
from obscode.promql.selector import Selector
from obscode.testing import rules_of
from obscode.toolchain import Tool
from obscode.verify.unit_tests import run_suites

CLASSES = ["ok", "fraud", "error"]
MODEL = 'job="payments",model="m",version="1"'
RECORDED = "model_version:model_confusion"
OF_CLASS = "model_version_class:model_confusion"


def quality(**arguments: Any) -> Service:
    return presets.model_quality(
        "payments",
        **{
            "scrape": ScrapeJob(["payments:8000"]),
            "runbook": "https://runbooks.example.com/payments",
            "accuracy": 0.9,
            **arguments,
        },
    )


OTHERS = {
    "no version": quality(version="", model="", where='namespace="shop"'),
    "a confusion counter only": quality(evaluated="", correct="", recall=0.8, precision={"a": 0.7}, predictions=""),
    "a judge": quality(
        evaluated="llm_judge_evaluated_total",
        correct="llm_judge_passed_total",
        confusion="",
        predictions="",
        score="llm_judge_score",
        delay="",
        model="judge",
        version="rubric",
    ),
    "one counter": quality(
        evaluated='judge_results_total{judge="gpt"}',
        correct='judge_results_total{judge="gpt",result="pass"}',
        confusion="",
        predictions="",
        score="",
        delay="",
    ),
    "weekly labels": quality(labels_every="1w", label_delay="10d", recall={"fraud": 0.6, "ok": 0.9}),
    "several jobs": quality(scrape=[ScrapeJob(["a:1"], job="eu"), ScrapeJob(["b:1"], job="us")], min_labels=40),
}


def selectors(service: Service) -> Iterator[Selector]:
    assert isinstance(service.dashboard, Dashboard)
    for rule in (*service.recording_rules, *service.alerts):
        yield from parse(rule.expr).selectors
    for row in service.dashboard.rows:
        for panel in row.panels:
            for query in panel.all_queries():
                yield from parse(substitute_variables(query.expr)).selectors


@pytest.mark.parametrize("service", [quality(recall=0.8, precision=0.8), *OTHERS.values()], ids=["default", *OTHERS])
def test_queries_read_only_names_of_the_catalog_and_recorded_series(service: Service) -> None:
    known = {name for metric in service.metrics for name in metric.series()}
    known |= {rule.name for rule in service.recording_rules}
    assert {selector.metric for selector in selectors(service)} <= known


@pytest.mark.parametrize("service", OTHERS.values(), ids=OTHERS)
def test_services_with_other_names_have_no_findings(service: Service) -> None:
    artifacts = compile(Definitions(Project("team"), services=[service]))
    assert [str(finding) for finding in checks.lint(artifacts)] == []


@pytest.mark.slow
@pytest.mark.parametrize("service", OTHERS.values(), ids=OTHERS)
def test_alerts_of_other_names_have_tests_that_pass(service: Service, newest_promtool: Tool) -> None:
    artifacts = compile(Definitions(Project("team"), services=[service]))
    assert [alert.name for alert in service.alerts if not alert.tests] == []
    results = run_suites(artifacts.test_suites, promtools=[newest_promtool])
    assert [result.output for result in results if not result.passed] == []


# --- ratios --------------------------------------------------------------------------------------------------------


def matrix(seed: int) -> dict[tuple[str, str], int]:
    """Cells of a confusion matrix: some are missing, some are zero."""
    dice = random.Random(seed)
    cells = {(actual, predicted): dice.choice([0, 1, 7, 250]) for actual in CLASSES for predicted in CLASSES}
    return {cell: count for cell, count in cells.items() if dice.random() < 0.7}


def expected(cells: Mapping[tuple[str, str], int]) -> dict[str, float]:
    """The ratios, by their definitions; a ratio whose denominator is zero does not exist."""
    result: dict[str, float] = {}
    for each in CLASSES:
        hits = cells.get((each, each), 0)
        support = sum(count for (actual, _), count in cells.items() if actual == each)
        predictions = sum(count for (_, predicted), count in cells.items() if predicted == each)
        if support:
            result[f"recall {each}"] = hits / support
        if predictions:
            result[f"precision {each}"] = hits / predictions
        if support + predictions:
            result[f"f1_score {each}"] = 2 * hits / (support + predictions)
    for ratio in ("recall", "precision", "f1_score"):
        values = [value for name, value in result.items() if name.startswith(f"{ratio} ")]
        if values:
            result[ratio] = sum(values) / len(values)
    if total := sum(cells.values()):
        result["accuracy"] = sum(cells.get((each, each), 0) for each in CLASSES) / total
    return result


def series_of(cells: Mapping[tuple[str, str], int], *, before: int = 0) -> dict[str, str]:
    """Counters of a day of labels, at the end of it, in two instances; one restarts."""
    result = {}
    for (actual, predicted), count in cells.items():
        labels = f'{MODEL},actual="{actual}",predicted="{predicted}"'
        result[f'model_confusion_total{{{labels},instance="a"}}'] = f"{before}x24 {before + count}x24"
        result[f'model_confusion_total{{{labels},instance="b"}}'] = f"{before + 5}x30 0x3 {count}x15"
    return result


@pytest.mark.parametrize("seed", range(4))
def test_ratios_are_those_of_the_labels_that_were_counted(seed: int) -> None:
    """Cells without a series are zero, a restart is no loss, and instances are added up."""
    cells = matrix(seed)
    rules = rules_of(quality(evaluated="", correct="")).with_series(series_of(cells, before=9), interval="1h")
    values = expected(cells)
    for ratio in ("recall", "precision", "f1_score"):
        for each in CLASSES:
            query = f'{OF_CLASS}:{ratio}1d{{class="{each}"}}'
            assert_rounded(rules, query, values.get(f"{ratio} {each}"))
        assert_rounded(rules, f"{RECORDED}:{ratio}1d_macro", values.get(ratio))
    assert_rounded(rules, f"{RECORDED}:ratio1d", values.get("accuracy"))


def assert_rounded(rules: Any, query: str, value: float | None, *, at: str = "48h") -> None:
    if value is None:
        rules.assert_value(f"absent({query})", 1, at=at, labels=label_of(query))
    else:
        rules.assert_value(f"sum(abs({query} - {value!r})) < bool 1e-9", 1, at=at)


def label_of(query: str) -> dict[str, str]:
    """The labels that `absent()` has."""
    return {"class": query.partition('class="')[2].partition('"')[0]} if "class=" in query else {}


def test_counters_that_begin_above_zero_are_counted() -> None:
    """`increase()` does not count what a series has at its first sample: of a rare class, all of it."""
    label = f'{MODEL},actual="fraud",predicted'
    rules = rules_of(quality()).with_series(
        {
            f'model_confusion_total{{{label}="fraud"}}': "_x30 25x18",
            f'model_confusion_total{{{label}="ok"}}': "0x30 75x18",
        },
        interval="1h",
    )
    assert_rounded(rules, f'{OF_CLASS}:recall1d{{class="fraud"}}', 0.25)


def test_a_counter_of_no_correct_predictions_is_no_gap() -> None:
    rules = rules_of(quality(confusion="")).with_series(
        {f"model_predictions_evaluated_total{{{MODEL}}}": "0+10x48"}, interval="1h"
    )
    assert_rounded(rules, "model_version:model_predictions_correct:ratio1d", 0)


# --- evidence ------------------------------------------------------------------------------------------------------


def day(labels: int, correct: int) -> dict[str, str]:
    """A day of labels, which arrive together, in counters that have been there before."""
    return {
        f"model_predictions_evaluated_total{{{MODEL}}}": f"7x96 {7 + labels}x12",
        f"model_predictions_correct_total{{{MODEL}}}": f"5x96 {5 + correct}x12",
    }


@pytest.mark.parametrize(
    ("labels", "correct", "fires"),
    [
        pytest.param(50, 0, False, id="50 labels never alert"),
        pytest.param(299, 0, False, id="299 labels are too few"),
        pytest.param(300, 0, True, id="300 labels are enough"),
        pytest.param(1000, 854, True, id="854 of 1,000"),
        pytest.param(1000, 855, False, id="855 of 1,000 may be by chance"),
        pytest.param(20_000, 17_600, True, id="88 % of 20,000"),
        pytest.param(20_000, 18_000, False, id="90 % of 20,000"),
    ],
)
def test_the_accuracy_alert_needs_evidence(labels: int, correct: int, fires: bool) -> None:
    rules = rules_of(quality(confusion="")).with_series(day(labels, correct), interval="1h")
    check = rules.assert_firing if fires else rules.assert_not_firing
    check("ModelAccuracyLow", at="100h")


def test_the_first_labels_of_a_version_are_no_evidence() -> None:
    """They are those that arrive early; here all of them are wrong."""
    rules = rules_of(quality(confusion="", label_delay="2d")).with_series(
        {
            f"model_predictions_evaluated_total{{{MODEL}}}": "0+100x96",
            f"model_predictions_correct_total{{{MODEL}}}": "0x96",
        },
        interval="1h",
    )
    rules.assert_not_firing("ModelAccuracyLow", at="47h")
    rules.assert_firing("ModelAccuracyLow", at="48h")


def test_labels_that_stop_are_reported_only_while_predictions_are_made() -> None:
    stopped = {f"model_predictions_evaluated_total{{{MODEL}}}": "0+100x24 2400x160"}
    rules = rules_of(quality()).with_series(stopped, interval="1h")
    served = rules.with_series({f"model_predictions_total{{{MODEL}}}": "0+100x200"}, interval="1h")
    idle = rules.with_series({f"model_predictions_total{{{MODEL}}}": "0+100x24 2400x160"}, interval="1h")
    served.assert_not_firing("ModelLabelsMissing", at="48h")
    served.assert_firing("ModelLabelsMissing", at="80h")
    idle.assert_not_firing("ModelLabelsMissing", at="120h")


def test_scores_that_drift_are_reported_before_labels_arrive() -> None:
    """PSI is 0.9; the limit is 0.2, and what is due to chance."""
    shifted = {
        f'model_prediction_score_bucket{{{MODEL},le="{le}"}}': f"0x48 {count}x24"
        for le, count in {"0.5": 100, "1": 500, "+Inf": 500}.items()
    }
    rules = rules_of(quality(score_reference={0.5: 6000, 1.0: 4000})).with_series(shifted, interval="1h")
    rules.assert_not_firing("ModelScoreDrift", at="54h")
    rules.assert_firing("ModelScoreDrift", at="55h")


# --- the page ------------------------------------------------------------------------------------------------------

PAGE = Path(__file__).parent.parent / "docs" / "quality.md"


def blocks() -> list[str]:
    sections = PAGE.read_text().partition("## Models in service\n")[2]
    return re.findall(r"^```python\n(.*?)^```$", sections, re.M | re.S)


@pytest.mark.parametrize("block", blocks(), ids=range(len(blocks())))
def test_the_examples_of_the_page_run(block: str, tmp_path: Path) -> None:
    values: dict[str, Any] = {}
    exec(block.replace('gateway="http://pushgateway:9091"', f"textfile={str(tmp_path)!r}"), values)
    services = [value for value in values.values() if isinstance(value, Service)]
    if services:
        artifacts = compile(Definitions(Project("team"), services=services))
        findings = [finding for finding in checks.lint(artifacts) if finding.code.name != "missing-runbook"]
        assert [str(finding) for finding in findings] == []
    assert services or "model_metrics" in block


# --- arguments -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"score_reference": {1.0: 3}},
            "score_reference= is a reference of 1 buckets: write at least two, such as {0.5: 120, 1.0: 80}",
        ),
        (
            {"score_reference": {0.5: 1, 1.0: 3}, "score": ""},
            "score_reference= is about the histogram of scores: write score=",
        ),
        ({"accuracy": 90}, "90 is not a share between 0 and 1"),
        ({"recall": {"fraud": 1}}, "1 is not a share between 0 and 1"),
        ({"recall": {"fraud": 0}}, "0 is not a share between 0 and 1"),
        ({"recall": 0.5, "confusion": ""}, "recall= needs the confusion counter"),
        (
            {"confusion": "", "correct": ""},
            "without confusion=, quality is counted by evaluated= and correct=",
        ),
    ],
)
def test_invalid_arguments_are_reported(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as error:
        quality(**arguments)
    assert [finding.message for finding in error.value.findings] == [message]


@pytest.mark.parametrize(
    ("target", "fewest"), [(0.9, 300), (0.99, 3000), (0.95, 600), (0.7, 100), (0.5, 100), (0.1, 300)]
)
def test_a_target_has_its_fewest_labels(target: float, fewest: int) -> None:
    (alert,) = [alert for alert in quality(accuracy=target).alerts if alert.name == "ModelAccuracyLow"]
    assert f">= {fewest})" in alert.expr


def test_the_window_is_as_long_as_labels_take() -> None:
    names = [rule.name for rule in quality(labels_every="2d", label_delay="1w").recording_rules]
    assert "model_version:model_predictions_correct:ratio1w" in names
    assert "model_version:model_predictions_correct:ratio3d" in [
        rule.name for rule in quality(window="3d").recording_rules
    ]
