"""Run unit test suites with promtool, in parallel; each suite is run with its own rules only."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from obscode.artifacts.rules import RuleFile
from obscode.artifacts.unit_tests import UnitTestSuite
from obscode.project.progress import Progress, no_progress
from obscode.renderers.prometheus.rules import rule_file_text
from obscode.renderers.prometheus.tests import rule_test_text
from obscode.toolchain import Tool, find_supported
from obscode.verify.promtool import run

_TIMEOUT = 600.0


@dataclass(frozen=True)
class SuiteResult:
    """The result of one suite with one promtool; ``output`` is promtool's if a test failed, else empty."""

    suite: UnitTestSuite
    tool: Tool
    output: str

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return not self.output


def installed_promtools(oldest: str = "0.0") -> list[Tool]:
    """Every version of promtool from ``oldest`` on, oldest first; raises ToolError if there is none."""
    return find_supported("promtool", oldest)


def run_suites(
    suites: Sequence[UnitTestSuite], progress: Progress = no_progress, promtools: Sequence[Tool] = ()
) -> list[SuiteResult]:
    """Run every suite with every promtool, by default all installed ones; raises ToolError if there is none."""
    tools = promtools or installed_promtools()
    jobs = [(suite, tool) for suite in suites for tool in tools]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [pool.submit(run_suite, suite, tool) for suite, tool in jobs]
        for done in as_completed(running):
            progress("test", done.result().suite.name, total=len(jobs))
    return [job.result() for job in running]


def summary(results: Sequence[SuiteResult]) -> str:
    """`OK: 37 tests in 4 suites (promtool 2.42.0, 3.5.3)`, or how many suites failed."""
    suites = {result.suite.name: len(result.suite.tests) for result in results}
    failed = {result.suite.name for result in results if not result.passed}
    versions = ", ".join(dict.fromkeys(result.tool.version for result in results))
    if failed:
        return f"FAILED: {len(failed)} of {_count(len(suites), 'suite')} (promtool {versions})"
    return f"OK: {_count(sum(suites.values()), 'test')} in {_count(len(suites), 'suite')} (promtool {versions})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def run_suite(suite: UnitTestSuite, tool: Tool) -> SuiteResult:
    """Run one suite with one promtool, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="obscode-") as folder:
        root = Path(folder)
        rules = RuleFile(suite.name, suite.groups, suite.source)
        (root / "rules.yml").write_text(rule_file_text(rules), encoding="utf-8")
        (root / "test.yml").write_text(
            rule_test_text(suite.tests, ["rules.yml"], suite.evaluation_interval), encoding="utf-8"
        )
        result = run(tool, "test", "rules", "test.yml", folder=root, timeout=_TIMEOUT)
    if result.returncode == 0:
        return SuiteResult(suite, tool, "")
    output = "\n".join(_failure_lines(result.stdout + result.stderr))
    return SuiteResult(suite, tool, output or "promtool failed without output")


# promtool 3 names the failed test, promtool 2 does not; only the lines that frame the failures are removed.
_FRAME = re.compile(r"^\s*(?:Unit Testing:.*|FAILED:|SUCCESS)?\s*$")


def _failure_lines(output: str) -> Iterator[str]:
    for line in output.splitlines():
        if not _FRAME.match(line):
            yield line.rstrip()
