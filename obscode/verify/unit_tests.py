"""Run unit tests of rules on real promtools, in parallel; each proof with its own rules and no others."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from obscode.artifacts import RuleFile
from obscode.compiler.unit_tests.suites import RuleTestSuite
from obscode.renderers.prometheus.rules import rule_file_text
from obscode.renderers.prometheus.tests import rule_test_text
from obscode.toolchain import Tool
from obscode.verify.promtool import run

_TIMEOUT = 600.0


@dataclass(frozen=True)
class Outcome:
    """What one promtool said of one proof; ``said`` is empty when all its tests passed."""

    proof: RuleTestSuite
    tool: Tool
    said: str

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return not self.said


def run_all(
    proofs: Sequence[RuleTestSuite], promtools: Sequence[Tool], progress: Callable[[str], None] = lambda name: None
) -> list[Outcome]:
    """Every proof on every promtool, as many at a time as there are processors."""
    jobs = [(proof, tool) for proof in proofs for tool in promtools]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(run_one, proof, tool): n for n, (proof, tool) in enumerate(jobs)}
        outcomes: dict[int, Outcome] = {}
        for done in as_completed(running):
            outcomes[running[done]] = done.result()
            progress(done.result().proof.name)
    return [outcomes[n] for n in sorted(outcomes)]


def run_one(proof: RuleTestSuite, tool: Tool) -> Outcome:
    """One proof on one promtool, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="obscode-") as folder:
        root = Path(folder)
        rules = RuleFile(proof.name, proof.groups, proof.source)
        (root / "rules.yml").write_text(rule_file_text(rules), encoding="utf-8")
        (root / "test.yml").write_text(
            rule_test_text(proof.tests, ["rules.yml"], proof.evaluation_interval), encoding="utf-8"
        )
        result = run(tool, "test", "rules", "test.yml", folder=root, timeout=_TIMEOUT)
    if result.returncode == 0:
        return Outcome(proof, tool, "")
    return Outcome(proof, tool, "\n".join(_told(result.stdout + result.stderr)) or "promtool failed and said nothing")


# promtool 2.x does not name the test that failed, 3.x does: the lines are kept as they are, without its frame.
_FRAME = re.compile(r"^\s*(?:Unit Testing:.*|FAILED:|SUCCESS)?\s*$")


def _told(output: str) -> Iterator[str]:
    for line in output.splitlines():
        if not _FRAME.match(line):
            yield line.rstrip()
