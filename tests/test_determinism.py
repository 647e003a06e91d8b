"""The same definitions give the same bytes for any hash seed, order, folder and locale."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import REPOSITORY, ProjectFolder, tree

SEEDS = range(10)

# Services with every kind of definition, in files that import each other.
SERVICES = {
    name: f"""\
from .shared import errors

service = Service(
    "{name}",
    owner="team",
    severity="page",
    scrape=ScrapeJob([env.pick(container="localhost:8000", default="{name}:8000")], labels={{"b": "1", "a": "2"}}),
    metrics=[metrics.Counter("requests_total", labels=["status", "path"]), metrics.Histogram("latency_seconds")],
    recording_rules=[
        RecordingRule(":requests:rate5m", "sum(rate(requests_total[5m]))", labels={{"of": "{name}"}}),
    ],
    slos=[{slo}],
    alerts=[Alert("Down", "up == 0", summary="down", labels={{"z": "1", "y": "2"}}, annotations={{"b": "", "a": "2"}})],
    dashboard=[Row("Requests", panels.TimeSeries("Rate", ":requests:rate5m"), panels.Stat("Errors", "vector(0)"))],
)
"""
    for name, slo in {"alpha": "errors", "beta": "", "gamma": ""}.items()
}
SHARED = """\
errors = SLO("errors", 99.9, sli.Ratio(errors="errors_total", total="requests_total", by=["path", "method"]))
"""
PROJECT = """\
project = Project("team", environments=[Environment("container"), Environment("staging")])
routing = Routing(
    default=receivers.Webhook("team", url="http://localhost:5001"),
    routes=[Route(receivers.Webhook("page", url="http://localhost:5001"), match={"severity": "page", "team": "a"})],
)
"""


def written(project_folder: ProjectFolder) -> ProjectFolder:
    return project_folder.write(project=PROJECT, shared=SHARED, **SERVICES)


def built(folder: Path, *arguments: str, out: str = "", **environment: str) -> dict[str, str | bytes]:
    """The files that a build in a separate process writes to a folder."""
    path = folder / (out or f"out-{random.Random(repr((arguments, environment))).random()}")
    subprocess.run(
        [sys.executable, "-m", "obscode", "build", "--quiet", *arguments, "--out", str(path)],
        cwd=folder,
        env=os.environ | environment,
        check=True,
    )
    return tree(path)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | bytes]:
    """What the definitions above build."""
    return built(written(ProjectFolder(tmp_path_factory.mktemp("output"))).root)


@pytest.mark.slow
def test_the_output_does_not_depend_on_the_hash_seed(
    project_folder: ProjectFolder, output: dict[str, str | bytes]
) -> None:
    written(project_folder)
    with ThreadPoolExecutor(2) as pool:
        trees = list(pool.map(lambda seed: built(project_folder.root, PYTHONHASHSEED=str(seed)), SEEDS))
    assert len(output) > 20
    assert all(one == output for one in trees)


def test_the_output_does_not_depend_on_the_order_of_definitions(project_folder: ProjectFolder) -> None:
    project_folder.write(project=PROJECT, shared=SHARED)
    bodies = [source.replace("service = ", f"{name} = ") for name, source in SERVICES.items()]
    trees = []
    for seed in range(4):
        shuffled = random.Random(seed).sample(bodies, len(bodies))
        project_folder.write(services="\n".join(shuffled))
        assert project_folder.run("build").exit == 0
        trees.append(tree(project_folder.build))
    assert all(one == trees[0] for one in trees)


@pytest.mark.slow
def test_the_output_does_not_depend_on_the_folder(output: dict[str, str | bytes], tmp_path: Path) -> None:
    elsewhere = tmp_path / "deep" / "er"
    elsewhere.mkdir(parents=True)
    definitions = written(ProjectFolder(elsewhere)).definitions
    assert built(elsewhere.parent, "er/definitions") == output
    assert built(definitions, ".", out="../out") == output
    assert built(tmp_path, str(definitions)) == output


def test_the_output_does_not_depend_on_locale_and_time_zone(project_folder: ProjectFolder) -> None:
    project_folder.write(size='größe = Service("size", description="Größe, 温度", dashboard=[Row("Größe")])\n')
    plain = built(project_folder.root)
    assert built(project_folder.root, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", TZ="Asia/Tokyo") == plain
    assert built(project_folder.root, PYTHONOPTIMIZE="2") == plain


def test_the_output_contains_no_absolute_path_date_or_host_name(output: dict[str, str | bytes]) -> None:
    for path, content in output.items():
        if isinstance(content, bytes):
            text = content.decode()
            assert not re.search(r"(?<![\w.:])/(?:tmp|home|root|work|usr|private)\b", text), path
            assert not re.search(r"\b20\d\d-\d\d-\d\d", text), path
            assert os.uname().nodename not in re.findall(r"[\w.-]+", text), path


def test_the_first_line_of_a_yaml_file_names_its_source(output: dict[str, str | bytes]) -> None:
    rules = output["prometheus/rules/alpha.yml"]
    assert isinstance(rules, bytes)
    assert rules.decode().splitlines()[0] == "# Written by obscode from definitions/alpha.py; change it there."


def test_the_committed_output_is_what_the_repository_builds(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "obscode", "build", "--quiet", "definitions", "--out", str(tmp_path / "build")]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    assert tree(tmp_path / "build") == tree(REPOSITORY / "build")
