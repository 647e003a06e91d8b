"""Mutation testing of rules: change one token at a time; the unit tests must fail.

Each mutant runs one test after the other until one fails. Tests run in rounds: a process of promtool runs the next
tests of many mutants.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
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

    Attributes:
        name: the SLO or the alert.
        mutants: the number of mutants whose tests ran.
        survivors: texts: what changed, and the line with the change.
        waiting: the number of mutants whose tests did not all run, since the run was interrupted.
        untested: the rules that no test reads; they have no mutants.
    """

    name: str
    mutants: int
    survivors: Sequence[str]
    waiting: int = 0
    untested: Sequence[str] = ()

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
class _Subject:
    """The mutants of one SLO or alert, by identity, with the tests that have not run yet."""

    name: str
    suites: Sequence[UnitTestSuite]
    promtool: Tool

    def __post_init__(self) -> None:
        tests = [(suite, test, relevant_rules(suite.groups, test)) for suite in self.suites for test in suite.tests]
        jobs = [(mutant, _jobs(mutant, tests, self.promtool)) for mutant in _mutants(self.suites)]
        self.mutants = [mutant for mutant, of_mutant in jobs if of_mutant]
        self.waiting = {id(mutant): of_mutant for mutant, of_mutant in jobs if of_mutant}
        self.untested = list(dict.fromkeys(mutant.original.name for mutant, of_mutant in jobs if not of_mutant))
        self.detected = set[int]()
        self.survivors = set[int]()
        self.started = False

    def alive(self) -> list[Mutant]:
        """The mutants that no test detected and that some tests wait for."""
        return [mutant for mutant in self.mutants if id(mutant) not in self.detected | self.survivors]

    def score(self) -> MutationScore:
        """The result so far."""
        survivors = [f"{m.change}\n    {m.line}" for m in self.mutants if id(m) in self.survivors]
        return MutationScore(
            self.name, len(self.detected) + len(survivors), survivors, len(self.alive()), self.untested
        )


@dataclass
class MutationRun:
    """The mutants of some suites. After an interruption, ``scores`` has the results so far."""

    suites: Sequence[UnitTestSuite]
    promtool: Tool
    progress: MeasuredProgress = no_progress
    _subjects: list[_Subject] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)

    @property
    def scores(self) -> list[MutationScore]:
        """The results of each SLO and alert whose mutants ran, at least in part."""
        return [subject.score() for subject in self._subjects if subject.started]

    def finish(self) -> None:
        """Run the tests of all mutants."""
        suites: dict[str, list[UnitTestSuite]] = {}
        for suite in self.suites:
            suites.setdefault(suite.subject or suite.name, []).append(suite)
        self._subjects += [_Subject(name, of_subject, self.promtool) for name, of_subject in suites.items()]
        for subject in self._subjects:
            self._finish(subject)

    def _finish(self, subject: _Subject) -> None:
        """Run tests in rounds, with more tests per mutant in each: a mutant that survives some survives most."""
        rates, number, subject.started = _Rates(), 1, True
        while alive := subject.alive():
            batches = {id(mutant): rates.next(mutant, subject.waiting[id(mutant)], number) for mutant in alive}
            subject.survivors |= {identity for identity, batch in batches.items() if not batch}
            failed = self._run(subject, batches)
            for mutant in alive:
                rates.add(mutant, batches[id(mutant)], failed)
            number += 1

    def _run(self, subject: _Subject, batches: Mapping[int, Sequence[Job]]) -> set[int]:
        """Run the next tests of some mutants; the tests that failed, by identity. Each result counts at once."""
        of_job = {id(job): identity for identity, batch in batches.items() for job in batch}

        def progress(task: str, item: str, *, total: int, done: int, remaining: float | None) -> None:
            if run.outcomes and not run.outcomes[-1].passed:
                subject.detected.add(of_job[id(run.outcomes[-1].job)])
            self._report()

        run = Run([job for batch in batches.values() for job in batch], progress=progress)
        run.finish()
        return {id(outcome.job) for outcome in run.outcomes if not outcome.passed}

    def _report(self) -> None:
        total = sum(len(subject.mutants) for subject in self._subjects)
        done = sum(len(subject.detected) + len(subject.survivors) for subject in self._subjects)
        elapsed = time.monotonic() - self._started
        remaining = elapsed * (total - done) / done if done > total // 20 else None
        self.progress("mutate", "", total=total, done=done, remaining=remaining)


def _mutants(suites: Sequence[UnitTestSuite]) -> Iterator[Mutant]:
    """The mutants of the rules under test; the suites of one subject test the same groups."""
    names = [name for suite in suites for name in suite.under_test]
    under_test = names if all(suite.under_test for suite in suites) else ()
    yield from mutants(suites[0].groups, under_test, suites[0].own_labels)


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
        lines += [f"untested  {score.name}  {rule}" for rule in score.untested]
        waiting = f", {score.waiting:,} not decided" if score.waiting else ""
        lines.append(f"{score.name}: {score.detected} of {score.mutants} mutants detected ({score.share:.1%}){waiting}")
    return "\n".join(lines)
