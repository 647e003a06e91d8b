"""Grafana's data source: how Grafana accesses Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.http import TLS, BasicAuth, Bearer
from obscode.model.secrets import Secret, SecretFile, secret_path
from obscode.model.urls import validate_url

_MERGED = ("jsonData", "secureJsonData")


@dataclass(frozen=True)
class GrafanaDatasource(Definition):
    """How Grafana accesses Prometheus: authentication, TLS, and further settings of the data source.

    `GrafanaDatasource(auth=http.BasicAuth("grafana", password_file="/run/secrets/prometheus"))`

    Grafana reads the files. A path that begins with `$` is an environment variable of Grafana in place of a file, such
    as `$PROMETHEUS_PASSWORD`.

    Attributes:
        url: the URL of Prometheus for Grafana; by default `prometheus_url` of the project or the environment.
        auth: `http.BasicAuth` or `http.Bearer`.
        tls: TLS of the connection.
        name: the name of the data source in Grafana.
        settings: further keys of the data source in Grafana's provisioning file, such as `{"jsonData": {...}}`.
    """

    _: KW_ONLY
    url: str = ""
    auth: BasicAuth | Bearer | None = None
    tls: TLS | None = None
    name: str = "Prometheus"
    settings: Mapping[str, Any] = field(default_factory=dict)

    def problems(self) -> Iterator[Finding]:
        if self.url and (wrong := validate_url(self.url)):
            yield self.finding(codes.URL, *wrong, at="url")

    def content(self, general: Mapping[str, Any]) -> Mapping[str, Any]:
        """The data source as in Grafana's provisioning file; ``general`` are its settings without these."""
        settings: dict[str, Any] = {**general, "name": self.name, **({"url": self.url} if self.url else {})}
        for part in (self._of_auth(), self._of_tls(), _plain(self.settings)):
            for key, value in part.items():
                known = settings.get(key) if key in _MERGED else None
                settings[key] = {**known, **value} if isinstance(known, Mapping) else value
        return settings

    def _of_auth(self) -> Mapping[str, Any]:
        if isinstance(self.auth, BasicAuth):
            user = self.auth.username or _content(self.auth.username_file)
            password = {"basicAuthPassword": _content(self.auth.password_file)}
            return {"basicAuth": True, "basicAuthUser": user, "secureJsonData": password}
        if isinstance(self.auth, Bearer):
            value = f"{self.auth.type} {_content(self.auth.credentials_file)}"
            return {"jsonData": {"httpHeaderName1": "Authorization"}, "secureJsonData": {"httpHeaderValue1": value}}
        return {}

    def _of_tls(self) -> Mapping[str, Any]:
        if self.tls is None:
            return {}
        switches = {
            "tlsAuthWithCACert": bool(self.tls.ca_file),
            "tlsAuth": bool(self.tls.cert_file),
            "tlsSkipVerify": self.tls.insecure_skip_verify,
            "serverName": self.tls.server_name,
        }
        files = {
            "tlsCACert": self.tls.ca_file,
            "tlsClientCert": self.tls.cert_file,
            "tlsClientKey": self.tls.key_file,
        }
        return {
            "jsonData": {key: value for key, value in switches.items() if value},
            "secureJsonData": {key: _content(file) for key, file in files.items() if file},
        }


def _plain(value: Any) -> Any:
    """Further settings, with what Grafana replaces in place of a Secret."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return _content(value) if isinstance(value, Secret) else value


def _content(file: SecretFile) -> str:
    """What Grafana replaces with the content of a file, or with the value of an environment variable."""
    path = secret_path(file, "grafana")
    return path if path.startswith("$") else f"$__file{{{path}}}"
