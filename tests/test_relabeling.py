"""Relabeling does what Prometheus does."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from obscode.relabeling.apply import Generation, apply, effects
from obscode.relabeling.step import ACTIONS, Step, problems
from obscode.relabeling.target import relabeled
from obscode.relabeling.template import expand, references
from obscode.renderers.yaml_text import document
from obscode.toolchain import Tool
from obscode.verify import servers

# --- steps --------------------------------------------------------------------------------------------------------

LABELS = {"__address__": "10.0.0.1:80", "app": "Shop", "zone": "eu-1"}
EFFECTS: list[tuple[dict[str, Any], Mapping[str, str] | None]] = [
    ({"target_label": "team", "replacement": "a"}, {**LABELS, "team": "a"}),
    ({"source_labels": ["zone", "app"], "separator": "/", "target_label": "x"}, {**LABELS, "x": "eu-1/Shop"}),
    (
        {"source_labels": ["zone"], "regex": "(.+)-(?P<n>.+)", "target_label": "x_$1", "replacement": "${n}$$"},
        {**LABELS, "x_eu": "1$"},
    ),
    ({"source_labels": ["none"], "target_label": "app"}, {"__address__": "10.0.0.1:80", "zone": "eu-1"}),
    ({"source_labels": ["app"], "regex": "shop", "target_label": "x"}, LABELS),
    ({"action": "keep", "source_labels": ["app"], "regex": "Sh.p"}, LABELS),
    ({"action": "keep", "source_labels": ["app"], "regex": "Sho"}, None),
    ({"action": "drop", "source_labels": ["app"], "regex": "Shop|x"}, None),
    ({"action": "Drop", "source_labels": ["none"], "regex": ".+"}, LABELS),
    ({"action": "keepequal", "source_labels": ["none"], "target_label": "neither"}, LABELS),
    ({"action": "dropequal", "source_labels": ["app"], "target_label": "app"}, None),
    (
        {"action": "hashmod", "source_labels": ["__address__"], "modulus": 8, "target_label": "x"},
        {**LABELS, "x": "5"},
    ),
    ({"action": "labelmap", "regex": "(a.)p", "replacement": "my_${1}"}, {**LABELS, "my_ap": "Shop"}),
    ({"action": "labeldrop", "regex": "app|zo"}, {"__address__": "10.0.0.1:80", "zone": "eu-1"}),
    ({"action": "labelkeep", "regex": "__.*|zone"}, {"__address__": "10.0.0.1:80", "zone": "eu-1"}),
    ({"action": "lowercase", "source_labels": ["app"], "target_label": "app"}, {**LABELS, "app": "shop"}),
    ({"action": "uppercase", "source_labels": ["app"], "target_label": "x"}, {**LABELS, "x": "SHOP"}),
    ({"regex": None, "replacement": "s", "target_label": "x"}, {**LABELS, "x": "s"}),
]


@pytest.mark.parametrize(("config", "after"), EFFECTS, ids=[str(config) for config, _ in EFFECTS])
def test_a_step_has_the_effect_that_its_action_has(config: dict[str, Any], after: Mapping[str, str] | None) -> None:
    assert apply(LABELS, Step.of(config)) == after


def test_steps_end_with_the_one_that_drops_the_target() -> None:
    steps = [Step.of({"action": "drop", "source_labels": ["app"]}), Step.of({"target_label": "x", "replacement": "y"})]
    assert [effect.after for effect in effects(LABELS, steps)] == [None]


@pytest.mark.parametrize(
    ("template", "text"),
    [("$1_x", ""), ("${1}_x", "a_x"), ("$$1", "$1"), ("$", "$"), ("${1", "${1"), ("$01", ""), ("$3", ""), ("$2", "")],
)
def test_replacements_are_those_of_go(template: str, text: str) -> None:
    assert expand(template, ("whole", "a", None), {}) == text


def test_the_groups_of_a_replacement_are_found() -> None:
    assert references("$1-${name}-$$2-$3_a") == ["1", "name", "3_a"]


# --- targets ------------------------------------------------------------------------------------------------------


def test_a_target_has_the_defaults_of_prometheus() -> None:
    target = relabeled({"job_name": "shop", "params": {"a": ["1", "2"]}}, {"__address__": "shop:80"})
    assert target.url == "http://shop:80/metrics?a=1&a=2"
    assert target.labels == {"job": "shop", "instance": "shop:80"}
    assert (target.interval, target.timeout) == ("1m", "10s")


def test_the_timeout_of_all_jobs_is_not_longer_than_the_interval() -> None:
    defaults = {"scrape_timeout": "30s", "scrape_interval": "1m"}
    target = relabeled({"job_name": "a", "scrape_interval": "20s"}, {"__address__": "a:1"}, defaults)
    assert (target.interval, target.timeout) == ("20s", "20s")


@pytest.mark.parametrize(
    ("labels", "error"),
    [
        ({"__address__": ""}, "it has no address"),
        ({"__address__": "http://a"}, "'http://a' is not an address: it has a /"),
        ({"__address__": "a", "__scrape_interval__": "x"}, "the interval 'x' is not a duration above zero"),
        ({"__address__": "a", "__scrape_timeout__": "2m"}, "the timeout 2m is longer than the interval 1m"),
    ],
)
def test_a_target_that_prometheus_rejects_has_a_reason(labels: Mapping[str, str], error: str) -> None:
    assert relabeled({"job_name": "a"}, labels).error == error


@pytest.mark.parametrize(("generation", "instance"), [(2, "shop:443"), (3, "shop")])
def test_prometheus_2_adds_the_port_of_the_scheme(generation: Generation, instance: str) -> None:
    target = relabeled({"job_name": "a", "scheme": "https"}, {"__address__": "shop"}, generation=generation)
    assert target.labels == {"job": "a", "instance": instance}


# --- the same as Prometheus ---------------------------------------------------------------------------------------

NAMES = ["app", "zone", "__meta_app", "__meta_zone_name", "__meta_port", "__address__", "__tmp", "job", "instance"]
VALUES = ["", "shop", "Shop-2", "eu-1", "10.0.0.1:8000", "10.0.0.2", "8080", "a;b", "ÄÖ", "$1", "/stats"]
REGEXES = ["(.*)", "(.+)", "shop|Shop-2", "([^:]+)(?::\\d+)?;(\\d+)", "(?i)SHOP", "", "eu-(\\d)", "(?P<n>[a-z]+)-?(.*)"]
NAME_REGEXES = ["__meta_(.+)", "app", "(z)(on)e", "__tmp|app", ".*_name", "(__meta_.*|a.*)"]
# Prometheus maps labels in random order, so that no two of them may get one name.
MAPPED = [regex for regex in NAME_REGEXES if "(" in regex]
REPLACEMENTS = ["$1", "${1}", "$1_x", "${2}-${1}", "fixed", "", "$n", "$$", "${1}:${2}"]
TARGETS = [*NAMES, "x", "y", "__metrics_path__", "__scheme__", "__param_q", "__scrape_interval__", "x_${1}", "$1"]


def random_step(random: Random) -> dict[str, Any]:
    action = random.choice([*ACTIONS, "replace", "replace"])
    on_names = action.startswith("label")
    values: dict[str, Any] = {
        "source_labels": random.sample(NAMES, random.choice([1, 1, 2, 3])),
        "separator": random.choice(["", "/", ";"]),
        "regex": random.choice(MAPPED if action == "labelmap" else NAME_REGEXES if on_names else REGEXES),
        "target_label": random.choice(TARGETS if action == "replace" else TARGETS[:-2]),
        "replacement": random.choice(["${1}", "my_$1", "${1}_x"] if on_names else REPLACEMENTS),
        "modulus": random.randrange(1, 9),
    }
    required = {"source_labels", "target_label", "modulus", *(["regex"] if on_names else [])}
    keys = [key for key in ACTIONS[action] if key in required or random.random() < 0.6]
    return {key: values[key] for key in keys} | ({"action": action} if action != "replace" else {})


def random_job(random: Random, name: str) -> dict[str, Any]:
    steps = [random_step(random) for _ in range(random.randrange(1, 7))]
    return {
        "job_name": name,
        "scrape_interval": random.choice(["1h", "90s", "1d"]),
        **({"metrics_path": "/m x"} if random.random() < 0.2 else {}),
        **({"scheme": "https"} if random.random() < 0.2 else {}),
        **({"params": {"q": ["a b", "ü"], "r": ["&"]}} if random.random() < 0.3 else {}),
        "relabel_configs": [step for step in steps if not list(problems(step))],
    }


def random_targets(random: Random) -> Iterator[dict[str, str]]:
    for number in range(8):
        names = random.sample(NAMES, random.randrange(1, 6))
        labels = {name: random.choice(VALUES) for name in names if name != "__address__"}
        address = random.choice(["10.0.0.1:8000", "10.0.0.2", "shop:80", "[::1]:90", "[::1]"])
        yield {"__address__": address, **labels, "__meta_id": str(number)}


def scraped(url: str, jobs: int) -> Mapping[str, Any]:
    """The targets of a server, once it has those of every job."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
            if answer.read().decode().count("\nprometheus_target_sync_length_seconds_count{") >= jobs:
                return dict(servers.get(f"{url}/api/v1/targets"))
        time.sleep(0.2)
    raise TimeoutError


@pytest.mark.parametrize("seed", [1, 2])
def test_targets_are_those_of_prometheus(seed: int, prometheus: Tool, tmp_path: Path) -> None:
    random = Random(seed)
    generation: Generation = 2 if prometheus.version.startswith("2.") else 3
    jobs = {f"job{number}": random_job(random, f"job{number}") for number in range(120)}
    targets = {name: list(random_targets(random)) for name in jobs}
    for name, listed in targets.items():  # not in files: Linux limits the number of files that are watched
        jobs[name]["static_configs"] = [
            {"targets": [labels["__address__"]], "labels": {k: v for k, v in labels.items() if k != "__address__"}}
            for labels in listed
        ]
    config = tmp_path / "prometheus.yml"
    config.write_text(document({"scrape_configs": list(jobs.values())}, []))
    with servers.prometheus(prometheus, config, tmp_path / "data", servers.free_port()) as url:
        result = scraped(url, len(jobs))
    expected = [
        (name, relabeled(jobs[name], labels, generation=generation)) for name in jobs for labels in targets[name]
    ]
    outcomes = {(each.dropped_by is None, bool(each.error)) for _, each in expected}
    assert outcomes == {(True, False), (False, False), (True, True)}
    active = {
        (each["scrapePool"], each["scrapeUrl"], each["scrapeInterval"], each["scrapeTimeout"], frozen(each["labels"]))
        for each in result["activeTargets"]
    }
    assert active == {
        (name, each.url, each.interval, each.timeout, frozen(each.labels))
        for name, each in expected
        if each.labels is not None
    }
    if generation == 3:  # Prometheus 2 prints other labels for targets that labelmap or labeldrop changed
        dropped = {frozen(each["discoveredLabels"]) for each in result["droppedTargets"]}
        assert dropped == {frozen(each.discovered) for _, each in expected if each.dropped_by is not None}
        discovered = {frozen(each["discoveredLabels"]) for each in result["activeTargets"]}
        assert discovered <= {frozen(each.discovered) for _, each in expected if each.labels is not None}


def frozen(labels: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(labels.items())
