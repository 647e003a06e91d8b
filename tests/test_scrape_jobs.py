"""Scrape jobs: discovery, relabeling, limits, access over HTTP; probes and Pushgateways."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scrape_cases import JOBS, NEWER, NEWER_OTHERS, OTHERS

from obscode import Probe, Project, Pushgateway, ScrapeJob, Service, compile, discovery, http, relabel, render
from obscode.checks import lint
from obscode.compiler import Definitions
from obscode.findings.errors import DefinitionError
from obscode.model.argument_types import problems
from obscode.model.discovery.raw import KINDS
from obscode.model.scrape import Job
from obscode.model.scrape.configuration import configuration
from obscode.renderers.yaml_text import document
from obscode.toolchain import Tool
from obscode.verify.processes import run
from obscode.verify.promtool import check


def is_newer(promtool: Tool) -> bool:
    """Whether a promtool is of the second generation, 3.5 or newer."""
    return not promtool.version.startswith("2.")


def rejection(promtool: Tool, jobs: Mapping[str, Mapping[str, Any]], folder: Path) -> str:
    """What promtool says about a configuration with jobs; empty if it accepts it."""
    configs = [{"job_name": name, **settings} for name, settings in jobs.items()]
    (folder / "prometheus.yml").write_text(document({"scrape_configs": configs}, []))
    result = run(promtool, "check", "config", "--syntax-only", "prometheus.yml", folder=folder)
    # Debian's builds lack some discoveries.
    lacking = set(re.findall(r"field (\w+_sd_configs) not found", result.stderr))
    if lacking & {key for settings in jobs.values() for key in settings}:
        reduced = {name: {k: v for k, v in each.items() if k not in lacking} for name, each in jobs.items()}
        return rejection(promtool, reduced, folder)
    return result.stdout + result.stderr if result.returncode else ""


# --- what Prometheus accepts --------------------------------------------------------------------------------------


def test_promtool_accepts_every_kind_of_job(promtool: Tool, tmp_path: Path) -> None:
    assert rejection(promtool, {name: configuration(job) for name, job in JOBS.items()}, tmp_path) == ""


def test_promtool_accepts_every_newer_argument(promtool: Tool, tmp_path: Path) -> None:
    text = rejection(promtool, {"newer": configuration(NEWER)}, tmp_path)
    assert (text == "") == is_newer(promtool)


def test_promtool_accepts_every_other_discovery_as_plain_data(promtool: Tool, tmp_path: Path) -> None:
    others = {**OTHERS, **(NEWER_OTHERS if is_newer(promtool) else {})}
    jobs = {key: ScrapeJob(discovery={key: [item]}) for key, item in others.items()}
    assert [str(finding) for job in jobs.values() for finding in problems(job)] == []
    assert rejection(promtool, {name: configuration(job) for name, job in jobs.items()}, tmp_path) == ""


def test_every_discovery_of_prometheus_is_tried() -> None:
    tried = {*OTHERS, *NEWER_OTHERS} | {key for job in JOBS.values() for key in job.discovery_configs()}
    known = {f"{kind}_sd_configs" for kind in KINDS.split()}
    assert known - tried == {"aws_sd_configs", "oci_sd_configs", "outscale_sd_configs"}  # newer than the tools


def test_every_action_is_tried() -> None:
    actions = {type(step) for job in JOBS.values() for step in job.relabel if isinstance(step, relabel.Step)}
    assert actions == {kind for kind in vars(relabel).values() if isinstance(kind, type)} - {relabel.Step}


@pytest.mark.parametrize("name", [*JOBS, "newer"])
def test_a_valid_job_has_no_problems(name: str) -> None:
    assert [str(finding) for finding in problems({**JOBS, "newer": NEWER}[name])] == []


# --- what is written ----------------------------------------------------------------------------------------------


def test_labels_of_a_job_with_discovery_are_set_by_relabeling_before_other_steps() -> None:
    job = ScrapeJob(
        discovery=discovery.File("shop.json"), labels={"team": "a$b"}, relabel=[relabel.Replace("x", "team")]
    )
    assert configuration(job) == {
        "metrics_path": "/metrics",
        "file_sd_configs": [{"files": ["shop.json"]}],
        "relabel_configs": [
            {"target_label": "team", "replacement": "a$$b"},
            {"source_labels": ["team"], "target_label": "x"},
        ],
    }


def test_a_probe_requests_the_prober_with_the_target_as_parameter() -> None:
    probe = Probe("http_2xx", ["https://shop.example.com/"], prober="blackbox:9115")
    assert configuration(probe) == {
        "metrics_path": "/probe",
        "params": {"module": ["http_2xx"]},
        "static_configs": [{"targets": ["https://shop.example.com/"]}],
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": "blackbox:9115"},
        ],
    }


def test_a_pushgateway_keeps_the_labels_of_pushed_series() -> None:
    assert configuration(Pushgateway(["pushgateway:9091"])) == {
        "honor_labels": True,
        "metrics_path": "/metrics",
        "static_configs": [{"targets": ["pushgateway:9091"]}],
    }


def test_settings_are_merged_last() -> None:
    job = ScrapeJob(["a:80"], settings={"scrape_failure_log_file": "a.log", "metrics_path": "/m"})
    assert configuration(job) == {
        "metrics_path": "/m",
        "static_configs": [{"targets": ["a:80"]}],
        "scrape_failure_log_file": "a.log",
    }


def test_a_switch_that_is_off_is_written() -> None:
    job = ScrapeJob(["a:80"], scrape_native_histograms=False, sample_limit=0, enable_http2=False)
    assert configuration(job) == {
        "scrape_native_histograms": False,
        "metrics_path": "/metrics",
        "enable_http2": False,
        "static_configs": [{"targets": ["a:80"]}],
    }


def test_the_job_of_a_probe_has_another_name_than_that_of_its_service() -> None:
    service = Service("shop", scrape=[ScrapeJob(["shop:8000"]), Probe("http_2xx", ["https://shop.example.com/"])])
    assert service.job_names() == ("shop", "shop-probe")


def test_a_project_with_every_kind_of_job_compiles_without_a_finding() -> None:
    jobs = [job.derive(job=name.replace(" ", "-")) for name, job in JOBS.items()]
    artifacts = compile(Definitions(Project("team"), services=[Service("shop", scrape=jobs)]))
    assert "job_name: kubernetes-roles" in "".join(file.text for file in render(artifacts))


# --- what is reported ---------------------------------------------------------------------------------------------

REPORTED: Sequence[tuple[Job, str, str]] = [
    (ScrapeJob(), "the job has no targets", 'write ["localhost:8000"], or discovery=...'),
    (ScrapeJob(["http://a:80/m"]), "'http://a:80/m' is a URL, not an address", ""),
    (Probe("", ["a"]), "the probe has no module", 'write "http_2xx", for example'),
    (Probe("icmp"), "the probe has no targets", 'write ["https://shop.example.com/"], or discovery=...'),
    (Probe("icmp", ["a", "a"]), "target 'a' is a duplicate", "remove it"),
    (
        Probe("icmp", ["a"], prober="http://b:9115/probe"),
        "'http://b:9115/probe' is a URL, not an address",
        "write 'b:9115' here, and use scheme= and path= for the rest",
    ),
    (Probe("icmp", ["a"], prober="b"), "target 'b' has no port", "write 'b:9115'"),
    (
        Probe("icmp", ["a"], params={"module": ["x"]}),
        "params has 'module', which obscode sets",
        "write module=, the first argument",
    ),
    (Pushgateway(), "the Pushgateway has no targets", 'write ["localhost:9091"], or discovery=...'),
    (ScrapeJob(["a:80"], sample_limit=-1), "sample_limit -1 is below zero", "write 0 for no limit"),
    (ScrapeJob(["a:80"], body_size_limit="10"), "'10' is not a size", 'write "10B" or "10MB"'),
    (ScrapeJob(["a:80"], body_size_limit="0.5 GB"), "'0.5 GB' is not a size", 'write "0.5GB"'),
    (ScrapeJob(["a:80"], body_size_limit=1000), '1000 is not a size such as "10MB"', 'write "1000B" or "1000MB"'),  # type: ignore[arg-type]
    (ScrapeJob(["a:80"], body_size_limit=0), '0 is not a size such as "10MB"', 'write "0"'),  # type: ignore[arg-type]
    (ScrapeJob(["a:80"], body_size_limit="5g"), "'5g' is not a size", 'write "5GB"'),
    (ScrapeJob(["a:80"], body_size_limit="much"), "'much' is not a size", 'write "10MB", for example'),
    (
        ScrapeJob(["a:80"], path="/m", settings={"metrics_path": "/n"}),
        "settings has 'metrics_path', which path= sets, too",
        "write one of them",
    ),
    (
        ScrapeJob(["a:80"], settings={"static_configs": []}),
        "settings has 'static_configs', which targets= sets, too",
        "write one of them",
    ),
    (ScrapeJob(discovery={"azure": [{}]}), "'azure' is not the key of a discovery", "write 'azure_sd_configs'"),
    (
        ScrapeJob(discovery={"azure_sd_configs": []}),
        "azure_sd_configs has no items",
        'write [{"port": 9100}], for example',
    ),
    (
        ScrapeJob(discovery=discovery.DNS("a.shop", type="A")),
        "records of type A have no port",
        "write port=8000, for example",
    ),
    (ScrapeJob(discovery=discovery.DNS("a", type="A", port=65536)), "65536 is not a port", "write 1 to 65535"),
    (
        ScrapeJob(discovery=discovery.File("*/shop.json")),
        "'*/shop.json' is not the path of a .json, .yml or .yaml file with a '*' in its last part at most",
        'write "targets/*.json", for example',
    ),
    (
        ScrapeJob(discovery=discovery.Consul("https://consul:8500/")),
        "'https://consul:8500/' is a URL, not an address",
        "write 'consul:8500', scheme=\"https\"",
    ),
    (
        ScrapeJob(discovery=discovery.Kubernetes("pod", tls=http.TLS(ca_file="/ca"))),
        "tls= has no api_server=",
        "write api_server=, too; Prometheus requires it",
    ),
    (
        ScrapeJob(discovery=discovery.Kubernetes("pod", selectors=[{"label": "app=shop"}])),
        "a selector has the keys role, label and field",
        'write {"role": "service", "label": "app=shop"}',
    ),
    (
        ScrapeJob(discovery=discovery.EC2(filters={"tag:team": []})),
        "the filter 'tag:team' has no values",
        'write filters={"tag:team": ["shop"]}',
    ),
    (
        ScrapeJob(discovery=discovery.HTTP("inventory/targets")),
        "'inventory/targets' is not a URL",
        'write "http://host:port/path"',
    ),
]


@pytest.mark.parametrize(("job", "message", "hint"), REPORTED, ids=[message for _, message, _ in REPORTED])
def test_an_invalid_job_is_reported(job: Job, message: str, hint: str) -> None:
    (finding,) = problems(job)
    assert finding.message == message
    assert finding.hint == hint or not hint


STEPS: Sequence[tuple[relabel.Step | Mapping[str, Any], str, str]] = [
    (relabel.Keep("a", "sh(op"), "invalid regular expression 'sh(op': missing ): sh(op", ""),
    (
        relabel.HashMod("a", "b", modulus=0),
        "the action hashmod has no modulus",
        "write the number of shards, such as 2",
    ),
    (relabel.Replace("", "b"), "the action replace has no target label", "name the label"),
    ({"action": "kep", "regex": "a"}, "action is 'kep'", "did you mean 'keep'?"),
    (
        {"source_label": ["a"], "target_label": "b"},
        "a relabeling step has no key 'source_label'",
        "did you mean 'source_labels'?",
    ),
    (
        {"action": "labeldrop", "regex": "a", "source_labels": ["b"]},
        "the action labeldrop takes no source_labels",
        "leave it out",
    ),
]


@pytest.mark.parametrize(("step", "message", "hint"), STEPS, ids=[message for _, message, _ in STEPS])
def test_an_invalid_step_is_reported(step: relabel.Step | Mapping[str, Any], message: str, hint: str) -> None:
    (finding,) = problems(ScrapeJob(["a:80"], labels={"a": "1", "b": "2"}, relabel=[step]))
    assert (finding.message, finding.hint) == (message, hint)


def reported(job: Job, check: str) -> list[tuple[str, str, str]]:
    """The severity, message and hint of the findings of a check."""
    artifacts = compile(Definitions(Project("team"), services=[Service("shop", scrape=job)]))
    return [(each.severity, each.message, each.hint) for each in lint(artifacts) if each.code.name == check]


GROUPS: Sequence[tuple[relabel.Step | Mapping[str, Any], str, str]] = [
    (
        relabel.Replace("a", "b", regex="(.+)-v2", replacement="$1_v2"),
        "the regular expression has one group, but replacement reads ${1_v2}",
        "write ${1}_v2",
    ),
    (
        relabel.Replace("a", "b", regex="(.+)", replacement="$2"),
        "the regular expression has one group, but replacement reads ${2}",
        "write a group in parentheses",
    ),
    (
        relabel.LabelMap("__meta_consul_.+"),
        "the regular expression has no group, but the default replacement reads ${1}",
        "write a group, or a replacement without it",
    ),
]


@pytest.mark.parametrize(("step", "message", "hint"), GROUPS, ids=[message for _, message, _ in GROUPS])
def test_a_group_that_does_not_exist_is_reported(
    step: relabel.Step | Mapping[str, Any], message: str, hint: str
) -> None:
    job = ScrapeJob(["a:80"], labels={"b": "2"}, relabel=[step])
    assert reported(job, "relabel-group") == [("warning", message, hint)]
    job = ScrapeJob(["a:80"], labels={"b": "2"}, metric_relabel=[step])
    assert reported(job, "relabel-group") == [("warning", message, hint)]


_PODS = discovery.Kubernetes("pod")
SOURCE_LABELS: Sequence[tuple[Job, str, str]] = [
    (
        ScrapeJob(discovery=_PODS, relabel=[relabel.Keep("__meta_kubernetes_pod_nmae", "a")]),
        "no target has the label '__meta_kubernetes_pod_nmae' here",
        "did you mean '__meta_kubernetes_pod_name'?",
    ),
    (
        ScrapeJob(discovery=_PODS, relabel=[relabel.Keep("__meta_kubernetes_service_name", "a")]),
        "no target has the label '__meta_kubernetes_service_name' here",
        "targets have it with the role service",
    ),
    (
        ScrapeJob(discovery=_PODS, relabel=[relabel.Replace("zone", "__meta_kubernetes_node_label_zone")]),
        "no target has the label '__meta_kubernetes_node_label_zone' here",
        'targets have it with attach_metadata: {node: true}, in Python attach=["node"]',
    ),
    (
        ScrapeJob(discovery=_PODS, relabel=[relabel.Replace("x", "__meta_consul_node")]),
        "no target has the label '__meta_consul_node' here",
        "targets have __meta_kubernetes_namespace, __meta_kubernetes_pod_container_id, "
        "__meta_kubernetes_pod_container_image and others",
    ),
    (
        ScrapeJob(discovery=_PODS, relabel=[{"source_labels": ["app"], "target_label": "x"}]),
        "no target has the label 'app' here",
        "a step before it has to set it",
    ),
    (
        ScrapeJob(["a:80"], relabel=[relabel.Keep("__meta_kubernetes_pod_name", "a")]),
        "no target has the label '__meta_kubernetes_pod_name' here",
        "listed targets have none that begins with __meta_",
    ),
]


@pytest.mark.parametrize(("job", "message", "hint"), SOURCE_LABELS, ids=[message for _, message, _ in SOURCE_LABELS])
def test_a_label_that_no_target_has_is_reported(job: Job, message: str, hint: str) -> None:
    assert reported(job, "source-label") == [("warning", message, hint)]


@pytest.mark.parametrize(
    "job",
    [
        ScrapeJob(discovery=_PODS, relabel=[relabel.Replace("app", "job"), relabel.Replace("x", "app")]),
        ScrapeJob(discovery=_PODS, relabel=[relabel.LabelMap("(.+)"), relabel.Replace("x", "any")]),
        ScrapeJob(discovery=_PODS, relabel=[relabel.Replace("x", ["__tmp_a", "__address__", "__param_a"])]),
        ScrapeJob(discovery=discovery.File("a.json"), relabel=[relabel.Replace("x", "__meta_any")]),
        ScrapeJob(discovery={"azure_sd_configs": [{}]}, relabel=[relabel.Replace("x", "__meta_any")]),
        ScrapeJob(["a:80"], labels={"app": "a"}, relabel=[relabel.Replace("x", "app")]),
        ScrapeJob(discovery=discovery.Static(["a:80"], labels={"app": "a"}), relabel=[relabel.Replace("x", "app")]),
        ScrapeJob(
            discovery=discovery.Kubernetes("pod", attach=["node"]),
            relabel=[relabel.Replace("x", "__meta_kubernetes_node_label_zone")],
        ),
    ],
    ids=str,
)
def test_a_label_that_targets_may_have_is_not_reported(job: Job) -> None:
    assert reported(job, "source-label") == []


def test_promtool_rejects_what_is_an_error_in_a_step(promtool: Tool, tmp_path: Path) -> None:
    for step, message, _ in STEPS:
        finding = next(iter(problems(ScrapeJob(["a:80"], labels={"a": "1", "b": "2"}, relabel=[step]))))
        text = rejection(promtool, {"job": configuration(ScrapeJob(["a:80"], relabel=[step]))}, tmp_path)
        assert bool(text) == (finding.severity == "error"), (message, text)


def rejected(promtool: Tool, job: Job) -> str:
    """The messages of `obscode check` about a job with one promtool."""
    artifacts = compile(Definitions(Project("team"), services=[Service("shop", scrape=job)]))
    return "".join(finding.message for finding in check(artifacts, list(render(artifacts)), [promtool], []))


def test_a_discovery_that_the_build_of_promtool_lacks_is_not_reported(promtool: Tool) -> None:
    kinds = {**OTHERS, "consul_sd_configs": {"server": "consul:8500"}, "kubernetes_sd_configs": {"role": "pod"}}
    assert rejected(promtool, ScrapeJob(discovery={key: [item] for key, item in kinds.items()})) == ""


def test_what_promtool_rejects_beside_it_is_reported(promtool: Tool) -> None:
    job = ScrapeJob(discovery={"consul_sd_configs": [{}]}, settings={"sample_limit": "many"})
    assert "cannot unmarshal !!str `many` into uint" in rejected(promtool, job)


def test_files_of_the_machine_of_prometheus_are_not_looked_for(promtool: Tool) -> None:
    tls = http.TLS(ca_file="/no/such/ca.crt")
    assert rejected(promtool, ScrapeJob(["a:80"], tls=tls, auth=http.Bearer("/no/such/token"))) == ""


def test_names_of_labels_that_relabeling_sets_are_those_of_the_oldest_prometheus() -> None:
    steps = [
        relabel.Replace("service.name", "job"),
        relabel.Replace("my_${1}", "job"),
        relabel.Lowercase("__tmp", "job"),
    ]
    definitions = Definitions(Project("team"), services=[Service("shop", scrape=ScrapeJob(["a:80"], relabel=steps))])
    with pytest.raises(DefinitionError) as error:
        compile(definitions)
    (finding,) = error.value.findings
    assert finding.message == "'service.name' is not a label name that Prometheus 2.42 accepts"
    newer = Project("team", oldest_prometheus="3.0")
    assert compile(replace(definitions, project=newer)).prometheus_configs
