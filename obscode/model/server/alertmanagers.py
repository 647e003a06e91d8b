"""The Alertmanagers to which Prometheus sends alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes, http
from obscode.model.definition import Definition
from obscode.model.discovery.configurations import Discoveries, discovery_configs
from obscode.model.discovery.raw import raw_problems
from obscode.model.relabel.step import Step, configurations, plain_step_problems
from obscode.model.scrape import validate_address
from obscode.model.server.plain_data import merged, plain, present
from obscode.model.server.remote import setting_problems
from obscode.promql import duration
from obscode.promql.duration import Duration

ALERTMANAGERS = Code(
    "alertmanagers",
    "`Alertmanagers` has targets, or discovers them, and its path begins with a slash.",
    why="Prometheus would send no alert.",
    bad='Alertmanagers(path_prefix="alertmanager")',
    good='Alertmanagers(["alertmanager:9093"], path_prefix="/alertmanager")',
)
_PORT = 9093


@dataclass(frozen=True)
class Alertmanagers(Definition):
    """Alertmanagers that Prometheus sends alerts to, with TLS, authentication or discovery.

    `Alertmanagers(["alertmanager:9093"], scheme="https", path_prefix="/alerts", tls=http.TLS(ca_file="/etc/ca.crt"))`

    Attributes:
        targets: the addresses, `host:port`.
        discovery: where Alertmanagers are discovered: one of `obscode.discovery`, or several, or plain data such as
            `{"azure_sd_configs": [...]}`.
        scheme: `http` or `https`.
        path_prefix: the path below which Alertmanager serves its API.
        timeout: the time after which a request fails, a duration; by default that of Prometheus.
        api_version: the version of the API; `v1` is not in Prometheus 3.0.
        auth: `http.BasicAuth`, `http.Bearer` or `http.OAuth2`.
        tls: TLS, an `http.TLS`.
        proxy: the URL of a proxy, or `http.Proxy`.
        relabel: steps of `obscode.relabel`, or plain data, that select the discovered Alertmanagers.
        alert_relabel: steps that select the alerts for these Alertmanagers; needs Prometheus 2.51.
        settings: further keys, as in Prometheus' configuration.
    """

    output_keys: ClassVar[Mapping[str, str]] = {
        "static_configs": "targets",
        "relabel_configs": "relabel",
        "alert_relabel_configs": "alert_relabel",
        "tls_config": "tls",
        "basic_auth": "auth",
        "authorization": "auth",
        "oauth2": "auth",
        "proxy_url": "proxy",
    }

    targets: Sequence[str] = ()
    _: KW_ONLY
    discovery: Discoveries = ()
    scheme: Literal["http", "https"] = "http"
    path_prefix: str = ""
    timeout: Duration = ""
    api_version: Literal["v1", "v2"] = "v2"
    auth: http.Auth | None = None
    tls: http.TLS | None = None
    proxy: str | http.Proxy = ""
    relabel: Sequence[Step | Mapping[str, Any]] = ()
    alert_relabel: Sequence[Step | Mapping[str, Any]] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def configuration(self) -> dict[str, Any]:
        """The item of `alerting.alertmanagers`."""
        return merged(self._own(), plain(self.settings))

    def _own(self) -> dict[str, Any]:
        return {
            **present(
                api_version=self.api_version if self.api_version != "v2" else "",
                scheme=self.scheme if self.scheme != "http" else "",
                path_prefix=self.path_prefix,
                timeout=self.timeout,
            ),
            **http.client_settings("prometheus", auth=self.auth, tls=self.tls, proxy=self.proxy),
            **present(
                **discovery_configs(self.discovery),
                relabel_configs=configurations(self.relabel),
                alert_relabel_configs=configurations(self.alert_relabel),
            ),
            **({"static_configs": [{"targets": list(self.targets)}]} if self.targets else {}),
        }

    def problems(self) -> Iterator[Finding]:
        if not self.targets and not self.discovery and not self.settings:
            hint = f'write ["alertmanager:{_PORT}"], or discovery='
            yield self.finding(ALERTMANAGERS, "there are no targets and no discovery", hint)
        for i, target in enumerate(self.targets if not self.relabel else ()):
            if wrong := validate_address(target, port=_PORT):
                yield self.finding(codes.TARGET_ADDRESS, *wrong, at="targets", item=i)
        if self.path_prefix and not self.path_prefix.startswith("/"):
            message = f"path_prefix {self.path_prefix!r} does not begin with a slash"
            yield self.finding(ALERTMANAGERS, message, f'write "/{self.path_prefix}"', at="path_prefix")
        if self.timeout and (wrong := duration.validate_duration(self.timeout)):
            yield self.finding(codes.DURATION, *wrong, at="timeout")
        if isinstance(self.discovery, Mapping):
            yield from raw_problems(self, self.discovery, "discovery")
        yield from plain_step_problems(self, "relabel", self.relabel)
        yield from plain_step_problems(self, "alert_relabel", self.alert_relabel)
        yield from http.proxy_problems(self, self.proxy)
        yield from setting_problems(self, self._own(), self.settings)
