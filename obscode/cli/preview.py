"""`obscode preview`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obscode.cli import progress_display, terminal
from obscode.cli.options import (
    PATH,
    environment_option,
    exiting_on_signals,
    http_config_option,
    server_option,
)
from obscode.findings.errors import Exit

if TYPE_CHECKING:
    from obscode.preview.captured_series import NamedCapture


_HEARTBEAT = 15  # seconds between lines of progress in a log


@click.command()
@click.argument("paths", nargs=-1, type=PATH, metavar="[DEFINITIONS] [FILE_OR_FOLDER]...")
@click.option("-o", "--out", type=PATH, default="preview", show_default=True, help="The folder of the pages.")
@click.option("--dashboard", "names", multiple=True, metavar="NAME", help="Only this dashboard, by uid or title.")
@click.option("--scenario", "scenarios", multiple=True, metavar="NAME", help="Only this scenario; by default all.")
@click.option("--var", "selects", multiple=True, metavar="NAME=VALUE", help="The value of a variable.")
@server_option("prometheus", "a Prometheus whose data is displayed instead of generated data")
@http_config_option
@click.option("--from", "start", default="", metavar="TIME", help="Of --prometheus: the start, such as now-6h.")
@click.option("--to", "end", default="", metavar="TIME", help="Of --prometheus: the end.  [default: now]")
@click.option(
    "--capture",
    "captures",
    multiple=True,
    metavar="[SERVICE=]FILE_OR_URL",
    help="What a server shows at /metrics: the service exposes it in scenarios of `obscode fake`.",
)
@click.option("--test", metavar="NAME", help="The test series of an alert or SLO, service/name, on its dashboard.")
@click.option("--base", metavar="REVISION", help="Display changes since this revision of git, or a folder.")
@click.option("--png", is_flag=True, help="Write a picture of each page, too; needs Chromium.")
@environment_option(default="")
def preview(
    paths: tuple[Path, ...],
    out: Path,
    names: tuple[str, ...],
    scenarios: tuple[str, ...],
    selects: tuple[str, ...],
    prometheus: str | None,
    http_config: Path | None,
    start: str,
    end: str,
    captures: tuple[str, ...],
    test: str | None,
    base: str | None,
    png: bool,
    environment: str,
) -> None:
    """Draw dashboards as HTML pages, with data that Prometheus evaluates.

    Dashboards of definitions and of files, as `obscode check` reads them; without paths, of the folder `definitions`.
    Series are generated for scenarios such as a normal day and an error burst, and written into a Prometheus that
    evaluates the rules and the queries. Queries that it rejects, and queries that are always empty, are findings. Each
    page is one file that needs no network. Exit codes after a signal are 130 (Ctrl-C), 143 (SIGTERM) and 129 (SIGHUP).

    \b
    Example: obscode preview
             obscode preview dashboards/node.json --var instance=node-1
             obscode preview --capture chat=vllm.metrics.txt --scenario "full cache"
             obscode preview --dashboard shop --prometheus http://localhost:9090 --from now-1d
    """
    if not prometheus and (start or end or http_config):
        raise click.UsageError("--from, --to and --http-config need --prometheus")
    if sum(map(bool, (prometheus, scenarios, test))) > 1:
        raise click.UsageError("--prometheus, --scenario and --test exclude each other")
    if captures and (prometheus or test):
        raise click.UsageError("--capture excludes --prometheus and --test")
    if test and base:
        raise click.UsageError("--test and --base exclude each other")
    from obscode.preview.command import Request, run
    from obscode.project.build import write

    request = Request(
        paths=paths,
        names=names,
        scenarios=scenarios,
        selects=_values(selects),
        environment=environment,
        url=prometheus or "",
        http_config=http_config,
        start=start,
        end=end,
        test=test or "",
        captures=[_capture(text) for text in captures],
        base=base or "",
    )
    with exiting_on_signals(), progress_display.progress(_HEARTBEAT) as progress:
        result = run(request, progress)
        write(result.files, out, progress.log)
        if png:
            from obscode.preview.pictures import write_pictures

            write_pictures(result.previews, out, progress)
    terminal.print_findings(result.findings)
    click.echo(f"{out / 'index.html'}: {result.summary()}")
    sys.exit(Exit.FINDINGS if any(each.severity == "error" for each in result.findings) else Exit.OK)


def _capture(text: str) -> NamedCapture:
    from obscode.importers.metrics_source import read_metrics_text
    from obscode.preview.captured_series import NamedCapture
    from obscode.simulation.capture import read_capture

    service, equals, source = text.partition("=")
    if not equals or {"/", ":", "."} & set(service):
        service, source = "", text
    return NamedCapture(service, source.rpartition("/")[2], read_capture(read_metrics_text(source).text))


def _values(selects: Sequence[str]) -> dict[str, str]:
    for each in selects:
        if "=" not in each:
            raise click.UsageError(f"--var {each} has no value; write --var NAME=VALUE")
    return dict(each.split("=", 1) for each in selects)
