"""Access over HTTP and secrets: the keys of the configuration, and what is reported."""

from __future__ import annotations

from typing import Any

import pytest

from obscode import Secret, http
from obscode.model.argument_types import problems
from obscode.model.definition import Definition
from obscode.model.secrets import secret_of_path

TOKEN = "/run/secrets/token"
CLIENTS: list[tuple[http.Client, dict[str, Any]]] = [
    (http.Client(), {}),
    (
        http.Client(auth=http.BasicAuth("obscode", password_file=TOKEN)),
        {"basic_auth": {"username": "obscode", "password_file": TOKEN}},
    ),
    (http.Client(auth=http.Bearer(TOKEN)), {"authorization": {"credentials_file": TOKEN}}),
    (
        http.Client(auth=http.Bearer(TOKEN, type="Token")),
        {"authorization": {"type": "Token", "credentials_file": TOKEN}},
    ),
    (
        http.Client(
            auth=http.OAuth2(
                "obscode",
                client_secret_file=Secret("oauth", "secret"),
                token_url="https://login.example.com/token",
                scopes=["metrics"],
                endpoint_params={"audience": "metrics"},
                tls=http.TLS(server_name="login"),
                proxy="http://proxy:3128",
            )
        ),
        {
            "oauth2": {
                "client_id": "obscode",
                "client_secret_file": "/etc/prometheus/secrets/oauth/secret",
                "token_url": "https://login.example.com/token",
                "scopes": ["metrics"],
                "endpoint_params": {"audience": "metrics"},
                "tls_config": {"server_name": "login"},
                "proxy_url": "http://proxy:3128",
            }
        },
    ),
    (
        http.Client(tls=http.TLS(ca_file="/ca", cert_file="/crt", key_file=Secret("tls", "key"), min_version="TLS12")),
        {
            "tls_config": {
                "ca_file": "/ca",
                "cert_file": "/crt",
                "key_file": "/etc/prometheus/secrets/tls/key",
                "min_version": "TLS12",
            }
        },
    ),
    (
        http.Client(proxy=http.Proxy("http://proxy:3128", no_proxy=["localhost", "10.0.0.0/8"])),
        {"proxy_url": "http://proxy:3128", "no_proxy": "localhost,10.0.0.0/8"},
    ),
    (http.Client(proxy=http.Proxy(from_environment=True)), {"proxy_from_environment": True}),
    (
        http.Client(follow_redirects=False, enable_http2=False, settings={"http_headers": {}}),
        {"follow_redirects": False, "enable_http2": False, "http_headers": {}},
    ),
]


@pytest.mark.parametrize(("client", "settings"), CLIENTS)
def test_a_client_has_the_keys_of_prometheus(client: http.Client, settings: dict[str, Any]) -> None:
    assert list(problems(client)) == []
    assert dict(client.configuration("prometheus")) == settings


def test_a_secret_is_the_path_where_the_operator_mounts_it() -> None:
    secret = Secret("slack", "url")

    assert secret.path("alertmanager") == "/etc/alertmanager/secrets/slack/url"
    assert secret_of_path(secret.path("alertmanager")) == ("slack", "url")
    assert secret_of_path("/run/secrets/slack") is None
    assert secret_of_path("/etc/prometheus/secrets/slack") is None


WRONG: list[tuple[Definition, str]] = [
    (http.TLS(cert_file="/crt"), "cert_file= has no key_file="),
    (http.TLS(key_file="/key"), "key_file= has no cert_file="),
    (http.TLS(min_version="TLS13", max_version="TLS12"), "min_version TLS13 is newer than max_version TLS12"),
    (http.BasicAuth(password_file=TOKEN), "the user has neither username= nor username_file="),
    (http.BasicAuth("a", username_file="/b", password_file=TOKEN), "the user has both username= and username_file="),
    (http.BasicAuth("a", password_file=""), "password_file= is empty"),
    (http.Bearer(""), "credentials_file= is empty"),
    (http.Bearer(TOKEN, type=""), "type= is empty"),
    (http.Bearer(TOKEN, type="basic"), "Prometheus rejects the type Basic here"),
    (http.Proxy(), "the proxy has no URL"),
    (http.Proxy("proxy"), "'proxy' is not a URL"),
    (http.Proxy("http://proxy", from_environment=True), "the proxy is from the environment, and has url="),
    (
        http.Proxy(no_proxy=["localhost"], from_environment=True),
        "the proxy is from the environment, and has no_proxy=",
    ),
    (http.Client(proxy="proxy"), "'proxy' is not a URL"),
    (http.OAuth2("", client_secret_file=TOKEN, token_url="http://login"), "client_id= is empty"),
    (http.OAuth2("a", client_secret_file="", token_url="http://login"), "client_secret_file= is empty"),
    (http.OAuth2("a", client_secret_file=TOKEN, token_url="login"), "'login' is not a URL"),
    (http.OAuth2("a", client_secret_file=TOKEN, token_url="http://login", proxy="proxy"), "'proxy' is not a URL"),
    (Secret("API", "key"), "'API' is not the name of a Secret"),
    (Secret("a" * 254, "key"), f"{'a' * 254!r} is not the name of a Secret"),
    (Secret("api", "a/b"), "'a/b' is not a key of a Secret"),
    (Secret("api", ".."), "'..' is not a key of a Secret"),
    (Secret("api", "k" * 254), f"{'k' * 254!r} is not a key of a Secret"),
]


@pytest.mark.parametrize(("definition", "message"), WRONG)
def test_wrong_access_is_reported(definition: Definition, message: str) -> None:
    assert [finding.message for finding in problems(definition)] == [message]


@pytest.mark.parametrize("secret", [Secret("a" * 253, "key"), Secret("a.b-c", "k" * 253)])
def test_the_longest_names_of_a_secret_are_accepted(secret: Secret) -> None:
    assert list(problems(secret)) == []
