"""`presets.gpu_fleet`: names of the catalog, one value for each GPU, unknown values, and the texts of XIDs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from dcgm_text import CAPTURE, Gpu, pod, text
from metrics_server import served

from obscode import Definitions, Project, ScrapeJob, Service, checks, compile, presets
from obscode.importers.metrics_source import read_metrics
from obscode.model.alert import Alert, AlertTest, ExpectedAlert
from obscode.presets.gpu.dcgm import OPTIONAL
from obscode.presets.gpu.xids import APPLICATION, HARDWARE, IGNORED, WATCH
from obscode.promql.parser import parse
from obscode.scaffold.recognition import recognise
from obscode.toolchain import Tool
from obscode.verify import servers
from obscode.verify.unit_tests import run_suites

JOB = ScrapeJob(["node-a:9400", "node-b:9400"])
UNKNOWN = "9223372036854775794"
FILE = Path(__file__).parent / "captures/dcgm-exporter-4.6.metrics.txt"
FLEETS: Mapping[str, Mapping[str, Any]] = {
    "the default": {},
    "all fields, several jobs": {
        "scrape": [ScrapeJob(["a:9400"], job="a"), ScrapeJob(["b:9400"], job="b.c")],
        "where": 'cluster!="test"',
        "fields": [*OPTIONAL],
        "gpus_per_node": {"a100-.*": 8, "l4-.*": 1},
        "honor_labels": False,
        "host_label": "Hostname",
    },
    "an inventory": {"gpus_per_node": 4, "host_label": "instance", "idle": None},
    "one GPU each": {"gpus_per_node": 1, "fields": ["DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL"], "idle": "2h"},
}


def fleet(**arguments: Any) -> Service:
    return presets.gpu_fleet("gpus", **{"scrape": JOB, "runbook": "https://runbooks.example.com/gpus", **arguments})


def queries(service: Service) -> Mapping[str, str]:
    """The queries of the panels by row and panel, and by number from the second one on."""
    return {
        f"{row.title}/{panel.title} {number}".removesuffix(" 0"): query.expr.replace("$__rate_interval", "10s")
        for row in service.dashboard  # type: ignore[union-attr]
        for panel in row.panels
        for number, query in enumerate(panel.all_queries())
    }


def alert(service: Service, name: str) -> Alert:
    return next(each for each in service.alerts if each.name == name)


@pytest.mark.parametrize("arguments", FLEETS.values(), ids=FLEETS)
def test_queries_read_only_names_of_the_catalog(arguments: Mapping[str, Any]) -> None:
    service = fleet(**arguments)
    known = {metric.name for metric in service.metrics} | {rule.name for rule in service.recording_rules} | {"up"}
    texts = [*queries(service).values(), *(rule.expr for rule in (*service.alerts, *service.recording_rules))]

    read = {selector.metric for expr in texts for selector in parse(expr).selectors}

    assert read <= known
    assert {*arguments.get("fields", ())} & {*OPTIONAL} <= read


@pytest.mark.parametrize("arguments", FLEETS.values(), ids=FLEETS)
def test_there_are_no_findings(arguments: Mapping[str, Any]) -> None:
    artifacts = compile(Definitions(Project("team"), services=[fleet(**arguments)]))

    assert [str(finding) for finding in checks.lint(artifacts)] == []


@pytest.mark.parametrize("arguments", FLEETS.values(), ids=FLEETS)
def test_the_alerts_have_tests_that_pass(arguments: Mapping[str, Any], promtool: Tool) -> None:
    service = fleet(**arguments)
    results = run_suites(compile(Definitions(Project("team"), services=[service])).test_suites, promtools=[promtool])

    assert [each.name for each in service.alerts if not each.tests] == []
    assert [each.output for each in results if not each.passed] == []


def test_only_gpu_of_a_machine_cannot_be_one_less() -> None:
    assert "GpuLost" not in {each.name for each in fleet(gpus_per_node=1).alerts}


def test_an_xid_is_of_one_class() -> None:
    classes = [{*HARDWARE}, {*APPLICATION}, {*WATCH}, {*IGNORED}]

    assert sum(map(len, classes)) == len(set().union(*classes))


@pytest.mark.parametrize(
    ("name", "xid", "description"),
    [
        (
            "GpuXidHardware",
            79,
            "XID 79: the GPU has fallen off the bus; restart the machine. Drain the node and do this before new jobs"
            " start there.",
        ),
        (
            "GpuXidApplication",
            13,
            "XID 13: exception of a kernel, mostly an access beyond the end of an array. The job failed by its own"
            " fault; the GPU is healthy. The pod is serving/llama-0, if it is in Kubernetes.",
        ),
        (
            "GpuXidOther",
            94,
            "XID 94: contained memory error: one job failed; reset the GPU when convenient. Watch the GPU; if it"
            " repeats, reset the GPU.",
        ),
        (
            "GpuXidOther",
            999,
            "XID 999: NVIDIA's catalog of XIDs has the meaning. Watch the GPU; if it repeats, reset the GPU.",
        ),
    ],
)
def test_an_alert_says_what_its_xid_means(name: str, xid: int, description: str, newest_promtool: Tool) -> None:
    series = Gpu(3, labels={**pod("llama-0"), "job": "gpus"}).series("DCGM_FI_DEV_XID_ERRORS").rpartition(" ")[0]
    annotations = {"summary": f"GPU 3 of node-a reports XID {xid}", "description": description}
    expected = ExpectedAlert({"pod": "llama-0"}, annotations=annotations)
    test = AlertTest("an XID", {series: f"0x25 {xid}x20"}, fires=["30m"], alerts=[expected])
    service = fleet(alerts=[])
    only = Service(
        "gpus",
        runbook=service.runbook,
        severity="ticket",
        scrape=JOB,
        metrics=service.metrics,
        recording_rules=service.recording_rules,
        alerts=[alert(service, name).derive(tests=[test])],
    )
    suites = compile(Definitions(Project("team"), services=[only])).test_suites

    assert [each.output for each in run_suites(suites, promtools=[newest_promtool]) if not each.passed] == []


@pytest.mark.parametrize(
    ("exposed", "arguments"),
    [
        (text(CAPTURE), {}),
        (text(CAPTURE).replace("hostname=", "Hostname="), {"host_label": "Hostname"}),
        (text(CAPTURE).replace('hostname="node-a",', "").replace('hostname="node-b",', ""), {"host_label": "instance"}),
        (
            text(CAPTURE) + '# TYPE DCGM_FI_PROF_SM_ACTIVE gauge\nDCGM_FI_PROF_SM_ACTIVE{gpu="0",hostname="a"} 0.5\n',
            {"fields": ["DCGM_FI_PROF_SM_ACTIVE"]},
        ),
        (text([Gpu(0)]), {}),
    ],
    ids=["4.6", "4.5", "without a host", "with a field", "outside of Kubernetes"],
)
def test_the_exporter_is_recognised_with_its_arguments(
    exposed: str, arguments: Mapping[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "gpus.prom"
    file.write_text(exposed)

    recognised = recognise(read_metrics(str(file)))

    assert recognised is not None
    assert recognised.exporter.program == "DCGM exporter"
    assert recognised.arguments == arguments
    assert recognised.dead == ()


def test_the_capture_is_the_catalog() -> None:
    assert FILE.read_text() == text(CAPTURE)


def test_panels_show_one_value_for_each_gpu(newest_prometheus: Tool, tmp_path: Path) -> None:
    """GPU 1 has two instances, and is also exported as a whole; GPU 2 only as instances; of GPU 3, nothing is known."""
    instances = [{"GPU_I_PROFILE": "3g.40gb", "GPU_I_ID": number} for number in "12"]
    unknown = dict.fromkeys(
        [metric.name for metric in fleet().metrics if metric.name != "DCGM_FI_DEV_XID_ERRORS"], UNKNOWN
    )
    half = {"DCGM_FI_DEV_FB_USED": "1024", "DCGM_FI_DEV_FB_FREE": "1024", "DCGM_FI_PROF_GR_ENGINE_ACTIVE": "0.5"}
    gpus = [
        Gpu(0, labels=pod("llama-0")),
        Gpu(1, values={**half, "DCGM_FI_DEV_FB_USED": "2048"}),
        *(
            Gpu(number, labels={**each, **pod(each["GPU_I_ID"])}, values=half)
            for number in (1, 2)
            for each in instances
        ),
        Gpu(3, values=unknown),
    ]
    displayed = panel_values(fleet(), text(gpus), newest_prometheus, tmp_path)

    assert displayed["Fleet/GPUs"] == [3]
    assert displayed["Fleet/Allocated"] == [3]
    assert displayed["Fleet/Active"] == [(0.87 + 0.5 + 0.5) / 3]
    assert displayed["Fleet/Memory used"] == [(72704 + 2048 + 2048) * 2**20]
    assert displayed["Fleet/Power"] == [3 * 512.25]
    assert displayed["Fleet/Energy"] == [0]
    assert displayed["Utilisation/Active"] == [0.5, 0.5, 0.87]
    assert displayed["Memory/Used share"] == [0.5, 2048 / 3072, 72704 / 80896]
    assert displayed["Power and heat/Temperature"] == [51, 51, 51]
    assert displayed["Power and heat/Clock of the SMs"] == [1755e6] * 3
    assert displayed["GPUs/Each GPU 5"] == [0] * 4  # the last XID
    assert {title for title, values in displayed.items() if not values} == {"Errors/New XIDs"}


def panel_values(service: Service, displayed: str, tool: Tool, folder: Path) -> Mapping[str, list[float]]:
    """The values of each query in a Prometheus that scrapes a text."""
    with served({"/metrics": (200, {"Content-Type": "text/plain"}, displayed.encode())}) as (url, _):
        config = folder / "prometheus.yml"
        target = url.removeprefix("http://")
        config.write_text(
            "global: {scrape_interval: 1s}\n"
            f"scrape_configs: [{{job_name: gpus, static_configs: [{{targets: ['{target}']}}]}}]\n"
        )
        with servers.prometheus(tool, config, folder / "data", servers.free_port()) as prometheus:
            deadline = time.monotonic() + 20
            while servers.value(prometheus, 'count_over_time(up{job="gpus"}[1m]) > 2') is None:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            return {title: instant(prometheus, expr) for title, expr in queries(service).items()}


def instant(prometheus: str, expr: str) -> list[float]:
    result = servers.get(f"{prometheus}/api/v1/query", query=expr)["result"]
    return sorted(float(sample["value"][1]) for sample in result)
