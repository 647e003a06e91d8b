"""Remote storage of a configuration has a name of its own, and is listed once.

Why: Prometheus rejects a configuration with two names that are equal. It does not start with two items of
`remote_write` or `remote_read` that are equal, which promtool accepts.

Bad:
    Project("team", prometheus=PrometheusServer(remote_write=[
        RemoteWrite("https://a.example/push", name="eu"), RemoteWrite("https://b.example/push", name="eu")]))

Good:
    Project("team", prometheus=PrometheusServer(remote_write=[
        RemoteWrite("https://a.example/push", name="eu"), RemoteWrite("https://b.example/push", name="us")]))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.artifacts.prometheus import PrometheusConfig
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.output_path import key_span


@check(PrometheusConfig)
def duplicate_remote(config: PrometheusConfig, context: Context) -> Iterator[Finding]:
    """Items of remote storage with one name, or without a name and with equal settings."""
    for key in ("remote_write", "remote_read"):
        listed = config.settings.get(key)
        items = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, Sequence) else []
        for i, item in enumerate(items):
            if (name := item.get("name")) and any(other.get("name") == name for other in items[:i]):
                message = f"two items of {key} have the name {name!r}"
                yield _finding(config.source, (key, i, "name"), message, "rename one of them")
            elif any(other == item for other in items[:i]):
                message = f"two items of {key} are equal: {item.get('url')}"
                yield _finding(config.source, (key, i), message, "remove one of them")


def _finding(source: Source, path: tuple[Any, ...], message: str, hint: str) -> Finding:
    return Finding(duplicate_remote, message, hint, key_span(source, path), duplicate_remote.severity, source)
