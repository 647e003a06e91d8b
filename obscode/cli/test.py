"""`obscode test`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obscode.cli import progress_display, terminal
from obscode.cli.options import (
    compile_or_exit,
    definitions_option,
    environment_option,
    exiting_on_signals,
    verbosity_options,
)
from obscode.findings.errors import Exit

if TYPE_CHECKING:
    from obscode.artifacts.unit_tests import UnitTestSuite
    from obscode.project.cache import Cache
    from obscode.toolchain import Tool

_HEARTBEAT = 5.0  # seconds between two lines where no terminal shows progress; CI ends jobs that print nothing


@click.command()
@click.argument("names", nargs=-1)
@definitions_option
@click.option("--mutate", is_flag=True, help="Change the rules one token at a time; list changes no test detects.")
@click.option("--no-cache", is_flag=True, help="Run tests again that passed before with the same rules and promtool.")
@environment_option("The environment whose rules are tested, by its name; by default all.")
@verbosity_options("No effect; other commands print more.", "Print failures only.")
def test(
    names: tuple[str, ...], definitions: Path, mutate: bool, no_cache: bool, environment: str | None, verbosity: int
) -> None:
    """Run the unit tests of the rules with promtool.

    Every installed promtool runs all suites, or those that begin with NAMES.
    SLOs with one shape have the same rules except for names: the tests run for one of them, or for the one that is
    named. Of further environments, the rules that differ are tested. Tests that passed with the same rules, test and
    promtool are not repeated. Exit codes after a signal are 130 (Ctrl-C), 143 (SIGTERM) and 129 (SIGHUP).

    \b
    Example: obscode test
             obscode test ml-service/availability
             obscode test --mutate
    """
    from obscode.project.cache import Cache
    from obscode.project.pipeline import all_suites, matching_suites
    from obscode.verify import unit_tests

    with exiting_on_signals():
        compilation = compile_or_exit(definitions, environment=environment)
        suites = matching_suites(all_suites(compilation), names)
        promtools = unit_tests.installed_promtools(compilation.artifacts.project.oldest_prometheus)
        if mutate:
            sys.exit(_mutate(suites, promtools[-1]))
        with Cache.beside(definitions) as cache:
            sys.exit(_run(suites, promtools, None if no_cache else cache, verbosity))


def _run(suites: Sequence[UnitTestSuite], promtools: Sequence[Tool], cache: Cache | None, verbosity: int) -> Exit:
    from obscode.artifacts.unit_tests import one_per_shape
    from obscode.verify import test_report, unit_tests

    jobs = unit_tests.jobs(one_per_shape(suites), promtools)
    ended = False
    with progress_display.progress(_HEARTBEAT) as progress:
        run = unit_tests.Run(jobs, cache, progress)
        try:
            run.finish()
            ended = True
        finally:
            progress.stop()
            reports = test_report.failure_reports(run.outcomes)
            for headline, details in reports:
                terminal.print_failure(headline, details)
            if verbosity >= 0 or reports or not ended:
                click.echo(test_report.summary(run.outcomes, suites, [] if ended else jobs))
    return Exit.FINDINGS if reports else Exit.OK


def _mutate(suites: Sequence[UnitTestSuite], promtool: Tool) -> Exit:
    from obscode.artifacts.unit_tests import one_per_shape
    from obscode.verify import mutation

    ended = False
    with progress_display.progress(_HEARTBEAT) as progress:
        run = mutation.MutationRun(one_per_shape(suites), promtool, progress)
        try:
            run.finish()
            ended = True
        finally:
            progress.stop()
            if run.scores:
                click.echo(mutation.report(run.scores))
            if not ended:
                click.echo("INTERRUPTED")
    return Exit.OK if all(score.passes for score in run.scores) else Exit.FINDINGS
