"""Every finding points at the user's own text: the file, the line, and a caret under the argument."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from conftest import ProjectFolder

from obscode.findings.code import Code
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding, SourceSpan, relative
from obscode.findings.suggestions import did_you_mean, edit_distance
from obscode.model.definition import Definition
from obscode.project.load import load

TEST = Code("test-code", "A code of the tests.")

# A source, the argument (and the item) that something is wrong with, and the caret's line.
CARETS = {
    "an argument given by position": (
        'found = Alert("Down", "up == 0")',
        ("expr", None),
        """\
        definitions/case.py:3:23: error[test-code]: wrong
            3 | found = Alert("Down", "up == 0")
              |                       ^^^^^^^^^""",
    ),
    "an argument given by name": (
        'found = Alert("Down", "up == 0", summary="down")',
        ("summary", None),
        """\
        definitions/case.py:3:42: error[test-code]: wrong
            3 | found = Alert("Down", "up == 0", summary="down")
              |                                          ^^^^^^""",
    ),
    "an argument that was not given: the whole call": (
        'found = Alert("Down", "up == 0")',
        ("summary", None),
        """\
        definitions/case.py:3:9: error[test-code]: wrong
            3 | found = Alert("Down", "up == 0")
              |         ^^^^^^^^^^^^^^^^^^^^^^^^""",
    ),
    "an item of a list": (
        'found = metrics.Counter("a", labels=["b", "c"])',
        ("labels", 1),
        """\
        definitions/case.py:3:43: error[test-code]: wrong
            3 | found = metrics.Counter("a", labels=["b", "c"])
              |                                           ^^^""",
    ),
    "an item beyond the list that is written": (
        'found = metrics.Counter("a", labels=["b"] * 3)',
        ("labels", 2),
        """\
        definitions/case.py:3:37: error[test-code]: wrong
            3 | found = metrics.Counter("a", labels=["b"] * 3)
              |                                     ^^^^^^^^^""",
    ),
    "an entry of a dict, from its key to its value": (
        'found = Alert("Down", "up == 0", labels={"a": "b", "c": "d"})',
        ("labels", 1),
        """\
        definitions/case.py:3:52: error[test-code]: wrong
            3 | found = Alert("Down", "up == 0", labels={"a": "b", "c": "d"})
              |                                                    ^^^^^^^^""",
    ),
    "an entry that comes out of another dict": (
        'found = Alert("Down", "up == 0", labels={"a": "b", **{"c": "d"}})',
        ("labels", 1),
        """\
        definitions/case.py:3:54: error[test-code]: wrong
            3 | found = Alert("Down", "up == 0", labels={"a": "b", **{"c": "d"}})
              |                                                      ^^^^^^^^^^""",
    ),
    "one of many arguments": (
        'found = Row("Requests", panels.Stat("Rate", "up"), panels.Stat("Errors", "up"))',
        ("panels", 1),
        """\
        definitions/case.py:3:52: error[test-code]: wrong
            3 | found = Row("Requests", panels.Stat("Rate", "up"), panels.Stat("Errors", "up"))
              |                                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^""",
    ),
    "arguments that come out of a list": (
        'panels = [panels.Stat("Rate", "up")]\nfound = Row("Requests", *panels)',
        ("panels", 0),
        """\
        definitions/case.py:4:9: error[test-code]: wrong
            4 | found = Row("Requests", *panels)
              |         ^^^^^^^^^^^^^^^^^^^^^^^^""",
    ),
    "a call over several lines: its first": (
        'found = Alert(\n    "Down",\n    "up == 0",\n)',
        ("", None),
        """\
        definitions/case.py:3:9: error[test-code]: wrong
            3 | found = Alert(
              |         ^^^^^^""",
    ),
    "an argument on a line of its own": (
        'found = Alert(\n    "Down",\n    "up == 0",\n)',
        ("expr", None),
        """\
        definitions/case.py:5:5: error[test-code]: wrong
            5 |     "up == 0",
              |     ^^^^^^^^^""",
    ),
    "a text over several lines: to the end of its first": (
        'found = Alert("Down", """\nup == 0\n""")',
        ("expr", None),
        """\
        definitions/case.py:3:23: error[test-code]: wrong
            3 | found = Alert("Down", \"""
              |                       ^^^""",
    ),
    "columns count characters, not bytes": (
        'größe, found = "größe", Alert("Down", "up == 0")',
        ("expr", None),
        """\
        definitions/case.py:3:39: error[test-code]: wrong
            3 | größe, found = "größe", Alert("Down", "up == 0")
              |                                       ^^^^^^^^^""",
    ),
    "a line that is indented by tabs": (
        'if True:\n\tfound = Alert("Down", "up == 0")',
        ("name", None),
        """\
        definitions/case.py:4:16: error[test-code]: wrong
            4 | \tfound = Alert("Down", "up == 0")
              | \t              ^^^^^^""",
    ),
    "the second of two calls on a line": (
        '_other, found = Alert("A", "up"), Alert("B", "up")',
        ("name", None),
        """\
        definitions/case.py:3:41: error[test-code]: wrong
            3 | _other, found = Alert("A", "up"), Alert("B", "up")
              |                                         ^^^""",
    ),
    "a call within a function": (
        'def down(name):\n    return Alert(name, "up == 0")\n\nfound = down("Down")',
        ("name", None),
        """\
        definitions/case.py:4:18: error[test-code]: wrong
            4 |     return Alert(name, "up == 0")
              |                  ^^^^""",
    ),
    "a call within a comprehension": (
        'found = [Alert(name, "up == 0") for name in "AB"][1]',
        ("name", None),
        """\
        definitions/case.py:3:16: error[test-code]: wrong
            3 | found = [Alert(name, "up == 0") for name in "AB"][1]
              |                ^^^^""",
    ),
    "a copy: the call that made it": (
        'from dataclasses import replace\n_first = Alert("A", "up")\nfound = replace(_first, name="B")',
        ("name", None),
        """\
        definitions/case.py:5:30: error[test-code]: wrong
            5 | found = replace(_first, name="B")
              |                              ^^^""",
    ),
    "a kind of definition of the user's own": (
        "from dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass Mine(Service):\n    team: str = 'a'\n\n"
        'found = Mine("shop", team="b")',
        ("team", None),
        """\
        definitions/case.py:9:27: error[test-code]: wrong
            9 | found = Mine("shop", team="b")
              |                           ^^^""",
    ),
    "a call through a name of the user's own": (
        'from functools import partial\npage = partial(Alert, severity="page")\nfound = page("Down", "up == 0")',
        ("expr", None),
        """\
        definitions/case.py:5:22: error[test-code]: wrong
            5 | found = page("Down", "up == 0")
              |                      ^^^^^^^^^""",
    ),
}


def result(project_folder: ProjectFolder, source: str) -> Definition:
    """The definition that a source binds to `found`, put where it is taken."""
    project_folder.write(case=f"{source}\nboard = Dashboard('Board')\nobject.__setattr__(board, 'rows', (found,))\n")
    (board,) = load(project_folder.definitions).dashboards
    return board.children()[0]


@pytest.mark.parametrize(("source", "argument", "reported"), CARETS.values(), ids=CARETS)
def test_the_caret_is_under(
    source: str, argument: tuple[str, int | None], reported: str, project_folder: ProjectFolder
) -> None:
    at, item = argument
    assert str(result(project_folder, source).finding(TEST, "wrong", at=at, item=item)) == dedent(reported)


def test_a_definition_without_a_file_has_no_excerpt() -> None:
    names: dict[str, Definition] = {}
    exec("from obscode import Alert\nfound = Alert('Down', 'up')\n", {"__name__": "shell"}, names)
    assert str(names["found"].finding(TEST, "wrong", at="name")) == "<string>:2:1: error[test-code]: wrong"


def test_a_file_that_changed_after_loading_is_accepted(project_folder: ProjectFolder) -> None:
    definition = result(project_folder, 'found = Alert("Down", "up == 0")')
    (project_folder.definitions / "case.py").write_text("def broken(:\n")
    assert str(definition.finding(TEST, "wrong", at="name")).startswith("definitions/case.py:3:")


# --- findings ----------------------------------------------------------------------------------------------------


def test_a_finding_has_a_position_a_message_and_a_hint() -> None:
    finding = Finding(Code("test-duration", ""), "'5' has no unit", 'write "5s"', SourceSpan("nowhere.py", 3, 7))
    assert str(finding) == "nowhere.py:3:7: error[test-duration]: '5' has no unit\n  hint: write \"5s\""


def test_a_warning_begins_with_its_severity() -> None:
    assert str(Finding(Code("test-a", ""), "b", severity="warning")) == "warning[test-a]: b"


def test_findings_are_reported_once_in_the_order_of_the_files() -> None:
    findings = [
        Finding(Code("test-b", ""), "later", span=SourceSpan("b.py", 1)),
        Finding(Code("test-a", ""), "second column", span=SourceSpan("a.py", 2, 9)),
        Finding(Code("test-z", ""), "first column", span=SourceSpan("a.py", 2, 1)),
        Finding(Code("test-a", ""), "second column", span=SourceSpan("a.py", 2, 9)),
        Finding(Code("test-a", ""), "nowhere"),
        Finding(Code("test-a", ""), "line 10", span=SourceSpan("a.py", 10)),
    ]
    reported = [finding.message for finding in DefinitionError(findings).findings]
    assert reported == ["nowhere", "first column", "second column", "line 10", "later"]


def test_paths_below_the_current_folder_are_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert relative(str(tmp_path / "a" / "b.py")) == str(Path("a", "b.py"))
    assert relative(str(tmp_path.parent / "b.py")) == str(tmp_path.parent / "b.py")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("sumary", "did you mean 'summary'?"),
        ("labls", "did you mean 'labels'?"),
        ("labl", "did you mean 'label'?"),
        ("summry", "did you mean 'summary'?"),  # not summary_total, which is clearly less close
        ("Summary", "did you mean 'summary'?"),
        ("smumary", "did you mean 'summary'?"),
        ("expr_of", ""),
        ("sum", ""),
        ("x", ""),
        ("", ""),
    ],
)
def test_the_closest_names_are_suggested(word: str, hint: str) -> None:
    assert did_you_mean(word, ["summary", "summary_total", "label", "labels", "expr"]) == hint


DISTANCES = [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abcd", "xbcy", 2), ("aab", "ab", 1), ("ab", "xyz", 3)]


@pytest.mark.parametrize(("one", "other", "distance"), DISTANCES)
def test_a_distance_above_the_most_is_any_number_above_it(one: str, other: str, distance: int) -> None:
    assert edit_distance(one, other) == edit_distance(other, one) == distance
    for most in range(4):
        within = edit_distance(one, other, most)
        assert (within == distance) if distance <= most else (within > most)
