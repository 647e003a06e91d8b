"""Mutation testing of rules: change one token at a time; the unit tests must fail."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from obscode.artifacts.unit_tests import UnitTest, UnitTestSuite
from obscode.project.progress import Progress, no_progress
from obscode.promql.duration import milliseconds
from obscode.toolchain import Tool
from obscode.verify.mutants import Mutant, mutants
from obscode.verify.unit_tests import installed_promtools, run_suite

GOAL = 0.95
"""The share of mutants that the tests must detect."""


@dataclass(frozen=True)
class MutationScore:
    """The mutants of the rules that one group of suites tests, and those that survived all its tests."""

    name: str
    mutants: int
    survivors: Sequence[str]

    @property
    def detected(self) -> int:
        """The number of mutants for which a test failed."""
        return self.mutants - len(self.survivors)

    @property
    def share(self) -> float:
        """The share of mutants that were detected; 1 if there are none."""
        return self.detected / self.mutants if self.mutants else 1.0

    @property
    def passes(self) -> bool:
        """Whether the share reaches the goal."""
        return self.share >= GOAL


def run_mutants(suites: Sequence[UnitTestSuite], progress: Progress = no_progress) -> list[MutationScore]:
    """Mutate the rules of all suites and run their tests with the newest promtool; raises ToolError without one."""
    promtool = installed_promtools()[-1]
    return [_score(name, group, promtool, progress) for name, group in _by_rules(suites).items()]


def _by_rules(suites: Sequence[UnitTestSuite]) -> dict[str, list[UnitTestSuite]]:
    """Suites that test the same rules (`shop/latency`, `shop/latency (30d)`), quick ones first."""
    groups: dict[str, list[UnitTestSuite]] = {}
    for suite in sorted(suites, key=lambda suite: suite.slow):
        groups.setdefault(suite.name.partition(" (")[0], []).append(suite)
    return groups


def _score(name: str, suites: Sequence[UnitTestSuite], promtool: Tool, progress: Progress) -> MutationScore:
    made = list(mutants(suites[0].groups))
    # One test at a time, the shortest first: the first few detect most mutants.
    tests = [replace(suite, tests=[test]) for suite in suites for test in sorted(suite.tests, key=_length)]

    def survives(mutant: Mutant) -> bool:
        passed = all(run_suite(replace(test, groups=mutant.groups), promtool).passed for test in tests)
        progress(f"mutate {name}", mutant.change, total=len(made))
        return passed

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        survivors = [mutant.change for mutant, lived in zip(made, pool.map(survives, made), strict=True) if lived]
    return MutationScore(name, len(made), survivors)


def _length(test: UnitTest) -> int:
    return max((milliseconds(expectation.at) for expectation in test.expectations), default=0)


def report(scores: Sequence[MutationScore]) -> str:
    """The surviving mutants, and for each group the share that was detected."""
    lines = []
    for score in scores:
        lines += [f"survived  {score.name}  {change}" for change in score.survivors]
        lines.append(f"{score.name}: {score.detected} of {score.mutants} mutants detected ({score.share:.1%})")
    return "\n".join(lines)
