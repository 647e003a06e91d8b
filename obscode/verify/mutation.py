"""How much the unit tests notice: rules are changed one thing at a time, and the tests must fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from obscode.artifacts.unit_tests import UnitTest, UnitTestSuite
from obscode.promql.duration import milliseconds
from obscode.toolchain import Tool
from obscode.verify.mutants import Mutant, mutants
from obscode.verify.unit_tests import run_one

#: The share of changes that tests must notice.
GOAL = 0.95


@dataclass(frozen=True)
class Score:
    """The changes made to the rules of one subject, and those that no test noticed."""

    name: str
    made: int
    unnoticed: Sequence[str]

    @property
    def share(self) -> float:
        """The share of changes that were noticed."""
        return 1 - len(self.unnoticed) / self.made if self.made else 1.0

    @property
    def passes(self) -> bool:
        """Whether the share reaches the goal."""
        return self.share >= GOAL


def survivors(suites: Sequence[UnitTestSuite], promtool: Tool, progress: Callable[[str], None]) -> list[Score]:
    """Change the rules of every suite, and run the tests that are about them."""
    return [_score(name, group, promtool, progress) for name, group in _subjects(suites).items()]


def _subjects(suites: Sequence[UnitTestSuite]) -> dict[str, list[UnitTestSuite]]:
    """Proofs about the same rules, quick ones first."""
    subjects: dict[str, list[UnitTestSuite]] = {}
    for suite in sorted(suites, key=lambda p: p.slow):
        subjects.setdefault(suite.name.partition(" (")[0], []).append(suite)
    return subjects


def _score(name: str, suites: Sequence[UnitTestSuite], promtool: Tool, progress: Callable[[str], None]) -> Score:
    made = list(mutants(suites[0].groups))
    # One test at a time, the shortest first: most changes are noticed by the first few.
    tests = [replace(suite, tests=[test]) for suite in suites for test in sorted(suite.tests, key=_length)]

    def unnoticed(mutant: Mutant) -> str:
        passed = all(run_one(replace(test, groups=mutant.groups), promtool).passed for test in tests)
        progress(mutant.change)
        return mutant.change if passed else ""

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        told = list(pool.map(unnoticed, made))
    return Score(name, len(made), [change for change in told if change])


def _length(test: UnitTest) -> int:
    return max((milliseconds(expectation.at) for expectation in test.expectations), default=0)


def report(scores: Sequence[Score]) -> str:
    """The changes that no test noticed, and the share of those that one did."""
    lines = []
    for score in scores:
        lines += [f"unnoticed  {score.name}  {change}" for change in score.unnoticed]
        lines.append(
            f"{score.name}: {score.made - len(score.unnoticed)} of {score.made} changes noticed, {score.share:.1%}"
        )
    return "\n".join(lines)
