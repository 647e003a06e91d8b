"""Programs are recognised in their metrics: `obscode init` writes the call of the preset."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from exposition_texts import exposition_text

from obscode import Definitions, Project, checks, metrics, presets
from obscode import compile as compile_definitions
from obscode.model.metrics import Histogram, Metric
from obscode.presets.exporter import Exporter
from obscode.presets.exporters import EXPORTERS
from obscode.presets.http import DIALECTS
from obscode.presets.llm import ENGINES
from obscode.reader.exposition import read_exposition
from obscode.scaffold.observations import bucket_counts
from obscode.scaffold.preset_call import preset_module
from obscode.scaffold.recognition import Recognition, recognise
from obscode.scaffold.service import FirstService

VLLM = ENGINES["vllm"]
PFI = DIALECTS["fastapi-instrumentator"]


def _title(exporter: Exporter) -> str:
    return f"{exporter.program} {exporter.version}"


def _recognised(text: str) -> Recognition:
    recognition = recognise(read_exposition(text, "").metrics)
    assert recognition
    return recognition


def _module(text: str, url: str = "") -> str:
    exposed = read_exposition(text, "").metrics
    recognition = recognise(exposed)
    assert recognition
    first = FirstService("chat", url, "snapshots/chat.prom", exposed, bucket_counts(text))
    return preset_module(first, recognition).partition('"""\n\n')[2]


@pytest.mark.parametrize("exporter", EXPORTERS, ids=_title)
def test_a_program_with_all_metrics_of_its_catalog_is_recognised(exporter: Exporter) -> None:
    recognition = recognise(exporter.catalog)

    assert recognition
    assert recognition.exporter == exporter
    assert recognition.arguments == exporter.arguments
    assert {metric.name for metric in exporter.catalog}.isdisjoint(recognition.dead)


@pytest.mark.parametrize("exporter", EXPORTERS, ids=_title)
def test_the_call_for_a_program_compiles(exporter: Exporter) -> None:
    recognition = recognise(exporter.catalog)
    assert recognition
    service = presets.without_metrics(recognition.service, recognition.dead)

    artifacts = compile_definitions(Definitions(Project("team"), services=[service]))

    assert [str(finding) for finding in checks.lint(artifacts)] == []


def test_the_names_behind_an_exporter_have_its_prefix() -> None:
    assert _recognised(exposition_text(VLLM.renamed("ray_vllm_").catalog)).arguments == {
        "engine": "vllm",
        "prefix": "ray_vllm_",
    }


def test_an_old_server_behind_an_exporter_has_other_labels() -> None:
    text = exposition_text(VLLM.renamed("ray_vllm:").catalog).replace("engine=", "WorkerId=")

    assert _recognised(text).arguments == {"engine": "vllm", "prefix": "ray_vllm:"}


def test_a_server_that_has_a_middleware_is_recognised_as_the_server() -> None:
    assert _recognised(exposition_text([*PFI.catalog, *VLLM.catalog])).exporter.program == "vLLM"


@pytest.mark.parametrize(
    "exposed",
    [
        [],
        [metrics.Counter("http_requests_total", labels=["path", "method", "status"])],
        # A gauge is not the counter of the middleware.
        [metrics.Gauge("http_requests_total", labels=["path", "method", "status"]), *DIALECTS["obscode"].catalog[1:]],
        # Other labels are another middleware.
        [metrics.Counter("http_requests_total", labels=["code", "method"]), *DIALECTS["obscode"].catalog[1:]],
        [metric.derive(name=f"http_client_{metric.name}") for metric in PFI.catalog],
    ],
)
def test_other_metrics_are_no_program(exposed: Sequence[Metric]) -> None:
    assert recognise(exposed) is None


def test_metrics_of_another_version_that_a_preset_reads_are_left_out() -> None:
    text = exposition_text(VLLM.catalog).replace("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc")

    assert _module(text) == (
        "from obscode import presets\n\n"
        "# snapshots/chat.prom is what it exposed. To try the alerts and the dashboard with it:\n"
        "# obscode fake definitions/snapshots/chat.prom\n"
        "#\n"
        "# The preset is written for vLLM 0.33, which also has:\n"
        "# - vllm:kv_cache_usage_perc (here: vllm:gpu_cache_usage_perc?)\n"
        "# Their SLOs, alerts and panels are left out. A server shows some metrics only after the first event:\n"
        "# remove these from the list then.\n"
        "service = presets.without_metrics(\n"
        "    presets.llm_serving(\n"
        "        # The series of the service are those of the job with this name. To scrape it from here, add\n"
        '        # scrape=ScrapeJob(["HOST:PORT"]), and ScrapeJob to the import.\n'
        '        "chat",\n'
        '        engine="vllm",\n'
        "    ),\n"
        '    ["vllm:kv_cache_usage_perc"],\n'
        ")\n"
    )


def test_a_label_that_a_query_needs_is_missing() -> None:
    text = exposition_text(VLLM.catalog).replace("finished_reason", "reason")

    assert _recognised(text).dead == ("vllm:request_success_total",)


def test_a_preset_without_slos_is_not_useful() -> None:
    needed = [metric for metric in VLLM.catalog if not isinstance(metric, Histogram) and "success" not in metric.name]

    assert not _recognised(exposition_text(needed)).is_useful


def test_other_buckets_are_those_of_the_call() -> None:
    engine = VLLM.with_buckets({"vllm:time_to_first_token_seconds": [0.3, 1.7]})

    assert _recognised(exposition_text(engine.catalog)).arguments == {
        "engine": "vllm",
        "buckets": {"vllm:time_to_first_token_seconds": (0.3, 1.7)},
    }
    assert 'buckets={"vllm:time_to_first_token_seconds": [0.3, 1.7]},' in _module(exposition_text(engine.catalog))


def test_other_buckets_of_a_middleware_are_those_of_its_histogram() -> None:
    text = exposition_text(PFI.with_buckets([0.2, 2]).catalog)

    assert _recognised(text).arguments == {"dialect": "fastapi-instrumentator", "buckets": (0.2, 2.0)}


@pytest.mark.parametrize(
    ("slowest", "count", "tier"),
    [
        (0.01, 100, '    tier="interactive",'),
        (0.01, 99, ""),
        (0.1, 100, '    tier="conversational",'),
        (40, 100, ""),
    ],
)
def test_the_tier_is_the_strictest_one_that_is_met(slowest: float, count: float, tier: str) -> None:
    lines = _module(exposition_text(VLLM.catalog, count, slowest)).splitlines()

    assert "".join(line for line in lines if "tier=" in line) == tier


def test_the_limit_of_a_middleware_is_what_its_requests_meet() -> None:
    module = _module(exposition_text(PFI.catalog, 100, 0.3), "http://shop:8000/stats")

    assert module.endswith(
        "service = presets.http_service(\n"
        '    "chat",\n'
        '    dialect="fastapi-instrumentator",\n'
        '    scrape=ScrapeJob(["shop:8000"], path="/stats"),\n'
        "    # 99 % of its requests take less.\n"
        '    latency="500ms",\n'
        ")\n"
    )
