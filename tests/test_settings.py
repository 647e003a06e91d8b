"""`[tool.obscode]` in pyproject.toml sets the severities of checks; its errors point at the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ProjectFolder

from obscode.findings.errors import Exit

# A rule name that is reported as an error, and a panel without description that is a warning.
SHOP = """
shop = Service(
    "shop",
    recording_rules=[RecordingRule("errors", "sum(errors_total)")],
    dashboard=[Row("Model", panels.TimeSeries("Drift", "abs(avg(score) - avg(score offset 1d))", unit="short"))],
)
"""

# Settings, and the findings of a build as `severity[code]`.
SETTINGS = {
    "none": ("", ["error[rule-name]", "warning[panel-description]"]),
    "a check is off": ('[tool.obscode.severity]\nrule-name = "off"', ["warning[panel-description]"]),
    "an error is a warning": (
        '[tool.obscode.severity]\nrule-name = "warning"',
        ["warning[rule-name]", "warning[panel-description]"],
    ),
    "a warning is an error": (
        '[tool.obscode.severity]\npanel-description = "error"',
        ["error[rule-name]", "error[panel-description]"],
    ),
    "a note is reported where its code is configured": (
        '[tool.obscode.severity]\nrule-name = "note"',
        ["note[rule-name]", "warning[panel-description]"],
    ),
    "a path": ('[tool.obscode.per-path."definitions/**"]\nrule-name = "off"', ["warning[panel-description]"]),
    "another path": (
        '[tool.obscode.per-path."legacy/**"]\nrule-name = "off"',
        ["error[rule-name]", "warning[panel-description]"],
    ),
    "a path wins over the project": (
        '[tool.obscode.severity]\nrule-name = "off"\n[tool.obscode.per-path."definitions/shop.py"]\nrule-name = "note"',
        ["note[rule-name]", "warning[panel-description]"],
    ),
    "the last of two paths wins": (
        '[tool.obscode.per-path."definitions/**"]\nrule-name = "off"\n'
        '[tool.obscode.per-path."*/shop.py"]\nrule-name = "note"\n'
        '[tool.obscode.per-path."**"]\npanel-description = "error"',
        ["note[rule-name]", "error[panel-description]"],
    ),
    "an inline table": ('[tool.obscode]\nseverity = {rule-name = "off"}', ["warning[panel-description]"]),
}


@pytest.mark.parametrize(("settings", "expected"), SETTINGS.values(), ids=SETTINGS)
def test_settings_change_severities(settings: str, expected: list[str], project_folder: ProjectFolder) -> None:
    project_folder.write(shop=SHOP)
    Path("pyproject.toml").write_text(settings)
    result = project_folder.run("build")
    reported = [line.split(": ")[1] for line in result.err.splitlines() if "]: " in line]
    assert reported == expected
    assert result.exit == (Exit.FINDINGS if any(each.startswith("error") for each in expected) else Exit.OK)


def test_the_settings_of_a_folder_above_apply(project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    project_folder.write(shop=SHOP)
    Path("pyproject.toml").write_text('[tool.obscode.severity]\nrule-name = "off"\npanel-description = "off"')
    Path("team/shop").mkdir(parents=True)
    Path("definitions").rename("team/shop/definitions")
    monkeypatch.chdir("team/shop")
    result = project_folder.run("build")
    assert (result.exit, result.err) == (Exit.OK, "")


def test_notes_are_reported_if_the_settings_request_them(project_folder: ProjectFolder) -> None:
    Path("rules.yml").write_text("groups: [{name: g, rules: [{record: x, expr: up}]}]\n")
    assert project_folder.run("check", "rules.yml").err == ""
    Path("pyproject.toml").write_text("[tool.obscode]\nnotes = true\n")
    assert "note[rule-name]" in project_folder.run("check", "rules.yml").err


# Invalid settings, and the whole message.
INVALID = {
    "an unknown code": (
        '[tool.obscode.severity]\n# style\nrate-of-sums = "off"  # not yet\n',
        """\
pyproject.toml:3:1: error[invalid-settings]: there is no check 'rate-of-sums'
    3 | rate-of-sums = "off"  # not yet
      | ^^^^^^^^^^^^^^^^^^^^
  hint: did you mean 'rate-of-sum'?
""",
    ),
    "a code of an argument error": (
        '[tool.obscode.per-path."legacy/**"]\nload-error = "off"\n',
        """\
pyproject.toml:2:1: error[invalid-settings]: there is no check 'load-error'
    2 | load-error = "off"
      | ^^^^^^^^^^^^^^^^^^
  hint: obscode explain lists all codes
""",
    ),
    "an unknown severity": (
        '[project]\nname = "x"\n\n[tool.obscode.severity]\nrule-name = "warn"\n',
        """\
pyproject.toml:5:1: error[invalid-settings]: 'warn' is not a severity of rule-name
    5 | rule-name = "warn"
      | ^^^^^^^^^^^^^^^^^^
  hint: write one of 'off', 'note', 'warning', 'error'
""",
    ),
    "a severity that is not a string": (
        "[tool.obscode]\nseverity.rule-name = false\n",
        """\
pyproject.toml:2:1: error[invalid-settings]: False is not a severity of rule-name
    2 | severity.rule-name = false
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: write one of 'off', 'note', 'warning', 'error'
""",
    ),
    "a severity that is a list of several lines": (
        '[tool.obscode.severity]\nrule-name = [\n  "off",\n]\n',
        """\
pyproject.toml:2:1: error[invalid-settings]: ['off'] is not a severity of rule-name
    2 | rule-name = [
      | ^^^^^^^^^^^^^
  hint: write one of 'off', 'note', 'warning', 'error'
""",
    ),
    "an unknown key": (
        "[tool.obscode]\nsevrity = {}\n",
        """\
pyproject.toml:2:1: error[invalid-settings]: [tool.obscode] has no key 'sevrity'
    2 | sevrity = {}
      | ^^^^^^^^^^^^
  hint: did you mean 'severity'?
""",
    ),
    "an unknown table": (
        '[tool.obscode.severty]\nrule-name = "off"\n',
        """\
pyproject.toml:1:1: error[invalid-settings]: [tool.obscode] has no key 'severty'
    1 | [tool.obscode.severty]
      | ^^^^^^^^^^^^^^^^^^^^^^
  hint: did you mean 'severity'?
""",
    ),
    "severities that are not a table": (
        '[tool.obscode]\nseverity = "off"\n',
        """\
pyproject.toml:2:1: error[invalid-settings]: severity is 'off', not a table
    2 | severity = "off"
      | ^^^^^^^^^^^^^^^^
  hint: write [tool.obscode.severity], and below it rule-name = "off"
""",
    ),
    "a path without a table": (
        '[tool.obscode.per-path]\n"legacy/**" = "off"\n',
        """\
pyproject.toml:2:1: error[invalid-settings]: 'legacy/**' is 'off', not a table
    2 | "legacy/**" = "off"
      | ^^^^^^^^^^^^^^^^^^^
  hint: write [tool.obscode.per-path."legacy/**"], and below it rule-name = "off"
""",
    ),
    "notes that are not true or false": (
        '[tool.obscode]\nnotes = "yes"\n',
        """\
pyproject.toml:2:1: error[invalid-settings]: notes is 'yes', not true or false
    2 | notes = "yes"
      | ^^^^^^^^^^^^^
  hint: write notes = true
""",
    ),
    "a section that is not a table": (
        "[tool]\nobscode = 5\n",
        """\
pyproject.toml:2:1: error[invalid-settings]: tool.obscode is 5, not a table
    2 | obscode = 5
      | ^^^^^^^^^^^
  hint: write [tool.obscode]
""",
    ),
    "a file that is not TOML": (
        "[tool.obscode\n",
        """\
pyproject.toml:1:14: error[invalid-settings]: pyproject.toml is not TOML: expected ']' at the end of a table declaration
    1 | [tool.obscode
      |              ^
  hint: correct it
""",
    ),
}


@pytest.mark.parametrize(("settings", "message"), INVALID.values(), ids=INVALID)
def test_invalid_settings_are_reported(settings: str, message: str, project_folder: ProjectFolder) -> None:
    project_folder.write(shop=SHOP)
    Path("pyproject.toml").write_text(settings)
    result = project_folder.run("build")
    assert (result.exit, result.err, result.out) == (Exit.ERROR, message, "")


# --- checks of a project -----------------------------------------------------------------------------------------

OWN_CHECK = '''
from obscode import artifacts, check


@check(artifacts.AlertingRule, severity="warning")
def test_alert_for(alert, context):
    """An alert waits before it fires.

    Why: one failed evaluation pages somebody.
    """
    if alert.for_ in ("", "0s"):
        yield alert.source.finding(test_alert_for, f"alert {alert.name} has no for", 'write for_="5m"', at="for_")


project = Project("team", checks=[test_alert_for], self_monitoring=False)
'''
ALERT = 'shop = Service("shop", alerts=[Alert("Down", "up == 0", severity="page", summary="down"{ignore})])\n'


def test_a_project_adds_its_own_checks(project_folder: ProjectFolder) -> None:
    project_folder.write(project=OWN_CHECK, shop=ALERT.format(ignore=""))
    assert (
        project_folder.run("build").err
        == """\
definitions/shop.py:3:32: warning[test-alert-for]: alert Down has no for
    3 | shop = Service("shop", alerts=[Alert("Down", "up == 0", severity="page", summary="down")])
      |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: write for_="5m"
"""
    )


def test_a_check_of_a_project_can_be_ignored(project_folder: ProjectFolder) -> None:
    project_folder.write(project=OWN_CHECK, shop=ALERT.format(ignore=', ignore={"test-alert-for": "a heartbeat"}'))
    assert project_folder.run("build").err == ""


def test_a_check_of_a_project_can_be_configured(project_folder: ProjectFolder) -> None:
    project_folder.write(project=OWN_CHECK, shop=ALERT.format(ignore=""))
    Path("pyproject.toml").write_text('[tool.obscode.severity]\ntest-alert-for = "error"\n')
    assert "error[test-alert-for]" in project_folder.run("build").err


def test_a_check_of_a_project_is_explained(project_folder: ProjectFolder) -> None:
    project_folder.write(project=OWN_CHECK)
    assert project_folder.run("explain", "test-alert-for").out == (
        "test-alert-for (warning): An alert waits before it fires.\n\nWhy: one failed evaluation pages somebody.\n"
    )


def test_a_check_of_a_project_has_a_name_of_its_own(project_folder: ProjectFolder) -> None:
    project_folder.write(project=OWN_CHECK.replace("test_alert_for", "alert_summary"))
    result = project_folder.run("build")
    assert result.exit == Exit.FINDINGS
    assert "error[project-check]: there is already a check 'alert-summary'" in result.err


def test_an_ignore_holds_for_all_that_a_definition_contains(project_folder: ProjectFolder) -> None:
    ignored = SHOP.replace('"shop",', '"shop", ignore={"rule-name": "old names", "panel-description": "known"},')
    project_folder.write(shop=ignored)
    assert project_folder.run("build").err == ""
