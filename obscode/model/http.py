"""How Prometheus and Alertmanager access a server over HTTP: the namespace `obscode.http`.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.secrets import Program, SecretFile, secret_path
from obscode.model.urls import validate_url

__all__ = ["TLS", "BasicAuth", "Bearer", "Client", "OAuth2", "Proxy"]

HTTP_CLIENT = Code(
    "http-client",
    "Access over HTTP has all the files that its kind of authentication needs, and a certificate has its key.",
    why="Prometheus and Alertmanager reject the configuration otherwise, or every request fails.",
    bad='http.TLS(cert_file="/etc/tls/client.crt")',
    good='http.TLS(cert_file="/etc/tls/client.crt", key_file="/etc/tls/client.key")',
)

TLSVersion = Literal["", "TLS10", "TLS11", "TLS12", "TLS13"]


@dataclass(frozen=True)
class TLS(Definition):
    """TLS of a client: which servers it trusts, and its own certificate.

    Attributes:
        ca_file: the file with the certificates of authorities; by default those of the system.
        cert_file: the file with the client's certificate.
        key_file: the file with the client's key.
        server_name: the name in the server's certificate; by default the host of the address.
        insecure_skip_verify: whether any certificate is accepted.
        min_version: the oldest version of TLS; by default TLS12.
        max_version: the newest version of TLS.
    """

    _: KW_ONLY
    ca_file: SecretFile = ""
    cert_file: SecretFile = ""
    key_file: SecretFile = ""
    server_name: str = ""
    insecure_skip_verify: bool = False
    min_version: TLSVersion = ""
    max_version: TLSVersion = ""

    def settings(self, program: Program) -> Mapping[str, Any]:
        """The keys of `tls_config`."""
        files = {at: secret_path(getattr(self, at), program) for at in ("ca_file", "cert_file", "key_file")}
        return _present(
            **files,
            server_name=self.server_name,
            insecure_skip_verify=self.insecure_skip_verify,
            min_version=self.min_version,
            max_version=self.max_version,
        )

    def problems(self) -> Iterator[Finding]:
        for at, other in (("cert_file", "key_file"), ("key_file", "cert_file")):
            if getattr(self, at) and not getattr(self, other):
                yield self.finding(HTTP_CLIENT, f"{at}= has no {other}=", f"write {other}=, too", at=at)
        if self.min_version and self.max_version and self.min_version > self.max_version:
            message = f"min_version {self.min_version} is newer than max_version {self.max_version}"
            yield self.finding(HTTP_CLIENT, message, "exchange them", at="min_version")


@dataclass(frozen=True)
class BasicAuth(Definition):
    """A user name and a password.

    Attributes:
        username: the user name.
        password_file: the file with the password.
        username_file: the file with the user name, instead of ``username``.
    """

    username: str = ""
    _: KW_ONLY
    password_file: SecretFile
    username_file: SecretFile = ""

    def settings(self, program: Program) -> Mapping[str, Any]:
        """The key `basic_auth`."""
        files = {at: secret_path(getattr(self, at), program) for at in ("username_file", "password_file")}
        return {"basic_auth": _present(username=self.username, **files)}

    def problems(self) -> Iterator[Finding]:
        if bool(self.username) == bool(self.username_file):
            have = "both username= and" if self.username else "neither username= nor"
            yield self.finding(HTTP_CLIENT, f"the user has {have} username_file=", "write one of them")
        if not self.password_file:
            yield self.finding(HTTP_CLIENT, "password_file= is empty", _FILE_HINT, at="password_file")


@dataclass(frozen=True)
class Bearer(Definition):
    """A token in the header `Authorization`.

    Attributes:
        credentials_file: the file with the token.
        type: the type of authentication in the header, before the token.
    """

    credentials_file: SecretFile
    _: KW_ONLY
    type: str = "Bearer"

    def settings(self, program: Program) -> Mapping[str, Any]:
        """The key `authorization`."""
        type_ = self.type if self.type != "Bearer" else ""
        return {"authorization": _present(type=type_, credentials_file=secret_path(self.credentials_file, program))}

    def problems(self) -> Iterator[Finding]:
        if not self.credentials_file:
            yield self.finding(HTTP_CLIENT, "credentials_file= is empty", _FILE_HINT, at="credentials_file")
        if self.type.lower() == "basic":
            hint = "write http.BasicAuth(...): the header of Basic has the user's name, too"
            yield self.finding(HTTP_CLIENT, "Prometheus rejects the type Basic here", hint, at="type")
        elif not self.type:
            yield self.finding(HTTP_CLIENT, "type= is empty", 'write "Bearer", for example', at="type")


@dataclass(frozen=True)
class Proxy(Definition):
    """A proxy server.

    Attributes:
        url: the URL of the proxy.
        no_proxy: addresses, domains and networks that are accessed without it.
        from_environment: whether the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY name it.
    """

    url: str = ""
    _: KW_ONLY
    no_proxy: Sequence[str] = ()
    from_environment: bool = False

    def settings(self) -> Mapping[str, Any]:
        """The keys of the proxy."""
        return _present(
            proxy_url=self.url, no_proxy=",".join(self.no_proxy), proxy_from_environment=self.from_environment
        )

    def problems(self) -> Iterator[Finding]:
        if self.from_environment and (self.url or self.no_proxy):
            message = f"the proxy is from the environment, and has {'url=' if self.url else 'no_proxy='}"
            yield self.finding(HTTP_CLIENT, message, "write one of them", at="from_environment")
        elif not self.from_environment and not self.url:
            yield self.finding(HTTP_CLIENT, "the proxy has no URL", 'write "http://proxy:3128", for example')
        elif self.url and (wrong := validate_url(self.url)):
            yield self.finding(codes.URL, *wrong, at="url")


@dataclass(frozen=True)
class OAuth2(Definition):
    """A token that a server issues for a client's id and secret.

    Attributes:
        client_id: the id of the client.
        client_secret_file: the file with the client's secret.
        token_url: the URL that issues tokens.
        scopes: the scopes of the token.
        endpoint_params: parameters of the request for a token.
        tls: TLS of the request for a token.
        proxy: the URL of a proxy for the request for a token, or a Proxy.
    """

    client_id: str
    _: KW_ONLY
    client_secret_file: SecretFile
    token_url: str
    scopes: Sequence[str] = ()
    endpoint_params: Mapping[str, str] = field(default_factory=dict)
    tls: TLS | None = None
    proxy: str | Proxy = ""

    def settings(self, program: Program) -> Mapping[str, Any]:
        """The key `oauth2`."""
        return {
            "oauth2": _present(
                client_id=self.client_id,
                client_secret_file=secret_path(self.client_secret_file, program),
                token_url=self.token_url,
                scopes=list(self.scopes),
                endpoint_params=dict(self.endpoint_params),
                **client_settings(program, tls=self.tls, proxy=self.proxy),
            )
        }

    def problems(self) -> Iterator[Finding]:
        for at in ("client_id", "client_secret_file"):
            if not getattr(self, at):
                yield self.finding(HTTP_CLIENT, f"{at}= is empty", _FILE_HINT if "file" in at else "write it", at=at)
        if wrong := validate_url(self.token_url):
            yield self.finding(codes.URL, *wrong, at="token_url")
        yield from proxy_problems(self, self.proxy)


#: The kinds of authentication.
Auth = BasicAuth | Bearer | OAuth2


@dataclass(frozen=True)
class Client(Definition):
    """All settings of a client, for the arguments that are named ``http``.

    Attributes:
        auth: `http.BasicAuth`, `http.Bearer` or `http.OAuth2`.
        tls: TLS.
        proxy: the URL of a proxy, or a Proxy.
        follow_redirects: whether redirects are followed.
        enable_http2: whether HTTP/2 is used where the server has it.
        settings: further keys of `http_config`, such as `http_headers`.
    """

    _: KW_ONLY
    auth: Auth | None = None
    tls: TLS | None = None
    proxy: str | Proxy = ""
    follow_redirects: bool = True
    enable_http2: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)

    def configuration(self, program: Program) -> Mapping[str, Any]:
        """The keys of `http_config`."""
        switches = {at: False for at in ("follow_redirects", "enable_http2") if not getattr(self, at)}
        return {**client_settings(program, auth=self.auth, tls=self.tls, proxy=self.proxy), **switches, **self.settings}

    def problems(self) -> Iterator[Finding]:
        yield from proxy_problems(self, self.proxy)


def client_settings(
    program: Program, *, auth: Auth | None = None, tls: TLS | None = None, proxy: str | Proxy = ""
) -> Mapping[str, Any]:
    """The keys of a client in the configuration of a program, such as `basic_auth`, `tls_config` and `proxy_url`."""
    return {
        **(auth.settings(program) if auth else {}),
        **({"tls_config": dict(tls.settings(program))} if tls else {}),
        **((proxy if isinstance(proxy, Proxy) else Proxy(proxy)).settings() if proxy else {}),
    }


def proxy_problems(definition: Definition, proxy: str | Proxy) -> Iterator[Finding]:
    """The finding for the argument ``proxy`` of a definition if it is not a URL; a Proxy reports its own."""
    if isinstance(proxy, str) and proxy and (wrong := validate_url(proxy)):
        yield definition.finding(codes.URL, *wrong, at="proxy")


_FILE_HINT = 'write the path of a file, or Secret("name", "key")'


def _present(**settings: Any) -> dict[str, Any]:
    """The settings that are not empty."""
    return {key: value for key, value in settings.items() if value}
