"""What every discovery has: the key of its settings in a scrape job, and the labels of the targets that it finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes, http
from obscode.model.definition import Definition
from obscode.promql import duration
from obscode.promql.duration import Duration

DISCOVERY = Code(
    "discovery",
    "A discovery has the settings that Prometheus requires, and no two that exclude each other.",
    why="Prometheus rejects the configuration otherwise, or discovers no target.",
    bad='discovery.DNS("shop.internal", type="A")',
    good='discovery.DNS("shop.internal", type="A", port=8000)',
)


@dataclass(frozen=True)
class Discovery(Definition):
    """Base of the discoveries: how Prometheus finds the targets of a scrape job.

    Attributes:
        settings: further keys, as in Prometheus' configuration.
    """

    #: The key of a scrape job, such as `dns_sd_configs`.
    sd_configs: ClassVar[str] = ""
    output_keys: ClassVar[Mapping[str, str]] = {"refresh_interval": "refresh"}

    _: KW_ONLY
    settings: Mapping[str, Any] = field(default_factory=dict)

    def configuration(self) -> Mapping[str, Any]:
        """The item below `sd_configs`, without empty keys and without ``settings``."""
        return {}

    def configurations(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The keys of a scrape job, each with its items."""
        return {self.sd_configs: [{**self.configuration(), **self.settings}]}

    def problems(self) -> Iterator[Finding]:
        own = self.configuration()
        for i, key in enumerate(self.settings):
            if key in own:
                message = f"settings has {key!r}, which an argument sets, too"
                yield self.finding(DISCOVERY, message, "write one of them", at="settings", item=i)


@dataclass(frozen=True)
class RefreshedDiscovery(Discovery):
    """Base of the discoveries that Prometheus refreshes at an interval.

    Attributes:
        refresh: the time between two requests, a duration; by default that of Prometheus.
    """

    _: KW_ONLY
    refresh: Duration = ""

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if self.refresh and (wrong := duration.validate_duration(self.refresh)):
            yield self.finding(codes.DURATION, *wrong, at="refresh")


@dataclass(frozen=True)
class ClientDiscovery(Discovery):
    """Base of the discoveries over HTTP.

    Attributes:
        auth: `http.BasicAuth`, `http.Bearer` or `http.OAuth2`.
        tls: TLS.
        proxy: the URL of a proxy, or `http.Proxy`.
    """

    _: KW_ONLY
    auth: http.Auth | None = None
    tls: http.TLS | None = None
    proxy: str | http.Proxy = ""

    def client(self) -> Mapping[str, Any]:
        """The keys of the client, such as `tls_config`."""
        return http.client_settings("prometheus", auth=self.auth, tls=self.tls, proxy=self.proxy)

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        yield from http.proxy_problems(self, self.proxy)


def present(**settings: Any) -> dict[str, Any]:
    """The settings that are not empty, as plain data."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in settings.items() if value}


def listed(value: str | Sequence[str]) -> list[str]:
    """One or several texts as a list."""
    return [value] if isinstance(value, str) else list(value)
