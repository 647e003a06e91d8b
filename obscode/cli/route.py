"""`obscode route`: the receivers of an alert."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from obscode.cli import terminal
from obscode.cli.options import PATH, artifacts_of, definitions_option, environment_option


@click.command()
@click.argument("alert")
@click.argument("labels", nargs=-1, metavar="[LABEL=VALUE]...")
@definitions_option
@environment_option(default="")
@click.option(
    "--config",
    "files",
    type=PATH,
    multiple=True,
    help="Instead of definitions: a file of Alertmanager, of rules or of Prometheus, or a folder; can be repeated.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="`json` is a list with an object for each rule of the name.",
)
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]),
    help="A time in UTC, such as `2030-01-06 22:00`: prints which routes mute times mute then.",
)
def route(
    alert: str,
    labels: tuple[str, ...],
    definitions: Path,
    environment: str,
    files: tuple[Path, ...],
    form: str,
    at: datetime | None,
) -> None:
    """Print where the notifications of ALERT go.

    The receivers, their routes, groups and timings, and what may mute them.
    Labels of the alert are known from its rule. If others decide between receivers, they are listed; LABEL=VALUE sets
    one. With --config, an alert without a rule has these labels only, as for `amtool config routes test`.

    \b
    Example: obscode route HighErrorRate
             obscode route HighErrorRate cluster=eu --format json
             obscode route HighErrorRate --at "2030-01-06 22:00"
             obscode route Down severity=page --config alertmanager.yml
    """
    from obscode.project.route_report import report_lines, route_reports

    pairs = [each.partition("=") for each in labels]
    if wrong := [text for text, (name, equals, _) in zip(labels, pairs, strict=True) if not (name and equals)]:
        raise click.BadParameter(f"{wrong[0]!r} is not LABEL=VALUE", param_hint="labels")
    moment = at.replace(tzinfo=UTC) if at else None
    artifacts = artifacts_of(definitions, files, environment)
    reports = route_reports(artifacts, alert, {name: value for name, _, value in pairs}, moment)
    if form == "json":
        terminal.print_text(json.dumps([report.as_json() for report in reports], indent=2, ensure_ascii=False))
    else:
        terminal.print_text("\n\n".join("\n".join(report_lines(report)) for report in reports))
