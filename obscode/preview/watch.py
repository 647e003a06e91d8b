"""`obscode watch`: pages over HTTP on loopback, which the browser reads again when definitions are saved."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from obscode.findings.finding import Finding
from obscode.preview.watched_project import WatchedProject
from obscode.verify.servers import LOOPBACK

_POLL = 0.05  # seconds between two looks at the files
_SETTLE = 0.02
_HEARTBEAT = 15.0  # seconds; a browser that went away is noticed then
_ANSWER = 120.0
# The page reads itself again when what it shows changed, and displays errors above itself.
_SCRIPT = """
const events = new EventSource("/events?page=" + encodeURIComponent(location.pathname.slice(1)));
events.onmessage = (event) => {
  const message = JSON.parse(event.data);
  if (message.reload) location.reload();
  let banner = document.getElementById("watch-errors");
  if (!banner) {
    banner = document.createElement("pre");
    banner.id = "watch-errors";
    document.body.prepend(banner);
  }
  banner.textContent = message.errors;
};
"""
Report = Callable[[frozenset[str] | None, list[Finding]], None]


class Watcher:
    """Serves the pages of a project until it is stopped; the calling thread compiles and evaluates."""

    def __init__(self, project: WatchedProject, folder: Path, port: int, report: Report) -> None:
        """``report`` receives the services that changed, and the findings, after each time the files were read."""
        self._project, self._folder, self._report = project, folder, report
        self._requests: queue.Queue[tuple[str, Future[str | None]]] = queue.Queue()
        self._changed = threading.Condition()
        self._version = 0
        self._changes: dict[int, frozenset[str] | None] = {}
        self._errors = ""
        self._stopped = False
        self._http = ThreadingHTTPServer((LOOPBACK, port), _handler(self))
        self._http.daemon_threads = True

    @property
    def url(self) -> str:
        """The address of the index."""
        return f"http://{LOOPBACK}:{self._http.server_address[1]}/"

    def run(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Serve until ``is_over``, or until a signal."""
        threading.Thread(target=self._http.serve_forever, args=(_POLL,), daemon=True).start()
        state = _state(self._folder)
        self._reload()
        try:
            while not is_over():
                self._answer_one()
                current = _state(self._folder)
                if current != state:
                    state = _settled(self._folder, current)
                    self._reload()
        finally:
            self._stopped = True
            with self._changed:
                self._changed.notify_all()
            self._http.shutdown()
            self._http.server_close()

    def read(self, href: str) -> str | None:
        """A page, made by the thread that runs; called by those of requests."""
        answer: Future[str | None] = Future()
        self._requests.put((href, answer))
        return answer.result(_ANSWER)

    def wait(self, page: str, version: int) -> tuple[int, str | None]:
        """Wait for a change; returns the version and what a page receives, None where nothing changed for it."""
        with self._changed:
            self._changed.wait_for(lambda: self._version > version or self._stopped, _HEARTBEAT)
            changes = [self._changes[number] for number in range(version + 1, self._version + 1)]
            scope = self._project.scope(page)
            is_changed = any(each is None or (scope in each if scope else each) for each in changes)
            message = json.dumps({"reload": is_changed and not self._errors, "errors": self._errors})
            return self._version, message if changes else None

    @property
    def version(self) -> int:
        """The number of times that the files were read."""
        return self._version

    @property
    def is_stopped(self) -> bool:
        """Whether requests should end."""
        return self._stopped

    def _answer_one(self) -> None:
        try:
            href, answer = self._requests.get(timeout=_POLL)
        except queue.Empty:
            return
        try:
            page = self._project.index() if href in ("", "index.html") else self._project.page(href, _SCRIPT)
            answer.set_result(page)
        except Exception as error:  # the browser shows it, and the next save may correct it
            answer.set_exception(error)
        if self._requests.empty():
            self._project.prepare()

    def _reload(self) -> None:
        changed = self._project.reload()
        findings = [each for each in self._project.findings if each.severity == "error"]
        with self._changed:
            self._version += 1
            self._changes[self._version] = changed
            self._errors = "\n".join(map(str, findings))
            self._changed.notify_all()
        self._report(changed, list(self._project.findings))


def _state(folder: Path) -> Mapping[str, tuple[int, int]]:
    """The times and sizes of the files of definitions."""
    state = {}
    for path in folder.rglob("*"):
        if path.suffix in (".py", ".json", ".yml", ".yaml", ".txt") and "__pycache__" not in path.parts:
            with suppress(OSError):  # it is being replaced
                status = path.stat()
                state[str(path)] = status.st_mtime_ns, status.st_size
    return state


def _settled(folder: Path, state: Mapping[str, tuple[int, int]]) -> Mapping[str, tuple[int, int]]:
    """The state when no file changes any more: an editor may empty a file before it writes it."""
    while True:
        time.sleep(_SETTLE)
        current = _state(folder)
        if current == state:
            return current
        state = current


def _handler(watcher: Watcher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers requests for pages, and keeps those for events open."""

        def do_GET(self) -> None:
            """Answer a request."""
            parts = urlsplit(self.path)
            if self.headers.get("Host", "").rpartition(":")[0] not in (LOOPBACK, "localhost"):
                self.send_error(403, "only for this machine")  # a page of another site asks for it
            elif parts.path == "/events":
                self._events(parse_qs(parts.query).get("page", [""])[0])
            else:
                self._page(parts.path.removeprefix("/"))

        def _page(self, href: str) -> None:
            try:
                text = watcher.read(href)
            except Exception as error:
                self.send_error(500, explain=str(error))
                return
            if text is None:
                self.send_error(404)
                return
            content = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(content)

        def _events(self, page: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            version = watcher.version
            with suppress(OSError):
                while not watcher.is_stopped:
                    version, message = watcher.wait(page, version)
                    self.wfile.write(f"data: {message}\n\n".encode() if message else b": nothing changed\n\n")
                    self.wfile.flush()

        def log_message(self, format: str, *args: Any) -> None:
            """Requests are not logged."""

    return Handler
