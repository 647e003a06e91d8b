"""Remote storage: where Prometheus sends its samples, and from where it reads others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes, http
from obscode.model.definition import Definition
from obscode.model.relabel.step import Step, configurations, plain_step_problems
from obscode.model.server.plain_data import conflicts, merged, plain, present
from obscode.model.urls import validate_url
from obscode.promql import duration
from obscode.promql.duration import Duration

SERVER_SETTING = Code(
    "server-setting",
    "A key of `settings` of a server, or of its remote storage, is not one that an argument sets.",
    why="One of the two values would have no effect.",
    bad='RemoteWrite("https://mimir.example/api/v1/push", timeout="10s", settings={"remote_timeout": "30s"})',
    good='RemoteWrite("https://mimir.example/api/v1/push", timeout="30s")',
)
REMOTE_HEADER = Code(
    "remote-header",
    "Remote storage gets headers that Prometheus may set, and authenticates with `auth=`.",
    why="Prometheus rejects the header `Authorization`, and headers that it sets itself.",
    bad='RemoteWrite("https://mimir.example/api/v1/push", headers={"Authorization": "Bearer token"})',
    good='RemoteWrite("https://mimir.example/api/v1/push", auth=http.Bearer("/etc/prometheus/token"))',
)
# https://github.com/prometheus/prometheus/blob/main/config/config.go
_RESERVED = (
    "authorization",
    "host",
    "content-encoding",
    "content-length",
    "content-type",
    "user-agent",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "www-authenticate",
    "accept-encoding",
    "x-prometheus-remote-write-version",
    "x-prometheus-remote-read-version",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
)


@dataclass(frozen=True)
class _Remote(Definition):
    """What both directions have in common.

    Attributes:
        url: the URL of the storage.
        name: the name in Prometheus' own metrics and logs, unique; by default made of the settings.
        auth: `http.BasicAuth`, `http.Bearer` or `http.OAuth2`.
        tls: TLS, an `http.TLS`.
        proxy: the URL of a proxy, or `http.Proxy`.
        headers: further headers, such as `{"X-Scope-OrgID": "shop"}`.
        timeout: the time after which a request fails, a duration; by default that of Prometheus.
        settings: further keys, as in Prometheus' configuration.
    """

    output_keys: ClassVar[Mapping[str, str]] = {
        "remote_timeout": "timeout",
        "tls_config": "tls",
        "basic_auth": "auth",
        "authorization": "auth",
        "oauth2": "auth",
        "proxy_url": "proxy",
        "write_relabel_configs": "write_relabel",
        "queue_config": "queue",
    }

    url: str
    _: KW_ONLY
    name: str = ""
    auth: http.Auth | None = None
    tls: http.TLS | None = None
    proxy: str | http.Proxy = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: Duration = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def configuration(self) -> dict[str, Any]:
        """The item of Prometheus' configuration."""
        return merged(self._own(), plain(self.settings))

    def _own(self) -> dict[str, Any]:
        return {
            **present(url=self.url, name=self.name, remote_timeout=self.timeout, headers=self.headers),
            **http.client_settings("prometheus", auth=self.auth, tls=self.tls, proxy=self.proxy),
        }

    def problems(self) -> Iterator[Finding]:
        if wrong := validate_url(self.url):
            yield self.finding(codes.URL, *wrong, at="url")
        if self.timeout and (wrong := duration.validate_duration(self.timeout)):
            yield self.finding(codes.DURATION, *wrong, at="timeout")
        for i, header in enumerate(self.headers):
            if header.lower() in _RESERVED:
                hint = "write auth=" if header.lower() == "authorization" else "remove it"
                yield self.finding(REMOTE_HEADER, f"{header} is no header to set", hint, at="headers", item=i)
        yield from http.proxy_problems(self, self.proxy)
        yield from setting_problems(self, self._own(), self.settings)


def setting_problems(definition: Definition, own: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings for keys of `settings` that arguments of a definition set, too."""
    for path in conflicts(own, settings):
        first = path.partition(".")[0]
        message = f"settings has {path!r}, which an argument sets, too"
        item = list(settings).index(first)
        yield definition.finding(SERVER_SETTING, message, "write one of them", at="settings", item=item)


@dataclass(frozen=True)
class RemoteWrite(_Remote):
    """Remote storage to which Prometheus sends its samples, such as Mimir, Thanos Receive or Grafana Cloud.

    `RemoteWrite("https://mimir.example/api/v1/push", auth=http.BasicAuth("shop", password_file="/etc/mimir"))`

    Attributes:
        write_relabel: steps of `obscode.relabel`, or plain data, that select the series and set their labels.
        queue: the keys of `queue_config`, such as `{"max_shards": 50}`.
        send_exemplars: whether exemplars are sent.
        send_native_histograms: whether native histograms are sent.
    """

    _: KW_ONLY
    write_relabel: Sequence[Step | Mapping[str, Any]] = ()
    queue: Mapping[str, str | int | bool] = field(default_factory=dict)
    send_exemplars: bool = False
    send_native_histograms: bool = False

    def _own(self) -> dict[str, Any]:
        return super()._own() | present(
            send_exemplars=self.send_exemplars,
            send_native_histograms=self.send_native_histograms,
            write_relabel_configs=configurations(self.write_relabel),
            queue_config=self.queue,
        )

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        yield from plain_step_problems(self, "write_relabel", self.write_relabel)


@dataclass(frozen=True)
class RemoteRead(_Remote):
    """Remote storage that Prometheus queries, too.

    `RemoteRead("https://thanos.example/api/v1/read", required_matchers={"team": "shop"})`

    Attributes:
        read_recent: whether it is queried for the time that the local storage has complete, too.
        required_matchers: the labels that a selector has to be answered by it.
        filter_external_labels: whether external labels are matchers of each query.
    """

    _: KW_ONLY
    read_recent: bool = False
    required_matchers: Mapping[str, str] = field(default_factory=dict)
    filter_external_labels: bool = True

    label_names = ("required_matchers",)

    def _own(self) -> dict[str, Any]:
        own = super()._own() | present(read_recent=self.read_recent, required_matchers=self.required_matchers)
        return own if self.filter_external_labels else {**own, "filter_external_labels": False}
