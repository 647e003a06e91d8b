"""Run unit tests of rules on real promtools, in parallel; each suite with its own rules and no others."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from obscode.artifacts.rules import RuleFile
from obscode.artifacts.unit_tests import UnitTestSuite
from obscode.renderers.prometheus.rules import rule_file_text
from obscode.renderers.prometheus.tests import rule_test_text
from obscode.toolchain import Tool
from obscode.verify.promtool import run

_TIMEOUT = 600.0


@dataclass(frozen=True)
class Outcome:
    """What one promtool said of one suite; ``said`` is empty when all its tests passed."""

    suite: UnitTestSuite
    tool: Tool
    said: str

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return not self.said


def run_all(
    suites: Sequence[UnitTestSuite], promtools: Sequence[Tool], progress: Callable[[str], None] = lambda name: None
) -> list[Outcome]:
    """Every suite on every promtool, as many at a time as there are processors."""
    jobs = [(suite, tool) for suite in suites for tool in promtools]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(run_one, suite, tool): n for n, (suite, tool) in enumerate(jobs)}
        outcomes: dict[int, Outcome] = {}
        for done in as_completed(running):
            outcomes[running[done]] = done.result()
            progress(done.result().suite.name)
    return [outcomes[n] for n in sorted(outcomes)]


def run_one(suite: UnitTestSuite, tool: Tool) -> Outcome:
    """One suite on one promtool, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="obscode-") as folder:
        root = Path(folder)
        rules = RuleFile(suite.name, suite.groups, suite.source)
        (root / "rules.yml").write_text(rule_file_text(rules), encoding="utf-8")
        (root / "test.yml").write_text(
            rule_test_text(suite.tests, ["rules.yml"], suite.evaluation_interval), encoding="utf-8"
        )
        result = run(tool, "test", "rules", "test.yml", folder=root, timeout=_TIMEOUT)
    if result.returncode == 0:
        return Outcome(suite, tool, "")
    return Outcome(suite, tool, "\n".join(_told(result.stdout + result.stderr)) or "promtool failed and said nothing")


# promtool 2.x does not name the test that failed, 3.x does: the lines are kept as they are, without its frame.
_FRAME = re.compile(r"^\s*(?:Unit Testing:.*|FAILED:|SUCCESS)?\s*$")


def _told(output: str) -> Iterator[str]:
    for line in output.splitlines():
        if not _FRAME.match(line):
            yield line.rstrip()
