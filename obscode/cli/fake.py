"""`obscode fake`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from obscode.cli.options import PATH, exiting_on_signals


@click.command()
@click.argument("capture", metavar="FILE_OR_URL")
@click.option("--scenario", metavar="NAME", default="normal load", show_default=True, help="What happens.")
@click.option("--port", type=click.IntRange(0, 65535), default=9096, show_default=True, help="The port on loopback.")
@click.option("--for", "duration", metavar="DURATION", help="End after this time, such as 10m; by default with Ctrl-C.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Phases of the scenario start and end as many times sooner.",
)
@click.option("--definitions", type=PATH, help="A folder whose scenarios can be named, too.")
def fake(capture: str, scenario: str, port: int, duration: str | None, speed: float, definitions: Path | None) -> None:
    """Expose a captured text of /metrics on loopback, in a scenario.

    FILE_OR_URL is what a server shows at /metrics. Its names, labels, types and help texts stay; counters grow and
    gauges move in a scenario: `normal load`, `error burst`, `drain`, `full cache`, `overload`, `stuck`, `down`,
    `crash loop`, and those of the preview. The first change comes a minute after the start.

    \b
    Example: obscode fake vllm.metrics.txt --scenario "full cache"
             obscode fake http://localhost:8000/metrics --scenario "error burst" --for 10m
    """
    from obscode.fake import FakeTarget, fake_replay
    from obscode.findings.errors import ObscodeError
    from obscode.promql.duration import seconds, validate_duration
    from obscode.verify.servers import free_port

    if duration is not None and (wrong := validate_duration(duration)):
        raise ObscodeError(*wrong)
    with exiting_on_signals():
        replay = fake_replay(capture, scenario, time.time(), speed, definitions)
        target = FakeTarget(replay.text, free_port(port), is_open=replay.capture.is_open)
        end = f"it ends after {duration}" if duration else "Ctrl-C ends it"
        click.echo(f"{target.url} shows {capture} in scenario {replay.scenario.name}; {end}")
        target.run(seconds(duration) if duration else None)
