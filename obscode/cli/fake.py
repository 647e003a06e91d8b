"""`obscode fake`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obscode.cli.options import PATH, exiting_on_signals

if TYPE_CHECKING:
    from obscode.fake import FakeTarget
    from obscode.simulation.replay import Replay

_PORT = 9096


@click.command()
@click.argument("capture", metavar="FILE_OR_URL")
@click.option("--scenario", metavar="NAME", default="normal load", show_default=True, help="What happens.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"The port on loopback; by default {_PORT}, or a free one if it is taken; 0 is a free one.",
)
@click.option("--for", "duration", metavar="DURATION", help="End after this time, such as 10m; by default with Ctrl-C.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Phases of the scenario start and end as many times sooner.",
)
@click.option("--definitions", type=PATH, help="A folder whose scenarios can be named, too.")
def fake(
    capture: str, scenario: str, port: int | None, duration: str | None, speed: float, definitions: Path | None
) -> None:
    """Expose a captured text of /metrics on loopback, in a scenario.

    FILE_OR_URL is what a server shows at /metrics. Its names, labels, types and help texts stay; counters grow and
    gauges move in a scenario: `normal load`, `error burst`, `drain`, `full cache`, `overload`, `stuck`, `down`,
    `crash loop`, and those of the preview. The first change comes a minute after the start.

    \b
    Example: obscode fake vllm.metrics.txt --scenario "full cache"
             obscode fake http://localhost:8000/metrics --scenario "error burst" --for 10m
    """
    from obscode.fake import fake_replay
    from obscode.findings.errors import ObscodeError
    from obscode.promql.duration import seconds, validate_duration

    if duration is not None and (wrong := validate_duration(duration)):
        raise ObscodeError(*wrong)
    with exiting_on_signals():
        replay = fake_replay(capture, scenario, time.time(), speed, definitions)
        target = _target(replay, port)
        end = f"it ends after {duration}" if duration else "Ctrl-C ends it"
        click.echo(f"{target.url} shows {capture} in scenario {replay.scenario.name}; {end}")
        target.run(seconds(duration) if duration else None)


def _target(replay: Replay, port: int | None) -> FakeTarget:
    """The server on a port; without one, on the default port or a free one. Raises ObscodeError for a port in use."""
    from obscode.fake import FakeTarget
    from obscode.findings.errors import ObscodeError
    from obscode.verify.servers import free_port

    try:
        preferred = _PORT if port is None else port or free_port()
        return FakeTarget(replay.text, preferred, is_open=replay.capture.is_open)
    except OSError as error:
        if port is None:
            return FakeTarget(replay.text, free_port(), is_open=replay.capture.is_open)
        message = f"port {port} cannot be used: {error.strerror}"
        raise ObscodeError(message, "name another port, or --port 0 for a free one") from None
