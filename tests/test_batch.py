"""`obscode.batch`: what runs push to a real Pushgateway and write into text files, and which alerts fire."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import NormalDist

import pytest
from prometheus_client.parser import text_string_to_metric_families

from examples.batch_evaluation.evaluate import main as evaluate_file
from obscode.batch import BatchRun
from obscode.importers.metrics_source import read_metrics_text
from obscode.presets import wilson_lower, wilson_upper
from obscode.project.pipeline import compile_folder
from obscode.toolchain import Tool
from obscode.verify import servers

JOB = "model-evaluation"


class BadModelError(Exception):
    """What a run raises."""


@pytest.fixture
def gateway(pushgateway: Path, tmp_path: Path) -> Iterator[str]:
    """The URL of a Pushgateway."""
    url = f"127.0.0.1:{servers.free_port()}"
    with servers.running([str(pushgateway), f"--web.listen-address={url}"], f"http://{url}/-/ready", tmp_path):
        yield f"http://{url}"


def pushed(gateway: str) -> dict[str, float]:
    """The series of jobs, without those of the gateway itself; times as `now`."""
    text = read_metrics_text(f"{gateway}/metrics").text
    return {name: value for name, value in series(text).items() if "model-evaluation" in name}


def series(text: str) -> dict[str, float]:
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {
        f"{sample.name}{{{','.join(f'{k}={v}' for k, v in sorted(sample.labels.items()) if v)}}}": sample.value
        for sample in samples
    }


def names(values: Mapping[str, float]) -> list[str]:
    return sorted({name.partition("{")[0] for name in values})


BOOKKEEPING = [
    "batch_job_duration_seconds",
    "batch_job_last_end_timestamp_seconds",
    "batch_job_last_run_failed",
    "batch_job_last_start_timestamp_seconds",
]
SUCCESS = "batch_job_last_success_timestamp_seconds"
OF_GATEWAY = ["push_failure_time_seconds", "push_time_seconds"]


def evaluate(gateway: str, accuracy: float = 0.93, **arguments: object) -> None:
    with BatchRun(JOB, gateway=gateway, **arguments) as run:  # type: ignore[arg-type]
        run.gauge("model_accuracy_ratio", accuracy, "Share of correct predictions.", model="fraud")
        run.sample_size = 1000


def fail(run: BatchRun, gateway: str = "") -> BadModelError:
    """A run that has a result and fails; meanwhile, the gateway may move."""
    try:
        with run:
            run.gauge("model_accuracy_ratio", 0.1, "Share of correct predictions.", model="fraud")
            if gateway:
                run._target._url = gateway  # type: ignore[attr-defined]
            raise BadModelError
    except BadModelError as error:
        return error
    raise AssertionError("the error of the job is lost")


def test_a_success_pushes_results_and_times(gateway: str) -> None:
    before = time.time()
    evaluate(gateway)
    values = pushed(gateway)
    assert names(values) == sorted(
        [*BOOKKEEPING, SUCCESS, "batch_job_sample_size", "model_accuracy_ratio", *OF_GATEWAY]
    )
    assert values[f"model_accuracy_ratio{{job={JOB},model=fraud}}"] == 0.93
    assert values[f"batch_job_sample_size{{job={JOB}}}"] == 1000
    assert values[f"batch_job_last_run_failed{{job={JOB}}}"] == 0
    assert before <= values[f"{SUCCESS}{{job={JOB}}}"] <= time.time()
    assert 0 <= values[f"batch_job_duration_seconds{{job={JOB}}}"] < 60


def test_a_failure_keeps_the_results_and_the_time_of_the_last_success(gateway: str) -> None:
    evaluate(gateway)
    success = pushed(gateway)[f"{SUCCESS}{{job={JOB}}}"]
    fail(BatchRun(JOB, gateway=gateway))
    values = pushed(gateway)
    assert values[f"batch_job_last_run_failed{{job={JOB}}}"] == 1
    assert values[f"{SUCCESS}{{job={JOB}}}"] == success
    assert values[f"model_accuracy_ratio{{job={JOB},model=fraud}}"] == 0.93
    assert values[f"batch_job_last_end_timestamp_seconds{{job={JOB}}}"] > success


def test_a_success_replaces_results_of_other_names(gateway: str) -> None:
    with BatchRun(JOB, gateway=gateway) as run:
        run.gauge("model_recall_ratio", 0.8, "Share of the positives.")
    evaluate(gateway)
    assert "model_recall_ratio" not in names(pushed(gateway))


def test_labels_are_the_key_under_which_values_are_replaced(gateway: str) -> None:
    evaluate(gateway, 0.9, labels={"region": "eu"})
    evaluate(gateway, 0.8, labels={"region": "us"})
    values = pushed(gateway)
    accuracies = [values[f"model_accuracy_ratio{{job={JOB},model=fraud,region={region}}}"] for region in ("eu", "us")]
    assert accuracies == [0.9, 0.8]


def test_a_run_that_does_not_end_has_a_start_without_an_end(gateway: str) -> None:
    BatchRun(JOB, gateway=gateway).__enter__()
    assert names(pushed(gateway)) == sorted(["batch_job_last_start_timestamp_seconds", *OF_GATEWAY])


def test_a_gateway_that_does_not_answer_fails_the_job() -> None:
    with pytest.raises(OSError, match="Connection refused"):
        evaluate(f"http://127.0.0.1:{servers.free_port()}")


def test_a_failure_that_is_not_pushed_is_a_note_of_the_error(gateway: str) -> None:
    run = BatchRun(JOB, gateway=gateway)
    error = fail(run, gateway=f"127.0.0.1:{servers.free_port()}")
    assert error.__notes__[0].startswith("the failure of the job was not pushed: ")


# --- text files ----------------------------------------------------------------------------------------------------


def files(folder: Path) -> dict[str, list[str]]:
    return {path.name: names(series(path.read_text())) for path in folder.iterdir()}


def test_text_files_have_each_series_once_and_a_failure_keeps_the_results(tmp_path: Path) -> None:
    for error in (None, BadModelError()):
        try:
            with BatchRun(JOB, textfile=tmp_path, labels={"region": "eu"}) as run:
                run.gauge("model_accuracy_ratio", 0.93, "Share of correct predictions.")
                if error:
                    raise error
        except BadModelError:
            pass
        assert files(tmp_path) == {
            "model-evaluation-eu-start.prom": ["batch_job_last_start_timestamp_seconds"],
            "model-evaluation-eu-end.prom": BOOKKEEPING[:3],
            "model-evaluation-eu-results.prom": [SUCCESS, "model_accuracy_ratio"],
        }
    values = series("".join(path.read_text() for path in tmp_path.iterdir()))
    labels = "{batch_job=model-evaluation,region=eu}"
    assert values[f"model_accuracy_ratio{labels}"] == 0.93
    assert values[f"batch_job_last_run_failed{labels}"] == 1
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o644}


# --- arguments -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [{}, {"gateway": "http://localhost:9091", "textfile": "/tmp"}])
def test_a_run_has_one_place_for_its_metrics(arguments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="write gateway= or textfile=, and not both"):
        BatchRun(JOB, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["rows_total", "size_bucket", "size_count", "size_sum"])
def test_names_of_counters_and_histograms_are_rejected(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is the name of a counter or a histogram"):
        BatchRun(JOB, gateway="http://localhost:9091").gauge(name, 1, "Rows.")


# --- alerts --------------------------------------------------------------------------------------------------------

DEFINITIONS = """
from obscode import *

project = Project("team", self_monitoring=False, scrape_interval="1s", evaluation_interval="1s")
gateway = presets.pushgateway(["{address}"])
job = presets.batch_job("model-evaluation", every="1d", max_duration="2h", runbook="https://example.com/evaluation")
never = presets.batch_job("never", every="1s", max_duration="1s", runbook="https://example.com/never")
"""


@pytest.mark.slow
def test_prometheus_scrapes_the_pushed_labels_and_alerts_fire(
    gateway: str, newest_prometheus: Tool, tmp_path: Path
) -> None:
    evaluate(gateway)
    fail(BatchRun(JOB, gateway=gateway))
    (tmp_path / "definitions").mkdir()
    source = DEFINITIONS.replace("{address}", gateway.removeprefix("http://"))
    (tmp_path / "definitions" / "jobs.py").write_text(source)
    servers.write_files(compile_folder(tmp_path / "definitions").files, tmp_path / "build")
    config = tmp_path / "build" / "prometheus" / "prometheus.yml"
    with servers.prometheus(newest_prometheus, config, tmp_path / "data", servers.free_port()) as url:
        firing = await_alerts(url, 2)
        assert servers.value(url, f'model_accuracy_ratio{{job="{JOB}",model="fraud"}}') == 0.93
    assert firing == {("BatchJobFailed", JOB), ("BatchJobStale", "never")}


def await_alerts(url: str, number: int) -> set[tuple[str, str]]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        alerts = servers.get(f"{url}/api/v1/alerts")["alerts"]
        firing = {(a["labels"]["alertname"], a["labels"]["job"]) for a in alerts if a["state"] == "firing"}
        if len(firing) >= number:
            return firing
        time.sleep(0.2)
    raise AssertionError(f"fewer than {number} alerts fire")


# --- the example ---------------------------------------------------------------------------------------------------


def test_the_example_pushes_accuracy_and_recall(gateway: str, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("0.9,1\n0.2,0\n0.7,0\n0.1,1\n")
    evaluate_file([str(tmp_path / "labels.csv"), "--gateway", gateway])
    values = pushed(gateway)
    labels = f"{{job={JOB},model=payments}}"
    assert values[f"model_accuracy_ratio{labels}"] == 0.5
    assert values[f"model_recall_ratio{labels}"] == 0.5
    assert values[f"batch_job_sample_size{labels}"] == 4


def test_the_example_fails_without_labels(gateway: str, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("")
    with pytest.raises(ValueError, match="there are no labels"):
        evaluate_file([str(tmp_path / "labels.csv"), "--gateway", gateway])
    assert pushed(gateway)[f"batch_job_last_run_failed{{job={JOB},model=payments}}"] == 1


# --- bounds of shares ----------------------------------------------------------------------------------------------


def bound(share: float, size: int, towards: float) -> float:
    """The share between the sample's and ``towards`` from which the sample is just z standard errors away."""
    z = NormalDist().inv_cdf(0.95)
    near, far = share, towards
    for _ in range(60):
        middle = (near + far) / 2
        is_near = abs(share - middle) <= z * (middle * (1 - middle) / size) ** 0.5
        near, far = (middle, far) if is_near else (near, middle)
    return near


@pytest.mark.parametrize(("share", "size"), [(0.88, 50), (0.88, 20_000), (1.0, 10), (0.0, 10)])
def test_wilson_bounds_are_those_of_their_definition(
    share: float, size: int, newest_promtool: Tool, tmp_path: Path
) -> None:
    lower, upper = (round(bound(share, size, towards), 4) for towards in (0.0, 1.0))
    text = f"""\
tests:
- interval: 1m
  input_series:
  - {{series: 'share', values: '{share}'}}
  - {{series: 'size', values: '{size}'}}
  promql_expr_test:
"""
    for expression, expected in ((wilson_lower("share", "size"), lower), (wilson_upper("share", "size"), upper)):
        text += f"  - {{expr: 'abs(round({' '.join(expression.split())}, 0.0001))', eval_time: 0s, "
        text += f"exp_samples: [{{labels: '{{}}', value: {expected}}}]}}\n"
    (tmp_path / "test.yml").write_text(text)
    command = [str(newest_promtool.path), "test", "rules", str(tmp_path / "test.yml")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("confidence", [0.5, 1.0])
def test_a_confidence_is_between_a_half_and_one(confidence: float) -> None:
    with pytest.raises(ValueError, match=r"is not between 0\.5 and 1"):
        wilson_upper("share", "size", confidence)
