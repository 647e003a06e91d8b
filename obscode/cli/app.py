"""The command line: each command parses its arguments, calls the library, prints, exits."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from obscode.cli.explain import explain
from obscode.findings.errors import Exit, ObscodeError

if TYPE_CHECKING:  # the library is imported by the command that uses it: `--help` is instant
    from obscode.checks import Profile
    from obscode.findings.finding import Finding

_FOLDER = click.Path(path_type=Path)
_DASHBOARDS = (".json", ".yaml", ".yml")


class _Told(click.Group):
    """Turns the library's errors into messages and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ObscodeError as error:
            _tell(error.findings)
            ctx.exit(error.exit)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception:
            import traceback

            click.echo(traceback.format_exc(), err=True)
            click.echo("this is a mistake of obscode's own; nothing was written", err=True)
            ctx.exit(Exit.ERROR)


def _tell(findings: Any) -> None:
    for finding in findings:
        colour = "yellow" if finding.severity == "warning" else "red"
        head, _, rest = str(finding).partition("\n")
        click.echo(click.style(head, fg=colour) + ("\n" + rest if rest else ""), err=True)
    errors = sum(finding.severity == "error" for finding in findings)
    if errors > 1:
        click.echo(f"{errors} problems", err=True)


def _stop_on(findings: list[Finding]) -> None:
    """Show findings; end with exit code 1 when one of them is an error."""
    if findings:
        _tell(findings)
    if any(finding.severity == "error" for finding in findings):
        sys.exit(Exit.FINDINGS)


def definitions_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """The folder of definitions, `definitions` by default."""
    return click.argument("definitions", type=_FOLDER, default="definitions")(command)


def volume_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--quiet and --verbose, given to the command as `volume`: -1, 0 or 1."""

    @click.option("-q", "--quiet", is_flag=True, help="Say nothing when all is well.")
    @click.option("-v", "--verbose", is_flag=True, help="Name every file.")
    @wraps(command)
    def wrapped(*args: Any, quiet: bool, verbose: bool, **kwargs: Any) -> Any:
        return command(*args, volume=verbose - quiet, **kwargs)

    return wrapped


@click.group(cls=_Told, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="obscode")
def main() -> None:
    """Monitoring declared once in Python, compiled to Prometheus, Alertmanager and Grafana.

    \b
    Exit codes: 0 fine, 1 findings or stale output, 2 could not run.
    """


@main.command()
@definitions_argument
@click.option("-o", "--out", type=_FOLDER, default="build", show_default=True, help="The output folder.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 and list the files when out of date.")
@volume_options
def build(definitions: Path, out: Path, only_check: bool, volume: int) -> None:
    """Compile DEFINITIONS into the output folder.

    \b
    Example: obscode build
             obscode build definitions --out build --check
    """
    from obscode.project.build import compare, write
    from obscode.project.pipeline import compiled

    result = compiled(definitions)
    _stop_on(result.findings)
    if only_check:
        difference = compare(result.files, out)
        for line in difference.lines():
            click.echo(line)
        if difference:
            click.echo(f"{out} is out of date; run: obscode build", err=True)
            sys.exit(Exit.FINDINGS)
    else:
        difference = write(result.files, out)
        if volume > 0:
            for line in difference.lines():
                click.echo(line)
    if volume >= 0:
        click.echo(f"{out}: {len(result.files)} files, {result.summary()}" + ("" if difference else ", up to date"))


@main.command()
@click.argument("paths", nargs=-1, type=_FOLDER, metavar="[DEFINITIONS] [DASHBOARD.json]...")
@click.option(
    "--profile",
    type=click.Choice(["default", "mixin"]),
    default="default",
    show_default=True,
    help="For files of dashboards: `mixin` demands all that grafana/dashboard-linter does.",
)
@volume_options
def check(paths: tuple[Path, ...], profile: Profile, volume: int) -> None:
    """Compile DEFINITIONS, run every check, then promtool and amtool; write nothing.

    Files that end in .json are Grafana dashboards, whoever wrote them, and .yaml Kubernetes' objects
    that hold some: only these are checked when no folder is named beside them.

    \b
    Example: obscode check
             obscode check dashboards/*.json --profile mixin
    """
    dashboards = [path for path in paths if path.suffix in _DASHBOARDS]
    folders = [path for path in paths if path.suffix not in _DASHBOARDS]
    if len(folders) > 1:
        raise click.UsageError(f"Got unexpected extra argument ({folders[1]})")
    if dashboards:
        _check_dashboards(dashboards, profile, volume)
    if folders or not dashboards:
        _check_definitions(folders[0] if folders else Path("definitions"), volume)


def _check_definitions(definitions: Path, volume: int) -> None:
    from obscode.project.pipeline import compiled
    from obscode.verify.promtool import validate_with_tools

    result = compiled(definitions)
    _stop_on(result.findings)
    tools, findings = validate_with_tools(result.artifacts, result.files)
    _stop_on(findings)
    if volume >= 0:
        click.echo(f"{result.summary()}: fine, say " + ", ".join(f"{t.name} {t.version}" for t in tools))


def _check_dashboards(files: list[Path], profile: Profile, volume: int) -> None:
    from obscode.project.lint_files import lint_files

    findings = lint_files(files, profile=profile)
    _stop_on(findings)
    if volume >= 0:
        outcome = f"{len(findings)} warning{'s' if len(findings) > 1 else ''}" if findings else "fine"
        click.echo(f"{len(files)} dashboard{'s' if len(files) > 1 else ''}: {outcome}")


@main.command("list")
@definitions_argument
def list_(definitions: Path) -> None:
    """Show what DEFINITIONS hold.

    \b
    Example: obscode list
    """
    from obscode.cli.tables import aligned, contents
    from obscode.project.pipeline import compiled

    click.echo(aligned(contents(compiled(definitions).artifacts)))


main.add_command(explain)


@main.command()
@click.argument("names", nargs=-1)
@click.option("--definitions", type=_FOLDER, default="definitions", show_default=True, help="Where they are.")
@click.option("--mutate", is_flag=True, help="Change the rules, one thing at a time; report what no test noticed.")
@volume_options
def test(names: tuple[str, ...], definitions: Path, mutate: bool, volume: int) -> None:
    """Run the unit tests of the rules on every promtool at hand: all, or those of NAMES.

    \b
    Example: obscode test
             obscode test ml-service/availability
             obscode test --mutate
    """
    from obscode.project.pipeline import compiled, suites_named
    from obscode.project.progress import progress
    from obscode.toolchain import find_all, require

    result = compiled(definitions)
    _stop_on(result.findings)
    suites = suites_named(result.artifacts, names)
    promtools = find_all("promtool") or [require("promtool")]
    if mutate:
        from obscode.verify.mutation import report, survivors

        with progress("mutating", total=None) as advance:
            scores = survivors(suites, promtools[-1], advance)
        click.echo(report(scores))
        sys.exit(Exit.OK if all(score.passes for score in scores) else Exit.FINDINGS)
    from obscode.verify.unit_tests import run_all

    with progress("testing", total=len(suites) * len(promtools)) as advance:
        outcomes = run_all(suites, promtools, advance)
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        click.echo(click.style(f"FAILED {outcome.suite.name} on promtool {outcome.tool.version}", fg="red"))
        click.echo(f"{outcome.suite.source.span() or ''}\n{outcome.said}\n")
    if volume >= 0 or failed:
        count = sum(len(suite.tests) for suite in suites)
        versions = ", ".join(tool.version for tool in promtools)
        click.echo(f"{count} tests of {len(suites)} suites on promtool {versions}: {len(failed) or 'none'} failed")
    sys.exit(Exit.FINDINGS if failed else Exit.OK)


@main.group(invoke_without_command=True)
@click.pass_context
def tools(context: click.Context) -> None:
    """List the promtool, prometheus, amtool and alertmanager at hand, or install them.

    \b
    Example: obscode tools
    """
    if context.invoked_subcommand is None:
        from obscode.cli.tables import aligned, tool_rows
        from obscode.toolchain import TOOLS, find_all

        at_hand = {name: find_all(name) for name in TOOLS}
        click.echo(aligned(tool_rows(at_hand)))
        if not all(at_hand.values()):
            click.echo("obscode tools install fetches what is missing", err=True)
            context.exit(Exit.ERROR)


@tools.command()
@click.option("--suite", "suites", multiple=True, help="bookworm, trixie, sid or release; may be repeated.")
def install(suites: tuple[str, ...]) -> None:
    """Fetch what is missing into .tools/, without root: Debian's packages, or the release archives.

    \b
    Example: obscode tools install
             obscode tools install --suite bookworm --suite sid
    """
    from obscode.cli.tables import aligned, tool_rows
    from obscode.toolchain import TOOLS
    from obscode.toolchain import install as fetch

    fetched = fetch(suites=suites or None, progress=lambda line: click.echo(line, err=True))
    click.echo(aligned(tool_rows({name: [t for t in fetched if t.name == name] for name in TOOLS})))
