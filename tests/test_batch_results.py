"""The results of batch jobs: alerts on shares that are too low to be chance, and panels."""

from __future__ import annotations

from math import exp, lgamma, log, sqrt
from statistics import NormalDist

import pytest

from obscode import Definitions, Project, Service, checks, compile, metrics, presets
from obscode.findings.errors import DefinitionError
from obscode.presets.batch_results import CONFIDENCE
from obscode.promql.parser import parse
from obscode.toolchain import Tool
from obscode.verify.unit_tests import run_suites

ACCURACY = metrics.Gauge("model_accuracy_ratio", labels=["model"], help="Share of correct predictions.")
RECALL = metrics.Gauge("model_recall_ratio", labels=["model"], help="Share of the positives that the model finds.")
POSITIVES = metrics.Gauge("model_recall_sample_size", labels=["model"], help="Positives in the sample.")


def evaluation(results: list[metrics.Metric], at_least: dict[str, float]) -> Service:
    return presets.batch_job(
        "evaluation",
        every="1d",
        max_duration="2h",
        runbook="https://runbooks.example.com/evaluation",
        results=results,
        at_least=at_least,
    )


def test_the_alerts_of_results_have_tests_that_pass(promtool: Tool) -> None:
    service = evaluation([ACCURACY, RECALL, POSITIVES], {"model_accuracy_ratio": 0.9, "model_recall_ratio": 0.8})
    artifacts = compile(Definitions(Project("team"), services=[service]))

    assert [str(finding) for finding in checks.lint(artifacts)] == []
    assert [alert.name for alert in service.alerts][3:] == ["ModelAccuracyLow", "ModelRecallLow"]
    assert [
        result.output for result in run_suites(artifacts.test_suites, promtools=[promtool]) if not result.passed
    ] == []


@pytest.mark.parametrize(
    ("results", "size"),
    [([RECALL], "batch_job_sample_size"), ([RECALL, POSITIVES], "model_recall_sample_size")],
    ids=["the size of the run", "a size of its own"],
)
def test_a_share_has_the_size_of_the_run_or_its_own(results: list[metrics.Metric], size: str) -> None:
    alert = evaluation(results, {"model_recall_ratio": 0.8}).alerts[-1]

    assert {selector.metric for selector in parse(alert.expr).selectors} == {"model_recall_ratio", size}


def test_results_have_panels_and_sizes_have_none() -> None:
    rows = evaluation([ACCURACY, RECALL, POSITIVES], {"model_accuracy_ratio": 0.9}).dashboard

    assert [panel.title for panel in rows[0].panels] == ["Model accuracy", "Model recall"]  # type: ignore[index]


def test_an_alert_of_a_share_names_the_value() -> None:
    share = metrics.Gauge("model_accuracy_ratio", labels=["model"])
    summary = evaluation([share], {"model_accuracy_ratio": 0.9}).alerts[-1].summary

    assert summary == "Model accuracy of {{ $labels.model }} is below 0.9: at most {{ $value | humanizePercentage }}"


def test_a_share_that_is_no_result_is_rejected() -> None:
    with pytest.raises(DefinitionError, match="at_least= has 'model_auc_ratio', which is not in results="):
        evaluation([ACCURACY], {"model_auc_ratio": 0.8})


def chance(target: float, size: int) -> float:
    """The exact probability that a sample whose true share is the target fires."""
    z = NormalDist().inv_cdf(CONFIDENCE)
    square = z * z

    def upper(share: float) -> float:
        width = z * sqrt(share * (1 - share) / size + square / 4 / size**2)
        return (share + square / 2 / size + width) / (1 + square / size)

    def binomial(hits: int) -> float:
        ways = lgamma(size + 1) - lgamma(hits + 1) - lgamma(size - hits + 1)
        return exp(ways + hits * log(target) + (size - hits) * log(1 - target))

    return sum(binomial(hits) for hits in range(size + 1) if upper(hits / size) < target)


@pytest.mark.parametrize("target", [0.5, 0.8, 0.9, 0.95, 0.98])
def test_at_most_one_of_a_thousand_runs_fires_by_chance(target: float) -> None:
    assert max(chance(target, size) for size in (50, 75, 100, 200, 300, 500, 1000, 2000, 5000)) < 1 / 1000
