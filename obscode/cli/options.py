"""Arguments, options and steps that several commands share."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from obscode.cli import progress_display, terminal
from obscode.findings.errors import Exit

if TYPE_CHECKING:  # commands import the library when they run: `--help` is fast
    from obscode.artifacts.project import Artifacts
    from obscode.findings.finding import Finding
    from obscode.project.changed_services import ChangedServices
    from obscode.project.pipeline import Compilation

PATH = click.Path(path_type=Path)


def definitions_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument DEFINITIONS: a folder, `definitions` by default."""
    return click.argument("definitions", type=PATH, default="definitions")(command)


def definitions_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--definitions, for commands whose arguments are names."""
    option = click.option(
        "--definitions", type=PATH, default="definitions", show_default=True, help="The folder of definitions."
    )
    return option(command)


def environment_option(
    help_text: str = "The environment, by its name; by default the project's own.", default: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """--environment."""
    return click.option("--environment", metavar="NAME", default=default, help=help_text)


def http_config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--http-config, passed to the command as a path or None; `read_http_config` of `obscode.clients` reads it."""
    return click.option(
        "--http-config",
        metavar="FILE",
        type=PATH,
        help="Authentication and TLS for the servers, in the format that promtool's --http.config.file has.",
    )(command)


def server_option(name: str, program: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option with the URL of a server, such as --prometheus."""
    return click.option(f"--{name}", metavar="URL", help=f"The address of {program}.")


def verbosity_options(
    verbose_help: str, quiet_help: str = "Print findings only."
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """--quiet and --verbose, passed to the command as `verbosity`: -1, 0 or 1."""

    def decorator(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.option("-q", "--quiet", is_flag=True, help=quiet_help)
        @click.option("-v", "--verbose", is_flag=True, help=verbose_help)
        @wraps(command)
        def wrapped(*args: Any, quiet: bool, verbose: bool, **kwargs: Any) -> Any:
            return command(*args, verbosity=verbose - quiet, **kwargs)

        return wrapped

    return decorator


@contextmanager
def exiting_on_signals() -> Iterator[None]:
    """Exit with 128 and the number of the signal after Ctrl-C, SIGTERM and SIGHUP; the tools that run are killed."""
    from obscode.verify.processes import Interrupted, stopping_on_signals

    try:
        with stopping_on_signals():
            yield
    except Interrupted as interruption:
        sys.exit(128 + interruption.number)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def compile_or_exit(
    definitions: Path,
    user_code: Callable[[], AbstractContextManager[None]] = nullcontext,
    changed: ChangedServices | None = None,
    environment: str | None = None,
) -> Compilation:
    """Compile a folder and print its findings; exits if one of them is an error.

    Without an ``environment``, all are compiled.
    """
    from obscode.project.pipeline import compile_folder

    with progress_display.progress() as progress, _no_garbage_collection():
        compilation = compile_folder(definitions, progress, user_code, changed, environment)
    exit_on_errors(compilation.findings)
    return compilation


def artifacts_of(definitions: Path, files: tuple[Path, ...], environment: str | None = "") -> Artifacts:
    """The compiled definitions of an environment, or what files contain."""
    if files:
        from obscode.project.check_files import read

        return read(files)
    from obscode.project.pipeline import compile_folder

    with progress_display.progress() as progress:
        return compile_folder(definitions, progress, environment=environment).artifacts


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Collect no garbage, which takes a quarter of a big build: what is compiled lives as long as the process."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def exit_on_errors(findings: Sequence[Finding]) -> None:
    """Print findings; exits with code 1 if one of them is an error."""
    terminal.print_findings(findings)
    if any(finding.severity == "error" for finding in findings):
        sys.exit(Exit.FINDINGS)
