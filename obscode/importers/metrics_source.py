"""The metrics of a file or of a URL, as commands take them: `obscode metrics http://localhost:8000/metrics`."""

from __future__ import annotations

import base64
import http.client
import linecache
import time
import zlib
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import Request, urlopen

from obscode.findings.errors import LoadError
from obscode.findings.finding import Finding
from obscode.importers.codes import FILE
from obscode.importers.exposition import MAX_BYTES, ExpositionError, read_content, read_file
from obscode.model.metrics import Exposition

# What Prometheus sends, without the binary format.
_ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
TIMEOUT = 10  # seconds, Prometheus' default
_CHUNK = 1 << 16


class MetricsText(NamedTuple):
    """Metrics, and the text that they were read from."""

    metrics: Exposition
    text: str


def read_metrics(name: str, *, timeout: float = TIMEOUT) -> Exposition:
    """The metrics of a file, or of a URL of HTTP. Raises LoadError, and ExpositionError for invalid lines.

    Args:
        name: a path, or a URL, which may contain a user and a password.
        timeout: the time in seconds in which the whole answer arrives.
    """
    return read_metrics_text(name, timeout=timeout).metrics


def read_metrics_text(name: str, *, timeout: float = TIMEOUT) -> MetricsText:
    """The metrics of a file or of a URL with their text, from one request. Raises as ``read_metrics``."""
    parts = urlsplit(name) if "://" in name else SplitResult("", "", name, "", "")
    if parts.scheme in ("http", "https"):
        return _of_url(parts, timeout)
    metrics = read_file(Path(name))
    return MetricsText(metrics, Path(name).read_text(encoding="utf-8-sig"))


def _of_url(parts: SplitResult, timeout: float) -> MetricsText:
    credentials, _, host = parts.netloc.rpartition("@")
    url = parts._replace(netloc=host, fragment="").geturl()
    headers = {"Accept": _ACCEPT, "User-Agent": "obscode"}
    if credentials:
        headers["Authorization"] = f"Basic {base64.b64encode(unquote(credentials).encode()).decode()}"
    try:
        content, kind = _fetched(Request(url, headers=headers), timeout)
    except HTTPError as error:
        error.close()
        raise _error(url, f"answers {error.code} {error.reason}", _status_hint(error.code)) from None
    except TimeoutError:
        raise _error(url, f"has not answered within {timeout:g} seconds") from None
    except (URLError, http.client.HTTPException, OSError, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, TimeoutError):
            raise _error(url, f"has not answered within {timeout:g} seconds") from None
        text = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
        raise _error(url, f"cannot be read: {text}") from None
    try:
        metrics = read_content(content, url, url, is_open="openmetrics" in kind)
        return MetricsText(metrics, content.decode("utf-8-sig"))
    except ExpositionError:
        lines = [f"{line}\n" for line in content.decode("utf-8-sig").splitlines()]
        linecache.cache[url] = (len(content), None, lines, url)  # for the excerpts of findings
        raise


def _fetched(request: Request, timeout: float) -> tuple[bytes, str]:
    """The answer, at most one byte more than allowed, and its type; raises TimeoutError for a slow one."""
    end = time.monotonic() + timeout
    content = b""
    with urlopen(request, timeout=timeout) as response:
        while len(content) <= MAX_BYTES and (chunk := response.read1(_CHUNK)):
            content += chunk
            if time.monotonic() > end:
                raise TimeoutError
        if len(content) <= MAX_BYTES and response.length:
            raise http.client.IncompleteRead(content, response.length)
        return _decompressed(content)[: MAX_BYTES + 1], response.headers.get("Content-Type", "")


def _decompressed(content: bytes) -> bytes:
    """The text of a server that compresses all answers, at most one byte more than allowed."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    decompressor = zlib.decompressobj(wbits=31)
    try:
        text = decompressor.decompress(content, MAX_BYTES + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not decompressor.eof and len(text) <= MAX_BYTES:
        raise ValueError("the compressed text is cut off")
    return text


def _status_hint(status: int) -> str:
    if status in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN):
        return "write http://USER:$PASSWORD@HOST/metrics"
    return "name the path of the metrics, such as /metrics" if status == http.HTTPStatus.NOT_FOUND else ""


def _error(url: str, message: str, hint: str = "") -> LoadError:
    return LoadError([Finding(FILE, f"{url} {message}", hint)])
