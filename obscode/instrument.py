"""ASGI middleware that counts HTTP requests, for FastAPI, Starlette or any other framework.

This file is self-contained: it needs the standard library and `prometheus_client`, and imports nothing else of
obscode. Use it with `pip install obscode`, or copy it into the service.

    from obscode.instrument import MetricsMiddleware, metrics_app

    app.add_middleware(MetricsMiddleware)  # as the last middleware: the last one added is the outermost
    app.add_route("/metrics", metrics_app())

It exposes two metrics:

- `http_requests_total{path,method,status}`, a counter.
- `http_request_latency_seconds{path,method}`, a histogram: seconds until the last byte, also for streams.

How a request is counted:

- `path` is the template of the route (`/items/{item_id}`), with the prefixes of routers and mounts. A path that
  matches no route is `__unmatched__`, so a vulnerability scan creates one series and not thousands.
- `method` is `_OTHER` for a method that is not in the allow-list.
- `status` is the status that was sent. It is 500 if the handler raises, and if a stream fails before its end: the
  headers had 200, but the client received an incomplete body. A background task that fails after the last byte does
  not change the status.
- A client that disconnects before the response starts is counted as 499, as in nginx, whether the app received the
  disconnect or the server cancelled the handler. A client that disconnects during a stream is counted with the status
  that was sent. A handler that does not notice the disconnect runs to its end and is counted with its own status.
- The path of the metrics is not counted (`exclude`: exact paths, with or without a trailing slash).

The series of every route (status 500, and the status of success) start at zero when the app has started, or at the
first request if the server does not run a lifespan. `rate()` and `increase()` ignore the first value of a series: a
counter that starts at 1 hides its first error.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, make_asgi_app, values
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

__all__ = ["METHODS", "OTHER", "UNMATCHED", "MetricsMiddleware", "metrics_app"]

#: The `path` of requests that match no route.
UNMATCHED = "__unmatched__"
#: The `method` of requests whose method is not in the allow-list, as in OpenTelemetry.
OTHER = "_OTHER"
#: The methods of HTTP (RFC 9110, and PATCH of RFC 5789).
METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_REQUESTS = "http_requests_total"
_LATENCY = "http_request_latency_seconds"
_FAILED = "500"
_ABANDONED = "499"
_COUNTED_BY = "obscode.instrument"
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_LIVE_GAUGES = re.compile(r"gauge_live\w*_(?P<worker>\d+)\.db")
_START = "process_start_time_seconds"
_START_HELP = "Start time of the first worker since unix epoch in seconds."
_STARTED = time.time()
_log = logging.getLogger(__name__)


class MetricsMiddleware:
    """Counts the requests of `app` in `registry`. The module's docstring describes how requests are counted."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        registry: CollectorRegistry = REGISTRY,
        buckets: Sequence[float | str] = Histogram.DEFAULT_BUCKETS,
        exclude: Collection[str] = ("/metrics",),
        methods: Collection[str] = METHODS,
    ) -> None:
        self.app = app
        self._metrics = _Metrics(registry, buckets)
        self._registry = registry
        self._exclude = frozenset(_without_slash(path) for path in exclude)
        self._methods = frozenset(methods)
        self._routes = _Routes(())
        self._are_routes_known = False
        self._begun: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on to the app and observes HTTP requests."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, functools.partial(self._send_of_lifespan, scope, send))
        elif scope["type"] != "http" or self._is_counted_outside(scope):
            await self.app(scope, receive, send)
        else:
            self._start(scope)
            await self._pass_http(scope, receive, send)

    async def _pass_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Read before the app runs: mounts move a part of the path into root_path.
        path = _path_in_app(scope)
        if _without_slash(path) in self._exclude:
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(receive, send, functools.partial(self._count, scope, path, scope["method"]))
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:
            exchange.is_cancelled = _is_cancelled_from_outside()
            raise
        finally:
            exchange.close()

    async def _send_of_lifespan(self, scope: Scope, send: Send, message: Message) -> None:
        # Not earlier: an app may add routes during startup.
        if message["type"] == "lifespan.startup.complete":
            self._start(scope)
        await send(message)

    def _is_counted_outside(self, scope: Scope) -> bool:
        """True if an outer middleware, such as that of a parent app, counts this request in the same registry."""
        counted_by: list[CollectorRegistry] = scope.setdefault(_COUNTED_BY, [])
        if any(registry is self._registry for registry in counted_by):
            return True
        counted_by.append(self._registry)
        return False

    def _start(self, scope: Scope) -> None:
        """Read the routes of the app, once, and create their series with the value zero."""
        if self._are_routes_known:
            return
        self._are_routes_known = True
        self._routes = _Routes(_routes_or_none(self.app, scope.get("app")))
        for route in self._routes:
            if _without_slash(route.template.removesuffix("{path}")) not in self._exclude:
                for method in sorted(route.methods) or ["GET"]:
                    self._start_series(route.template, self._label_of(method), route.success)

    def _start_series(self, path: str, method: str, *statuses: str) -> None:
        self._begun.add((path, method))
        self._metrics.start(path, method, _FAILED, *statuses)

    def _count(self, scope: Scope, path: str, method: str, status: str, seconds: float) -> None:
        template, label = self._routes.template(scope, path, method), self._label_of(method)
        # A route that was added after startup. Paths without a route have only series of counted requests.
        if (template, label) not in self._begun and template != UNMATCHED:
            self._start_series(template, label)
        self._metrics.count(template, label, status, seconds)

    def _label_of(self, method: str) -> str:
        return method if method in self._methods else OTHER


def metrics_app(registry: CollectorRegistry = REGISTRY) -> Any:
    """An ASGI app that exposes the metrics in the format that the scraper requests.

    With PROMETHEUS_MULTIPROC_DIR it exposes the metrics of all workers, without those of the process (`process_*`,
    `python_*`): `process_start_time_seconds` is the start of the first worker. Without it, each worker has counters of
    its own, and scrapes that reach different workers read values that jump.

    The variable names a folder that exists and is empty when the service starts. Raises RuntimeError if it was set
    after prometheus_client was imported, since the counters then are in no file.

    The result has the type `Any`: `add_route` accepts ASGI apps, but is annotated for request handlers only.
    """
    folder = os.environ.get(_FOLDER)
    if not folder:
        return _MetricsApp(registry)
    if not getattr(values.ValueClass, "_multiprocess", True):
        raise RuntimeError(f"{_FOLDER} was set after prometheus_client was imported: set it before Python starts")
    merged = CollectorRegistry()
    merged.register(_AllWorkers(folder))
    Gauge(_START, _START_HELP, multiprocess_mode="all", registry=None).set(_STARTED)
    return _MetricsApp(merged)


class _AllWorkers(Collector):
    """The metrics of all workers, from their files in a folder.

    Counters of workers that ended are kept. Their gauges of the modes `live...` are not: gunicorn has a hook for this,
    uvicorn has none.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._files = MultiProcessCollector(None, folder)  # type: ignore[no-untyped-call]

    def collect(self) -> Iterator[Metric]:
        for worker in self._workers_with_live_gauges():
            if not _is_running(worker):
                with contextlib.suppress(FileNotFoundError):  # another worker is scraped at the same time
                    mark_process_dead(worker, self._folder)  # type: ignore[no-untyped-call]
        for metric in self._files.collect():  # type: ignore[no-untyped-call]
            yield _first_start(metric) if metric.name == _START else metric

    def _workers_with_live_gauges(self) -> set[int]:
        names = (_LIVE_GAUGES.fullmatch(file.name) for file in Path(self._folder).iterdir())
        return {int(name["worker"]) for name in names if name}


def _first_start(starts: Metric) -> Metric:
    """The earliest start, which stays if workers are replaced. In a worker that is forked after the import, it is 0."""
    first = Metric(starts.name, starts.documentation, starts.type)
    first.add_sample(starts.name, {}, min(sample.value for sample in starts.samples if sample.value))
    return first


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # of another user
        return True
    return True


class _MetricsApp:
    """`make_asgi_app` as an object: Starlette treats a function as a request handler, not as an ASGI app."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._app: ASGIApp = make_asgi_app(registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


_Metric = TypeVar("_Metric", Counter, Histogram)


class _Metrics:
    """The two metrics of a registry."""

    def __init__(self, registry: CollectorRegistry, buckets: Sequence[float | str]) -> None:
        self._requests = _registered(registry, Counter, _REQUESTS, ("path", "method", "status")) or Counter(
            _REQUESTS, "HTTP requests, by route, method and status.", ("path", "method", "status"), registry=registry
        )
        self._latency = _registered(registry, Histogram, _LATENCY, ("path", "method")) or Histogram(
            _LATENCY, "Seconds until the last byte.", ("path", "method"), registry=registry, buckets=buckets
        )

    def start(self, path: str, method: str, *statuses: str) -> None:
        """Create the series with the value zero: a call of `labels()` is enough."""
        self._latency.labels(path, method)
        for status in statuses:
            self._requests.labels(path, method, status)

    def count(self, path: str, method: str, status: str, seconds: float) -> None:
        """Count a finished request."""
        self._requests.labels(path, method, status).inc()
        self._latency.labels(path, method).observe(seconds)


def _registered(registry: CollectorRegistry, kind: type[_Metric], name: str, labels: tuple[str, ...]) -> _Metric | None:
    """The metric that an earlier middleware created: a reload, and tests, create the middleware again.

    A metric of another type, or with other labels, is not ours: registering ours then fails as a duplicate.
    """
    known = registry._names_to_collectors.get(name)
    return known if isinstance(known, kind) and known._labelnames == labels else None


class _Exchange:
    """A request and its response between server and app; `done` is called once, with the result."""

    def __init__(self, receive: Receive, send: Send, done: Callable[[str, float], None]) -> None:
        self.is_cancelled = False
        self._receive, self._send, self._done = receive, send, done
        self._is_client_gone = False
        self._is_counted = False
        self._status = ""
        self._began = time.perf_counter()

    async def receive(self) -> Message:
        """The app's `receive`, which may return that the client disconnected."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._is_client_gone = True
        return message

    async def send(self, message: Message) -> None:
        """The app's `send`."""
        try:
            await self._send(message)
        except OSError:
            # ASGI 2.4: a server raises OSError after the client disconnected.
            self._is_client_gone = True
            raise
        if message["type"] == "http.response.start":
            self._status = _ABANDONED if self._is_client_gone else str(int(message["status"]))
        elif _is_last(message):
            # Not when the app returns: background tasks run after the last byte.
            self._count(self._status)

    def close(self) -> None:
        """The app returned: count a response that has not ended."""
        if self._is_client_gone or self.is_cancelled:
            self._count(self._status or _ABANDONED)
        else:
            self._count(_FAILED)

    def _count(self, status: str) -> None:
        if not self._is_counted:
            self._is_counted = True
            self._done(status, time.perf_counter() - self._began)


def _is_last(message: Message) -> bool:
    """True if the response ends with this message; two of the types are ASGI extensions that send files."""
    if message["type"] == "http.response.pathsend":
        return True
    return message["type"] in ("http.response.body", "http.response.zerocopysend") and not message.get("more_body")


def _is_cancelled_from_outside() -> bool:
    """True if the server cancelled the handler; a handler that awaits a cancelled task fails with the same error."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@dataclass(frozen=True)
class _Route:
    """A route with all its prefixes; without methods, it accepts all of them."""

    template: str
    endpoint: object
    regexes: tuple[re.Pattern[str], ...]
    methods: frozenset[str] = frozenset()
    success: str = "200"

    def matches(self, path: str) -> bool:
        """True if routers resolve `path` to this route: each mount removes its prefix, as in Starlette."""
        for regex in self.regexes:
            result = regex.match(path)
            if result is None:
                return False
            path = "/" + result.groupdict().get("path", "")
        return True


class _Routes:
    """The routes of an app, in the order in which its routers match them."""

    def __init__(self, routes: Iterable[_Route]) -> None:
        self._all = tuple(routes)
        # By identity, because endpoints may not be hashable; the routes keep the endpoints alive.
        self._by_endpoint: dict[int, list[_Route]] = {}
        for route in self._all:
            self._by_endpoint.setdefault(id(route.endpoint), []).append(route)

    def __iter__(self) -> Iterator[_Route]:
        return iter(self._all)

    def template(self, scope: Scope, path: str, method: str) -> str:
        """The template of the route that the routers selected, or would have selected.

        The scope's `route` is not enough: it has no prefixes of mounts, and FastAPI (from 0.137) sets it to the route
        of an included router without the prefix. So the `endpoint` is looked up. If several routes share it, or if a
        middleware responded before a route was selected, the path decides.
        """
        chosen = self._by_endpoint.get(id(scope.get("endpoint")), [])
        if len(chosen) == 1:
            return chosen[0].template
        if not chosen and _is_http_route(scope.get("route")):
            return str(scope["route"].path)
        fitting = [route for route in chosen or self._all if route.matches(path)]
        best = (route for route in fitting if method in route.methods or not route.methods)
        result = next(best, None) or next(iter(fitting or chosen), None)
        return result.template if result else UNMATCHED


def _routes_or_none(*apps: object) -> list[_Route]:
    """The routes of the first app that has any. Routes that cannot be listed must not stop the service."""
    try:
        return next((list(_routes_below(app)) for app in apps if _routes_list(app) is not None), [])
    except Exception:
        _log.exception("the routes of the app cannot be listed: their series start with their first request")
        return []


def _routes_below(app: object, prefix: str = "", regexes: tuple[re.Pattern[str], ...] = ()) -> Iterator[_Route]:
    """Every HTTP route of `app`, with those of included routers and mounted apps."""
    for route in _flat(_routes_list(app) or ()):
        path = prefix + (getattr(route, "path", None) or "")
        regex = getattr(route, "path_regex", None)
        chain = (*regexes, regex) if regex else regexes
        if getattr(route, "endpoint", None) is not None:
            if _is_http_route(getattr(route, "original_route", route)):
                yield _leaf(route, path, chain)
        elif (below := getattr(route, "app", None)) is not None:
            if _routes_list(below) is None:  # a mount without routes: static files, a WSGI app
                yield _Route(path + "/{path}", below, chain, frozenset({"GET"}))
            else:
                yield from _routes_below(below, path, chain)


def _leaf(route: Any, path: str, regexes: tuple[re.Pattern[str], ...]) -> _Route:
    success = getattr(route, "status_code", None) or 200
    return _Route(path, route.endpoint, regexes, frozenset(route.methods or ()), str(int(success)))


def _flat(routes: Sequence[Any]) -> Iterable[Any]:
    """The routes, including those of included routers, in order.

    FastAPI (from 0.137) lists an included router as one object without a path. This function (from 0.137.2) returns
    its routes. A FastAPI app has imported it; for other apps the routes are unchanged.
    """
    flatten: Callable[[Sequence[Any]], Iterable[Any]] = getattr(
        sys.modules.get("fastapi.routing"), "iter_route_contexts", iter
    )
    return flatten(routes)


def _routes_list(app: object) -> Sequence[Any] | None:
    """The `routes` of an app inside its middlewares, which hold it as `app` by convention."""
    for _ in range(100):  # bounded: an app may contain itself
        routes = getattr(app, "routes", None)
        if isinstance(routes, Sequence):
            return routes
        app = getattr(app, "app", None)
    return None


def _is_http_route(route: object) -> bool:
    """True for a route to a handler; mounts and websocket routes have no methods."""
    return hasattr(route, "methods") and bool(getattr(route, "path", ""))


def _path_in_app(scope: Scope) -> str:
    """The path for the app's router: without the path that the app is mounted at."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and f"{path}/".startswith(f"{root}/") else path


def _without_slash(path: str) -> str:
    """A mounted app responds at its path with a slash; the path without the slash redirects there."""
    return path.removesuffix("/") or "/"
