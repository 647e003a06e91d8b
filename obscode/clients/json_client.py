"""Requests to an API that answers with JSON. Requests only read; POST sends queries that are too long for a URL."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlencode, urlsplit
from urllib.request import HTTPSHandler, Request, build_opener

from obscode.clients.errors import ServerError
from obscode.clients.http_config import HttpConfig

TIMEOUT = 60.0  # seconds; a query of Prometheus ends after 2 minutes by default, most dashboards wait for 30 s
Parameters = Mapping[str, str | Sequence[str]]


class SupportsRead(Protocol):
    """The body of a response."""

    def read(self) -> bytes:
        """All bytes."""


class JsonClient:
    """A server with an API that answers with JSON."""

    def __init__(self, url: str, http_config: HttpConfig | None = None, *, timeout: float = TIMEOUT) -> None:
        """
        Args:
            url: the address of the server, such as `http://prometheus:9090`, with its path prefix if it has one. It may
                contain a user and a password.
            http_config: authentication, headers and certificates.
            timeout: the time in seconds in which the server answers.
        """
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ServerError(f"{url!r} is not the URL of a server", "write http://HOST:PORT")
        config = http_config or HttpConfig()
        credentials, _, host = parts.netloc.rpartition("@")
        self.url = parts._replace(netloc=host, query="", fragment="").geturl().rstrip("/")
        self.timeout = timeout
        self._headers = {"Accept": "application/json", "User-Agent": "obscode", **config.headers}
        if credentials:
            self._headers["Authorization"] = f"Basic {base64.b64encode(unquote(credentials).encode()).decode()}"
        self._opener = build_opener(*([HTTPSHandler(context=config.tls)] if config.tls else []))

    def get(self, path: str, parameters: Parameters | None = None) -> Any:
        """The JSON value of a GET request. Raises ServerError."""
        query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        return self._json(Request(f"{self.url}{path}{query}", headers=self._headers))

    def post(self, path: str, parameters: Parameters) -> Any:
        """The JSON value of a POST request with the parameters of a form. Raises ServerError.

        Proxies that allow only GET get the same request as GET, as from Grafana.
        """
        content = urlencode(parameters, doseq=True).encode()
        try:
            return self._json(Request(f"{self.url}{path}", content, headers=self._headers))
        except ServerError as error:
            if error.status not in (405, 501):
                raise
            return self.get(path, parameters)

    def _json(self, request: Request) -> Any:
        content = self._content(request)
        try:
            return json.loads(content)
        except ValueError:
            message = f"{request.full_url.partition('?')[0]} does not answer with JSON"
            raise ServerError(message, "name the address of the server itself, without /graph or /api") from None

    def _content(self, request: Request) -> bytes:
        where = request.full_url.partition("?")[0]
        try:
            with self._opener.open(request, timeout=self.timeout) as response:
                return bytes(response.read())
        except HTTPError as error:
            with error:
                raise refusal(where, error.code, error.reason, error) from None
        except (URLError, http.client.HTTPException, OSError, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if isinstance(reason, TimeoutError):
                raise ServerError(f"{where} has not answered within {self.timeout:g} seconds") from None
            text = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
            raise ServerError(f"{where} cannot be read: {text}") from None


def refusal(where: str, status: int, reason: str, body: SupportsRead) -> ServerError:
    """The error with the message of a server, which Prometheus, Alertmanager and Grafana write as JSON."""
    try:
        content = json.loads(body.read())
    except (ValueError, OSError, http.client.HTTPException):
        content = None
    fields = content if isinstance(content, dict) else {}
    text = fields.get("error") or fields.get("message") or (content if isinstance(content, str) else "")
    message = f"{where} answers {status} {reason}" + (f": {text}" if text else "")
    hint = "name credentials with --http-config FILE" if status in (401, 403) else ""
    return ServerError(message, hint, status=status, kind=str(fields.get("errorType", "")), detail=str(text))
