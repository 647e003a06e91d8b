"""Hints of messages are accepted when they are pasted, and suggest no name with another meaning."""

from __future__ import annotations

import re

import pytest
from conftest import ProjectFolder

import obscode
from obscode import BurnAlert, ScrapeJob
from obscode.model.discovery.meta_labels import meta_labels, similar_label
from obscode.project.foreign_arguments import alternative

# A definition with a wrong part, and what its hint says to write instead of the part.
PASTED = {
    "a limit in seconds": ('sli.Latency("h_seconds", under=<<0.5>>)', '"500ms"'),
    "a limit without a unit": ('sli.Latency("h_seconds", under=<<"5">>)', '"5s"'),
    "an age in words": ('sli.Freshness("last_seconds", max_age=<<"1.5 hours">>)', '"1h30m"'),
    "a pause": ('Alert("A", "up < 1", severity="page", summary="a", for_=<<"00">>)', '"0s"'),
    "a pause as a number": ('Alert("A", "up < 1", severity="page", summary="a", for_=<<90>>)', '"90s"'),
    "labels as PromQL": ('Service("shop", selector=<<\'job="x"\'>>)', '{"job": "x"}'),
    "labels in braces": ('Service("shop", selector=<<\'{job="x", env="y"}\'>>)', '{"job": "x", "env": "y"}'),
    "labels as a text": ('Service("shop", selector=<<"job">>)', '{"job": "shop"}'),
    "a path": ('ScrapeJob(["a:80"], path=<<"metrics">>)', "'/metrics'"),
    "a path with parameters": (
        'ScrapeJob(["a:80"], <<path="/probe?module=x&target=y">>)',
        "path='/probe', params={'module': ['x'], 'target': ['y']}",
    ),
    "a path with an escape": ('ScrapeJob(["a:80"], path=<<"/a%20b">>)', "'/a b'"),
    "a path with a fragment": ('ScrapeJob(["a:80"], path=<<"/a#b">>)', "'/a'"),
    "a URL as a path": ('ScrapeJob(["a:80"], path=<<"http://a:80/b">>)', "'/b'"),
    "a target": ('ScrapeJob([<<"a">>])', "'a:8000'"),
    "a runbook": ('Service("shop", runbook=<<"x.example.com/shop">>)', '"http://x.example.com/shop"'),
    "a Prometheus": ('Project("team", prometheus_url=<<"localhost:9090">>)', '"http://localhost:9090"'),
    "a rule's name": ('RecordingRule(<<"errors">>, "sum by (job) (rate(a_total[10m]))")', "'job:a:rate10m'"),
    "a rule without a rate": ('RecordingRule(<<"all">>, "count(up)")', "':up:count'"),
    "a rule with a quantile": (
        'RecordingRule(<<"slow">>, "histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))")',
        "':a:p90_rate5m'",
    ),
    "an alert's name": ('Alert(<<"is down (v1)">>, "up < 1", severity="page", summary="a")', "'IsDownV1'"),
    "a metric's name": ('metrics.Counter(<<"http.count">>)', "'http_count'"),
    "a label's name": ('metrics.Counter("a_total", labels=[<<"http.route">>])', "'http_route'"),
}
PLACES = {"sli.": "slos=[SLO('s', 99, {})]", "Alert": "alerts=[{}]", "RecordingRule": "recording_rules=[{}]"}
PLACES |= {"ScrapeJob": "scrape={}", "metrics.": "metrics=[{}]"}


def project_of(definition: str) -> dict[str, str]:
    """The files of a project with one definition."""
    if definition.startswith("Project"):
        return {"project": f"project = {definition}\n"}
    place = next((text for start, text in PLACES.items() if definition.startswith(start)), "")
    scrape = "" if definition.startswith("ScrapeJob") else 'scrape=ScrapeJob(["a:80"]), '
    service = f"Service('shop', {scrape}{place.replace('{}', definition)})" if place else definition
    return {"shop": f"shop = {service}\n"}


@pytest.mark.parametrize(("definition", "hint"), PASTED.values(), ids=PASTED)
def test_a_hint_is_accepted_when_it_is_pasted(definition: str, hint: str, project_folder: ProjectFolder) -> None:
    wrong = re.sub("<<(.*)>>", r"\1", definition)
    project_folder.write(**project_of(wrong))
    rejected = project_folder.run("build")
    assert rejected.exit == 1
    assert hint in rejected.err.partition("hint: ")[2]
    project_folder.write(**project_of(re.sub("<<.*>>", lambda _: hint, definition)))
    accepted = project_folder.run("build")
    assert (accepted.exit, "error[" in accepted.err) == (0, False), accepted.err


# An argument that a definition does not have, and the hint.
FOREIGN = {
    'ScrapeJob(["a:80"], relabel_configs=[])': "write relabel=",
    'ScrapeJob(["a:80"], basic_auth={})': "write auth=",
    'ScrapeJob(["a:80"], http_config={})': "write auth=, tls= and proxy=",
    'ScrapeJob(["a:80"], kubernetes_sd_configs=[])': "write discovery=discovery.Kubernetes(...)",
    'ScrapeJob(["a:80"], azure_sd_configs=[])': 'write discovery={"azure_sd_configs": [...]}',
    'ScrapeJob(["a:80"], scrape_failure_log_file="a")': 'write settings={"scrape_failure_log_file": ...}',
    'ScrapeJob(["a:80"], metrics_path="/m")': "write path=",
    'ScrapeJob(["a:80"], scrape_interval="1m")': "write interval=",
    'ScrapeJob(["a:80"], retention="1d")': "retention is an argument of Project",
    'Route(DUTY, match_re={"a": "b"})': """write matchers=['team=~"shop|search"']""",
    'Route(DUTY, match={"a": "b"}, mute_time_intervals=[])': "write mute=",
    'Inhibit({"a": "b"}, target_match_re={"a": "b"})': """write target_matchers=['team=~"shop|search"']""",
    "Routing(DUTY, inhibit_rules=[])": "write inhibit=",
    "Routing(DUTY, time_intervals=[])": "write MuteTime(...) in Route(mute=[...])",
    "Routing(receiver=DUTY)": "write default=",
    'Alert("A", "up", runbook_url="http://x/")': "write runbook=",
    'Alert("A", "up", sumary="a")': "did you mean 'summary'?",
    'Service("shop", slo=[])': "did you mean 'slos'?",
    'ScrapeJob(["a:80"], nonsense=1)': (
        "ScrapeJob takes targets, discovery, job, path, interval, timeout, params, scheme, labels, "
        "relabel, metric_relabel, honor_labels and others; help(ScrapeJob) lists them"
    ),
}


@pytest.mark.parametrize(("definition", "hint"), FOREIGN.items(), ids=FOREIGN)
def test_an_unknown_argument_has_a_hint_that_does_not_mislead(
    definition: str, hint: str, project_folder: ProjectFolder
) -> None:
    project_folder.write(shop=f'DUTY = receivers.Webhook("duty", url="http://x/")\na = {definition}\n')
    reported = project_folder.run("build").err
    assert hint in re.findall("hint: (.*)", reported)


def test_every_unknown_argument_of_a_call_is_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("shop", slo=[], alrts=[])\n')
    reported = project_folder.run("build").err
    assert re.findall("no argument ('.*')", reported) == ["'slo'", "'alrts'"]


def test_a_rule_is_not_suggested_to_itself(project_folder: ProjectFolder) -> None:
    rule = 'RecordingRule("job:up:sum", "sum by (job) (job:up:sums)")'
    project_folder.write(shop=f'shop = Service("shop", recording_rules=[{rule}])\n')
    reported = project_folder.run("build").err
    assert "job:up:sum'?" not in reported


def test_errors_of_definitions_cannot_be_ignored(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("shop", ignore={"service-name": "why not", "alert-nam": "a"})\n')
    assert project_folder.run("build").err == (
        """\
definitions/shop.py:3:32: error[ignore-argument]: service-name cannot be ignored, it is an error
    3 | shop = Service("shop", ignore={"service-name": "why not", "alert-nam": "a"})
      |                                ^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: correct what it reports
definitions/shop.py:3:59: error[ignore-argument]: there is no check 'alert-nam' to ignore
    3 | shop = Service("shop", ignore={"service-name": "why not", "alert-nam": "a"})
      |                                                           ^^^^^^^^^^^^^^^^
  hint: did you mean 'alert-name'?
Found 2 errors.
"""
    )


ACCEPTED_BEFORE = {
    'ScrapeJob(["a:80", "b:80", "a:80"])': ("target 'a:80' is a duplicate", "remove one of them"),
    'Project("team", oldest_prometheus="2.41")': (
        "oldest_prometheus is 2.41, but Prometheus 2.42 is the oldest that loads the output",
        'write "2.42", or a newer version',
    ),
    'Project("team", oldest_alertmanager="0.24.1")': (
        "oldest_alertmanager is 0.24.1, but Alertmanager 0.25 is the oldest that loads the output",
        'write "0.25", or a newer version',
    ),
}


@pytest.mark.parametrize(("text", "finding"), ACCEPTED_BEFORE.items())
def test_values_that_no_program_reports_are_reported(text: str, finding: tuple[str, str]) -> None:
    definition = eval(text, vars(obscode))
    assert [(each.message, each.hint) for each in definition.problems()] == [finding]


@pytest.mark.parametrize(
    "text", ['Project("team", oldest_prometheus="2.42")', 'Project("t", oldest_alertmanager="0.25")']
)
def test_the_oldest_versions_are_accepted(text: str) -> None:
    assert list(eval(text, vars(obscode)).problems()) == []


def test_a_label_that_obscode_sets_on_burn_alerts_has_a_hint_of_its_own() -> None:
    labels = dict.fromkeys(("team", "severity", "alertname", "slo"), "x")
    reported = {finding.message: finding.hint for finding in BurnAlert(labels=labels).problems()}
    assert reported == {
        "label 'severity' is set by obscode": 'write severity="..." instead',
        "label 'alertname' is set by obscode": "write it as the first argument of BurnAlert",
        "label 'slo' is set by obscode": "rename it",
    }


def test_misspelt_names_of_keys_and_of_families_of_labels_are_recognized() -> None:
    pod = meta_labels({"kubernetes_sd_configs": [{"role": "pod"}]}) or set()
    label = "__meta_kubernetes_pod_annotation_scrape"
    assert similar_label(pod, label.replace("nn", "n")) == f"did you mean {label!r}?"
    assert alternative(ScrapeJob, "metric_path") == "write path="
