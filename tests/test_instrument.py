"""The middleware, tested with a real server on loopback, a client and a scraper."""

from __future__ import annotations

import asyncio
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Literal, NoReturn

import httpx
import pytest
import uvicorn
from fastapi import APIRouter, BackgroundTasks, FastAPI, HTTPException, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import PlainTextResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from obscode import instrument
from obscode.instrument import OTHER, UNMATCHED, ASGIApp, Message, MetricsMiddleware, Receive, Scope, Send, metrics_app

ROOT = Path(__file__).parents[1]
LOOPBACK = "127.0.0.1"
PATIENCE = 10.0

Counts = dict[tuple[str, str, str], float]


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@contextmanager
def serving(app: ASGIApp, *, lifespan: Literal["on", "off"] = "on", root_path: str = "") -> Iterator[httpx.Client]:
    """Run the app in a real server, which stops at the end."""
    # h11, because httptools rejects unknown methods.
    config = uvicorn.Config(app, log_config=None, lifespan=lifespan, root_path=root_path, http="h11", ws="none")
    server = uvicorn.Server(config)
    with listening() as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            eventually(lambda: server.started)
            with client_of(listener) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive()


def listening() -> socket.socket:
    """A free port; with an explicit protocol, asyncio disables Nagle's algorithm, which delays by 40 ms."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind((LOOPBACK, 0))
    return listener


def client_of(listener: socket.socket) -> httpx.Client:
    """A client with a connection for each request, because the server closes a connection whose handler raised."""
    url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE, limits=limits)


def instrumented(registry: CollectorRegistry, **options: Any) -> FastAPI:
    """An app with the middleware and /metrics, and with a route that fails."""
    app = FastAPI(openapi_url=None, **options)
    app.add_middleware(MetricsMiddleware, registry=registry)
    app.add_route("/metrics", metrics_app(registry))
    app.add_api_route("/fails", fails)
    app.add_api_route("/items/{item_id}", item)
    return app


def fails() -> str:
    raise ValueError("a bug")


def item(item_id: str) -> str:
    return item_id


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.01)


def samples(text: str, name: str) -> Iterator[tuple[Mapping[str, str], float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name:
                yield sample.labels, sample.value


def counts(scrape: httpx.Client | CollectorRegistry) -> Counts:
    """(path, method, status) to the number of requests."""
    text = text_of(scrape)
    return {(at["path"], at["method"], at["status"]): n for at, n in samples(text, "http_requests_total")}


def counted(scrape: httpx.Client | CollectorRegistry) -> Counts:
    """The counts, without series that are zero."""
    return {series: number for series, number in counts(scrape).items() if number}


def seconds(scrape: httpx.Client | CollectorRegistry, path: str) -> tuple[float, float]:
    """The number of requests in the histogram of a path, and the sum of their seconds."""
    text = text_of(scrape)
    number, total = (
        [value for at, value in samples(text, f"http_request_latency_seconds_{part}") if at["path"] == path]
        for part in ("count", "sum")
    )
    return sum(number), sum(total)


def text_of(scrape: httpx.Client | CollectorRegistry) -> str:
    if isinstance(scrape, CollectorRegistry):
        return generate_latest(scrape).decode()
    return scrape.get("/metrics").raise_for_status().text


def connected(client: httpx.Client, path: str) -> socket.socket:
    """A client that has sent its request and can disconnect at any time."""
    connection = socket.create_connection((client.base_url.host, client.base_url.port or 0), PATIENCE)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode())
    return connection


# Errors


def test_a_request_whose_handler_raises_is_counted_as_500(registry: CollectorRegistry) -> None:
    with serving(instrumented(registry)) as client:
        answers = [client.get("/fails").status_code for _ in range(20)]
        assert answers == [500] * 20
        assert counted(client) == {("/fails", "GET", "500"): 20}
        assert seconds(client, "/fails")[0] == 20


def test_a_status_that_the_handler_chooses_is_counted(registry: CollectorRegistry) -> None:
    def refuses(status: int) -> str:
        raise HTTPException(status)

    app = instrumented(registry)
    app.add_api_route("/refuses/{status}", refuses)
    with serving(app) as client:
        for status in (403, 500, 500, 503):
            assert client.get(f"/refuses/{status}").status_code == status
        path = "/refuses/{status}"
        assert counted(client) == {(path, "GET", "403"): 1, (path, "GET", "500"): 2, (path, "GET", "503"): 1}


def test_errors_are_counted_if_the_middleware_wraps_the_app(registry: CollectorRegistry) -> None:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/fails", fails)
    with serving(MetricsMiddleware(GZipMiddleware(app), registry=registry)) as client:
        assert counts(registry) == {("/fails", "GET", "500"): 0, ("/fails", "GET", "200"): 0}
        assert client.get("/fails").status_code == 500
    assert counts(registry) == {("/fails", "GET", "500"): 1, ("/fails", "GET", "200"): 0}


def test_the_exception_is_passed_on_to_the_server(registry: CollectorRegistry) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        asyncio.run(called(MetricsMiddleware(broken, registry=registry)))
    assert counted(registry) == {(UNMATCHED, "GET", "500"): 1}


def test_a_stream_that_fails_before_its_end_is_counted_as_500(registry: CollectorRegistry) -> None:
    async def dying() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.sleep(0.05)
        raise ValueError("a bug")

    app = instrumented(registry)
    app.add_api_route("/stream", lambda: StreamingResponse(dying()))
    with serving(app) as client:
        with client.stream("GET", "/stream") as response:
            assert response.status_code == 200
            with pytest.raises(httpx.RemoteProtocolError):
                response.read()
        assert counted(client) == {("/stream", "GET", "500"): 1}


@pytest.mark.parametrize("sent", [0, 1], ids=["nothing", "headers only"])
def test_a_response_without_an_end_is_counted_as_500(registry: CollectorRegistry, sent: int) -> None:
    async def unfinished(scope: Scope, receive: Receive, send: Send) -> None:
        for message in [{"type": "http.response.start", "status": 200}][:sent]:
            await send(message)

    with serving(MetricsMiddleware(unfinished, registry=registry), lifespan="off") as client:
        outcome = httpx.HTTPError if sent else httpx.HTTPStatusError
        with pytest.raises(outcome):
            client.get("/").raise_for_status()
        eventually(lambda: counted(registry) == {(UNMATCHED, "GET", "500"): 1})


def test_a_background_task_changes_neither_status_nor_latency(registry: CollectorRegistry) -> None:
    async def late() -> None:
        await asyncio.sleep(0.3)
        raise ValueError("a bug after the response")

    def accept(background: BackgroundTasks) -> str:
        background.add_task(late)
        return "accepted"

    app = instrumented(registry)
    app.add_api_route("/accept", accept, methods=["POST"], status_code=202)
    with serving(app) as client:
        assert client.post("/accept").status_code == 202
        assert counted(client) == {("/accept", "POST", "202"): 1}
        assert seconds(client, "/accept")[1] < 0.3
    assert counted(registry) == {("/accept", "POST", "202"): 1}


@pytest.mark.parametrize("last", ["http.response.pathsend", "http.response.zerocopysend"])
def test_a_file_sent_by_the_server_ends_the_response(registry: CollectorRegistry, last: str) -> None:
    async def sends_file(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": last})
        assert counted(registry) == {(UNMATCHED, "GET", "200"): 1}

    asyncio.run(called(MetricsMiddleware(sends_file, registry=registry)))


def test_a_handler_that_awaits_a_cancelled_task_is_counted_as_500(registry: CollectorRegistry) -> None:
    async def awaits() -> None:
        task = asyncio.create_task(asyncio.sleep(PATIENCE))
        task.cancel()
        await task

    app = instrumented(registry)
    app.add_api_route("/awaits", awaits)
    with serving(app) as client:
        assert client.get("/awaits").status_code == 500
        assert counted(client) == {("/awaits", "GET", "500"): 1}


# Latency


def test_the_latency_of_a_stream_ends_with_its_last_byte(registry: CollectorRegistry) -> None:
    async def slow() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"a line\n"
            await asyncio.sleep(0.1)

    app = instrumented(registry)
    app.add_api_route("/stream", lambda: StreamingResponse(slow()))
    with serving(app) as client:
        assert client.get("/stream").text.count("\n") == 5
        number, total = seconds(client, "/stream")
        assert number == 1
        assert 0.5 <= total < 2


def test_buckets_can_be_configured(registry: CollectorRegistry) -> None:
    asyncio.run(called(MetricsMiddleware(answers(200), registry=registry, buckets=[0.3, 1])))
    buckets = samples(text_of(registry), "http_request_latency_seconds_bucket")
    assert [at["le"] for at, _ in buckets] == ["0.3", "1.0", "+Inf"]


# Paths and methods


def test_a_thousand_unknown_paths_create_one_series(registry: CollectorRegistry) -> None:
    with serving(instrumented(registry)) as client:
        before = set(counts(client))
        for _ in range(1000):
            assert client.get(f"/{uuid.uuid4()}").status_code == 404
        assert set(counts(client)) - before == {(UNMATCHED, "GET", "404")}
        assert counted(client) == {(UNMATCHED, "GET", "404"): 1000}


def test_the_path_is_the_template_of_the_route(registry: CollectorRegistry) -> None:
    with serving(instrumented(registry)) as client:
        for item_id in range(10):
            client.get(f"/items/{item_id}")
        assert counted(client) == {("/items/{item_id}", "GET", "200"): 10}


def test_the_path_has_the_prefixes_of_routers_and_mounts(registry: CollectorRegistry) -> None:
    app = instrumented(registry)
    inner, outer, mounted = APIRouter(prefix="/inner"), APIRouter(prefix="/outer/{place}"), FastAPI(openapi_url=None)
    inner.add_api_route("/{item_id:path}", item)
    outer.include_router(inner)
    app.include_router(outer)
    app.include_router(inner, prefix="/again")
    mounted.include_router(inner)
    app.mount("/mounts/{tenant}", GZipMiddleware(mounted))
    with serving(app) as client:
        for path in ("/outer/here/inner/1", "/again/inner/2", "/mounts/acme/inner/3", "/mounts/emca/inner/4"):
            assert client.get(path).status_code == 200
        assert client.get("/mounts/acme/nothing").status_code == 404
        assert counted(client) == {
            ("/outer/{place}/inner/{item_id:path}", "GET", "200"): 1,
            ("/again/inner/{item_id:path}", "GET", "200"): 1,
            ("/mounts/{tenant}/inner/{item_id:path}", "GET", "200"): 2,
            (UNMATCHED, "GET", "404"): 1,
        }


def test_static_files_share_one_path(registry: CollectorRegistry, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    app = instrumented(registry)
    app.mount("/static", StaticFiles(directory=tmp_path))
    with serving(app) as client:
        assert client.get("/static/a.txt").status_code == 200
        assert client.get("/static/b.txt").status_code == 404
        assert counted(client) == {("/static/{path}", "GET", "200"): 1, ("/static/{path}", "GET", "404"): 1}


def test_a_handler_with_two_routes_has_two_paths(registry: CollectorRegistry) -> None:
    app = instrumented(registry)
    app.add_api_route("/things/{item_id}", item)
    with serving(app) as client:
        client.get("/things/1")
        assert counted(client) == {("/things/{item_id}", "GET", "200"): 1}


def test_the_response_of_a_middleware_is_counted_for_the_route_of_the_request(registry: CollectorRegistry) -> None:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/{anything}/{item_id}", item, methods=["GET"])
    app.add_api_route("/items/{item_id}", item, methods=["PUT"])

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        return PlainTextResponse("who are you?", 401)

    app.add_middleware(MetricsMiddleware, registry=registry)
    with serving(app) as client:
        client.put("/items/1")
        client.put("/elsewhere")
    assert counted(registry) == {("/items/{item_id}", "PUT", "401"): 1, (UNMATCHED, "PUT", "401"): 1}


def test_the_template_has_no_prefix_that_a_proxy_removes(registry: CollectorRegistry) -> None:
    app = instrumented(registry)
    app.add_api_route("/things/{item_id}", item)
    with serving(app, root_path="/api") as client:
        client.get("/things/1")
        assert counted(client) == {("/things/{item_id}", "GET", "200"): 1}


def test_headers_of_clients_create_no_series(registry: CollectorRegistry) -> None:
    with serving(instrumented(registry)) as client:
        client.get("/items/1")
        before = len(text_of(client).splitlines())
        for _ in range(100):
            client.get("/items/1", headers={"Host": f"{uuid.uuid4()}.example.com", "User-Agent": uuid.uuid4().hex})
        assert len(text_of(client).splitlines()) == before
        assert counted(client) == {("/items/{item_id}", "GET", "200"): 101}


def test_unknown_methods_are_counted_as_other(registry: CollectorRegistry) -> None:
    with serving(instrumented(registry)) as client:
        for method in ("PROPFIND", "FOO", uuid.uuid4().hex.upper(), "POST"):
            assert client.request(method, "/items/1").status_code == 405
        path = "/items/{item_id}"
        assert counted(client) == {(path, OTHER, "405"): 3, (path, "POST", "405"): 1}


def test_the_allow_list_of_methods_can_be_narrowed(registry: CollectorRegistry) -> None:
    asyncio.run(called(MetricsMiddleware(answers(200), registry=registry, methods=["POST"])))
    assert counted(registry) == {(UNMATCHED, OTHER, "200"): 1}


@pytest.mark.parametrize("is_mounted", [False, True], ids=["route", "mount"])
def test_scrapes_are_not_counted(registry: CollectorRegistry, is_mounted: bool) -> None:
    app = FastAPI(openapi_url=None)
    app.add_middleware(MetricsMiddleware, registry=registry)
    if is_mounted:
        app.mount("/metrics", metrics_app(registry))
    else:
        app.add_route("/metrics", metrics_app(registry))
    with serving(app) as client:
        for _ in range(3):
            answer = client.get("/metrics", follow_redirects=True).raise_for_status()
            assert answer.headers["content-type"].startswith("text/plain; version=")
        client.get("/metrics-of-another")
    assert counts(registry) == {(UNMATCHED, "GET", "404"): 1}


# Series that start at zero


def test_error_series_are_zero_before_the_first_request(registry: CollectorRegistry) -> None:
    router, mounted = APIRouter(prefix="/router"), FastAPI(openapi_url=None)
    router.add_api_route("/deep", fails, methods=["GET", "POST"], status_code=201)
    mounted.add_api_route("/sub", fails, methods=["DELETE"])

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.add_api_route("/late", fails, methods=["PUT"])
        yield

    app = instrumented(registry, lifespan=lifespan)
    app.include_router(router, prefix="/v1")
    app.mount("/mount", mounted)
    app.add_api_websocket_route("/socket", fails)
    app.add_route("/export", metrics_app(registry))
    with serving(app):
        expected = {("/v1/router/deep", method, status) for method in ("GET", "POST") for status in ("201", "500")}
        paths = ("/fails", "/items/{item_id}", "/export")
        expected |= {(path, "GET", status) for path in paths for status in ("200", "500")}
        expected |= {("/mount/sub", "DELETE", status) for status in ("200", "500")}
        expected |= {("/late", "PUT", status) for status in ("200", "500")}
        assert counts(registry) == dict.fromkeys(expected, 0)
        assert list(samples(text_of(registry), "http_request_latency_seconds_count"))


def test_routes_are_listed_if_a_middleware_hides_its_app(registry: CollectorRegistry) -> None:
    class Opaque:
        def __init__(self, app: ASGIApp) -> None:
            self._hidden = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self._hidden(scope, receive, send)

    app = FastAPI(openapi_url=None)
    app.add_api_route("/fails", fails)
    app.add_middleware(Opaque)
    app.add_middleware(MetricsMiddleware, registry=registry)
    with serving(app):
        assert counts(registry) == {("/fails", "GET", "500"): 0, ("/fails", "GET", "200"): 0}


def test_without_a_lifespan_series_start_at_the_first_request(registry: CollectorRegistry) -> None:
    with serving(instrumented(registry), lifespan="off") as client:
        assert counts(client)[("/fails", "GET", "500")] == 0


def test_a_route_added_later_starts_at_zero_with_its_first_request(registry: CollectorRegistry) -> None:
    app = instrumented(registry)
    with serving(app) as client:
        app.add_api_route("/later/{number}", lambda number: number)
        client.get("/later/1")
        path = "/later/{number}"
        assert {at: n for at, n in counts(client).items() if at[0] == path} == {
            (path, "GET", "200"): 1,
            (path, "GET", "500"): 0,
        }


def test_routes_that_cannot_be_listed_do_not_stop_the_service(
    registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def changed(routes: object) -> NoReturn:
        raise TypeError("another release, another interface")

    monkeypatch.setattr("fastapi.routing.iter_route_contexts", changed, raising=False)
    with serving(instrumented(registry)) as client:
        assert client.get("/items/1").status_code == 200
        assert counted(client) == {("/items/{item_id}", "GET", "200"): 1}
    assert caplog.text.count("cannot be listed") == 1


# Clients that disconnect


def test_a_client_that_disconnects_before_the_response_is_counted_as_499(registry: CollectorRegistry) -> None:
    async def wait(request: Request) -> str:
        has_begun.set()
        while not await request.is_disconnected():
            await asyncio.sleep(0.01)
        return "nobody reads this"

    has_begun = threading.Event()
    app = instrumented(registry)
    app.add_api_route("/wait", wait)
    with serving(app) as client:
        with connected(client, "/wait"):
            assert has_begun.wait(PATIENCE)
        eventually(lambda: counted(client) == {("/wait", "GET", "499"): 1})
        assert client.get("/items/1").status_code == 200


def test_a_client_that_disconnects_during_a_stream_is_counted_with_the_sent_status(registry: CollectorRegistry) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"more\n"
            await asyncio.sleep(0.01)

    app = instrumented(registry)
    app.add_api_route("/endless", lambda: StreamingResponse(endless()))
    with serving(app) as client:
        with connected(client, "/endless") as connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        eventually(lambda: counted(client) == {("/endless", "GET", "200"): 1})
        assert client.get("/items/1").status_code == 200


def test_a_handler_that_does_not_notice_the_disconnect_is_counted_at_its_end(registry: CollectorRegistry) -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def unaware() -> None:
        has_begun.set()
        may_end.wait(PATIENCE)

    app = instrumented(registry)
    app.add_api_route("/unaware", unaware)
    with serving(app) as client:
        with connected(client, "/unaware"):
            assert has_begun.wait(PATIENCE)
        may_end.set()
        eventually(lambda: counted(client) == {("/unaware", "GET", "200"): 1})


def test_a_handler_cancelled_by_the_server_is_counted_as_499(registry: CollectorRegistry) -> None:
    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(PATIENCE)

    async def cancel_soon() -> None:
        task = asyncio.create_task(called(MetricsMiddleware(waits, registry=registry)))
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancel_soon())
    assert counted(registry) == {(UNMATCHED, "GET", "499"): 1}


def test_a_send_that_fails_after_the_disconnect_is_counted_as_499(registry: CollectorRegistry) -> None:
    async def refuse(message: Message) -> None:
        raise OSError("the client is gone")

    with pytest.raises(OSError, match="gone"):
        asyncio.run(called(MetricsMiddleware(answers(200), registry=registry), send=refuse))
    assert counted(registry) == {(UNMATCHED, "GET", "499"): 1}


# Other middlewares and apps


def test_two_apps_with_the_middleware_share_a_registry(registry: CollectorRegistry) -> None:
    for _ in range(2):
        with serving(instrumented(registry)) as client:
            client.get("/fails")
    assert counted(registry) == {("/fails", "GET", "500"): 2}


def test_a_request_through_two_middlewares_is_counted_once(registry: CollectorRegistry) -> None:
    app = instrumented(registry)
    app.add_middleware(MetricsMiddleware, registry=registry)
    app.mount("/sub", instrumented(registry))
    with serving(app) as client:
        client.get("/fails")
        client.get("/sub/fails")
        assert counted(client) == {("/fails", "GET", "500"): 1, ("/sub/fails", "GET", "500"): 1}


def test_a_metric_with_the_same_name_and_other_labels_is_rejected(registry: CollectorRegistry) -> None:
    Counter("http_requests_total", "Another one.", ["handler"], registry=registry)
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        MetricsMiddleware(answers(200), registry=registry)


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_other_protocols_are_passed_through(registry: CollectorRegistry, kind: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((dict(scope), await receive()))
        await send({"type": f"{kind}.answer"})

    async def keep(message: Message) -> None:
        sent.append(message)

    seen: list[object] = []
    sent: list[Message] = []
    scope: Scope = {"type": kind, "path": "/"}
    asyncio.run(called(MetricsMiddleware(app, registry=registry), scope, send=keep))
    assert seen == [({"type": kind, "path": "/"}, {"type": "http.request"})]
    assert sent == [{"type": f"{kind}.answer"}]
    assert counts(registry) == {}


def test_a_copy_of_the_file_works_in_a_service(tmp_path: Path) -> None:
    shutil.copy(instrument.__file__, tmp_path / "copied.py")
    program = "import sys, copied; print(sorted({'obscode', 'fastapi', 'starlette'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


async def called(app: ASGIApp, scope: Scope | None = None, send: Send | None = None) -> None:
    """Call the app like a server, for messages that a client cannot observe."""

    async def receive() -> Message:
        return {"type": "http.request"}

    async def ignore(message: Message) -> None:
        pass

    http: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    await app(http if scope is None else scope, receive, send or ignore)


def answers(status: int) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return app


# Processes

WORKER = """
import os, time
from fastapi import FastAPI
from obscode.instrument import MetricsMiddleware, metrics_app

service = FastAPI(openapi_url=None)
service.add_middleware(MetricsMiddleware)
service.add_route("/metrics", metrics_app())

@service.get("/work")
async def work():
    return "done"

async def app(scope, receive, send):
    async def signed(message):
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"worker", str(os.getpid()).encode())]
        await send(message)
    if scope["type"] == "http":
        time.sleep(0.01)  # blocks this worker, so that the other one takes the next connection
    await service(scope, receive, signed)
"""


@contextmanager
def process(*arguments: str, port: int, **environment: str) -> Iterator[None]:
    """A server in separate processes, which are stopped at the end."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", *arguments, "--port", str(port)]
    server = subprocess.Popen(command, env=variables, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        eventually(lambda: is_open(port) and server.poll() is None)
        yield
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE)
        finally:
            kill_group(server.pid)


def kill_group(group: int) -> None:
    """End the remaining processes of the session."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def is_open(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex((LOOPBACK, port)) == 0


def free_port() -> int:
    with listening() as listener:
        return int(listener.getsockname()[1])


def get(port: int, path: str) -> tuple[int, str, str]:
    """Status, worker and body, from a new connection."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.headers.get("worker", ""), response.read().decode()
    finally:
        connection.close()


def of_both_workers(port: int, path: str) -> list[str]:
    """The responses of both workers, requested until both have responded."""
    workers: set[str] = set()
    bodies: list[str] = []
    with ThreadPoolExecutor(4) as pool:
        for _ in range(100):
            for status, worker, body in pool.map(get, [port] * 4, [path] * 4):
                assert status == 200
                workers.add(worker)
                bodies.append(body)
            if len(workers) == 2:
                return bodies
    raise AssertionError("one of the workers did not respond")


def test_each_worker_exposes_the_metrics_of_all_workers(tmp_path: Path) -> None:
    (tmp_path / "worker.py").write_text(WORKER)
    (numbers := tmp_path / "numbers").mkdir()
    port = free_port()
    server = ("uvicorn", "worker:app", "--workers", "2", "--app-dir", str(tmp_path), "--host", LOOPBACK)
    with process(*server, port=port, PROMETHEUS_MULTIPROC_DIR=str(numbers)):
        requested = len(of_both_workers(port, "/work"))
        scrapes = of_both_workers(port, "/metrics")
    totals = [{at["status"]: n for at, n in samples(text, "http_requests_total")} for text in scrapes]
    assert totals == [{"200": requested, "500": 0}] * len(scrapes)


def test_a_folder_that_is_set_too_late_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    with pytest.raises(RuntimeError) as raised:
        metrics_app()
    assert str(raised.value) == (
        "PROMETHEUS_MULTIPROC_DIR was set after prometheus_client was imported: set it before Python starts"
    )


def test_the_service_of_the_tutorial_counts_its_crashes() -> None:
    port = free_port()
    with process("examples.ml_service.app", "--host", LOOPBACK, port=port):
        paths = ("/predict?amount=250&hour=3", "/predict?amount=0", "/predict?crash=true", "/stream", "/healthz")
        assert [get(port, path)[0] for path in paths] == [200, 500, 500, 200, 200]
        assert get(port, "/predict")[2] == get(port, "/predict")[2]
        text = get(port, "/metrics")[2]
    totals = {(at["path"], at["status"]): n for at, n in samples(text, "http_requests_total")}
    assert totals[("/predict", "500")] == 2
    assert totals[("/predict", "200")] == 3
    assert totals[("/stream", "200")] == 1
    assert dict(samples_by_model(text)) == {"fraud-v1": 3}


def samples_by_model(text: str) -> Iterator[tuple[str, float]]:
    for at, number in samples(text, "model_prediction_score_count"):
        yield at["model"], number
