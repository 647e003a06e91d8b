"""The steps that run in continuous integration: a pull request in a scratch repository, from the edit to the comment.

The steps are those of the GitHub Action, of the GitLab template, and of files that `obscode init` writes. They run in
bash with the variables of a runner, on a forge that answers on loopback. What needs the network is left out: setting up
Python, installing obscode and the tools, and keeping artifacts.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import REPOSITORY
from forge_server import ForgeServer, running

from obscode.scaffold.repository_files import repository_files

METRICS = """\
# TYPE http_requests_total counter
http_requests_total{handler="/items",status="200"} 990
http_requests_total{handler="/items",status="500"} 10
"""
_NEEDS_NETWORK = re.compile(r'pip"? install|tools install')
# One test runs all steps; the others leave out the commands that take long.
_EXPENSIVE = re.compile(rf"{_NEEDS_NETWORK.pattern}|obscode (test|check|preview)")


@dataclass(frozen=True)
class Scratch:
    """A repository with a pull request: the current commit is the merge of a branch into main."""

    root: Path
    runner: Path
    environment: Mapping[str, str]

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a step as GitHub and GitLab do."""
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
        environment = {**self.environment, **variables}
        return subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", *arguments]
        result = subprocess.run(
            command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=True
        )
        return result.stdout.strip()

    def edit(self, before: str, after: str) -> None:
        path = self.root / "definitions" / "shop.py"
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, after))


@pytest.fixture(scope="module")
def pull_request(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a repository with a pull request, which tests copy."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "shop").mkdir()
    build_repository(repository_in(folder))
    return folder


@pytest.fixture
def scratch(pull_request: Path, tmp_path: Path) -> Scratch:
    shutil.copytree(pull_request, tmp_path / "copy", symlinks=True)
    return repository_in(tmp_path / "copy")


def repository_in(folder: Path) -> Scratch:
    root, runner = folder / "shop", folder / "runner"
    runner.mkdir(exist_ok=True)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
        "HOME": str(folder),
        "OBSCODE_CACHE": str(folder / "cache"),
        "RUNNER_TEMP": str(runner),
        "GITHUB_STEP_SUMMARY": str(runner / "summary.md"),
    }
    return Scratch(root, runner, environment)


def build_repository(repository: Scratch) -> None:
    """A service with an SLO on main, and a branch that lowers its objective, merged as a forge does."""
    (repository.root.parent / "shop.prom").write_text(METRICS)
    (repository.root / ".tools").symlink_to(REPOSITORY / ".tools")
    repository.git("init", "--quiet", "--initial-branch", "main")
    started = repository.run("obscode init --from ../shop.prom --name shop --ci github && obscode build")
    assert started.returncode == 0, started.stderr
    commit(repository, "Monitoring of shop")
    repository.git("checkout", "--quiet", "-b", "objective")
    repository.edit("99.9", "99.5")
    assert repository.run("obscode build").returncode == 0
    commit(repository, "Lower the objective")
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "--no-edit", "objective")


def commit(repository: Scratch, subject: str) -> None:
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "-m", subject)


# --- steps of GitHub -----------------------------------------------------------------------------------------------


def github_steps(
    steps: list[Mapping[str, Any]], inputs: Mapping[str, str], left_out: re.Pattern[str] = _EXPENSIVE
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The scripts of the steps that run for a pull request, with their variables."""
    values = {f"inputs.{name}": value for name, value in inputs.items()}
    values |= {"github.token": "secret", "runner.temp": "$RUNNER_TEMP", "github.action_path": str(REPOSITORY)}

    def resolved(text: str) -> str:
        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: values[match[1]], text)

    for step in steps:
        if "run" in step and runs(step.get("if", ""), values) and not left_out.search(step["run"]):
            yield step["run"], {name: resolved(value) for name, value in step.get("env", {}).items()}


def runs(condition: str, values: Mapping[str, str]) -> bool:
    """The value of a condition of a step: comparisons and `!cancelled()`, joined by `&&`."""
    known = {"!cancelled()": True, "github.event_name == 'pull_request'": True}
    parts = condition.removeprefix("${{").removesuffix("}}").strip().split(" && ") if condition else []
    return all(known[part] if part in known else compared(part, values) for part in parts)


def compared(part: str, values: Mapping[str, str]) -> bool:
    left, _, right = part.partition(" == ")
    return values[left] == right.strip("'")


def run_github(scratch: Scratch, steps: Iterator[tuple[str, Mapping[str, str]]]) -> tuple[ForgeServer, list[int]]:
    """Run steps for pull request 7: the comments, and the exit codes."""
    server = ForgeServer(
        "/repos/team/shop/issues/7/comments", "/repos/team/shop/issues/comments", ("Authorization", "Bearer secret")
    )
    codes = []
    with running(server):
        of_runner = {
            "GITHUB_API_URL": server.url,
            "GITHUB_REPOSITORY": "team/shop",
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_SHA": scratch.git("rev-parse", "HEAD"),
        }
        for script, variables in steps:
            result = scratch.run(script, **of_runner, **variables)
            codes.append(result.returncode)
            print(script, result.stdout, result.stderr)
    return server, codes


def action() -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text())
    return content


def action_steps(left_out: re.Pattern[str] = _EXPENSIVE, **inputs: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    content = action()
    defaults = {name: str(value["default"]) for name, value in content["inputs"].items()}
    defaults |= {"token": "secret", **{name.replace("_", "-"): value for name, value in inputs.items()}}
    return github_steps(content["runs"]["steps"], defaults, left_out)


def assert_describes_the_objective(comment: str) -> None:
    assert comment.startswith("<!-- obscode: diff -->\n")
    assert "99.9" in comment
    assert "99.5" in comment
    assert "http_requests_total" not in comment, "one statement, not the rules"


@pytest.mark.slow
@pytest.mark.usefixtures("newest_promtool", "newest_amtool", "newest_prometheus")
def test_the_action_comments_on_a_pull_request_and_keeps_pages(scratch: Scratch) -> None:
    server, codes = run_github(scratch, action_steps(_NEEDS_NETWORK))
    assert set(codes) == {0}
    assert_describes_the_objective(server.comments[1])
    assert (scratch.runner / "summary.md").read_text() in server.comments[1]
    assert (scratch.runner / "preview" / "index.html").exists()


def test_the_action_fails_for_stale_output_and_for_changes_that_are_too_risky(scratch: Scratch) -> None:
    scratch.edit("99.5", "99.0")
    steps = list(action_steps(fail_on="weaker"))
    server, codes = run_github(scratch, iter(steps))
    failing = [script for (script, _), code in zip(steps, codes, strict=True) if code]
    assert len(failing) == 2
    assert failing[0].startswith("obscode build --check")
    assert "obscode diff" in failing[1]
    assert_describes_the_objective(server.comments[1])


def test_the_workflow_of_obscode_init_comments_on_a_pull_request(scratch: Scratch) -> None:
    workflow = yaml.safe_load((scratch.root / ".github" / "workflows" / "monitoring.yml").read_text())
    server, codes = run_github(scratch, github_steps(workflow["jobs"]["monitoring"]["steps"], {}))
    assert set(codes) == {0}
    assert_describes_the_objective(server.comments[1])


# --- the script of GitLab ------------------------------------------------------------------------------------------


def template() -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """The job of the component and the defaults of its inputs."""
    header, text = (REPOSITORY / "templates" / "obscode.yml").read_text().split("\n---\n")
    inputs = yaml.safe_load(header)["spec"]["inputs"]
    defaults = {name: str(value["default"]) for name, value in inputs.items()}
    resolved = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda match: defaults[match[1]], text)
    return yaml.safe_load(resolved)["obscode"], defaults


def init_job() -> Mapping[str, Any]:
    job: Mapping[str, Any] = yaml.safe_load(repository_files(("gitlab",), "1.0")[".gitlab-ci.yml"])["monitoring"]
    return job


@pytest.mark.parametrize("job", [template()[0], init_job()], ids=["template", "init"])
def test_the_job_of_gitlab_comments_on_a_merge_request(job: Mapping[str, Any], scratch: Scratch) -> None:
    path = "/projects/42/merge_requests/7/notes"
    server = ForgeServer(path, path, ("PRIVATE-TOKEN", "secret"))
    with running(server):
        variables = {name: str(value) for name, value in job.get("variables", {}).items()}
        variables |= {"CI_API_V4_URL": server.url, "CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "7"}
        variables |= {"GITLAB_TOKEN": "secret", "CI_MERGE_REQUEST_DIFF_BASE_SHA": scratch.git("rev-parse", "HEAD^1")}
        lines = "\n".join(job["script"]).splitlines()
        script = "\n".join(line for line in lines if not _EXPENSIVE.search(line))
        result = scratch.run(script, **variables)
    assert result.returncode == 0, result.stderr
    assert_describes_the_objective(server.comments[1])


# --- hooks of pre-commit -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("newest_promtool", "newest_amtool")
def test_the_hooks_of_pre_commit_fail_for_stale_output_and_invalid_rules(scratch: Scratch) -> None:
    hooks = {hook["id"]: hook["entry"] for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())}
    (scratch.root / "rules.yml").write_text("groups: [{name: g, rules: [{record: 'a:b', expr: sum(}]}]")
    assert scratch.run(hooks["obscode-build"]).returncode == 0
    assert scratch.run(f"{hooks['obscode-check']} rules.yml").returncode == 1
    scratch.edit("99.5", "99.0")
    assert scratch.run(hooks["obscode-build"]).returncode == 1
