"""Mutation testing of rules: change one token at a time; the unit tests must fail.

Each mutant runs one test after the other until one fails. Tests run in rounds: a process of promtool runs the next
tests of many mutants.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from obscode.artifacts.unit_tests import UnitTest, UnitTestSuite
from obscode.project.progress import MeasuredProgress, no_progress
from obscode.toolchain import Tool
from obscode.verify.mutants import Mutant, mutants
from obscode.verify.relevant_rules import groups_with, relevant_rules
from obscode.verify.unit_tests import Job, Run

#: The share of mutants that the tests must detect.
GOAL = 0.95


@dataclass(frozen=True)
class MutationScore:
    """The mutants of the rules that one SLO or alert is tested for, and those that survived all its tests.

    ``survivors`` are texts: what changed, and the line with the change.
    """

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


@dataclass
class MutationRun:
    """The mutants of some suites. After an interruption, ``scores`` has those of the subjects that ended."""

    suites: Sequence[UnitTestSuite]
    promtool: Tool
    progress: MeasuredProgress = no_progress
    scores: list[MutationScore] = field(default_factory=list)
    _decided: int = 0
    _started: float = field(default_factory=time.monotonic)

    def finish(self) -> None:
        """Run the tests of all mutants."""
        subjects: dict[str, list[UnitTestSuite]] = {}
        for suite in self.suites:
            subjects.setdefault(suite.subject or suite.name, []).append(suite)
        changed = {name: list(_mutants(suites)) for name, suites in subjects.items()}
        total = sum(map(len, changed.values()))
        for name, suites in subjects.items():
            survivors = self._survivors(changed[name], suites, total)
            texts = [f"{mutant.change}\n    {mutant.line}" for mutant in survivors]
            self.scores.append(MutationScore(name, len(changed[name]), texts))

    def _survivors(self, changed: Sequence[Mutant], suites: Sequence[UnitTestSuite], total: int) -> list[Mutant]:
        tests = [(suite, test, relevant_rules(suite.groups, test)) for suite in suites for test in suite.tests]
        waiting = {id(mutant): _jobs(mutant, tests, self.promtool) for mutant in changed}
        rates = _Rates()
        alive, number = list(changed), 1
        survivors: set[int] = set()
        while alive:
            batches = {id(mutant): rates.next(mutant, waiting[id(mutant)], number) for mutant in alive}
            survivors |= {identity for identity, batch in batches.items() if not batch}
            failed = self._failed([job for batch in batches.values() for job in batch], total)
            for mutant in alive:
                rates.add(mutant, batches[id(mutant)], failed)
            detected = [mutant for mutant in alive if any(id(job) in failed for job in batches[id(mutant)])]
            self._decided += len(detected)
            done = survivors | {id(mutant) for mutant in detected}
            alive = [mutant for mutant in alive if id(mutant) not in done]
            number += 1  # a mutant that survives some tests survives most
        self._decided += len(survivors)
        return [mutant for mutant in changed if id(mutant) in survivors]

    def _failed(self, jobs: Sequence[Job], mutants: int) -> set[int]:
        """The jobs, by identity, whose test fails; ``mutants`` are those of all subjects."""

        def progress(task: str, item: str, *, total: int, done: int, remaining: float | None) -> None:
            self._report(sum(not outcome.passed for outcome in run.outcomes), mutants)

        run = Run(jobs, progress=progress)
        run.finish()
        return {id(outcome.job) for outcome in run.outcomes if not outcome.passed}

    def _report(self, new: int, total: int) -> None:
        done, elapsed = min(self._decided + new, total), time.monotonic() - self._started
        remaining = elapsed * (total - done) / done if done > total // 20 else None
        self.progress("mutate", "", total=total, done=done, remaining=remaining)


def _mutants(suites: Sequence[UnitTestSuite]) -> Iterator[Mutant]:
    """The mutants of the rules under test; the suites of one subject test the same groups."""
    names = [name for suite in suites for name in suite.under_test]
    yield from mutants(suites[0].groups, names if all(suite.under_test for suite in suites) else ())


def _jobs(mutant: Mutant, tests: Sequence[tuple[UnitTestSuite, UnitTest, set[int]]], promtool: Tool) -> list[Job]:
    """The tests that the rule can change."""
    return [
        Job(suite, test, promtool, groups_with(suite.groups, rules, test, (mutant.original, mutant.mutated)))
        for suite, test, rules in tests
        if id(mutant.original) in rules
    ]


class _Rates:
    """How often each test failed for the mutants of each rule: the next tests are those that most likely fail soon."""

    def __init__(self) -> None:
        self._runs: Counter[tuple[str, str]] = Counter()
        self._failures: Counter[tuple[str, str]] = Counter()

    def next(self, mutant: Mutant, waiting: list[Job], number: int) -> list[Job]:
        """Take the most promising tests out of those that wait."""
        waiting.sort(key=lambda job: self._rate(mutant, job) / job.cost)
        chosen = waiting[-number:]
        del waiting[-number:]
        return chosen

    def _rate(self, mutant: Mutant, job: Job) -> float:
        results = sum(len(expectation.samples) for expectation in job.test.expectations)
        prior = 0.5 if results else 0.05  # a test without an expected result detects only what fires in addition
        rate = prior
        for key in (("", job.test.name), (mutant.original.name, job.test.name)):
            rate = (self._failures[key] + rate) / (self._runs[key] + 1)
        return rate

    def add(self, mutant: Mutant, jobs: Sequence[Job], failed: Set[int]) -> None:
        """Count the results of tests."""
        for job in jobs:
            for key in (("", job.test.name), (mutant.original.name, job.test.name)):
                self._runs[key] += 1
                self._failures[key] += id(job) in failed


def report(scores: Sequence[MutationScore]) -> str:
    """The surviving mutants with the lines that changed, and for each SLO and alert the share that was detected."""
    lines = []
    for score in scores:
        lines += [f"survived  {score.name}  {survivor}" for survivor in score.survivors]
        lines.append(f"{score.name}: {score.detected} of {score.mutants} mutants detected ({score.share:.1%})")
    return "\n".join(lines)
