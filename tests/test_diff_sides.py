"""What `obscode diff` reads: revisions of git, folders and the working tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from obscode.cli.app import main
from obscode.cli.diff import _RISKS
from obscode.diff import RISKS

RULES = """\
groups:
  - name: shop
    rules:
      - alert: HighErrors
        expr: job:errors:ratio > 0.05
"""


class Repository:
    """A scratch repository with one commit of `rules.yml` on the branch main."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit(RULES)

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self, text: str, file: str = "rules.yml") -> None:
        """Write and commit a file."""
        self.write(text, file)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "rules")

    def write(self, text: str, file: str = "rules.yml") -> None:
        """Write a file."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.chdir(tmp_path)
    return Repository(tmp_path)


def head(repository: Repository) -> str:
    """The beginning of the hash of HEAD."""
    command = ["git", "rev-parse", "HEAD"]
    return subprocess.run(command, cwd=repository.folder, check=True, capture_output=True, text=True).stdout[:10]


def diff(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["diff", *arguments])


def test_without_arguments_the_working_tree_is_compared_with_the_merge_base(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--create", "branch")
    repository.commit(RULES.replace("HighErrors", "LowTraffic").replace("job:errors:ratio > 0.05", "up < 3"))
    repository.write(RULES.replace("HighErrors", "Down").replace("job:errors:ratio > 0.05", "absent(up)"), "more.yaml")
    done = diff()
    assert [line for line in done.output.splitlines() if line.startswith("  ")] == [
        "  Alert HighErrors is removed.  [rules.yml:4]",
        "  Alert Down is added: `absent(up)`.  [more.yaml:4]",
        "  Alert LowTraffic is added: `up < 3`.  [rules.yml:4]",
    ]
    assert done.exit_code == 0


def test_on_the_default_branch_the_base_is_head(repository: Repository) -> None:
    assert diff().output == ""
    repository.write("groups: []\n")
    assert "Alert HighErrors is removed." in diff().output


def test_revisions_are_compared_without_a_checkout(repository: Repository) -> None:
    repository.commit("groups: []\n")
    repository.write("not: read\n")
    assert "Alert HighErrors is removed.  [rules.yml:4]" in diff("HEAD~1", "HEAD").output


def test_a_name_of_a_revision_and_of_a_folder_is_the_revision(repository: Repository) -> None:
    repository.write("groups: []\n", "main/rules.yml")
    repository.write(RULES, "other/rules.yml")
    assert diff("main", "other").output == ""
    assert "1 change from ./main to other: 1 stricter" in diff("./main", "other").output


def test_ignored_files_are_not_in_the_working_tree(repository: Repository) -> None:
    repository.write("ignored/\n", ".gitignore")
    repository.write(RULES.replace("HighErrors", "Other"), "ignored/rules.yml")
    assert diff().output == ""


def test_paths_select_files(repository: Repository) -> None:
    repository.write("groups: []\n")
    repository.write(RULES.replace("HighErrors", "Down"), "other/rules.yml")
    assert diff("--path", "other").output.splitlines()[-1].endswith("to the working tree: 1 stricter")


def test_folders_need_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for side, text in (("old", RULES), ("new", "groups: []\n")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "rules.yml").write_text(text)
    assert diff("old/", "new/").output == (
        "lost:\n  Alert HighErrors is removed.  [old/rules.yml:4]\n1 change from old to new: 1 lost\n"
    )


def test_an_invalid_file_is_compared_on_no_side(repository: Repository) -> None:
    repository.write(RULES + "   }: no YAML\n")
    done = diff("--fail-on", "lost")
    assert done.output.startswith("not compared: rules.yml: ")
    assert "is removed" not in done.output
    assert done.exit_code == 1


@pytest.mark.parametrize("risk", ["lost", "weaker", "text"])
def test_a_change_of_the_class_or_a_riskier_one_fails(repository: Repository, risk: str) -> None:
    repository.write("groups: []\n")
    assert diff("--fail-on", risk).exit_code == 1


def test_a_less_risky_change_does_not_fail(repository: Repository) -> None:
    repository.write(RULES, "rules.yml")
    repository.write(RULES.replace("HighErrors", "Down"), "more.yml")
    assert diff("--fail-on", "changed").exit_code == 0
    assert diff("--fail-on", "stricter").exit_code == 1


def test_an_unknown_name_is_an_error(repository: Repository) -> None:
    done = diff("nothing")
    assert done.exit_code == 2
    assert done.output == (
        "error[missing-file]: nothing is no revision and no folder\n"
        "  hint: name a revision of git, such as main or HEAD~1, or a folder\n"
    )


def test_a_folder_outside_of_a_repository_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = diff()
    assert done.exit_code == 2
    assert "not a git repository" in done.output


def test_the_classes_of_the_command_are_those_of_changes() -> None:
    assert list(RISKS) == list(_RISKS)


def test_the_example_of_the_page_is_what_the_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parent.parent / "docs" / "diff.md").read_text()
    monkeypatch.chdir(tmp_path)
    for side in ("old", "new"):
        (tmp_path / side).mkdir()
        text = page.partition(f"<!-- {side} -->\n```yaml\n")[2].partition("```")[0]
        (tmp_path / side / "rules.yml").write_text(text)
    expected = page.partition("$ obscode diff old/ new/\n")[2].partition("```")[0]
    assert diff("old/", "new/").output == expected


def test_a_copy_in_a_file_that_does_not_differ_remains(repository: Repository) -> None:
    repository.commit(RULES, "copy.yml")
    repository.write("groups: []\n")
    assert diff("--fail-on", "lost").output == (
        "changed:\n  A copy of alert HighErrors is removed; 1 remains.  [rules.yml:4]\n"
        f"1 change from {head(repository)} to the working tree: 1 changed\n"
    )
