"""What a backtest has to know of a server: its version, flags, groups of rules and external labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from obscode.backtest.schedule import Instant, ServerGroup
from obscode.clients.errors import ServerError
from obscode.clients.prometheus import PrometheusClient
from obscode.promql import duration
from obscode.reader.yaml_parser import parse_yaml

_LOOKBACK = "query.lookback-delta"
# Other flags do not change the results of expressions.
_FEATURES = ("promql-", "otlp-deltatocumulative")


@dataclass(frozen=True)
class Server:
    """A server's settings; lengths in milliseconds.

    Attributes:
        version: such as `3.5.0`; empty if the server does not say it.
        lookback: how old a sample of an instant selector may be.
        interval: the interval of groups without one, or None if the server does not say it.
        groups: the groups of rules that it evaluates.
        external_labels: for templates.
        flags: those of its flags that change how expressions are evaluated.
    """

    version: str = ""
    lookback: int = 300_000
    interval: int | None = None
    groups: Sequence[ServerGroup] = ()
    external_labels: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)


def read_server(client: PrometheusClient) -> Server:
    """Read the settings of a server. What it does not say, as Thanos and Mimir, has Prometheus' defaults."""
    version = client.build_info().get("version", "")
    flags = client.flags()
    settings = _global_settings(client)
    features = [name for name in flags.get("enable-feature", "").split(",") if name.startswith(_FEATURES)]
    chosen = {"enable-feature": ",".join(features)} if features else {}
    if _LOOKBACK in flags:
        chosen[_LOOKBACK] = flags[_LOOKBACK]
    interval = settings.get("evaluation_interval")
    return Server(
        version,
        duration.milliseconds(flags.get(_LOOKBACK, "5m")),
        duration.milliseconds(str(interval)) if interval else None,
        _groups(client),
        {str(name): str(value) for name, value in (settings.get("external_labels") or {}).items()},
        chosen,
    )


def _global_settings(client: PrometheusClient) -> Mapping[str, Any]:
    try:
        text = client.config()
    except ServerError:
        return {}
    documents = parse_yaml(text, "the configuration of the server").documents
    settings = documents[0].get("global") if documents else None
    content = settings.plain() if settings else None
    return content if isinstance(content, dict) else {}


def _groups(client: PrometheusClient) -> Sequence[ServerGroup]:
    try:
        groups = client.rule_groups()
    except ServerError:
        return []
    return [
        ServerGroup(
            str(group["file"]),
            str(group["name"]),
            round(float(group["interval"]) * 1000),
            instant(str(group.get("lastEvaluation", ""))),
        )
        for group in groups
    ]


def instant(text: str) -> Instant | None:
    """A time of Prometheus' API, with up to nine decimals, in milliseconds; None for none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    milliseconds = int(moment.timestamp() * 1000)
    return milliseconds if milliseconds > 0 else None
