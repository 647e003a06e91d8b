"""Same definitions, same bytes: whatever the hash seed, the order, the place or the time."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import REPOSITORY, Workplace, tree

SEEDS = range(10)

# Services of every kind of definition, in files that import each other.
SERVICES = {
    name: f"""\
from .shared import errors

service = Service(
    "{name}",
    owner="team",
    scrape=ScrapeJob(["{name}:8000"], targets_in={{"container": ["localhost:8000"]}}, labels={{"b": "1", "a": "2"}}),
    metrics=[Counter("requests_total", labels=["status", "path"]), Histogram("latency_seconds")],
    recording_rules=[RecordingRule(":requests:rate5m", "sum(rate(requests_total[5m]))")],
    slos=[errors, SLO("latency", 99, Latency("latency_seconds", under="500ms", by=["path", "method"]))],
    alerts=[Alert("Down", "up == 0", summary="down", labels={{"z": "1", "y": "2"}}, annotations={{"b": "1", "a": "2"}})],
    dashboard=[Row("Requests", TimeSeries("Rate", ":requests:rate5m"), Stat("Errors", "vector(0)"))],
)
"""
    for name in ("alpha", "beta", "gamma", "delta")
}
SHARED = 'errors = SLO("errors", 99.9, Ratio(errors="errors_total", total="requests_total"))\n'
PROJECT = """\
project = Project("team", environments=[Environment("container"), Environment("staging")])
routing = Routing(
    default=Webhook("team", url="http://localhost:5001"),
    routes=[Route(Webhook("page", url="http://localhost:5001"), match={"severity": "page", "team": "a"})],
)
"""


def written(workplace: Workplace) -> Workplace:
    return workplace.write(project=PROJECT, shared=SHARED, **SERVICES)


def built(folder: Path, *arguments: str, **environment: str) -> dict[str, str | bytes]:
    """The tree that a build in a process of its own writes."""
    out = folder / f"out-{random.Random(repr((arguments, environment))).random()}"
    subprocess.run(
        [sys.executable, "-m", "obscode", "build", "--quiet", *arguments, "--out", str(out)],
        cwd=folder,
        env=os.environ | environment,
        check=True,
    )
    return tree(out)


def test_the_seed_of_hashes_does_not_matter(workplace: Workplace) -> None:
    written(workplace)
    with ThreadPoolExecutor(2) as pool:
        trees = list(pool.map(lambda seed: built(workplace.root, PYTHONHASHSEED=str(seed)), SEEDS))
    assert len(trees[0]) > 20
    assert all(one == trees[0] for one in trees)


def test_the_order_of_definitions_does_not_matter(workplace: Workplace) -> None:
    workplace.write(project=PROJECT, shared=SHARED)
    bodies = [source.replace("service = ", f"{name} = ") for name, source in SERVICES.items()]
    trees = []
    for seed in range(4):
        shuffled = random.Random(seed).sample(bodies, len(bodies))
        workplace.write(services="\n".join(shuffled))
        assert workplace.run("build").exit == 0
        trees.append(tree(workplace.build))
    assert all(one == trees[0] for one in trees)


def test_names_of_variables_do_not_matter(workplace: Workplace) -> None:
    workplace.write(project=PROJECT, shared=SHARED, services="\n".join(SERVICES.values()))
    assert workplace.run("build").exit == 0
    assert "service = " in SERVICES["alpha"]
    services = "\n".join(source.replace("service = ", "found[len(found)] = ") for source in SERVICES.values())
    workplace.write(services=f"found = {{}}\n{services}")
    assert workplace.run("build", "--check").exit == 1
    lines = workplace.run("build", "--check").out.splitlines()
    assert {line.split()[0] for line in lines} == {"missing", "stale"}, "a name that is bound anew binds the last"


def test_the_place_does_not_matter(workplace: Workplace, tmp_path_factory: pytest.TempPathFactory) -> None:
    written(workplace)
    here = built(workplace.root)
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "deep" / "er"
    shutil.copytree(workplace.definitions, elsewhere / "definitions")
    assert built(elsewhere) == here
    assert built(elsewhere.parent, "er/definitions") == here
    assert built(elsewhere / "definitions", ".") == here
    assert built(workplace.root, str(workplace.definitions)) == here


def test_the_locale_and_the_zone_do_not_matter(workplace: Workplace) -> None:
    written(workplace).write(umlauts='größe = Service("size", description="Größe, 温度", dashboard=[Row("Größe")])\n')
    plain = built(workplace.root)
    assert built(workplace.root, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", TZ="Asia/Tokyo") == plain
    assert built(workplace.root, PYTHONOPTIMIZE="2") == plain


def test_the_output_holds_no_absolute_path_no_time_and_no_host(workplace: Workplace) -> None:
    written(workplace)
    for path, content in built(workplace.root).items():
        if isinstance(content, bytes):
            text = content.decode()
            assert str(workplace.root) not in text, path
            assert str(REPOSITORY) not in text, path
            assert not re.search(r"\b20\d\d-\d\d-\d\d", text), path
            assert os.uname().nodename not in re.findall(r"[\w.-]+", text), path


def test_the_first_line_of_a_yaml_file_names_its_source(workplace: Workplace) -> None:
    files = built(written(workplace).root)
    rules = files["prometheus/rules/alpha.yml"]
    assert isinstance(rules, bytes)
    assert rules.decode().splitlines()[0] == "# Written by obscode from definitions/alpha.py; change it there."


def test_the_committed_output_is_what_the_repository_builds(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "obscode", "build", "--quiet", "definitions", "--out", str(tmp_path / "build")]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    assert tree(tmp_path / "build") == tree(REPOSITORY / "build")
