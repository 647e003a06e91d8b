"""The registry finds every code and every check, and a new check is one new file."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from code_recorder import OF_TESTS, CodeRecorder
from conftest import ProjectFolder

from obscode import checks
from obscode.checks import Check, registry
from obscode.findings.code import Code
from obscode.findings.finding import Finding


@pytest.fixture
def fresh_registry() -> Iterator[None]:
    """The registry walks the package again, before and after the test."""
    caches = (registry.checks, registry.areas, registry.codes)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


NEW_CHECK = '''"""An alert waits before it fires.

Why: one failed evaluation pages somebody.

Bad:
    Alert("Down", "up == 0", severity="page", summary="down")

Good:
    Alert("Down", "up == 0", severity="page", summary="down", for_="5m")
"""

from collections.abc import Iterator

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding


@check(AlertingRule, severity="warning")
def test_alert_for(alert: AlertingRule, context: Context) -> Iterator[Finding]:
    """Alerts without for."""
    if not alert.for_:
        yield alert.source.finding(test_alert_for, f"alert {alert.name} has no for", 'write for_="5m"', at="for_")
'''


@pytest.mark.usefixtures("fresh_registry")
def test_a_new_check_is_one_new_file(
    project_folder: ProjectFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "test_alert_for.py").write_text(NEW_CHECK)
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path / "new")])
    importlib.invalidate_caches()
    project_folder.write(
        shop='shop = Service("shop", alerts=[Alert("Down", "up == 0", severity="page", summary="down")])\n'
    )
    try:
        assert "test-alert-for" in registry.codes()
        assert "warning[test-alert-for]: alert Down has no for" in project_folder.run("build").err
        assert project_folder.run("explain", "test-alert-for").out.startswith(
            "test-alert-for (warning): An alert waits"
        )
    finally:
        sys.modules.pop("obscode.checks.test_alert_for", None)


def test_checks_are_in_the_same_order_on_every_machine() -> None:
    modules = [check.run.__module__ for check in registry.checks() if not check.last]
    assert modules == sorted(modules)


def test_every_check_is_documented() -> None:
    for check in registry.checks():
        assert all((check.summary, check.why, check.bad, check.good)), check.name


def test_every_code_has_a_kebab_case_name() -> None:
    assert [name for name in registry.codes() if name != name.lower() or not name.replace("-", "").isalnum()] == []


def test_no_code_has_a_name_of_the_tests() -> None:
    assert [name for name in registry.codes() if name.startswith(OF_TESTS)] == []


def test_the_codes_of_checks_include_every_check() -> None:
    checks_by_name = {name: code for name, code in registry.codes().items() if isinstance(code, Check)}
    assert checks_by_name == {check.name: check for check in registry.checks()}


def test_two_codes_with_one_name_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "OTHER", Code("alert-summary", "Another text."), raising=False)
    with pytest.raises(ValueError, match="two codes are named 'alert-summary'"):
        registry.areas.__wrapped__()


# --- the recorder ------------------------------------------------------------------------------------------------


def test_the_recorder_reports_a_code_that_is_not_registered() -> None:
    with CodeRecorder().recording() as recorder:
        Finding(Code("nobody-knows-this", "A test."), "message")
        Finding(Code("alert-summary", "Another text."), "message")
        Finding(registry.codes()["promql-syntax"], "message")
        Finding(Code("test-code", "A code of the tests."), "message")
    assert recorder.unregistered() == ["alert-summary", "nobody-knows-this"]


def test_the_recorder_runs_in_this_session(every_emitted_code_is_registered: CodeRecorder) -> None:
    Finding(Code("test-recorded", "A code of the tests."), "message")
    assert "test-recorded" in every_emitted_code_is_registered.codes


def test_a_finding_takes_a_code_and_no_name() -> None:
    with pytest.raises(TypeError, match="'rule-name' is not a Code"):
        Finding("rule-name", "message")  # type: ignore[arg-type]
