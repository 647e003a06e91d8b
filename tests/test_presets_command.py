"""`obscode presets`, and the comparison of a text of metrics with the catalog of a preset."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Sequence

import pytest
from conftest import ProjectFolder
from exposition_texts import exposition_text

from obscode import metrics, presets
from obscode.model.metrics import Metric
from obscode.presets.exporters import EXPORTERS
from obscode.presets.llm import ENGINES
from obscode.reader.exposition import read_exposition
from obscode.scaffold.preset_comparison import compare_with_preset

VLLM = ENGINES["vllm"]


def test_each_program_is_listed_with_its_call(project_folder: ProjectFolder) -> None:
    header, *rows = project_folder.run("presets").out.splitlines()

    assert header.split() == ["PROGRAM", "VERSION", "METRICS", "CALL", "SOURCE"]
    programs = rows[: len(EXPORTERS)]
    assert [row[: len(each.program)] for row, each in zip(programs, EXPORTERS, strict=True)] == [
        each.program for each in EXPORTERS
    ]
    assert 'presets.llm_serving("NAME", engine="vllm")' in rows[0]


def test_presets_of_no_program_are_listed_with_their_required_arguments(project_folder: ProjectFolder) -> None:
    rows = [row.split(maxsplit=2) for row in project_folder.run("presets").out.splitlines()[1 + len(EXPORTERS) :]]

    assert {(first, second) for first, second, _ in rows} == {("any", "service")}
    calls = {call.partition("(")[0]: call.rstrip() for *_, call in rows}
    services = {name for name, function in vars(presets).items() if _returns_a_service(function)}
    assert set(calls) == {f"presets.{name}" for name in services - {each.preset for each in EXPORTERS}}
    assert calls["presets.batch_job"] == 'presets.batch_job("NAME", every="1d", max_duration="1h")'
    assert calls["presets.pushgateway"] == 'presets.pushgateway(["HOST:PORT"])'
    assert calls["presets.canary"] == "presets.canary(SERVICE)"


def _returns_a_service(function: object) -> bool:
    return callable(function) and inspect.signature(function).return_annotation == "Service"


@pytest.mark.parametrize("name", [name for name, each in vars(presets).items() if _returns_a_service(each)])
def test_each_preset_is_printed_by_its_name(project_folder: ProjectFolder, name: str) -> None:
    printed = project_folder.run("presets", name)

    assert (printed.exit, printed.err) == (0, "")
    assert f"= presets.{name}(" in printed.out
    assert re.search("^ARGUMENT +DEFAULT +MEANING$", printed.out, re.MULTILINE)


@pytest.mark.parametrize("name", ["vllm", "vLLM"])
def test_a_program_is_printed_with_example_arguments_and_catalog(project_folder: ProjectFolder, name: str) -> None:
    lines = project_folder.run("presets", name).out.splitlines()

    assert lines[3:6] == [
        "from obscode import ScrapeJob, presets",
        "",
        'shop = presets.llm_serving("shop", engine="vllm", scrape=ScrapeJob(["HOST:PORT"]))',
    ]
    assert "max_waiting   50              the number of waiting requests that is a long queue." in lines
    assert "vllm:num_requests_running                   gauge      model_name, engine" in lines


def test_the_name_of_a_preset_lists_its_programs(project_folder: ProjectFolder) -> None:
    printed = project_folder.run("presets", "http_service", "--format", "json").out

    assert {each["preset"] for each in json.loads(printed)} == {"http_service"}


def test_the_programs_as_json_have_their_catalogs(project_folder: ProjectFolder) -> None:
    (vllm,) = json.loads(project_folder.run("presets", "vllm", "--format", "json").out)

    assert vllm["call"] == 'presets.llm_serving("NAME", engine="vllm")'
    assert vllm["metrics"][0] == {
        "name": "vllm:num_requests_running",
        "type": "gauge",
        "labels": ["model_name", "engine"],
        "more_labels": False,
    }
    assert vllm["metrics"][-1]["buckets"][:2] == [0.3, 0.5]


def test_an_unknown_program_is_an_error(project_folder: ProjectFolder) -> None:
    printed = project_folder.run("presets", "vlm")

    assert (printed.exit, printed.err) == (
        2,
        "error[invalid-argument]: there is no preset or program 'vlm'\n  hint: did you mean 'vllm'?\n",
    )


@pytest.mark.parametrize(
    ("name", "known"), [("batchjob", "batch-job"), ("canari", "canary"), ("model_qualty", "model-quality")]
)
def test_a_misspelt_preset_has_a_hint(project_folder: ProjectFolder, name: str, known: str) -> None:
    assert project_folder.run("presets", name).err.endswith(f"  hint: did you mean {known!r}?\n")


# --- comparison ----------------------------------------------------------------------------------------------------


def test_a_capture_of_the_same_metrics_has_no_differences(project_folder: ProjectFolder) -> None:
    others = [metrics.Gauge(f"vllm:other_{i}") for i in range(7)]
    (project_folder.root / "a.prom").write_text(exposition_text([*VLLM.renamed("ray_vllm_").catalog, *others]))

    compared = project_folder.run("metrics", "a.prom", "--compare-preset", "vllm")

    assert (compared.exit, compared.out) == (
        0,
        "OK: 19 metrics as those of vLLM 0.33\n"
        "exposed, but not read by the preset: vllm:other_0, vllm:other_1, vllm:other_2, vllm:other_3, vllm:other_4"
        " and 2 more\n",
    )


def _labelled(catalog: Sequence[Metric], *labels: str) -> str:
    return exposition_text([metric.derive(labels=(*metric.labels, *labels)) for metric in catalog])


def test_labels_of_most_metrics_are_those_of_an_exporter_around_the_program(project_folder: ProjectFolder) -> None:
    catalog = VLLM.renamed("ray_vllm_").catalog
    (project_folder.root / "a.prom").write_text(_labelled(catalog, "ReplicaId", "WorkerId"))

    compared = project_folder.run("metrics", "a.prom", "--compare-preset", "vllm")

    assert (compared.exit, compared.out) == (
        0,
        "OK: 19 metrics as those of vLLM 0.33\nnot declared, but labels of most metrics: ReplicaId, WorkerId\n",
    )


@pytest.mark.parametrize(("count", "is_common"), [(2, False), (3, True)])
def test_a_label_of_few_metrics_is_a_difference(count: int, is_common: bool) -> None:
    catalog = VLLM.catalog[:count]
    exposed = read_exposition(_labelled(catalog, "rank"), "").metrics

    compared = compare_with_preset("vllm", exposed)

    assert compared.labels == (["rank"] if is_common else [])
    assert [row.detail for row in compared.differences if row.kind == "labels"] == (
        [] if is_common else ["not declared: rank"] * count
    )


@pytest.mark.parametrize(("count", "labels"), [(5, []), (6, ["rank"])])
def test_a_common_label_is_one_of_three_quarters_of_the_metrics(count: int, labels: list[str]) -> None:
    text = _labelled(VLLM.catalog[:count], "rank") + exposition_text(VLLM.catalog[count:8])

    assert compare_with_preset("vllm", read_exposition(text, "").metrics).labels == labels


def test_a_capture_of_another_version_has_differences(project_folder: ProjectFolder) -> None:
    text = (
        exposition_text(VLLM.catalog).replace("finished_reason", "reason").replace("kv_cache_usage", "gpu_cache_usage")
    )
    text = text.replace('le="2560.0"', 'le="2500.0"').replace("preemptions_total gauge", "preemptions_total counter")
    (project_folder.root / "a.prom").write_text(text)

    compared = project_folder.run("metrics", "a.prom", "--compare-preset", "llm-serving")

    assert compared.exit == 1
    assert [line.split(maxsplit=2) for line in compared.out.splitlines()] == [
        ["KIND", "METRIC", "DIFFERENCE"],
        ["missing", "vllm:kv_cache_usage_perc", "a gauge that is not exposed"],
        [
            "labels",
            "vllm:request_success_total",
            "not exposed: finished_reason; not declared: reason",
        ],
        ["buckets", "vllm:time_to_first_token_seconds", "not exposed: 2560; not declared: 2500"],
        ["exposed,", "but", "not read by the preset: vllm:gpu_cache_usage_perc"],
    ]


def test_the_metrics_of_no_program_of_a_preset_are_an_error(project_folder: ProjectFolder) -> None:
    (project_folder.root / "a.prom").write_text("# TYPE a gauge\na 1\n")

    compared = project_folder.run("metrics", "a.prom", "--compare-preset", "llm_serving")

    assert compared.exit == 2
    assert compared.err.startswith("error[invalid-argument]: the metrics are of none of the programs of llm_serving\n")


def test_two_comparisons_are_an_error(project_folder: ProjectFolder) -> None:
    compared = project_folder.run("metrics", "a.prom", "--compare-preset", "vllm", "--compare", "shop")

    assert compared.exit == 2
    assert "--compare and --compare-preset exclude each other" in compared.err


# --- without_metrics -----------------------------------------------------------------------------------------------


def test_what_reads_a_metric_is_left_out_with_it() -> None:
    chat = presets.llm_serving("chat", engine="vllm")

    rest = presets.without_metrics(chat, ["vllm:time_to_first_token_seconds", "vllm:num_requests_waiting"])

    assert [slo.name for slo in rest.slos] == ["per-token", "availability"]
    names = [alert.name for alert in rest.alerts]
    assert "LLMPreemptions" in names
    assert {"LLMCacheFull", "LLMQueueLong"}.isdisjoint(names)
    panels = {panel.title: panel for row in rest.rows for panel in row.panels}
    assert "Time to first token" not in panels
    legends = [query.legend for query in panels["Running and waiting"].all_queries()]
    assert legends == ["running {{model_name}}", "waiting: {{reason}}"]
    assert "vllm:num_requests_waiting" not in [metric.name for metric in rest.metrics]


def test_a_row_without_panels_is_left_out() -> None:
    chat = presets.llm_serving("chat", engine="vllm")

    rest = presets.without_metrics(chat, [metric.name for metric in chat.metrics])

    assert (rest.slos, rest.alerts, rest.rows, rest.metrics) == ((), (), (), ())
