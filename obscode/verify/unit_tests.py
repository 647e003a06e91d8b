"""Run unit tests with promtool: each with the rules that decide it only, several in one process, results cached."""

from __future__ import annotations

import queue
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import cpu_count
from pathlib import Path

from obscode.artifacts.rules import RuleFile, RuleGroup
from obscode.artifacts.unit_tests import UnitTest, UnitTestSuite
from obscode.findings.errors import ToolError
from obscode.project.cache import Cache, code_key, key
from obscode.project.progress import MeasuredProgress, no_progress
from obscode.promql.duration import milliseconds
from obscode.renderers.prometheus.rules import rule_file_text
from obscode.renderers.prometheus.tests import rule_test_text
from obscode.toolchain import Tool, find_supported
from obscode.verify import processes
from obscode.verify.promtool_output import Failure, failures, sections
from obscode.verify.relevant_rules import relevant_groups

_TIMEOUT = 600.0  # seconds
_TICK = 0.5  # seconds between two reports of progress
_CACHE = "unit-test"
_PASSED = "passed"
# A process takes as long to start as 2,000 evaluations of a rule; batches of 20 times that waste 5 %, and are short
# enough to keep all processors busy until the end.
_START = 2_000
_BATCH = 20 * _START


@dataclass(frozen=True)
class Job:
    """One test for one promtool, with the texts of its files."""

    suite: UnitTestSuite
    test: UnitTest
    tool: Tool
    groups: Sequence[RuleGroup]

    @cached_property
    def rules(self) -> str:
        """The text of the rule file; one group, since promtool evaluates several in any order."""
        group = RuleGroup(self.suite.name, [rule for group in self.groups for rule in group.rules])
        return rule_file_text(RuleFile(self.suite.name, [group], self.suite.source))

    @cached_property
    def text(self) -> str:
        """The text of the test, without the name, which is not a part of it."""
        unnamed = replace(self.test, name="test")
        return rule_test_text([unnamed], ["RULES"], self.interval, probe=True)

    @property
    def interval(self) -> str:
        """How often promtool evaluates the rules."""
        return self.suite.evaluation_interval or self.test.evaluation_interval or self.test.interval

    @cached_property
    def cost(self) -> int:
        """How many rules promtool evaluates, roughly."""
        instants = [e.at for e in self.test.expectations] + [e.at for e in self.test.alerts]
        length = max(map(milliseconds, instants), default=0)
        steps = length // max(milliseconds(self.interval), 1) + 1
        return _START // 20 + steps * (1 + sum(len(group.rules) for group in self.groups))

    @cached_property
    def cache_key(self) -> str:
        """Of everything that decides the result: rules, test, expected annotations, and the programs that run them."""
        status = self.tool.path.stat()
        program = f"{self.tool.path.resolve()} {status.st_size} {status.st_mtime_ns} {status.st_ino}"
        return key(code_key(), self.tool.version, program, self.rules, self.text, repr(self.test.alerts))


@dataclass(frozen=True)
class Outcome:
    """The result of one test with one promtool."""

    job: Job
    failures: Sequence[Failure]
    cached: bool = False

    @property
    def passed(self) -> bool:
        """Whether every expectation holds."""
        return not self.failures


@dataclass(frozen=True)
class SuiteResult:
    """The result of one suite with one promtool; ``output`` describes the failures."""

    suite: UnitTestSuite
    tool: Tool
    outcomes: Sequence[Outcome]

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return all(outcome.passed for outcome in self.outcomes)

    @property
    def output(self) -> str:
        """The failures of each test that failed."""
        failed = [outcome for outcome in self.outcomes if not outcome.passed]
        return "\n".join("\n".join([o.job.test.name, *(f.text() for f in o.failures)]) for o in failed)


def installed_promtools(oldest: str = "0.0") -> list[Tool]:
    """Every version of promtool from ``oldest`` on, oldest first; raises ToolError if there is none."""
    return find_supported("promtool", oldest)


def jobs(suites: Iterable[UnitTestSuite], promtools: Sequence[Tool]) -> list[Job]:
    """A job for each test and promtool."""
    tests = [(suite, test, relevant_groups(suite.groups, test)) for suite in suites for test in suite.tests]
    return [Job(suite, test, tool, groups) for suite, test, groups in tests for tool in promtools]


def run_suite(suite: UnitTestSuite, tool: Tool) -> SuiteResult:
    """Run one suite with one promtool, in a temporary folder."""
    return run_suites([suite], promtools=[tool])[0]


def run_suites(
    suites: Sequence[UnitTestSuite], progress: MeasuredProgress = no_progress, promtools: Sequence[Tool] = ()
) -> list[SuiteResult]:
    """Run every suite with every promtool, by default all installed ones; raises ToolError if there is none."""
    tools = promtools or installed_promtools()
    run = Run(jobs(suites, tools), progress=progress)
    run.finish()
    by_suite: dict[tuple[int, str], list[Outcome]] = {}
    for outcome in run.outcomes:
        by_suite.setdefault((id(outcome.job.suite), str(outcome.job.tool.path)), []).append(outcome)
    return [SuiteResult(s, tool, by_suite.get((id(s), str(tool.path)), [])) for s in suites for tool in tools]


_Ended = queue.Queue["Outcome | Exception | None"]


@dataclass
class Run:
    """Jobs on all processors. After an interruption, ``outcomes`` has those that ended, in no particular order."""

    jobs: Sequence[Job]
    cache: Cache | None = None
    progress: MeasuredProgress = no_progress
    outcomes: list[Outcome] = field(default_factory=list)
    _cost: int = 0  # of the jobs that are not cached
    _done: int = 0
    _started: float = field(default_factory=time.monotonic)

    def finish(self) -> None:
        """Run all jobs that are not cached. Whatever ends the run, no process and no folder is left."""
        waiting = [job for job in self.jobs if not self._is_cached(job)]
        self._cost = sum(job.cost for job in waiting)
        self._report("")
        if not waiting:
            return
        stopper, ended, batches = processes.Stopper(), _Ended(), queue.SimpleQueue[list[Job]]()
        for batch in _batches(waiting):
            batches.put(batch)
        number = min(cpu_count() or 1, len(waiting))
        threads = [threading.Thread(target=_work, args=(batches, ended, stopper)) for _ in range(number)]
        try:
            for thread in threads:
                thread.start()
            self._collect(ended, len(threads))
        finally:
            stopper.stop()
            for thread in threads:
                thread.join()

    def _collect(self, ended: _Ended, threads: int) -> None:
        while threads:
            try:
                item = ended.get(timeout=_TICK)  # a timeout lets signals in, and shows the time
            except queue.Empty:
                self._report("")
                continue
            if isinstance(item, Exception):
                raise item
            if item is None:
                threads -= 1
            else:
                self._add(item)

    def _is_cached(self, job: Job) -> bool:
        if not self.cache or self.cache.get(_CACHE, job.cache_key) != _PASSED:
            return False
        self.outcomes.append(Outcome(job, (), cached=True))
        return True

    def _add(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self._done += outcome.job.cost
        if self.cache and outcome.passed:
            self.cache.put(_CACHE, outcome.job.cache_key, _PASSED)
        self._report(outcome.job.test.name)

    def _report(self, item: str) -> None:
        self.progress("test", item, total=len(self.jobs), done=len(self.outcomes), remaining=self._remaining())

    def _remaining(self) -> float | None:
        """Seconds until the end at the rate so far; None while that says little."""
        elapsed = time.monotonic() - self._started
        if elapsed < 1 or self._done < self._cost // 50:
            return None
        return elapsed * (self._cost - self._done) / self._done


def _work(batches: queue.SimpleQueue[list[Job]], ended: _Ended, stopper: processes.Stopper) -> None:
    """Run batches until none is left; the last item of a thread is None."""
    try:
        with tempfile.TemporaryDirectory(prefix="obscode-") as folder, suppress(queue.Empty):
            while True:
                for outcome in run_batch(batches.get_nowait(), Path(folder), stopper):
                    ended.put(outcome)
    except Exception as error:  # the main thread raises it
        ended.put(error)
    ended.put(None)


def _batches(waiting: Sequence[Job]) -> list[list[Job]]:
    """Jobs of one promtool for one process, the most expensive first."""
    result: list[list[Job]] = []
    open_batches: dict[Path, list[Job]] = {}
    for job in sorted(waiting, key=lambda job: -job.cost):
        batch = open_batches.setdefault(job.tool.path, [])
        if not batch:
            result.append(batch)
        batch.append(job)
        if sum(each.cost for each in batch) >= _BATCH:
            del open_batches[job.tool.path]
    return result


def run_batch(batch: Sequence[Job], folder: Path, stopper: processes.Stopper | None = None) -> Iterator[Outcome]:
    """Run jobs of one promtool in one process, and yield the outcome of each when it is known."""
    names = []
    for number, job in enumerate(batch):
        rules = f"rules-{key(job.rules)[:32]}.yml"
        if not (folder / rules).exists():
            (folder / rules).write_text(job.rules, encoding="utf-8")
        names.append(f"test-{number}.yml")
        (folder / names[-1]).write_text(job.text.replace("RULES", rules, 1), encoding="utf-8")
    tool = batch[0].tool
    lines = processes.lines(tool, ["test", "rules", *names], folder, _TIMEOUT, stopper)
    ended = 0
    for section in sections(lines):
        if ended < len(batch):
            yield Outcome(batch[ended], failures(section, batch[ended].test))
        ended += 1
    if ended != len(batch) and not (stopper and stopper.stopped):
        raise ToolError(f"{tool.name} {tool.version} reported {ended} of {len(batch)} tests")
