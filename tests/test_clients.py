"""Clients of running servers: what they read, and the error of each server that does not answer as expected."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from metrics_server import Answer, served

from obscode.clients.errors import ServerError
from obscode.clients.grafana import GrafanaClient
from obscode.clients.http_config import read_http_config
from obscode.clients.json_client import JsonClient
from obscode.clients.prometheus import MAX_POINTS, PrometheusClient, Series
from obscode.findings.errors import LoadError
from obscode.toolchain import Tool
from obscode.verify.servers import free_port, prometheus


def answer(value: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def vector(*series: dict[str, object]) -> Answer:
    return answer({"status": "success", "data": {"resultType": "vector", "result": series}})


# --- Prometheus ----------------------------------------------------------------------------------------------------


def test_an_instant_query_returns_labels_and_a_sample() -> None:
    with served({"/api/v1/query": vector({"metric": {"job": "shop"}, "value": [60, "1.5"]})}) as (url, _):
        assert PrometheusClient(url).query("up", 60) == [Series({"job": "shop"}, [(60.0, 1.5)])]


def test_a_scalar_is_a_series_without_labels() -> None:
    scalar = answer({"status": "success", "data": {"resultType": "scalar", "result": [60, "NaN"]}})
    with served({"/api/v1/query": scalar}) as (url, _):
        (series,) = PrometheusClient(url).query("1", 60)
    assert (series.labels, str(series.samples)) == ({}, "[(60.0, nan)]")


def test_the_path_prefix_of_a_server_is_kept() -> None:
    with served({"/prometheus/api/v1/query": vector()}) as (url, _):
        assert PrometheusClient(f"{url}/prometheus/").query("up", 60) == []


def test_a_proxy_that_allows_only_get_gets_get() -> None:
    answers = {"/api/v1/query": answer("POST is not allowed", 405), "/api/v1/query?query=up&time=60": vector()}
    with served(answers) as (url, _):
        assert PrometheusClient(url).query("up", 60) == []


@pytest.mark.parametrize(("points", "requests"), [(MAX_POINTS, 1), (MAX_POINTS + 1, 2)])
def test_a_long_range_is_several_queries(points: int, requests: int) -> None:
    matrix = answer({"status": "success", "data": {"resultType": "matrix", "result": []}})
    with served({"/api/v1/query_range": matrix}) as (url, received):
        assert PrometheusClient(url).query_range("up", 0, (points - 1) * 60, 60) == []
    assert len(received) == requests


def test_a_divided_range_has_the_samples_of_an_undivided_one(newest_prometheus: Tool, tmp_path: Path) -> None:
    config = tmp_path / "prometheus.yml"
    config.write_text("global: {}\n")
    with prometheus(newest_prometheus, config, tmp_path / "data", free_port()) as url:
        client = PrometheusClient(url)
        (series,) = client.query_range("time()", 0, 12_000, 1)
        assert client.config().startswith("global:\n")
        with pytest.raises(ServerError) as error:
            client.query("sum(", 60)

    assert series.samples == [(float(second), float(second)) for second in range(12_001)]
    assert (error.value.status, error.value.kind) == (400, "bad_data")
    assert str(error.value).startswith(f"error[server-error]: {url}/api/v1/query answers 400 Bad Request: ")


# --- servers that do not answer ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ((200, {}, b"<html>"), "{url}/api/v1/query does not answer with JSON"),
        (answer({"version": 1}), "{url} does not answer as Prometheus does"),
        (answer({"message": "no"}, 401), "{url}/api/v1/query answers 401 Unauthorized: no"),
        (answer(None, 503), "{url}/api/v1/query answers 503 Service Unavailable"),
        ((500, {}, b"<html>"), "{url}/api/v1/query answers 500 Internal Server Error"),
    ],
)
def test_an_unexpected_answer_is_an_error(content: Answer, message: str) -> None:
    with served({"/api/v1/query": content}) as (url, _), pytest.raises(ServerError) as error:
        PrometheusClient(url).query("up", 60)
    assert [finding.message for finding in error.value.findings] == [message.format(url=url)]


def test_an_unreachable_server_is_an_error() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(ServerError) as error:
        PrometheusClient(url).build_info()
    assert [f.message for f in error.value.findings] == [
        f"{url}/api/v1/status/buildinfo cannot be read: Connection refused"
    ]


@pytest.mark.parametrize("url", ["", "ftp://prometheus", "http://"])
def test_an_invalid_url_is_an_error(url: str) -> None:
    with pytest.raises(ServerError) as error:
        JsonClient(url)
    assert [f.message for f in error.value.findings] == [f"{url!r} is not the URL of a server"]


# --- Grafana -------------------------------------------------------------------------------------------------------


def test_a_missing_dashboard_is_none() -> None:
    with served({"/api/dashboards/uid/shop": answer({"message": "Dashboard not found"}, 404)}) as (url, _):
        assert GrafanaClient(url).dashboard("shop") is None


def test_an_unreachable_data_source_is_reported_as_its_health() -> None:
    path = "/api/datasources/uid/prometheus/health"
    with served({path: answer({"message": "connection refused"}, 400)}) as (url, _):
        health = GrafanaClient(url).datasource_health("prometheus")
    assert health["status"] == "ERROR"


# --- the file of --http-config -------------------------------------------------------------------------------------

AUTHENTICATION = {
    "basic_auth: {username: ada, password_file: secret}": ("Authorization", "Basic YWRhOnMzY3JldA=="),
    "authorization: {credentials_file: secret}": ("Authorization", "Bearer s3cret"),
    "authorization: {type: Token, credentials: abc}": ("Authorization", "Token abc"),
    "bearer_token: abc": ("Authorization", "Bearer abc"),
    "http_headers: {X-Scope-OrgID: {values: [shop]}}": ("X-Scope-OrgID", "shop"),
}


@pytest.mark.parametrize("text", AUTHENTICATION)
def test_a_request_has_the_headers_of_the_file(text: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    (tmp_path / "http.yml").write_text(text)
    config = read_http_config(tmp_path / "http.yml")
    with served({"/api/v1/query": vector()}) as (url, requests):
        PrometheusClient(url, config).query("up", 60)
    name, value = AUTHENTICATION[text]
    assert requests[0][name] == value
    assert "s3cret" not in repr(config)


def test_a_url_may_have_a_user_and_a_password() -> None:
    with served({"/": answer({})}) as (url, requests):
        JsonClient(url.replace("://", "://ada:p%40ss@")).get("/")
    assert requests[0]["Authorization"] == f"Basic {base64.b64encode(b'ada:p@ss').decode()}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("basic_auht: {}", "the HTTP configuration has an unknown key 'basic_auht'"),
        (
            "authorization: {credentials_file: nowhere}",
            "credentials_file: nowhere cannot be read: No such file or directory",
        ),
        ("tls_config: {ca_file: nowhere}", "the certificates cannot be read: No such file or directory"),
        ("", "the HTTP configuration is empty"),
    ],
)
def test_a_mistake_in_the_file_is_reported(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "http.yml").write_text(text)
    with pytest.raises(LoadError) as error:
        read_http_config(tmp_path / "http.yml")
    assert [finding.message for finding in error.value.findings] == [message]
