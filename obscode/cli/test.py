"""`obscode test`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from obscode.cli import terminal
from obscode.cli.options import compile_or_exit, definitions_option, verbosity_options
from obscode.findings.errors import Exit


@click.command()
@click.argument("names", nargs=-1)
@definitions_option
@click.option("--mutate", is_flag=True, help="Change the rules one token at a time; list changes no test detects.")
@verbosity_options
def test(names: tuple[str, ...], definitions: Path, mutate: bool, verbosity: int) -> None:
    """Run the unit tests of the rules with every installed promtool: all suites, or those that begin with NAMES.

    \b
    Example: obscode test
             obscode test ml-service/availability
             obscode test --mutate
    """
    from obscode.project.pipeline import select_suites
    from obscode.verify import mutation, unit_tests

    artifacts = compile_or_exit(definitions).artifacts
    suites = select_suites(artifacts, names)
    if mutate:
        with terminal.progress() as progress:
            scores = mutation.run_mutants(suites, progress)
        click.echo(mutation.report(scores))
        sys.exit(Exit.OK if all(score.passes for score in scores) else Exit.FINDINGS)
    installed = unit_tests.installed_promtools(artifacts.project.oldest_prometheus)
    with terminal.progress() as progress:
        results = unit_tests.run_suites(suites, progress, installed)
    failures = [result for result in results if not result.passed]
    for failure in failures:
        headline = f"FAILED {failure.suite.name} (promtool {failure.tool.version})"
        terminal.print_failure(headline, f"{failure.suite.source.span() or ''}\n{failure.output}")
    if verbosity >= 0 or failures:
        click.echo(unit_tests.summary(results))
    sys.exit(Exit.FINDINGS if failures else Exit.OK)
