"""What `obscode test` costs: CPU seconds of promtool per shape, with all rules per test, and for SLOs of two shapes.

    python benchmarks/test_cost.py [SLOS]

All rows are of one run on one machine; compare their ratios. The second row runs each test with all rules of its SLO,
as the committed files do.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence
from dataclasses import replace

from obscode import SLO, Project, ScrapeJob, Service, compile, sli
from obscode.artifacts.unit_tests import UnitTestSuite, one_per_shape
from obscode.model.definitions import Definitions
from obscode.toolchain import Tool
from obscode.verify.unit_tests import Job, Run, installed_promtools, jobs


def services(slos: int) -> list[Service]:
    """Services with two SLOs each, one of each shape."""
    return [
        Service(
            f"service-{number}",
            scrape=ScrapeJob([f"service-{number}:8000"]),
            slos=[
                SLO("availability", 99.9, sli.Ratio(errors='requests_total{code=~"5.."}', total="requests_total")),
                SLO("latency", 99, sli.Latency("latency_seconds", under="500ms"), period="28d"),
            ],
        )
        for number in range(slos // 2)
    ]


def cpu(planned: Sequence[Job]) -> float:
    """The CPU seconds of the processes that run some jobs; every test must pass."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = Run(planned)
    run.finish()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert all(outcome.passed for outcome in run.outcomes)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def print_rows(suites: Sequence[UnitTestSuite], tool: Tool) -> None:
    """The costs with one promtool."""
    tested = one_per_shape(suites)
    subject = next(suite.subject for suite in tested if suite.shape)
    one = jobs([suite for suite in tested if suite.subject == subject], [tool])
    everything = [replace(job, groups=job.suite.groups) for job in one]
    all_slos = jobs(tested, [tool])
    first = cpu(one)
    slos = {suite.subject for suite in suites}
    rows = [
        ("one shape", len(one), first),
        ("one shape, all rules for every test", len(everything), cpu(everything)),
        (
            f"{len(slos)} SLOs of {len({suite.shape for suite in suites if suite.shape})} shapes",
            len(all_slos),
            cpu(all_slos),
        ),
    ]
    for name, number, seconds in rows:
        print(f"promtool {tool.version:10}  {name:36} {number:5} tests {seconds:7.1f} s {seconds / first:6.2f}")


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    suites = compile(Definitions(Project("benchmark"), services(number))).test_suites
    for promtool in installed_promtools():
        print_rows(suites, promtool)
