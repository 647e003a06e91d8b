"""`presets.feature_drift`: what is evidence of drift, also for gauges without sizes of references."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from obscode import Definitions, Project, ScrapeJob, Service, checks, compile, metrics, presets
from obscode.batch import BatchRun
from obscode.findings.errors import DefinitionError
from obscode.model_metrics import compare_feature
from obscode.project.pipeline import compile_folder
from obscode.promql.parser import parse, substitute_variables
from obscode.promql.selector import Selector
from obscode.testing import Rules, rules_of
from obscode.toolchain import Tool
from obscode.verify import servers
from obscode.verify.unit_tests import run_suites

RUNBOOK = "https://runbooks.example.com/drift"


def drift(**arguments: Any) -> Service:
    return presets.feature_drift("drift", **{"every": "1d", "max_duration": "2h", "runbook": RUNBOOK, **arguments})


OTHERS = {
    "a batch job": drift(),
    "a service that exposes the gauges": drift(
        max_duration="", every="5m", scrape=ScrapeJob(["drift:8000"]), where='region="eu"', model=""
    ),
    "text files, KS only": drift(textfile=True, psi="", every="6h"),
    "PSI only": drift(ks="", psi="feature_psi", feature="column", model="project"),
    "with results of an evaluation": drift(
        results=[metrics.Gauge("model_accuracy_ratio", labels=["model"])], at_least={"model_accuracy_ratio": 0.9}
    ),
}


def selectors(service: Service) -> Iterator[Selector]:
    for rule in (*service.recording_rules, *service.alerts):
        yield from parse(rule.expr).selectors
    for row in service.dashboard:  # type: ignore[union-attr]
        for panel in row.panels:
            for query in panel.all_queries():
                yield from parse(substitute_variables(query.expr)).selectors


@pytest.mark.parametrize("service", OTHERS.values(), ids=OTHERS)
def test_queries_read_only_names_of_the_catalog_and_recorded_series(service: Service) -> None:
    known = {name for metric in service.metrics for name in metric.series()}
    known |= {rule.name for rule in service.recording_rules}
    assert {selector.metric for selector in selectors(service)} <= known


@pytest.mark.parametrize("service", OTHERS.values(), ids=OTHERS)
def test_services_have_no_findings(service: Service) -> None:
    artifacts = compile(Definitions(Project("team"), services=[service]))
    assert [str(finding) for finding in checks.lint(artifacts)] == []
    assert {alert.severity or service.severity for alert in service.alerts} == {"ticket"}


@pytest.mark.parametrize("service", list(OTHERS.values())[1:], ids=list(OTHERS)[1:])
def test_alerts_have_tests_that_pass(service: Service, newest_promtool: Tool) -> None:
    artifacts = compile(Definitions(Project("team"), services=[service]))
    assert [alert.name for alert in service.alerts if not alert.tests] == []
    results = run_suites(artifacts.test_suites, promtools=[newest_promtool])
    assert [result.output for result in results if not result.passed] == []


# --- evidence ------------------------------------------------------------------------------------------------------


def pushed(features: Mapping[str, Mapping[str, object]]) -> Rules:
    """Gauges of features, by the ends of their names; values are numbers or those of several runs."""
    series = {}
    for feature, values in features.items():
        for name, value in values.items():
            text = value if isinstance(value, str) else f"{value}x16"
            series[f'model_feature_{name}{{job="drift",model="m",feature="{feature}"}}'] = text
    return rules_of(drift()).with_series(series, interval="6h")


def psi_of(value: object, size: object = 1000, reference: object = 10_000) -> dict[str, object]:
    return {"psi": value, "psi_sample_size": size, "psi_reference_size": reference}


def ks_of(value: object, size: object = 1000, reference: object = 10_000) -> dict[str, object]:
    return {"ks": value, "ks_sample_size": size, "ks_reference_size": reference}


@pytest.mark.parametrize(
    ("values", "fires"),
    [
        pytest.param(psi_of(0.2100, 1000), True, id="PSI above the limit and 9/n + 9/m, 0.2099"),
        pytest.param(psi_of(0.2098, 1000), False, id="PSI above the limit, by chance"),
        pytest.param(psi_of(0.2100, 1000, 500), False, id="PSI above the limit, by chance of a small reference"),
        pytest.param({"psi": 0.2091, "psi_sample_size": 1000}, True, id="PSI, a reference of unknown size"),
        pytest.param({"psi": 0.2089, "psi_sample_size": 1000}, False, id="PSI, by chance, a reference of unknown size"),
        pytest.param(psi_of(5, 500), True, id="500 values"),
        pytest.param(psi_of(5, 499), False, id="499 values"),
        pytest.param(psi_of(5, 5000, 499), False, id="a reference of 499 values"),
        pytest.param({"psi": 5}, False, id="no size"),
        pytest.param(ks_of(0.151), True, id="KS above the limit"),
        pytest.param(ks_of(0.149), False, id="KS below the limit"),
        pytest.param(ks_of(0.2, 500, 500), True, id="KS above the limit and chance"),
        pytest.param(psi_of("5x4 0x12"), False, id="one run"),
        pytest.param(psi_of("0x3 5x4 0x3 5x4"), False, id="two runs, with one between them"),
        pytest.param(psi_of("0x3 5x8 0x3"), True, id="two runs in succession"),
    ],
)
def test_a_drifted_feature_is_reported_when_there_is_evidence(values: dict[str, object], fires: bool) -> None:
    rules = pushed({"age": values})
    check = rules.assert_firing if fires else rules.assert_not_firing
    # The sequences of runs end before the last ones of the others.
    check("ModelFeatureDrift", at="66h" if any(isinstance(value, str) for value in values.values()) else "48h")


@pytest.mark.parametrize(("features", "fires"), [(4, True), (5, False)])
def test_the_more_features_the_farther_chance_gets(features: int, fires: bool) -> None:
    """For 5 features, one of 500 values passes 0.151 without drift with a probability of 1 in 10,000."""
    others = {f"f{number}": ks_of(0.01) for number in range(features - 1)}
    rules = pushed({"age": ks_of(0.151, 500, 500), **others})
    (rules.assert_firing if fires else rules.assert_not_firing)("ModelFeatureDrift", at="48h")


@pytest.mark.parametrize(
    ("drifted", "of", "fires"), [(3, 10, True), (2, 10, False), (1, 2, False), (1, 3, True), (15, 50, True)]
)
def test_the_share_of_drifted_features(drifted: int, of: int, fires: bool) -> None:
    features = {f"f{number}": psi_of(0.12 if number < drifted else 0.05, 5000) for number in range(of)}
    rules = pushed({**features, "rare": psi_of(3, 20)})  # of too few values: it does not count
    (rules.assert_firing if fires else rules.assert_not_firing)("ModelInputDrift", at="48h")
    rules.assert_not_firing("ModelFeatureDrift", at="48h")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"psi": "", "ks": ""}, "drift is known from psi= or ks=: write one of them"),
        (
            {"scrape": ScrapeJob(["drift:8000"])},
            "max_duration= is of a batch job, and scrape= of a service: write one of them",
        ),
    ],
)
def test_invalid_arguments_are_reported(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        drift(**arguments)


# --- with a Pushgateway and Prometheus -----------------------------------------------------------------------------

DEFINITIONS = """
from obscode import *

project = Project("team", self_monitoring=False, scrape_interval="1s", evaluation_interval="1s")
gateway = presets.pushgateway(["{address}"])
drift = presets.feature_drift("drift", every="1d", max_duration="2h", runbook="https://example.com/drift")
"""


@pytest.mark.slow
def test_a_batch_job_pushes_what_the_alerts_read(pushgateway: Path, newest_prometheus: Tool, tmp_path: Path) -> None:
    address = f"127.0.0.1:{servers.free_port()}"
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "drift.py").write_text(DEFINITIONS.replace("{address}", address))
    servers.write_files(compile_folder(tmp_path / "definitions").files, tmp_path / "build")
    config = tmp_path / "build" / "prometheus" / "prometheus.yml"
    reference = [number % 97 / 97 for number in range(5000)]
    with (
        servers.running([str(pushgateway), f"--web.listen-address={address}"], f"http://{address}/-/ready", tmp_path),
        servers.prometheus(newest_prometheus, config, tmp_path / "data", servers.free_port()) as url,
    ):
        with BatchRun("drift", gateway=f"http://{address}") as run:
            for feature, values in {"same": reference[:1000], "high": [0.5 + v / 2 for v in reference[:1000]]}.items():
                compare_feature(reference, values).push(run, feature=feature, model="m")
        assert pending(url) == {("ModelFeatureDrift", "high")}


def pending(url: str) -> set[tuple[str, str]]:
    """Alerts of one run: they fire after the second."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        alerts = servers.get(f"{url}/api/v1/alerts")["alerts"]
        matches = {
            (a["labels"]["alertname"], a["labels"].get("feature", "")) for a in alerts if a["state"] == "pending"
        }
        if any(name.startswith("Model") for name, _ in matches):
            return {each for each in matches if each[0].startswith("Model")}
        time.sleep(0.2)
    raise AssertionError("no alert is pending")
